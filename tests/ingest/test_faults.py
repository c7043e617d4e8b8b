"""A failing API costs time, not data: what passes is asked for again, what stays is narrowed down, told and tried again."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ingest import ApiFault, ApiTimeout, StoreError, SyncOptions, SyncSettings, sync
from ingest.client import Client
from ingest.simulator import (
    FaultKind,
    Simulator,
    always,
    bad_position,
    first_times,
    large_bug_batches,
    random_faults,
)
from tests.ingest.conftest import Look
from tests.ingest.snapshots import Snapshot, snapshot

pytestmark = pytest.mark.anyio

TESTS = "products/{product}/exploratory_tests"


@pytest.mark.parametrize(
    "kind", ["429", "429-date", "500", "502", "503", "524", "broken-json", "not-an-object", "truncated", "dropped"]
)
async def test_a_fault_that_passes_leaves_no_hole(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator, kind: FaultKind
) -> None:
    simulator.faults.rules = [first_times(route, kind, times=2) for route in ("products", TESTS, "bugs")]
    report = await sync(settings)
    assert report.outcome == "complete"
    assert snapshot(settings.database_url) == undisturbed


async def test_a_third_of_all_calls_may_fail(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator
) -> None:
    simulator.faults.rules = [random_faults(seed=5, share=1 / 3)]
    report = await sync(replace(settings, attempts=8))
    assert report.outcome == "complete"
    assert report.retries > 5
    assert snapshot(settings.database_url) == undisturbed


async def test_a_pause_that_the_api_asks_for_is_kept(settings: SyncSettings, simulator: Simulator) -> None:
    simulator.faults.retry_after_seconds = 1
    simulator.faults.rules = [first_times("products", "429")]
    began = time.monotonic()
    async with Client(settings) as client:
        await client.fetch("products", "products")
    assert time.monotonic() - began >= 1
    simulator.faults.rules = [first_times(TESTS, "429")]
    assert (await sync(settings)).seconds >= 1


async def test_what_to_do_is_told_where_nothing_could_be_read(settings: SyncSettings, simulator: Simulator) -> None:
    simulator.faults.rules = [always("products", "503")]
    with pytest.raises(ApiFault, match=r"HTTP 503\)\. Nothing was read: run the sync again later"):
        await sync(settings)


async def test_a_pause_that_is_too_long_is_not_waited_for(settings: SyncSettings, simulator: Simulator) -> None:
    simulator.faults.retry_after_seconds = 3600
    simulator.faults.rules = [always("products", "429")]
    with pytest.raises(ApiFault, match="asks for a pause of 3600 s"):
        await sync(settings)
    assert simulator.traffic.calls["products"] == 1


async def test_a_call_without_an_answer_is_given_up_and_made_again(
    settings: SyncSettings, simulator: Simulator
) -> None:
    simulator.faults.hang_seconds = 2
    simulator.faults.rules = [first_times("products", "hang")]
    hasty = replace(settings, timeout_seconds=0.2)
    async with Client(hasty) as client:
        assert len(await client.fetch("products", "products")) == 3
        simulator.faults.rules = [always("products", "hang")]
        with pytest.raises(ApiTimeout, match=r"within 0\.2 s"):
            await client.fetch("products", "products", attempts=1)


async def test_a_batch_of_bugs_that_takes_too_long_is_halved(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator
) -> None:
    simulator.faults.rules = [large_bug_batches(4)]
    report = await sync(settings)
    assert report.outcome == "complete"
    assert snapshot(settings.database_url) == undisturbed


async def test_bugs_of_one_test_that_cannot_be_read_do_not_hide_the_others(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator, look: Look
) -> None:
    bad = next(test for test, bugs in simulator.world.bugs.items() if bugs)
    simulator.faults.rules = [
        lambda call: "500" if str(bad) in call.parameters.get("filter_test_cycle_ids", "").split(",") else None
    ]
    report = await sync(settings)
    assert report.exit_code == 4
    assert [problem.place for problem in report.problems] == [f"bugs of test {bad}"]
    missing = len(simulator.world.bugs[bad])
    assert look("SELECT count(*) FROM bugs") == [(len(simulator.world.all_bugs()) - missing,)]
    assert look("SELECT id FROM tests WHERE bugs_synced_at IS NULL AND status IN ('archived', 'locked')") == [(bad,)]
    simulator.faults.rules = []
    assert (await sync(settings)).outcome == "complete"
    assert snapshot(settings.database_url) == undisturbed


async def test_a_position_that_cannot_be_read_is_skipped_told_and_tried_again(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator, look: Look
) -> None:
    product = simulator.world.products[1]["id"]
    bad = simulator.world.tests[product][17]
    simulator.faults.rules = [bad_position(product, 17)]
    report = await sync(settings)
    assert report.exit_code == 4
    assert [(problem.code, problem.place) for problem in report.problems] == [
        ("E_API_POSITION", f"tests of product {product}")
    ]
    assert look("SELECT count(*) FROM tests") == [(len(simulator.world.all_tests()) - 1,)]
    assert look(f"SELECT count(*) FROM tests WHERE id = {bad['id']}") == [(0,)]
    assert (await sync(settings)).exit_code == 4, "it is told as long as it is missing"
    simulator.faults.rules = []
    assert (await sync(settings)).outcome == "complete"
    assert snapshot(settings.database_url) == undisturbed


async def test_a_skipped_position_is_found_again_where_new_tests_have_moved_it(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    small = replace(settings, page_size=5)
    product = simulator.world.products[1]["id"]
    tests = simulator.world.tests[product]
    bad = tests[17]
    simulator.faults.rules = [bad_position(product, 17)]
    await sync(small)
    news = [{**tests[0], "id": 990_000 + index, "features": []} for index in range(7)]
    simulator.world.tests[product] = [*news, *tests]
    simulator.faults.rules = []
    assert (await sync(small)).outcome == "complete"
    assert look(f"SELECT count(*) FROM tests WHERE id IN ({bad['id']}, 990006)") == [(2,)]
    assert look("SELECT * FROM sync_gaps") == []


async def test_a_product_whose_tests_cannot_be_read_does_not_stop_the_others(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator, look: Look
) -> None:
    bad, *others = [product["id"] for product in simulator.world.products]
    simulator.faults.rules = [always(TESTS, "502", product=str(bad))]
    report = await sync(replace(settings, attempts=2))
    assert report.exit_code == 4
    assert f"tests of product {bad}" in {problem.place for problem in report.problems}
    assert {product for (product,) in look("SELECT DISTINCT product_id FROM tests")} == set(others)
    simulator.faults.rules = []
    assert (await sync(settings)).outcome == "complete"
    assert snapshot(settings.database_url) == undisturbed


async def test_an_api_that_does_not_turn_the_page_is_not_asked_for_ever(
    settings: SyncSettings, simulator: Simulator
) -> None:
    product = simulator.world.products[0]["id"]
    first = simulator.world.tests[product][:25]
    simulator.world.tests[product] = first * 40
    report = await sync(settings)
    assert report.exit_code == 4
    assert "the same page" in report.problems[0].message


async def test_features_that_cannot_be_read_are_told_and_loss_is_repaired_next_time(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator, look: Look
) -> None:
    simulator.faults.rules = [
        always("products/{product}/features", "500"),
        always("products/{product}/sections/{section}/features", "500"),
    ]
    report = await sync(replace(settings, attempts=1))
    assert report.exit_code == 4
    assert look("SELECT count(*) FROM features WHERE deleted") == [(0,)], "nobody knows yet which are deleted"
    assert look("PRAGMA foreign_key_check") == []
    simulator.faults.rules = []
    assert (await sync(settings)).outcome == "complete"
    wanted, found = undisturbed, snapshot(settings.database_url)
    assert found == wanted


async def test_an_api_that_goes_down_midway_stops_the_sync_soon_and_keeps_what_came(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator
) -> None:
    simulator.faults.rules = [always("bugs", "503")]
    report = await sync(replace(settings, bug_batch=1))
    assert report.exit_code == 4
    assert "counts as down" in report.problems[-1].message
    assert "Run the sync again later" in str(report.problems[-1]), "what helps is told too"
    assert simulator.traffic.calls["bugs"] < 150
    simulator.faults.rules = []
    assert (await sync(settings)).outcome == "complete"
    assert snapshot(settings.database_url) == undisturbed


async def test_a_database_that_refuses_is_told_without_waiting_for_an_api_that_is_down(
    settings: SyncSettings, simulator: Simulator
) -> None:
    Path(settings.database_url).write_text("no database " * 100, encoding="ascii")
    simulator.faults.rules = [always("products", "503")]
    patient = replace(settings, attempts=100, backoff_seconds=60)
    async with asyncio.timeout(20):  # the API alone would take hours
        with pytest.raises(StoreError, match="database"):
            await sync(patient)
    assert simulator.traffic.calls["products"] <= 1


async def test_a_sync_that_is_cancelled_midway_goes_on_where_it_stopped(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator, look: Look
) -> None:
    simulator.latency_seconds = 0.02
    small = replace(settings, page_size=5, concurrency=2)
    for seconds in (0.15, 0.25, 0.35):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                await sync(small)
        assert look("SELECT outcome FROM sync_events ORDER BY id DESC LIMIT 1") == [("interrupted",)]
        assert look("SELECT * FROM sync_locks") == []
    simulator.latency_seconds = 0
    assert (await sync(small)).outcome == "complete"
    await sync(settings, SyncOptions(full=True))
    assert snapshot(settings.database_url) == undisturbed
