"""How many queries run at once, and how many may wait for their turn."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from server.service.errors import Busy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Gate:
    """Lets `running` queries run at once and `waiting` more wait, first come first served; the next is refused."""

    def __init__(self, running: int, waiting: int) -> None:
        self._turns = asyncio.Semaphore(running)
        self._running, self._most_waiting = running, waiting
        self._usual_seconds = 1.0
        self.waiting = 0
        self.running = 0

    @property
    def is_full(self) -> bool:
        """Whether the next query has to wait."""
        return self._turns.locked()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it; raises Busy where too many wait already."""
        await self._wait()
        self.running += 1
        began = time.monotonic()
        try:
            yield
        finally:
            self.running -= 1
            self._turns.release()
            self._usual_seconds += (time.monotonic() - began - self._usual_seconds) / 8

    async def _wait(self) -> None:
        if self.is_full and self.waiting >= self._most_waiting:
            raise Busy(self.waiting, self._retry_after())
        self.waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self.waiting -= 1

    def _retry_after(self) -> int:
        """When half of those who wait will have had their turn, as far as queries go on taking as long as they took."""
        seconds = self._usual_seconds * self.waiting / self._running / 2
        return max(1, min(60, round(seconds)))
