"""Databases behind a server, through SQLAlchemy and drivers that stop a statement on the server when cancelled."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from engine.errors import DatabaseError, Issue
from engine.execute import refusals
from engine.execute.database import Fetched, Parameters

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["NetworkedDatabase", "explain", "open_url"]

_QUOTED: Final = re.compile(r'"([^"]+)"')
_CONNECTION_STATES: Final = ("08", "28", "53", "57P")
_SESSION: Final = "-c timezone=UTC"
_READ_ONLY: Final = f"{_SESSION} -c default_transaction_read_only=on"


def open_url(url: str, *, read_only: bool) -> NetworkedDatabase:
    """The PostgreSQL database at `postgresql://…`; raises DatabaseError for a URL that cannot be read."""
    where = _without_credentials(url)
    try:
        engine = create_async_engine(
            url.replace(url.partition("://")[0], "postgresql+psycopg", 1),
            # One statement is one transaction: without a BEGIN and a ROLLBACK around it, it is one round trip.
            isolation_level="AUTOCOMMIT",
            pool_pre_ping=True,
            connect_args={"options": _READ_ONLY if read_only else _SESSION},
        )
    except (ArgumentError, ValueError) as error:
        message = f"The URL {where} cannot be read."
        raise DatabaseError(
            Issue("E_DATABASE_URL", message, hint="Write it as postgresql://user@host/name.")
        ) from error
    return NetworkedDatabase(engine, dialect="postgres", url=where)


class NetworkedDatabase:
    """A database behind a server, with SQLAlchemy's pool of connections."""

    def __init__(self, engine: AsyncEngine, *, dialect: str, url: str) -> None:
        self.dialect = dialect
        self.url = url
        self._engine = engine
        self._works: set[asyncio.Task[Fetched]] = set()

    async def fetch(
        self, sql: str, parameters: Parameters, *, timeout: float | None = None, max_rows: int | None = None
    ) -> Fetched:
        """Run one statement; see `Database.fetch`."""
        work = asyncio.create_task(self._run(sql, parameters, max_rows))
        self._works.add(work)
        work.add_done_callback(self._works.discard)
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.shield(work)
        except TimeoutError:
            raise refusals.timed_out(timeout or 0) from None
        except (SQLAlchemyError, OSError, ValueError, TypeError, OverflowError) as error:
            raise DatabaseError(explain(error, where=self.url)) from error
        finally:
            _give_up(work)

    async def close(self) -> None:
        """Stop what runs and close all connections."""
        works = tuple(self._works)
        for work in works:
            _give_up(work)
        await asyncio.gather(*works, return_exceptions=True)
        await self._engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, sql: str, parameters: Parameters, max_rows: int | None) -> Fetched:
        async with self._engine.connect() as connection:
            begin = time.perf_counter()
            # Never `text()`: it takes a colon inside a literal for a parameter.
            values = parameters if isinstance(parameters, Mapping) else tuple(parameters)
            result = await connection.exec_driver_sql(sql, values)
            if not result.returns_rows:
                return Fetched((), (), time.perf_counter() - begin)
            rows = result.fetchall() if max_rows is None else result.fetchmany(max_rows + 1)
            seconds = time.perf_counter() - begin
            kept = tuple(tuple(row) for row in rows[:max_rows])
            return Fetched(tuple(result.keys()), kept, seconds, cut=len(rows) > len(kept))


def _give_up(work: asyncio.Task[Fetched]) -> None:
    """Cancel once: a driver that is cancelled again while it cancels on the server leaves the statement running."""
    if not work.done() and not work.cancelling():
        work.cancel()


def explain(error: Exception, *, where: str) -> Issue:
    """What the database at `where` means by `error`."""
    original = error.orig if isinstance(error, DBAPIError) else error
    reason = str(original).strip().partition("\n")[0]
    state: str = getattr(original, "sqlstate", None) or ""
    name = match[1] if (match := _QUOTED.search(reason)) else reason
    if state == "42P01":
        return refusals.no_such_table(name)
    if state == "42703":
        return refusals.no_such_column(name)
    if state == "3D000" or ('database "' in reason and "does not exist" in reason):
        return refusals.no_such_database(where)
    if state == "25006":
        return refusals.read_only(reason)
    if state == "22003":
        return refusals.overflow(reason)
    if state == "57014":
        return refusals.stopped()
    if state.startswith(_CONNECTION_STATES) or (not state and type(original).__name__ == "OperationalError"):
        return refusals.unreachable(where, reason)
    return refusals.refused(reason)


def _without_credentials(url: str) -> str:
    """`url` without user, password and options, which may hold a password too.

    >>> _without_credentials("postgresql://me:secret@db.example:5432/cube?password=secret")
    'postgresql://db.example:5432/cube'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
