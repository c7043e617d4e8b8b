"""Tells the caller of a call that takes long what it waits for, and that it is still under way."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Report = Callable[[float, float | None, str | None], Awaitable[None]]

_PATIENCE = 0.4
"""Seconds in which an answer needs no word about it: over HTTP, the first word turns a plain response into a stream."""

_EVERY = 2.0
"""Seconds after which the same wait is told again."""


@asynccontextmanager
async def told(report: Report) -> AsyncIterator[Callable[[str], None]]:
    """What to call with the few words that say what is waited for: the caller is told by `report`.

    It is given the seconds so far, no total, and the words.
    """
    waiting = _Waiting(report)
    task = asyncio.create_task(waiting.tell())
    try:
        yield waiting.on
    finally:
        task.cancel()
        await asyncio.wait([task])


class _Waiting:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._words = "at work"
        self._changed = asyncio.Event()

    def on(self, words: str) -> None:
        self._words = words
        self._changed.set()

    async def tell(self) -> None:
        began = time.monotonic()
        await asyncio.sleep(_PATIENCE)
        told: str | None = None
        while True:
            self._changed.clear()
            seconds = time.monotonic() - began
            words = self._words if self._words != told else f"{self._words}: still running, {seconds:.0f} s"
            told = self._words
            await self._report(round(seconds, 3), None, words)
            try:
                await asyncio.wait_for(self._changed.wait(), _EVERY)
            except TimeoutError:
                continue
