"""What an operator relies on: one writer, killed syncs that are told and taken up again, dry runs, and a true status."""

import asyncio
import multiprocessing
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, delete

from ingest import StoreBusy, StoreError, SyncOptions, SyncSettings, read_status, sync, upgrade_database
from ingest.lock import writer_lock
from ingest.simulator import Simulator, random_faults
from ingest.skips import Skips
from ingest.store import Store, open_store
from ingest.tables import products
from ingest.writer import write_tests
from tests.ingest.conftest import TOKEN, Look
from tests.ingest.snapshots import Snapshot, snapshot

pytestmark = pytest.mark.anyio

PROGRAM = f"""
import asyncio, sys
from ingest import IngestError, SyncSettings, sync
url, database = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
settings = SyncSettings(url, {TOKEN!r}, 7, database, backoff_seconds=0.001, page_size=5, bug_batch=3, attempts=8)
try:
    sys.exit(asyncio.run(sync(settings)).exit_code)
except IngestError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def start(settings: SyncSettings, number: int = 1) -> "list[subprocess.Popen[str]]":
    """Processes that begin to sync at the same moment."""
    command = [sys.executable, "-c", PROGRAM, settings.api_url, settings.database_url]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)  # noqa: S603
        for _ in range(number)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    return processes


def kill_when_stored(process: "subprocess.Popen[str]", settings: SyncSettings, rows: int) -> None:
    """Kill the process as soon as so many tests and bugs are stored."""
    stored = 0
    while stored < rows:
        assert process.poll() is None, "the sync ended before it could be killed"
        time.sleep(0.002)
        with closing(sqlite3.connect(settings.database_url)) as connection, suppress(sqlite3.OperationalError):
            counts = "SELECT (SELECT count(*) FROM tests) + (SELECT count(*) FROM bugs)"
            stored = connection.execute(counts).fetchone()[0]
    process.send_signal(signal.SIGKILL)
    process.communicate()


def moments(seed: int) -> tuple[int, ...]:
    """At how many stored tests and bugs, of 390, to kill: ten random numbers, each greater than the one before."""
    return tuple(sorted(Random(seed).sample(range(1, 330), k=10)))  # noqa: S311 (data, not secrets)


@pytest.mark.parametrize(
    ("seed", "kills"),
    [
        pytest.param(11, (1, 180), id="twice"),
        *(pytest.param(seed, moments(seed), id=f"ten times {seed}", marks=pytest.mark.nightly) for seed in (1, 2, 3)),
    ],
)
async def test_a_sync_killed_at_any_moment_is_taken_up_again(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator, look: Look, seed: int, kills: tuple[int, ...]
) -> None:
    simulator.faults.rules = [random_faults(seed, share=1 / 3)]
    simulator.latency_seconds = 0.01
    for rows in kills:
        (process,) = start(settings)
        kill_when_stored(process, settings, rows)
    (process,) = start(settings)
    process.communicate()
    assert process.returncode == 0
    outcomes = [outcome for (outcome,) in look("SELECT outcome FROM sync_events ORDER BY id")]
    assert outcomes[-1] == "complete"
    assert set(outcomes[:-1]) == {"interrupted"}, "as far as they got to note that they began"
    assert snapshot(settings.database_url) == undisturbed


async def test_of_two_syncs_started_at_once_one_is_told_to_wait(
    settings: SyncSettings, undisturbed: Snapshot, simulator: Simulator
) -> None:
    simulator.latency_seconds = 0.05
    processes = start(settings, number=2)
    outputs = [process.communicate()[0] for process in processes]
    assert sorted(process.returncode for process in processes) == [0, 3]
    assert any("Another sync is writing to this database: process" in output for output in outputs)
    assert snapshot(settings.database_url) == undisturbed


async def test_the_lock_of_a_dead_process_is_taken_over_at_once(settings: SyncSettings, look: Look) -> None:
    dead = multiprocessing.get_context("spawn").Process()
    dead.start()
    dead.join()
    await upgrade_database(settings.database_url)
    with closing(sqlite3.connect(settings.database_url)) as connection, connection:
        row = ("writer", "somebody", socket.gethostname(), dead.pid)
        now = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
        connection.execute(f"INSERT INTO sync_locks VALUES (?, ?, ?, ?, {now}, {now})", row)
    assert (await sync(settings)).outcome == "complete"
    assert look("SELECT * FROM sync_locks") == []


@pytest.mark.parametrize("seen", ["2026-01-01", "2999-01-01"], ids=["long ago", "by a clock that is wrong"])
async def test_the_lock_of_another_machine_is_taken_over_when_it_is_silent(settings: SyncSettings, seen: str) -> None:
    await upgrade_database(settings.database_url)
    with closing(sqlite3.connect(settings.database_url)) as connection, connection:
        now = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
        row = ("writer", "somebody", "elsewhere", 1)
        connection.execute(f"INSERT INTO sync_locks VALUES (?, ?, ?, ?, {now}, {now})", row)
        connection.commit()
        with pytest.raises(StoreBusy, match="process 1 on elsewhere"):
            await sync(settings)
        connection.execute("UPDATE sync_locks SET heartbeat_at = ?", (f"{seen} 00:00:00.000000",))
        connection.commit()
    assert (await sync(settings)).outcome == "complete"


async def test_who_has_lost_the_lock_cannot_write_any_more(settings: SyncSettings) -> None:
    await upgrade_database(settings.database_url)
    async with open_store(settings.database_url, 7) as store, writer_lock(store):
        with closing(sqlite3.connect(settings.database_url)) as connection, connection:
            connection.execute("UPDATE sync_locks SET owner = 'somebody else'")
            connection.execute("INSERT INTO products (id, customer_id, title) VALUES (1, 7, 'Shop')")
        with pytest.raises(StoreBusy, match="took over"):
            await store.write(lambda connection: connection.execute(delete(products)))
    with closing(sqlite3.connect(settings.database_url)) as connection, connection:
        assert connection.execute("SELECT count(*) FROM products").fetchone() == (1,)


async def test_a_full_disk_is_told_with_what_helps(settings: SyncSettings, look: Look) -> None:
    await upgrade_database(settings.database_url)

    def fill(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 60")
        connection.exec_driver_sql("INSERT INTO products (id, customer_id, title) VALUES (1, 7, zeroblob(1000000))")

    async with open_store(settings.database_url, 7) as store:
        with pytest.raises(StoreError, match=r"disk is full\. Make room and run this again"):
            await store.write(fill)
    assert look("SELECT count(*) FROM products") == [(0,)]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_sync_that_is_interrupted_from_the_keyboard_once_or_twice_ends_at_once(
    settings: SyncSettings, simulator: Simulator, times: int
) -> None:
    simulator.latency_seconds = 0.3
    (process,) = start(settings)
    while not simulator.traffic.total:
        time.sleep(0.01)
    for _ in range(times):
        process.send_signal(signal.SIGINT)
    errors = process.communicate()[1]
    assert process.returncode == -signal.SIGINT
    assert errors.endswith("KeyboardInterrupt\n")
    assert "unhandled" not in errors, "what was under way tells no tales"


async def test_a_dry_run_writes_nothing(settings: SyncSettings, simulator: Simulator) -> None:
    plan = await sync(settings, SyncOptions(dry_run=True))
    assert plan.dry_run
    assert plan.read["walks"] == 3
    assert plan.read["new tests"] == sum(min(25, len(tests)) for tests in simulator.world.tests.values())
    assert not Path(settings.database_url).exists()
    await sync(settings)
    before = snapshot(settings.database_url)
    plan = await sync(settings, SyncOptions(dry_run=True))
    assert (plan.read["walks"], plan.read["new tests"], plan.read["bugs of tests"]) == (0, 0, 0)
    assert snapshot(settings.database_url) == before


async def test_the_status_tells_what_is_there_and_what_is_due(settings: SyncSettings, simulator: Simulator) -> None:
    with pytest.raises(StoreError, match="has not been filled"):
        await read_status(settings.database_url, 7)
    await upgrade_database(settings.database_url)
    with pytest.raises(StoreError, match="has not been filled"):
        await read_status(settings.database_url, 7)
    await sync(settings, SyncOptions(bugs=False))
    status = await read_status(settings.database_url, 7)
    assert [product.complete for product in status.products] == [True, True, True]
    assert sum(product.tests for product in status.products) == len(simulator.world.all_tests())
    begun = [
        test for test in simulator.world.all_tests() if test["status"] in ("running", "locked", "archived", "cancelled")
    ]
    assert status.bugs_due == {"never": len(begun)}
    assert status.writer is None
    assert [event.outcome for event in status.events] == ["complete"]
    await sync(settings)
    status = await read_status(settings.database_url, 7)
    assert status.bugs_due == {}
    assert status.bugs == len(simulator.world.all_bugs())
    assert status.as_dict()["events"][0]["summary"]["read"]["bugs"] == status.bugs


async def test_a_failed_sync_is_kept_among_the_events(settings: SyncSettings) -> None:
    wrong = replace(settings, token="wrong")  # noqa: S106
    with pytest.raises(Exception, match="does not accept the token"):
        await sync(wrong)
    status = await read_status(settings.database_url, 7)
    assert [event.outcome for event in status.events] == ["failed"]


async def test_a_database_that_fails_while_several_products_are_read_ends_the_sync(
    settings: SyncSettings, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, look: Look
) -> None:
    small = replace(settings, page_size=5)
    written: list[int] = []

    def fails_later(connection: Connection, store: Store, records: Sequence[Any], unlisted: Collection[int]) -> Skips:
        written.append(len(records))
        if len(written) > 2:
            raise StoreError("The database has failed.")
        return write_tests(connection, store, records, unlisted)

    monkeypatch.setattr("ingest.intake.write_tests", fails_later)
    with pytest.raises(StoreError, match="has failed"):
        await asyncio.wait_for(sync(small), 20)
    assert len(written) == 3, "after a failure nothing more is begun"
    assert look("SELECT COUNT(*) FROM tests") == [(sum(written[:2]),)]
    monkeypatch.undo()
    assert (await sync(small)).outcome == "complete"
    assert look("SELECT COUNT(*) FROM tests") == [(len(simulator.world.all_tests()),)]
