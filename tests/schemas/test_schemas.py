"""The published schemas are sound, say what every property means, and judge the examples beside this file rightly."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from engine.model.document import Document, read_document
from engine.model.schema import schema_issues
from schemas import model_schema, query_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCHEMAS = {"model": model_schema(), "query": query_schema()}
MARK = re.compile(r"# !! (\w+) (.*)$")


def files(folder: str) -> list[Path]:
    found = sorted((HERE / folder).iterdir())
    assert found
    return found


def named(path: Path) -> str:
    return path.stem


def document(path: Path) -> Document:
    return read_document(path.read_text(encoding="utf-8"), path.name)


def subschemas(schema: Any, pointer: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        yield pointer, schema
        for key, part in schema.items():
            yield from subschemas(part, f"{pointer}/{key}")
    elif isinstance(schema, list):
        for index, part in enumerate(schema):
            yield from subschemas(part, f"{pointer}/{index}")


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_property_says_what_it_means(name: str) -> None:
    schema = SCHEMAS[name]
    defined: dict[str, Any] = schema["$defs"]
    silent = [
        f"{pointer}/{key}"
        for pointer, part in subschemas(schema)
        if not re.search(r"/(if|then|not|anyOf|oneOf)(/|$)", pointer) and isinstance(part.get("properties"), dict)
        for key, wanted in part["properties"].items()
        if "description" not in {**defined.get(wanted.get("$ref", "").removeprefix("#/$defs/"), {}), **wanted}
    ]
    assert silent == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_definition_is_used_and_every_reference_leads_somewhere(name: str) -> None:
    schema = SCHEMAS[name]
    references = {part["$ref"] for _, part in subschemas(schema) if isinstance(part.get("$ref"), str)}
    assert references == {f"#/$defs/{defined}" for defined in schema["$defs"]}


@pytest.mark.parametrize("path", files("model/valid"), ids=named)
def test_a_right_model_file_is_accepted(path: Path) -> None:
    found = document(path)
    assert [str(issue) for issue in schema_issues(found) if issue.severity == "error"] == []
    assert list(Draft202012Validator(model_schema()).iter_errors(found.data)) == []


def test_the_right_model_files_use_every_property_there_is() -> None:
    used: set[str] = set()
    for path in files("model/valid"):
        collect(document(path).data, model_schema(), "#", used)
    there_are = {
        f"{pointer}/{key}"
        for pointer, part in subschemas(model_schema())
        if isinstance(part.get("properties"), dict) and part.get("additionalProperties") is False
        for key in part["properties"]
    }
    assert there_are - used == set()


def collect(data: Any, schema: dict[str, Any], pointer: str, used: set[str]) -> None:
    """Note which properties of the schema the data have, as `pointer/property`."""
    if "$ref" in schema:
        pointer = schema["$ref"]
        schema = model_schema()["$defs"][pointer.removeprefix("#/$defs/")]
    if isinstance(data, list) and "items" in schema:
        for item in data:
            collect(item, schema["items"], f"{pointer}/items", used)
    elif isinstance(data, dict):
        for key, part in schema.get("properties", {}).items():
            if key in data:
                used.add(f"{pointer}/{key}")
                collect(data[key], part, f"{pointer}/properties/{key}", used)


@pytest.mark.parametrize("path", files("model/invalid"), ids=named)
def test_every_mistake_of_a_model_file_is_told_where_it_stands(path: Path) -> None:
    found = document(path)
    issues = [(issue.place.line if issue.place else 0, issue) for issue in schema_issues(found)]
    lines = path.read_text(encoding="utf-8").splitlines()
    marks = {number: match for number, line in enumerate(lines, 1) if (match := MARK.search(line))}
    assert [f"{line}: {issue}" for line, issue in issues if line not in marks] == []
    for line, match in marks.items():
        told = [issue for at, issue in issues if at == line]
        assert [issue.code for issue in told] == [match[1]], (line, told)
        assert match[2] in f"{told[0].message} {told[0].hint}", line
    assert not Draft202012Validator(model_schema()).is_valid(found.data)


@pytest.mark.parametrize("path", files("query/valid"), ids=named)
def test_a_right_query_is_accepted(path: Path) -> None:
    for query in json.loads(path.read_text(encoding="utf-8")):
        assert list(Draft202012Validator(query_schema()).iter_errors(query)) == [], query


@pytest.mark.parametrize("path", files("query/invalid"), ids=named)
def test_a_wrong_query_is_not(path: Path) -> None:
    for query in json.loads(path.read_text(encoding="utf-8")):
        assert not Draft202012Validator(query_schema()).is_valid(query), query


def model_files() -> list[Path]:
    return sorted((ROOT / "semantic").rglob("*.yml"))


@pytest.mark.parametrize("path", model_files(), ids=named)
def test_the_model_that_is_shipped_has_no_mistake_and_names_its_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert schema_issues(read_document(text, path.name)) == ()
    match = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert match is not None
    assert (path.parent / match[1]).resolve() == ROOT / "schemas" / "model.schema.json"


@pytest.mark.parametrize("path", [path for path in model_files() if path.name != "model.yml"], ids=named)
def test_every_member_of_the_shipped_model_says_what_it_means(path: Path) -> None:
    data = document(path).data
    for owner in [*data.get("cubes", ()), *data.get("views", ())]:
        assert owner["description"]
        for member in [*owner.get("dimensions", ()), *owner.get("measures", ())]:
            assert member["description"], member["name"]
            assert "title" in member or member["name"] in {"id", "customer_id"}, member["name"]
        for measure in owner.get("measures", ()):
            assert measure["unit"], measure["name"]
