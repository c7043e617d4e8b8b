"""A query reads fresh bugs and features, or says what it read: through the command line, MCP and a server that syncs."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import ingest
from engine import Scope, Source, load_model, open_database, run_query
from ingest import SyncOptions, SyncSettings
from ingest.simulator import Simulator, WorldSize, always, make_world, serve_simulator
from server.agents.get_capabilities import get_capabilities
from server.agents.query_metrics import query_metrics
from server.freshness.background import schedules_of, synced_in_background
from server.freshness.opening import known_customers, open_query_freshness, refresh_settings
from server.freshness.reading import Reading, reading_of
from server.settings import SHIPPED_MODEL
from tests.server.conftest import TOKEN
from tests.server.serving import source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from engine import Model
    from tests.server.conftest import Run

SIZE = WorldSize(products=2, tests=20, bugs=100, days=90)
SECURITY = {"customer_id": 1}
QUESTION = {"metrics": ["bug_count"], "dimensions": ["feature"]}
BUGS = ("query", "-m", "bug_count", "--format", "json")


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(SHIPPED_MODEL)


@pytest.fixture
def simulator(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Simulator]:
    """A small simulated API that the environment points to; the database is a new file."""
    served = Simulator(make_world(SIZE, now=datetime.now(UTC)), TOKEN)
    with serve_simulator(served) as url:
        monkeypatch.setenv("TESTIO_API_URL", url)
        monkeypatch.setenv("TESTIO_API_TOKEN", TOKEN)
        monkeypatch.setenv("METRIC_CUBE_DATABASE", str(tmp_path / "new.sqlite"))
        yield served


@pytest.fixture
def settings(simulator: Simulator, model: Model) -> SyncSettings:
    found = refresh_settings(model, os.environ["METRIC_CUBE_DATABASE"], known_customers(os.environ), SECURITY)
    assert found is not None
    return replace(found, backoff_seconds=0.001)


@pytest.fixture
def background(settings: SyncSettings) -> None:
    """What a sync in the background leaves: everything but bugs."""
    asyncio.run(ingest.sync(settings, SyncOptions(bugs=False), kind="background"))


def begun(simulator: Simulator) -> int:
    return sum(test["status"] in ("running", "locked", "archived", "cancelled") for test in simulator.world.all_tests())


def test_a_query_refreshes_the_bugs_that_the_background_left_and_says_so(
    run: Run, simulator: Simulator, background: None
) -> None:
    stale = begun(simulator)
    answer = json.loads(run(*BUGS).stdout)
    assert f"Warning: {stale} tests had stale bug data and were refreshed." in answer["notes"]
    assert answer["freshness"]["bugs"]["refreshed"] == stale
    assert answer["freshness"]["bugs"]["as_of"] >= answer["freshness"]["tests"]["as_of"]
    counted = [test for test in simulator.world.all_tests() if test["status"] in ("running", "locked", "archived")]
    assert answer["rows"][0][0] == sum(len(simulator.world.bugs.get(test["id"], ())) for test in counted)
    simulator.traffic.reset()
    again = json.loads(run(*BUGS).stdout)
    assert (again["rows"], simulator.traffic.total) == (answer["rows"], 0)
    assert not any("stale" in note for note in again["notes"])


def test_only_the_tests_that_the_query_reads_are_refreshed(run: Run, simulator: Simulator, background: None) -> None:
    product = simulator.world.products[0]
    run("query", "-m", "bug_count", "--filter", f"product={product['name']}")
    asked = [call["filter_test_cycle_ids"] for route, call in simulator.traffic.log if route == "bugs"]
    of_product = {str(test["id"]) for test in simulator.world.tests[product["id"]]}
    assert asked
    assert set(",".join(asked).split(",")) <= of_product


def test_nothing_is_refreshed_where_it_is_not_wanted_or_cannot_be(
    run: Run, simulator: Simulator, background: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.traffic.reset()
    assert "freshness" not in json.loads(run(*BUGS, "--no-refresh").stdout)
    assert run("query", "-m", "test_count", "--security", "customer_id=2").exit_code == 0
    assert run("query", "-m", "test_count").exit_code == 0, "which reads no bugs"
    monkeypatch.delenv("TESTIO_API_TOKEN")
    assert "freshness" not in json.loads(run(*BUGS).stdout)
    assert simulator.traffic.total == 0


def test_a_failing_api_leaves_what_is_stored_with_a_warning(
    run: Run, simulator: Simulator, settings: SyncSettings
) -> None:
    asyncio.run(ingest.sync(settings))
    before = json.loads(run(*BUGS).stdout)
    with closing(sqlite3.connect(settings.database_url)) as connection, connection:
        connection.execute("UPDATE tests SET bugs_synced_at = '2026-01-01 00:00:00.000000'")
    simulator.faults.rules = [always("bugs", "500")]
    result = run(*BUGS)
    after = json.loads(result.stdout)
    assert (result.exit_code, after["rows"]) == (0, before["rows"])
    assert "it could not be refreshed" in after["notes"][0]
    assert after["freshness"]["bugs"]["as_of"] == "2026-01-01T00:00:00Z"
    assert after["freshness"]["bugs"]["failed"] > 0


def test_an_api_that_is_not_there_does_not_stop_an_answer(
    run: Run, simulator: Simulator, background: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTIO_API_URL", "http://127.0.0.1:1/customer/v2")
    result = run(*BUGS)
    assert result.exit_code == 0
    assert any("it could not be refreshed" in note for note in json.loads(result.stdout)["notes"])


def test_old_tests_are_told_since_only_a_sync_brings_news(run: Run, simulator: Simulator, background: None) -> None:
    with closing(sqlite3.connect(os.environ["METRIC_CUBE_DATABASE"])) as connection, connection:
        connection.execute("UPDATE sync_cursors SET read_at = '2026-01-02 03:04:05.000000'")
    answer = json.loads(run("query", "-m", "test_count", "--format", "json").stdout)
    assert "Warning: new tests are known up to 2026-01-02 03:04 UTC only; a sync brings later ones." in answer["notes"]
    assert answer["freshness"]["tests"]["as_of"] == "2026-01-02T03:04:05Z"


@pytest.mark.anyio
async def test_an_agent_gets_fresh_rows_and_the_account_of_them(
    simulator: Simulator, settings: SyncSettings, model: Model
) -> None:
    await ingest.sync(settings, SyncOptions(bugs=False))
    async with (
        open_database(settings.database_url) as database,
        open_query_freshness(model, settings, stays_open=True) as freshness,
    ):
        source = source_of(model, database, SECURITY, freshness)
        payload = (await query_metrics(source, dict(QUESTION))).data
    assert payload["freshness"]["bugs"]["refreshed"] == begun(simulator)
    assert payload["freshness"]["features"]["as_of"]
    assert any("were refreshed" in note for note in payload["notes"])


@pytest.mark.anyio
async def test_a_listing_of_what_can_be_asked_makes_no_calls_and_its_counts_serve_no_question(
    simulator: Simulator, settings: SyncSettings, model: Model
) -> None:
    await ingest.sync(settings, SyncOptions(bugs=False))
    asked = {"dimensions": ["feature"], "metrics": ["bug_count"], "limit": 1}
    async with (
        open_database(settings.database_url) as database,
        open_query_freshness(model, settings, stays_open=True) as freshness,
    ):
        source = source_of(model, database, SECURITY, freshness)
        told = (await get_capabilities(source, {})).data
        assert told["freshness"]["tests"]
        assert simulator.traffic.calls["bugs"] == 0
        as_it_is = await source.service.answer(asked, source.caller, refresh=False)
        assert (await source.service.answer(asked, source.caller, refresh=False)).hit
        answered = await source.service.answer(asked, source.caller)
    assert not answered.hit
    assert answered.result.account.freshness["bugs"]["refreshed"] == begun(simulator)
    assert "refreshed" not in as_it_is.result.account.freshness["bugs"]
    assert [row[-1] for row in as_it_is.result.rows] != [row[-1] for row in answered.result.rows]


@pytest.mark.anyio
async def test_over_the_budget_the_answer_comes_and_refreshing_goes_on_behind_it(
    simulator: Simulator, settings: SyncSettings, model: Model
) -> None:
    await ingest.sync(settings, SyncOptions(bugs=False))
    simulator.latency_seconds = 0.5
    async with (
        open_database(settings.database_url) as database,
        open_query_freshness(model, settings, stays_open=True) as freshness,
    ):
        assert freshness is not None
        hasty = replace(freshness, most_seconds=0.05)
        result = await run_query(QUESTION, model, database, security=SECURITY, freshness=hasty)
        assert result.account.freshness["bugs"]["pending"] == begun(simulator)
        assert any("ask again in a moment" in note for note in result.notes)
        async with asyncio.timeout(20):
            while (
                (await run_query(QUESTION, model, database, security=SECURITY, freshness=freshness))
                .account.freshness["bugs"]
                .get("pending")
            ):
                await asyncio.sleep(0.05)


@pytest.mark.anyio
async def test_a_server_syncs_in_the_background_and_stops_in_order(
    simulator: Simulator, settings: SyncSettings
) -> None:
    customers = known_customers(os.environ)
    async with synced_in_background(schedules_of(customers, settings.database_url, minutes=0.001)):
        async with asyncio.timeout(20):
            while simulator.traffic.calls["products"] < 2:
                await asyncio.sleep(0.01)
    status = await ingest.read_status(settings.database_url, 1)
    assert {event.kind for event in status.events} == {"background"}
    assert (status.writer, simulator.traffic.calls["bugs"]) == (None, 0)
    assert all(event.outcome in ("complete", "interrupted") for event in status.events)


def test_serve_with_a_token_fills_an_empty_database(simulator: Simulator, settings: SyncSettings) -> None:
    command = [sys.executable, "-m", "server", "serve", "--sync-every", "10"]
    environment = {**os.environ, "TESTIO_CUSTOMER_ID": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment) as process:  # noqa: S603
        found = asyncio.run(filled(settings))
        told = process.communicate("")
    assert (process.returncode, *told) == (0, "", "")
    assert found == 20


async def filled(settings: SyncSettings) -> int:
    """How many tests there are when the first sync is done."""
    async with asyncio.timeout(60):
        while True:
            try:
                status = await ingest.read_status(settings.database_url, 1)
            except ingest.StoreError:
                status = None
            if status and status.events and status.events[0].outcome == "complete":
                return sum(product.tests for product in status.products)
            await asyncio.sleep(0.1)


def scoped(query: dict[str, Any]) -> Scope:
    return Scope((Source("bugs", "bugs", None),), query, datetime(2026, 11, 23, tzinfo=UTC), 10.0)


BUGS_OF_JULY = {"ended_from": datetime(2026, 7, 1), "ended_before": datetime(2026, 8, 1)}  # noqa: DTZ001
JULY = {"from": "2026-07-01", "to": "2026-07-31"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {}),
        ({"date_ranges": [{"member": "end_at", **JULY}]}, BUGS_OF_JULY),
        ({"date_ranges": [{"member": "testing.month", **JULY}]}, BUGS_OF_JULY),
        (
            {"date_ranges": [{"member": "end_at", **JULY}], "time_zone": "Europe/Berlin"},
            {"ended_from": datetime(2026, 6, 30, 22), "ended_before": datetime(2026, 7, 31, 22)},  # noqa: DTZ001
        ),
        ({"date_ranges": [{"member": "reported_month", **JULY}]}, {}),
        ({"filters": [{"member": "product", "operator": "equals", "values": ["Shop"]}]}, {"product_titles": ("Shop",)}),
        ({"filters": [{"member": "product_id", "operator": "equals", "values": [3, 4]}]}, {"product_ids": (3, 4)}),
        ({"filters": [{"member": "test_id", "operator": "equals", "values": [5]}]}, {"test_ids": (5,)}),
        ({"filters": [{"member": "product_id", "operator": "notEquals", "values": [3]}]}, {}),
        ({"filters": [{"or": [{"member": "product_id", "operator": "equals", "values": [3]}]}]}, {}),
        ({"filters": [{"member": "severity", "operator": "equals", "values": ["low"]}]}, {}),
    ],
)
def test_what_a_query_reads_is_found_from_its_filters(
    model: Model, query: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert reading_of(scoped(query), model) == Reading(frozenset({"bugs"}), **expected)


def test_a_rolling_metric_reads_beyond_the_range(parsed: Callable[[str], Model]) -> None:
    rolling = parsed(
        """
cubes:
  - name: tests
    sql_table: tests
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: end_at, sql: "{CUBE}.end_at", type: time}
    measures:
      - {name: count, type: count}
      - {name: rolling, type: count, rolling_window: {trailing: 30 day}}
"""
    )
    asked = {"date_ranges": [{"member": "tests.end_at", **JULY}]}
    assert reading_of(scoped({**asked, "metrics": ["tests.count"]}), rolling).ended_from
    assert reading_of(scoped({**asked, "metrics": ["tests.rolling"]}), rolling).ended_from is None


@pytest.fixture
def parsed(tmp_path: Path) -> Callable[[str], Model]:
    """Loads a model from text."""

    def load(text: str) -> Model:
        file = tmp_path / "model.yml"
        file.write_text(text, encoding="utf-8")
        return load_model(file)

    return load
