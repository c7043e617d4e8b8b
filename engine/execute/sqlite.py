"""SQLite through the standard library: a file opened for reading, with a few sessions side by side."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
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
ConnectionT = TypeVar("ConnectionT", bound=sqlite3.Connection)
_NO_LOG: Final = ("SQLITE_READONLY_DIRECTORY", "SQLITE_READONLY_CANTINIT", "SQLITE_CANTOPEN")
"""What SQLite says where a file needs its write-ahead log and that can neither be made nor be read."""
_NO_TABLE: Final = re.compile(r"no such table: (?:main\.)?(.+)")
_NO_COLUMN: Final = re.compile(r"no such column: (.+)")


def open_url(url: str, *, read_only: bool) -> ThreadedDatabase[sqlite3.Connection]:
    """The database at `sqlite:///path`, or a new one in memory; raises DatabaseError if there is no such file."""
    path = file_of(url)
    if path is not None and read_only and not Path(path).exists():
        raise DatabaseError(refusals.no_such_database(path))
    return ThreadedDatabase(
        Driver(
            dialect="sqlite",
            url=f"sqlite:///{path or ''}",
            sessions=_SESSIONS if path else 1,
            connect=partial(_connect, path, read_only=read_only),
            run=_run,
            failures=_FAILURES,
            explain=partial(_explain, where=path or ":memory:"),
            identity=partial(_identity, path),
            current=_is_current,
            close=lambda: None,
        )
    )


class _Frozen(sqlite3.Connection):
    """A session on a file that nobody is to change while it reads; `as_opened` is what the file was then."""

    path: str
    as_opened: object


def _connect(path: str | None, *, read_only: bool) -> sqlite3.Connection:
    name = ":memory:" if path is None else f"file:{quote(path)}?mode={'ro' if read_only else 'rwc'}"
    try:
        return _open(name, sqlite3.Connection, read_only=read_only)
    except sqlite3.OperationalError as error:
        if path is None or error.sqlite_errorname not in _NO_LOG or _log_size(path):
            raise
        return _freeze(path)


def _freeze(path: str) -> _Frozen:
    """A session on a file that has no write-ahead log and whose folder takes none (sqlite.org/wal.html, section 10)."""
    as_opened = _identity(path)
    connection = _open(f"file:{quote(path)}?mode=ro&immutable=1", _Frozen, read_only=True)
    connection.path, connection.as_opened = path, as_opened
    return connection


def _open(name: str, kind: type[ConnectionT], *, read_only: bool) -> ConnectionT:
    connection = kind(name, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
        connection.execute("PRAGMA temp_store = MEMORY")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").close()  # whether it can be read, before it is used
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _run(
    connection: sqlite3.Connection, sql: str, parameters: Parameters, max_rows: int | None
) -> tuple[tuple[str, ...], list[Any], bool]:
    # Closed at once: a statement that was not read to its end holds a lock that keeps writers out.
    with closing(connection.execute(sql, parameters)) as cursor:
        taken = take(cursor, max_rows)
    if isinstance(connection, _Frozen) and _identity(connection.path) != connection.as_opened:
        raise _ChangedWhileReadError
    return taken


class _ChangedWhileReadError(sqlite3.OperationalError):
    """Somebody wrote to a file that was not to change: what was read may be of before and after."""


def _identity(path: str | None) -> tuple[int, ...] | None:
    """Which file stands at `path`, and how it is: device and inode, then time, size, and whether it has a write-ahead log."""
    if path is None:
        return None
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size, Path(f"{path}-wal").exists()


def _log_size(path: str) -> int:
    """Bytes of changes that were not yet carried into the file."""
    try:
        return Path(f"{path}-wal").stat().st_size
    except OSError:
        return 0


def _is_current(connection: sqlite3.Connection, before: tuple[int, ...] | None, now: tuple[int, ...] | None) -> bool:
    """Whether a session reads what is at its path: one on a file that was deleted or replaced would read the old one for ever."""
    if isinstance(connection, _Frozen) or before is None or now is None:
        return before == now
    return before[:2] == now[:2]


def _explain(error: Exception, *, where: str) -> Issue:
    code = getattr(error, "sqlite_errorname", "") or ""
    message = str(error)
    if match := _NO_TABLE.fullmatch(message):
        return refusals.no_such_table(match[1])
    if match := _NO_COLUMN.fullmatch(message):
        return refusals.no_such_column(match[1])
    if isinstance(error, _ChangedWhileReadError):
        return refusals.locked(where)
    if code.startswith("SQLITE_NOTADB"):
        return refusals.not_a_database(where, "SQLite")
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return refusals.locked(where)
    if code in _NO_LOG and _log_size(where):
        return refusals.not_carried_over(where)
    if code.startswith(("SQLITE_CANTOPEN", "SQLITE_IOERR")):
        return refusals.not_readable(where, message) if Path(where).exists() else refusals.no_such_database(where)
    if code.startswith("SQLITE_READONLY"):
        return refusals.read_only(message)
    if code == "SQLITE_INTERRUPT":
        return refusals.stopped()
    if message == "integer overflow":
        return refusals.overflow(message)
    return refusals.refused(message)
