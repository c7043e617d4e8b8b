"""Buckets of time: the predefined ones and those an analyst declares, as exact arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
UNIT_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Granularity:
    """Buckets of a fixed length, counted from `origin`: a number of whole months, or of seconds.

    A length of both is kept as declared and refused when it is asked for: where its buckets start has no closed form.

    A predefined granularity has no origin: it is named by its unit and starts where the calendar says (weeks on Monday).
    """

    name: str
    months: int = 0
    seconds: int = 0
    origin: datetime | None = None
    title: str | None = None

    @property
    def predefined(self) -> bool:
        return self.origin is None

    @property
    def whole_days(self) -> bool:
        """Whether every bucket starts at midnight, so that a date names it."""
        midnight = self.origin is None or self.origin.time().isoformat() == "00:00:00"
        return midnight and (self.months > 0 or self.seconds % UNIT_SECONDS["day"] == 0)


PREDEFINED = {
    name: Granularity(name, months=UNIT_MONTHS.get(name, 0), seconds=UNIT_SECONDS.get(name, 0))
    for name in ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
}
"""Finest first."""
