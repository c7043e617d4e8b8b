"""Times as the tables keep them: UTC, without a zone."""

from __future__ import annotations

from datetime import UTC, datetime


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
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
