"""Buckets and ranges of time (rule 11): a timestamp to the first day of its bucket, two texts to a half-open range."""

from __future__ import annotations

from datetime import datetime, timedelta

Range = tuple[datetime, datetime]

CUSTOM: dict[str, tuple[str, datetime]] = {
    "half": ("6 months", datetime(2024, 4, 1)),  # noqa: DTZ001 - wall-clock time of the model's zone
    "mid_month": ("1 month", datetime(2024, 1, 15)),  # noqa: DTZ001
    "fortnight": ("2 weeks", datetime(2025, 1, 8)),  # noqa: DTZ001
    "shift": ("8 hours", datetime(2025, 1, 1, 6)),  # noqa: DTZ001
}
"""Buckets that every time dimension declares beyond the usual ones: how long they are, and where one of them starts."""


MONTHS = {"month": 1, "quarter": 3, "year": 12}
"""Units that are made up of months, with how many."""


class Day(datetime):
    """A date: the midnight with which it begins, in whatever zone."""


def bucket(moment: datetime | None, granularity: str) -> datetime | None:
    """The start of the bucket in which a moment lies; weeks start on Monday."""
    if moment is None:
        return None
    if granularity in CUSTOM:
        return _custom(moment, *CUSTOM[granularity])
    day = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - wall-clock time of the model's zone
    match granularity:
        case "second":
            return moment.replace(microsecond=0)
        case "minute":
            return moment.replace(second=0, microsecond=0)
        case "hour":
            return moment.replace(minute=0, second=0, microsecond=0)
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
    raise AssertionError(granularity)


def _custom(moment: datetime, length: str, origin: datetime) -> datetime:
    """The start of the bucket, found by going from one to the next."""
    count, unit = length.split()
    if unit.startswith("month"):
        start = origin
        while start > moment:
            start = _months_on(start, -int(count))
        while _months_on(start, int(count)) <= moment:
            start = _months_on(start, int(count))
        return start
    width = timedelta(**{unit if unit.endswith("s") else f"{unit}s": int(count)})
    return origin + (moment - origin) // width * width


def _months_on(moment: datetime, count: int) -> datetime:
    months = moment.year * 12 + moment.month - 1 + count
    return moment.replace(year=months // 12, month=months % 12 + 1)


def following(start: datetime, granularity: str) -> datetime:
    """The start of the bucket after the one that starts at `start`."""
    count, unit = CUSTOM[granularity][0].split() if granularity in CUSTOM else ("1", granularity)
    unit = unit.removesuffix("s")
    if unit in MONTHS:
        return _months_on(start, int(count) * MONTHS[unit])
    return start + int(count) * timedelta(**{f"{unit}s": 1})


def half_open(first: str, last: str) -> Range:
    """From the start of the first day or instant to the end of the last; an instant is inclusive to the millisecond."""
    width = timedelta(days=1) if len(last) == len("2025-01-31") else timedelta(milliseconds=1)
    return datetime.fromisoformat(first), datetime.fromisoformat(last) + width
