"""Runs calls side by side and tells of the first that fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

Answer = TypeVar("Answer")
Item = TypeVar("Item")


async def concurrently(calls: Iterable[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    """All answers, in order; the first failure stops the calls that are still under way and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
    except BaseExceptionGroup as failures:
        raise _first(failures) from None
    return [task.result() for task in tasks]


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


async def for_each(items: Iterable[Item], work: Callable[[Item], Awaitable[None]], limit: int) -> None:
    """Work on all items, at most `limit` at a time, taking an item only when there is a hand free for it."""
    queue = iter(items)

    async def worker() -> None:
        for item in queue:
            await work(item)

    await concurrently(worker() for _ in range(limit))
