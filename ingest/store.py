"""The database during a sync: one connection, one transaction at a time, and the users that are known in it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ingest.bulk import upsert
from ingest.database import open_database, store_errors
from ingest.tables import users

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Iterator

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from ingest.lock import Lock


SAMPLE = 1000
"""Rows of each index that SQLite looks at to learn how values are spread; all of them would take seconds."""

MOST_PARAMETERS = 500
"""Values in one IN list: well under what any database takes."""


class Store:
    """A customer's data in the database, open for writing."""

    def __init__(self, engine: AsyncEngine, connection: AsyncConnection, customer_id: int) -> None:
        self.customer_id = customer_id
        self.lock: Lock | None = None
        self._engine = engine
        self._connection = connection
        self._turn = asyncio.Lock()
        self._users: dict[tuple[str, str], int] = {}

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction of its own: committed when the block is left, rolled back when an error leaves it.

        Under a lock it begins by making sure that the lock is still held.
        """
        async with self._turn:
            try:
                with store_errors(self._engine.url):
                    async with self._connection.begin():
                        if self.lock:
                            await self.lock.confirm(self._connection)
                        yield self._connection
            except BaseException:
                self._users.clear()  # some may have been made in what is now undone
                raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A look at what is committed, beside whoever writes."""
        with store_errors(self._engine.url):
            async with self._engine.connect() as connection:
                yield await connection.execution_options(reads=True)

    async def optimize(self) -> None:
        """Let the database learn how its values are spread, so that its planner chooses the right index."""
        async with self.transaction() as connection:
            if connection.dialect.name == "sqlite":
                await connection.exec_driver_sql(f"PRAGMA analysis_limit={SAMPLE}")
            await connection.exec_driver_sql("ANALYZE")

    async def user_ids(self, connection: AsyncConnection, role: str, names: Iterable[str | None]) -> dict[str, int]:
        """The ids of the users of these names, made where they are missing; all have the role from now on.

        `role` is the name of the column that says so.
        """
        wanted = {name for name in names if name}
        missing = sorted(name for name in wanted if (role, name) not in self._users)
        if missing:
            rows = [{"customer_id": self.customer_id, "username": name, role: True} for name in missing]
            await upsert(connection, users, rows, by=("customer_id", "username"))
            for chunk in chunks(missing, MOST_PARAMETERS):
                chosen = select(users.c.username, users.c.id).where(
                    users.c.customer_id == self.customer_id, users.c.username.in_(chunk)
                )
                self._users |= {(role, name): user for name, user in (await connection.execute(chosen)).all()}
        return {name: self._users[role, name] for name in wanted}


@asynccontextmanager
async def open_store(database_url: str, customer_id: int) -> AsyncIterator[Store]:
    """The customer's data in a database that has all migrations."""
    engine = open_database(database_url)
    try:
        with store_errors(engine.url):
            connection = await engine.connect()
        try:
            yield Store(engine, connection, customer_id)
        finally:
            await connection.close()
    finally:
        await engine.dispose()


def chunks(values: Collection[Any], size: int) -> Iterator[list[Any]]:
    """The values in lists of at most `size`.

    >>> list(chunks([1, 2, 3], 2))
    [[1, 2], [3]]
    """
    ordered = list(values)
    return (ordered[start : start + size] for start in range(0, len(ordered), size))
