"""The data that the questions are asked of: a simulated customer's, synced as every customer's are.

Two databases hold it. The server answers from one that another customer shares, who has the same tests, bugs and people under
other ids; the SQL of the questions reads one where the customer is alone. So it need not say whose rows it means, and an answer
that saw a row of the other's would differ.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import ingest
from ingest import SyncSettings
from ingest.simulator import Simulator, WorldSize, make_world, serve_simulator
from ingest.tables import METADATA

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.simulator import World

NOW = datetime(2026, 6, 17, 12, tzinfo=UTC)
"""When the questions are asked: a Wednesday."""

CUSTOMER, OTHER = 1, 2
_SIZE = WorldSize(products=4, tests=120, bugs=1500, days=500)
_TOKEN = "simulated"  # noqa: S105  the simulator's
_OFFSET = 10_000_000
_COPIED = ("products", "features", "users", "tests", "test_features", "test_platforms", "bugs", "bug_devices")


@dataclass(frozen=True, slots=True)
class Data:
    """The files of the two databases."""

    shared: Path
    alone: Path


def make_data(folder: Path) -> Data:
    """Sync the simulated customer into a new database in `folder`, and share a copy of it with another customer."""
    data = Data(folder / "shared.sqlite", folder / "alone.sqlite")
    world = make_world(_SIZE, now=NOW)
    _add_traps(world)
    with serve_simulator(Simulator(world, _TOKEN)) as url:
        asyncio.run(ingest.sync(SyncSettings(url, _TOKEN, CUSTOMER, f"sqlite:///{data.alone}")))
    shutil.copyfile(data.alone, data.shared)
    _add_other_customer(data.shared)
    return data


def _add_traps(world: World) -> None:
    """What the simulator leaves out: bugs seen on several devices, and tests that say when they were created."""
    for bug in world.all_bugs():
        if bug["devices"] and bug["id"] % 6 == 0:
            name = "iOS 17.4" if bug["id"] % 12 else bug["devices"][0]["operating_system"]["name"]
            bug["devices"].append({**bug["devices"][0], "operating_system": {"id": 99, "name": name}})
    for test in world.all_tests():
        if test["start_at"] and test["id"] % 3:
            test["created_at"] = (datetime.fromisoformat(test["start_at"]) - timedelta(days=9)).isoformat()


def _add_other_customer(file: Path) -> None:
    """Give another customer a copy of every row, under ids of its own."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for name in _COPIED:
            columns = METADATA.tables[name].columns
            moved = {column.name for column in columns if column.primary_key or column.foreign_keys}
            values = [f"{each.name} + {_OFFSET}" if each.name in moved else each.name for each in columns]
            values[list(columns.keys()).index("customer_id")] = str(OTHER)
            connection.execute(f"INSERT INTO {name} SELECT {', '.join(values)} FROM {name}")
