"""The time that a query goes by: its time dimension in buckets, or with a range; and which buckets it shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.oracle.expressions import AsDate
from tests.oracle.times import Range, bucket, following, half_open
from tests.oracle.windows import buckets, showed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from zoneinfo import ZoneInfo

    from tests.oracle.model import Query
    from tests.oracle.names import Reference

ALWAYS = (datetime.min, datetime.max)  # noqa: DTZ901 - wall-clock time of the model's zone


def _day_from(moment: datetime) -> datetime:
    """The midnight that is not before a moment."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if day == moment else day + timedelta(days=1)


def _all_of(moments: Iterable[datetime], granularity: str) -> Range | None:
    """From the first moment to the end of the bucket that the last lies in; None where there are none."""
    known = sorted(moments)
    last = bucket(known[-1], granularity) if known else None
    return (known[0], following(last, granularity)) if last is not None else None


@dataclass(frozen=True)
class Clock:
    """`asked` is an entry of `timeDimensions`; a query without any has a clock that shows nothing."""

    asked: dict[str, Any]
    reference: Reference | None

    @classmethod
    def of(cls, query: Query, resolve: Callable[[str], Reference]) -> Clock:
        entries = sorted(query.get("timeDimensions", ()), key=lambda each: "granularity" not in each)
        return cls(entries[0], resolve(entries[0]["dimension"])) if entries else cls({}, None)

    @property
    def time(self) -> Reference:
        assert self.reference is not None, "a measure that moves in time is asked without one"
        return self.reference

    @property
    def condition(self) -> dict[str, Any] | None:
        """The range as a filter."""
        if "dateRange" not in self.asked:
            return None
        return {"member": self.asked["dimension"], "operator": "inDateRange", "values": self.asked["dateRange"]}

    @property
    def range(self) -> Range:
        if "dateRange" not in self.asked:
            return ALWAYS
        start, end = half_open(*self.asked["dateRange"])
        # A date is its midnight: the first that a range holds is the first midnight in it.
        return (_day_from(start), _day_from(end)) if isinstance(self.time.dimension.sql, AsDate) else (start, end)

    def spans(self, home: str, zone: ZoneInfo, moments: Iterable[datetime]) -> list[Range]:
        """The buckets of the range that a home's times can lie in, or the range itself; without one, those of all the moments."""
        if "granularity" not in self.asked:
            return [self.range]
        granularity = self.asked["granularity"]
        within = self.range if self.condition else _all_of(moments, granularity)
        dates = isinstance(self.time.at(home).dimension.sql, AsDate)
        every = buckets(within, granularity) if within is not None else ()
        return [span for span in every if dates or showed(zone, span)]

    def shows(self, reference: Reference) -> bool:
        """Whether a dimension of the query shows buckets of this time."""
        return reference.granularity is not None and replace(reference, granularity=None) == self.reference
