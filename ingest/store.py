"""The database during a sync: one connection in a thread of its own, one transaction at a time, and the users known in it.

What works on the database is a plain function of a connection. It runs in the thread as a whole: a page costs one change of
threads and not one for each statement, and while SQLite writes it, the next page is read and shaped.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sqlalchemy import select

from ingest.bulk import among, upsert
from ingest.database import open_database, store_errors
from ingest.statistics import learn
from ingest.tables import users

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from sqlalchemy import Connection, Engine

    from ingest.lock import Lock

MOST_PAGES = 8
"""Pages of the API in one transaction: what another process waits for, and what is read again after a kill, stays small."""

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Store:
    """A customer's data in the database, open for writing."""

    def __init__(self, engine: Engine, customer_id: int) -> None:
        self.customer_id = customer_id
        self.lock: Lock | None = None
        self._engine = engine
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._connection: Connection | None = None
        self._users: dict[tuple[str, str], int] = {}

    async def write(
        self, work: Callable[Concatenate[Connection, Given], Answer], *given: Given.args, **named: Given.kwargs
    ) -> Answer:
        """What `work` returns, done in a transaction: committed at its end, rolled back when it raises.

        Under a lock the transaction begins by making sure that the lock is still held.
        """
        return await _in_thread(self._writer, lambda: self._write(lambda connection: work(connection, *given, **named)))

    async def read(
        self, work: Callable[Concatenate[Connection, Given], Answer], *given: Given.args, **named: Given.kwargs
    ) -> Answer:
        """What `work` finds in what is committed, beside whoever writes."""
        return await asyncio.to_thread(self._read, lambda connection: work(connection, *given, **named))

    async def optimize(self) -> None:
        """Let the database learn how its values are spread, so that its planner chooses the right index."""
        await self.write(learn)

    async def close(self) -> None:
        """Let the connection go; to be called last."""
        await _in_thread(self._writer, self._close)
        self._writer.shutdown()

    def user_ids(self, connection: Connection, role: str, names: Iterable[str | None]) -> dict[str, int]:
        """The ids of the users of these names, made where they are missing; all have the role from now on.

        `role` is the name of the column that says so.
        """
        wanted = {name for name in names if name}
        missing = sorted(name for name in wanted if (role, name) not in self._users)
        if missing:
            rows = [{"customer_id": self.customer_id, "username": name, role: True} for name in missing]
            upsert(connection, users, rows, by=("customer_id", "username"))
            chosen = select(users.c.username, users.c.id).where(
                users.c.customer_id == self.customer_id, among(connection, users.c.username, missing)
            )
            self._users |= {(role, name): user for name, user in connection.execute(chosen)}
        return {name: self._users[role, name] for name in wanted}

    def _write(self, work: Callable[[Connection], Answer]) -> Answer:
        try:
            with store_errors(self._engine.url):
                if self._connection is None or self._connection.invalidated:
                    self._connection = self._engine.connect()
                with self._connection.begin():
                    if self.lock:
                        self.lock.confirm(self._connection)
                    return work(self._connection)
        except BaseException:
            self._users.clear()  # some may have been made in what is now undone
            raise

    def _read(self, work: Callable[[Connection], Answer]) -> Answer:
        with store_errors(self._engine.url), self._engine.connect() as connection:
            return work(connection.execution_options(reads=True))

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()


@asynccontextmanager
async def open_store(database_url: str, customer_id: int) -> AsyncIterator[Store]:
    """The customer's data in a database that has all migrations."""
    store = Store(open_database(database_url), customer_id)
    try:
        yield store
    finally:
        await store.close()


async def _in_thread(executor: ThreadPoolExecutor, work: Callable[[], Answer]) -> Answer:
    """The answer of work that finds the variables of this task, as what is counted is told by them."""
    return await asyncio.get_running_loop().run_in_executor(executor, copy_context().run, work)
