"""The simulator answers as the real API does, and its data holds the traps that a sync must survive."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from ingest.simulator import Simulator, World, WorldSize, always, make_world, serve_simulator

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TOKEN = "secret-of-the-tests"  # noqa: S105


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(now=NOW)


@pytest.fixture
def simulator(world: World) -> Simulator:
    return Simulator(world, TOKEN)


@pytest.fixture
def api(simulator: Simulator) -> Iterator[httpx.Client]:
    with (
        serve_simulator(simulator) as url,
        httpx.Client(base_url=url, headers={"Authorization": f"Token {TOKEN}"}) as client,
    ):
        yield client


def test_the_same_seed_gives_the_same_data() -> None:
    size = WorldSize(products=2, tests=30, bugs=100)
    assert make_world(size, now=NOW, seed=3) == make_world(size, now=NOW, seed=3)
    assert make_world(size, now=NOW, seed=3) != make_world(size, now=NOW, seed=4)


def test_the_default_size_is_what_the_demo_promises(world: World) -> None:
    assert len(world.all_tests()) == 200
    assert len(world.all_bugs()) == 3000


def test_the_traps_are_in_the_data(world: World) -> None:
    tests, bugs = world.all_tests(), world.all_bugs()
    listed = {feature["id"] for features in world.features.values() for feature in features}
    named = {feature["feature_id"] for test in tests for feature in test["features"]}
    ends = [datetime.fromisoformat(test["end_at"]) for test in tests if test["end_at"]]
    creators = {test["created_by"] for test in tests}
    reporters = {bug["author"]["name"] for bug in bugs if bug["author"]}
    assert named - listed, "features that the catalogue has forgotten"
    assert any(test["testing_type"] is None and not test["features"] for test in tests)
    assert any(not test["requirements"] for test in tests)
    assert None in creators
    assert any(test["end_at"] is None for test in tests)
    assert len({test["title"] for test in tests}) < len(tests)
    assert any((end.hour, end.minute, end.second) == (23, 59, 59) for end in ends)
    assert any(end.month != end.astimezone(UTC).month for end in ends)
    assert creators & reporters, "people who set up tests and report bugs"
    assert any(bug["author"] is None for bug in bugs)
    assert any(bug.get("test_feature") is None for bug in bugs)
    assert any(bug["devices"] is None for bug in bugs)
    assert any("title" not in bug for bug in bugs)
    assert {bug["severity"] for bug in bugs} == {"critical", "high", "low", "visual", "content", "custom"}
    assert {test["status"] for test in tests} >= {"running", "locked", "archived", "cancelled"}


def test_a_wrong_token_is_refused(api: httpx.Client) -> None:
    assert api.get("products", headers={"Authorization": "Token wrong"}).status_code == 401


def test_tests_come_newest_first_in_pages_until_a_short_one(api: httpx.Client, world: World) -> None:
    product = world.products[0]["id"]
    found = []
    for page in range(1, 10):
        tests = api.get(f"products/{product}/exploratory_tests", params={"page": page}).json()["exploratory_tests"]
        found += [test["id"] for test in tests]
        if len(tests) < 25:
            break
    assert found == [test["id"] for test in world.tests[product]]


def test_without_a_page_only_the_newest_150_tests_come() -> None:
    world = make_world(WorldSize(products=1, tests=170, bugs=0), now=NOW)
    simulator = Simulator(world, TOKEN)
    with serve_simulator(simulator) as url:
        headers = {"Authorization": f"Token {TOKEN}"}
        body = httpx.get(f"{url}/products/{world.products[0]['id']}/exploratory_tests", headers=headers).json()
    assert len(body["exploratory_tests"]) == 150


def test_features_come_whole_or_by_section_and_one_stands_in_several(api: httpx.Client, world: World) -> None:
    product = world.products[0]
    whole = api.get(f"products/{product['id']}/features").json()["features"]
    by_section = [
        feature["id"]
        for section in product["sections"]
        for feature in api.get(f"products/{product['id']}/sections/{section['id']}/features").json()["features"]
    ]
    assert {feature["id"] for feature in whole} == set(by_section)
    assert len(by_section) > len(whole)
    assert "section_ids" not in whole[0]


def test_bugs_come_for_several_tests_in_one_call(api: httpx.Client, world: World) -> None:
    ids = [test for test, bugs in world.bugs.items() if bugs][:3]
    body = api.get("bugs", params={"filter_test_cycle_ids": ",".join(map(str, ids))}).json()
    assert {bug["test"]["id"] for bug in body["bugs"]} == set(ids)


def test_unknown_things_are_404(api: httpx.Client) -> None:
    assert api.get("products/1/features").status_code == 404
    assert api.get("exploratory_tests/1").status_code == 404


def test_calls_are_counted_by_route(api: httpx.Client, simulator: Simulator) -> None:
    api.get("products")
    api.get("exploratory_tests/1")
    assert simulator.traffic.calls == {"products": 1, "exploratory_tests/{test}": 1}
    assert simulator.traffic.peak == 1


def test_faults_spoil_answers_as_asked(api: httpx.Client, simulator: Simulator) -> None:
    simulator.faults.rules = [always("products", "429")]
    refused = api.get("products")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "0")
    simulator.faults.rules = [always("products", "broken-json")]
    with pytest.raises(json.JSONDecodeError):
        api.get("products").json()
    simulator.faults.rules = [always("products", "truncated")]
    with pytest.raises(httpx.RemoteProtocolError):
        api.get("products")
    simulator.faults.rules = [always("products", "dropped")]
    with pytest.raises(httpx.RemoteProtocolError):
        api.get("products")
