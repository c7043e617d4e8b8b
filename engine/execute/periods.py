"""Buckets of time that an answer shows only in part: the range cuts them, they are not over yet, or have not begun."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.query.calendar import bucket_label, bucket_start, next_bucket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.model.granularity import Granularity
    from engine.model.members import Dimension
    from engine.plan.plan import Plan

_COUNTED_IN_HOURS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Limit:
    """A date range on a dimension, half-open, on the wall clock of the query's zone; an end of None is open."""

    dimension: Dimension
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class PartialPeriod:
    """A bucket of which only `covered` of its `of` days (or hours) have come and lie in the range; none of one in the future."""

    column: str
    period: str
    covered: int
    of: int
    unit: str

    def __str__(self) -> str:
        if not self.covered:
            return f"{self.period} lies in the future."
        return f"{self.period} is partial: {self.covered} of {self.of} {self.unit}."

    def as_dict(self) -> dict[str, Any]:
        """The period as plain data."""
        return asdict(self)


def partial_periods(
    plan: Plan, now: datetime, limits: Sequence[Limit], rows: Sequence[Sequence[Any]]
) -> tuple[PartialPeriod, ...]:
    """The partial buckets among `rows`, in order; `now` is on the wall clock of the query's zone."""
    found: list[PartialPeriod] = []
    for index, column in enumerate(plan.groups):
        grouping = column.grouping
        if grouping is None or grouping.granularity is None:
            continue
        unit = grouping.granularity
        mine = [each for each in limits if each.dimension is grouping.use.dimension]
        shown = {datetime.fromisoformat(row[index]) for row in rows if isinstance(row[index], str)}
        to_come = {start for start in shown if start > now}
        for start in sorted(_suspects(unit, now, mine) & shown | to_come):
            found += _partial(column.name, start, unit, now, mine)
    return tuple(found)


def _suspects(unit: Granularity, now: datetime, limits: Sequence[Limit]) -> set[datetime]:
    """The starts of the buckets that hold now or an end of a range."""
    moments = [now]
    for each in limits:
        moments += [each.start] if each.start is not None else []
        moments += [each.end - timedelta(microseconds=1)] if each.end is not None else []
    return {bucket_start(moment, unit) for moment in moments}


def _partial(
    column: str, start: datetime, unit: Granularity, now: datetime, limits: Sequence[Limit]
) -> Iterator[PartialPeriod]:
    end = next_bucket(start, unit)
    hours = end - start < _COUNTED_IN_HOURS
    step = timedelta(hours=1) if hours else timedelta(days=1)
    first, last = start, end
    if start > now:
        last = start
    elif now < end:
        # The hour or day that is under way counts as covered: rows of it may be there.
        last = bucket_start(now, "hour" if hours else "day") + step
    for each in limits:
        first = first if each.start is None else max(first, each.start)
        last = last if each.end is None else min(last, each.end)
    if (end - start) // step > 1 and (first > start or last < end):
        covered = max(-((first - last) // step), 0)
        yield PartialPeriod(
            column, bucket_label(start, unit), covered, (end - start) // step, "hours" if hours else "days"
        )
