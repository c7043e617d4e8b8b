"""Multi-stage measures: computed from the values of other measures in groups finer or coarser than the query's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError, did_you_mean, near
from engine.model.members import Dimension
from engine.plan.plan import Stage
from engine.query.resolved import Asked, Grouping, Use

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.members import Measure
    from engine.model.model import Model, View
    from engine.plan.plan import Leaf, Plan
    from engine.query.resolved import Shape


def build_stage(
    model: Model, shape: Shape, leaf: Leaf, view: View | None, plan: Callable[[Shape, Model], Plan]
) -> Stage:
    """The stage of a multi-stage measure: the plan of what it reads, and the groups over which it aggregates that."""
    measure = leaf.measure
    grain = measure.grain
    asked = {name: Asked(name, reference, view) for name, reference in measure.references.items()}
    added = [_dimension(model, name, measure) for name in (grain.add_group_by if grain else ())]
    present = {grouping.use.dimension.full_name for grouping in shape.groupings}
    groupings = (*shape.groupings, *(_grouping(d) for d in added if d.full_name not in present))
    inner = replace(
        shape,
        groupings=groupings,
        measures=tuple(asked.values()),
        having=(),
        order=(),
        ordering=(),
        limit=-1,
        offset=0,
        fill=False,
    )
    for name, dimension in measure.dimensions.items():
        if not any(grouping.use.dimension is dimension for grouping in groupings):
            known = "what you may not see" if model.is_hidden(dimension) else name
            message = f"{measure.full_name} reads {known}, by which neither it nor the query groups."
            hint = f"Ask for {known} as well, or add it to the measure's `add_group_by`."
            raise QueryError(Issue("E_GRAIN", message, member=measure.full_name, hint=hint))
    return Stage(leaf, plan(inner, model), _partition(shape, measure), len(groupings) > len(shape.groupings))


def _partition(shape: Shape, measure: Measure) -> tuple[Grouping, ...] | None:
    """The groups over which the measure is aggregated and then shown in each row, or None if those are the query's own."""
    grain = measure.grain
    if grain is None or (grain.group_by is None and not grain.reduce_by):
        return () if measure.type == "rank" else None
    kept = []
    for grouping in shape.groupings:
        name = grouping.use.dimension.full_name
        if (grain.group_by is None or name in grain.group_by) and name not in grain.reduce_by:
            kept.append(grouping)
    return tuple(kept)


def _grouping(dimension: Dimension) -> Grouping:
    return Grouping(dimension.full_name, Use(dimension), "dimension")


def _dimension(model: Model, name: str, measure: Measure) -> Dimension:
    cube, _, member = name.rpartition(".")
    found = model.cubes[cube].declared(member) if cube in model.cubes else None
    if not isinstance(found, Dimension):
        known = [each.full_name for owner in model.cubes.values() for each in owner.dimensions.values()]
        message = f"The grain of {measure.full_name} names {name!r}, which is no dimension."
        hint = did_you_mean(near(name, known))
        raise QueryError(Issue("E_NAME_NOT_FOUND", message, member=measure.full_name, hint=hint))
    return found
