"""A row for each bucket of time, from the first to the last, whether or not anything happened in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.errors import Issue, QueryError
from engine.model.granularity import UNIT_SECONDS
from engine.sql.expressions import is_null
from engine.sql.moves import as_date, moved
from engine.sql.names import column, identifier
from engine.sql.nodes import call, kind, number, text
from engine.sql.skipped import existing
from engine.sql.times import bucket, next_bucket

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.granularity import Granularity
    from engine.query.resolved import Comparison
    from engine.sql.dialects import SqlDialect

BUCKET = "bucket"
_LISTED = "listed"
_LONGEST_FEBRUARY = 28


def spine(
    name: str,
    granularity: Granularity,
    dialect: SqlDialect,
    bounds: Comparison | None,
    parameter: Callable[[int, str], exp.Expr],
    of_data: Callable[[type[exp.AggFunc]], exp.Expr],
) -> exp.CTE:
    """The CTE `name` with one column, `bucket`; recursive where the dialect's `buckets` say so.

    It runs over the range of `bounds`; where an end of that is open, or there is none, from the least to the greatest bucket of
    the data, which `of_data` gives as a scalar query for MIN or MAX.
    """
    start, end = bounds.slots if bounds is not None else (None, None)
    first = (
        of_data(exp.Min)
        if start is None or bounds is None
        else bucket(moment(start, bounds, dialect, parameter), granularity, dialect)
    )
    until = None if end is None or bounds is None else moment(end, bounds, dialect, parameter)
    if dialect.buckets != "recursion":
        return _listed(
            name,
            granularity,
            dialect,
            first,
            of_data(exp.Max) if until is None else _before(until, granularity, dialect),
        )
    following = next_bucket(column(BUCKET, name), granularity, dialect)
    goes_on: exp.Expr = (
        exp.LTE(this=following, expression=of_data(exp.Max))
        if until is None
        else exp.LT(this=following, expression=until)
    )
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


def present(
    name: str, granularity: Granularity, dialect: SqlDialect, bounds: Comparison | None, zone: str | None
) -> exp.Where:
    """Which buckets of the CTE `name` are shown: those that the clocks of `zone` showed; None for dates, which no clock skips."""
    if bounds is not None and None not in bounds.slots and len(set(bounds.slots)) == 1:
        # Between two midnights there is no date.
        return exp.Where(this=exp.Boolean(this=False))
    there: exp.Expr = exp.Not(this=is_null(column(BUCKET, name)))
    existed = existing(column(BUCKET, name), granularity, zone, dialect) if zone is not None else None
    return exp.Where(this=there if existed is None else exp.And(this=there, expression=existed))


def _before(until: exp.Expr, granularity: Granularity, dialect: SqlDialect) -> exp.Expr:
    """The last moment of a range, or the last day, where buckets are days."""
    last = moved(until, exp.Neg(this=number(1)), "MILLISECOND", dialect)
    return as_date(last) if granularity.whole_days else last


def _listed(name: str, granularity: Granularity, dialect: SqlDialect, first: exp.Expr, last: exp.Expr) -> exp.CTE:
    """The buckets as the elements of an array, where recursion ends after a few hundred rows."""
    count, unit = (granularity.months, "MONTH") if granularity.months else (granularity.seconds, "SECOND")
    if granularity.seconds and granularity.whole_days:
        count, unit = granularity.seconds // UNIT_SECONDS["day"], "DAY"
    late = granularity.origin is not None and unit == "MONTH" and granularity.origin.day > _LONGEST_FEBRUARY
    if late or (dialect.buckets == "array" and unit == "MONTH" and not granularity.whole_days):
        message = f"Buckets of {granularity.name} cannot be listed by {dialect.name}."
        raise QueryError(Issue("E_UNSUPPORTED", message, hint="Ask without `fill`, or by month."))
    length = number(count) if dialect.buckets == "array" else text(str(count))
    step = exp.Interval(this=length, unit=exp.Var(this=unit))
    shown: exp.Expr = column(BUCKET)
    if dialect.buckets == "sequence":
        array: exp.Expr = call("SEQUENCE", first, last, step)
    elif granularity.whole_days:
        array = exp.GenerateDateArray(start=first, end=last, step=step)
    else:
        utc = [exp.Cast(this=each, to=kind("TIMESTAMPTZ")) for each in (first, last)]
        array = exp.GenerateTimestampArray(start=utc[0], end=utc[1], step=step)
        shown = exp.Alias(this=exp.Cast(this=shown, to=kind("TIMESTAMP")), alias=identifier(BUCKET))
    if dialect.name == "spark":
        select = exp.Select(expressions=[exp.Alias(this=exp.Explode(this=array), alias=identifier(BUCKET))])
    else:
        # Trino names a table and its column, BigQuery the element itself.
        table = identifier(_LISTED) if dialect.name == "trino" else None
        elements = exp.Unnest(expressions=[array], alias=exp.TableAlias(this=table, columns=[identifier(BUCKET)]))
        select = exp.Select(expressions=[shown], from_=exp.From(this=elements))
    return exp.CTE(this=select, alias=exp.TableAlias(this=identifier(name)))


def moment(slot: int, bounds: Comparison, dialect: SqlDialect, parameter: Callable[[int, str], exp.Expr]) -> exp.Expr:
    """An end of a date range in local time, typed: a parameter by itself has no type, and arithmetic needs one."""
    node = parameter(slot, "date" if bounds.use.is_date else "local")
    return node if dialect.text_times else exp.Cast(this=node, to=kind("TIMESTAMP"))
