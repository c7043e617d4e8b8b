"""Finds the type of a column from its values, and turns values into it: for files whose data are not TestIO's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import isnan
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ingest.moments import utc
from ingest.spellings import SPELLINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.spellings import Spelling

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


@dataclass(frozen=True, slots=True)
class Column:
    """The type of a column, how its values are spelled if not plainly, and what there is to say of that, after its name."""

    kind: Kind
    spelling: Spelling | None = None
    note: str | None = None

    def plain(self, value: Any, kind: Kind) -> Any:
        """A value as a column of this type takes it; texts stay as they are."""
        if self.spelling is None or kind == "text" or not isinstance(value, str):
            return value
        return self.spelling.plain(value.strip()) or value


@dataclass(slots=True)
class _Reading:
    """What a column is in one spelling: the narrowest type, and the first value that it reads otherwise than it stands."""

    kind: Kind | None = None
    value: str | None = None

    def see(self, text: str, plain: str) -> None:
        self.see_plain(_kind_of_text(plain))
        if plain != text and self.value is None:
            self.value = text

    def see_plain(self, kind: Kind) -> None:
        self.kind = kind if self.kind is None else _join(self.kind, kind)


@dataclass(slots=True)
class _Values:
    """What was seen of a column: the narrowest type that fits, and the spellings in which all of its values can be read.

    `open` is the first value that two of these read differently; `mixed` are the first and the one that no spelling reads too.
    """

    readings: dict[Spelling, _Reading]
    kind: Kind | None = None
    first: str = ""
    open: str | None = None
    mixed: tuple[str, str] | None = None

    def see(self, value: Any) -> None:
        found = kind_of(value)
        if found is None:
            return
        self.kind = found if self.kind is None else _join(self.kind, found)
        if not isinstance(value, str):
            self.readings.clear()
        elif self.readings:
            self.first = self.first or value.strip()
            self._read(value.strip(), found)

    def _read(self, text: str, found: Kind) -> None:
        if all(found in spelling.kept for spelling in self.readings):
            for reading in self.readings.values():
                reading.see_plain(found)
            return
        plains = {spelling: plain for spelling in self.readings if (plain := spelling.plain(text)) is not None}
        self.readings = {spelling: self.readings[spelling] for spelling in plains}
        for spelling, plain in plains.items():
            self.readings[spelling].see(text, plain)
        if len(set(plains.values())) > 1:
            self.open = self.open or text
        if not plains and any(spelling.plain(text) for spelling in SPELLINGS):
            self.mixed = (self.first, text)

    def settled(self) -> Column:
        """The column as it is to be stored: plainly, or in the only spelling that there can be."""
        kind = self.kind or "text"
        if self.open and len(self.readings) > 1:
            ways = " or ".join(f"{one.plain(self.open)} with {one.option}" for one in self.readings)
            return Column(kind, note=f'is a {kind}, and "{self.open}" may be meant otherwise: {ways}.')
        for spelling, reading in self.readings.items():
            if reading.value and reading.kind:
                note = f'is a {reading.kind}: "{reading.value}" is read as {spelling.plain(reading.value)}.'
                return Column(reading.kind, spelling, note)
        if kind == "text" and self.mixed:
            values = " and ".join(f'"{value}"' for value in self.mixed)
            return Column(kind, note=f"is a text, for {values} are not written in the same way.")
        return Column(kind)


@dataclass(slots=True)
class Columns:
    """The columns of a file in the order in which they appear; of spellings, only these are thought of.

    >>> columns = Columns()
    >>> columns.see({"id": "1", "price": "2", "on": "2026-01-31", "zip": "07", "paid": "31.1.2026"})
    >>> columns.see({"id": "2", "price": "2.5", "on": "", "zip": "", "paid": ""})
    >>> {name: column.kind for name, column in columns.settled().items()}
    {'id': 'integer', 'price': 'number', 'on': 'date', 'zip': 'text', 'paid': 'date'}
    """

    spellings: tuple[Spelling, ...] = SPELLINGS
    values: dict[str, _Values] = field(default_factory=dict)

    def see(self, row: dict[str, Any]) -> None:
        """Take a row into account."""
        for name, value in row.items():
            if name not in self.values:
                self.values[name] = _Values({spelling: _Reading() for spelling in self.spellings})
            self.values[name].see(value)

    def settled(self) -> dict[str, Column]:
        """The columns; one without any value is a text."""
        return {name: values.settled() for name, values in self.values.items()}


def kind_of(value: Any) -> Kind | None:
    """The narrowest type of one value; None for none."""
    if _is_missing(value):
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


def unkeepable(value: Any) -> str | None:
    """What in a value no database keeps in a text, or not every one: SQLite takes NUL, and cuts the text there when it is asked.

    >>> unkeepable("tea"), unkeepable("a\\0b"), unkeepable("\\ud83d"), unkeepable({"a": ["\\ud83d"]})
    (None, 'a NUL character', 'half a letter', 'half a letter')
    """
    if isinstance(value, str):
        if "\0" in value:
            return "a NUL character"
        if value.isascii():
            return None
    elif not isinstance(value, dict | list):
        return None
    try:
        _text(value).encode()
    except UnicodeEncodeError:  # one of a pair of surrogates, which JSON can escape alone
        return "half a letter"
    return None


def convert(value: Any, kind: Kind) -> Any:
    """A value of a column of this type, as the database takes it; empty texts and NaN are NULL."""
    if _is_missing(value):
        return None
    return _CONVERTERS[kind](value.strip() if isinstance(value, str) else value)


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and isnan(value))


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
