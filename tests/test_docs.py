"""What the documents say is true: examples run, pages equal what they are made from, and nothing is left out."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import engine
from schemas import model_schema, query_schema
from tests.docs_excerpts import MODEL, QUERIES, ROWS, Pointer, model_excerpts, queries, query_excerpts, written
from tests.docs_pages import DOCS, PAGES, page
from tests.docs_reference import anchor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from engine import Database, Result

pytestmark = pytest.mark.anyio

ROOT = DOCS.parent
SECURITY = {"tenant": 1, "groups": ["clerks"]}
NOW = datetime(2025, 4, 15, 12, tzinfo=UTC)
WINDOWED = {"last_month", "around", "this_year", "month_before"}
"""Measures of the example model that need a time to be read at."""


@pytest.fixture(scope="module")
def shop() -> engine.Model:
    return engine.load_model(MODEL)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    file = tmp_path_factory.mktemp("docs") / "shop.sqlite"
    connection = sqlite3.connect(file)
    connection.executescript(ROWS.read_text(encoding="utf-8"))
    connection.close()
    return engine.open_database(f"sqlite:///{file}")


async def ask(query: Mapping[str, Any], model: engine.Model, database: Database) -> Result:
    return await engine.run_query(query, model, database, security=SECURITY, now=NOW)


# Pages that are made


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_would_be_generated_now(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == page(name), "run `make docs`"


def declared(schema: Mapping[str, Any], pointer: Pointer = "#") -> Iterator[tuple[Pointer, str]]:
    """Every property that a schema declares, without those that only its conditions name."""
    for name, part in schema.get("properties", {}).items():
        yield pointer, name
        yield from declared(part, f"{pointer}/properties/{name}")
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield from declared(schema[word], f"{pointer}/{word}")
    for name, part in schema.get("$defs", {}).items():
        yield from declared(part, f"{pointer}/$defs/{name}")


def test_every_property_of_a_model_has_an_example() -> None:
    assert set(declared(model_schema())) - model_excerpts().keys() == set()


def test_every_property_of_a_query_has_an_example() -> None:
    assert set(declared(query_schema())) - query_excerpts().keys() == set()


# Examples run


def test_the_example_model_has_no_mistake(shop: engine.Model) -> None:
    assert shop.settings.name == "shop"


@pytest.mark.parametrize("query", queries(), ids=written)
async def test_an_example_query_is_answered(query: dict[str, Any], shop: engine.Model, database: Database) -> None:
    result = await ask(query, shop, database)
    assert result.rows


def test_every_measure_of_the_example_model_can_be_asked(shop: engine.Model) -> None:
    for cube in shop.cubes.values():
        for measure in cube.measures.values():
            time = "stock.day" if cube.name == "stock" else f"{cube.name}.created_at"
            months = {"timeDimensions": [{"dimension": time, "granularity": "month", "dateRange": "this year"}]}
            query = {"measures": [measure.full_name]} | (months if measure.name in WINDOWED else {})
            assert engine.compile_query(query, shop, security=SECURITY, now=NOW).sql


@pytest.mark.parametrize("query", queries(), ids=written)
def test_an_example_query_can_be_written_for_duckdb(query: dict[str, Any], shop: engine.Model) -> None:
    assert engine.compile_query(query, shop, dialect="duckdb", security=SECURITY, now=NOW).sql


def test_the_examples_are_laid_out_as_the_reference_shows_them() -> None:
    assert QUERIES.read_text(encoding="utf-8").count("\n") > len(queries())


# Links


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def anchors(path: Path) -> set[str]:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {anchor(heading.replace("`", "")) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        file, _, place = target.partition("#")
        leads_to = (path.parent / file).resolve() if file else path
        assert leads_to.exists(), f"{path.name}: {target}"
        if place:
            assert place in anchors(leads_to), f"{path.name}: {target}"
