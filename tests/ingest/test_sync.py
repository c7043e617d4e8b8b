"""A sync brings all that the API has, as it is, once, and changes with it; traps of the known client are tests here."""

import json
import logging
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ingest import (
    ApiRefused,
    ApiUnreachable,
    SettingsError,
    StoreError,
    SyncOptions,
    SyncSettings,
    open_freshness,
    sync,
)
from ingest.counters import INTEGRITY_FILL_FAILURES, INTEGRITY_FILLS
from ingest.simulator import Simulator, WorldSize, always, change_world, make_world, serve_simulator
from ingest.walk import Walkers
from tests.ingest.conftest import NOW, TOKEN, Look
from tests.ingest.counts import counted
from tests.ingest.snapshots import Snapshot, snapshot

pytestmark = pytest.mark.anyio

TESTS = "products/{product}/exploratory_tests"


async def test_everything_that_the_api_has_arrives(settings: SyncSettings, simulator: Simulator, look: Look) -> None:
    report = await sync(settings)
    world = simulator.world
    assert report.outcome == "complete"
    assert look("SELECT id FROM tests ORDER BY id") == sorted((test["id"],) for test in world.all_tests())
    assert look("SELECT id FROM bugs ORDER BY id") == sorted((bug["id"],) for bug in world.all_bugs())
    listed = {feature["id"] for features in world.features.values() for feature in features}
    assert {row[0] for row in look("SELECT id FROM features WHERE NOT deleted")} == listed
    assert look("PRAGMA foreign_key_check") == []


async def test_syncing_again_changes_nothing(synced: SyncSettings) -> None:
    before = snapshot(synced.database_url)
    await sync(synced)
    await sync(synced, SyncOptions(full=True))
    assert snapshot(synced.database_url) == before


async def test_a_sync_without_news_takes_two_pages_a_product(synced: SyncSettings, simulator: Simulator) -> None:
    simulator.traffic.reset()
    await sync(synced)
    products = len(simulator.world.products)
    assert simulator.traffic.calls == {"products": 1, TESTS: 2 * products}, "the newest, and one that is checked"
    simulator.traffic.reset()
    await sync(replace(synced, bug_ttl_seconds=0))
    assert simulator.traffic.total <= 3 * products, "also where bugs of tests that are not final are read again"


async def test_a_first_sync_asks_for_no_page_and_no_bugs_in_vain(settings: SyncSettings, simulator: Simulator) -> None:
    await sync(replace(settings, page_size=5))
    world = simulator.world
    begun = [test for test in world.all_tests() if test["status"] in ("running", "locked", "archived", "cancelled")]
    assert simulator.traffic.calls[TESTS] == sum(len(tests) // 5 + 1 for tests in world.tests.values())
    assert simulator.traffic.calls["bugs"] == -(-len(begun) // settings.bug_batch)


async def test_pages_are_asked_for_ahead_where_there_are_many(settings: SyncSettings, simulator: Simulator) -> None:
    alone, one_of_four = Walkers(8, products=1, walking=1), Walkers(8, products=4, walking=4)
    assert [alone.ahead(done) for done in (0, 15, 16, 48, 1000)] == [0, 0, 1, 3, 7]
    assert [one_of_four.ahead(done) for done in (51, 64, 1000)] == [0, 1, 1], "four keep the API busy by themselves"
    simulator.world = make_world(WorldSize(products=1, tests=120, bugs=0), now=NOW)
    await sync(replace(settings, page_size=1), SyncOptions(bugs=False))
    assert 121 <= simulator.traffic.calls[TESTS] <= 121 + 120 // 16


async def test_one_person_is_one_user_whatever_the_role_and_however_many_write(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    await sync(replace(settings, page_size=3, bug_batch=1))
    world = simulator.world
    reporters = {bug["author"]["name"] for bug in world.all_bugs() if bug["author"]}
    customers = {test[role] for test in world.all_tests() for role in ("created_by", "submitted_by")} - {None}
    users = look("SELECT username, is_tester, is_customer FROM users")
    assert {name for name, tester, _ in users if tester} == reporters
    assert {name for name, _, customer in users if customer} == customers
    assert len(users) == len(reporters | customers)


async def test_bugs_without_feature_and_tests_without_features_are_kept(
    synced: SyncSettings, simulator: Simulator, look: Look
) -> None:
    without = [bug for bug in simulator.world.all_bugs() if not bug.get("test_feature")]
    assert look("SELECT count(*) FROM bugs WHERE test_feature_id IS NULL") == [(len(without),)]
    runs = [test for test in simulator.world.all_tests() if test["testing_type"] is None]
    assert look("SELECT count(*) FROM tests WHERE testing_type = 'test_case'") == [(len(runs),)]


async def test_a_deleted_feature_lives_on_from_the_words_of_its_tests(
    synced: SyncSettings, simulator: Simulator, look: Look
) -> None:
    deleted = look("SELECT DISTINCT title FROM features WHERE deleted ORDER BY 1")
    assert deleted == [("Gift cards",), ("Live chat",)]
    lost = "SELECT count(*) FROM bugs b JOIN test_features f ON f.id = b.test_feature_id"
    assert look(f"{lost} JOIN features ON features.id = f.feature_id WHERE deleted")[0][0] > 0


async def test_a_feature_in_several_sections_is_one_row_that_names_them(synced: SyncSettings, look: Look) -> None:
    sections = [json.loads(text) for (text,) in look("SELECT section_ids FROM features WHERE NOT deleted")]
    assert Counter(map(len, sections)).keys() == {0, 1, 2}


async def test_a_feature_that_leaves_the_catalogue_is_marked_and_comes_back(
    synced: SyncSettings, simulator: Simulator, look: Look
) -> None:
    product = simulator.world.products[2]["id"]
    feature = simulator.world.features[product][0]
    simulator.world.features[product].remove(feature)
    await sync(synced, SyncOptions(full=True))
    assert look(f"SELECT deleted FROM features WHERE id = {feature['id']}") == [(1,)]
    simulator.world.features[product].append(feature)
    await sync(synced, SyncOptions(full=True))
    assert look(f"SELECT deleted FROM features WHERE id = {feature['id']}") == [(0,)]


async def test_times_are_stored_in_utc(synced: SyncSettings, simulator: Simulator, look: Look) -> None:
    stored: dict[int, str | None] = dict(look("SELECT id, end_at FROM tests"))
    crossing = 0
    for test in simulator.world.all_tests():
        if test["end_at"]:
            moment = datetime.fromisoformat(test["end_at"])
            utc = (moment - (moment.utcoffset() or timedelta())).replace(tzinfo=None)
            assert stored[test["id"]] == utc.isoformat(sep=" ") + ".000000"
            crossing += utc.month != moment.month
        else:
            assert stored[test["id"]] is None
    assert crossing


async def test_a_test_without_an_end_is_stored_and_the_rest_goes_on(
    synced: SyncSettings, simulator: Simulator, look: Look
) -> None:
    undated = [test for test in simulator.world.all_tests() if test["end_at"] is None]
    assert undated
    assert look("SELECT id FROM tests WHERE end_at IS NULL") == [(undated[0]["id"],)]


async def test_statuses_of_bugs_are_told_apart(synced: SyncSettings, simulator: Simulator, look: Look) -> None:
    expected = Counter(
        "auto_accepted" if bug["auto_accepted"] and bug["status"] == "accepted" else bug["status"]
        for bug in simulator.world.all_bugs()
    )
    assert dict(look("SELECT status, count(*) FROM bugs GROUP BY 1")) == expected
    reasons = look("SELECT DISTINCT rejection_reason FROM bugs WHERE status = 'rejected'")
    assert {reason for (reason,) in reasons} >= {"known_bug", "not_reproducible", None}
    assert look("SELECT count(*) FROM bugs WHERE status <> 'rejected' AND rejection_reason IS NOT NULL") == [(0,)]


async def test_a_system_asked_for_twice_is_one_platform(synced: SyncSettings, simulator: Simulator, look: Look) -> None:
    assert look("SELECT test_id FROM test_platforms GROUP BY test_id, operating_system HAVING count(*) > 1") == []
    assert ("smartphone, tablet",) in look("SELECT DISTINCT category FROM test_platforms")
    without = sum(not test["requirements"] for test in simulator.world.all_tests())
    bare = "SELECT count(*) FROM tests WHERE id NOT IN (SELECT test_id FROM test_platforms)"
    assert look(bare) == [(without,)]


async def test_devices_of_bugs_are_kept_apart_from_what_tests_ask_for(synced: SyncSettings, look: Look) -> None:
    systems = {system for (system,) in look("SELECT DISTINCT operating_system FROM bug_devices")}
    assert systems == {"Android", "iOS", "Windows", "macOS", "tvOS"}
    assert look("SELECT count(*) FROM bug_devices WHERE operating_system_version IS NULL") == [(0,)]


async def test_passwords_of_test_environments_are_stored_nowhere(synced: SyncSettings, look: Look) -> None:
    assert look("SELECT count(*) FROM tests WHERE test_environment IS NOT NULL")[0][0] > 0
    with closing(sqlite3.connect(synced.database_url)) as connection:
        dumped = "\n".join(connection.iterdump())
    assert "s3cret-Pa55" not in dumped
    assert "crowd-user" not in dumped
    assert TOKEN not in dumped


async def test_what_is_deleted_upstream_goes(synced: SyncSettings, simulator: Simulator, look: Look) -> None:
    world = simulator.world
    test = next(
        test for test in world.all_tests() if test["status"] == "locked" and test["features"] and test["requirements"]
    )
    world.bugs[test["id"]] = []
    test["features"] = test["features"][:1]
    test["requirements"] = []
    await sync(replace(synced, bug_ttl_seconds=0))  # one sync to read the bugs,
    await sync(synced)  # and one more for the features that bugs belonged to until then
    for table in ("bugs", "test_platforms"):
        assert look(f"SELECT count(*) FROM {table} WHERE test_id = {test['id']}") == [(0,)]
    assert look(f"SELECT count(*) FROM test_features WHERE test_id = {test['id']}") == [(1,)]
    assert look("PRAGMA foreign_key_check") == []


async def test_a_test_deleted_upstream_goes_with_all_that_hangs_on_it(
    synced: SyncSettings, simulator: Simulator, look: Look
) -> None:
    world = simulator.world
    final = next(test for test in world.all_tests() if test["status"] == "archived" and world.bugs.get(test["id"]))
    unfinished = next(test for test in world.all_tests() if test["status"] == "locked")
    for test in (final, unfinished):
        world.tests[test["product"]["id"]].remove(test)
    report = await sync(synced)
    assert report.removed["tests"] == 2
    gone = f"({final['id']}, {unfinished['id']})"
    for table, column in (("tests", "id"), ("bugs", "test_id"), ("test_features", "test_id")):
        assert look(f"SELECT count(*) FROM {table} WHERE {column} IN {gone}") == [(0,)]


async def test_a_product_deleted_upstream_goes_but_not_one_that_a_short_list_left_out(
    synced: SyncSettings, simulator: Simulator, look: Look
) -> None:
    world = simulator.world
    gone = world.products.pop(0)["id"]
    report = await sync(synced)
    assert report.removed["products"] == 1
    for table in ("features", "tests"):
        assert look(f"SELECT count(*) FROM {table} WHERE product_id = {gone}") == [(0,)]
    simulator.faults.rules = [always("products/{product}", "500")]
    left_out = world.products.pop(0)["id"]
    await sync(synced)
    assert look(f"SELECT count(*) > 0 FROM tests WHERE product_id = {left_out}") == [(1,)]


async def test_bugs_are_read_once_more_after_their_test_became_final(
    synced: SyncSettings, simulator: Simulator, look: Look
) -> None:
    world = simulator.world
    test = next(test for test in world.all_tests() if test["status"] == "locked" and world.bugs.get(test["id"]))
    bug = world.bugs[test["id"]][0]
    bug |= {"status": "rejected", "auto_accepted": None}
    test["status"] = "archived"
    await sync(synced)
    assert look(f"SELECT status FROM bugs WHERE id = {bug['id']}") == [("rejected",)]
    simulator.traffic.reset()
    await sync(replace(synced, bug_ttl_seconds=0))
    asked = ",".join(call["filter_test_cycle_ids"] for route, call in simulator.traffic.log if route == "bugs")
    assert str(test["id"]) not in asked.split(","), "a final test is read only once"


async def test_news_are_found_among_what_is_known(synced: SyncSettings, simulator: Simulator, look: Look) -> None:
    world = simulator.world
    old = next(test for test in world.all_tests() if test["status"] == "archived")
    start, end = (NOW.replace(year=2027, month=month).isoformat() for month in (1, 2))
    news = {**old, "id": 990_001, "status": "waiting", "start_at": start, "end_at": end, "features": []}
    world.tests[old["product"]["id"]].insert(0, news)
    world.sort_tests()
    await sync(synced)
    assert look("SELECT status FROM tests WHERE id = 990001") == [("waiting",)]


async def test_a_changing_world_is_followed_as_if_it_had_been_read_afresh(
    settings: SyncSettings, elsewhere: SyncSettings, simulator: Simulator
) -> None:
    following = replace(settings, bug_ttl_seconds=0, feature_ttl_seconds=0, page_size=10)
    await sync(following)
    for seed in range(3):
        change_world(simulator.world, seed)
        report = await sync(following)
        assert report.outcome == "complete"
    await sync(elsewhere)
    found, wanted = snapshot(settings.database_url), snapshot(elsewhere.database_url)
    for table in ("products", "tests", "test_features", "test_platforms", "bugs", "bug_devices"):
        assert found[table] == wanted[table], table
    listed = {row for row in found["features"] if not row[-1]}
    assert listed == {row for row in wanted["features"] if not row[-1]}


async def test_a_new_feature_is_fetched_once_when_a_test_names_it(
    synced: SyncSettings, simulator: Simulator, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    world = simulator.world
    product = world.products[2]["id"]
    feature = {**world.features[product][0], "id": 990_002, "title": "Brand new"}
    world.features[product].append(feature)
    for index, test in enumerate(world.tests[product][:5]):
        test["features"] = [{"id": 990_100 + index, "feature_id": 990_002, "title": "Brand new", "user_stories": None}]
    simulator.traffic.reset()
    report = await sync(synced)
    assert list(report.read) == ["products", "features", "tests"], "in this order, though a test came first"
    assert simulator.traffic.calls["products/{product}/sections/{section}/features"] == 2, "two sections, once each"
    assert look("SELECT title, deleted FROM features WHERE id = 990002") == [("Brand new", 0)]
    assert "Referential integrity fill: feature 990002 missing, fetching from API" in caplog.messages
    told = json.loads(look("SELECT summary FROM sync_events ORDER BY id DESC LIMIT 1")[0][0])
    assert told["counters"] == {INTEGRITY_FILLS: 1}


async def test_each_missing_feature_is_told_and_counted_whether_it_was_fetched_or_made(
    synced: SyncSettings, simulator: Simulator, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    world = simulator.world
    product = world.products[2]["id"]
    listed = [{**world.features[product][0], "id": key, "title": f"Listed {key}"} for key in (990_002, 990_003)]
    world.features[product].extend(listed)
    for index, (key, title) in enumerate([(990_002, None), (990_003, None), (990_004, "Unlisted"), (990_005, None)]):
        world.tests[product][index]["features"] = [{"id": 990_100 + index, "feature_id": key, "title": title}]
    before = counted()
    report = await sync(synced)
    assert look("SELECT id, title, deleted FROM features WHERE id > 990000 ORDER BY id") == [
        (990_002, "Listed 990002", 0),
        (990_003, "Listed 990003", 0),
        (990_004, "Unlisted", 1),
    ]
    assert [problem.code for problem in report.problems] == ["E_INTEGRITY"]
    assert counted()[INTEGRITY_FILLS] == before[INTEGRITY_FILLS] + 3
    assert counted()[INTEGRITY_FILL_FAILURES] == before[INTEGRITY_FILL_FAILURES] + 1
    told = [message for message in caplog.messages if message.endswith("missing, fetching from API")]
    assert told == [
        f"Referential integrity fill: feature {key} missing, fetching from API" for key in range(990_002, 990_006)
    ]


@pytest.mark.parametrize("failing", [False, True])
async def test_features_made_in_the_sync_that_reads_their_catalogue_are_counted_too(
    settings: SyncSettings, simulator: Simulator, look: Look, failing: bool
) -> None:
    world = simulator.world
    product = world.products[0]["id"]
    if failing:
        simulator.faults.rules = [
            lambda call: "500" if "features" in call.route and call.parameters["product"] == str(product) else None
        ]
    listed = {
        feature["id"]
        for key, features in world.features.items()
        for feature in features
        if not (failing and key == product)
    }
    named = {feature["feature_id"] for test in world.all_tests() for feature in test["features"]}
    await sync(settings)
    told = json.loads(look("SELECT summary FROM sync_events")[0][0])
    assert told["counters"][INTEGRITY_FILLS] == len(named - listed) > 0
    assert len(look("SELECT id FROM features")) == len(named | listed)
    await sync(settings)
    told = json.loads(look("SELECT summary FROM sync_events ORDER BY id DESC LIMIT 1")[0][0])
    assert INTEGRITY_FILLS not in told["counters"], "what was made is there"


async def test_a_bug_of_a_feature_that_its_test_no_longer_lists_keeps_it(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    world = simulator.world
    bug = next(bug for bug in world.all_bugs() if bug.get("test_feature"))
    bug |= {"test_feature": {"id": 990_200, "feature_id": 990_201}, "feature": {"id": 990_201, "title": "Forgotten"}}
    await sync(settings)
    await sync(settings, SyncOptions(full=True))
    assert look("SELECT title, deleted FROM features WHERE id = 990201") == [("Forgotten", 1)]
    assert look(f"SELECT test_feature_id FROM bugs WHERE id = {bug['id']}") == [(990_200,)]


async def test_a_feature_that_nothing_names_is_skipped_counted_told_and_read_again(
    settings: SyncSettings, simulator: Simulator, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    world = simulator.world
    test = next(test for test in world.all_tests() if test["status"] == "archived" and world.bugs.get(test["id"]))
    others = test["features"]
    test["features"] = [*others, {"id": 990_300, "feature_id": 990_301, "title": None}]
    before = counted()[INTEGRITY_FILL_FAILURES]
    report = await sync(settings)
    missing = "Neither it nor the catalogue says what feature 990301 is."
    assert report.exit_code == 4
    assert [(one.code, one.place, one.message) for one in report.problems] == [
        ("E_INTEGRITY", f"test {test['id']}", missing)
    ]
    assert counted()[INTEGRITY_FILL_FAILURES] == before + 1
    assert f"Referential integrity fill failed: test {test['id']}: {missing}" in caplog.messages
    assert look(f"SELECT count(*) FROM test_features WHERE test_id = {test['id']}") == [(len(others),)], (
        "the rest is kept"
    )
    assert look("PRAGMA foreign_key_check") == []
    assert (await sync(settings)).exit_code == 4, "it is told as long as it is missing, though the test is final"
    test["features"] = [*others, {"id": 990_300, "feature_id": 990_301, "title": "Named at last"}]
    assert (await sync(settings)).outcome == "complete"
    assert look("SELECT title, deleted FROM features WHERE id = 990301") == [("Named at last", 1)]
    assert look("SELECT * FROM sync_skips") == []


async def test_where_the_catalogue_knows_a_feature_its_test_need_not_name_it(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    test = next(test for test in simulator.world.all_tests() if test["features"])
    known = simulator.world.features[test["product"]["id"]][0]
    test["features"] = [{"id": 990_300, "feature_id": known["id"], "title": None}]
    assert (await sync(settings)).outcome == "complete"
    assert look("SELECT feature_id, title FROM test_features WHERE id = 990300") == [(known["id"], known["title"])]


async def test_a_feature_that_says_not_which_it_is_does_not_cost_its_test(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    test = next(test for test in simulator.world.all_tests() if test["features"])
    test["features"] = [*test["features"], {"id": 990_300, "title": "Somewhere"}]
    report = await sync(settings)
    assert [(one.place, one.message) for one in report.problems] == [
        (f"test {test['id']}", "1 of its features do not say which they are.")
    ]
    stored = look(f"SELECT count(*) FROM test_features WHERE test_id = {test['id']}")
    assert stored == [(len(test["features"]) - 1,)]


async def test_a_bug_of_a_feature_that_nothing_describes_is_kept_without_and_read_again(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    world = simulator.world
    final = {test["id"] for test in world.all_tests() if test["status"] == "archived"}
    bug = next(bug for bug in world.all_bugs() if bug["test"]["id"] in final)
    bug |= {"test_feature": {"id": 990_300}, "feature": None}
    report = await sync(settings)
    assert [(one.code, one.place) for one in report.problems] == [("E_INTEGRITY", f"bugs of test {bug['test']['id']}")]
    assert look(f"SELECT test_feature_id FROM bugs WHERE id = {bug['id']}") == [(None,)]
    assert look("SELECT count(*) FROM bugs") == [(len(world.all_bugs()),)]
    async with open_freshness(settings) as freshness:
        assert (await freshness.get_bugs_cached_or_refresh()).due == {}, (
            "queries do not wait for what only a sync mends"
        )
    bug |= {"test_feature": {"id": 990_300, "feature_id": 990_301}, "feature": {"id": 990_301, "title": "Found"}}
    assert (await sync(settings)).outcome == "complete"
    assert look(f"SELECT test_feature_id FROM bugs WHERE id = {bug['id']}") == [(990_300,)]


async def test_records_that_make_no_sense_are_skipped_and_told(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    world = simulator.world
    bug = world.all_bugs()[0]
    bug["reported_at"] = "yesterday"
    world.all_tests()[0]["product"] = None
    world.tests[world.products[1]["id"]][-1]["end_at"] = "some day"
    report = await sync(settings)
    assert (report.outcome, report.exit_code) == ("partial", 4)
    assert [problem.code for problem in report.problems] == ["E_BAD_RECORD"] * 3
    assert 'reported_at is "yesterday", which is no time' in report.problems[-1].message
    assert look("SELECT count(*) FROM tests") == [(len(world.all_tests()) - 2,)]


async def test_there_is_no_page_limit(settings: SyncSettings, simulator: Simulator, look: Look) -> None:
    simulator.world = make_world(WorldSize(products=1, tests=120, bugs=0), now=NOW)
    await sync(replace(settings, page_size=1), SyncOptions(bugs=False))
    assert look("SELECT count(*) FROM tests") == [(120,)]


async def test_a_wrong_token_is_an_error_that_does_not_show_it(
    settings: SyncSettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ApiRefused) as caught:
        await sync(replace(settings, token="wrong-secret"))  # noqa: S106
    assert caught.value.exit_code == 3
    assert "TESTIO_API_TOKEN" in str(caught.value)
    assert "wrong-secret" not in str(caught.value) + caplog.text + repr(settings)


async def test_an_api_that_is_not_there_is_an_error_that_says_so(settings: SyncSettings) -> None:
    with pytest.raises(ApiUnreachable, match="cannot be reached"):
        await sync(replace(settings, api_url="http://127.0.0.1:1/customer/v2"))


async def test_products_can_be_chosen(settings: SyncSettings, simulator: Simulator, look: Look) -> None:
    chosen = simulator.world.products[0]["id"]
    await sync(settings, SyncOptions(products=(chosen,)))
    assert look("SELECT DISTINCT product_id FROM tests") == [(chosen,)]
    with pytest.raises(SettingsError, match="no product 4"):
        await sync(settings, SyncOptions(products=(4,)))


async def test_since_leaves_out_older_tests_until_they_are_wanted(
    settings: SyncSettings, simulator: Simulator, look: Look, undisturbed: Snapshot
) -> None:
    small = replace(settings, page_size=5)
    since = NOW.replace(tzinfo=None, month=5)
    await sync(small, SyncOptions(since=since))
    wanted = [test for test in simulator.world.all_tests() if test["end_at"] is None or test["end_at"] > "2026-05-25"]
    assert len(wanted) <= look("SELECT count(*) FROM tests")[0][0] < len(simulator.world.all_tests())
    await sync(small)
    assert snapshot(settings.database_url) == undisturbed


async def test_two_customers_share_a_database_but_not_a_product(synced: SyncSettings, look: Look) -> None:
    other = Simulator(make_world(WorldSize(products=1, tests=5, bugs=5), now=NOW, seed=1), TOKEN)
    with serve_simulator(other) as url, pytest.raises(StoreError, match="already stored for customer 7"):
        await sync(replace(synced, api_url=url, customer_id=8))


async def test_calls_run_side_by_side_but_not_more_than_allowed(settings: SyncSettings, simulator: Simulator) -> None:
    simulator.latency_seconds = 0.02
    await sync(replace(settings, concurrency=3))
    assert simulator.traffic.peak == 3


@pytest.mark.parametrize("kind", ["429", "429-date", "500", "502", "524", "broken-json", "not-an-object", "truncated"])
async def test_products_that_fail_for_good_are_an_error(
    settings: SyncSettings, simulator: Simulator, kind: str
) -> None:
    simulator.faults.rules = [always("products", kind)]  # type: ignore[arg-type]
    with pytest.raises(Exception, match="products") as caught:
        await sync(settings)
    assert getattr(caught.value, "exit_code", None) == 3
    assert simulator.traffic.calls["products"] == settings.attempts
