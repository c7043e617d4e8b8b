"""Opens the database that a sync writes to: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from ingest.errors import SettingsError, StoreError
from ingest.waiting import ATTEMPT_SECONDS, MOST_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.pool import ConnectionPoolEntry

DRIVERS = {
    "sqlite+aiosqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+asyncpg": "postgresql+psycopg",
}
"""The blocking driver of each database: what is written runs in a thread of its own."""

HINTS = {
    "disk is full": "Make room and run this again: it goes on where it stopped.",
    "readonly database": "Give a file that may be written to, in a folder that may be too.",
    "unable to open database file": "Does the folder exist, and may it be written to?",
    "malformed": "The file is damaged. Put a copy in its place, or move it away and sync into a new one.",
    "not a database": "Give another file: this one is of another program, or damaged.",
    "lock timeout": "Another session holds a lock (pg_stat_activity lists them): let it end, then run this again.",
    "read-only transaction": "This server or session only reads: give the URL of the one that is written to.",
    "permission denied": "Its user may not do this: let its owner grant it, or give the URL of a user who may.",
    'FATAL:  database "': "Make it first (CREATE DATABASE), or is its name another one?",
    "onnection refused": "Is the server running, and is the address right?",
}
"""What helps, by words of what the database says."""

NO_LOG = ("SQLITE_READONLY_DIRECTORY", "SQLITE_READONLY_CANTINIT", "SQLITE_CANTOPEN")
"""What SQLite says where a write-ahead log can neither be made nor be read (sqlite.org/wal.html, section 10)."""

_READ_ONLY = "SHOW transaction_read_only"

PAGE_BYTES = 8192
"""The page of a file that is made: a bug with its JSON fills a third of SQLite's usual one, so a fifth of each stayed empty."""

CHECKPOINT_PAGES = 2000
"""Pages of the write-ahead log that are carried into the file at once: a page that changes often is so once."""


def parse_url(text: str) -> URL:
    """The URL with its driver; a text without a scheme is the path of a SQLite file.

    >>> str(parse_url("data/cube.sqlite"))
    'sqlite:///data/cube.sqlite'
    >>> str(parse_url("postgresql://db.example/cube"))
    'postgresql+psycopg://db.example/cube'
    """
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise SettingsError(
            "The database URL cannot be read.", hint="Write it as sqlite:///path/of/file.sqlite."
        ) from error
    return url.set(drivername=DRIVERS.get(url.drivername, url.drivername))


def shown_url(text: str) -> str:
    """The URL or path of a database as it may be shown: without its password.

    >>> shown_url("postgresql://me:secret@db.example/cube?password=secret"), shown_url("data/cube.sqlite")
    ('postgresql://me:***@db.example/cube', 'data/cube.sqlite')
    """
    return _shown(parse_url(text)) if "://" in text else text


def open_database(database_url: str, *, foreign_keys: bool = True) -> Engine:
    """An engine whose transactions may write, unless the execution option `reads` is set; a SQLite file's folder is made.

    Transactions that write begin on SQLite with the write lock (BEGIN IMMEDIATE): one that first reads and then writes would
    otherwise fail at once, without waiting, when another process wrote in between. Those that read begin with reading. So it is
    at their beginning alone that transactions wait for others (`ingest.waiting`).
    """
    url = parse_url(database_url)
    with store_errors(url):
        if url.get_backend_name() != "sqlite":
            return _bounded(create_engine(url))
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, creator=partial(_connect_sqlite, url.database or ":memory:"))
    _configure_sqlite(engine, url.database or ":memory:", foreign_keys=foreign_keys)
    return engine


def refuse_read_only(database_url: str) -> None:
    """Raise `StoreError` for a database that cannot be written to, before work is done whose outcome is to stand there."""
    engine = open_database(database_url)
    try:
        with store_errors(engine.url), engine.begin() as connection:
            if engine.dialect.name == "postgresql" and connection.exec_driver_sql(_READ_ONLY).scalar() == "on":
                message = f"The database {_shown(engine.url)} cannot be written to: it is in a read-only transaction."
                raise StoreError(message, hint=HINTS["read-only transaction"])
    finally:
        engine.dispose()


def database_exists(database_url: str) -> bool:
    """Whether there is a SQLite file; a server's database counts as existing."""
    url = parse_url(database_url)
    return url.get_backend_name() != "sqlite" or (url.database is not None and Path(url.database).exists())


@contextmanager
def store_errors(url: URL) -> Iterator[None]:
    """Raises the database's refusals as ours, without password and parameters."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error)
        hint = next((hint for words, hint in HINTS.items() if words in said), None)
        message = (
            f"The database {_shown(url)} refused: {said.partition(chr(10))[0]}."  # statements and questions follow
        )
        raise StoreError(message, hint=hint) from error
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        hint = "Install its driver, or use sqlite:///path/of/file.sqlite."
        raise StoreError(f"No driver is installed for {url.drivername}.", hint=hint) from error
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(f"The database {_shown(url)} cannot be used: {error}.") from error


def _shown(url: URL) -> str:
    plain = url.set(drivername=url.get_backend_name())
    return plain.difference_update_query(("password", "sslpassword")).render_as_string(hide_password=True)


def _bounded(engine: Engine) -> Engine:
    """PostgreSQL waits for locks without end: a statement that waits too long is to fail, and to say so."""
    if engine.dialect.name == "postgresql":

        @event.listens_for(engine, "connect")
        def connect(connection: Any, _: Any) -> None:
            connection.execute(f"SET lock_timeout = {MOST_SECONDS * 1000:.0f}")
            connection.commit()

    return engine


class _WithoutLog(sqlite3.Connection):
    """A connection that only reads, and takes a file for what it was when it was opened."""


def _connect_sqlite(path: str) -> sqlite3.Connection:
    """A connection with a write-ahead log; in a folder that takes none, one that reads a file that has none."""
    connection = sqlite3.Connection(path, timeout=ATTEMPT_SECONDS, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
        wait_for(lambda: connection.execute("PRAGMA journal_mode=WAL"), path)
    except BaseException as error:
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorname == "SQLITE_READONLY":
            return connection  # a copy without a log, which can be read
        connection.close()
        if not (isinstance(error, sqlite3.OperationalError) and error.sqlite_errorname in NO_LOG):
            raise
        log = Path(f"{path}-wal")
        if log.exists() and log.stat().st_size:
            message = (
                f"The database {path} cannot be read: {log} holds changes to it, and their folder cannot be written to."
            )
            hint = "Open it once where its folder can be written to, with that file beside it."
            raise StoreError(message, hint=hint) from error
        if not Path(path).is_file():
            raise
        name = f"file:{quote(path)}?mode=ro&immutable=1"
        return _WithoutLog(name, uri=True, timeout=ATTEMPT_SECONDS, check_same_thread=False)
    return connection


def _configure_sqlite(engine: Engine, path: str, *, foreign_keys: bool) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver begins no transaction of its own
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        cursor.close()

    @event.listens_for(engine, "checkin")
    def checkin(connection: Any, record: ConnectionPoolEntry) -> None:
        if isinstance(connection, _WithoutLog):
            record.invalidate()  # the file may be another one when it is read next

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if not connection.get_execution_options().get("reads", False):
            if isinstance(driver, _WithoutLog):
                raise sqlite3.OperationalError(
                    "attempt to write a readonly database"
                )  # it would itself say so only later
            wait_for(lambda: driver.execute("BEGIN IMMEDIATE"), path)
            try:
                # Changes nothing, but wants to write: where the file is read-only, BEGIN IMMEDIATE is content with reading.
                driver.execute("PRAGMA incremental_vacuum(1)")
            except sqlite3.Error:
                driver.execute("ROLLBACK")
                raise
            return
        driver.execute("BEGIN")
        wait_for(lambda: driver.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone(), path)
