"""Runs calls side by side, and lets what has begun come to its end.

A statement that is cancelled leaves its connection in doubt. So nothing here cancels: after a failure no new work is begun,
and a cancelled caller waits until what is under way has been told to stop, and has.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ingest.waiting import patience, waits_told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Iterator, Sequence
    from types import TracebackType

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


def chunks(values: Collection[Item], size: int) -> Iterator[list[Item]]:
    """The values in lists of at most `size`.

    >>> list(chunks([1, 2, 3], 2))
    [[1, 2], [3]]
    """
    ordered = list(values)
    return (ordered[start : start + size] for start in range(0, len(ordered), size))


class Together(Generic[Item]):
    """Gives items to work that takes, whenever it is free, all that have come meanwhile, up to `most`.

    Whoever adds waits for room only, which is for `most` items beside those that are worked on: so what makes items and what
    works on them go on side by side. An async context manager; at its end all items have been worked on.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[None]], most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: asyncio.Queue[Item | None] = asyncio.Queue(most)
        self._failure: Exception | None = None
        self._working: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._working = asyncio.create_task(self._work_on())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the work come to its end; raises its failure, unless the block has failed itself."""
        await self._waiting.put(None)
        if self._working is not None:
            await self._working
        if error is None:
            self._tell()

    async def add(self, item: Item) -> None:
        """Return when there is room for the item; raises the failure of the work on earlier ones, after which it takes none."""
        self._tell()
        await self._waiting.put(item)

    def _give_up(self, items: Sequence[Item], failure: Exception) -> None:
        """To be overridden where somebody waits for items whose work failed, or was not begun after an earlier failure."""

    def _tell(self) -> None:
        if self._failure is not None:
            raise self._failure

    async def _work_on(self) -> None:
        ended = False
        while not ended:
            taken = [await self._waiting.get()]
            while len(taken) < self._most and not self._waiting.empty():
                taken.append(self._waiting.get_nowait())
            items = [item for item in taken if item is not None]
            ended = len(items) < len(taken)
            if items:
                try:
                    self._tell()
                    await self._work(items)
                except Exception as failure:  # noqa: BLE001  raised again by whoever adds or ends
                    self._failure = failure
                    self._give_up(items, failure)


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
