"""What else the API does that a client gets wrong: offsets on every time, a token that ends midway, lists that move while read."""

from datetime import UTC, datetime

import pytest

from ingest import SyncOptions, SyncSettings, sync
from ingest.simulator import FaultKind, Simulator
from ingest.simulator.faults import Call
from tests.ingest.conftest import Look
from tests.ingest.snapshots import Snapshot, snapshot

pytestmark = pytest.mark.anyio

TESTS = "products/{product}/exploratory_tests"
NEW_YEAR = "2026-01-01T00:30:00+02:00"
STORED = "2025-12-31 22:30:00.000000"


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("tests", "start_at"),
        ("tests", "end_at"),
        ("tests", "created_at"),
        ("bugs", "reported_at"),
    ],
)
async def test_an_offset_moves_a_time_into_the_year_before(
    settings: SyncSettings, simulator: Simulator, look: Look, kind: str, column: str
) -> None:
    world = simulator.world
    record = world.all_tests()[0] if kind == "tests" else world.all_bugs()[0]
    record[column] = NEW_YEAR
    world.sort_tests()
    await sync(settings)
    assert look(f"SELECT {column} FROM {kind} WHERE id = {record['id']}") == [(STORED,)]


async def test_every_bug_is_reported_at_the_moment_that_its_offset_says(
    synced: SyncSettings, simulator: Simulator, look: Look
) -> None:
    stored: dict[int, str] = dict(look("SELECT id, reported_at FROM bugs"))
    said = {bug["id"]: datetime.fromisoformat(bug["reported_at"]) for bug in simulator.world.all_bugs()}
    assert any(moment.utcoffset() for moment in said.values())
    wanted = {bug: f"{moment.astimezone(UTC).replace(tzinfo=None)}.000000" for bug, moment in said.items()}
    assert stored == wanted


async def test_a_token_that_ends_midway_is_told_and_what_came_is_kept(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator, look: Look
) -> None:
    good = simulator.token

    def revoke(call: Call) -> FaultKind | None:
        if call.route == "bugs":
            simulator.token = "another"  # noqa: S105
        return "500" if call.route == "bugs" else None

    simulator.faults.rules = [revoke]
    try:
        report = await sync(settings)
    finally:
        simulator.token = good
    assert report.exit_code == 4
    assert "does not accept the token" in report.problems[-1].message
    assert "TESTIO_API_TOKEN" in str(report.problems[-1])
    assert look("SELECT count(*) FROM tests") == [(len(simulator.world.all_tests()),)]
    assert look("SELECT count(*) FROM tests WHERE bugs_synced_at IS NOT NULL AND status = 'archived'") == [(0,)]
    simulator.faults.rules = []
    assert (await sync(settings)).outcome == "complete"
    assert snapshot(settings.database_url) == undisturbed


async def test_a_test_deleted_after_the_first_page_was_read_hides_no_other_from_the_next_sync(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    world = simulator.world
    product = world.products[0]["id"]
    gone = world.tests[product][0]

    def delete_behind_the_first_page(call: Call) -> FaultKind | None:
        if call.route == TESTS and call.parameters["product"] == str(product) and call.parameters["page"] == "2":
            world.tests[product] = [test for test in world.tests[product] if test is not gone]
        return None

    simulator.faults.rules = [delete_behind_the_first_page]
    await sync(settings)
    simulator.faults.rules = []
    await sync(settings, SyncOptions())
    stored = {number for (number,) in look(f"SELECT id FROM tests WHERE product_id = {product}")}
    wanted = {test["id"] for test in world.tests[product]}
    assert len(wanted) > 25, "more than a page"
    assert wanted <= stored


async def test_a_product_whose_sections_are_only_those_with_default_is_asked_by_section(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator
) -> None:
    product = next(one for one in simulator.world.products if one["sections"])
    product["sections_with_default"], product["sections"] = product["sections"], []
    assert len(product["sections_with_default"]) > 1
    await sync(settings)
    asked = {
        call["section"]
        for route, call in simulator.traffic.log
        if route.endswith("sections/{section}/features") and call["product"] == str(product["id"])
    }
    assert asked == {str(section["id"]) for section in product["sections_with_default"]}
    assert snapshot(settings.database_url)["features"] == undisturbed["features"]
