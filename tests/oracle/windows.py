"""Windows of time and shifts in time (rule 12): which rows a bucket reads."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from tests.oracle.times import MONTHS, Range, bucket, following

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from tests.oracle.model import Rolling, Shift

_QUARTER = timedelta(minutes=15)
"""The clocks of every zone of today have changed by whole ones, at whole ones."""


def moved(moment: datetime, interval: str, sign: int) -> datetime:
    """A moment moved by an interval such as `2 months`; a day that a month lacks becomes its last.

    >>> moved(datetime(2025, 3, 31), "1 month", -1)
    datetime.datetime(2025, 2, 28, 0, 0)
    """
    count, unit = interval.split()
    unit = unit.removesuffix("s")
    if unit not in MONTHS:
        return moment + sign * int(count) * timedelta(**{f"{unit}s": 1})
    months = moment.year * 12 + moment.month - 1 + sign * int(count) * MONTHS[unit]
    year, month = months // 12, months % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def shown_at(moment: datetime, shifts: tuple[Shift, ...]) -> datetime:
    """When a row is shown that happened at `moment`, read with shifts: one of a month before is shown a month later."""
    for shift in shifts:
        moment = moved(moment, shift.interval, 1 if shift.type == "prior" else -1)
    return moment


def buckets(span: Range, granularity: str) -> Iterator[Range]:
    """All buckets that a span of time touches, each as a half-open range."""
    start = bucket(span[0], granularity)
    while start is not None and start < span[1]:
        end = following(start, granularity)
        yield start, end
        start = end


def showed(zone: ZoneInfo, span: Range) -> bool:
    """Whether the clocks of a zone showed any time of a bucket: none where they went forward over all of it."""
    moment = span[0]
    while moment < span[1]:
        if moment in _quarters(zone, moment.date()):
            return True
        moment += _QUARTER
    return False


@cache
def _quarters(zone: ZoneInfo, day: date) -> frozenset[datetime]:
    """The quarters of an hour that clocks showed on a day, found by walking through all moments that could be of it."""
    first = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1)
    moments = (first + each * _QUARTER for each in range(3 * 24 * 4))
    return frozenset(moment.astimezone(zone).replace(tzinfo=None) for moment in moments)


def lies_in_window(moment: datetime, rolling: Rolling, span: Range) -> bool:
    """Whether the window of a bucket, or of a whole range, holds a moment."""
    start, end = span
    if rolling.to_date:
        first = bucket(start, rolling.to_date)
        return first is not None and first <= moment < end
    edge = end if rolling.offset == "end" else start
    trailing, leading = rolling.trailing, rolling.leading
    after = trailing == "unbounded" or moment >= (moved(edge, trailing, -1) if trailing else edge)
    return after and (leading == "unbounded" or moment < (moved(edge, leading, 1) if leading else edge))
