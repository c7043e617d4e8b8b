"""Puts the rows of a model into SQLite or DuckDB, in memory, or into tables of PostgreSQL that last as long as a connection."""

from __future__ import annotations

import atexit
import os
import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

import duckdb
import psycopg

from engine.execute.duck import switch_off_wrong_optimizers
from tests.oracle.times import Day

if TYPE_CHECKING:
    from tests.oracle.model import ColumnType, Data, Model

Dialect = Literal["sqlite", "duckdb", "postgres"]
DIALECTS: tuple[Dialect, ...] = ("sqlite", "duckdb")
"""Those that are always there; PostgreSQL is where METRIC_CUBE_TEST_POSTGRES has the URL of a server's database."""
POSTGRES_URL = os.environ.get("METRIC_CUBE_TEST_POSTGRES", "")

_TYPES: dict[Dialect, dict[ColumnType, str]] = {
    "sqlite": {
        "integer": "INTEGER",
        "float": "REAL",
        "text": "TEXT",
        "boolean": "BOOLEAN",
        "timestamp": "TEXT",
        "date": "TEXT",
    },
    "duckdb": {
        "integer": "BIGINT",
        "float": "DOUBLE",
        "text": "VARCHAR",
        "boolean": "BOOLEAN",
        "timestamp": "TIMESTAMP",
        "date": "DATE",
    },
}
_TYPES["postgres"] = _TYPES["duckdb"] | {"float": "DOUBLE PRECISION"}


class Connection(Protocol):
    """What the connections of both drivers have in common."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any: ...

    def close(self) -> None: ...


def connect(dialect: Dialect) -> Connection:
    """A new, empty database in memory, or a connection to the server's, closed at the latest when the tests end."""
    connection: Connection
    if dialect == "sqlite":
        connection = sqlite3.connect(":memory:")
    elif dialect == "postgres":
        connection = psycopg.connect(POSTGRES_URL, autocommit=True)
    else:
        connection = instance = duckdb.connect(":memory:")
        switch_off_wrong_optimizers(instance)
    atexit.register(connection.close)
    return connection


def run_script(connection: Connection, script: str) -> None:
    """Run the statements of a script; each ends with a semicolon at the end of a line."""
    for statement in script.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def fill(connection: Connection, dialect: Dialect, model: Model, data: Data) -> None:
    """Makes the tables of a model, dropping those of their names, and inserts the rows."""
    kind, mark = ("TEMPORARY TABLE", "%s") if dialect == "postgres" else ("TABLE", "?")
    for table in model.tables:
        columns = ", ".join(f"{name} {_TYPES[dialect][kind]}" for name, kind in table.columns)
        connection.execute(f"DROP TABLE IF EXISTS {table.name}")
        connection.execute(f"CREATE {kind} {table.name} ({columns})")
        names = [name for name, _ in table.columns]
        if rows := data[table.name]:
            marks = ", ".join(f"({', '.join([mark] * len(names))})" for _ in rows)
            values = [_stored(dialect, row[name]) for row in rows for name in names]
            connection.execute(f"INSERT INTO {table.name} VALUES {marks}", values)
        elif dialect == "duckdb":
            # DuckDB 2.0.0 loses rows of a LEFT JOIN to a table that never held any, where a HAVING is over a sum.
            connection.execute(f"INSERT INTO {table.name} VALUES ({', '.join(['NULL'] * len(names))})")
            connection.execute(f"DELETE FROM {table.name}")


def fetch(connection: Connection, sql: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    rows: list[tuple[Any, ...]] = connection.execute(sql, parameters).fetchall()
    return rows


def _stored(dialect: Dialect, value: Any) -> Any:
    if isinstance(value, Day):
        return value.date().isoformat()
    if dialect == "sqlite" and isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value
