"""Multi-stage measures: computed from the values of other measures, by a grain and by filters of their own.

    group        of the query, of each row that is shown          region, product
    kept         of these, by which the measure has one value     region                   grain: {keep_only: [region],
    computed by  by which what it aggregates is computed          region, customer                 include: [customer]}

A value that fewer groups have stands in every row of the result that belongs to them. Which rows there are, the query's own
filters say, also where the measure is computed by others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError
from engine.model.grains import grain_dimension
from engine.model.granularity import PREDEFINED
from engine.model.members import Grain
from engine.plan.additivity import bridge_of, every_fact
from engine.plan.contexts import changed, included_by
from engine.plan.plan import Stage
from engine.query.resolved import Asked, Grouping, Use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from engine.model.members import Measure
    from engine.model.model import Model
    from engine.plan.leaves import FactKey
    from engine.plan.plan import Leaf, Plan
    from engine.query.resolved import Shape


def build_stage(model: Model, shape: Shape, key: FactKey, leaf: Leaf, plan: Callable[[Shape, Model], Plan]) -> Stage:
    """The stage of a multi-stage measure; raises QueryError where it has no one value in each group."""
    measure = leaf.measure
    if shape.ungrouped:
        message = f"{leaf.name} is computed of groups, so it has no value for a single row."
        raise QueryError(Issue("E_UNGROUPED", message, member=leaf.name))
    grain = measure.grain or Grain()
    kept = tuple(each for each in shape.groupings if _is_kept(model, grain, each, shape.groupings))
    rows = shape.groupings if measure.type == "rank" else kept
    inside = (*rows, *_added(model, grain, rows))
    filters = changed(model, shape, key.stage or measure)
    asked = replace(
        shape,
        measures=tuple(Asked(name, each, model.views.get(key.view or "")) for name, each in measure.references.items()),
        having=(),
        order=(),
        ordering=(),
        limit=-1,
        offset=0,
        fill=False,
        shift=(*key.shift, *measure.time_shift),
    )
    _check_reads(model, measure, inside)
    if measure.type == "rank" and len(inside) > len(rows):
        message = f"{leaf.name} ranks by more than is asked, so that a group has many ranks."
        hint = f"Ask by {', '.join(each.name for each in inside[len(rows) :])} as well, or aggregate it by another measure."
        raise QueryError(Issue("E_GRAIN", message, member=leaf.name, hint=hint))
    same = filters == shape.filters
    if same and (measure.type == "rank" or (inside == rows and _repeats(measure))):
        whole = plan(asked, model)
        if measure.type == "rank" or not _fans(whole):
            return Stage(leaf, whole, shape.groupings, over=_partition(measure, kept))
    original = shape.query_filters or shape.filters
    inner = replace(asked, groupings=inside, where=filters.where, defaults=filters.defaults, query_filters=original)
    over = _partition(measure, kept) if measure.type == "rank" else None
    spread = bool(shape.groupings) and not (same and len(rows) == len(shape.groupings))
    grid = _groups_only(plan(asked, model)) if spread else None
    return Stage(leaf, plan(inner, model), rows, over, grid, included_by(shape, key.stage or measure))


def _is_kept(model: Model, grain: Grain, grouping: Grouping, others: Iterable[Grouping]) -> bool:
    """Whether a measure of this grain has values of its own for each value of a group; a key goes with what it identifies."""
    named = {grouping.use.dimension, *(dimension for _, dimension in grouping.use.axis), grouping.use.dimension.key}
    named |= {each.use.dimension for each in others if each.name == grouping.label_of}

    def among(names: Iterable[str]) -> bool:
        return not named.isdisjoint(found[0] for name in names if (found := grain_dimension(model, name)) is not None)

    return (grain.keep_only is None or among(grain.keep_only)) and not among(grain.exclude)


def _added(model: Model, grain: Grain, present: Iterable[Grouping]) -> Iterator[Grouping]:
    """The groups that a grain includes, but for those that are there; what has a key is identified by it."""
    there = {(each.use.dimension, each.granularity) for each in present}
    for name in grain.include:
        found = grain_dimension(model, name)
        assert found is not None, name
        dimension, written = found
        granularity = {**PREDEFINED, **dimension.granularities}[written] if written else None
        if (dimension, granularity) in there:
            continue
        there.add((dimension, granularity))
        if dimension.key is not None and granularity is None:
            yield Grouping(f"{name}_id", Use(dimension.key), "key", label_of=name)
        yield Grouping(name, Use(dimension), "time" if granularity else "dimension", granularity)


def _check_reads(model: Model, measure: Measure, inside: Iterable[Grouping]) -> None:
    """Refuse a measure that names a dimension of groups which it is not computed by."""
    groups = {each.use.dimension for each in inside}
    for name, dimension in measure.dimensions.items():
        if dimension not in groups:
            known = "what you may not see" if model.is_hidden(dimension) else name
            message = f"{measure.full_name} reads {known}, by which neither it nor the query groups."
            hint = f"Ask for {known} as well, or include it in the measure's `grain`."
            raise QueryError(Issue("E_GRAIN", message, member=measure.full_name, hint=hint))


def _repeats(measure: Measure) -> bool:
    """Whether the measure is another one, of fewer groups: then it can be taken from the values of the query's own."""
    if measure.sql is None or not measure.sql.is_column or measure.filters or measure.dimensions:
        return False
    [reference] = measure.references.values()
    if reference.fill_nulls_with is not None:
        return False
    return (
        reference.additive
        if measure.type == "sum"
        else measure.type == reference.type and measure.type in {"min", "max"}
    )


def _fans(plan: Plan) -> bool:
    """Whether a row may stand in several groups of a plan, so that these do not add up."""
    return any(bridge_of(fact, group) is not None for fact in every_fact(plan) for group in plan.groups)


def _partition(measure: Measure, kept: tuple[Grouping, ...]) -> tuple[Grouping, ...]:
    """The groups over which a window is taken; a rank is one of all rows unless the measure says otherwise."""
    grain = measure.grain or Grain()
    return kept if measure.type != "rank" or grain.keep_only is not None or grain.exclude else ()


def _groups_only(plan: Plan) -> Plan:
    """The groups of a plan, without the values of its measures."""
    plain = all(fact.window is None and fact.over is None for fact in plan.facts) and not plan.stages
    columns = tuple(column for column in plan.columns if column.grouping is not None)
    facts = tuple(replace(fact, leaves=()) for fact in plan.facts) if plain else plan.facts
    return replace(plan, facts=facts, columns=columns)
