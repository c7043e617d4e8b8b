"""An answer as Cube's API gives it: rows by the names of their members, numbers as texts, times to the millisecond.

{"testing.created_at.month": "2026-10-01T00:00:00.000", "testing.created_at": "2026-10-01T00:00:00.000", "testing.bug_count": "43"}
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.model.granularity import PREDEFINED
from engine.model.members import Dimension, Measure, Segment
from engine.query.names import find
from server.http.cube.members import described, granularity_data, in_cube, in_view
from server.http.formats import compact

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine import Model, Result
    from engine.model.model import Member
    from server.http.cube.members import Offered
    from server.http.cube.queries import Normalised, QueryType

    Cell = str | bool | None
    Cells = dict[str, list[Cell]]

_ANY: tuple[type[Member], ...] = (Dimension, Measure, Segment)
_IN_ANNOTATION = (
    "title",
    "shortTitle",
    "description",
    "type",
    "format",
    "unit",
    "meta",
    "drillMembers",
    "drillMembersGrouped",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One query with its result, as one entry of `results`; `kind` is that of the whole request."""

    asked: Normalised
    result: Result
    model: Model
    kind: QueryType
    dialect: str

    def query(self) -> dict[str, Any]:
        """The query as it was understood.

        Where rows differ in nothing but the key of a label (two features of one title), the key is among the dimensions: clients
        that pivot would otherwise show one of the two and lose the other.
        """
        return self.asked.as_dict(self._dimensions())

    def as_dict(self) -> dict[str, Any]:
        """The entry, with our notes on the answer beside what Cube tells."""
        result = self.result
        return {
            "query": self.query(),
            "data": self._data(),
            "annotation": self._annotation(),
            "lastRefreshTime": _refreshed(result),
            "dataSource": "default",
            "dbType": self.dialect,
            "extDbType": self.dialect,
            "external": False,
            "slowQuery": False,
            "usedPreAggregations": {},
            "total": result.total_rows if self.asked.query.total else None,
            "explanation": result.account.explanation,
            "notes": list(result.notes),
        }

    def _dimensions(self) -> list[str]:
        columns = self.result.columns
        shown = [index for index, each in enumerate(columns) if each.role in {"dimension", "time"}]
        names = list(self.asked.dimensions)
        if len({tuple(row[index] for index in shown) for row in self.result.rows}) == len(self.result.rows):
            return names
        keys = {each.member for each in columns if each.role == "key"}
        return [each for name in names for each in ([name, f"{name}_id"] if f"{name}_id" in keys else [name])]

    def _data(self) -> Any:
        cells = self._cells()
        if self.asked.layout == "columnar":
            return {"members": list(cells), "columns": list(cells.values())}
        rows = list(zip(*cells.values(), strict=True))
        if self.asked.layout == "compact":
            return {"members": list(cells), "dataset": [list(row) for row in rows]}
        return [dict(zip(cells, row, strict=True)) for row in rows]

    def _cells(self) -> Cells:
        """The values of each member, those of a bucket under the name of its time too."""
        columns, rows = self.result.columns, self.result.rows
        found: Cells = {
            column.member: [_written(row[index], column.type) for row in rows] for index, column in enumerate(columns)
        }
        for bucket in reversed(self.asked.buckets):
            found[f"{bucket.dimension}.{bucket.granularity}"] = found[bucket.column]
            if bucket.dimension not in self.asked.dimensions:
                found[bucket.dimension] = found[bucket.column]
        if self.kind == "compareDateRangeQuery" and self.asked.date_range:
            found["compareDateRange"] = [" - ".join(self.asked.date_range)] * len(rows)
        if self.kind == "blendingQuery" and self.asked.buckets:
            bucket = self.asked.buckets[0]
            found[f"time.{bucket.granularity}"] = found["time"] = found[bucket.column]
        return found

    def _annotation(self) -> dict[str, Any]:
        """What the members of the query are, by their names."""
        query = self.asked.query
        dimensions = {name: self._described(name) for name in self.asked.dimensions}
        for column in self.result.columns:
            if column.role == "key":
                dimensions[column.member] = {"title": column.title, "shortTitle": column.title, "type": column.type}
        times: dict[str, Any] = {}
        for bucket in self.asked.buckets:
            dimension = self._described(bucket.dimension)
            found = find(self.model, bucket.dimension, _ANY, "timeDimensions")
            own = found.target.granularities if isinstance(found.target, Dimension) else {}
            granularity = own.get(bucket.granularity) or PREDEFINED[bucket.granularity]
            times[f"{bucket.dimension}.{bucket.granularity}"] = {
                **dimension,
                "granularity": granularity_data(granularity),
            }
            if bucket.dimension not in dimensions:
                times[bucket.dimension] = dimension
        return {
            "measures": {name: self._described(name) for name in query.measures},
            "dimensions": dimensions,
            "segments": {name: self._described(name) for name in query.segments},
            "timeDimensions": times,
        }

    def _described(self, name: str) -> dict[str, Any]:
        entry = described(_offered(name, self.model), self.model)
        data = {part: entry[part] for part in _IN_ANNOTATION if part in entry}
        title = dict(self.asked.query.titles).get(name)
        return {**data, "title": title, "shortTitle": title} if title else data


def _offered(name: str, model: Model) -> Offered:
    """The member that a query calls `name`, as its view or cube offers it."""
    found = find(model, name, _ANY, name)
    if found.view is not None:
        known = (found.view.member(part) for part in reversed(name.split(".")))
        return in_view(found.view, next(each for each in known if each is not None), model)
    return in_cube(model.cubes[found.target.cube], found.target)


def _written(value: Any, kind: str) -> Cell:
    if value is None or isinstance(value, bool):
        return value
    return _WRITERS.get(kind, str)(value)


def _date(value: Any) -> str:
    return f"{value}T00:00:00.000"


def _time(value: Any) -> str:
    try:
        return datetime.fromisoformat(str(value)).isoformat(timespec="milliseconds")
    except ValueError:
        return str(value)


_WRITERS: dict[str, Callable[[Any], str]] = {"date": _date, "time": _time}


def _refreshed(result: Result) -> str | None:
    """When the answer was computed, as JavaScript writes a moment."""
    now = result.account.replay.get("now")
    if now is None:
        return None
    return datetime.fromisoformat(now).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_lines(result: Result) -> bytes:
    """A result as Cube's SQL over HTTP gives it: a line with the columns, and one with the rows."""
    schema = [
        {"name": each.member, "column_type": _column_type(index, result)} for index, each in enumerate(result.columns)
    ]
    head = {"schema": schema, "lastRefreshTime": _refreshed(result)}
    return compact(head) + b"\n" + compact({"data": [list(row) for row in result.rows]}) + b"\n"


def _column_type(index: int, result: Result) -> str:
    kind = result.columns[index].type
    if kind != "number":
        return {"boolean": "Boolean", "time": "Timestamp", "date": "Date"}.get(kind, "String")
    return "Int64" if all(isinstance(row[index], int | None) for row in result.rows) else "Double"
