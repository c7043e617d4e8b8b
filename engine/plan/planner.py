"""From a resolved query to a plan: leaves found, gathered by home, each home given its joins (DESIGN section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError
from engine.plan.facts import build_fact, listing_home
from engine.plan.leaves import FactKey, Leaves
from engine.plan.plan import Column, Fill, Plan
from engine.plan.stages import build_stage
from engine.plan.windows import range_on
from engine.query.resolved import MeasureComparison, conditions_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from engine.model.model import Model
    from engine.plan.plan import Fact, Formula, Stage
    from engine.query.resolved import Asked, Predicate, Shape


def plan(shape: Shape, model: Model) -> Plan:
    """The plan of a query.

    Raises QueryError where a measure has no path to what it is asked by, or two, or where its home lacks a primary key.
    """
    asked = list(dict.fromkeys((*shape.measures, *_compared(shape.having), *shape.ordering)))
    leaves, values = Leaves.of(asked, model, shape.shift)
    issues: list[Issue] = []
    facts: list[Fact] = []
    stages: list[Stage] = []
    for key, those in leaves.facts.items():
        try:
            if key.stage is not None:
                stages += [build_stage(model, shape, key, leaf, plan) for leaf in those]
            else:
                defaults = tuple(each for each in shape.defaults if each.view == key.view)
                facts.append(build_fact(model, shape, key, those, defaults))
        except QueryError as error:
            issues += error.issues
    if issues:
        raise QueryError(dict.fromkeys(issues))
    if not asked:
        home = FactKey(listing_home(model, shape))
        facts.append(build_fact(model, shape, home, (), shape.defaults))
    if shape.ungrouped:
        _check_ungrouped(shape, facts)
    columns = tuple(_columns(shape, {each: values[each] for each in asked}))
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
        stages=tuple(stages),
    )


def _compared(predicates: Iterable[Predicate]) -> Iterator[Asked]:
    return (each.measure for each in conditions_in(predicates) if isinstance(each, MeasureComparison))


def _check_ungrouped(shape: Shape, facts: Sequence[Fact]) -> None:
    """Refuse what has no value for a single row, filters on groups, and rows of several cubes in one result."""
    if shape.having:
        message = "An ungrouped query filters rows, not groups: it cannot filter on a metric."
        hint = "Filter on what the metric is made of, or ask for it grouped."
        raise QueryError(Issue("E_UNGROUPED", message, member="filters", hint=hint))
    rolling = [leaf.name for fact in facts if fact.window is not None for leaf in fact.leaves]
    if rolling:
        message = f"{rolling[0]} is taken over a window of time, so it has no value for a single row."
        raise QueryError(Issue("E_UNGROUPED", message, member=rolling[0], hint="Ask for it grouped."))
    if len(facts) > 1:
        homes = list(dict.fromkeys(fact.home.name for fact in facts))
        which = f"rows of {' and '.join(homes)}" if len(homes) > 1 else f"rows of {homes[0]} under different filters"
        message = f"These metrics are values of {which}, which cannot stand in one ungrouped result."
        raise QueryError(
            Issue("E_UNGROUPED", message, member="ungrouped", hint="Ask for them one at a time, or grouped.")
        )


def _fill(shape: Shape, columns: Iterable[Column]) -> Fill:
    """What is to be filled; raises QueryError unless there is one time in buckets."""
    times = [
        (column, column.grouping.use, column.grouping.granularity)
        for column in columns
        if column.grouping is not None and column.grouping.granularity is not None
    ]
    if len(times) != 1:
        message = f"fill: true fills the buckets of one time; the query groups by {len(times)}."
        hint = "Group by one time dimension with a granularity, such as month."
        raise QueryError(Issue("E_FILL", message, member="fill", hint=hint))
    [(column, use, granularity)] = times
    return Fill(column, use, granularity, range_on(shape.where, use))


def _columns(shape: Shape, values: Mapping[Asked, str | Formula]) -> Iterator[Column]:
    for grouping in shape.groupings:
        dimension = grouping.use.dimension
        yield Column(grouping.name, grouping.role, dimension.type, grouping=grouping)
    for each, value in values.items():
        kind = each.measure.type if each.measure.type in {"string", "boolean", "time"} else "number"
        yield Column(each.name, "measure", kind, asked=each, value=value, hidden=each not in shape.measures)
