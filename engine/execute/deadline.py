"""One time limit for all statements of an answer, together."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from engine.errors import QueryTimeout
from engine.execute.refusals import timed_out
from engine.execute.runner import execute

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from engine.execute.database import Database, Fetched
    from engine.sql.statement import Statement


class Deadline:
    """Runs statements on a database until `seconds` have passed since it was made."""

    def __init__(self, database: Database, seconds: float) -> None:
        self.database = database
        self.seconds = seconds
        self._begin = time.perf_counter()

    @property
    def spent(self) -> float:
        """The seconds since it was made."""
        return time.perf_counter() - self._begin

    @property
    def left(self) -> float:
        """The seconds that are left; 0 if none are."""
        return max(self.seconds - self.spent, 0.0)

    async def run(self, statement: Statement) -> Fetched:
        """The rows of a statement, normalised; raises DatabaseError, and QueryTimeout where the limit of all is reached."""
        if not self.left:
            raise timed_out(self.seconds)
        try:
            return await execute(statement, self.database, timeout=self.left)
        except QueryTimeout as error:
            # The database knows only of what was left; the reader has to know of the limit.
            raise timed_out(self.seconds) from error

    async def counts(self, statement: Statement) -> list[int]:
        """The numbers in the one row of a statement that counts; raises as `run` does."""
        (row,) = (await self.run(statement)).rows
        return [int(str(value)) for value in row]


async def together(*works: Coroutine[Any, Any, Any]) -> list[Any]:
    """What several works give, done at the same time; where one fails, the others are stopped and its error is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
