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
    from collections.abc import Mapping

    from engine.model.graph import Step
    from engine.model.members import Dimension, Measure, Path
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
class Fact:
    """Rows of one home, aggregated by the groups of the query.

    `places` tells, for each dimension and segment used, the instance of its owner. `fanned`: joins repeat rows of the home, so
    that each has to be taken once a group. `defaults` are the view's filters that apply here.
    """

    home: Cube
    instances: tuple[Instance, ...]
    leaves: tuple[Leaf, ...]
    where: tuple[Predicate, ...]
    places: Mapping[Use | SegmentUse, Path]
    fanned: bool
    existences: tuple[Existence, ...] = ()
    defaults: tuple[DefaultFilter, ...] = ()

    def dimension(self, use: Use) -> Dimension:
        """The dimension that a use means here."""
        return use.at(self.home.name)


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of the result: a group, or a measure that is either the leaf `leaf` or derived from leaves by name.

    `role` and `type` are what the front ends go by; `leaves` maps the measures that a derived one names to leaves.
    """

    name: str
    role: Role
    type: str
    grouping: Grouping | None = None
    asked: Asked | None = None
    leaf: str | None = None
    leaves: Mapping[str, str] | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    """The time whose buckets are all shown: those of the range of `bounds`, else those of the data."""

    column: Column
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

    @property
    def groups(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.grouping is not None)

    @property
    def measures(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.asked is not None)
