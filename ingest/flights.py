"""Refreshes under way, at most one for each key however many queries wait for it."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.errors import IngestError, Interrupted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

LOG = logging.getLogger(__name__)

COOL_DOWN_SECONDS = 60.0
"""What failed is left alone for so long: each query would otherwise wait for the same failure."""


@dataclass(frozen=True, slots=True)
class Landing:
    """What became of the keys: refreshed, failed, or still under way when the time was up."""

    refreshed: frozenset[int]
    failed: frozenset[int]
    pending: frozenset[int]


class Flights:
    """The refreshes of one kind of key; `refresh` is given up to `batch` keys, and returns those for which it failed."""

    def __init__(self, refresh: Callable[[Sequence[int]], Awaitable[set[int]]], batch: int) -> None:
        self._refresh = refresh
        self._batch = batch
        self._under_way: dict[int, asyncio.Task[set[int]]] = {}
        self._failed_at: dict[int, float] = {}
        self._told = ""  # of many refreshes that fail alike, one is logged

    async def settle(self, keys: Iterable[int], seconds: float) -> Landing:
        """Refresh the keys, joining what is under way; returns after `seconds` at most, while the rest goes on behind."""
        wanted = list(keys)
        now = time.monotonic()
        cooling = {key for key in wanted if now - self._failed_at.get(key, -COOL_DOWN_SECONDS) < COOL_DOWN_SECONDS}
        wanted = [key for key in wanted if key not in cooling]
        self._launch([key for key in wanted if key not in self._under_way])
        flights = {key: self._under_way[key] for key in wanted}
        if flights:
            await asyncio.wait(set(flights.values()), timeout=seconds)
        pending = frozenset(key for key, task in flights.items() if not task.done())
        failed = frozenset(key for key, task in flights.items() if task.done() and key in task.result())
        return Landing(frozenset(wanted) - pending - failed, failed | cooling, pending)

    async def land(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*set(self._under_way.values()), return_exceptions=True)

    def _launch(self, keys: list[int]) -> None:
        for start in range(0, len(keys), self._batch):
            batch = keys[start : start + self._batch]
            task = asyncio.create_task(self._fly(batch))
            self._under_way |= dict.fromkeys(batch, task)

    async def _fly(self, keys: list[int]) -> set[int]:
        try:
            failed = await self._refresh(keys)
        except Interrupted:
            failed = set(keys)
        except IngestError as error:
            if str(error) != self._told:
                LOG.warning("A refresh failed: %s", error)
            self._told = str(error)
            failed = set(keys)
        finally:
            for key in keys:
                self._under_way.pop(key, None)
        now = time.monotonic()
        for key in keys:
            self._failed_at.pop(key, None)
        self._failed_at |= dict.fromkeys(failed, now)
        return failed
