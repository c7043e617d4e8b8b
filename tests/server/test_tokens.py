"""A command finds the token of its one customer in the environment or in the keyring, and says where it looked."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import keyring
import pytest

from ingest import SettingsError, TokenMissing
from ingest.simulator import Simulator, WorldSize, make_world, serve_simulator
from server.freshness.opening import known_customers
from server.settings import may_have_token
from tests.ingest.keyrings import NO_KEYRING, Drawer, keyring_kept
from tests.server.conftest import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Run

BUGS = ("query", "-m", "bug_count", "--format", "json")


@pytest.fixture
def no_keyring() -> Iterator[None]:
    with keyring_kept():
        keyring.set_keyring(NO_KEYRING)
        yield


@pytest.fixture
def stored(no_keyring: None) -> None:
    """The token is in the keyring, and nowhere else."""
    keyring.set_keyring(Drawer({("metric-cube", "1"): TOKEN}))


@pytest.fixture
def simulator(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    served = Simulator(make_world(WorldSize(products=2, tests=12, bugs=60, days=90), now=datetime.now(UTC)), TOKEN)
    with serve_simulator(served) as url:
        monkeypatch.setenv("TESTIO_API_URL", url)
        monkeypatch.setenv("METRIC_CUBE_DATABASE", "new.sqlite")
        yield served


def test_a_sync_and_a_query_take_the_token_from_the_keyring(run: Run, simulator: Simulator, stored: None) -> None:
    result = run("sync", "--no-bugs")
    assert (result.exit_code, TOKEN in result.output) == (0, False), result.stderr
    answer = json.loads(run(*BUGS).stdout)
    assert answer["freshness"]["bugs"]["refreshed"] > 0
    result = run("sync", "--customer", "2")
    assert (result.exit_code, "the keyring holds none under metric-cube/2" in result.stderr) == (1, True)


def test_a_sync_without_a_token_says_where_it_looked_and_asks_nobody(
    run: Run, simulator: Simulator, no_keyring: None
) -> None:
    result = run("sync")
    assert result.exit_code == 1
    assert "of customer 1: TESTIO_API_TOKEN is not set, and this machine has no keyring" in result.stderr
    assert "[E_TOKEN_MISSING]" in result.stderr
    assert simulator.traffic.total == 0


def test_a_server_that_is_to_sync_without_a_token_does_not_start(
    run: Run, simulator: Simulator, no_keyring: None
) -> None:
    run("db", "upgrade")
    result = run("serve", "--sync-every", "5")
    assert (result.exit_code, "There is no API token of customer 1" in result.stderr) == (1, True), result.output


def test_who_needs_no_token_is_not_stopped_by_the_lack_of_one(no_keyring: None) -> None:
    assert known_customers({}) == known_customers({"TESTIO_CUSTOMER_ID": "1"}) == ()
    assert known_customers({"TESTIO_CUSTOMER_ID": "north"}) == (), "it may be a value of another model's policies"
    with pytest.raises(SettingsError, match="TESTIO_CUSTOMER_ID is not set to a number"):
        known_customers({"TESTIO_CUSTOMER_ID": "north", "TESTIO_API_TOKEN": TOKEN})
    with pytest.raises(TokenMissing):
        known_customers({"TESTIO_CUSTOMER_ID": "1"}, required=True)


def test_whether_there_may_be_a_token_is_cheap_to_ask(stored: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert may_have_token({"TESTIO_API_TOKEN": TOKEN})
    assert may_have_token({"TESTIO_CUSTOMER_ID": "1"})
    assert not may_have_token({})
    keyring.set_keyring(NO_KEYRING)
    assert not may_have_token({"TESTIO_CUSTOMER_ID": "1"})
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert not may_have_token({**os.environ, "TESTIO_API_TOKEN": "", "TESTIO_CUSTOMER_ID": "1"})
