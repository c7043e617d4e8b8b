"""Values as a person reads them: thousands separated, rates in percent, weeks as 2025-W48, nothing as (none), no number as –."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.sql.statement import ResultColumn

NONE = "(none)"
NO_VALUE = "–"
"""Of a metric that has no value: nothing divides, or no row has one. Groups of what is missing are `NONE`."""

_NAMED = re.compile(r"(number|percent|currency|decimal|abbr|accounting)(?:_([0-6]))?\Z")
_D3 = re.compile(r"(\$)?(,)?(?:\.(\d+))?~?([f%ds])\Z")
_MAGNITUDES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
_BUCKETS: dict[str, Callable[[datetime], str]] = {
    "year": lambda day: f"{day.year:04}",
    "quarter": lambda day: f"{day.year:04}-Q{(day.month + 2) // 3}",
    "month": lambda day: f"{day.year:04}-{day.month:02}",
    "week": lambda day: "{}-W{:02}".format(*day.isocalendar()),
    "hour": lambda moment: f"{moment:%Y-%m-%d %H:%M}",
    "minute": lambda moment: f"{moment:%Y-%m-%d %H:%M}",
    "second": lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}",
}


def label(column: ResultColumn, value: Any) -> str:
    """How a value of a column is shown."""
    if value is None:
        return {"key": "", "measure": NO_VALUE}.get(column.role, NONE)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.type in {"time", "date"} and isinstance(value, str):
        return time_label(value, column.granularity, column.format)
    if isinstance(value, int | float):
        return str(value) if column.role == "key" else number_label(value, column.format)
    return str(value)


def time_label(value: str, granularity: str | None, form: Any = None) -> str:
    """A bucket by its name, other times to the minute; the text itself where it is no time.

    >>> [time_label("2025-12-29", each) for each in ("day", "week", "month", "quarter", "year")]
    ['2025-12-29', '2026-W01', '2025-12', '2025-Q4', '2025']
    >>> time_label("2025-12-29T23:59:00", None), time_label("2025-12-01", "month", "%b %Y")
    ('2025-12-29 23:59', 'Dec 2025')
    """
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if isinstance(form, str) and "%" in form and not _D3.match(form):
        return moment.strftime(form)
    if granularity in _BUCKETS:
        return _BUCKETS[granularity](moment)
    return value if len(value) <= len("2025-12-29") else f"{moment:%Y-%m-%d %H:%M}"


def number_label(value: float, form: Any = None) -> str:
    """A number in its measure's format; without one, whole numbers whole and others with two decimals.

    >>> number_label(1234567), number_label(12.3456), number_label(0.0909, "percent"), number_label(2, "number_2")
    ('1,234,567', '12.35', '9.1%', '2.00')
    >>> number_label(1234567, "abbr_1"), number_label(-5.5, "accounting"), number_label(0.5, ".0%"), number_label(7, "id")
    ('1.2M', '(5.50)', '50%', '7')
    """
    kind, decimals, grouped = _format_of(form)
    if kind == "id":
        return str(value)
    if kind == "percent":
        return f"{value * 100:,.{1 if decimals is None else decimals}f}%"
    if kind == "abbr":
        return _abbreviated(value, 1 if decimals is None else decimals)
    if kind in {"currency", "decimal", "accounting"} and decimals is None:
        decimals = 2
    if decimals is None:
        whole = isinstance(value, int) or value.is_integer()
        return f"{value:,.0f}" if whole else f"{value:,.2f}"
    text = f"{abs(value) if kind == 'accounting' else value:{',' if grouped else ''}.{decimals}f}"
    return f"({text})" if kind == "accounting" and value < 0 else text


def _format_of(form: Any) -> tuple[str, int | None, bool]:
    """The kind of a format, its decimals, and whether thousands are separated."""
    if not isinstance(form, str):
        return "number", None, True
    if match := _NAMED.match(form):
        return match[1], int(match[2]) if match[2] else None, True
    if match := _D3.match(form):
        decimals = int(match[3]) if match[3] else None
        kind = {"%": "percent", "s": "abbr", "d": "number", "f": "number"}[match[4]]
        return kind, 0 if match[4] == "d" else decimals, bool(match[2])
    return ("id" if form in {"id", "link", "imageUrl"} else "number"), None, True


def _abbreviated(value: float, decimals: int) -> str:
    for size, letter in _MAGNITUDES:
        if abs(value) >= size:
            return f"{value / size:.{decimals}f}{letter}"
    return number_label(value)
