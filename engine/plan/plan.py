"""The plan of a query: which facts are aggregated from which home by which joins, and how they become one result.

Plan
├── facts        one for each home (and set of filters): rows of the home, joined, filtered, aggregated by the groups
├── columns      what the result shows, in order: groups, then measures
├── having       conditions on measures, after the facts are merged
└── order, limit, offset
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.model.granularity import Granularity
    from engine.model.graph import Step
    from engine.model.members import Dimension, Measure, Path, RollingWindow, TimeShift
    from engine.model.model import Cube
    from engine.query.resolved import Asked, Comparison, DefaultFilter, Grouping, Predicate, Role, SegmentUse, Use


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A cube as one fact reads it, at the end of `path`; the home's path is the home alone, and it has no `step`.

    `inner` where a filter makes it certain that a partner is there. `policy` limits its rows before they are joined. `lookup`, in
    place of a cube's own rows, is the plan of a measure for each row of the cube before it.
    """

    path: Path
    cube: Cube | None
    step: Step | None = None
    inner: bool = False
    policy: Predicate | None = None
    lookup: Plan | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Existence:
    """Partners of which a home row needs at least one combination: joined among themselves, apart from the home's own joins."""

    instances: tuple[Instance, ...]
    where: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A measure with a home, under the name by which the rest of the plan knows its value."""

    name: str
    measure: Measure


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """A derived measure as computed from `parts`: for each measure that it names, a leaf's name or another formula."""

    measure: Measure
    parts: Mapping[str, str | Formula]

    def leaves(self) -> Iterator[str]:
        """The names of all leaves below."""
        for part in self.parts.values():
            if isinstance(part, str):
                yield part
            else:
                yield from part.leaves()


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The time over which rolling measures roll.

    `groupings` are the query's buckets of that time, `finest` the granularity they are all made up of; without any, the range
    itself is the one bucket. `bounds` is the date range, which picks the buckets and does not limit what a window reads.
    """

    rolling: RollingWindow
    use: Use | None
    finest: Granularity | None
    groupings: tuple[Grouping, ...]
    bounds: Comparison | None


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """Rows of one home, aggregated by the groups of the query.

    `places` tells, for each dimension and segment used, the instance of its owner. `fanned`: joins repeat rows of the home, so
    that each has to be taken once a group. `applied` are the view's filters that apply here, `guards` what access policies of views
    ask of the rows, by view. `window`, `shift` and `over` are
    set for measures that roll over time, are read at another time, or are not summed over the time `over`.
    """

    home: Cube
    instances: tuple[Instance, ...]
    leaves: tuple[Leaf, ...]
    where: tuple[Predicate, ...]
    places: Mapping[Use | SegmentUse, Path]
    fanned: bool
    existences: tuple[Existence, ...] = ()
    applied: tuple[DefaultFilter, ...] = ()
    guards: tuple[tuple[str, Predicate], ...] = ()
    window: Window | None = None
    shift: tuple[TimeShift, ...] = ()
    over: Use | None = None

    @property
    def defaults(self) -> tuple[DefaultFilter, ...]:
        """The default filters that are told."""
        return tuple(each for each in self.applied if not each.hidden)

    @property
    def untold(self) -> tuple[Predicate, ...]:
        """The conditions of which the asker is told no more than that there are some."""
        return (*(guard for _, guard in self.guards), *(each.predicate for each in self.applied if each.hidden))

    def dimension(self, use: Use) -> Dimension:
        """The dimension that a use means here."""
        return use.at(self.home.name)


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of the result: a group, or a measure whose `value` is a leaf's name or a formula.

    `role` and `type` are what the front ends go by. A `hidden` column is compared or ordered by, not shown.
    """

    name: str
    role: Role
    type: str
    grouping: Grouping | None = None
    asked: Asked | None = None
    value: str | Formula | None = None
    hidden: bool = False

    @property
    def leaf(self) -> str | None:
        """The leaf that is shown as it is."""
        return self.value if isinstance(self.value, str) else None

    @property
    def leaves(self) -> tuple[str, ...]:
        """The leaves that the column is computed from."""
        if self.value is None or isinstance(self.value, str):
            return (self.value,) if self.value is not None else ()
        return tuple(dict.fromkeys(self.value.leaves()))


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A multi-stage measure: `plan` gives the values that it is computed from.

    `kept` are those of the query's groups for which there is one value each. `over`: the value is that of all rows of one of these
    groups, repeated in each of them. `grid`: the values have other groups than the query, or other rows, and this plan gives the
    query's, among which they are to be spread. `included` are the filters that the measure adds.
    """

    leaf: Leaf
    plan: Plan
    kept: tuple[Grouping, ...]
    over: tuple[Grouping, ...] | None = None
    grid: Plan | None = None
    included: tuple[Predicate, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    """The time whose buckets are all shown: those of the range of `bounds`, else those of the data."""

    column: Column
    use: Use
    granularity: Granularity
    bounds: Comparison | None


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How a query is answered, before any SQL."""

    facts: tuple[Fact, ...]
    columns: tuple[Column, ...]
    having: tuple[Predicate, ...]
    order: tuple[tuple[str, bool], ...]
    limit: int | None
    offset: int
    time_zone: str
    ungrouped: bool = False
    fill: Fill | None = None
    stages: tuple[Stage, ...] = ()

    @property
    def groups(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.grouping is not None)

    @property
    def measures(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.asked is not None)
