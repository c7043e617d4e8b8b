"""An answer as charts read it: which columns are measures, which are dimensions, and what stands in each row by both."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.query.calendar import UNITS
from server.labels import NONE, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine import Result
    from engine.sql.statement import ResultColumn

Place: TypeAlias = tuple[Any, Any]
"""The value of a dimension: its key, where it has one, and what is shown."""

_COMPARED = re.compile(r"(.+)\.(previous|delta|percent)(?:_\d+)?\Z")


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of an answer: the column shown, where it stands, and where its key stands, if it has one."""

    column: ResultColumn
    index: int
    key: int | None

    @property
    def title(self) -> str:
        return self.column.title or self.column.member

    @property
    def is_time(self) -> bool:
        return self.column.type in {"time", "date"}

    def place(self, row: Sequence[Any]) -> Place:
        """What stands in a row of it."""
        return (None if self.key is None else row[self.key], row[self.index])

    def places(self, rows: Sequence[Sequence[Any]]) -> list[Place]:
        """All that stand in rows, each once, in their order."""
        return list(dict.fromkeys(self.place(row) for row in rows))

    def labels(self, places: Sequence[Place]) -> list[str]:
        """How places are called, each differently: those that look alike also by their key, or by the value as it is."""
        named = [NONE if value is None else label(self.column, value) or "(empty)" for _, value in places]
        counts = Counter(named)
        return [
            name if counts[name] == 1 else _told_apart(name, place) for name, place in zip(named, places, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric of an answer and where it stands; `compared` says what it tells of another date range: previous, delta, percent."""

    column: ResultColumn
    index: int
    compared: str | None = None

    @property
    def title(self) -> str:
        return self.column.title or self.column.member

    @property
    def is_number(self) -> bool:
        return self.column.type == "number"

    @property
    def is_share(self) -> bool:
        return isinstance(self.column.format, str) and self.column.format.startswith("percent")

    @property
    def scale(self) -> str:
        """Measures of one scale can share an axis: those of one unit, and shares of whatever."""
        return "%" if self.is_share else self.column.unit or f"only {self.column.member}"

    def values(self, rows: Sequence[Sequence[Any]]) -> list[float]:
        """Its values in rows, without the empty ones."""
        return [row[self.index] for row in rows if row[self.index] is not None]

    def adds_up(self, rows: Sequence[Sequence[Any]]) -> bool:
        """Whether its values can be piled up: they are parts of a whole, none below nothing."""
        return bool(self.column.additive) and all(value >= 0 for value in self.values(rows))


def dimensions_of(result: Result) -> list[Dimension]:
    """The dimensions of an answer, in its order; a key counts as one only where what it identifies is not shown."""
    places = {column.member: index for index, column in enumerate(result.columns)}
    keys = {
        places[f"{column.member}_id"]: index
        for index, column in enumerate(result.columns)
        if column.role == "dimension" and _is_key(result, f"{column.member}_id", places)
    }
    key_of = {label: key for key, label in keys.items()}
    return [
        Dimension(column, index, key_of.get(index))
        for index, column in enumerate(result.columns)
        if column.role != "measure" and index not in keys
    ]


def measures_of(result: Result) -> list[Measure]:
    """The measures of an answer, in its order."""
    names = {column.member for column in result.columns}
    found = []
    for index, column in enumerate(result.columns):
        if column.role == "measure":
            match = _COMPARED.match(column.member)
            found.append(Measure(column, index, match[2] if match is not None and match[1] in names else None))
    return found


def finest_time(dimensions: Sequence[Dimension]) -> Dimension | None:
    """The time that a line runs along: the one of the smallest buckets."""
    times = [dimension for dimension in dimensions if dimension.is_time]
    return min(times, key=_coarseness, default=None)


def is_whole(result: Result) -> bool:
    """Whether an answer has all the rows that there are."""
    beyond = result.total_rows is not None and result.total_rows > len(result.rows)
    return not (beyond or result.cut or result.query.get("offset"))


def _told_apart(name: str, place: Place) -> str:
    key, value = place
    if key is not None:
        return f"{name} (#{key})"
    return name if value is None else f"{name} ({value})"


def _is_key(result: Result, name: str, places: dict[str, int]) -> bool:
    return name in places and result.columns[places[name]].role == "key"


def _coarseness(dimension: Dimension) -> int:
    unit = dimension.column.granularity
    if unit is None:
        return -1
    return UNITS.index(unit) if unit in UNITS else len(UNITS)
