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

COMMENTS = {
    "device_not_relevant": "This device is not relevant and the bug will not be fixed.",
    "ignored_instructions": "The test instructions were not followed.",
    "intended_behavior": "The behaviour/design described here is intentional.",
    "irrelevant": "This bug is not relevant and will not be fixed.",
    "known_bug": "This is a legit bug but already known.",
    "not_reproducible": "With the information provided it was not possible to reproduce this bug.",
    "request_timeout": "Your bug was rejected automatically, because you didn't respond to the request within 24 hours",
}
"""The API's own words for each reason: it has no field for it."""


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("tests", "start_at"),
        ("tests", "end_at"),
        ("tests", "created_at"),
        ("bugs", "reported_at"),
        ("bugs", "exported_at"),
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


async def test_every_form_of_an_offset_is_the_same_moment(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    forms = (
        "2026-03-01T01:15:00+05:30",
        "2026-02-28T19:45:00Z",
        "2026-02-28T19:45:00.000+00:00",
        "2026-02-28T08:45:00-11:00",
        "2026-03-01T09:45:00+1400",
        "2026-03-01 04:30:00+08:45",
        "2026-02-28T16:15:00-03:30",
    )
    tests, bugs = simulator.world.all_tests(), simulator.world.all_bugs()
    for place, form in enumerate(forms):
        tests[place] |= {"start_at": form, "end_at": form, "created_at": form}
        bugs[place] |= {"reported_at": form, "exported_at": form}
    simulator.world.sort_tests()
    await sync(settings)
    moment = "2026-02-28 19:45:00.000000"
    assert look(f"SELECT count(*) FROM tests WHERE (start_at, end_at, created_at) = {(moment,) * 3}") == [(len(forms),)]
    assert look(f"SELECT count(*) FROM bugs WHERE (reported_at, exported_at) = {(moment,) * 2}") == [(len(forms),)]


async def test_each_reason_of_rejection_is_read_from_its_words(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    rejected = simulator.world.all_bugs()[: 4 * len(COMMENTS) + 2]
    wanted: dict[int, str | None] = {}

    def reject(reason: str | None, *bodies: object, status: str = "rejected") -> None:
        bug = rejected[len(wanted)]
        comments = [{"id": place, "body": body, "author": {"name": "jane.doe"}} for place, body in enumerate(bodies)]
        bug |= {"status": status, "auto_accepted": None, "comments": comments}
        wanted[bug["id"]] = reason

    for reason, words in COMMENTS.items():
        reject(reason, words)
        reject(reason, "Please look again.", f"Hello!\n\n  {words.upper().replace(' ', '  ')}\nThanks", None)
        reject(reason, *COMMENTS.values(), words.replace("'", "\u2019"))  # the last word counts
        reject(None, words, status="forwarded")
    reject(None, "We talked about it and decided otherwise.")
    reject(None)
    await sync(settings)
    found: dict[int, str | None] = dict(look("SELECT id, rejection_reason FROM bugs"))
    assert {bug: found[bug] for bug in wanted} == wanted


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
