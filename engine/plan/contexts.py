"""By which filters the inside of a multi-stage measure is computed, where these are not the query's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError
from engine.model.grains import member_named
from engine.query.resolved import Comparison, Filters, Junction, SegmentUse

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.members import Measure
    from engine.model.model import Member, Model
    from engine.query.resolved import Predicate, Shape


def changed(model: Model, shape: Shape, measure: Measure) -> Filters:
    """The filters by which a multi-stage measure is computed: those of `shape`, or of the query, as the measure changes them.

    Raises QueryError where the measure's own were not made ready with the query.
    """
    context = measure.context
    if context is None:
        return shape.filters
    base = (shape.query_filters or shape.filters) if context.fixed else shape.filters
    kept = None if context.keep_only is None else {member_named(model, name) for name in context.keep_only}
    lifted = {member_named(model, name) for name in context.exclude}

    def stays(found: Comparison | SegmentUse) -> bool:
        members: set[Member] = set()
        if isinstance(found, SegmentUse):
            members.add(found.segment)
        else:
            members |= {found.use.dimension, *(dimension for _, dimension in found.use.axis)}
        return members.isdisjoint(lifted) and (kept is None or not members.isdisjoint(kept))

    own = included_by(shape, measure)
    if bool(own) != bool(context.include):
        message = f"{measure.full_name} adds filters of its own, which it cannot where it is looked up for single rows."
        raise QueryError(Issue("E_UNSUPPORTED", message, member=measure.full_name))
    where = [left for each in base.where if (left := without(each, stays)) is not None]
    defaults = [
        replace(each, predicate=left) for each in base.defaults if (left := without(each.predicate, stays)) is not None
    ]
    return Filters((*where, *own), tuple(defaults))


def included_by(shape: Shape, measure: Measure) -> tuple[Predicate, ...]:
    """The filters that a multi-stage measure adds, as they were made ready with the query."""
    return tuple(predicate for each, predicate in shape.included if each is measure)


def without(predicate: Predicate, stays: Callable[[Comparison | SegmentUse], bool]) -> Predicate | None:
    """A predicate without the conditions that do not stay; None if nothing of it is left to hold.

    A condition that is lifted holds of every row: under "or", that lifts the others beside it.
    """
    if isinstance(predicate, Junction):
        parts = [without(part, stays) for part in predicate.parts]
        left = tuple(part for part in parts if part is not None)
        if not left or (predicate.kind == "or" and len(left) < len(parts)):
            return None
        return Junction(predicate.kind, left)
    if isinstance(predicate, Comparison | SegmentUse):
        return predicate if stays(predicate) else None
    return predicate
