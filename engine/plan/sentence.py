"""A query in one sentence, as a person would say what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.members import COUNTING_TYPES
from engine.plan.additivity import every_fact
from engine.plan.notes import joined_words
from engine.query.description import asked_ranges, phrase_of, range_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.plan.plan import Column, Plan
    from engine.query.description import Describer
    from engine.query.resolved import ResolvedQuery


def sentence_of(plan: Plan, resolved: ResolvedQuery, describer: Describer) -> str:
    """What a query shows: metrics, dimensions, dates, filters, order and limit."""
    parts = [_subject(plan), *_limits(plan, resolved, describer), *_zone(plan, resolved), *_order(plan, resolved)]
    return ", ".join(parts) + "."


def _subject(plan: Plan) -> str:
    measures = [column for column in plan.measures if not column.hidden]
    groups = [_group(column) for column in plan.groups if column.role != "key"]
    groups = groups or [_group(column) for column in plan.groups]
    titles = [_title(column) for column in measures]
    if not titles:
        kind = "rows" if plan.ungrouped else "combinations" if len(groups) > 1 else "values"
        return _capital(f"{kind} of {joined_words(groups)}")
    what = joined_words([titles[0], *(_small(title) for title in titles[1:])])
    return _capital(f"{what} by {joined_words(groups)}" if groups else what)


def _limits(plan: Plan, resolved: ResolvedQuery, describer: Describer) -> Iterator[str]:
    ranges = asked_ranges(resolved)
    for each in ranges.values():
        phrase = phrase_of(each)
        yield f"{each.member} {range_words(each)}{f' ({phrase})' if phrase else ''}"
    conditions = (*resolved.shape.where, *resolved.shape.having)
    kept = [describer.words(each) for each in conditions if each not in ranges]
    if kept:
        yield f"for {joined_words(kept)}"
    defaults = dict.fromkeys(default.predicate for fact in every_fact(plan) for default in fact.defaults)
    if defaults:
        yield f"by default only {joined_words([describer.words(each) for each in defaults])}"


def _zone(plan: Plan, resolved: ResolvedQuery) -> Iterator[str]:
    """Where days begin, if that is not UTC and something of the query goes by it."""
    bucketed = (column.grouping for column in plan.groups if column.grouping is not None)
    timed = any(each.granularity is not None and not each.use.is_date for each in bucketed)
    if resolved.shape.time_zone != "UTC" and (timed or resolved.ranges):
        yield f"days as in {resolved.shape.time_zone}"


def _order(plan: Plan, resolved: ResolvedQuery) -> Iterator[str]:
    if not plan.groups:
        return
    limit = resolved.limit_asked
    name, descending = plan.order[0] if plan.order else ("", False)
    first = next((column for column in plan.columns if column.name == name), None)
    ranked = first is not None and first.asked is not None
    if first is not None and ranked:
        yield f"{_superlative(first, descending)} {_small(_title(first))} first"
    elif first is not None and descending:
        yield f"{_group(first)} descending"
    if limit is not None:
        yield f"top {limit}" if ranked and descending else f"at most {limit} rows"


def _superlative(column: Column, descending: bool) -> str:
    assert column.asked is not None
    if column.asked.measure.type in COUNTING_TYPES:
        return "most" if descending else "fewest"
    return "highest" if descending else "lowest"


def _title(column: Column) -> str:
    assert column.asked is not None
    return column.asked.measure.title or column.name.rpartition(".")[2].replace("_", " ")


def _group(column: Column) -> str:
    """A dimension's name in a sentence, a bucket by its granularity.

    Buckets that a view named keep that name: "month", and not "month of end at".
    """
    owner, _, name = column.name.rpartition(".")
    grouping = column.grouping
    if grouping is not None and grouping.granularity is not None and name == grouping.granularity.name and owner:
        return f"{name} of {owner.rpartition('.')[2]}"
    return name.replace("_", " ")


def _small(text: str) -> str:
    """A title inside a sentence; abbreviations keep their capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
