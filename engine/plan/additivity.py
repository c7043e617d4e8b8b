"""Whether the rows of a result add up to its total, and why not (DESIGN rule 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.members import ADDITIVE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.members import Measure, Path
    from engine.plan.plan import Column, Fact, Plan, Stage

_REASONS = {
    "count_distinct": "the same value may be counted in several rows",
    "count_distinct_approx": "the same value may be counted in several rows",
    "avg": "averages do not add up",
    "median": "medians do not add up",
    "percentile": "percentiles do not add up",
    "min": "the least of all is the least of the rows, not their sum",
    "max": "the greatest of all is the greatest of the rows, not their sum",
}


def why_not_additive(plan: Plan, column: Column) -> str | None:
    """Why the rows of a measure do not add up to its total; None if they do."""
    assert column.asked is not None
    measure = column.asked.measure
    if column.leaf is None:
        parts = ", ".join(_called(plan, column))
        return f"it is computed from {parts} after these are aggregated" if parts else "it is computed, not counted"
    reason = _of_measure(measure)
    if reason is not None:
        return reason
    for fact in facts_of(plan, column):
        for group in plan.groups:
            bridge = bridge_of(fact, group)
            if bridge is not None:
                return f"one of the {fact.home.name} may stand in several rows, by its {bridge}"
    return None


def _called(plan: Plan, column: Column) -> Iterator[str]:
    """What readers call the leaves of a measure: as a query would name them, by their title where it could not."""
    leaves = {leaf.name: leaf.measure for fact in every_fact(plan) for leaf in fact.leaves}
    leaves |= {stage.leaf.name: stage.leaf.measure for stage in every_stage(plan)}
    for name in column.leaves:
        measure = leaves[name]
        yield measure.title if "." in name and measure.title else name


def facts_of(plan: Plan, column: Column) -> tuple[Fact, ...]:
    """The facts that a measure of the result is made of, each once."""
    leaves = frozenset(column.leaves)
    found = [fact for fact in plan.facts for leaf in fact.leaves if leaf.name in leaves]
    found += [fact for stage in plan.stages if stage.leaf.name in leaves for fact in every_fact(stage.plan)]
    return tuple(dict.fromkeys(found))


def every_fact(plan: Plan) -> Iterator[Fact]:
    """The facts of a plan and of the plans inside its stages."""
    yield from plan.facts
    for stage in plan.stages:
        yield from every_fact(stage.plan)


def every_stage(plan: Plan) -> Iterator[Stage]:
    """The stages of a plan, and those inside them."""
    for stage in plan.stages:
        yield stage
        yield from every_stage(stage.plan)


def bridge_of(fact: Fact, group: Column) -> str | None:
    """The cube through which a fact reads a group by a one-to-many step; None where each row has one value of it.

    A fact inside a stage may not be grouped by it at all.
    """
    assert group.grouping is not None
    place = fact.places.get(group.grouping.use)
    if place is None:
        return None
    below = {step for path in _read(fact, group, place) for step in down_steps(fact, path)}
    return min(below, key=len)[-1] if below else None


def down_steps(fact: Fact, path: Path) -> Iterator[Path]:
    """The beginnings of a path that end with a one-to-many step."""
    every = (*fact.instances, *(each for existence in fact.existences for each in existence.instances))
    downs = {each.path for each in every if each.step is not None and each.step.direction == "down"}
    return (path[:length] for length in range(2, len(path) + 1) if path[:length] in downs)


def _read(fact: Fact, group: Column, place: Path) -> Iterator[Path]:
    assert group.grouping is not None
    yield place
    for path in fact.dimension(group.grouping.use).sql.paths:
        yield (*place, *path[1:])


def _of_measure(measure: Measure) -> str | None:
    if measure.additive:
        return None
    if measure.multi_stage:
        return "it is computed from other groups than those shown"
    if measure.non_additive is not None:
        return f"it is not summed over {measure.non_additive.dimension}"
    if measure.type in ADDITIVE_TYPES:
        return "each row reads other periods too"
    return _REASONS.get(measure.type, "it is an aggregate of its own, not a sum")
