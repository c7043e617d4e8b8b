"""Find, for each property of a schema, where an example has it, so that the reference shows it at work."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from engine.model.document import Document, read_document
from schemas import model_schema, query_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
MODEL = EXAMPLES / "model"
QUERIES = EXAMPLES / "queries.json"
ROWS = EXAMPLES / "rows.sql"

_MOST_LINES = 9
_WIDEST = 110

Pointer = str
"""Where a subschema stands: `#/$defs/cube`, or below it `…/properties/meta`."""


@dataclass(frozen=True)
class Example:
    """A file of the example model."""

    document: Document
    lines: tuple[str, ...]


def model_excerpts() -> dict[tuple[Pointer, str], str]:
    """The first place in the example model of each property, as YAML."""
    found: dict[tuple[Pointer, str], str] = {}
    for path in sorted(MODEL.glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        example = Example(read_document(text, path.name), tuple(text.splitlines()))
        for owner, name, where in uses(example.document.data, model_schema()):
            found.setdefault((owner, name), _excerpt(example, where))
    return found


def query_excerpts() -> dict[tuple[Pointer, str], str]:
    """The simplest example query of each property, as JSON."""
    found: dict[tuple[Pointer, str], str] = {}
    for query in sorted(queries(), key=lambda query: (len(query), len(json.dumps(query)))):
        for owner, name, _ in uses(query, query_schema()):
            found.setdefault((owner, name), written(query))
    return found


def queries() -> list[dict[str, Any]]:
    """The example queries."""
    loaded: list[dict[str, Any]] = json.loads(QUERIES.read_text(encoding="utf-8"))
    return loaded


def written(query: Mapping[str, Any]) -> str:
    """A query as JSON that can be read: in one line, or one key a line."""
    line = json.dumps(query, ensure_ascii=False)
    if len(line) <= _WIDEST:
        return line
    keys = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in query.items())
    return f"{{\n{keys}\n}}"


def uses(
    data: Any, root: Mapping[str, Any], pointer: Pointer = "#", where: tuple[str | int, ...] = ()
) -> Iterator[tuple[Pointer, str, tuple[str | int, ...]]]:
    """The properties that data have: the subschema that declares each, its name, and the path in the data."""
    pointer, schema = followed(pointer, root, data)
    if isinstance(data, list) and "items" in schema:
        for index, item in enumerate(data):
            yield from uses(item, root, f"{pointer}/items", (*where, index))
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in schema.get("properties", {}):
                yield pointer, key, (*where, key)
                yield from uses(value, root, f"{pointer}/properties/{key}", (*where, key))
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from uses(value, root, f"{pointer}/additionalProperties", (*where, key))


def followed(pointer: Pointer, root: Mapping[str, Any], data: Any = None) -> tuple[Pointer, Mapping[str, Any]]:
    """The subschema at a pointer, through references and the branch that holds for the data."""
    schema = at(pointer, root)
    if "$ref" in schema:
        return followed(schema["$ref"], root, data)
    if "then" in schema and "properties" not in schema:
        holds = Draft202012Validator(schema["if"]).is_valid(data)
        return followed(f"{pointer}/{'then' if holds else 'else'}", root, data)
    return pointer, schema


def at(pointer: Pointer, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The subschema at a pointer."""
    schema: Any = root
    for step in pointer.split("/")[1:]:
        schema = schema[step]
    found: Mapping[str, Any] = schema
    return found


def _excerpt(example: Example, where: tuple[str | int, ...]) -> str:
    """The lines of a property, below the first line of what it belongs to."""
    place = example.document.place_of_key(where)
    first, indent = place.line - 1, place.column - 1
    lines = [example.lines[first]]
    for line in example.lines[first + 1 :]:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        lines.append(line)
    lines = _cut([line for line in lines if line.strip()])
    owner = example.document.place_of_key(where[:-1]).line - 1 if len(where) > 1 else first
    if owner != first:
        lines.insert(0, example.lines[owner])
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    return "\n".join(line[margin:].rstrip() for line in lines)


def _cut(lines: list[str]) -> list[str]:
    if len(lines) <= _MOST_LINES:
        return lines
    indent = len(lines[1]) - len(lines[1].lstrip())
    return [*lines[: _MOST_LINES - 1], f"{' ' * indent}# …"]
