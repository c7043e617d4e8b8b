"""The query of an answer as plain data: as it was understood, and in the form in which it can be asked again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from engine.plan.additivity import every_fact
from engine.query.description import asked_ranges, range_data
from engine.query.resolved import uses_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.model import Model
    from engine.plan.plan import Instance, Plan
    from engine.query.description import Describer
    from engine.query.query import Query
    from engine.query.resolved import ResolvedQuery, SegmentUse, Use

_DIGITS = 16
"""How much of a digest is told: enough that two never meet by chance."""


def understood(plan: Plan, resolved: ResolvedQuery, describer: Describer) -> dict[str, Any]:
    """The query as it was understood; parts that it does not have are left out.

    {"metrics", "dimensions", "date_ranges": [{"member", "from", "to", "asked"}], "filters": [condition, …],
    "default_filters": [condition, …], "policies": {cube: [dimension, …]}, "order": [[column, "asc"|"desc"]], "limit", "offset",
    "time_zone"}; of policies it names what they look at, never the values.
    """
    shape = resolved.shape
    ranges = asked_ranges(resolved)
    defaults = dict.fromkeys(default.predicate for fact in every_fact(plan) for default in fact.defaults)
    data = {
        "metrics": [each.name for each in shape.measures],
        "dimensions": [each.name for each in shape.groupings if each.label_of is None],
        "date_ranges": [range_data(each) for each in ranges.values()],
        "filters": [describer.condition(each) for each in (*shape.where, *shape.having) if each not in ranges],
        "default_filters": [describer.condition(each) for each in defaults],
        "policies": policies_of(plan),
        "order": [[name, "desc" if descending else "asc"] for name, descending in _told_order(resolved)],
        "limit": shape.limit if shape.limit >= 0 else None,
        "offset": shape.offset or None,
        "time_zone": shape.time_zone,
        "fill": shape.fill or None,
        "ungrouped": shape.ungrouped or None,
    }
    return {name: part for name, part in data.items() if part not in (None, [], {})}


def replayable(query: Query, resolved: ResolvedQuery, describer: Describer) -> dict[str, Any]:
    """The query in Cube's REST format with every date absolute: resolved again, it becomes the same statement."""
    shape = resolved.shape
    ranges = asked_ranges(resolved)
    filters = [describer.condition(each) for each in (*shape.where, *shape.having) if each not in ranges]
    bounded = []
    for condition, each in ranges.items():
        if each.start is not None and each.end is not None:
            bounded.append({"dimension": each.member, "dateRange": list(describer.bounds(each.start, each.end))})
        else:
            # A range that is open at one end has no form among Cube's date ranges.
            filters.append(describer.condition(condition))
    data = {
        "measures": [each.name for each in shape.measures],
        "dimensions": [each.name for each in shape.groupings if each.label_of is None],
        "timeDimensions": bounded,
        "filters": [each for each in filters if "segment" not in each],
        "segments": list(query.segments),
        "order": [[name, "desc" if descending else "asc"] for name, descending in shape.order],
        "limit": shape.limit,
        "offset": shape.offset or None,
        "timezone": shape.time_zone,
        "total": resolved.total or None,
        "totals": resolved.totals or None,
        "fill": shape.fill or None,
        "ungrouped": shape.ungrouped or None,
        "joinHints": [list(hint) for hint in query.join_hints],
    }
    return {name: part for name, part in data.items() if part not in (None, [])}


def model_stamp(model: Model) -> dict[str, str]:
    """Which model answered: its name, its release and the digest of its content."""
    return {"name": model.settings.name, "release": model.settings.release, "digest": model.digest[:_DIGITS]}


def sql_digest(sql: str) -> str:
    """What identifies the SQL of an answer: the first digits of its SHA-256."""
    return hashlib.sha256(sql.encode()).hexdigest()[:_DIGITS]


def policies_of(plan: Plan) -> dict[str, list[str]]:
    """The cubes and views of a plan whose rows are limited by an access policy.

    Each cube with the dimensions that the policy looks at, of those that the asker may see.
    """
    found: dict[str, list[str]] = {}
    for instance in instances_of(plan):
        if instance.policy is not None and instance.cube is not None:
            uses = dict.fromkeys(_dimension(use) for use in uses_of([instance.policy]))
            found[instance.cube.name] = [name for name in uses if name not in instance.cube.hidden]
    for fact in every_fact(plan):
        found |= {view: [] for view, _ in fact.guards}
    return dict(sorted(found.items()))


def instances_of(plan: Plan) -> Iterator[Instance]:
    """Every instance that a plan reads, also of the plans inside it."""
    for fact in every_fact(plan):
        for instance in (*fact.instances, *(each for existence in fact.existences for each in existence.instances)):
            yield instance
            if instance.lookup is not None:
                yield from instances_of(instance.lookup)


def _dimension(use: Use | SegmentUse) -> str:
    return use.segment.name if hasattr(use, "segment") else use.dimension.name


def _told_order(resolved: ResolvedQuery) -> tuple[tuple[str, bool], ...]:
    """What the rows are ordered by, without the keys that only break ties between equal labels; one row has no order."""
    if not resolved.shape.groupings:
        return ()
    keys = {each.name for each in resolved.shape.groupings if each.label_of is not None}
    return tuple(each for each in resolved.shape.order if each[0] not in keys)
