"""Values in a question written in SQL: literals, and the few expressions of dates that the grammar of dates can say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from engine.query.calendar import UNITS

if TYPE_CHECKING:
    from engine.query.sql_text import SqlText

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATES: Final = frozenset({exp.DType.DATE})
_TIMES: Final = frozenset({exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPNTZ, exp.DType.DATETIME})
_TEXTS: Final = frozenset({exp.DType.TEXT, exp.DType.VARCHAR})
_HINT: Final = "Compare with a text, a number, TRUE, FALSE, a date, or CURRENT_DATE - INTERVAL '30 days'."
_NOW: Final = "Write CURRENT_DATE, or a date; a clock time has to be written out."


class NotAValue(Exception):
    """A node is no value; the reason stands in the text's issues."""


def value_of(node: exp.Expr, sql: SqlText) -> Any:
    """A text, number, boolean or None; dates are texts. Raises NotAValue, with the reason noted."""
    if isinstance(node, exp.Paren):
        return value_of(node.this, sql)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_string else _number(node, sql)
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
        return -_number(node.this, sql)
    return _date(node, sql)


def is_day(value: Any) -> bool:
    """Whether a value is the name of a day.

    >>> is_day("2025-11-03"), is_day("2025-11-03 10:00"), is_day("today")
    (True, False, False)
    """
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


def _number(node: exp.Literal, sql: SqlText) -> int | float:
    try:
        return int(node.this)
    except ValueError:
        pass
    try:
        return float(node.this)
    except ValueError:
        raise _refused(node, sql, f"{node.this[:20]} is no number that can be used.") from None


def _date(node: exp.Expr, sql: SqlText) -> str:
    phrase = _cast(node, sql) if isinstance(node, exp.Cast) else _phrase(node)
    if phrase is not None:
        return phrase
    if any(isinstance(each, exp.CurrentTimestamp | exp.CurrentDatetime) for each in node.walk()):
        raise _refused(node, sql, "The present moment is not compared with.", _NOW)
    raise _refused(node, sql, f"{sql.written(node)} is no value.", _HINT)


def _cast(node: exp.Cast, sql: SqlText) -> str | None:
    """A date or time with its type; a day cast to a time is the instant at which it starts."""
    target = node.args["to"].this
    if target not in _DATES | _TIMES | _TEXTS:
        return None
    inner = value_of(node.this, sql)
    if not isinstance(inner, str):
        return None
    if target in _DATES and isinstance(node.this, exp.Literal) and not is_day(inner):
        return None
    return f"{inner}T00:00:00" if target in _TIMES and is_day(inner) else inner


def _phrase(node: exp.Expr) -> str | None:
    """CURRENT_DATE and what lies a few units from it, in the words of the grammar of dates."""
    if isinstance(node, exp.CurrentDate):
        return "today"
    if isinstance(node, exp.TimestampTrunc | exp.DateTrunc) and isinstance(node.this, exp.CurrentDate):
        unit = node.args.get("unit")
        name = unit.name.lower() if isinstance(unit, exp.Expr) else ""
        return f"start of this {name}" if name in UNITS[3:] and node.args.get("zone") is None else None
    if not isinstance(node, exp.Add | exp.Sub) or not isinstance(node.this, exp.CurrentDate):
        return None
    found = _reach(node.expression)
    if found is None:
        return None
    return f"{found} ago" if isinstance(node, exp.Sub) else f"in {found}"


def _reach(node: exp.Expr) -> str | None:
    """An interval of whole days or more, as "30 day"."""
    if isinstance(node, exp.Literal) and not node.is_string:
        return f"{node.this} day"
    if not isinstance(node, exp.Interval):
        return None
    unit = node.args.get("unit")
    words = f"{node.name} {unit.name if isinstance(unit, exp.Expr) else ''}".lower().split()
    if len(words) != 2 or not words[0].isdigit() or words[1].removesuffix("s") not in UNITS[3:]:
        return None
    return f"{words[0]} {words[1].removesuffix('s')}"


def _refused(node: exp.Expr, sql: SqlText, message: str, hint: str = _HINT) -> NotAValue:
    sql.refuse(node, message, hint)
    return NotAValue()
