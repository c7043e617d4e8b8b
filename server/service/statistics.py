"""How answers went since the service was opened: how many, how long they took, and why others were refused."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine import EngineError

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of how long something took, in seconds, from an answer that was kept to the longest that a model allows, as a rule;
a last group has what took longer."""


@dataclass(slots=True)
class Times:
    """How many took how long: `counts` by `BOUNDS`, and the seconds of all together.

    Counted here and not by `prometheus_client`, whose counters are for threads and take ten times as long.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """How many took at most each bound, as Prometheus counts them: each group holds those before it."""
        return list(zip((*map(str, BOUNDS), "+Inf"), map(float, accumulate(self.counts)), strict=True))


@dataclass(slots=True)
class Statistics:
    """Answers that were kept from before, answers that were computed, and refusals by the codes of their issues."""

    kept: Times = field(default_factory=Times)
    computed: Times = field(default_factory=Times)
    refusals: Counter[str] = field(default_factory=Counter)

    def answered(self, seconds: float, *, hit: bool) -> None:
        """Count an answer."""
        (self.kept if hit else self.computed).add(seconds)

    def refused(self, error: EngineError) -> None:
        """Count a refusal, once for each of its codes."""
        self.refusals.update({issue.code for issue in error.issues})
