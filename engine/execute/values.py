"""The values of a result in one form, whatever database they come from.

    string     str
    number     int or float; what no JSON can hold (infinity, not a number) is None
    boolean    bool
    date       "2025-11-03"
    time       "2025-11-03T10:30:00", with a fraction only where there is one; times with an offset are shown in UTC

A value that is none of these (SQLite keeps any value in any column) stays what it is, as text.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["ColumnType", "Value", "normalise_rows", "normalise_value"]

Value: TypeAlias = str | int | float | bool | None
ColumnType: TypeAlias = Literal["string", "number", "boolean", "time", "date"]

_TRUE: Final = frozenset(("true", "t", "1"))
_FALSE: Final = frozenset(("false", "f", "0"))


def normalise_rows(rows: Iterable[Sequence[object]], types: Sequence[ColumnType]) -> tuple[tuple[Value, ...], ...]:
    """`rows` with every value in the form of its column's type; each row has as many values as there are types.

    >>> normalise_rows([("open", Decimal("3"), "2025-11-01 00:00:00")], ["string", "number", "date"])
    (('open', 3, '2025-11-01'),)
    """
    readers = [_READERS[kind] for kind in types]
    return tuple(
        tuple(None if value is None else read(value) for read, value in zip(readers, row, strict=True)) for row in rows
    )


def normalise_value(value: object, kind: ColumnType) -> Value:
    """`value` in the form of `kind`."""
    return None if value is None else _READERS[kind](value)


def _string(value: object) -> Value:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _number(value: object) -> Value:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return _decimal(value)
    text = _string(value)
    try:
        return _decimal(Decimal(text)) if isinstance(text, str) else text
    except ArithmeticError:
        return text


def _decimal(value: Decimal) -> Value:
    """Whole numbers stay exact at any size; the others become what JSON and every client calculate with."""
    if not value.is_finite():
        return None
    exponent = value.as_tuple().exponent
    if exponent == 0:
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else None


def _boolean(value: object) -> Value:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return bool(value)
    text = _string(value)
    word = str(text).strip().lower()
    return True if word in _TRUE else False if word in _FALSE else text


def _date(value: object) -> Value:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    moment = _moment(value)
    return moment if isinstance(moment, str) else moment.date().isoformat()


def _time(value: object) -> Value:
    moment = _moment(value)
    return moment if isinstance(moment, str) else moment.isoformat()


def _moment(value: object) -> datetime | str:
    """The moment that `value` is, without a zone; its text if it is none."""
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a date has no zone
    else:
        text = str(_string(value))
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


_READERS: Final[dict[ColumnType, Callable[[object], Value]]] = {
    "string": _string,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
}
