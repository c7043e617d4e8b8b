"""What the documents say is true: examples run, pages equal what they are made from, and nothing is left out."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import engine
import ingest
from ingest import SyncSettings
from ingest.simulator import Simulator, make_world, serve_simulator
from schemas import model_schema, query_schema
from server.cli import commands
from server.settings import API_TOKEN, API_URL, CUSTOMER, SHIPPED_MODEL
from server.settings import DATABASE as DATABASE_VARIABLE
from server.settings import MODEL as MODEL_VARIABLE
from tests.docs_console import Shown, blocks, commands_shown, settled
from tests.docs_excerpts import MODEL, QUERIES, ROWS, Pointer, model_excerpts, queries, query_excerpts, written
from tests.docs_pages import DOCS, PAGES, page
from tests.docs_reference import anchor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from engine import Database, Result

pytestmark = pytest.mark.anyio

ROOT = DOCS.parent
README = ROOT / "README.md"
PACKAGES = ("engine", "ingest", "server")
PRIVATE = re.compile(
    r"/(?:work|home/[a-z]|Users/[a-z]|root)/\S+|\S*(?:artifactor[y]|nexu[s]|pypi-prox[y]|devp[i])\S*", re.IGNORECASE
)
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


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


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


async def test_every_measure_of_the_example_model_is_answered(shop: engine.Model, database: Database) -> None:
    for cube in shop.cubes.values():
        for measure in cube.measures.values():
            time = "stock.day" if cube.name == "stock" else f"{cube.name}.created_at"
            months = {"timeDimensions": [{"dimension": time, "granularity": "month", "dateRange": "this year"}]}
            query = {"measures": [measure.full_name]} | (months if measure.name in WINDOWED else {})
            assert (await ask(query, shop, database)).rows, query


@pytest.mark.parametrize("query", [query for query in queries() if "ompare" not in written(query)], ids=written)
def test_an_example_query_can_be_written_for_duckdb(query: dict[str, Any], shop: engine.Model) -> None:
    assert engine.compile_query(query, shop, dialect="duckdb", security=SECURITY, now=NOW).sql


def test_the_examples_are_laid_out_as_the_reference_shows_them() -> None:
    assert QUERIES.read_text(encoding="utf-8").count("\n") > len(queries())


# The README, followed to the letter


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with a customer's synced data, of the day on which the README's answers were given."""
    file = tmp_path_factory.mktemp("readme") / "demo.sqlite"
    with serve_simulator(Simulator(make_world(now=datetime(2026, 3, 31, 9, tzinfo=UTC)), "token")) as url:
        asyncio.run(ingest.sync(SyncSettings(url, "token", 1, str(file))))
    return file


@pytest.fixture
def folder(synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the model, the data, and the metric that the README adds."""
    shutil.copy(synced, tmp_path / "demo.sqlite")
    shutil.copytree(SHIPPED_MODEL, tmp_path / "semantic")
    (snippet,) = blocks(README.read_text(encoding="utf-8"), "yaml")
    view = tmp_path / "semantic" / "views" / "testing.yml"
    view.write_text(f"{view.read_text(encoding='utf-8')}\n{snippet}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("METRIC_CUBE_DATABASE", "demo.sqlite")
    monkeypatch.setenv("TESTIO_CUSTOMER_ID", "1")
    monkeypatch.delenv("METRIC_CUBE_MODEL", raising=False)
    return tmp_path


@pytest.mark.parametrize("shown", commands_shown(README), ids=lambda shown: " ".join(shown.arguments))
def test_a_command_of_the_readme_prints_what_it_shows(shown: Shown, folder: Path) -> None:
    result = CliRunner().invoke(commands, list(shown.arguments), prog_name="metric-cube")
    assert result.exit_code == 0, result.output
    if shown.output.strip():
        assert settled(result.output) == settled(shown.output)


def test_the_program_of_the_readme_runs(folder: Path) -> None:
    (program,) = blocks(README.read_text(encoding="utf-8"), "python")
    ran = subprocess.run(  # noqa: S603  the program that the README shows
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "bug_count" in ran.stdout


def test_the_readme_names_commands_of_make_and_options_that_exist() -> None:
    text = README.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", "\n".join(blocks(text, "sh")))) <= targets
    for client in blocks(text, "json"):
        entry = json.loads(client)["mcpServers"]["metric-cube"]
        command = commands.get_command(commands.make_context("metric-cube", ["serve"]), entry["args"][0])
        assert command is not None
        command.make_context("serve", entry["args"][1:])


def test_the_readme_names_every_variable_that_is_read() -> None:
    text = README.read_text(encoding="utf-8")
    read = {MODEL_VARIABLE, DATABASE_VARIABLE, API_URL, API_TOKEN, CUSTOMER}
    assert [name for name in sorted(read) if f"`{name}`" not in text] == []


@pytest.mark.parametrize("path", [README, DOCS / "query.md"], ids=lambda path: path.name)
def test_the_question_in_sql_is_understood(path: Path) -> None:
    questions = re.findall(r"SELECT [^`\n]*MEASURE\([^`\n]*", path.read_text(encoding="utf-8"))
    assert questions
    for question in questions:
        assert engine.compile_query(question, engine.load_model(SHIPPED_MODEL), security={"customer_id": 1}).sql


async def test_the_call_that_agents_are_shown_is_answered(synced: Path) -> None:
    (call,) = blocks((DOCS / "agents.md").read_text(encoding="utf-8"), "json")
    async with engine.open_database(str(synced)) as database:
        model = engine.load_model(SHIPPED_MODEL)
        result = await engine.run_query(json.loads(call), model, database, security={"customer_id": 1})
    assert len(result.rows) == 2


# What the documents name is there

NAMED_FILE = re.compile(r"`?((?:engine|ingest|server|schemas|semantic|tests|docs)/[\w./]*\w(?:/|\.\w+)?)`?")


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_file_that_is_named_exists(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert [name for name in NAMED_FILE.findall(text) if not (ROOT / name).exists()] == []


# Errors

CODE = re.compile(r"[\"'`]([EW]_[A-Z][A-Z_]+)[\"'`]")


def test_every_code_of_an_error_is_explained_and_no_other() -> None:
    code = "".join(path.read_text(encoding="utf-8") for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
    told = re.findall(r"^\| `([EW]_[A-Z_]+)` \|", (DOCS / "errors.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(set(CODE.findall(code)))


# What no file holds


def test_no_file_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if not path.is_file():
            continue
        found = PRIVATE.findall(path.read_text(encoding="utf-8", errors="ignore"))
        assert found == [], f"{name}: {found}"


# Links


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
