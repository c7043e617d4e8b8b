"""The range of dates that a question compares its own with, where it only says which kind: the period before, or a year before."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from engine import Issue, QueryError
from engine.query.calendar import add_units
from engine.query.dates import parse_end, parse_range, parse_start, zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PERIOD_BEFORE = "previous period"
YEAR_BEFORE = "same period last year"

_SPELLINGS = {
    PERIOD_BEFORE: (
        "previous",
        "previous_period",
        "prior period",
        "period before",
        "the period before",
        "previous period",
    ),
    YEAR_BEFORE: ("year before", "a year before", "previous_year", "same_period_last_year", "same period last year"),
}
_KINDS = {spelling: kind for kind, spellings in _SPELLINGS.items() for spelling in spellings}
_TICK = timedelta(milliseconds=1)

Range = tuple[datetime, datetime]
"""From a moment of the local clock to before another."""


def kind_of(written: Any) -> str | None:
    """Which kind of range a text asks for, `PERIOD_BEFORE` or `YEAR_BEFORE`; None for any other.

    >>> kind_of("Previous period"), kind_of("last month")
    ('previous period', None)
    """
    return _KINDS.get(written.strip().lower()) if isinstance(written, str) else None


def own_range(query: Mapping[str, Any], now: datetime, time_zone: str) -> Range | None:
    """The range of a query, which ends with today if it says no end; None if it says no start.

    Raises QueryError for dates that nobody understands.
    """
    zone = zone_of(time_zone)
    start, end, whole = query.get("start_date"), query.get("end_date"), query.get("date_range")
    if isinstance(whole, str):
        first, last = parse_range(whole, now=now, time_zone=time_zone)
    elif isinstance(start, str):
        first = parse_start(start, now=now, time_zone=time_zone)
        last = parse_end(end if isinstance(end, str) else "today", now=now, time_zone=time_zone)
    else:
        return None
    return first.astimezone(zone).replace(tzinfo=None), last.astimezone(zone).replace(tzinfo=None)


def before(own: Range, kind: str) -> Range:
    """The range before a range: as many whole months if it is of whole months, else as much time; or the same a year before.

    >>> before((datetime(2026, 10, 1), datetime(2026, 11, 1)), PERIOD_BEFORE)[0].isoformat()
    '2026-09-01T00:00:00'
    """
    start, end = own
    if kind == YEAR_BEFORE:
        return add_units(start, -1, "year"), add_units(end, -1, "year")
    if _begins_month(start) and _begins_month(end):
        months = (end.year - start.year) * 12 + end.month - start.month
        return add_units(start, -months, "month"), start
    return start - (end - start), start


def written(found: Range) -> list[str]:
    """A range as a query writes it: its first and its last day, or its first and last instant.

    >>> written((datetime(2026, 9, 1), datetime(2026, 10, 1)))
    ['2026-09-01', '2026-09-30']
    """
    start, end = found
    if start.time() == end.time() == time():
        return [start.date().isoformat(), (end - timedelta(days=1)).date().isoformat()]
    return [start.isoformat(), (end - _TICK).isoformat()]


def _begins_month(moment: datetime) -> bool:
    return moment.day == 1 and moment.time() == time()


def with_ranges(query: Mapping[str, Any], now: datetime, time_zone: str) -> dict[str, Any]:
    """The query with the ranges that it compares with as dates; one that says no end goes up to today.

    Raises QueryError where there is no range to go by, or one without a start.
    """
    compared = query.get("compare")
    if not isinstance(compared, list) or not compared:
        return dict(query)
    kinds = [kind_of(each) for each in compared]
    own = own_range(query, now, str(query.get("timezone") or time_zone))
    if own is None and (any(kinds) or query.get("end_date")):
        message = f"There is no {next(filter(None, kinds), 'range to compare with')}, for the question says no start."
        raise QueryError(Issue("E_COMPARE", message, member="compare", hint="Give it start_date and end_date."))
    closed = {"end_date": "today"} if query.get("start_date") and not query.get("end_date") else {}
    ranges = [written(before(own, kind)) if kind and own else each for kind, each in zip(kinds, compared, strict=True)]
    return {**query, **closed, "compare": ranges}
