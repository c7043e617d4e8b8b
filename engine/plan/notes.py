"""What a reader has to know of a plan before trusting its numbers, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.lineage import divides
from engine.plan.additivity import bridge_of, down_steps, every_fact, every_stage, facts_of, why_not_additive
from engine.query.resolved import Comparison, Use, conditions_in, uses_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.model.members import Path
    from engine.plan.plan import Column, Fact, Plan
    from engine.query.description import Describer
    from engine.query.resolved import Predicate


def notes_of(plan: Plan, describer: Describer) -> tuple[str, ...]:
    """The notes that a plan alone gives rise to, whatever rows it finds."""
    found = [
        *_default_filters(plan, describer),
        *_bridges(plan),
        *_not_additive(plan),
        *_ratios(plan, describer),
        *_negative_filters(plan, describer),
        *_contexts(plan, describer),
        *_not_moved(plan),
    ]
    return tuple(dict.fromkeys(found))


def notes_of_totals(plan: Plan, totals: Plan, describer: Describer) -> Iterator[str]:
    """What is read in another way for the totals than for the rows: the dimensions that chose the rows' way are not there."""
    ways = {leaf.name: fact for fact in plan.facts for leaf in fact.leaves}
    for fact in totals.facts:
        rows = ways.get(fact.leaves[0].name, fact)
        for use in dict.fromkeys(use for each in filters_of(fact) for use in uses_of([each.predicate])):
            path, other = fact.places[use], rows.places[use]
            if other != path:
                measures = joined_words([leaf.name for leaf in fact.leaves])
                yield (
                    f"The total of {measures} reads {describer.name(use)} {_through(path)}, the rows read it {_through(other)}:"
                    " the dimensions asked need that way, and the total is of other rows."
                )


def _through(path: Path) -> str:
    between = [plain(cube) for cube in path[1:-1]]
    return f"through {joined_words(between)}" if between else "directly"


def joined_words(words: Sequence[str], last: str = "and") -> str:
    """Words as a list in a sentence.

    >>> joined_words(["a", "b", "c"]), joined_words(["a"])
    ('a, b and c', 'a')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def counted_words(count: int, cube: str) -> str:
    """A number of rows of a cube, whose name is a plural.

    >>> counted_words(1, "test_features"), counted_words(2, "tests")
    ('one of the test features', '2 tests')
    """
    return f"one of the {plain(cube)}" if count == 1 else f"{count} {plain(cube)}"


@dataclass(frozen=True, slots=True)
class Filtered:
    """A filter as one fact reads it: by a one-to-many step if `bridge` names its cube."""

    predicate: Predicate
    bridge: str | None


def filters_of(fact: Fact) -> Iterator[Filtered]:
    """The filters of a fact that are told, those of the query and those by default."""
    every = (*fact.where, *(each for existence in fact.existences for each in existence.where))
    for predicate in every:
        if predicate in fact.untold:
            continue
        steps = [step for use in uses_of([predicate]) for step in down_steps(fact, fact.places[use])]
        yield Filtered(predicate, min(steps, key=len)[-1] if steps else None)


def _default_filters(plan: Plan, describer: Describer) -> Iterator[str]:
    applied = {default.predicate: default for fact in every_fact(plan) for default in fact.defaults}
    for predicate in applied:
        free = [
            column.name
            for column in _shown(plan)
            if not any(default.predicate == predicate for fact in facts_of(plan, column) for default in fact.defaults)
        ]
        but = f", except for {joined_words(free)}" if free else ""
        yield f"By default only rows with {describer.words(predicate)} count{but}; a filter on it says otherwise."


def _bridges(plan: Plan) -> Iterator[str]:
    found: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for fact in every_fact(plan):
        through: dict[str, list[str]] = {}
        for group in plan.groups:
            bridge = bridge_of(fact, group)
            if bridge is not None and group.role != "key":
                through.setdefault(bridge, []).append(group.name)
        for bridge, groups in through.items():
            found.setdefault((fact.home.name, bridge, tuple(groups)), []).extend(leaf.name for leaf in fact.leaves)
    for (home, bridge, names), measures in found.items():
        if measures:
            verb = "are" if len(measures) > 1 else "is"
            yield (
                f"{joined_words(measures)} by {joined_words(names)} {verb} read through {plain(bridge)}:"
                f" {_counted(plain(home), plain(bridge), names)}, so the rows do not add up to the total."
            )


def _counted(home: str, others: str, groups: Sequence[str]) -> str:
    if len(groups) == 1:
        return f"each of the {home} counts once for every {groups[0]} of its {others}"
    return f"each of the {home} counts once for every {joined_words(groups)} that one of its {others} has together"


def _not_additive(plan: Plan) -> Iterator[str]:
    if not plan.groups:
        return
    reasons: dict[str, list[str]] = {}
    for column in _shown(plan):
        reason = why_not_additive(plan, column)
        if reason is not None and not _by_bridge(column):
            reasons.setdefault(reason, []).append(column.name)
    for reason, names in reasons.items():
        verb = "do" if len(names) > 1 else "does"
        yield f"{joined_words(names)} {verb} not add up over the rows: {reason}."


def _by_bridge(column: Column) -> bool:
    """Whether a bridge alone keeps a measure from adding up, which its own note says."""
    assert column.asked is not None
    return column.leaf is not None and column.asked.measure.additive


def _ratios(plan: Plan, describer: Describer) -> Iterator[str]:
    for column in _shown(plan):
        assert column.asked is not None
        if column.leaf is not None or not divides(column.asked.measure):
            continue
        for fact in facts_of(plan, column):
            limited = [each for each in filters_of(fact) if each.bridge is not None]
            if limited:
                what = joined_words([describer.words(each.predicate) for each in limited])
                others = plain(limited[0].bridge or "")
                yield (
                    f"{column.name} is limited in all its parts: of the {plain(fact.home.name)}"
                    f" only those count that have {others} with {what}."
                )


def _contexts(plan: Plan, describer: Describer) -> Iterator[str]:
    """By which other filters than the query's a multi-stage measure is computed."""
    for stage in every_stage(plan):
        context = stage.leaf.measure.context
        if context is None:
            continue
        parts = []
        if context.exclude:
            parts.append(f"without the filters on {joined_words(context.exclude)}")
        if context.keep_only is not None:
            parts.append(
                f"by no filters but those on {joined_words(context.keep_only)}"
                if context.keep_only
                else "by no filters"
            )
        if stage.included:
            parts.append(f"of rows with {joined_words([describer.words(each) for each in stage.included])}")
        yield f"{stage.leaf.name} is computed {joined_words(parts)}, whatever is asked."


def _not_moved(plan: Plan) -> Iterator[str]:
    """Measures of another time, where the question has no time that could be moved."""
    for column in _shown(plan):
        still = [
            fact
            for fact in facts_of(plan, column)
            if fact.shift
            and not any(isinstance(use, Use) and fact.dimension(use).type == "time" for use in fact.places)
        ]
        if still:
            yield f"{column.name} is read without its shift in time: the question has neither a time to group by nor a date range."


def _negative_filters(plan: Plan, describer: Describer) -> Iterator[str]:
    for fact in every_fact(plan):
        for each in filters_of(fact):
            if each.bridge is not None and _is_negative(each.predicate):
                home, others = plain(fact.home.name), plain(each.bridge)
                yield (
                    f'The filter "{describer.words(each.predicate)}" keeps {home} that have some {others} of this kind'
                    f" or none at all; it does not leave out {home} that have others besides."
                )


def _is_negative(predicate: Predicate) -> bool:
    return any(
        isinstance(each, Comparison) and (each.negative or (each.kind == "set" and each.null))
        for each in conditions_in([predicate])
    )


def plain(name: str) -> str:
    """A cube's name as a word of a sentence."""
    return name.replace("_", " ")


def _shown(plan: Plan) -> list[Column]:
    return [column for column in plan.measures if not column.hidden]
