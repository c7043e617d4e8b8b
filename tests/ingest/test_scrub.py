"""What syncs have missed is found, page by page, by those that follow, at one call more for each product."""

import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from ingest import SyncOptions, SyncReport, SyncSettings, read_status, sync
from ingest.counters import MISSED_TESTS
from ingest.scrub import MOST_PAGES, window
from ingest.simulator import FaultKind, Simulator, WorldSize, bad_position, make_world, random_faults
from ingest.simulator.faults import Call
from ingest.simulator.world import Json
from tests.ingest.conftest import NOW, Look
from tests.ingest.counts import counted
from tests.ingest.snapshots import snapshot
from tests.ingest.test_operation import start

pytestmark = pytest.mark.anyio

TESTS = "products/{product}/exploratory_tests"


@pytest.fixture
def listed(simulator: Simulator) -> list[Json]:
    """The tests of the only product, newest first; all are final, as those that are not are asked for at each sync."""
    simulator.world = make_world(WorldSize(products=1, tests=110, bugs=200), now=NOW)
    ((_, tests),) = simulator.world.tests.items()
    for test in tests:
        test["status"] = "archived"
    return tests


def before_page(number: int, change: Callable[[], object]) -> Callable[[Call], FaultKind | None]:
    """Lets something change upstream just before this page of tests is read for the first time."""
    done: list[int] = []

    def rule(call: Call) -> FaultKind | None:
        if call.route == TESTS and call.parameters["page"] == str(number) and not done:
            done.append(number)
            change()
        return None

    return rule


def mover(simulator: Simulator, listed: list[Json], seed: int) -> Callable[..., None]:
    """Lets, every other time, a test go, a new one come, one be renamed, or one end at another time."""
    random = Random(seed)  # noqa: S311 (data, not secrets)

    def move(_: Call | None = None) -> None:
        match random.randrange(8):
            case 0 if len(listed) > 20:
                listed.pop(random.randrange(len(listed)))
            case 1:
                like = random.choice(listed)
                number = max(test["id"] for test in listed) + 1
                listed.append({**like, "id": number, "end_at": NOW.isoformat(), "features": []})
            case 2:
                random.choice(listed)["title"] = f"Renamed {random.random()}"
            case 3:
                random.choice(listed)["end_at"] = random.choice(listed)["end_at"]
        simulator.world.sort_tests()

    return move


async def sync_until_checked(settings: SyncSettings, simulator: Simulator, *, most_calls: int = 3) -> list[SyncReport]:
    """Sync again until the list has been gone through, each within the bound of calls unless it finds something."""
    before = (await read_status(settings.database_url, 7)).products[0].checked_at
    reports: list[SyncReport] = []
    while (await read_status(settings.database_url, 7)).products[0].checked_at == before:
        reports.append(await sync(settings))
        assert reports[-1].outcome == "complete"
        assert reports[-1].missed or reports[-1].removed.get("tests") or reports[-1].calls <= most_calls
        assert len(reports) < len(simulator.world.all_tests()), "a round comes to its end"
    return reports


async def assert_as_upstream(settings: SyncSettings, elsewhere: SyncSettings) -> None:
    """The database holds what a sync into an empty one brings; the walks may have come to their end by other positions."""
    await sync(elsewhere)
    found, wanted = snapshot(settings.database_url), snapshot(elsewhere.database_url)
    for table in ("products", "tests", "test_features", "test_platforms", "bugs", "bug_devices", "sync_gaps"):
        assert found[table] == wanted[table], table


async def test_a_test_that_a_deletion_hid_from_the_first_walk_is_found_by_later_syncs(
    settings: SyncSettings, elsewhere: SyncSettings, simulator: Simulator, listed: list[Json], look: Look
) -> None:
    hidden = listed[50]["id"]
    simulator.faults.rules = [before_page(3, lambda: listed.pop(30))]
    first = await sync(settings)
    assert (first.outcome, look(f"SELECT count(*) FROM tests WHERE id = {hidden}")) == ("complete", [(0,)])
    before = counted()[MISSED_TESTS]
    reports = await sync_until_checked(settings, simulator)
    assert len(reports) <= 5
    assert sum(report.missed for report in reports) == 1 == counted()[MISSED_TESTS] - before
    assert sum(report.removed.get("tests", 0) for report in reports) == 1
    events = (await read_status(settings.database_url, 7, events=10)).events
    assert sum(event.summary["missed"] for event in events) == 1
    await assert_as_upstream(settings, elsewhere)


async def test_the_first_sync_makes_no_call_for_it(
    settings: SyncSettings, simulator: Simulator, listed: list[Json]
) -> None:
    await sync(settings)
    assert simulator.traffic.calls[TESTS] == len(listed) // 25 + 1


@pytest.mark.parametrize(
    ("seed", "size"),
    [
        (1, 7),
        (2, 10),
        *(pytest.param(seed, size, marks=pytest.mark.nightly) for seed in range(3, 9) for size in (4, 7, 10)),
    ],
)
async def test_however_the_list_moves_while_it_is_read_it_is_followed_in_the_end(
    settings: SyncSettings, elsewhere: SyncSettings, simulator: Simulator, listed: list[Json], seed: int, size: int
) -> None:
    del listed[40:]
    small = replace(settings, page_size=size)
    move = mover(simulator, listed, seed)
    simulator.faults.rules = [move]
    for _ in range(6):
        assert (await sync(small)).outcome == "complete"
        move()
    simulator.faults.rules = []
    for _ in range(2):  # one round that began while the list moved, and one that did not
        await sync_until_checked(small, simulator, most_calls=2 + 2 * MOST_PAGES)
    await assert_as_upstream(small, elsewhere)
    assert all(report.calls <= 3 for report in await sync_until_checked(small, simulator))


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [51, 52, 53])
async def test_syncs_that_are_killed_while_the_list_moves_and_calls_fail_are_followed_by_right_ones(
    settings: SyncSettings, elsewhere: SyncSettings, simulator: Simulator, listed: list[Json], seed: int
) -> None:
    random = Random(seed)  # noqa: S311 (data, not secrets)
    move = mover(simulator, listed, seed)
    simulator.faults.rules = [move, random_faults(seed, share=1 / 4)]
    simulator.latency_seconds = 0.01
    for _ in range(12):
        (process,) = start(settings)
        time.sleep(random.uniform(0.05, 1.2))
        process.kill()
        process.communicate()
    simulator.faults.rules, simulator.latency_seconds = [], 0.0
    assert (await sync(replace(settings, page_size=5))).outcome == "complete"
    for _ in range(2):
        await sync_until_checked(replace(settings, page_size=5), simulator, most_calls=2 + 2 * MOST_PAGES)
    await assert_as_upstream(settings, elsewhere)


async def test_what_goes_or_changes_among_tests_that_are_final_is_noticed(
    settings: SyncSettings, elsewhere: SyncSettings, simulator: Simulator, listed: list[Json]
) -> None:
    await sync(settings)
    listed[60]["title"] = "Renamed"
    del listed[80], listed[40]
    reports = await sync_until_checked(settings, simulator)
    assert sum(report.removed.get("tests", 0) for report in reports) == 2
    assert sum(report.missed for report in reports) == 0
    await assert_as_upstream(settings, elsewhere)


async def test_a_list_of_one_page_is_checked_by_reading_it(
    settings: SyncSettings, simulator: Simulator, listed: list[Json], look: Look
) -> None:
    del listed[20:]
    await sync(settings)
    simulator.traffic.reset()
    gone = listed.pop(10)["id"]
    assert (await sync(settings)).removed == {"tests": 1}
    assert look(f"SELECT count(*) FROM tests WHERE id = {gone}") == [(0,)]
    assert simulator.traffic.calls == {"products": 1, TESTS: 1, "exploratory_tests/{test}": 1}
    simulator.traffic.reset()
    await sync(settings)
    assert simulator.traffic.calls == {"products": 1, TESTS: 1}


async def test_a_list_that_comes_out_empty_costs_neither_tests_nor_a_call_for_each(
    settings: SyncSettings, simulator: Simulator, listed: list[Json], look: Look
) -> None:
    await sync(settings)
    ((product, _),) = simulator.world.tests.items()
    simulator.world.tests[product] = []
    simulator.world.tests[product + 1] = listed  # they are still there, one by one
    simulator.traffic.reset()
    report = await sync(settings)
    assert (report.removed, look("SELECT count(*) FROM tests")) == ({"tests": 0}, [(110,)])
    assert simulator.traffic.calls["exploratory_tests/{test}"] == settings.page_size


async def test_more_news_than_a_page_between_two_syncs_do_not_hold_a_round_up(
    settings: SyncSettings, simulator: Simulator, listed: list[Json]
) -> None:
    await sync(settings)
    for turn in range(6):
        news = [{**listed[0], "id": 990_000 + turn * 40 + one, "features": []} for one in range(40)]
        listed[:0] = [{**one, "end_at": NOW.replace(year=2027, month=turn + 1).isoformat()} for one in news[::-1]]
        await sync(settings)
    assert (await read_status(settings.database_url, 7)).products[0].checked_at


async def test_much_that_is_missing_comes_a_few_pages_at_a_sync(
    settings: SyncSettings, elsewhere: SyncSettings, simulator: Simulator, listed: list[Json], look: Look
) -> None:
    small = replace(settings, page_size=8)
    missing = listed[10:100]
    del listed[10:100]
    await sync(small)
    listed[10:10] = missing
    simulator.traffic.reset()
    await sync(small)
    assert simulator.traffic.calls[TESTS] == 1 + MOST_PAGES
    await sync_until_checked(small, simulator)
    await assert_as_upstream(small, elsewhere)


async def test_a_position_that_cannot_be_read_is_told_once_and_does_not_hold_a_round_up(
    settings: SyncSettings, elsewhere: SyncSettings, simulator: Simulator, listed: list[Json]
) -> None:
    await sync(settings)
    ((product, _),) = simulator.world.tests.items()
    simulator.faults.rules = [bad_position(product, 30)]
    reports = [await sync(replace(settings, attempts=1)) for _ in range(3)]
    assert [report.outcome for report in reports].count("partial") >= 1
    assert max(len(report.problems) for report in reports) == 1
    simulator.faults.rules = []
    await sync_until_checked(settings, simulator, most_calls=6)  # the gap and its neighbourhood are tried again
    await assert_as_upstream(settings, elsewhere)


async def test_neither_a_dry_run_nor_since_nor_another_product_checks_a_list(
    synced: SyncSettings, simulator: Simulator
) -> None:
    product = simulator.world.products[0]["id"]
    for options in (SyncOptions(dry_run=True), SyncOptions(since=NOW.replace(tzinfo=None, year=2020))):
        simulator.traffic.reset()
        await sync(synced, options)
        assert simulator.traffic.calls[TESTS] == 3
    simulator.traffic.reset()
    await sync(synced, SyncOptions(products=(product,)))
    assert {call["product"] for route, call in simulator.traffic.log if route == TESTS} == {str(product)}
    status = await read_status(synced.database_url, 7)
    assert {one.id for one in status.products if one.checked_at} == {product}


def test_a_page_of_a_round_holds_the_last_test_of_the_page_before_and_goes_on() -> None:
    for size in (8, 25, 100):
        for position in range(1, 700):
            start, chosen = window(position, size)
            assert start % chosen == 0, "the API pages by multiples"
            assert start < position < start + chosen
            assert chosen <= size
    for size in range(1, 8):
        for position in range(1, 700):
            start, chosen = window(position, size)
            assert start % chosen == 0
            assert start <= position < start + chosen
