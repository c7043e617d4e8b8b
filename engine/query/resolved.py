"""A query with every name replaced by the member it means, and every value by a slot.

Values are kept apart from the shape: two queries that differ in values alone have equal shapes, so that a plan and its SQL can be
used again. A slot is the position of a value in `ResolvedQuery.values`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from engine.model.granularity import Granularity
    from engine.model.members import Dimension, Measure, Path, Segment, TimeShift
    from engine.model.model import View

Role = Literal["dimension", "time", "key", "measure"]


@dataclass(frozen=True, slots=True)
class Use:
    """A dimension as a query uses it: through a view's path, or as the axis that stands for another column in each home."""

    dimension: Dimension
    path: Path | None = None
    axis: tuple[tuple[str, Dimension], ...] = ()

    def at(self, home: str) -> Dimension:
        """The dimension that is meant for facts of `home`."""
        return next((dimension for cube, dimension in self.axis if cube == home), self.dimension)

    @property
    def is_date(self) -> bool:
        """Whether it is a date in every home."""
        return self.dimension.is_date and all(dimension.is_date for _, dimension in self.axis)


@dataclass(frozen=True, slots=True)
class Grouping:
    """A column to group by; `name` is how the query calls it."""

    name: str
    use: Use
    role: Role
    granularity: Granularity | None = None
    label_of: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A measure that is asked for, with the view that it is asked through."""

    name: str
    measure: Measure
    view: View | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition on a dimension.

    kind `in`: equals one of `slots`, or is null if `null`; `like`: matches one pattern; `compare`: stands in relation `symbol` to
    the slot; `range`: lies in [first slot, second slot), where either may be missing; `set`: is null if `null`. `negative` turns it
    round, keeping rows without a value unless null is listed. `exact` bounds of a range do not fall on midnight.
    `is_date_range`: it is the date range of a time dimension rather than a filter.
    """

    use: Use
    kind: Literal["in", "like", "compare", "set", "range"]
    slots: tuple[int | None, ...] = ()
    null: bool = False
    negative: bool = False
    symbol: str = ""
    exact: bool = False
    is_date_range: bool = False


@dataclass(frozen=True, slots=True)
class MeasureComparison:
    """One condition on a measure's value in its group; the fields mean what they mean in a `Comparison`."""

    measure: Asked
    kind: Literal["in", "compare", "set", "like", "range"]
    slots: tuple[int | None, ...] = ()
    null: bool = False
    negative: bool = False
    symbol: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class SegmentUse:
    """A segment, through a view's path."""

    segment: Segment
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions of which all, or one, have to hold."""

    kind: Literal["and", "or"]
    parts: tuple[Predicate, ...]


Condition = Comparison | MeasureComparison | SegmentUse
Predicate = Condition | Junction


def conditions_in(predicates: Iterable[Predicate]) -> Iterator[Condition]:
    """The conditions that predicates are made of, whatever and/or joins them."""
    for predicate in predicates:
        if isinstance(predicate, Junction):
            yield from conditions_in(predicate.parts)
        else:
            yield predicate


def uses_of(predicates: Iterable[Predicate]) -> Iterator[Use | SegmentUse]:
    """The dimensions and segments that predicates name."""
    for condition in conditions_in(predicates):
        if isinstance(condition, Comparison):
            yield condition.use
        elif isinstance(condition, SegmentUse):
            yield condition


@dataclass(frozen=True, slots=True)
class DefaultFilter:
    """A filter that a view applies by itself, to measures that are asked through it; not told of if its member is `hidden`."""

    view: str
    member: str
    predicate: Predicate
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ResolvedRange:
    """A date range as it was understood: zone-aware ends, half-open, in the query's zone; an end of None is open."""

    member: str
    start: datetime | None
    end: datetime | None
    phrase: str


@dataclass(frozen=True, slots=True, eq=False)
class Policies:
    """What the asker may see of each cube or view that has a policy: its rows that satisfy the predicate.

    `missing` names, for those whose policy cannot be decided, the security value that was not given. One object stands for all
    askers whose policies differ in values alone.
    """

    predicates: Mapping[str, Predicate]
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything that decides the SQL, and nothing else: what a compiled statement is remembered by.

    `ordering` are measures that only order the result. `guards` are the views with access policies through which the rows of all
    measures are chosen; those through which a single measure is asked hold for it besides. `included` are the filters that
    multi-stage measures add by themselves. Inside a stage, `shift` is the time at which all is read, and `query_filters` are those
    that the query had before stages changed them. Inside a sub-query dimension, `looked_up` are the instances whose values
    are being computed.
    """

    groupings: tuple[Grouping, ...]
    measures: tuple[Asked, ...]
    where: tuple[Predicate, ...]
    having: tuple[Predicate, ...]
    defaults: tuple[DefaultFilter, ...]
    policies: Policies
    order: tuple[tuple[str, bool], ...]
    limit: int
    offset: int
    time_zone: str
    hints: tuple[Path, ...] = ()
    ungrouped: bool = False
    fill: bool = False
    ordering: tuple[Asked, ...] = ()
    guards: tuple[str, ...] = ()
    included: tuple[tuple[Measure, Predicate], ...] = ()
    shift: tuple[TimeShift, ...] = ()
    query_filters: Filters | None = None
    looked_up: tuple[Path, ...] = ()

    @property
    def filters(self) -> Filters:
        """By what rows are chosen."""
        return Filters(self.where, self.defaults)


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a query, and those that its views apply by themselves."""

    where: tuple[Predicate, ...]
    defaults: tuple[DefaultFilter, ...]


@dataclass(frozen=True, slots=True)
class ResolvedQuery:
    """A shape with its values, and what an answer tells of how the query was understood."""

    shape: Shape
    values: tuple[Any, ...]
    ranges: tuple[ResolvedRange, ...]
    filters: tuple[tuple[str, str, tuple[Any, ...]], ...]
    now: datetime
    limit_asked: int | None
    total: bool = False
    totals: bool = False
    titles: tuple[tuple[str, str], ...] = ()
