"""DuckDB through its own client: one instance, locked down, with a cursor for each statement at a time."""

from __future__ import annotations

import re
import threading
from functools import partial
from pathlib import Path
from typing import Any, Final

import duckdb

from engine.errors import DatabaseError, Issue
from engine.execute import refusals
from engine.execute.database import Parameters, file_of
from engine.execute.threaded import Driver, ThreadedDatabase, take

__all__ = ["open_url", "switch_off_wrong_optimizers"]

_SESSIONS: Final = 4
_FAILURES: Final = (duckdb.Error, OverflowError, ValueError, TypeError, RuntimeError)
_CLOSED_TO_THE_OUTSIDE: Final[dict[str, str | bool | int | float | list[str]]] = {"enable_external_access": False}
_WRONG_OPTIMIZER: Final = "common_subplan"
_NO_TABLE: Final = re.compile(r"Table with name (\S+) does not exist")
_NO_COLUMN: Final = re.compile(
    r'Referenced column "([^"]+)" not found|Table "[^"]*" does not have a column named "([^"]+)"'
)


def switch_off_wrong_optimizers(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep the optimizers of the installed DuckDB that answer wrongly from all connections to the same instance.

    2.0's `common_subplan` takes joins of other tables for the same, and so counts rows of one twice in the other; older versions
    have none, and would refuse its name.
    """
    known = connection.execute("SELECT name FROM duckdb_optimizers()").fetchall()
    if (_WRONG_OPTIMIZER,) in known:
        connection.execute(f"SET disabled_optimizers = '{_WRONG_OPTIMIZER}'")


class _Instance:
    """The database instance of this process, opened by the first statement; cursors of it are the sessions."""

    def __init__(self, path: str, *, read_only: bool) -> None:
        self._path = path
        self._read_only = read_only
        self._lock = threading.Lock()
        self._root: duckdb.DuckDBPyConnection | None = None

    def cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._root is None:
                config = _CLOSED_TO_THE_OUTSIDE if self._read_only else {}
                # DuckDB opens nothing in memory for reading alone.
                read_only = self._read_only and self._path != ":memory:"
                root = duckdb.connect(self._path, read_only=read_only, config=config)
                switch_off_wrong_optimizers(root)
                if self._read_only:
                    root.execute("SET lock_configuration = true")
                self._root = root
            return self._root.cursor()

    def close(self) -> None:
        with self._lock:
            if self._root is not None:
                self._root.close()


def open_url(url: str, *, read_only: bool) -> ThreadedDatabase[duckdb.DuckDBPyConnection]:
    """The database at `duckdb:///path`, or a new one in memory; raises DatabaseError if there is no such file."""
    path = file_of(url)
    if path is not None and read_only and not Path(path).exists():
        raise DatabaseError(refusals.no_such_database(path))
    instance = _Instance(path or ":memory:", read_only=read_only)
    return ThreadedDatabase(
        Driver(
            dialect="duckdb",
            url=f"duckdb:///{path or ''}",
            sessions=_SESSIONS,
            connect=instance.cursor,
            run=_run,
            failures=_FAILURES,
            explain=partial(_explain, where=path or ":memory:"),
            identity=lambda: None,
            current=lambda *_: True,
            close=instance.close,
        )
    )


def _run(
    session: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters, max_rows: int | None
) -> tuple[tuple[str, ...], list[Any], bool]:
    return take(session.execute(sql, parameters or None), max_rows)


def _explain(error: Exception, *, where: str) -> Issue:
    message = str(error)
    if match := _NO_TABLE.search(message):
        return refusals.no_such_table(match[1])
    if match := _NO_COLUMN.search(message):
        return refusals.no_such_column(match[1] or match[2])
    if isinstance(error, duckdb.InterruptException):
        return refusals.stopped()
    if isinstance(error, duckdb.IOException) and "lock" in message:
        return refusals.locked(where)
    if isinstance(error, duckdb.IOException) and "not a valid DuckDB database file" in message:
        return refusals.not_a_database(where, "DuckDB")
    if isinstance(error, duckdb.IOException):
        return refusals.not_readable(where, message)
    if isinstance(error, duckdb.OutOfRangeException) and "verflow" in message:
        return refusals.overflow(message)
    if "read-only mode" in message:
        return refusals.read_only(message)
    return refusals.refused(message)
