"""Sub-query dimensions: a measure of another cube, computed for each row of the cube that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError
from engine.query.resolved import Asked, Grouping, Shape, Use

if TYPE_CHECKING:
    from engine.model.members import Path
    from engine.model.model import Model
    from engine.plan.plan import Plan


def lookup_plan(model: Model, shape: Shape, path: Path) -> Plan:
    """The plan of the measure that the last step of `path` names, by the primary key of the cube before it."""
    from engine.plan.planner import plan  # noqa: PLC0415 - a plan holds plans

    owner = model.cubes[path[-2]]
    home, _, name = path[-1].removeprefix("@").partition(":")
    measure = model.cubes[home].measures[name]
    if not owner.primary_key:
        message = f"{owner.name!r} has no primary key, so {measure.full_name} cannot be looked up for its rows."
        raise QueryError(Issue("E_PRIMARY_KEY_REQUIRED", message, member=owner.name))
    keys = tuple(Grouping(key.name, Use(key), "dimension") for key in owner.primary_key)
    inner = Shape(
        groupings=keys,
        measures=(Asked("value", measure),),
        where=(),
        having=(),
        defaults=(),
        policies=shape.policies,
        order=(),
        limit=-1,
        offset=0,
        time_zone=shape.time_zone,
        hints=shape.hints,
    )
    return plan(inner, model)
