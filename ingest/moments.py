"""Times as the tables keep them: UTC, without a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_TIME = len("2025-04-01T00:30:00")
_TIME_AND_OFFSET = len("2025-04-01T00:30:00+02:00")


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC).replace(tzinfo=None)


def utc(text: str) -> datetime:
    """An ISO 8601 text with any offset, or with none, which is read as UTC; raises ValueError for anything else.

    >>> utc("2025-04-01T00:30:00+02:00")
    datetime.datetime(2025, 3, 31, 22, 30)
    >>> utc("2025-04-01T00:30:00Z")
    datetime.datetime(2025, 4, 1, 0, 30)
    """
    if len(text) == _TIME_AND_OFFSET and (offset := _offset(text[_TIME:])) is not None:
        return _shifted(datetime.fromisoformat(text[:_TIME]), offset)
    moment = datetime.fromisoformat(text)
    return _shifted(moment.replace(tzinfo=None), moment.utcoffset() or timedelta())


def _shifted(local: datetime, offset: timedelta) -> datetime:
    try:
        return local - offset
    except OverflowError as error:
        raise ValueError("a time before the year 1 or after the year 9999") from error


@lru_cache(maxsize=256)
def _offset(text: str) -> timedelta | None:
    """What a text such as +02:00 stands for, None for another text. All times of a service share a few of them."""
    try:
        return datetime.fromisoformat(f"2000-01-01T00:00:00{text}").utcoffset()
    except ValueError:
        return None
