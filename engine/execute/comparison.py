"""Several date ranges side by side: to each metric of the first range its value in the others, the difference and the change.

    month        bug_count   bug_count.previous   bug_count.delta   bug_count.percent
    2026-10-01         168                  125                43              0.344

Rows stand together that have the same dimensions; buckets of the compared time go by their position in the range. The ranges
compared with are read without the query's limit and filters on metrics, which choose the rows shown and not their values.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.errors import Issue, QueryError
from engine.execute.answer import answer
from engine.execute.deadline import Deadline, together
from engine.execute.periods import Limit, partial_periods
from engine.execute.sides import Earlier, Sides
from engine.plan.variants import totals_shape
from engine.query.calendar import bucket_start, next_bucket
from engine.query.description import Describer, asked_ranges, range_words
from engine.query.resolved import Comparison
from engine.sql.compiler import nothing_template, template_for
from engine.sql.dialects import dialect_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from engine.execute.database import Database
    from engine.execute.freshness import Freshness
    from engine.execute.periods import PartialPeriod
    from engine.execute.result import Result
    from engine.model.granularity import Granularity
    from engine.model.model import Model
    from engine.plan.plan import Plan
    from engine.query.query import Query
    from engine.query.resolved import ResolvedQuery

Row: TypeAlias = tuple[Any, ...]


async def compare(
    queries: Sequence[Query],
    resolved: Sequence[ResolvedQuery],
    model: Model,
    database: Database,
    freshness: Freshness | None = None,
) -> Result:
    """The answer to the first of the queries beside the values of the others, which differ from it in their date range alone.

    Raises as `answer` does, and QueryError where the ranges cannot be laid side by side.
    """
    index = _compared(resolved)
    deadline = Deadline(database, model.settings.limits.seconds)
    current = await answer(queries[0], resolved[0], model, database, freshness, deadline)
    plan = template_for(resolved[0].shape, model, dialect_named(database.dialect)).plan
    suffixes = [""] if len(resolved) == 2 else [f"_{number}" for number in range(1, len(resolved))]
    absent, *earlier = await together(
        _absent(resolved[0], model, deadline),
        *(
            _earlier(suffix, each, _moves(plan, index, each, resolved[0]), index, model, deadline)
            for suffix, each in zip(suffixes, resolved[1:], strict=True)
        ),
    )
    return Sides(current, earlier, absent, plan, resolved[0], index).result(deadline.spent)


def _compared(resolved: Sequence[ResolvedQuery]) -> int:
    """Which of the date ranges is the compared one; raises QueryError if it is open at an end."""
    first, second = resolved[0].ranges, resolved[1].ranges
    index = next((index for index, each in enumerate(first) if each != second[index]), 0)
    if any(each.ranges[index].start is None or each.ranges[index].end is None for each in resolved):
        message = "A date range that is open at one end cannot be compared."
        raise QueryError(Issue("E_COMPARE", message, member="compare", hint="Give it a start and an end."))
    return index


def _moves(plan: Plan, index: int, earlier: ResolvedQuery, first: ResolvedQuery) -> dict[int, dict[Any, str]]:
    """For each column with buckets of the compared time, which bucket of the first range each of the earlier one stands for."""
    condition = list(asked_ranges(first))[index]
    found: dict[int, dict[Any, str]] = {}
    for position, column in enumerate(plan.groups):
        grouping = column.grouping
        if grouping is None or grouping.granularity is None or not isinstance(condition, Comparison):
            continue
        if grouping.use.dimension is condition.use.dimension:
            pairs = zip(
                _buckets(grouping.granularity, earlier, index),
                _buckets(grouping.granularity, first, index),
                strict=False,
            )
            found[position] = dict(pairs)
    return found


def _buckets(granularity: Granularity, resolved: ResolvedQuery, index: int) -> Iterator[str]:
    """The buckets of a range, as they stand in rows."""
    start, end = _ends(resolved, index)
    bucket = bucket_start(start, granularity)
    while bucket < end:
        yield bucket.date().isoformat() if granularity.whole_days else bucket.isoformat()
        bucket = next_bucket(bucket, granularity)


def _ends(resolved: ResolvedQuery, index: int) -> tuple[datetime, datetime]:
    """The ends of a compared range, which is closed, as rows are compared with them: on the wall clock, of dates as midnights."""
    condition = list(asked_ranges(resolved))[index]
    assert isinstance(condition, Comparison)
    describer = Describer({}, resolved.values, resolved.shape.time_zone)
    start, end = (describer.clock(describer.values[slot]) for slot in condition.slots if slot is not None)
    return start, end


async def _absent(resolved: ResolvedQuery, model: Model, deadline: Deadline) -> Row:
    """The values of a group that a range does not hold (DESIGN rule 5)."""
    if not resolved.shape.measures:
        return ()
    template = nothing_template(resolved.shape, model, dialect_named(deadline.database.dialect))
    (row,) = (await deadline.run(template.bind(()))).rows
    return row


async def _earlier(
    suffix: str, resolved: ResolvedQuery, moves: dict[int, dict[Any, str]], index: int, model: Model, deadline: Deadline
) -> Earlier:
    dialect = dialect_named(deadline.database.dialect)
    most = model.settings.limits.rows
    shape = replace(resolved.shape, having=(), limit=most + 1, offset=0)
    template = template_for(shape, model, dialect)
    fetched = await deadline.run(template.bind(resolved.values))
    if len(fetched.rows) > most:
        message = f"The range {range_words(resolved.ranges[index])} has more than {most} rows to compare with."
        raise QueryError(Issue("E_LIMIT", message, member="compare", hint="Ask for fewer dimensions, or filter."))
    totals: Row | None = None
    if resolved.totals and resolved.shape.measures:
        whole = template_for(totals_shape(resolved.shape), model, dialect)
        totals = (await deadline.run(whole.bind(resolved.values))).rows[0]
    count = len(template.plan.groups)
    rows: dict[Row, Row] = {}
    for row in fetched.rows:
        if all(row[position] in moved for position, moved in moves.items()):
            key = tuple(moves[at][value] if at in moves else value for at, value in enumerate(row[:count]))
            rows[key] = row[count:]
    partial = _partial(template.plan, resolved, index, fetched.rows)
    return Earlier(suffix, resolved.ranges[index], rows, len(fetched.rows) - len(rows), totals, partial)


def _partial(plan: Plan, resolved: ResolvedQuery, index: int, rows: Sequence[Row]) -> tuple[PartialPeriod, ...]:
    """The buckets that an earlier range cuts: they stand beside whole ones."""
    condition = list(asked_ranges(resolved))[index]
    assert isinstance(condition, Comparison)
    limit = Limit(condition.use.dimension, *_ends(resolved, index))
    now = Describer({}, (), resolved.shape.time_zone).clock(resolved.now)
    return partial_periods(plan, now, [limit], rows)
