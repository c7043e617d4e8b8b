"""Windows of time and shifts in time (rule 12): which rows a bucket reads."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.oracle.times import MONTHS, Range, bucket, following

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.model import Rolling, Shift


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
