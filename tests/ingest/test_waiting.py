"""A database that another process holds is waited for, and who looks on learns what for, and at the end what to do."""

import asyncio
import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ingest import (
    StoreError,
    StoreLocked,
    SyncSettings,
    backfill,
    database_revision,
    load_table,
    read_status,
    sync,
    upgrade_database,
    waits_told,
)
from ingest.progress import Silent
from tests.ingest.conftest import Look
from tests.ingest.snapshots import Snapshot, snapshot

pytestmark = pytest.mark.anyio

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement).fetchall()
print("held", flush=True)
sys.stdin.readline()
"""

Process = subprocess.Popen[str]
Work = Callable[[SyncSettings], Coroutine[Any, Any, Any]]


@contextmanager
def holding(path: str, *statements: str) -> Iterator[Process]:
    """Another process that has run these statements, by default taken the write lock; it lets go when it gets a line."""
    command = [sys.executable, "-c", HOLDER, path, *(statements or ("BEGIN IMMEDIATE",))]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            if process.poll() is None:
                process.communicate("\n")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say it soon, and wait for ever: a test tells by other things than time what happened."""
    monkeypatch.setattr("ingest.waiting.SILENT_SECONDS", 0.1)
    monkeypatch.setattr("ingest.waiting.ATTEMPT_SECONDS", 0.02)
    monkeypatch.setattr("ingest.database.ATTEMPT_SECONDS", 0.02)
    monkeypatch.setattr("ingest.waiting.MOST_SECONDS", 600)


async def load(settings: SyncSettings) -> None:
    file = Path(settings.database_url).with_name("orders.csv")
    file.write_text("id\n1\n", encoding="utf-8")
    await load_table(settings.database_url, "orders", file, key=["id"])


async def link(settings: SyncSettings) -> None:
    await backfill(settings.database_url, 7)


async def migrate(settings: SyncSettings) -> None:
    await upgrade_database(settings.database_url)


every_writer = pytest.mark.parametrize("work", [sync, load, link, migrate])


@every_writer
async def test_who_looks_on_is_told_what_is_waited_for_and_when_it_goes_on(
    synced: SyncSettings, undisturbed: Snapshot, work: Work
) -> None:
    told: list[str] = []
    with holding(synced.database_url) as holder:

        def tell(text: str) -> None:
            told.append(text)
            if holder.poll() is None:
                holder.communicate("\n")

        with waits_told(tell):
            await work(synced)
    held = f"process {holder.pid} (python" if sys.platform == "linux" else "another program"
    assert told[0].startswith(f"Waiting, for at most 600 s, for the lock of {synced.database_url}: {held}")
    assert "Went on after" in told[1]
    assert len(told) == 2
    assert snapshot(synced.database_url) == undisturbed


@every_writer
async def test_in_the_end_it_is_told_who_has_to_let_go(
    synced: SyncSettings, undisturbed: Snapshot, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.waiting.MOST_SECONDS", 0.2)
    with holding(synced.database_url) as holder, pytest.raises(StoreLocked) as caught:
        await work(synced)
    assert synced.database_url in caught.value.message
    assert f"process {holder.pid}" in caught.value.message or sys.platform != "linux"
    assert "Let it end, or end it, and run this again" in (caught.value.hint or "")
    assert caught.value.exit_code == 3
    assert snapshot(synced.database_url) == undisturbed


@every_writer
async def test_a_wait_ends_when_somebody_wants_it_to(synced: SyncSettings, undisturbed: Snapshot, work: Work) -> None:
    waiting = asyncio.Event()
    loop = asyncio.get_running_loop()
    with holding(synced.database_url) as holder:

        def tell(_: str) -> None:
            loop.call_soon_threadsafe(waiting.set)

        with waits_told(tell):
            task = asyncio.create_task(work(synced))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert holder.poll() is None, "it still holds the lock"
    assert snapshot(synced.database_url) == undisturbed


async def test_a_sync_tells_it_as_it_tells_everything_that_holds_it_up(
    synced: SyncSettings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody is named who looks on, it is a warning in the log: so a server's syncs tell it."""
    monkeypatch.setattr("ingest.waiting.MOST_SECONDS", 0.2)
    with holding(synced.database_url), pytest.raises(StoreLocked), caplog.at_level(logging.WARNING):
        await sync(synced, progress=Silent())
    assert "for the lock of" in caplog.text


async def test_reading_does_not_wait_for_who_writes(synced: SyncSettings) -> None:
    with holding(synced.database_url):
        assert (await read_status(synced.database_url, 7)).bugs == 300
        assert await database_revision(synced.database_url)


async def test_a_file_that_another_program_has_to_itself_is_waited_for_by_readers_too(tmp_path: Path) -> None:
    path = str(tmp_path / "cube.sqlite")
    await upgrade_database(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    told: list[str] = []
    with holding(path, "BEGIN EXCLUSIVE") as holder:

        def tell(text: str) -> None:
            told.append(text)
            if holder.poll() is None:
                holder.communicate("\n")

        with waits_told(tell):
            assert await database_revision(path)
    assert len(told) == 2


async def test_where_the_system_does_not_say_who_holds_it_another_program_does(
    synced: SyncSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("ingest.waiting.MOST_SECONDS", 0.2)
    monkeypatch.setattr("ingest.holders.LOCKS", tmp_path / "nowhere")
    with holding(synced.database_url), pytest.raises(StoreLocked, match="another program holds it"):
        await sync(synced)


async def test_what_is_locked_for_other_reasons_is_not_waited_for(settings: SyncSettings, look: Look) -> None:
    Path(settings.database_url).write_bytes(b"SQLite format 3\0" + b"nonsense" * 200)
    with pytest.raises(StoreError, match="refused"):
        await upgrade_database(settings.database_url)
