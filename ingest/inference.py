"""Finds the type of a column from its values, and turns values into it: for files whose data are not TestIO's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ingest.moments import utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Kind = Literal["boolean", "integer", "number", "date", "time", "text"]

_TOO_LARGE = 2**63
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")  # "007" is a text: its zeros mean something
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
_WIDER: dict[frozenset[Kind], Kind] = {
    frozenset(("integer", "number")): "number",
    frozenset(("date", "time")): "time",
}


@dataclass(slots=True)
class Columns:
    """The columns of a file in the order in which they appear, each with the narrowest type that fits what was seen."""

    kinds: dict[str, Kind | None] = field(default_factory=dict)

    def see(self, row: dict[str, Any]) -> None:
        """Take a row into account."""
        for name, value in row.items():
            found = kind_of(value)
            known = self.kinds.get(name)
            self.kinds[name] = found if known is None else known if found is None else _join(known, found)

    def settled(self) -> dict[str, Kind]:
        """The types; a column without any value is a text."""
        return {name: kind or "text" for name, kind in self.kinds.items()}


def infer(rows: Iterable[dict[str, Any]]) -> dict[str, Kind]:
    """The types of the columns of all rows.

    >>> infer([{"id": "1", "price": "2", "on": "2026-01-31", "zip": "07"}, {"id": "2", "price": "2.5", "on": "", "zip": ""}])
    {'id': 'integer', 'price': 'number', 'on': 'date', 'zip': 'text'}
    """
    columns = Columns()
    for row in rows:
        columns.see(row)
    return columns.settled()


def kind_of(value: Any) -> Kind | None:
    """The narrowest type of one value; None for none."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _kind_of_text(value.strip())
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        return "text"
    for python, kind in _KINDS:
        if isinstance(value, python):
            return kind
    return "text"


def fits(value: Any, kind: Kind) -> bool:
    """Whether a column of this type can hold the value as it is meant.

    >>> fits("2", "number"), fits("2.5", "integer"), fits("2026-01-31", "time"), fits("", "date"), fits("07", "text")
    (True, False, True, True, True)
    """
    found = kind_of(value)
    return found is None or kind == "text" or _join(found, kind) == kind


def convert(value: Any, kind: Kind) -> Any:
    """A value of a column of this type, as the database takes it; empty texts are NULL."""
    if value is None or value == "":
        return None
    return _CONVERTERS[kind](value.strip() if isinstance(value, str) else value)


def _join(one: Kind, other: Kind) -> Kind:
    return one if one == other else _WIDER.get(frozenset((one, other)), "text")


def _kind_of_text(text: str) -> Kind:
    if text.lower() in ("true", "false"):
        return "boolean"
    if _INTEGER.fullmatch(text):
        return "integer"
    if _NUMBER.fullmatch(text):
        return "number"
    if _DATE.fullmatch(text) and _parses(date.fromisoformat, text):
        return "date"
    if _TIME.fullmatch(text) and _parses(datetime.fromisoformat, text):
        return "time"
    return "text"


def _parses(parse: Callable[[str], Any], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _boolean(value: Any) -> bool:
    return value.lower() == "true" if isinstance(value, str) else bool(value)


def _date(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _time(value: Any) -> datetime:
    if isinstance(value, datetime | date):
        return utc(value.isoformat())
    return utc(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=str).decode()


# datetime before date and bool before int: each is also an instance of the later one.
_KINDS: tuple[tuple[type, Kind], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (Decimal, "number"),
    (datetime, "time"),
    (date, "date"),
)
_CONVERTERS: dict[Kind, Callable[[Any], Any]] = {
    "boolean": _boolean,
    "integer": int,
    "number": float,
    "date": _date,
    "time": _time,
    "text": _text,
}
