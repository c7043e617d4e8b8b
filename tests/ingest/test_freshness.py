"""A query finds fresh data or is told: what is stale is read once, within the budget, and failures degrade."""

import asyncio
import sqlite3
import time
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import event

from ingest import Scope, SyncOptions, SyncSettings, open_freshness, sync
from ingest.bug_refresh import due_tests
from ingest.counters import BUG_REFRESH_FAILURES, FEATURE_REFRESH_FAILURES
from ingest.moments import utc_now
from ingest.run import Run
from ingest.simulator import Simulator, always
from tests.ingest.conftest import NOW, Look
from tests.ingest.counts import counted

pytestmark = pytest.mark.anyio

BEGUN = ("running", "locked", "archived", "cancelled")


def executed(simulator: Simulator) -> list[int]:
    return [test["id"] for test in simulator.world.all_tests() if test["status"] in BEGUN]


def open_tests(simulator: Simulator) -> list[int]:
    return [test["id"] for test in simulator.world.all_tests() if test["status"] in ("running", "locked")]


async def test_bugs_that_the_background_sync_left_are_read_when_a_query_wants_them(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    await sync(settings, SyncOptions(bugs=False))
    async with open_freshness(settings) as freshness:
        found = await freshness.get_bugs_cached_or_refresh()
        again = await freshness.get_bugs_cached_or_refresh()
    tests = executed(simulator)
    assert found.due == {"never": len(tests)}
    assert (found.refreshed, found.failed, found.pending) == (len(tests), 0, 0)
    assert found.warnings == (f"Warning: {len(tests)} tests had stale bug data and were refreshed.",)
    assert (again.due, again.warnings) == ({}, ())
    assert look("SELECT count(*) FROM bugs") == [(len(simulator.world.all_bugs()),)]


async def test_only_what_may_still_change_is_read_again(synced: SyncSettings, simulator: Simulator) -> None:
    simulator.traffic.reset()
    async with open_freshness(replace(synced, bug_ttl_seconds=0)) as freshness:
        found = await freshness.get_bugs_cached_or_refresh()
    assert found.due == {"stale": len(open_tests(simulator))}
    assert found.hit_rate > 0.5
    assert found.warnings == (), "most was fresh"
    assert simulator.traffic.calls["bugs"] == 1


async def test_only_the_tests_in_scope_are_refreshed(settings: SyncSettings, simulator: Simulator) -> None:
    await sync(settings, SyncOptions(bugs=False))
    product = simulator.world.products[0]["id"]
    end = NOW.replace(tzinfo=None, month=1)
    async with open_freshness(settings) as freshness:
        found = await freshness.get_bugs_cached_or_refresh(Scope(product_ids=(product,), ended_before=end))
    calls = [call["filter_test_cycle_ids"] for route, call in simulator.traffic.log if route == "bugs"]
    asked = set(map(int, ",".join(calls).split(",")))
    assert found.refreshed == len(asked) > 0
    for test in simulator.world.all_tests():
        if test["id"] in asked:
            assert test["product"]["id"] == product
            assert test["end_at"] < "2026-01-24"


async def test_a_forced_refresh_reads_what_is_final_too(synced: SyncSettings, simulator: Simulator) -> None:
    async with open_freshness(synced) as freshness:
        found = await freshness.get_bugs_cached_or_refresh(force_refresh=True)
    assert found.due == {"forced": len(executed(simulator))}
    assert found.refreshed == len(executed(simulator))


async def test_a_test_that_became_final_gets_one_last_fetch(synced: SyncSettings, simulator: Simulator) -> None:
    test = next(test for test in simulator.world.all_tests() if test["status"] == "locked")
    test["status"] = "archived"
    await sync(synced, SyncOptions(bugs=False))
    async with open_freshness(synced) as freshness:
        assert (await freshness.get_bugs_cached_or_refresh()).due == {"final": 1}
        assert (await freshness.get_bugs_cached_or_refresh()).due == {}


async def test_many_queries_at_once_cause_one_refresh(settings: SyncSettings, simulator: Simulator) -> None:
    await sync(settings, SyncOptions(bugs=False))
    simulator.traffic.reset()
    simulator.latency_seconds = 0.05
    async with open_freshness(settings) as freshness:
        found = await asyncio.gather(*(freshness.get_bugs_cached_or_refresh() for _ in range(10)))
    assert {one.refreshed for one in found} == {len(executed(simulator))}
    assert simulator.traffic.calls["bugs"] == -(-len(executed(simulator)) // settings.bug_batch)


async def test_over_the_budget_the_answer_comes_and_refreshing_goes_on(
    settings: SyncSettings, simulator: Simulator
) -> None:
    await sync(settings, SyncOptions(bugs=False))
    simulator.latency_seconds = 2
    async with open_freshness(settings, budget_seconds=0.1) as freshness:
        began = time.monotonic()
        found = await freshness.get_bugs_cached_or_refresh()
        assert time.monotonic() - began < 2
        assert found.pending == len(executed(simulator))
        assert "is being refreshed, ask again in a moment" in found.warnings[0]
        async with asyncio.timeout(20):
            while (await freshness.get_bugs_cached_or_refresh()).due:
                await asyncio.sleep(0.1)


async def test_a_refresh_that_fails_leaves_the_data_and_its_age_and_is_not_repeated_at_once(
    synced: SyncSettings, simulator: Simulator, look: Look
) -> None:
    times = look("SELECT id, bugs_synced_at FROM tests ORDER BY id")
    before = counted()[BUG_REFRESH_FAILURES]
    simulator.faults.rules = [always("bugs", "502")]
    simulator.traffic.reset()
    stale = len(open_tests(simulator))
    async with open_freshness(replace(synced, bug_ttl_seconds=0)) as freshness:
        found = await freshness.get_bugs_cached_or_refresh()
        calls = simulator.traffic.calls["bugs"]
        again = await freshness.get_bugs_cached_or_refresh()
    assert (found.failed, again.failed) == (stale, stale)
    assert found.warnings == (f"Warning: {stale} tests have stale bug data: it could not be refreshed.",)
    assert look("SELECT id, bugs_synced_at FROM tests ORDER BY id") == times
    assert simulator.traffic.calls["bugs"] == calls
    assert counted()[BUG_REFRESH_FAILURES] == before + stale


async def test_features_are_refreshed_when_stale_and_failures_degrade(
    synced: SyncSettings, simulator: Simulator, look: Look
) -> None:
    product = simulator.world.products[2]["id"]
    simulator.world.features[product][0]["title"] = "Renamed"
    async with open_freshness(replace(synced, feature_ttl_seconds=0)) as freshness:
        found = await freshness.get_features_cached_or_refresh()
        assert found.due == {"stale": 3}
        assert found.warnings == ("Warning: 3 products had stale feature data and were refreshed.",)
        assert look("SELECT count(*) FROM features WHERE title = 'Renamed'") == [(1,)]
        simulator.faults.rules = [always("products/{product}/sections/{section}/features", "500")]
        before = counted()[FEATURE_REFRESH_FAILURES]
        failed = await freshness.get_features_cached_or_refresh([product])
        assert failed.failed == 1
        assert counted()[FEATURE_REFRESH_FAILURES] == before + 1
    async with open_freshness(synced) as freshness:
        assert (await freshness.get_features_cached_or_refresh()).due == {}
        assert (await freshness.get_features_cached_or_refresh(force_refresh=True)).due == {"forced": 3}


async def test_the_age_of_tests_is_that_of_the_last_sync_that_reached_what_was_known(settings: SyncSettings) -> None:
    began = utc_now()
    await sync(settings)
    async with open_freshness(settings) as freshness:
        as_of = await freshness.tests_as_of()
        assert as_of is not None
        assert began <= as_of <= utc_now()
        assert await freshness.tests_as_of([1]) is None


async def test_a_query_reads_beside_a_sync_that_writes(synced: SyncSettings) -> None:
    async with open_freshness(synced) as freshness:
        with closing(sqlite3.connect(synced.database_url, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            async with asyncio.timeout(5):
                assert (await freshness.get_bugs_cached_or_refresh()).due == {}


async def test_the_check_reads_one_index_alone(synced: SyncSettings, look: Look) -> None:
    plan = look(
        "EXPLAIN QUERY PLAN SELECT id, status, bugs_synced_at, bugs_synced_status FROM tests WHERE customer_id = 7 AND "
        "(bugs_synced_status IS NULL OR bugs_synced_status NOT IN ('archived', 'cancelled')) "
        "AND end_at >= '2026-10-01' ORDER BY end_at DESC, id DESC"
    )
    assert "USING COVERING INDEX ix_tests_bugs_not_final" in plan[0][3]


async def test_no_question_about_what_is_due_looks_at_all_tests(synced: SyncSettings, simulator: Simulator) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []
    products = [product["id"] for product in simulator.world.products]
    some = tuple(executed(simulator)[:20])
    async with open_freshness(synced) as freshness:
        event.listen(freshness.store._engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        for scope in (Scope(), Scope(product_ids=tuple(products)), Scope(test_ids=some)):
            assert (await freshness.get_bugs_cached_or_refresh(scope)).due == {}
        assert await due_tests(Run(synced, SyncOptions(), freshness.client, freshness.store), products) == {}
    with closing(sqlite3.connect(synced.database_url)) as connection:
        plans = [connection.execute(f"EXPLAIN QUERY PLAN {sql}", given).fetchall() for sql, given in asked]
    assert len(plans) == 5
    assert not [step for plan in plans for (_, _, _, step) in plan if step.startswith("SCAN tests")], plans


async def test_a_date_range_uses_the_index_on_the_end(synced: SyncSettings, look: Look) -> None:
    in_october = "end_at >= '2026-10-01' AND end_at < '2026-11-01'"
    plan = look(f"EXPLAIN QUERY PLAN SELECT count(*) FROM tests WHERE customer_id = 7 AND {in_october}")
    assert "ix_tests_end_at" in plan[0][3]


async def test_what_was_read_in_the_future_by_a_clock_that_went_wrong_is_stale(
    synced: SyncSettings, simulator: Simulator
) -> None:
    with closing(sqlite3.connect(synced.database_url)) as connection, connection:
        connection.execute("UPDATE tests SET bugs_synced_at = '2099-01-01 00:00:00.000000'")
        connection.execute("UPDATE products SET features_synced_at = '2099-01-01 00:00:00.000000'")
    simulator.traffic.reset()
    async with open_freshness(synced) as freshness:
        assert (await freshness.get_bugs_cached_or_refresh()).due == {"stale": len(open_tests(simulator))}
        assert (await freshness.get_bugs_cached_or_refresh()).due == {}
    await sync(synced)
    assert simulator.traffic.calls["products/{product}/features"] > 0
    async with open_freshness(synced) as freshness:
        assert (await freshness.get_features_cached_or_refresh()).due == {}
