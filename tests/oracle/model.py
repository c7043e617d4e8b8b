"""A model of cubes and views as plain frozen data: what the evaluator reads, and what is written for the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tests.oracle.expressions import Expression, Literally

ColumnType = Literal["integer", "float", "text", "boolean", "timestamp", "date"]
DimensionType = Literal["string", "number", "boolean", "time"]
MeasureType = Literal[
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "count_distinct",
    "count_distinct_approx",
    "median",
    "percentile",
    "number",
    "rank",
]
Relationship = Literal["many_to_one", "one_to_many", "one_to_one"]

Row = dict[str, Any]
Data = dict[str, list[Row]]
"""Rows by table; NULL is None, a timestamp a `datetime` without zone, a date a `Day`."""

Query = dict[str, Any]
"""A query in Cube's REST form."""


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[tuple[str, ColumnType], ...]


@dataclass(frozen=True)
class Dimension:
    """`key` names the dimension of the same cube that identifies what is shown; `sub_query`: it is a measure of another cube."""

    name: str
    type: DimensionType
    sql: Expression
    primary_key: bool = False
    key: str | None = None
    sub_query: bool = False


@dataclass(frozen=True)
class Rolling:
    """A window around the bucket: intervals such as `2 months`, or `unbounded`; `to_date` names a granularity."""

    trailing: str | None = None
    leading: str | None = None
    offset: Literal["start", "end"] = "end"
    to_date: str | None = None


@dataclass(frozen=True)
class Shift:
    """A reading of earlier rows (`prior`) or later ones (`next`)."""

    interval: str
    type: Literal["prior", "next"] = "prior"


@dataclass(frozen=True)
class NonAdditive:
    """A stock: of each group one date of the home's time dimension counts."""

    dimension: str
    choose: Literal["last", "first", "min", "max"] = "last"


@dataclass(frozen=True)
class Grain:
    """At which groups a multi-stage measure has its values: names of dimensions of its own cube."""

    keep_only: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measure:
    """`sql` is what is aggregated (none for a plain count), or, for a `number`, an expression over other measures.

    Only a `number` has a `time_shift`; only a `percentile` has a `percentile`. One with a `grain` is multi-stage: what it
    aggregates, or for a `rank` what it ranks by, greatest first, is an expression over other measures.
    """

    name: str
    type: MeasureType
    sql: Expression | None = None
    filters: tuple[Expression, ...] = ()
    fill_nulls_with: float | None = None
    default_filters: bool = True
    percentile: float | None = None
    rolling: Rolling | None = None
    time_shift: tuple[Shift, ...] = ()
    non_additive: NonAdditive | None = None
    grain: Grain | None = None

    @property
    def expression(self) -> Expression:
        """What is aggregated; a plain count counts a constant."""
        return Literally(1) if self.sql is None else self.sql


@dataclass(frozen=True)
class Segment:
    name: str
    sql: Expression


@dataclass(frozen=True)
class Join:
    """`on` are pairs of a column here and the column of `target` that it equals.

    Rows of which the looked-up dimension `few` is 2 or more have no partner.
    """

    target: str
    relationship: Relationship
    on: tuple[tuple[str, str], ...]
    enforced: bool = False
    few: str | None = None


@dataclass(frozen=True)
class Security:
    """A value that the caller's security context gives."""

    name: str


@dataclass(frozen=True)
class DeclaredFilter:
    """A filter of an access policy, on a dimension of the cube, or a default filter of a view, on a member of it."""

    member: str
    operator: str
    values: tuple[str | Security, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cube:
    name: str
    table: str
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...] = ()
    segments: tuple[Segment, ...] = ()
    joins: tuple[Join, ...] = ()
    policy: tuple[DeclaredFilter, ...] = ()

    def dimension(self, name: str) -> Dimension:
        return next(dimension for dimension in self.dimensions if dimension.name == name)


@dataclass(frozen=True)
class Include:
    name: str
    alias: str | None = None


@dataclass(frozen=True)
class ViewCube:
    """Members of the last cube of `join_path`; `includes` of None are all of them."""

    join_path: tuple[str, ...]
    includes: tuple[Include, ...] | None = None
    excludes: tuple[str, ...] = ()
    prefix: bool = False


@dataclass(frozen=True)
class View:
    name: str
    cubes: tuple[ViewCube, ...]
    measures: tuple[Measure, ...] = ()
    default_filters: tuple[DeclaredFilter, ...] = ()
    default_time_dimension: str | None = None
    join_paths: tuple[tuple[str, ...], ...] = ()
    axis: tuple[tuple[str, str], ...] = ()
    """Cubes, each with the time dimension that stands for it on the view's one axis, `time`."""


@dataclass(frozen=True)
class Model:
    tables: tuple[Table, ...]
    cubes: tuple[Cube, ...]
    views: tuple[View, ...] = ()

    def cube(self, name: str) -> Cube:
        return next(cube for cube in self.cubes if cube.name == name)

    def view(self, name: str) -> View | None:
        return next((view for view in self.views if view.name == name), None)
