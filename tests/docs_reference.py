"""The reference pages of the model and of the query, made from their schemas: each property with an example that runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.model import unsupported
from schemas import model_schema, query_schema
from tests.docs_excerpts import Pointer, at, model_excerpts, query_excerpts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TYPES = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "`true` or `false`",
    "object": "mapping",
    "array": "list",
    "null": "`null`",
}


@dataclass(frozen=True)
class Section:
    """A kind of mapping: the subschema that declares its properties, and what it is called."""

    pointer: Pointer
    heading: str


def model_reference() -> str:
    """Every property of a model file, and what of Cube's model is refused."""
    pages = Reference(model_schema(), {"#": "model file"}, model_excerpts(), "yaml")
    return f"{pages.text()}\n\n{_refused()}"


def query_reference() -> str:
    """Every property of a query, in both forms."""
    heads = {"#/$defs/flat_query": "the flat form", "#/$defs/cube_query": "Cube's form"}
    return Reference(query_schema(), heads, query_excerpts(), "json").text()


class Reference:
    """Writes the sections of one schema."""

    def __init__(
        self,
        schema: Mapping[str, Any],
        heads: Mapping[Pointer, str],
        excerpts: Mapping[tuple[Pointer, str], str],
        language: str,
    ) -> None:
        self.schema = schema
        self.excerpts = excerpts
        self.language = language
        self.sections: dict[Pointer, Section] = {}
        for pointer, heading in heads.items():
            self._find(pointer, heading)

    def text(self) -> str:
        """All sections, after a list of them."""
        listed = " · ".join(link(section.heading) for section in self.sections.values())
        return "\n\n".join([listed, *(self._section(section) for section in self.sections.values())])

    def _find(self, pointer: Pointer, heading: str) -> None:
        """Note a section and those that its properties lead to, each once."""
        if pointer in self.sections:
            return
        self.sections[pointer] = Section(pointer, heading)
        for name in at(pointer, self.schema)["properties"]:
            for child in self._mappings(f"{pointer}/properties/{name}"):
                own = at(child, self.schema)
                title = own.get("title") or _named(child)
                taken = {section.heading for section in self.sections.values() if section.pointer != child}
                self._find(child, title if title not in taken else f"{title} of {heading}")

    def _mappings(self, pointer: Pointer) -> Iterator[Pointer]:
        """The subschemas with properties of their own that a value here can be."""
        schema = at(pointer, self.schema)
        if "$ref" in schema:
            yield from self._mappings(schema["$ref"])
            return
        if self._is_section(schema):
            yield pointer
        for part in ("items", "additionalProperties"):
            if isinstance(schema.get(part), dict):
                yield from self._mappings(f"{pointer}/{part}")

    @staticmethod
    def _is_section(schema: Mapping[str, Any]) -> bool:
        return "properties" in schema and (len(schema["properties"]) > 1 or "title" in schema)

    def _section(self, section: Section) -> str:
        schema = at(section.pointer, self.schema)
        needed = schema.get("required", ())
        parts = [f"## {section.heading}", schema["description"]]
        for name, wanted in schema["properties"].items():
            parts.append(self._property(section.pointer, name, wanted, name in needed))
        return "\n\n".join(parts)

    def _property(self, owner: Pointer, name: str, wanted: Mapping[str, Any], needed: bool) -> str:
        described = {**at(wanted["$ref"], self.schema), **wanted} if "$ref" in wanted else wanted
        facts = [self._kind(f"{owner}/properties/{name}")]
        facts += ["**needed**"] if needed else []
        facts += [f"default `{_literal(described['default'])}`"] if "default" in described else []
        facts += ["older name"] if described.get("deprecated") else []
        example = self.excerpts.get((owner, name))
        shown = f"\n\n```{self.language}\n{example}\n```" if example else ""
        return f"**`{name}`** · {' · '.join(facts)}\n\n{described['description']}{shown}"

    def _kind(self, pointer: Pointer) -> str:
        """What a value here is, in words, with links to the sections of mappings."""
        schema = at(pointer, self.schema)
        if "$ref" in schema:
            return self._kind(schema["$ref"])
        if "const" in schema:
            return f"`{_literal(schema['const'])}`"
        if "enum" in schema:
            return _one_of([f"`{value}`" for value in schema["enum"]])
        kinds = schema.get("type", [])
        return _one_of([self._as(kind, pointer, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)])

    def _as(self, kind: str, pointer: Pointer, schema: Mapping[str, Any]) -> str:
        if kind == "array" and "items" in schema:
            return f"list of {_grouped(self._kind(f'{pointer}/items'))}"
        if kind == "object" and pointer in self.sections:
            return link(self.sections[pointer].heading)
        if kind == "object" and "properties" in schema:
            return f"`{{{', '.join(f'{name}: …' for name in schema['properties'])}}}`"
        if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
            return f"mapping of {_grouped(self._kind(f'{pointer}/additionalProperties'))}"
        return f"`{schema['pattern'][2:-1]}`" if schema.get("pattern") == r"^\*$" and kind == "string" else _TYPES[kind]


def link(heading: str) -> str:
    """A link to a heading of the same page, as GitHub names its anchors."""
    return f"[{heading}](#{anchor(heading)})"


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it.

    >>> anchor("Cube's form")
    'cubes-form'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _refused() -> str:
    """What Cube's model has and is refused or without effect here."""
    lines = ["## refused", "What Cube's data model has and is not run here is refused by name, with the place:", ""]
    lines += [f"- {kind} `{name}`: {why}" for (kind, name), why in unsupported.PROPERTIES.items()]
    lines += [f"- {kind} `{name}: {value}`: {why}" for (kind, name, value), why in unsupported.VALUES.items()]
    lines += ["", "Accepted with a warning, because it changes nothing:", ""]
    lines += [f"- {kind} `{name}`: {why}" for (kind, name), why in unsupported.WITHOUT_EFFECT.items()]
    return "\n".join(lines)


def _named(pointer: Pointer) -> str:
    """What a mapping without a title is called."""
    steps = pointer.split("/")
    return f"item of {steps[-2]}" if steps[-1] == "items" else steps[-1].replace("_", " ")


def _grouped(kind: str) -> str:
    return f"({kind})" if " or " in kind else kind


def _one_of(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _literal(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
