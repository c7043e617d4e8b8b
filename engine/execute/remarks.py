"""What a reader has to know of the rows that were found, in sentences."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.plan.notes import counted_words, joined_words, plain
from engine.query.description import asked_ranges, range_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.execute.periods import PartialPeriod
    from engine.execute.question import Question

_LONG = timedelta(days=367)


def remarks_on(
    question: Question,
    rows: Sequence[Sequence[Any]],
    *,
    cut: bool,
    total: int | None,
    undated: Mapping[str, int],
    partial: Sequence[PartialPeriod],
) -> Iterator[str]:
    """The remarks on `rows`, what matters most first."""
    if cut:
        yield _cut(question, len(rows), total)
    yield from (str(period) for period in partial if period.covered)
    yield from _to_come([period for period in partial if not period.covered])
    yield from _ranges(question, undated)
    yield from _null_groups(question, rows)


def _cut(question: Question, count: int, total: int | None) -> str:
    verb = "is" if count == 1 else "are"
    shown = f"{count} of {total} rows {verb} shown"
    if total is None:
        shown = f"{count} {'row' if count == 1 else 'rows'} {verb} shown"
        return f"{shown}: the limit of {question.shape.limit} was reached, and there may be more."
    if question.resolved.limit_asked is not None:
        return f"{shown}, as the limit asks."
    limits = question.model.settings.limits
    most = f"results limited to {limits.default_rows} rows"
    if limits.default_rows < limits.rows:
        most += f" without a limit, to {limits.rows} with one"
    return f"{shown}: {most}. Filter, or group more coarsely, to see all."


def _to_come(periods: Sequence[PartialPeriod]) -> Iterator[str]:
    for name in dict.fromkeys(period.column for period in periods):
        labels = [period.period for period in periods if period.column == name]
        several = f"{labels[0]} to {labels[-1]} lie" if len(labels) > 1 else f"{labels[0]} lies"
        yield f"{several} in the future: numbers there are of what is known by now."


def _ranges(question: Question, undated: Mapping[str, int]) -> Iterator[str]:
    ranges = asked_ranges(question.resolved)
    members = joined_words(list(dict.fromkeys(each.member for each in ranges.values()))) if ranges else "dates"
    without = [counted_words(count, home) for home, count in undated.items() if count]
    if without:
        verbs = ("has", "is") if sum(undated.values()) == 1 else ("have", "are")
        sentence = f"{joined_words(without)} {verbs[0]} no {members} and {verbs[1]} not counted."
        yield sentence[:1].upper() + sentence[1:]
    for each in ranges.values():
        if each.start is not None and each.end is not None:
            if each.end - each.start > _LONG:
                yield f"The date range spans more than a year ({range_words(each)}); consider narrowing it."
            if each.start <= question.resolved.now < each.end and not _tells_periods(question):
                yield f"The date range is not over yet: it goes {range_words(each)}."


def _tells_periods(question: Question) -> bool:
    """Whether rows are buckets of time, of which the partial ones are told one by one."""
    groups = (column.grouping for column in question.plan.groups)
    return any(grouping is not None and grouping.granularity is not None for grouping in groups)


def _null_groups(question: Question, rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    named = list(dict.fromkeys(plain(fact.home.name) for fact in question.plan.facts))
    homes = joined_words(named) if named else "rows"
    for index, column in enumerate(question.plan.groups):
        if column.role != "key" and any(row[index] is None for row in rows):
            yield f"Where {_plain(column.name)} is empty, none is known of the {homes} counted there."


def _plain(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ")
