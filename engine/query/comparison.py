"""A query that compares date ranges, as one query for each range: the first is the one that the others are compared with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError

if TYPE_CHECKING:
    from engine.query.query import DateRange, Query, TimeDimension


def each_range(query: Query) -> tuple[Query, ...]:
    """The queries that `query` consists of; itself alone where it compares nothing.

    Cube's `compareDateRange` lists all ranges; the flat form's `compare` those to compare its own range with, or, without one,
    all. Raises QueryError where ranges of two times are compared.
    """
    compared = [index for index, each in enumerate(query.time_dimensions) if each.compare]
    if not compared:
        return (query,)
    if len(compared) > 1:
        message = "Ranges of two time dimensions are compared; only those of one can be."
        raise QueryError(Issue("E_COMPARE", message, member="timeDimensions", hint="Give the others a dateRange."))
    entry = query.time_dimensions[compared[0]]
    own = () if entry.date_range is None else (entry.date_range,)
    return tuple(_with_range(query, entry, found) for found in dict.fromkeys((*own, *entry.compare)))


def one_range(query: Query) -> Query:
    """The query itself; raises QueryError if it compares ranges, of which each has a statement of its own."""
    if len(each_range(query)) > 1:
        message = "A query that compares date ranges has one statement for each of them."
        raise QueryError(Issue("E_COMPARE", message, member="compare", hint="Ask for the SQL of one range at a time."))
    return each_range(query)[0]


def _with_range(query: Query, entry: TimeDimension, found: DateRange) -> Query:
    alone = replace(entry, date_range=found, compare=())
    times = tuple(alone if each is entry else each for each in query.time_dimensions)
    return replace(query, time_dimensions=times)
