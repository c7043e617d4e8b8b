"""The closed grammar of one date phrase: a table of forms, each read against the clock of one zone.

    "last 30 days"   -> Span(start, end, "day")      a whole number of units
    "3 hours ago"    -> Moment(when, "hour")         a moment that is cut to a unit only when all of the range is known
    "2025-01-15T10:30" -> Span(when, when, "instant")

Anything that no form matches from its first to its last letter is refused: a guess would be a wrong number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from engine.query.calendar import Unit, add_units, bucket_start

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FORMS", "MONTH_NAMES", "Moment", "Reading", "Span", "read_phrase", "span_of"]

_CLOCK_UNITS: Final = frozenset(("second", "minute", "hour"))
MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SHORT_UNITS: Final = {"sec": "second", "min": "minute", "hr": "hour", "wk": "week", "qtr": "quarter", "yr": "year"}
_DIRECTIONS: Final = {"this": 0, "current": 0, "last": -1, "past": -1, "previous": -1, "next": 1, "coming": 1}


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to before `end`, both zone-aware in the zone asked for; an instant starts where it ends."""

    start: datetime
    end: datetime
    unit: Unit | Literal["instant"]

    @property
    def is_instant(self) -> bool:
        """Whether the text named a moment by its clock time and not a whole unit."""
        return self.unit == "instant"


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment counted from now; `unit` is the one it was counted in, None for now itself."""

    start: datetime
    unit: Unit | None

    @property
    def end(self) -> datetime:
        """The moment itself: how much of the time around it is meant, the rest of the range decides."""
        return self.start


Reading: TypeAlias = Span | Moment


@dataclass(frozen=True, slots=True)
class Form:
    """One form of phrase: what it looks like, how it is read, and examples for those who did not know it."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], datetime], Reading | None]
    examples: tuple[str, ...]


def span_of(moment: datetime, unit: Unit) -> Span:
    """The unit in which `moment` lies."""
    start = bucket_start(moment, unit)
    return Span(start, _shift(start, 1, unit), unit)


def read_phrase(text: str, now: datetime) -> Reading | None:
    """What one phrase means at `now`, which carries the zone; None if no form matches.

    `text` is in lower case with single spaces. Raises ValueError or OverflowError where the form is known but no such
    day exists.
    """
    for form in FORMS:
        if match := form.pattern.fullmatch(text):
            return form.read(match, now)
    return None


def _word(match: re.Match[str], now: datetime) -> Reading:
    if match["word"] == "now":
        return Moment(now, None)
    return span_of(_shift(now, {"yesterday": -1, "today": 0, "tomorrow": 1}[match["word"]], "day"), "day")


def _neighbour(match: re.Match[str], now: datetime) -> Reading:
    unit = _unit(match["unit"])
    here = span_of(now, unit)
    return span_of(_shift(here.start, _DIRECTIONS[match["direction"]], unit), unit)


def _several(match: re.Match[str], now: datetime) -> Reading:
    unit, count = _unit(match["unit"]), _count(match["count"])
    if count == 0:
        raise ValueError("it covers no time at all")
    here = span_of(now, unit)
    if _DIRECTIONS[match["direction"]] < 0:
        return Span(_shift(here.start, -count, unit), here.start, unit)
    return Span(here.end, _shift(here.end, count, unit), unit)


def _counted(match: re.Match[str], now: datetime) -> Reading:
    unit, count = _unit(match["unit"]), _count(match["count"])
    when = _distant(now, -count if match["way"] == "ago" else count, unit)
    return span_of(when, _unit(match["by"])) if match["by"] else Moment(when, unit)


def _weekday(match: re.Match[str], now: datetime) -> Reading:
    monday = bucket_start(now, "week")
    day = _shift(monday, _DAY_NAMES.index(match["day"]), "day")
    direction = _DIRECTIONS[match["direction"]]
    if direction < 0 and day >= bucket_start(now, "day"):
        day = _shift(day, -1, "week")
    elif direction > 0 and day <= now:
        day = _shift(day, 1, "week")
    return span_of(day, "day")


def _to_date(match: re.Match[str], now: datetime) -> Reading:
    unit = (
        _unit(match["unit"])
        if match["unit"]
        else {"y": "year", "q": "quarter", "m": "month", "w": "week"}[match["initial"]]
    )
    return Span(bucket_start(now, cast("Unit", unit)), span_of(now, "day").end, "day")


def _edge(match: re.Match[str], now: datetime) -> Reading | None:
    inner = read_phrase(match["phrase"], now) or read_phrase(f"this {match['phrase']}", now)
    if not isinstance(inner, Span) or inner.is_instant:
        return None
    at_end = match["edge"] in ("end", "last day")
    return span_of(_shift(inner.end, -1, "day") if at_end else inner.start, "day")


def _clock_time(match: re.Match[str], now: datetime) -> Reading:
    moment = datetime.fromisoformat(match[0].upper().replace(" ", "T", 1).replace(" ", ""))
    local = moment.astimezone(now.tzinfo) if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
    return Span(local, local, "instant")


def _day(match: re.Match[str], now: datetime) -> Reading:
    return span_of(_midnight(match, _month(match["month"]), int(match["day"]), now.tzinfo), "day")


def _whole_month(match: re.Match[str], now: datetime) -> Reading:
    return span_of(_midnight(match, _month(match["month"]), 1, now.tzinfo), "month")


def _whole_quarter(match: re.Match[str], now: datetime) -> Reading:
    return span_of(_midnight(match, int(match["quarter"]) * 3, 1, now.tzinfo), "quarter")


def _whole_week(match: re.Match[str], now: datetime) -> Reading:
    monday = datetime.fromisocalendar(int(match["year"]), int(match["week"]), 1)
    return span_of(monday.replace(tzinfo=now.tzinfo), "week")


def _whole_year(match: re.Match[str], now: datetime) -> Reading:
    return span_of(_midnight(match, 1, 1, now.tzinfo), "year")


def _midnight(match: re.Match[str], month: int, day: int, zone: tzinfo | None) -> datetime:
    return datetime(int(match["year"]), month, day, tzinfo=zone)


def _shift(moment: datetime, count: int, unit: Unit) -> datetime:
    """`moment` moved by `count` units: seconds to hours as time that passes, days and longer on the wall clock.

    A day has 23 or 25 hours where the clocks change, and still ends at midnight.
    """
    zone = moment.tzinfo
    if unit in _CLOCK_UNITS:
        return add_units(moment.astimezone(UTC), count, unit).astimezone(zone)
    return add_units(moment, count, unit)


def _distant(now: datetime, count: int, unit: Unit) -> datetime:
    """`now` moved by `count` units. Hours are counted on the clock, as in Cube: 24 hours ago it was as late as now."""
    passed = _shift(now, count, unit)
    if unit != "hour":
        return _existing(passed)
    clock = add_units(now, count, unit)
    return passed if clock.replace(tzinfo=None) == passed.replace(tzinfo=None, fold=0) else _existing(clock)


def _existing(moment: datetime) -> datetime:
    """`moment`, or the time that clocks showed instead where a change of clocks skipped it."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo)


def _unit(word: str) -> Unit:
    return cast("Unit", _SHORT_UNITS.get(word, word))


def _count(word: str) -> int:
    if word.isdigit():
        return int(word)
    return 1 if word in ("a", "an") else _NUMBERS.index(word) + 1


def _month(word: str) -> int:
    return int(word) if word.isdigit() else MONTH_NAMES.index(word[:3]) + 1


def _form(pattern: str, read: Callable[[re.Match[str], datetime], Reading | None], *examples: str) -> Form:
    return Form(re.compile(pattern, re.ASCII), read, examples)


_UNIT_WORDS: Final = "second|sec|minute|min|hour|hr|day|week|wk|month|quarter|qtr|year|yr"
_UNIT: Final = f"(?P<unit>{_UNIT_WORDS})"
_BY: Final = f"(?: by (?P<by>{_UNIT_WORDS}))?"
_COUNT: Final = f"(?P<count>[0-9]{{1,6}}|an?|{'|'.join(_NUMBERS)})"
_YEAR: Final = "(?P<year>[0-9]{4})"
_OF: Final = "(?:,? of |, | |-)"
_MONTH_DIGITS: Final = "(?P<month>[0-9]{2})"
_LONG_MONTHS: Final = "january|february|march|april|june|july|august|sept(?:ember)?|october|november|december"
_MONTH_NAME: Final = f"(?P<month>{'|'.join(MONTH_NAMES)}|{_LONG_MONTHS})"
_NTH: Final = "(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"

FORMS: Final[tuple[Form, ...]] = (
    _form(f"{_YEAR}-{_MONTH_DIGITS}-(?P<day>[0-9]{{2}})", _day, "2025-11-03"),
    _form(
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[t ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
        " ?(?:z|[+-][0-9]{2}(?::?[0-9]{2})?)?",
        _clock_time,
        "2025-11-03T10:30:00Z",
    ),
    _form("(?P<word>today|yesterday|tomorrow|now)", _word, "today", "yesterday"),
    _form(f"(?P<direction>this|current|last|past|previous|next) {_UNIT}", _neighbour, "last month", "this week"),
    _form(
        f"(?P<direction>last|past|previous|next|coming) {_COUNT} {_UNIT}s?", _several, "last 30 days", "next 2 weeks"
    ),
    _form(f"{_COUNT} {_UNIT}s? (?P<way>ago|from now){_BY}", _counted, "3 months ago"),
    _form(f"(?P<way>in) {_COUNT} {_UNIT}s?{_BY}", _counted, "in 3 days"),
    _form(f"(?P<direction>this|last|next) (?P<day>{'|'.join(_DAY_NAMES)})", _weekday, "last monday"),
    _form(
        "(?P<initial>[yqmw])td|(?:this )?(?P<unit>year|quarter|month|week) to date", _to_date, "YTD", "month to date"
    ),
    _form("(?P<edge>start|beginning|first day|end|last day) of (?P<phrase>.+)", _edge, "start of last year"),
    _form(_YEAR, _whole_year, "2025"),
    _form(f"{_YEAR}[- ]?q(?P<quarter>[1-4])", _whole_quarter, "2025-Q3"),
    _form(f"q(?P<quarter>[1-4]){_OF}{_YEAR}", _whole_quarter, "Q3 2025"),
    _form(f"{_YEAR}-{_MONTH_DIGITS}", _whole_month, "2025-11"),
    _form(f"{_MONTH_NAME}{_OF}{_YEAR}", _whole_month, "November 2025"),
    _form(f"{_YEAR}-?w(?P<week>[0-9]{{2}})", _whole_week, "2025-W48"),
    _form(f"(?:week |w)(?P<week>[0-9]{{1,2}}){_OF}{_YEAR}", _whole_week),
    _form(f"{_MONTH_NAME} {_NTH}{_OF}{_YEAR}", _day, "Nov 3, 2025"),
    _form(f"{_NTH}(?: of |[ -]){_MONTH_NAME}{_OF}{_YEAR}", _day, "3 November 2025"),
)
"""Every form of phrase; none matches what another one matches, so their order means nothing."""
