"""The buckets of time: where one starts, where the next one starts, and what it is called.

All moments here are wall-clock times of one zone: `tzinfo` is not read, and kept but by granularities that have an origin;
hours that a change of clocks repeats or skips are the caller's to settle. Weeks are ISO weeks: they start on Monday and belong
to the year of their Thursday.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from engine.model.granularity import PREDEFINED, Granularity

__all__ = [
    "UNITS",
    "Unit",
    "add_units",
    "bucket_label",
    "bucket_start",
    "next_bucket",
]

Unit: TypeAlias = Literal["second", "minute", "hour", "day", "week", "month", "quarter", "year"]

UNITS: Final[tuple[Unit, ...]] = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
"""The predefined granularities, by name, finest first."""

_FIXED: Final[dict[str, timedelta]] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_MONTHS: Final[dict[str, int]] = {"month": 1, "quarter": 3, "year": 12}
_UNIT_OF: Final = dict(zip(PREDEFINED, UNITS, strict=True))


def bucket_start(moment: datetime, granularity: Unit | Granularity) -> datetime:
    """The first moment of the bucket in which `moment` lies.

    >>> bucket_start(datetime(2025, 11, 30, 17, 5), "week")
    datetime.datetime(2025, 11, 24, 0, 0)
    """
    if isinstance(granularity, Granularity):
        if granularity.origin is not None:
            return _boundary(granularity, _number(granularity, moment))
        granularity = _UNIT_OF[granularity.name]
    if granularity == "second":
        return moment.replace(microsecond=0)
    if granularity == "minute":
        return moment.replace(second=0, microsecond=0)
    if granularity == "hour":
        return moment.replace(minute=0, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if granularity == "day":
        return day
    if granularity == "week":
        return day - timedelta(days=day.weekday())
    length = _MONTHS[granularity]
    return day.replace(month=(day.month - 1) // length * length + 1, day=1)


def next_bucket(start: datetime, granularity: Unit | Granularity) -> datetime:
    """The start of the bucket after the one that starts at `start`; raises OverflowError after the year 9999."""
    if isinstance(granularity, Granularity):
        if granularity.origin is not None:
            return _boundary(granularity, _number(granularity, start) + 1)
        granularity = _UNIT_OF[granularity.name]
    return add_units(start, 1, granularity)


def add_units(moment: datetime, count: int, granularity: Unit) -> datetime:
    """`moment` moved by `count` units on the wall clock; a day that the month reached lacks becomes its last day.

    >>> add_units(datetime(2025, 5, 31), -1, "quarter")
    datetime.datetime(2025, 2, 28, 0, 0)
    """
    if granularity in _MONTHS:
        return _add_months(moment, count * _MONTHS[granularity])
    return moment + count * _FIXED[granularity]


def bucket_label(start: datetime, granularity: Unit | Granularity) -> str:
    """How tables show the bucket that starts at `start`.

    >>> [bucket_label(datetime(2024, 12, 30), unit) for unit in UNITS[3:]]
    ['2024-12-30', '2025-W01', '2024-12', '2024-Q4', '2024']
    """
    if isinstance(granularity, Granularity) and granularity.predefined:
        granularity = _UNIT_OF[granularity.name]
    if granularity == "year":
        return f"{start.year:04}"
    if granularity == "quarter":
        return f"{start.year:04}-Q{(start.month + 2) // 3}"
    if granularity == "month":
        return f"{start.year:04}-{start.month:02}"
    if granularity == "week":
        week = start.isocalendar()
        return f"{week.year:04}-W{week.week:02}"
    clock = start.replace(tzinfo=None)
    if granularity == "second" or clock.second:
        return clock.isoformat(" ", "seconds")
    if granularity in ("minute", "hour") or clock.hour or clock.minute:
        return clock.isoformat(" ", "minutes")
    return clock.date().isoformat()


def _boundary(granularity: Granularity, number: int) -> datetime:
    """The start of the bucket `number` of a declared granularity; 0 is the one that starts at the origin.

    It is the origin moved by n times the length, never the boundary before moved by one: counted from 31 January, months start
    on 28 February and then on 31 March again.
    """
    assert granularity.origin is not None
    if granularity.months:
        return _add_months(granularity.origin, number * granularity.months)
    return granularity.origin + number * timedelta(seconds=granularity.seconds)


def _number(granularity: Granularity, moment: datetime) -> int:
    """The number of the bucket of a declared granularity in which `moment` lies."""
    origin = granularity.origin
    assert origin is not None
    moment = moment.replace(tzinfo=None, fold=0)
    if granularity.seconds:
        return (moment - origin) // timedelta(seconds=granularity.seconds)
    months = (moment.year - origin.year) * 12 + moment.month - origin.month
    guess = months // granularity.months
    return guess if _boundary(granularity, guess) <= moment else guess - 1


def _add_months(moment: datetime, months: int) -> datetime:
    years, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= years <= 9999:
        raise OverflowError("date value out of range")
    return moment.replace(year=years, month=month + 1, day=min(moment.day, monthrange(years, month + 1)[1]))
