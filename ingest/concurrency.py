"""Runs calls side by side, and lets what has begun come to its end.

A statement that is cancelled leaves its connection in doubt. So nothing here cancels: after a failure no new work is begun,
and a cancelled caller waits until what is under way has been told to stop, and has.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from ingest.waiting import patience, waits_told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

Answer = TypeVar("Answer")
Item = TypeVar("Item")


async def concurrently(calls: Iterable[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    """All answers, in order; when all calls have ended, the first failure among them is raised as it is."""
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    answers: list[Answer] = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        answers.append(outcome)
    return answers


async def for_each(items: Iterable[Item], work: Callable[[Item], Awaitable[None]], limit: int) -> None:
    """Work on all items, at most `limit` at a time, taking an item only when there is a hand free for it.

    After the first failure no more items are taken, and it is raised.
    """
    queue = iter(items)
    failures: list[BaseException] = []

    async def worker() -> None:
        for item in queue:
            if failures:
                return
            try:
                await work(item)
            except BaseException as failure:
                failures.append(failure)
                raise

    await asyncio.gather(*(worker() for _ in range(limit)), return_exceptions=True)
    if failures:
        raise failures[0]


async def to_the_end(call: Coroutine[Any, Any, Answer], stop: Callable[[], None] | None = None) -> Answer:
    """The answer of a call that is never cut off: a cancelled caller asks it to stop and waits for it before it goes.

    Asked are `stop`, and what waits for a lock or looks at `patience` on its way.
    """
    outcome: list[Answer] = []
    with waits_told(patience().tell) as mine:
        task = asyncio.create_task(_settle(call, outcome))
        try:
            failure = await asyncio.shield(task)
        except asyncio.CancelledError:
            mine.stop()
            if stop:
                stop()
            await asyncio.wait({task})
            raise
    if failure is not None:
        raise failure
    return outcome[0]


async def _settle(call: Coroutine[Any, Any, Answer], outcome: list[Answer]) -> Exception | None:
    """The failure is returned: a caller that is gone for good takes note of none, and the loop would print it."""
    try:
        outcome.append(await call)
    except Exception as failure:  # noqa: BLE001  raised again by whoever waits
        return failure
    return None
