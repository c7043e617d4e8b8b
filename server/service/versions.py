"""What version the data of a database have: a value that changes when anything is committed, found in microseconds.

SQLite        a counter that SQLite keeps of the commits of others, and which file it is
DuckDB        the file's time and size: nobody writes it while it is being read
PostgreSQL    which transactions can be seen, asked every second: a commit is noticed that much later
others        not known; answers are kept by time alone
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from engine import EngineError
from engine.execute.database import file_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from engine import Database


class DataVersion(Protocol):
    """Knows what version the data have."""

    def now(self) -> Hashable:
        """The version; equal to one before if nothing was committed in between. Answers at once."""

    def close(self) -> None:
        """Let go of the database."""


def data_version(database: Database) -> DataVersion:
    """Who knows the version of the data of an opened database."""
    if database.dialect == "postgres":
        return OfPostgres(database)
    scheme = database.url.partition("://")[0]
    if scheme not in {"sqlite", "duckdb"}:
        return Unknown()
    path = file_of(database.url)
    if path is None:
        return Unknown()
    return OfSqlite(Path(path)) if scheme == "sqlite" else OfFile(Path(path))


class Unknown:
    """Data of which nobody says when they change."""

    def now(self) -> Hashable:
        """The same, always."""
        return None

    def close(self) -> None:
        """Nothing is held."""


class OncePerTurn:
    """The version of other data, looked at once in each turn of the event loop.

    Requests are read in one turn and answered in the next one at the earliest. So whatever was committed before a request came in
    was committed before the turn that answers it began, and the version that is found within that turn is one from after it.
    """

    def __init__(self, version: DataVersion) -> None:
        self._version = version
        self._is_known = False
        self._known: Hashable = None

    def now(self) -> Hashable:
        """The version as it was found first in this turn."""
        if not self._is_known:
            self._known, self._is_known = self._version.now(), True
            asyncio.get_running_loop().call_soon(self._forget)
        return self._known

    def close(self) -> None:
        """Let go of the database."""
        self._version.close()

    def _forget(self) -> None:
        self._is_known, self._known = False, None


class OfFile:
    """Data in a file that is replaced or rewritten as a whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> Hashable:
        """Which file it is, its time and its size; None while there is none."""
        return _identity(self._path)

    def close(self) -> None:
        """Nothing is held."""


class OfSqlite:
    """Data in a SQLite file, by `PRAGMA data_version`: it moves when another connection has committed (sqlite.org/pragma.html)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Hashable = None
        self._connection: sqlite3.Connection | None = None

    def now(self) -> Hashable:
        """Which file it is, and how often others have committed to it; where that cannot be counted, how the file is."""
        identity = _identity(self._path)
        file = identity and identity[:2]
        if file != self._file:
            self.close()
            self._file = file
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(f"file:{quote(str(self._path))}?mode=ro", uri=True, timeout=0)
            counter: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            self.close()
            return identity
        return file, counter

    def close(self) -> None:
        """Close the connection that counts."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None


class OfPostgres:
    """Data in PostgreSQL, by the transactions that can be seen: equal ones see equal data
    (postgresql.org/docs/current/functions-info.html, `pg_current_snapshot`).

    The server is asked every second for as long as anybody wants to know. While it cannot be reached the version is None.
    """

    def __init__(self, database: Database, seconds: float = 1.0, idle_seconds: float = 600.0) -> None:
        self._database = database
        self._seconds = seconds
        self._idle_seconds = idle_seconds
        self._known: Hashable = None
        self._wanted_at = 0.0
        self._asking: asyncio.Task[None] | None = None

    def now(self) -> Hashable:
        """The transactions that could be seen when the server was asked last."""
        self._wanted_at = time.monotonic()
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask_on())
        return self._known

    def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
        self._asking, self._known = None, None

    async def _ask_on(self) -> None:
        while time.monotonic() - self._wanted_at < self._idle_seconds:
            try:
                found = await self._database.fetch("SELECT pg_current_snapshot()::text", (), timeout=self._seconds * 10)
                self._known = found.rows[0][0]
            except EngineError:
                self._known = None
            await asyncio.sleep(self._seconds)
        self._asking, self._known = None, None


def _identity(path: Path) -> tuple[int, int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size
