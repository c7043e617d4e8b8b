"""One writer at a time, over all processes that share a database.

The lock is a row with a heartbeat. It is taken over from a process that died, has not shown life for a minute, or has shown
it more than a minute ahead, by a clock that is wrong. One that wakes up after that finds that it lost the lock at its next
transaction, before it can write anything.
"""

from __future__ import annotations

import asyncio
import os
import socket
import uuid
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from ingest.bulk import upsert
from ingest.errors import StoreBusy, StoreError
from ingest.moments import utc_now
from ingest.tables import sync_locks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection, Row

    from ingest.store import Store

NAME = "writer"
HEARTBEAT_SECONDS = 10
STALE = timedelta(seconds=60)

_HELD_HERE: set[str] = set()
"""The owners that this process stands for; another owner with this process's id is from before a restart."""


@dataclass(frozen=True, slots=True)
class Lock:
    """The right to write, as long as `confirm` says so."""

    owner: str

    def confirm(self, connection: Connection) -> None:
        """Show life, inside a transaction; raises `StoreBusy` when another process has taken over meanwhile."""
        mine = update(sync_locks).where(sync_locks.c.name == NAME, sync_locks.c.owner == self.owner)
        if connection.execute(mine.values(heartbeat_at=utc_now())).rowcount == 0:
            raise StoreBusy("This sync was silent for so long that another one took over.", hint="Run it again.")


@asynccontextmanager
async def writer_lock(store: Store) -> AsyncIterator[Lock]:
    """Hold the lock while the block runs; raises `StoreBusy` when another process is at work."""
    lock = Lock(f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex}")
    _HELD_HERE.add(lock.owner)
    try:
        await store.write(_take, lock)
        store.lock = lock
        still = asyncio.Event()
        heart = asyncio.create_task(_beat(store, still))
        try:
            yield lock
        finally:
            still.set()
            await asyncio.gather(heart, return_exceptions=True)
            store.lock = None
            await store.write(_release, lock)
    finally:
        _HELD_HERE.discard(lock.owner)


def lock_holder(connection: Connection) -> str | None:
    """Who is writing now, in words; None when nobody is."""
    row = connection.execute(select(sync_locks).where(sync_locks.c.name == NAME)).first()
    return None if row is None or _is_dead(row) else _in_words(row)


def _take(connection: Connection, lock: Lock) -> None:
    now = utc_now()
    mine = {
        "name": NAME,
        "owner": lock.owner,
        "host": socket.gethostname(),
        "process_id": os.getpid(),
        "taken_at": now,
        "heartbeat_at": now,
    }
    upsert(connection, sync_locks, [mine], by=("name",), replace=False)
    row = connection.execute(select(sync_locks).where(sync_locks.c.name == NAME).with_for_update()).one()
    if row.owner == lock.owner:
        return
    if not _is_dead(row):
        raise StoreBusy(f"Another sync is writing to this database: {_in_words(row)}.", hint="Wait for it to end.")
    upsert(connection, sync_locks, [mine], by=("name",))


def _release(connection: Connection, lock: Lock) -> None:
    connection.execute(delete(sync_locks).where(sync_locks.c.owner == lock.owner))


def _show_life(_: Connection) -> None:
    """Nothing more: a transaction begins by confirming the lock."""


async def _beat(store: Store, still: asyncio.Event) -> None:
    """Show life between transactions too, until `still`; that the lock is lost is found out by the next one that writes."""
    while not still.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await still.wait()
                return
        with suppress(StoreError):
            await store.write(_show_life)


def _is_dead(row: Row[tuple[object, ...]]) -> bool:
    if abs(utc_now() - row.heartbeat_at) > STALE:
        return True
    if row.host != socket.gethostname():
        return False
    if row.process_id == os.getpid():
        return row.owner not in _HELD_HERE
    return not _is_running(row.process_id)


def _is_running(process_id: int) -> bool:
    """Whether a process of this id runs on this machine; where that cannot be told, it counts as running."""
    processes = Path("/proc")
    if processes.is_dir():
        return (processes / str(process_id)).exists()
    if os.name != "posix":
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _in_words(row: Row[tuple[object, ...]]) -> str:
    return f"process {row.process_id} on {row.host}, since {row.taken_at:%Y-%m-%d %H:%M} UTC"
