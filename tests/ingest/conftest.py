"""A simulated service over real HTTP, settings for it, and a look into the database that a sync fills."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest import SyncSettings, sync
from ingest.simulator import Simulator, WorldSize, make_world, serve_simulator
from ingest.simulator.faults import Faults
from ingest.simulator.traffic import Traffic
from tests.ingest.snapshots import Snapshot, snapshot

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TOKEN = "secret-of-the-tests"  # noqa: S105
SIZE = WorldSize(products=3, tests=90, bugs=300)

Rows = list[tuple[Any, ...]]
Look = Callable[[str], Rows]


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Simulator, str]]:
    """One service for all tests, since starting and stopping one takes longer than most of them."""
    simulator = Simulator(make_world(SIZE, now=NOW), TOKEN)
    with serve_simulator(simulator) as base:
        yield simulator, base


@pytest.fixture
def simulator(served: tuple[Simulator, str]) -> Simulator:
    """The service with an unchanged world, without faults, latency or calls made before."""
    simulator, _ = served
    simulator.world = make_world(SIZE, now=NOW)
    simulator.latency_seconds, simulator.faults, simulator.traffic = 0.0, Faults(), Traffic()
    return simulator


@pytest.fixture
def url(served: tuple[Simulator, str], simulator: Simulator) -> str:
    return served[1]


@pytest.fixture
def settings(url: str, tmp_path: Path) -> SyncSettings:
    return SyncSettings(url, TOKEN, 7, str(tmp_path / "cube.sqlite"), backoff_seconds=0.001)


@pytest.fixture
def synced(settings: SyncSettings, first_sync: Path) -> SyncSettings:
    """Settings for a database that holds what a first sync of the unchanged world brings."""
    shutil.copyfile(first_sync, settings.database_url)
    return settings


@pytest.fixture
def look(settings: SyncSettings) -> Look:
    """Runs a query on the database that the sync has filled."""

    def run(sql: str) -> Rows:
        with closing(sqlite3.connect(settings.database_url)) as connection:
            return connection.execute(sql).fetchall()

    return run


@pytest.fixture(scope="session")
def first_sync(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as a sync of the unchanged world leaves it when nothing fails; to be copied, never written to."""
    path = tmp_path_factory.mktemp("undisturbed") / "cube.sqlite"
    with serve_simulator(Simulator(make_world(SIZE, now=NOW), TOKEN)) as base:
        asyncio.run(sync(SyncSettings(base, TOKEN, 7, str(path))))
    return path


@pytest.fixture(scope="session")
def undisturbed(first_sync: Path) -> Snapshot:
    """What a sync of the unchanged world brings when nothing fails."""
    return snapshot(str(first_sync))


@pytest.fixture
def elsewhere(settings: SyncSettings, tmp_path: Path) -> SyncSettings:
    """Settings for a second, untouched database."""
    return replace(settings, database_url=str(tmp_path / "elsewhere.sqlite"))
