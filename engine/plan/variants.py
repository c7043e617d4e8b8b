"""Other questions about the rows of a query: its totals, and how many rows of each home pass other filters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.model.members import Measure
from engine.plan.additivity import every_fact
from engine.plan.facts import build_fact
from engine.plan.leaves import FactKey
from engine.plan.plan import Column, Leaf, Plan
from engine.query.description import date_ranges
from engine.query.resolved import Asked, Comparison, Junction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.model import Cube, Model
    from engine.plan.plan import Fact
    from engine.query.resolved import Predicate, Shape


def totals_shape(shape: Shape) -> Shape:
    """The measures of a query without its dimensions, over the same rows (DESIGN rule 10)."""
    return replace(
        shape, groupings=(), having=(), order=(), ordering=(), limit=-1, offset=0, ungrouped=False, fill=False
    )


def row_count_plan(plan: Plan, shape: Shape, model: Model, dropped: Predicate | None = None) -> Plan:
    """How many rows of each home pass the filters of `shape`, by the joins of `plan`; a column a home.

    `dropped` is a filter by default that is to be left out. Raises QueryError where the rows of a home cannot be counted once.
    """
    counting = replace(totals_shape(shape), measures=())
    facts: list[Fact] = []
    columns: list[Column] = []
    for fact in every_fact(plan):
        name = _free(fact.home.name, {column.name for column in columns})
        rows = rows_of(fact.home)
        defaults = [each for each in fact.applied if each.predicate != dropped]
        guards = tuple(view for view, _ in fact.guards)
        bound = replace(counting, hints=(*fact.places.values(), *shape.hints), guards=guards)
        facts.append(build_fact(model, bound, FactKey(fact.home.name), (Leaf(name, rows),), defaults))
        columns.append(Column(name, "measure", "number", asked=Asked(name, rows), value=name))
    return Plan(tuple(facts), tuple(columns), (), (), -1, 0, plan.time_zone)


def undated(shape: Shape) -> Shape:
    """The same query of the rows that its date ranges leave out for having no date."""
    ranges = date_ranges(shape.where)
    missing = tuple(Comparison(each.use, "set", null=True) for each in ranges)
    condition: Predicate = missing[0] if len(missing) == 1 else Junction("or", missing)
    return replace(shape, where=(*(each for each in shape.where if each not in ranges), condition))


def rows_of(cube: Cube) -> Measure:
    """The measure that counts the rows of a cube, whatever the model declares."""
    return Measure("rows", cube.name, "count", None, cube.place)


def _free(name: str, taken: Iterable[str]) -> str:
    while name in taken:
        name += "_"
    return name
