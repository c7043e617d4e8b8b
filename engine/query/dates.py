"""Dates and ranges of dates from the words of a query, in a closed grammar: what is not known is refused, not guessed.

All results are in the zone asked for (a moment in an hour that the clocks repeat carries that zone's offset instead of
its name); every range is half-open. A single phrase is read by `engine.query.phrases`; here phrases become ranges:

    last month                      the whole unit
    3 months ago, now               the day in which the moment lies; the hour, minute or second if counted in them
    2025-11-03T10:30                alone, the day in which it lies; as one end of a range, that instant
    from X to Y, X to Y, X .. Y, between X and Y, X/Y
                                    from the start of X to the end of Y; if one end is counted in a finer unit, so is
                                    the other: "from 1 hour ago to now" ends with the current hour
    since X, from X                 from the start of X to the end of today
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from engine.errors import Issue, QueryError, did_you_mean
from engine.query.calendar import UNITS, Unit
from engine.query.phrases import FORMS, MONTH_NAMES, Moment, Span, read_phrase, span_of
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.query.phrases import Reading

__all__ = ["KNOWN_FORMS", "Span", "parse_bounds", "parse_end", "parse_phrase", "parse_range", "parse_start", "zone_of"]

_SINGLE_FORMS: Final = tuple(example for form in FORMS for example in form.examples)
KNOWN_FORMS: Final[tuple[str, ...]] = (*_SINGLE_FORMS, "from 2025-01-01 to now", "since 2025-01-01")
"""An example of each form of the grammar, for messages and for descriptions of tools."""

_RANGES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:from )?(?P<first>.+?) (?:to|until|till|through|-) (?P<last>.+)",
        r"(?:from )?(?P<first>.+?) ?(?:\.\.\.?|–|—) ?(?P<last>.+)",
        r"between (?P<first>.+?) and (?P<last>.+)",
        r"(?P<first>[0-9][^/]+)/(?P<last>[0-9][^/]+)",
        r"(?:since|from) (?P<first>.+)",
    )
)
_FILLER: Final = re.compile(
    r"\bthe |^(?:in|during|over) (?=(?:the )?(?:last|past|previous|next|this|current) "
    rf"|(?:{'|'.join(MONTH_NAMES)}|q[1-4]|week )|[0-9]{{4}}(?:-|$))"
)
_SUMMER_TIMES: Final = {
    "CEST": "Europe/Berlin",
    "WEST": "Europe/Lisbon",
    "EEST": "Europe/Athens",
    "EDT": "America/New_York",
    "CDT": "America/Chicago",
    "MDT": "America/Denver",
    "PDT": "America/Los_Angeles",
    "PST": "America/Los_Angeles",
    "AEST": "Australia/Brisbane",
    "AEDT": "Australia/Sydney",
}
"""Abbreviations that people use and that name no zone, though a zone of nearly that name may lie on another continent."""
_UNKNOWN: Final = "is not a date that is understood"
_ISO_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MILLISECOND: Final = timedelta(milliseconds=1)


def parse_range(text: str, *, now: datetime, time_zone: str) -> tuple[datetime, datetime]:
    """The range that `text` means, from its start to before its end.

    Raises QueryError: `E_DATE` for a text outside the grammar, a day that does not exist or a range that ends before it
    starts; `E_TIME_ZONE` for a zone that does not exist.
    """
    zone = zone_of(time_zone)
    reading = _read(text, now, zone)
    if reading is not None:
        if isinstance(reading, Span) and reading.is_instant:
            reading = span_of(reading.start, "day")
        span = _settle(reading, _unit(reading))
        return span.start, span.end
    first, last = _ends(text) or _refuse(text)
    readings = (_read_end(first, text, now, zone), _read_end(last, text, now, zone))
    unit = min((_unit(reading) for reading in readings), key=UNITS.index)
    return _in_order(_settle(readings[0], unit).start, _settle(readings[1], unit).end, text)


def parse_phrase(text: str, *, now: datetime, time_zone: str) -> Span:
    """What a single phrase means: a whole unit or an instant.

    Raises QueryError as `parse_range` does, and for a range.
    """
    zone = zone_of(time_zone)
    reading = _read(text, now, zone)
    if reading is None:
        ends = _ends(text)
        is_range = ends is not None and all(_read(end, now, zone) for end in ends)
        _refuse(text, "is a range where a single date is wanted" if is_range else _UNKNOWN, _SINGLE_FORMS)
    return _settle(reading, _unit(reading))


def parse_start(text: str, *, now: datetime, time_zone: str) -> datetime:
    """Where a range that starts with `text` starts: "last month" with its first day.

    Raises QueryError as `parse_phrase` does.
    """
    return parse_phrase(text, now=now, time_zone=time_zone).start


def parse_end(text: str, *, now: datetime, time_zone: str) -> datetime:
    """Before what a range that ends with `text` ends: "last month" before this one starts, an instant before itself.

    Raises QueryError as `parse_phrase` does.
    """
    return parse_phrase(text, now=now, time_zone=time_zone).end


def parse_bounds(first: str, last: str, *, now: datetime, time_zone: str) -> tuple[datetime, datetime]:
    """The range of a `dateRange` of two elements, where Cube includes an instant at the end, to the millisecond.

    Raises QueryError as `parse_phrase` does, and where the range ends before it starts.
    """
    start = parse_phrase(first, now=now, time_zone=time_zone).start
    span = parse_phrase(last, now=now, time_zone=time_zone)
    end = span.end
    if span.is_instant:
        whole = end.replace(microsecond=end.microsecond // 1000 * 1000)
        end = (whole.astimezone(UTC) + _MILLISECOND).astimezone(end.tzinfo)
    return _in_order(start, end, f"{first} .. {last}")


def zone_of(time_zone: str) -> ZoneInfo:
    """The zone of an IANA name; raises QueryError `E_TIME_ZONE` with near names."""
    try:
        return ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        summer = _SUMMER_TIMES.get(time_zone.strip().upper())
        candidates = (summer,) if summer else near(time_zone, available_timezones())
        hint = did_you_mean(candidates) or 'Use an IANA name such as "UTC" or "Europe/Berlin".'
        message = f'There is no time zone "{time_zone}".'
        raise QueryError(Issue("E_TIME_ZONE", message, hint=hint, candidates=candidates)) from error


def _read(text: str, now: datetime, zone: ZoneInfo) -> Reading | None:
    """The reading of a single phrase; None if it is not one."""
    try:
        reading = _iso_day(text, zone) or read_phrase(_plain(text), now.astimezone(zone))
        if reading is not None and not (reading.start.year > 1 and reading.end.year < 9999):
            raise OverflowError("years from 2 to 9998 can be asked for")
    except (ValueError, OverflowError) as error:
        raise QueryError(_issue(text, f"is not a date that can be used: {error}")) from error
    return reading


def _read_end(text: str, whole: str, now: datetime, zone: ZoneInfo) -> Reading:
    reading = _read(text, now, zone)
    return _refuse(text, f'(in "{whole}") {_UNKNOWN}') if reading is None else reading


def _iso_day(text: str, zone: ZoneInfo) -> Span | None:
    """The shape that programs send, without the grammar: it stands on the path of every query."""
    match = _ISO_DAY.fullmatch(text)
    if match is None:
        return None
    start = datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=zone)
    return Span(start, start + timedelta(days=1), "day")


def _settle(reading: Reading, unit: Unit) -> Span:
    """A span as it is; for a moment counted from now, the unit in which it lies."""
    span = span_of(reading.start, unit) if isinstance(reading, Moment) else reading
    if span.start.fold or span.end.fold:
        return Span(_pinned(span.start), _pinned(span.end), span.unit)
    return span


def _pinned(moment: datetime) -> datetime:
    """The second of two moments that clocks show alike, with its offset as zone: arithmetic forgets which it is."""
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()), fold=0) if moment.fold else moment


def _unit(reading: Reading) -> Unit:
    """The unit to which moments beside this reading are cut: its own, or days if that is coarser."""
    unit = reading.unit
    return unit if unit in ("second", "minute", "hour") else "day"


def _ends(text: str) -> tuple[str, str] | None:
    """The two phrases of a range; None if `text` has not the form of one."""
    plain = _plain(text)
    for pattern in _RANGES:
        if match := pattern.fullmatch(plain):
            return match["first"], match.groupdict().get("last", "now")
    return None


def _in_order(start: datetime, end: datetime, text: str) -> tuple[datetime, datetime]:
    if start.timestamp() >= end.timestamp():
        days = f"it would start at {start.isoformat()} and end before {end.isoformat()}"
        raise QueryError(Issue("E_DATE", f'The range "{text}" is empty: {days}.', hint="Give the earlier date first."))
    return start, end


def _plain(text: str) -> str:
    return _FILLER.sub("", " ".join(text.lower().split()))


def _refuse(text: str, why: str = _UNKNOWN, known: Sequence[str] = KNOWN_FORMS) -> NoReturn:
    raise QueryError(_issue(text, why, known))


def _issue(text: str, why: str, known: Sequence[str] = KNOWN_FORMS) -> Issue:
    return Issue("E_DATE", f'"{text}" {why}.', hint=f"Known are {', '.join(known)}.")
