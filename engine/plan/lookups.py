"""Sub-query dimensions: a measure of another cube, computed for each row of the cube that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError
from engine.model.members import Measure
from engine.model.paths import reachable
from engine.query.resolved import Asked, Grouping, SegmentUse, Shape, Use, uses_of

if TYPE_CHECKING:
    from engine.model.members import Path
    from engine.model.model import Model
    from engine.plan.plan import Plan
    from engine.query.resolved import Predicate


def lookup_plan(model: Model, shape: Shape, path: Path) -> Plan:
    """The plan of the measure that the last step of `path` names, by the primary key of the cube before it."""
    from engine.plan.planner import plan  # noqa: PLC0415 - a plan holds plans

    owner = model.cubes[path[-2]]
    step = path[-1].removeprefix("@")
    home, _, name = step.removeprefix("*").partition(":")
    near_by = reachable(model.graph, home)
    measure = model.cubes[home].declared(name)
    assert isinstance(measure, Measure)
    if not owner.primary_key:
        message = f"{owner.name!r} has no primary key, so {measure.full_name} cannot be looked up for its rows."
        raise QueryError(Issue("E_PRIMARY_KEY_REQUIRED", message, member=owner.name))
    if path[-2:] in shape.looked_up:
        message = (
            f"{measure.full_name} cannot be looked up for the rows of {owner.name!r}: the way there needs its value."
        )
        hint = f"Join {owner.name!r} by a column, or have the measure reach it by a join that no `sub_query` dimension decides."
        raise QueryError(Issue("E_JOIN", message, member=owner.name, hint=hint))
    keys = tuple(Grouping(key.name, Use(key), "dimension") for key in owner.primary_key)
    inner = Shape(
        groupings=keys,
        measures=(Asked("value", measure),),
        where=tuple(each for each in shape.where if step.startswith("*") and _owners(each) <= near_by),
        having=(),
        defaults=(),
        policies=shape.policies,
        order=(),
        limit=-1,
        offset=0,
        time_zone=shape.time_zone,
        hints=shape.hints,
        looked_up=(*shape.looked_up, path[-2:]),
    )
    return plan(inner, model)


def _owners(predicate: Predicate) -> set[str]:
    """The cubes whose members a predicate names."""
    return {each.segment.cube if isinstance(each, SegmentUse) else each.dimension.cube for each in uses_of([predicate])}
