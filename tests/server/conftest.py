"""A database with the simulator's data, and the commands run in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

import pytest
from click.testing import CliRunner, Result

import ingest
from ingest import SyncSettings
from ingest.simulator import Simulator, WorldSize, make_world, serve_simulator
from server.cli import commands

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "simulated"  # noqa: S105  the simulator's
SIZE = WorldSize(products=3, tests=60, bugs=600, days=400)

Run: TypeAlias = Callable[..., Result]


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with a customer's synced data; nobody writes to it."""
    file = tmp_path_factory.mktemp("server") / "synced.sqlite"
    world = make_world(SIZE, now=datetime.now(UTC))
    with serve_simulator(Simulator(world, TOKEN)) as url:
        asyncio.run(ingest.sync(SyncSettings(url, TOKEN, 1, f"sqlite:///{file}")))
    return file


@pytest.fixture
def run(database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command line in an empty folder, with the database and the customer set in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("METRIC_CUBE_MODEL", "TESTIO_API_URL", "TESTIO_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("METRIC_CUBE_DATABASE", str(database))
    monkeypatch.setenv("TESTIO_CUSTOMER_ID", "1")

    def run_command(*arguments: str, given: str | None = None) -> Result:
        return CliRunner().invoke(commands, list(arguments), input=given, prog_name="metric-cube")

    return run_command
