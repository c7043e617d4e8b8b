"""A row for each bucket of time, from the first to the last, whether or not anything happened in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.sql.names import column, identifier
from engine.sql.nodes import kind
from engine.sql.times import bucket, next_bucket

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.granularity import Granularity
    from engine.query.resolved import Comparison
    from engine.sql.dialects import SqlDialect

BUCKET = "bucket"


def spine(
    name: str,
    granularity: Granularity,
    dialect: SqlDialect,
    bounds: Comparison | None,
    parameter: Callable[[int, str], exp.Expr],
    of_data: Callable[[type[exp.AggFunc]], exp.Expr],
) -> exp.CTE:
    """The recursive CTE `name` with one column, `bucket`.

    It runs over the range of `bounds`; where an end of that is open, or there is none, from the least to the greatest bucket of
    the data, which `of_data` gives as a scalar query for MIN or MAX.
    """
    start, end = bounds.slots if bounds is not None else (None, None)
    first = (
        of_data(exp.Min)
        if start is None or bounds is None
        else bucket(moment(start, bounds, dialect, parameter), granularity, dialect)
    )
    following = next_bucket(column(BUCKET, name), granularity, dialect)
    if end is None or bounds is None:
        goes_on: exp.Expr = exp.LTE(this=following, expression=of_data(exp.Max))
    else:
        goes_on = exp.LT(this=following, expression=moment(end, bounds, dialect, parameter))
    anchor = exp.Select(expressions=[exp.Alias(this=first, alias=identifier(BUCKET))])
    step = exp.Select(
        expressions=[next_bucket(column(BUCKET, name), granularity, dialect)],
        from_=exp.From(this=exp.Table(this=identifier(name))),
        where=exp.Where(this=goes_on),
    )
    return exp.CTE(
        this=exp.Union(this=anchor, expression=step, distinct=False),
        alias=exp.TableAlias(this=identifier(name), columns=[identifier(BUCKET)]),
    )


def moment(slot: int, bounds: Comparison, dialect: SqlDialect, parameter: Callable[[int, str], exp.Expr]) -> exp.Expr:
    """An end of a date range in local time, typed: a parameter by itself has no type, and arithmetic needs one."""
    node = parameter(slot, "date" if bounds.use.dimension.is_date else "local")
    return node if dialect.text_times else exp.Cast(this=node, to=kind("TIMESTAMP"))
