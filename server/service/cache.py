"""Answers that are kept for a while: as long as the model says, in as much memory as it says."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.service.flights import Flights

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from engine import Result

_ROW_BYTES, _VALUE_BYTES = 64, 48
"""What CPython takes for a tuple and for a small value, roughly: the limit is there to bound memory, not to bill for it."""


@dataclass(slots=True)
class Entry:
    """One answer that is kept, since when (monotonic seconds), and the forms in which it has been written."""

    result: Result
    since: float
    written: dict[str, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        rows = len(self.result.rows) * (_ROW_BYTES + _VALUE_BYTES * len(self.result.columns))
        return rows + sum(map(len, self.written.values())) + 4096


class ResultCache:
    """Answers by what they answer; the one that was not asked for longest goes first."""

    def __init__(self, seconds: float, megabytes: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._most = int(megabytes * 1_000_000)
        self._clock = clock
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._size = 0
        self._aside: Flights[bytes] = Flights()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """About how many bytes all answers take."""
        return self._size

    def get(self, key: Hashable) -> Entry | None:
        """The answer under `key`, unless it is too old. Whoever does without one counts that in `misses`."""
        entry = self._entries.get(key)
        if entry is not None and self.age(entry) >= self.seconds:
            self._drop(key)
            entry = None
        if entry is None:
            return None
        self.hits += 1
        self._entries.move_to_end(key)
        return entry

    def put(self, key: Hashable, result: Result) -> Entry:
        """Keep an answer."""
        entry = Entry(result, self._clock())
        if self.seconds > 0 and entry.size <= self._most:
            self._drop(key)
            self._entries[key] = entry
            self._size += entry.size
            self._shrink()
        return entry

    def write(self, key: Hashable, entry: Entry, form: str, write: Callable[[Result], bytes]) -> bytes:
        """The answer in one form, written once."""
        written = entry.written.get(form)
        if written is None:
            written = entry.written[form] = write(entry.result)
            if self._entries.get(key) is entry:
                self._size += len(written)
                self._shrink()
        return written

    async def write_aside(self, key: Hashable, entry: Entry, form: str, write: Callable[[], bytes]) -> bytes:
        """The answer in one form, written once, in a thread: for what would hold up the event loop."""
        written = entry.written.get(form)
        if written is None:
            made = await self._aside.join((id(entry), form), lambda: asyncio.to_thread(write))
            written = self.write(key, entry, form, lambda _: made)
        return written

    def age(self, entry: Entry) -> float:
        """How long an answer has been kept, in seconds."""
        return self._clock() - entry.since

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= entry.size

    def _shrink(self) -> None:
        while self._size > self._most and self._entries:
            self._drop(next(iter(self._entries)))
