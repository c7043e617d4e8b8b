"""Counts the calls that the simulator answers, by route, and how many were under way at once."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Traffic:
    """Calls by route template, the most that were under way at once, and the parameters of each call in order."""

    calls: Counter[str] = field(default_factory=Counter)
    peak: int = 0
    log: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _under_way: int = 0

    @property
    def total(self) -> int:
        """All calls of all routes."""
        return self.calls.total()

    def reset(self) -> None:
        """Begin to count anew."""
        self.calls.clear()
        self.log.clear()
        self.peak = 0

    @contextmanager
    def record(self, route: str, parameters: dict[str, str]) -> Iterator[None]:
        """Count one call, for as long as it is under way."""
        self.calls[route] += 1
        self.log.append((route, parameters))
        self._under_way += 1
        self.peak = max(self.peak, self._under_way)
        try:
            yield
        finally:
            self._under_way -= 1
