"""A simulated service over real HTTP, settings for it, and a look into the database that a sync fills."""

import asyncio
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
from tests.ingest.snapshots import Snapshot, snapshot

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TOKEN = "secret-of-the-tests"  # noqa: S105
SIZE = WorldSize(products=3, tests=90, bugs=300)

Rows = list[tuple[Any, ...]]
Look = Callable[[str], Rows]


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(make_world(SIZE, now=NOW), TOKEN)


@pytest.fixture
def url(simulator: Simulator) -> Iterator[str]:
    with serve_simulator(simulator) as base:
        yield base


@pytest.fixture
def settings(url: str, tmp_path: Path) -> SyncSettings:
    return SyncSettings(url, TOKEN, 7, str(tmp_path / "cube.sqlite"), backoff_seconds=0.001)


@pytest.fixture
def look(settings: SyncSettings) -> Look:
    """Runs a query on the database that the sync has filled."""

    def run(sql: str) -> Rows:
        with closing(sqlite3.connect(settings.database_url)) as connection:
            return connection.execute(sql).fetchall()

    return run


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """What a sync of the unchanged world brings when nothing fails."""
    path = str(tmp_path_factory.mktemp("undisturbed") / "cube.sqlite")
    with serve_simulator(Simulator(make_world(SIZE, now=NOW), TOKEN)) as base:
        asyncio.run(sync(SyncSettings(base, TOKEN, 7, path)))
    return snapshot(path)


@pytest.fixture
def elsewhere(settings: SyncSettings, tmp_path: Path) -> SyncSettings:
    """Settings for a second, untouched database."""
    return replace(settings, database_url=str(tmp_path / "elsewhere.sqlite"))
