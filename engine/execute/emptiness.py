"""Why an answer holds nothing: the rows are counted again with each of its filters left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.errors import DatabaseError, QueryError
from engine.execute.deadline import together
from engine.plan.additivity import every_fact
from engine.plan.notes import counted_words, joined_words, plain
from engine.query.description import asked_ranges, range_words
from engine.sql.compiler import row_count_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.execute.deadline import Deadline
    from engine.execute.question import Question
    from engine.query.resolved import Predicate, Shape

_MOST_TRIED = 8


@dataclass(frozen=True, slots=True)
class _Trial:
    """The query without one of its filters, which is `words`; `dropped` is that filter if it applies by default."""

    words: str
    shape: Shape
    dropped: Predicate | None = None


async def reasons_for_nothing(question: Question, deadline: Deadline, rows: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """What keeps an answer empty, in a sentence; nothing where it is not empty."""
    if question.shape.limit == 0 or not _holds_nothing(question, rows):
        return ()
    if question.shape.offset:
        return (f"No rows are left after the first {question.shape.offset}, which are skipped.",)
    try:
        return await _reasons(question, deadline)
    except (QueryError, DatabaseError):
        return ("No rows were found.",)


async def _reasons(question: Question, deadline: Deadline) -> tuple[str, ...]:
    """Counts rows with every filter, with each left out, and with none."""
    kept = await _count(question, deadline, _Trial("", question.shape))
    if kept and question.shape.having:
        words = joined_words([question.describer.words(each) for each in question.shape.having])
        return (f"No group has {words}; the other filters leave {_rows(kept)}.",)
    trials = list(_trials(question))
    if kept or not trials:
        return () if kept else (f"There are no {joined_words(_homes(question))} at all for you to see here.",)
    counts = await together(*(_count(question, deadline, trial) for trial in trials[:_MOST_TRIED]))
    guilty = [(trial.words, found) for trial, found in zip(trials, counts, strict=False) if found]
    if guilty:
        each = "; ".join(f"leaving out {words} finds {_rows(found)}" for words, found in guilty)
        return (f"Nothing passes all filters; {each}.",)
    words = joined_words([trial.words for trial in trials], "or")
    alone = "" if len(trials) == 1 else " alone"
    return (f"Nothing passes the filters; leaving out {words}{alone} does not change that.",)


def _trials(question: Question) -> Iterator[_Trial]:
    shape, ranges = question.shape, asked_ranges(question.resolved)
    for predicate in shape.where:
        others = tuple(each for each in shape.where if each is not predicate)
        found = ranges.get(predicate)
        words = f"the date range {found.member} {range_words(found)}" if found else question.describer.words(predicate)
        yield _Trial(f'"{words}"' if found is None else words, replace(shape, where=others))
    for predicate in dict.fromkeys(
        default.predicate for fact in every_fact(question.plan) for default in fact.defaults
    ):
        yield _Trial(f'the default filter "{question.describer.words(predicate)}"', shape, predicate)


async def _count(question: Question, deadline: Deadline, trial: _Trial) -> dict[str, int]:
    """How many rows of each home a trial finds, those with none left out."""
    template = row_count_template(trial.shape, question.shape, question.model, question.dialect, trial.dropped)
    counts = await deadline.counts(question.bound(template))
    found: dict[str, int] = {}
    for fact, count in zip(template.plan.facts, counts, strict=True):
        # One home may be read in several ways: the widest tells.
        home = plain(fact.home.name)
        found[home] = max(found.get(home, 0), count)
    return {home: count for home, count in found.items() if count}


def _homes(question: Question) -> list[str]:
    return list(dict.fromkeys(plain(fact.home.name) for fact in every_fact(question.plan)))


def _rows(found: dict[str, int]) -> str:
    return joined_words([counted_words(count, home) for home, count in found.items()])


def _holds_nothing(question: Question, rows: Sequence[Sequence[Any]]) -> bool:
    """Whether there is no row, or, without dimensions, one in which every metric is null or 0."""
    if not rows:
        return True
    return not question.plan.groups and all(value is None or value == 0 for value in rows[0])
