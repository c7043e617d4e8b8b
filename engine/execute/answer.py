"""An answer from a database: the statement itself, and beside it the statements that its account needs.

    at once      the rows; the totals and the number of groups, if asked for; rows without a date, if there is a date range
    afterwards   how many groups there are, if the limit was reached; which filter is to blame, if nothing was found

What was asked for fails with its statement. What only explains is left out where the time limit or the database does not allow it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import DatabaseError, QueryError
from engine.execute import account
from engine.execute.deadline import Deadline, together
from engine.execute.emptiness import reasons_for_nothing
from engine.execute.freshness import FreshnessReport, Scope, Source
from engine.execute.periods import Limit, partial_periods
from engine.execute.question import Question
from engine.execute.remarks import remarks_on
from engine.execute.result import Account, Result
from engine.plan.notes import notes_of, notes_of_totals
from engine.plan.sentence import sentence_of
from engine.plan.variants import totals_shape, undated
from engine.query.description import Describer, date_ranges, names_of
from engine.sql.compiler import group_count_template, row_count_template, template_for
from engine.sql.dialects import dialect_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.execute.database import Database, Fetched
    from engine.execute.freshness import Freshness
    from engine.execute.periods import PartialPeriod
    from engine.model.model import Model
    from engine.query.query import Query
    from engine.query.resolved import ResolvedQuery
    from engine.sql.statement import Template


async def answer(
    query: Query,
    resolved: ResolvedQuery,
    model: Model,
    database: Database,
    freshness: Freshness | None = None,
    deadline: Deadline | None = None,
) -> Result:
    """The rows that a resolved query asks for, with the account of how they were made.

    Raises QueryError where it cannot be compiled, DatabaseError where the database refuses, QueryTimeout at the model's limit,
    which holds for all statements together; a `deadline` that other statements share is taken in its place.
    """
    dialect = dialect_named(database.dialect)
    describer = Describer(names_of(query, resolved, model), resolved.values, resolved.shape.time_zone)
    question = Question(query, resolved, model, dialect, template_for(resolved.shape, model, dialect), describer)
    deadline = deadline or Deadline(database, model.settings.limits.seconds)
    understood = account.understood(question.plan, resolved, describer)
    report = await _freshness(question, understood, deadline, freshness)
    statement = question.statement
    fetched, totals, total, left_out = await together(
        deadline.run(statement), _totals(question, deadline), _total(question, deadline), _undated(question, deadline)
    )
    cut, total = await _cut(question, deadline, fetched, total)
    partial = _partial(question, fetched.rows)
    empty = await reasons_for_nothing(question, deadline, fetched.rows)
    notes = (
        *empty,
        *report.warnings,
        *remarks_on(question, fetched.rows, cut=cut, total=total, undated=left_out, partial=partial),
        *notes_of(question.plan, describer),
        *(notes_of_totals(question.plan, _template_of_totals(question).plan, describer) if totals is not None else ()),
    )
    return Result(
        columns=statement.columns,
        rows=fetched.rows,
        notes=tuple(dict.fromkeys(notes)),
        query=understood,
        total_rows=total,
        totals=totals,
        cut=cut,
        seconds=deadline.spent,
        sql=statement.sql,
        account=Account(
            explanation=sentence_of(question.plan, resolved, describer),
            model=account.model_stamp(model),
            sql_digest=account.sql_digest(statement.sql),
            freshness={each.name: each.as_dict() for each in report.sources},
            undated={home: count for home, count in left_out.items() if count},
            partial=partial,
            replay={
                "query": account.replayable(query, resolved, describer),
                "now": resolved.now.isoformat(),
            },
        ),
    )


async def _freshness(
    question: Question, understood: Mapping[str, Any], deadline: Deadline, freshness: Freshness | None
) -> FreshnessReport:
    if freshness is None:
        return FreshnessReport()
    cubes = {each.cube.name: each.cube for each in account.instances_of(question.plan) if each.cube is not None}
    sources = tuple(
        Source(cube.name, ".".join(cube.table) if cube.table else None, cube.freshness) for cube in cubes.values()
    )
    return await freshness.ensure(Scope(sources, understood, question.resolved.now, deadline.left))


async def _totals(question: Question, deadline: Deadline) -> dict[str, Any] | None:
    if not (question.resolved.totals and question.shape.measures):
        return None
    template = _template_of_totals(question)
    fetched = await deadline.run(question.bound(template))
    return dict(zip((column.member for column in template.columns), fetched.rows[0], strict=True))


def _template_of_totals(question: Question) -> Template:
    return template_for(totals_shape(question.shape), question.model, question.dialect)


async def _total(question: Question, deadline: Deadline) -> int | None:
    return await _group_count(question, deadline) if question.resolved.total else None


async def _group_count(question: Question, deadline: Deadline) -> int:
    template = group_count_template(question.shape, question.model, question.dialect)
    return (await deadline.counts(question.bound(template)))[0]


async def _undated(question: Question, deadline: Deadline) -> dict[str, int]:
    """How many rows of each home the date ranges left out for having no date."""
    shape = question.shape
    if not date_ranges(shape.where):
        return {}
    try:
        template = row_count_template(undated(shape), shape, question.model, question.dialect)
        counts = await deadline.counts(question.bound(template))
    except (QueryError, DatabaseError):
        return {}
    homes = [fact.home.name for fact in template.plan.facts]
    found: dict[str, int] = {}
    for home, count in zip(homes, counts, strict=True):
        # One home may be read under two sets of default filters: the wider one tells.
        found[home] = max(found.get(home, 0), count)
    return found


async def _cut(question: Question, deadline: Deadline, fetched: Fetched, total: int | None) -> tuple[bool, int | None]:
    """Whether the limit left rows out, and how many there are in all, as far as that is known."""
    shape = question.shape
    reached = 0 <= shape.limit <= len(fetched.rows)
    if not reached and (fetched.rows or not shape.offset):
        return False, shape.offset + len(fetched.rows)
    if reached and total is None and shape.limit > 0:
        try:
            total = await _group_count(question, deadline)
        except DatabaseError:
            return True, None
    return reached and total is not None and total > shape.offset + len(fetched.rows), total


def _partial(question: Question, rows: Sequence[Sequence[Any]]) -> tuple[PartialPeriod, ...]:
    describer = question.describer
    limits = []
    for each in date_ranges(question.shape.where):
        start, end = (None if slot is None else describer.clock(describer.values[slot]) for slot in each.slots)
        limits.append(Limit(each.use.dimension, start, end))
    return partial_periods(question.plan, describer.clock(question.resolved.now), limits, rows)
