"""Waits for a SQLite file that another program holds: says so after a second, gives up after half a minute, stops when told.

SQLite itself waits in silence. So it is let wait for a moment only, again and again, and who is looking on learns what for.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.errors import Interrupted, StoreLocked
from ingest.holders import lock_holders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOG = logging.getLogger(__name__)

ATTEMPT_SECONDS = 0.25
"""SQLite's own time-out: how long one attempt waits, and so how soon a wait ends that somebody stops."""

SILENT_SECONDS = 1.0
"""Locks are held for less than that as a rule; who waits longer is told."""

MOST_SECONDS = 30.0


@dataclass(slots=True)
class Patience:
    """Who is told of a wait, and whether somebody wants it to end; one for each piece of work that can be stopped."""

    tell: Callable[[str], None] = LOG.warning
    _stopped: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """End waits, and what asks `go_on`; from any thread."""
        self._stopped.set()

    def go_on(self) -> None:
        """Raise `Interrupted` once somebody wants an end."""
        if self._stopped.is_set():
            raise Interrupted("The work was stopped before its end.", hint="Run it again.")


_PATIENCE: ContextVar[Patience] = ContextVar("patience", default=Patience())  # noqa: B039  nobody stops the default


def patience() -> Patience:
    """That of the work under way."""
    return _PATIENCE.get()


@contextmanager
def waits_told(tell: Callable[[str], None]) -> Iterator[Patience]:
    """Waits of what the block does, in threads and tasks too, are told here; by default they are logged as warnings."""
    mine = Patience(tell)
    before = _PATIENCE.set(mine)
    try:
        yield mine
    finally:
        _PATIENCE.reset(before)


def wait_for(attempt: Callable[[], object], path: str) -> None:
    """Do what needs a lock of the SQLite file, as soon as it can be had.

    Raises `StoreLocked`, with who holds it where that can be known, after `MOST_SECONDS`, and `Interrupted`.
    """
    began = time.monotonic()
    told = False
    while True:
        try:
            attempt()
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
        else:
            if told:
                patience().tell(f"Went on after {time.monotonic() - began:.0f} s: the lock of {path} is free.")
            return
        patience().go_on()
        waited = time.monotonic() - began
        if waited >= MOST_SECONDS:
            raise _locked(path)
        if waited >= SILENT_SECONDS and not told:
            told = True
            patience().tell(f"Waiting, for at most {MOST_SECONDS:.0f} s, for the lock of {path}: {_held(path)}.")


def is_busy(error: sqlite3.Error) -> bool:
    """Whether SQLite says that somebody else holds a lock."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _locked(path: str) -> StoreLocked:
    message = f"The database {path} is locked: {_held(path)}, and has not let it go for {MOST_SECONDS:.0f} s."
    return StoreLocked(message, hint="Let it end, or end it, and run this again. Nothing was lost.")


def _held(path: str) -> str:
    holders = lock_holders(path)
    return (
        f"{' and '.join(holders)} {'holds' if len(holders) == 1 else 'hold'} it"
        if holders
        else "another program holds it"
    )
