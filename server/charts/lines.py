"""The places along a line: every bucket from the first to the last, also those that no row stands in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from engine.query.calendar import UNITS, next_bucket

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MOST = 1000
"""Beyond so many buckets a gap would not be seen."""


def buckets_between(moments: Iterable[str], unit: str | None) -> tuple[list[str], bool]:
    """The moments in order, and whether they stand at equal distances: buckets with the empty ones between them.

    >>> buckets_between({"2026-01-01", "2025-11-01"}, "month")
    (['2025-11-01', '2025-12-01', '2026-01-01'], True)
    >>> buckets_between({"2025-11-03T10:30:00", "2025-11-01T08:00:00"}, None)
    (['2025-11-01T08:00:00', '2025-11-03T10:30:00'], False)
    """
    known = sorted(moments)
    if unit not in UNITS:
        return known, False
    days = len(known[0]) == len("2025-11-01")
    bucket, end = datetime.fromisoformat(known[0]), datetime.fromisoformat(known[-1])
    found: list[str] = []
    while bucket <= end and len(found) <= _MOST:
        found.append(bucket.date().isoformat() if days else bucket.isoformat())
        bucket = next_bucket(bucket, unit)
    return (found, True) if set(known) <= set(found) else (known, False)


def alone_in(values: Sequence[float | None]) -> list[int]:
    """Where the values stand that have none beside them, which a line would not show.

    >>> alone_in([5, None, 7, 8, None, None, 0])
    [0, 6]
    """
    known = [False, *(value is not None for value in values), False]
    return [index for index in range(len(values)) if known[index + 1] and not (known[index] or known[index + 2])]
