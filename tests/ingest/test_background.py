"""In the background the data of all customers are kept fresh, spread out, without overlap, and it stops when told."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from ingest import (
    Schedule,
    SettingsError,
    SyncReport,
    SyncSettings,
    customer_from_environment,
    open_freshness,
    read_customers,
    read_status,
    run_background_sync,
    should_run_initial_sync,
    sync,
)
from ingest.counters import API_CALLS_SAVED
from ingest.simulator import Simulator, WorldSize, make_world, serve_simulator
from ingest.simulator.world import World
from tests.ingest.conftest import NOW, TOKEN, Look
from tests.ingest.counts import counted

pytestmark = pytest.mark.anyio


def second_world() -> World:
    """Another customer's data, with ids of its own."""
    world = make_world(WorldSize(products=1, tests=8, bugs=20), now=NOW, seed=2)
    for product in world.products:
        product["id"] += 1000
    world.features = {
        product + 1000: [{**one, "id": one["id"] + 10_000} for one in features]
        for product, features in world.features.items()
    }
    world.tests = {product + 1000: tests for product, tests in world.tests.items()}
    for test in world.all_tests():
        test["id"] += 50_000
        for feature in test["features"]:
            feature |= {"id": feature["id"] + 50_000, "feature_id": feature["feature_id"] + 10_000}
    for bug in world.all_bugs():
        bug["id"] += 50_000
        bug["test"] = {**bug["test"], "id": bug["test"]["id"] + 50_000}
        if bug.get("test_feature"):
            reference = bug["test_feature"]
            bug["test_feature"] = {"id": reference["id"] + 50_000, "feature_id": reference["feature_id"] + 10_000}
    world.bugs = {test + 50_000: bugs for test, bugs in world.bugs.items()}
    return world


async def run_until(schedules: list[Schedule], wanted: int) -> list[tuple[int, SyncReport]]:
    """Run in the background until there are so many reports."""
    reports: list[tuple[int, SyncReport]] = []
    enough = asyncio.Event()

    def take(settings: SyncSettings, report: SyncReport) -> None:
        reports.append((settings.customer_id, report))
        if len(reports) >= wanted:
            enough.set()

    task = asyncio.create_task(run_background_sync(schedules, take))
    async with asyncio.timeout(20):
        await enough.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return reports


async def test_the_background_leaves_bugs_to_queries_and_counts_what_it_saves(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    before = counted()[API_CALLS_SAVED]
    await run_until([Schedule(settings, interval_seconds=0.05)], wanted=2)
    assert simulator.traffic.calls["bugs"] == 0
    assert look("SELECT count(*) FROM tests") == [(len(simulator.world.all_tests()),)]
    assert counted()[API_CALLS_SAVED] >= before + 2 * 5
    status = await read_status(settings.database_url, 7)
    assert {event.kind for event in status.events} == {"background"}
    assert all(event.summary["counters"][API_CALLS_SAVED] >= 5 for event in status.events)
    async with open_freshness(settings) as freshness:
        found = await freshness.get_bugs_cached_or_refresh()
    assert found.refreshed > 0
    assert "were refreshed" in found.warnings[0]


async def test_an_initial_sync_is_wanted_while_products_or_features_are_missing_or_old(settings: SyncSettings) -> None:
    assert await should_run_initial_sync(settings)
    await sync(settings)
    assert not await should_run_initial_sync(settings)
    assert await should_run_initial_sync(replace(settings, feature_ttl_seconds=0))
    assert await should_run_initial_sync(replace(settings, customer_id=8))


async def test_several_customers_share_a_database_and_never_a_row(settings: SyncSettings, look: Look) -> None:
    other = Simulator(second_world(), TOKEN)
    with serve_simulator(other) as url:
        second = replace(settings, api_url=url, customer_id=8)
        reports = await run_until([Schedule(settings, 30), Schedule(second, 30)], wanted=2)
        assert [(customer, report.outcome) for customer, report in reports] == [(7, "complete"), (8, "complete")]
        assert dict(look("SELECT customer_id, count(*) FROM tests GROUP BY 1")) == {7: 90, 8: 8}
        async with open_freshness(second) as freshness:
            found = await freshness.get_bugs_cached_or_refresh()
        assert found.in_scope == 8
    assert look("SELECT DISTINCT customer_id FROM bugs") == [(8,)]
    same_name = "SELECT username FROM users GROUP BY 1 HAVING count(*) > 1"
    assert look(f"SELECT count(*) > 0 FROM ({same_name})") == [(1,)], "a name stands once for each customer"


async def test_a_failing_customer_waits_longer_and_does_not_stop_the_others(
    settings: SyncSettings, simulator: Simulator
) -> None:
    wrong = replace(settings, token="wrong", customer_id=9)  # noqa: S106
    reports = await run_until([Schedule(wrong, 0.05), Schedule(settings, 0.05)], wanted=3)
    assert {customer for customer, _ in reports} == {7}
    refused = simulator.traffic.calls["products"] - len(reports)
    assert 1 <= refused <= 4


def test_a_customer_comes_from_the_environment() -> None:
    customer = customer_from_environment({"TESTIO_CUSTOMER_ID": "7", "TESTIO_API_TOKEN": TOKEN})
    assert customer.settings("cube.sqlite").customer_id == 7
    assert TOKEN not in repr(customer)
    for environment in ({}, {"TESTIO_CUSTOMER_ID": "Acme"}, {"TESTIO_CUSTOMER_ID": "7"}):
        with pytest.raises(SettingsError, match="TESTIO_"):
            customer_from_environment(environment)


def test_customers_come_from_a_file_that_holds_no_token(tmp_path: Path) -> None:
    path = tmp_path / "customers.toml"
    path.write_text(
        '[[customers]]\nid = 7\nname = "Acme"\ntoken_env = "ACME"\n[[customers]]\nid = 8\ntoken_env = "BETA"\n'
    )
    customers = read_customers(path, {"ACME": "a", "BETA": "b"})
    assert [(one.id, one.name, one.token) for one in customers] == [(7, "Acme", "a"), (8, "8", "b")]
    with pytest.raises(SettingsError, match="customer 2: the variable BETA holds no token"):
        read_customers(path, {"ACME": "a", "BETA": " "})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lists no customers"),
        ("nonsense", "cannot be read"),
        ('[[customers]]\nid = "7"', "id is not a number"),
        ("[[customers]]\nid = 7", "customer 1 does not say where its token is"),
        ('[[customers]]\nid = 7\ntoken_env = "A"\nkeyring = "a/b"', "names its token both ways"),
        ('[[customers]]\ntoken_env = "A"', "has no id that is a whole number above 0"),
        ('[[customers]]\nid = -7\ntoken_env = "A"', "has no id that is a whole number above 0"),
        ("customers = [7]", "customer 1 is no table"),
        ("customers:\n  - id: 7", "It is TOML, and each customer begins with"),
        ('[[customers]]\nid = 7\ntoken_env = "A"\n[[customer]]\nid = 8', "a part that is not known: customer"),
        ('[[customers]]\nid = 7\ntoken_env = "A"\ninterval_minutes = 0', "interval_minutes is not a number above 0"),
        ('[[customers]]\nid = 7\ntoken_env = "A"\ninterval_minutes = nan', "interval_minutes is not a number above 0"),
        ('[[customers]]\nid = 7\ntoken_env = "A"\napi_url = "api.test.io"', "api_url is not an address"),
        (2 * '[[customers]]\nid = 7\ntoken_env = "A"\n', "lists customer 7 more than once"),
        (
            '[[customers]]\nid = 7\n[[customers]]\nid = 8\ntoken_env = "B"',
            "(?s)customer 1 does not say where.*customer 2: the variable B holds no token",
        ),
        ('[[customers]]\nid = 7\ntoken = "secret"', "there is no property token"),
    ],
)
def test_mistakes_in_the_file_are_told(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "customers.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        read_customers(path, {"A": "a"})


@pytest.mark.parametrize("where", ["token_env", "keyring"])
def test_a_token_that_stands_where_its_place_should_is_not_shown(tmp_path: Path, where: str) -> None:
    path = tmp_path / "customers.toml"
    path.write_text(f'[[customers]]\nid = 7\n{where} = "{TOKEN}"')
    with pytest.raises(SettingsError) as refused:
        read_customers(path, {})
    assert TOKEN not in str(refused.value)
