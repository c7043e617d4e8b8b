"""The members of cubes and views as the engine uses them: parsed, resolved and frozen.

An expression is a sqlglot tree whose columns name, as their table, the *instance* that they are read from: a path of cube names
relative to the cube that owns the member, joined by dots, behind a mark. `orders` in a member of `orders` is its own row,
`orders.customers` the customer it is joined to. The planner decides where the owner stands in a query; the SQL builder then
swaps paths for aliases.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlglot import exp

    from engine.errors import Place
    from engine.model.granularity import Granularity
    from engine.model.model import Condition

Path = tuple[str, ...]
"""A chain of cubes, each joined to the one before it; one cube reached by two paths is two instances."""

MARK = "ǃ"
"""The first letter of every identifier that we put into an analyst's SQL: a letter to SQL's eyes that no model uses."""

DimensionType = Literal["string", "number", "boolean", "time"]
Relationship = Literal["many_to_one", "one_to_many", "one_to_one"]

ADDITIVE_TYPES = frozenset({"count", "sum"})
COUNTING_TYPES = frozenset({"count", "count_distinct", "count_distinct_approx"})
UNTOLD_TYPES = frozenset({"min", "max", "string", "time", "boolean"})
"""Measures whose values have a type that the model does not tell: those of what they choose from or are written as."""
DERIVED_TYPES = frozenset({"number", "string", "boolean", "time"})


@dataclass(frozen=True, slots=True, eq=False)
class Sql:
    """A parsed snippet: `tree` as described above, `paths` all the instances it reads, relative to its owner.

    `text` is what the analyst wrote, `place` where. `is_column`: it is one column and nothing else. `is_strict`: it is null where
    the owner's row is missing, as the value of a row that is not there has to be.
    """

    tree: exp.Expr
    paths: tuple[Path, ...]
    text: str
    place: Place
    is_column: bool = False
    is_strict: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an enumeration, with other spellings under which it may be asked."""

    value: str
    aliases: tuple[str, ...] = ()
    title: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Dimension:
    """Something to group and filter by.

    `cube` is its owner. `key` identifies the value shown: rows are grouped by both.
    """

    name: str
    cube: str
    type: DimensionType
    sql: Sql
    place: Place
    title: str = ""
    description: str | None = None
    primary_key: bool = False
    public: bool = True
    key: Dimension | None = None
    is_date: bool = False
    format: Any = None
    meta: Any = None
    values: tuple[Value, ...] = ()
    synonyms: tuple[str, ...] = ()
    examples: tuple[Any, ...] = ()
    granularities: Mapping[str, Granularity] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.cube}.{self.name}"


@dataclass(frozen=True, slots=True)
class RollingWindow:
    """How far a rolling measure reads: before and behind each bucket, or `to_date` from the start of a coarser one.

    `trailing` and `leading` are (count, unit) or "unbounded"; `offset` says from which end of the bucket they count.
    """

    trailing: tuple[int, str] | Literal["unbounded"] | None = None
    leading: tuple[int, str] | Literal["unbounded"] | None = None
    offset: Literal["start", "end"] = "end"
    to_date: str | None = None


@dataclass(frozen=True, slots=True)
class TimeShift:
    """A measure read `count` units earlier (prior) or later (next) than the bucket it is shown in."""

    count: int
    unit: str
    time_dimension: str | None = None

    def moves(self, dimension: Dimension) -> bool:
        """Whether a dimension is a time that is read at another."""
        return dimension.type == "time" and self.time_dimension in {None, dimension.name, dimension.full_name}


@dataclass(frozen=True, slots=True)
class Grain:
    """At which grain a multi-stage measure has its values, as full names of dimensions.

    Of the query's dimensions, it has one value for each combination of those in `keep_only` (None: all of them) that are not in
    `exclude`. What it aggregates is computed by those and by `include`. Names in `include` may end with a granularity.
    """

    keep_only: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilterContext:
    """By which filters the inside of a multi-stage measure is computed, where they are not the query's.

    Those on the dimensions and segments in `exclude` are lifted, or all but those in `keep_only`; those of `include` come on top.
    `fixed`: what is changed are the query's own filters, whatever measures between have changed.
    """

    exclude: tuple[str, ...] = ()
    keep_only: tuple[str, ...] | None = None
    include: tuple[Condition, ...] = ()
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class NonAdditive:
    """A measure that is not summed over time: of each group the row at the last, first, least or greatest date counts."""

    dimension: str
    choose: Literal["last", "first", "min", "max"]


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """A number about rows of its home cube, or one derived from other measures after they are aggregated.

    `cube` is where it is declared: its home, unless `derived`. `sql` is what is aggregated (None for a plain count), or, if
    derived, an expression whose leaves are columns named by `references`. An `aggregate` measure's SQL aggregates by itself. A
    multi-stage measure may also name `dimensions` of the groups that it is computed in.
    """

    name: str
    cube: str
    type: str
    sql: Sql | None
    place: Place
    filters: tuple[Sql, ...] = ()
    references: Mapping[str, Measure] = field(default_factory=dict)
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    aggregate: bool = False
    title: str = ""
    description: str | None = None
    public: bool = True
    format: Any = None
    unit: str | None = None
    meta: Any = None
    fill_nulls_with: float | int | None = None
    default_filters: bool = True
    synonyms: tuple[str, ...] = ()
    examples: tuple[Any, ...] = ()
    drill_members: tuple[str, ...] = ()
    percentile: float | None = None
    rolling_window: RollingWindow | None = None
    time_shift: tuple[TimeShift, ...] = ()
    multi_stage: bool = False
    grain: Grain | None = None
    context: FilterContext | None = None
    order_by: tuple[tuple[Sql, bool], ...] = ()
    non_additive: NonAdditive | None = None

    @property
    def full_name(self) -> str:
        return f"{self.cube}.{self.name}"

    @property
    def staged(self) -> bool:
        """Whether it is computed from values of other groups, or of rows chosen otherwise, than those that are shown."""
        if not self.multi_stage:
            return False
        own = self.grain is not None or self.context is not None or bool(self.dimensions or self.filters)
        # Of one value in each group, these are that value.
        return own or self.type not in {*DERIVED_TYPES, "sum", "avg", "min", "max"}

    @property
    def derived(self) -> bool:
        """Whether it is a formula over other measures' values in the same group, perhaps at another time."""
        if self.multi_stage:
            return not self.staged
        return self.type in DERIVED_TYPES and not self.aggregate

    @property
    def additive(self) -> bool:
        """Whether groups add up to their total, where no one-to-many step lies on the path."""
        return self.type in ADDITIVE_TYPES and not (self.rolling_window or self.non_additive or self.multi_stage)


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A named condition on rows of a cube."""

    name: str
    cube: str
    sql: Sql
    place: Place
    title: str = ""
    description: str | None = None
    public: bool = True
    meta: Any = None

    @property
    def full_name(self) -> str:
        return f"{self.cube}.{self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """A declared join; `condition` names its two sides as `source` and `source.target`.

    `keys` are the equalities that make up the whole condition, as (column of the source, column of the target), or None where the
    condition is anything else. `enforced` says that the schema enforces the foreign key.
    """

    source: str
    target: str
    relationship: Relationship
    condition: Sql
    place: Place
    keys: tuple[tuple[str, str], ...] | None = None
    enforced: bool = False


def sub_query_step(measure: Measure, *, filtered: bool) -> str:
    """The last step of a path to a measure's value for one row: a `sub_query` dimension reads it there, as column `value`.

    `filtered`: the query's filters limit what the measure aggregates.
    """
    return f"@{'*' if filtered else ''}{measure.cube}:{measure.name}"


def is_sub_query_step(step: str) -> bool:
    """Whether the last step of a path leads to a measure's value rather than to a cube."""
    return step.startswith("@")


def instance_name(path: Path) -> str:
    """The table name that stands for an instance in a member's expression."""
    return MARK + ".".join(path)


def instance_path(name: str) -> Path | None:
    """The instance that a table name stands for, or None if it is a table of the analyst's own."""
    return tuple(name[1:].split(".")) if name.startswith(MARK) else None


def as_written(column: exp.Expr) -> str:
    """A column's name, in quotes if the analyst quoted it: databases may fold one that is not."""
    name = column.name.replace('"', '""')
    return f'"{name}"' if column.this.args.get("quoted") else column.name
