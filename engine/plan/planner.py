"""From a resolved query to a plan: leaves found, gathered by home, each home given its joins (DESIGN section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError
from engine.plan.facts import build_fact, listing_home
from engine.plan.plan import Column, Fill, Leaf, Plan
from engine.query.resolved import Asked, Comparison, Junction, MeasureComparison

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.model.members import Measure
    from engine.model.model import Model
    from engine.plan.plan import Fact
    from engine.query.resolved import DefaultFilter, Predicate, Shape, Use

_LeafKey = tuple["Measure", bool]


def plan(shape: Shape, model: Model) -> Plan:
    """The plan of a query.

    Raises QueryError where a measure has no path to what it is asked by, or two, or where its home lacks a primary key.
    """
    asked = list(dict.fromkeys((*shape.measures, *_compared(shape.having), *shape.ordering)))
    leaves = _Leaves(asked)
    issues: list[Issue] = []
    facts: list[Fact] = []
    for (home, _), those in leaves.by_fact().items():
        try:
            facts.append(build_fact(model, shape, home, those.leaves, those.defaults(shape)))
        except QueryError as error:
            issues += error.issues
    if issues:
        raise QueryError(dict.fromkeys(issues))
    if not asked:
        facts.append(build_fact(model, shape, listing_home(model, shape), (), shape.defaults))
    if shape.ungrouped and len(facts) > 1:
        homes = " and ".join(fact.home.name for fact in facts)
        raise QueryError(
            Issue("E_UNGROUPED", f"Rows of {homes} cannot stand in one ungrouped result.", member="ungrouped")
        )
    columns = tuple(_columns(shape, asked, leaves))
    return Plan(
        facts=tuple(facts),
        columns=columns,
        having=shape.having,
        order=shape.order,
        limit=shape.limit,
        offset=shape.offset,
        time_zone=shape.time_zone,
        ungrouped=shape.ungrouped,
        fill=_fill(shape, columns) if shape.fill else None,
    )


class _Group:
    """The leaves of one fact."""

    def __init__(self, view: str | None, *, filtered: bool) -> None:
        self.view = view
        self.filtered = filtered
        self.leaves: tuple[Leaf, ...] = ()

    def defaults(self, shape: Shape) -> tuple[DefaultFilter, ...]:
        return tuple(each for each in shape.defaults if self.filtered and each.view == self.view)


class _Leaves:
    """The measures with a home that a query needs, each once, named by what asks for it."""

    def __init__(self, asked: Iterable[Asked]) -> None:
        self._groups: dict[tuple[str, tuple[str | None, bool]], _Group] = {}
        self._names: dict[tuple[Measure, str | None, bool], str] = {}
        self._taken: set[str] = set()
        self.direct: dict[str, str] = {}
        self.derived: dict[str, dict[str, str]] = {}
        asked = list(asked)
        for each in asked:
            if not each.measure.derived:
                self.direct[each.name] = self._leaf(
                    each.measure, each, filtered=each.measure.default_filters, name=each.name
                )
        for each in asked:
            if each.measure.derived:
                filtered = each.measure.default_filters
                found = {
                    measure.full_name: self._leaf(measure, each, filtered=filtered and measure.default_filters)
                    for measure in _needed(each.measure)
                }
                self.derived[each.name] = found

    def _leaf(self, measure: Measure, asked: Asked, *, filtered: bool, name: str | None = None) -> str:
        view = asked.view.name if asked.view and asked.view.default_filters and filtered else None
        key = (measure, view, filtered and view is not None)
        if key not in self._names:
            wanted = name or _shown(measure, asked)
            while wanted in self._taken:
                wanted += "_"
            self._taken.add(wanted)
            self._names[key] = wanted
            home = (measure.cube, (view, key[2]))
            group = self._groups.setdefault(home, _Group(view, filtered=key[2]))
            group.leaves = (*group.leaves, Leaf(wanted, measure))
        return self._names[key]

    def by_fact(self) -> dict[tuple[str, tuple[str | None, bool]], _Group]:
        return self._groups


def _shown(measure: Measure, asked: Asked) -> str:
    """The name of a leaf that nobody asked for: the view's for it, where it has one."""
    if asked.view is not None:
        for member in asked.view.members.values():
            if member.target is measure:
                return member.name
    return measure.full_name


def _needed(measure: Measure) -> Iterator[Measure]:
    for reference in measure.references.values():
        if reference.derived:
            yield from _needed(reference)
        else:
            yield reference


def _compared(predicates: Iterable[Predicate]) -> Iterator[Asked]:
    for predicate in predicates:
        if isinstance(predicate, MeasureComparison):
            yield predicate.measure
        elif isinstance(predicate, Junction):
            yield from _compared(predicate.parts)


def _fill(shape: Shape, columns: Iterable[Column]) -> Fill:
    """What is to be filled; raises QueryError unless there is one time in buckets."""
    times = [column for column in columns if column.grouping is not None and column.grouping.granularity is not None]
    if len(times) != 1 or times[0].grouping is None:
        message = f"fill: true fills the buckets of one time; the query groups by {len(times)}."
        hint = "Group by one time dimension with a granularity, such as month."
        raise QueryError(Issue("E_FILL", message, member="fill", hint=hint))
    return Fill(times[0], range_on(shape.where, times[0].grouping.use))


def range_on(where: Iterable[Predicate], use: Use) -> Comparison | None:
    """The date range that the query gives for a time."""
    ranges = (each for each in where if isinstance(each, Comparison) and each.kind == "range" and not each.negative)
    return next((each for each in ranges if each.use == use), None)


def _columns(shape: Shape, asked: list[Asked], leaves: _Leaves) -> Iterator[Column]:
    for grouping in shape.groupings:
        dimension = grouping.use.dimension
        yield Column(grouping.name, grouping.role, dimension.type, grouping=grouping)
    for each in asked:
        kind = each.measure.type if each.measure.type in {"string", "boolean", "time"} else "number"
        yield Column(
            each.name,
            "measure",
            kind,
            asked=each,
            leaf=leaves.direct.get(each.name),
            leaves=leaves.derived.get(each.name),
            hidden=each not in shape.measures,
        )
