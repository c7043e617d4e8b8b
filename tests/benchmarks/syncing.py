"""How fast and with how many calls a sync fills a database: ours, and beside it the known client or a plain one.

The known client is run where METRIC_CUBE_BENCH_PEER names the Python of an environment of its own:

    python3.12 -m venv peer && peer/bin/pip install testio-mcp==1.0.0
    METRIC_CUBE_BENCH_PEER=peer/bin/python make bench
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from ingest import SyncSettings, sync
from ingest.simulator import Simulator, WorldSize, make_world, serve_simulator
from tests.benchmarks.measuring import show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

PEER = "METRIC_CUBE_BENCH_PEER"
_TOKEN = "bench"  # noqa: S105  the simulator's
_BUG_BATCH = 15
_PAGE = 25
_MIB = 1024 if sys.platform != "darwin" else 1024 * 1024
_SIZES = ((200, 3_000, 0.05), (5_000, 100_000, 0.0))
_LARGE = (100_000, 100_000)
"""Tests and bugs of a sync whose memory is measured: as flat as with a twentieth of the tests."""

# The wheel of testio-mcp 1.0.0 has no migrations: the tables are made from its models, then its own command is run.
_PEER_PROGRAM = """
import asyncio, sys, time
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel
from testio_mcp.cli.sync import sync_database
from testio_mcp.models import orm
async def main():
    engine = create_async_engine(f"sqlite+aiosqlite:///{sys.argv[1]}")
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    await engine.dispose()
    began = time.perf_counter()
    await sync_database(refresh_bugs=True)
    print("seconds", time.perf_counter() - began, file=sys.stderr)
asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What one sync took, with how many calls, how much memory (MiB, None if unknown), and the bugs that came."""

    seconds: float
    calls: int
    memory: float | None
    bugs: int


def sync_report() -> None:
    """A table of first syncs, and of syncs without news."""
    rows = []
    for tests, bugs, latency in _SIZES:
        with _service(tests, bugs, latency) as service:
            ours, quiet = service.measured(), service.measured()
            name, other = service.compared()
        size = f"{tests:,} tests, {bugs:,} bugs, {latency * 1000:.0f} ms"
        rows += [
            _row(f"first sync of {size}", ours, ""),
            _row(f"  the same, {name}", other, f"{other.seconds / ours.seconds:.1f}"),
            _row("  ours again, without news", quiet, ""),
        ]
    with _service(*_LARGE, 0.0) as service:
        rows.append(_row(f"first sync of {_LARGE[0]:,} tests, {_LARGE[1]:,} bugs", service.measured(), ""))
    note = "Wanted: 5 and 20 times as fast as the known client, no more calls; under 300 MiB."
    show("Syncing", ["what", "seconds", "calls", "MiB", "bugs", "ours is faster by"], rows, note)


def _row(name: str, run: Run, factor: str) -> list[str]:
    memory = "" if run.memory is None else f"{run.memory:,.0f}"
    return [name, f"{run.seconds:.1f}", f"{run.calls:,}", memory, f"{run.bugs:,}", factor]


@dataclass(slots=True)
class _Service:
    """A simulator in a process of its own, so that it takes no time from who is measured, and a folder for databases."""

    url: str
    pipe: Connection
    folder: Path

    def calls(self) -> int:
        """The calls since this was asked before."""
        self.pipe.send("calls")
        found: int = self.pipe.recv()
        return found

    def measured(self) -> Run:
        """Our sync into the same database, in a fresh process, whose memory is its own."""
        path = self.folder / "ours.sqlite"
        self.calls()
        here, there = multiprocessing.get_context("spawn").Pipe()
        process = multiprocessing.get_context("spawn").Process(target=_measure, args=(self.url, path, there))
        process.start()
        seconds, memory = here.recv()
        process.join()
        return Run(seconds, self.calls(), memory, _count(path))

    def compared(self) -> tuple[str, Run]:
        """The known client's first sync; where it is not installed, that of a plain client that makes call after call."""
        self.calls()
        peer = os.environ.get(PEER)
        if not peer:
            began = time.perf_counter()
            bugs = plain_sync(self.url, self.folder / "plain.sqlite")
            return "a plain client, one call after the other", Run(
                time.perf_counter() - began, self.calls(), None, bugs
            )
        path = self.folder / "peer.sqlite"
        environment = {
            **os.environ,
            "TESTIO_CUSTOMER_API_BASE_URL": self.url,
            "TESTIO_CUSTOMER_API_TOKEN": _TOKEN,
            "TESTIO_CUSTOMER_ID": "1",
            "TESTIO_DB_PATH": str(path),
            "TESTIO_SKIP_MIGRATIONS": "1",
        }
        command = [str(Path(peer).absolute()), "-c", _PEER_PROGRAM, str(path)]
        done = subprocess.run(  # noqa: S603  a client that whoever calls has named
            command, env=environment, cwd=self.folder, capture_output=True, text=True, check=True
        )
        seconds = float(done.stderr.rpartition("seconds ")[2].split()[0])
        return "testio-mcp 1.0.0", Run(seconds, self.calls(), None, _count(path))


@contextmanager
def _service(tests: int, bugs: int, latency: float) -> Iterator[_Service]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(tests, bugs, latency, there))
    process.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield _Service(here.recv(), here, Path(folder))
    finally:
        here.send("stop")
        process.join()


def _serve(tests: int, bugs: int, latency: float, pipe: Connection) -> None:
    world = make_world(WorldSize(products=4, tests=tests, bugs=bugs), now=datetime.now(UTC))
    for test in world.all_tests():
        # The known client gives up a product at a test without an end.
        test["end_at"] = test["end_at"] or test["start_at"] or datetime.now(UTC).isoformat()
    simulator = Simulator(world, _TOKEN, latency)
    with serve_simulator(simulator) as url:
        pipe.send(url)
        while pipe.recv() != "stop":
            pipe.send(simulator.traffic.total)
            simulator.traffic.reset()


def _measure(url: str, path: Path, pipe: Connection) -> None:
    began = time.perf_counter()
    report = asyncio.run(sync(SyncSettings(url, _TOKEN, 1, str(path))))
    seconds = time.perf_counter() - began
    assert report.outcome == "complete", report.problems
    pipe.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB))


def plain_sync(url: str, path: Path) -> int:
    """A sync as anyone writes it first: page after page, batch after batch, each bug stored as JSON; the bugs stored."""
    headers = {"Authorization": f"Token {_TOKEN}"}
    with closing(sqlite3.connect(path)) as connection, httpx.Client(headers=headers, timeout=90) as client:
        for table in ("tests", "bugs"):
            connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, data TEXT)")

        def fetch(route: str, root: str, **parameters: Any) -> list[dict[str, Any]]:
            answer = client.get(f"{url}/{route}", params=parameters)
            answer.raise_for_status()
            found: list[dict[str, Any]] = answer.json()[root]
            return found

        def keep(table: str, records: list[dict[str, Any]]) -> None:
            rows = [(record["id"], json.dumps(record)) for record in records]
            connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", rows)
            connection.commit()

        for product in fetch("products", "products"):
            ids, page = [], 0
            while True:
                page += 1
                route = f"products/{product['id']}/exploratory_tests"
                tests = fetch(route, "exploratory_tests", page=page, per_page=_PAGE)
                keep("tests", tests)
                ids += [test["id"] for test in tests]
                if len(tests) < _PAGE:
                    break
            for start in range(0, len(ids), _BUG_BATCH):
                chosen = ",".join(map(str, ids[start : start + _BUG_BATCH]))
                keep("bugs", fetch("bugs", "bugs", filter_test_cycle_ids=chosen))
        stored: int = connection.execute("SELECT count(*) FROM bugs").fetchone()[0]
    return stored


def _count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute("SELECT count(*) FROM bugs").fetchone()[0]
    return found
