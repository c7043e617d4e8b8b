"""SQLite through the standard library: a file opened for reading, with a few sessions side by side."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from engine.errors import DatabaseError, Issue
from engine.execute import refusals
from engine.execute.database import Parameters, file_of
from engine.execute.threaded import Driver, ThreadedDatabase, take

__all__ = ["open_url"]

_SESSIONS: Final = 4
_BUSY_SECONDS: Final = 5.0
_CACHE_KIBIBYTES: Final = 32_768
# Beside its own errors, the driver raises those of converting parameters: a number beyond 64 bits, a lone surrogate.
_FAILURES: Final = (sqlite3.Error, OverflowError, ValueError, TypeError)
_NO_TABLE: Final = re.compile(r"no such table: (?:main\.)?(.+)")
_NO_COLUMN: Final = re.compile(r"no such column: (.+)")


def open_url(url: str, *, read_only: bool) -> ThreadedDatabase[sqlite3.Connection]:
    """The database at `sqlite:///path`, or a new one in memory; raises DatabaseError if there is no such file."""
    path = file_of(url)
    if path is not None and read_only and not Path(path).exists():
        raise DatabaseError(refusals.no_such_database(path))
    name = ":memory:" if path is None else f"file:{quote(path)}?mode={'ro' if read_only else 'rwc'}"
    return ThreadedDatabase(
        Driver(
            dialect="sqlite",
            url=f"sqlite:///{path or ''}",
            sessions=_SESSIONS if path else 1,
            connect=partial(_connect, name, read_only=read_only),
            run=_run,
            failures=_FAILURES,
            explain=partial(_explain, where=path or ":memory:"),
            identity=partial(_identity, path),
            close=lambda: None,
        )
    )


def _connect(name: str, *, read_only: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(name, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
    connection.execute("PRAGMA temp_store = MEMORY")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    return connection


def _run(
    connection: sqlite3.Connection, sql: str, parameters: Parameters, max_rows: int | None
) -> tuple[tuple[str, ...], list[Any], bool]:
    # Closed at once: a statement that was not read to its end holds a lock that keeps writers out.
    with closing(connection.execute(sql, parameters)) as cursor:
        return take(cursor, max_rows)


def _identity(path: str | None) -> object:
    """Which file stands at `path`: a session on a file that was deleted or replaced would read the old one for ever."""
    if path is None:
        return None
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _explain(error: Exception, *, where: str) -> Issue:
    code = getattr(error, "sqlite_errorname", "") or ""
    message = str(error)
    if match := _NO_TABLE.fullmatch(message):
        return refusals.no_such_table(match[1])
    if match := _NO_COLUMN.fullmatch(message):
        return refusals.no_such_column(match[1])
    if code.startswith("SQLITE_NOTADB"):
        return refusals.not_a_database(where, "SQLite")
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return refusals.locked(where)
    if code.startswith(("SQLITE_CANTOPEN", "SQLITE_IOERR")):
        return refusals.not_readable(where, message) if Path(where).exists() else refusals.no_such_database(where)
    if code.startswith("SQLITE_READONLY"):
        return refusals.read_only(message)
    if code == "SQLITE_INTERRUPT":
        return refusals.stopped()
    return refusals.refused(message)
