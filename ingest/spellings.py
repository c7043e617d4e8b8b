"""Dates and numbers as files spell them that a spreadsheet or a person wrote, and what they are in ISO 8601 and in JSON.

Day or month may come first, and a comma may part thousands or decimals. One value often leaves that open, a whole column seldom.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})([./-])(\d{1,2})\2(\d{1,2})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])\.?[Mm]\.?)?")
_GROUPS = "\u00a0\u202f'\u2019"
"""What parts thousands and nothing else; a blank also stands in telephone numbers and postal codes."""


def _number(decimal: str, group: str) -> re.Pattern[str]:
    grouped = rf"[1-9]\d{{0,2}}([{group}{_GROUPS}])\d{{3}}(?:\1\d{{3}})*"
    return re.compile(rf"-?(?:{grouped}|0|[1-9]\d*)(?:{decimal}\d+)?")


_COMMA = _number(",", ".")
_POINT = _number(r"\.", ",")
_NO_GROUPS = str.maketrans("", "", _GROUPS)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A way of writing values: the option that asks for it, and what a text is in the plain way, None if it is not so written.

    What is of the types `kept` by its plain spelling is the same in this one.
    """

    option: str
    plain: Callable[[str], str | None]
    kept: frozenset[str]


def read_date(text: str, *, day_first: bool) -> str | None:
    """A date, maybe with a time of day, in ISO 8601; with dots the day is first in any case.

    >>> read_date("31.1.2026", day_first=False), read_date("1/31/2026 2:30 PM", day_first=False)
    ('2026-01-31', '2026-01-31 14:30:00')
    >>> read_date("2026/01/31", day_first=True), read_date("1/31/2026", day_first=True)
    ('2026-01-31', None)
    """
    day_text, _, clock = text.replace("T", " ", 1).partition(" ")
    found = _numbers_of(day_text.removesuffix(","), day_first=day_first)
    time = _time_of(clock.strip()) if clock else (0, 0, 0)
    if found is None or time is None:
        return None
    try:
        moment = datetime(*found, *time)  # noqa: DTZ001  files name no zone
    except ValueError:
        return None
    return moment.isoformat(" ") if clock else moment.date().isoformat()


def _numbers_of(text: str, *, day_first: bool) -> tuple[int, int, int] | None:
    """Year, month and day."""
    if found := _YEAR_FIRST.fullmatch(text):
        return int(found[1]), int(found[3]), int(found[4])
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    first, second = int(found[1]), int(found[3])
    return (int(found[4]), second, first) if day_first or found[2] == "." else (int(found[4]), first, second)


def _time_of(text: str) -> tuple[int, int, int] | None:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4] in "Pp" else 0) if 1 <= hour <= 12 else 24
    return hour, int(found[2]), int(found[3] or 0)


def read_comma(text: str) -> str | None:
    """A number with a decimal comma, as JSON writes it.

    >>> read_comma("1.234,5"), read_comma("12,5"), read_comma("1.234"), read_comma("12.5")
    ('1234.5', '12.5', '1234', None)
    """
    return text.translate(_NO_GROUPS).replace(".", "").replace(",", ".") if _COMMA.fullmatch(text) else None


def read_point(text: str) -> str | None:
    """A number with a decimal point, as JSON writes it.

    >>> read_point("1,234.5"), read_point("12.5"), read_point("1,234"), read_point("12,5")
    ('1234.5', '12.5', '1234', None)
    """
    return text.translate(_NO_GROUPS).replace(",", "") if _POINT.fullmatch(text) else None


_DATES = frozenset(("date", "time"))
DAY_FIRST = Spelling("--dates day-first", partial(read_date, day_first=True), _DATES)
MONTH_FIRST = Spelling("--dates month-first", partial(read_date, day_first=False), _DATES)
COMMA = Spelling("--decimal comma", read_comma, frozenset(("integer",)))
POINT = Spelling("--decimal point", read_point, frozenset(("integer", "number")))

SPELLINGS = (DAY_FIRST, MONTH_FIRST, COMMA, POINT)
