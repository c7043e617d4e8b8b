"""The JSON Schema of a model file, prepared so that a file can be checked against it in microseconds a member.

A model of a thousand cubes has some two hundred thousand values; a general validator takes many seconds for them. Only
the keywords that our schema uses are read, and a test proves that no other stands in it. `errorMessage` and
`patternErrorMessage` are what editors show, so that editor and CI say the same.

    schema ──Shapes──▶ a Shape for each part of the schema, by pointer: "#", "#/$defs/cube", "#/$defs/cube/name", …
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Test: TypeAlias = Callable[[Mapping[str, Any]], bool]

_NOTES = (
    "$schema",
    "$id",
    "$defs",
    "title",
    "description",
    "default",
    "deprecated",
    "errorMessage",
    "patternErrorMessage",
)
_LISTS_AND_MAPPINGS = ("properties", "required", "additionalProperties", "items", "minItems", "minProperties", "allOf")
_VALUES = ("$ref", "type", "enum", "const", "pattern", "minLength", "minimum", "maximum", "exclusiveMinimum")
KEYWORDS = frozenset([*_NOTES, *_LISTS_AND_MAPPINGS, *_VALUES])
TEST_KEYWORDS = frozenset(["if", "then", "required", "properties", "not", "anyOf", "oneOf", "errorMessage"])

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What the properties of a mapping have to fulfil together, and the sentence for when they do not."""

    holds: Test
    message: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value may be; children are named by their pointers.

    `types` None is any type. `properties` None is any property, each of the shape `additional` if that is set.
    """

    kind: str | None = None
    types: frozenset[type] | None = None
    type_names: tuple[str, ...] = ()
    one_of: tuple[Any, ...] | None = None
    pattern: re.Pattern[str] | None = None
    pattern_message: str | None = None
    least_length: int = 0
    least: float | None = None
    most: float | None = None
    more_than: float | None = None
    items: str | None = None
    properties: Mapping[str, str] | None = None
    additional: str | None = None
    required: tuple[str, ...] = ()
    deprecated: bool = False
    rules: tuple[Rule, ...] = ()


class Shapes(dict[str, Shape]):
    """The shapes of a schema by pointer, each prepared when it is first asked for; the whole file's is "#".

    A model uses a part of the schema, and preparing all of it took a tenth of the time that checking TestIO's takes.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        super().__init__()
        self._parts = {f"#/$defs/{name}": part for name, part in schema.get("$defs", {}).items()} | {"#": schema}

    def __missing__(self, pointer: str) -> Shape:
        self[pointer] = shape = _prepared(self._parts[pointer], pointer, self._parts)
        return shape

    def every(self) -> list[Shape]:
        """All shapes of the schema, whatever has been asked for, in the order of their pointers."""
        while missing := [pointer for pointer in self._parts if pointer not in self]:
            for pointer in missing:
                self[pointer]
        return [self[pointer] for pointer in sorted(self)]


def _prepared(schema: Mapping[str, Any], pointer: str, parts: dict[str, Mapping[str, Any]]) -> Shape:
    """The shape of `schema`; the parts below it are put into `parts` by their pointers."""

    def child(key: str, part: Mapping[str, Any]) -> str:
        if "$ref" in part:
            reference: str = part["$ref"]
            return reference
        parts[f"{pointer}/{key}"] = part
        return f"{pointer}/{key}"

    named = schema.get("type")
    names = tuple(named) if isinstance(named, list) else (named,) if named else ()
    properties = {name: child(name, part) for name, part in schema.get("properties", {}).items()}
    extra = schema.get("additionalProperties", True)
    return Shape(
        kind=schema.get("title"),
        types=frozenset(kind for name in names for kind in PYTHON_TYPES[name]) if names else None,
        type_names=names,
        one_of=tuple(schema["enum"]) if "enum" in schema else (schema["const"],) if "const" in schema else None,
        pattern=_pattern(schema["pattern"]) if "pattern" in schema else None,
        pattern_message=schema.get("patternErrorMessage"),
        least_length=max(schema.get(key, 0) for key in ("minLength", "minItems", "minProperties")),
        least=schema.get("minimum"),
        most=schema.get("maximum"),
        more_than=schema.get("exclusiveMinimum"),
        items=child("items", schema["items"]) if "items" in schema else None,
        properties=properties if extra is False else None,
        additional=child("additionalProperties", extra) if isinstance(extra, dict) else None,
        required=tuple(schema.get("required", ())),
        deprecated=schema.get("deprecated", False),
        rules=tuple(_rule(part) for part in schema.get("allOf", ())),
    )


def _pattern(written: str) -> re.Pattern[str]:
    """A pattern whose "$" is the end of the text, as JSON Schema means it, and not also before a last line break."""
    return re.compile(written.removesuffix("$") + r"\Z" if written.endswith("$") else written)


def _rule(schema: Mapping[str, Any]) -> Rule:
    if "if" not in schema:
        return Rule(_test(schema), schema["errorMessage"])
    applies, holds = _test(schema["if"]), _test(schema["then"])
    return Rule(lambda data: not applies(data) or holds(data), schema["errorMessage"])


def _test(schema: Mapping[str, Any]) -> Test:
    """A condition on a mapping, as a function."""
    tests: list[Test] = []
    if "required" in schema:
        names = tuple(schema["required"])
        tests.append(lambda data: all(name in data for name in names))
    for name, part in schema.get("properties", {}).items():
        tests.append(_value_test(name, part))
    if "not" in schema:
        refused = _test(schema["not"])
        tests.append(lambda data: not refused(data))
    if "anyOf" in schema:
        some = [_test(part) for part in schema["anyOf"]]
        tests.append(lambda data: any(test(data) for test in some))
    if "oneOf" in schema:
        each = [_test(part) for part in schema["oneOf"]]
        tests.append(lambda data: sum(test(data) for test in each) == 1)
    return tests[0] if len(tests) == 1 else lambda data: all(test(data) for test in tests)


def _value_test(name: str, schema: Mapping[str, Any]) -> Test:
    """Whether the property, if it is there, is one of some values, or with `not` none of them."""
    if "not" in schema:
        refused = tuple(schema["not"]["enum"])
        return lambda data: name not in data or data[name] not in refused
    allowed = tuple(schema["enum"]) if "enum" in schema else (schema["const"],)
    return lambda data: name not in data or data[name] in allowed
