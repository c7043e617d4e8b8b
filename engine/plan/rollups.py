"""Which pre-aggregations could answer a question, and for each of the others, why it cannot.

A rollup can stand in for the rows of a home where every measure can be made of its sums, counts and extrema, and where it holds
every dimension, segment and bucket of time by which these rows are grouped, filtered or hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.model.granularity import PREDEFINED
from engine.plan.additivity import bridge_of, every_fact
from engine.plan.windows import nests
from engine.query.resolved import Comparison, SegmentUse, conditions_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.model.granularity import Granularity
    from engine.model.members import Dimension
    from engine.model.model import Model
    from engine.model.pre_aggregations import PreAggregation
    from engine.plan.plan import Fact, Leaf, Plan
    from engine.query.resolved import Predicate

_TOGETHER = frozenset({"count", "sum", "min", "max", "count_distinct_approx"})
"""Measures of which those of parts make up that of the whole."""


@dataclass(frozen=True, slots=True)
class RollupExplanation:
    """A pre-aggregation beside the rows of one home: it matches where nothing is said against it."""

    name: str
    home: str
    matches: bool
    why_not: tuple[str, ...]


def rollups(plan: Plan, model: Model) -> tuple[RollupExplanation, ...]:
    """Each pre-aggregation that has to do with a home of the plan, in the order in which they are declared."""
    return tuple(dict.fromkeys(_explained(plan, model)))


def _explained(plan: Plan, model: Model) -> Iterator[RollupExplanation]:
    for fact in every_fact(plan):
        for cube in model.cubes.values():
            for each in cube.pre_aggregations:
                homes = {cube.name, *(name.rpartition(".")[0] for name in each.measures)}
                if fact.home.name in homes:
                    reasons = tuple(dict.fromkeys(_Match(each, fact, plan, model).reasons()))
                    yield RollupExplanation(each.full_name, fact.home.name, not reasons, reasons)


class _Match:
    """One rollup and the rows of one home."""

    def __init__(self, rollup: PreAggregation, fact: Fact, plan: Plan, model: Model) -> None:
        self.rollup = rollup
        self.fact = fact
        self.plan = plan
        self.model = model

    def reasons(self) -> Iterator[str]:
        """What keeps the rollup from standing in for the rows."""
        if self.rollup.kind != "rollup":
            yield f"it holds the rows of {self.rollup.cube}, not measures"
            return
        yield from self._of_rows()
        for leaf in self.fact.leaves:
            yield from self._of_measure(leaf)
        for group in self.plan.groups:
            assert group.grouping is not None
            dimension = self.fact.dimension(group.grouping.use)
            yield from self._of_dimension(dimension, partial(_cut_by_buckets, dimension, group.grouping.granularity))
        for predicate in (*self.fact.where, *(each for existence in self.fact.existences for each in existence.where)):
            against = tuple(self._of_filter(predicate))
            if against and predicate in self.fact.untold:
                yield "it does not hold what access policies and hidden filters read"
            else:
                yield from against

    def _of_rows(self) -> Iterator[str]:
        if self.plan.ungrouped:
            yield "single rows are asked for"
        if not self.fact.leaves:
            yield "no measure is asked for"
        if self.plan.time_zone != self.model.settings.time_zone and self.rollup.times:
            yield f"its buckets are of {self.model.settings.time_zone}, and the question is asked in {self.plan.time_zone}"
        if self.fact.window is not None or self.fact.shift:
            yield "the measure reads other periods than it is shown in"
        if self.fact.over is not None:
            yield "the measure is read at one date"
        for group in self.plan.groups:
            if bridge_of(self.fact, group) is not None:
                yield f"a row of {self.fact.home.name} may stand in several groups, by {group.name}, and would count in each part"
        if any(instance.policy is not None for instance in self.fact.instances):
            yield "an access policy limits the rows, and would have to be applied before they are aggregated"

    def _of_measure(self, leaf: Leaf) -> Iterator[str]:
        if leaf.measure.full_name not in self.rollup.measures:
            yield f"it does not hold {leaf.name}"
        elif leaf.measure.type not in _TOGETHER or leaf.measure.aggregate:
            kind = "computed by SQL of its own" if leaf.measure.aggregate else f"of the type {leaf.measure.type}"
            if not self._same_grain():
                yield f"{leaf.name} is {kind}, which cannot be made of its parts"

    def _same_grain(self) -> bool:
        """Whether the rollup's groups are the query's own, so that nothing has to be put together."""
        asked: set[tuple[str, str | None]] = set()
        for group in self.plan.groups:
            assert group.grouping is not None
            granularity = group.grouping.granularity
            asked.add((self.fact.dimension(group.grouping.use).full_name, granularity.name if granularity else None))
        held = {(name, None) for name in self.rollup.dimensions} | set(self.rollup.times)
        return asked == held and not self.rollup.segments

    def _of_dimension(self, dimension: Dimension, cut: Callable[[str], str | None]) -> Iterator[str]:
        """What keeps a dimension from being read; `cut` says what does where its times stand in buckets of that name."""
        if dimension.full_name in self.rollup.dimensions:
            return
        name = "what you may not see" if self.model.is_hidden(dimension) else dimension.full_name
        held = dict(self.rollup.times).get(dimension.full_name)
        if held is None:
            yield f"it does not hold {name}"
        elif (why := cut(held)) is not None:
            yield f"it holds {name} by {held}, {why}"

    def _of_filter(self, predicate: Predicate) -> Iterator[str]:
        for each in conditions_in([predicate]):
            if isinstance(each, SegmentUse):
                if each.segment.full_name not in self.rollup.segments:
                    yield f"it does not hold the segment {each.segment.full_name}"
            elif isinstance(each, Comparison):
                yield from self._of_dimension(self.fact.dimension(each.use), partial(_cut_by_range, each))


def _cut_by_buckets(dimension: Dimension, granularity: Granularity | None, held: str) -> str | None:
    if granularity is None:
        return "and single times are asked for"
    if held != granularity.name and not nests({**PREDEFINED, **dimension.granularities}[held], granularity):
        return f"which does not make up {granularity.name}"
    return None


def _cut_by_range(comparison: Comparison, held: str) -> str | None:
    whole = not comparison.exact and held in {"second", "minute", "hour", "day"}
    return None if whole else "and a range may cut a bucket"
