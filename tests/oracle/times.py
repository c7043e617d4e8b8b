"""Buckets and ranges of time (rule 11): a timestamp to the first day of its bucket, two texts to a half-open range."""

from __future__ import annotations

from datetime import datetime, timedelta

Range = tuple[datetime, datetime]


def bucket(moment: datetime | None, granularity: str) -> datetime | None:
    """The start of the bucket in which a moment lies; weeks start on Monday."""
    if moment is None:
        return None
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


def half_open(first: str, last: str) -> Range:
    """From the start of the first day or instant to the end of the last; an instant is inclusive to the millisecond."""
    width = timedelta(days=1) if len(last) == len("2025-01-31") else timedelta(milliseconds=1)
    return datetime.fromisoformat(first), datetime.fromisoformat(last) + width
