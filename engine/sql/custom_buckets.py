"""Buckets of a length of the analyst's own, counted from an origin: where the one starts in which a time lies, and the next.

Months are counted as whole numbers, never as so many days. With m the number of a time's month, a bucket of n months starts
MOD(m - origin, n) months before it:

    fiscal years from 1 February     DATE_TRUNC('MONTH', x) - MOD(EXTRACT(MONTH FROM x) + 10, 12) months

An origin on another day or at another hour is taken away before and added after. One on the 29th or later is not: its bucket
starts on the last day of a month that is too short, so each start is reckoned from an anchor that has that day.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from engine.sql.moves import as_date, as_time, moved
from engine.sql.nodes import call, kind, number, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.granularity import Granularity
    from engine.sql.dialects import SqlDialect

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - all times here are on the wall clock
_YEAR_1: Final = -int((datetime(1, 1, 1) - _EPOCH).total_seconds())  # noqa: DTZ001
_ANCHOR: Final = 2000
_LONGEST_FEBRUARY: Final = 28
_LONGEST_MONTH: Final = 31


def custom_bucket(tree: exp.Expr, granularity: Granularity, dialect: SqlDialect) -> exp.Expr:
    """The start of the bucket that a local time lies in; a date where buckets are whole days."""
    origin = granularity.origin
    assert origin is not None
    if granularity.seconds:
        return _seconds(tree, granularity, origin, dialect)
    if origin.day > _LONGEST_FEBRUARY and dialect.name == "sqlite":
        return _sqlite_month_end(tree, granularity, origin, dialect)
    if origin.day > _LONGEST_FEBRUARY:
        return _boundary(_boundary_month(tree, granularity, origin, dialect), granularity, origin, dialect)
    return _months(tree, granularity, origin, dialect)


def next_custom_bucket(start: exp.Expr, granularity: Granularity, dialect: SqlDialect) -> exp.Expr:
    """The start of the bucket after the one that starts at `start`."""
    origin = granularity.origin
    assert origin is not None
    if granularity.months and origin.day > _LONGEST_FEBRUARY and dialect.name == "sqlite":
        after = call("DATE", start, text("start of month"), text(f"+{granularity.months} months"))
        return _sqlite_boundary(after, granularity, origin)
    if granularity.months and origin.day > _LONGEST_FEBRUARY:
        month = exp.Add(this=_month(start, dialect, whole=True), expression=number(granularity.months))
        return _boundary(month, granularity, origin, dialect)
    count, unit = (granularity.months, "MONTH") if granularity.months else (granularity.seconds, "SECOND")
    if dialect.name == "sqlite":
        return _sqlite_moment(granularity, start, text(f"+{count} {unit.lower()}s"))
    found = moved(start, number(count), unit, dialect)
    return as_date(found) if granularity.whole_days else found


# Months.


def _months(tree: exp.Expr, granularity: Granularity, origin: datetime, dialect: SqlDialect) -> exp.Expr:
    """Buckets whose origin lies on a day that every month has."""
    length, into = granularity.months, origin - origin.replace(day=1, hour=0, minute=0, second=0)
    seconds = int(into.total_seconds())
    if dialect.name == "sqlite":
        before = call("DATETIME", tree, text(f"-{seconds} seconds")) if seconds else tree
        back = _remainder(_month(before, dialect, whole=12 % length > 0), origin, length, dialect)
        parts: list[exp.Expr] = [text("start of month")]
        if back is not None:
            parts.append(exp.DPipe(this=exp.DPipe(this=text("-"), expression=back), expression=text(" months")))
        parts += [text(f"+{seconds} seconds")] if seconds else []
        return _sqlite_moment(granularity, before.copy(), *parts)
    before = moved(tree, exp.Neg(this=number(seconds)), "SECOND", dialect) if seconds else tree
    start: exp.Expr = month_start(before, dialect)
    back = _remainder(_month(before.copy(), dialect, whole=12 % length > 0), origin, length, dialect)
    if back is not None:
        start = moved(start, exp.Neg(this=back), "MONTH", dialect)
    if seconds:
        start = moved(start, number(seconds), "SECOND", dialect)
    return as_date(start) if granularity.whole_days else as_time(start)


def month_start(tree: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """The first day of a time's month; not for SQLite."""
    if dialect.name == "mysql":
        return as_date(call("DATE_FORMAT", tree, text("%Y-%m-01")))
    if dialect.name == "bigquery":
        return call("DATETIME_TRUNC", as_time(tree), exp.Var(this="MONTH"))
    return exp.TimestampTrunc(this=as_time(tree), unit=exp.Var(this="MONTH"))


def _boundary_month(tree: exp.Expr, granularity: Granularity, origin: datetime, dialect: SqlDialect) -> exp.Expr:
    """The number of the month in which the bucket of a time starts, where starts lie at the ends of months."""
    start = _boundary(_month(tree, dialect, whole=True), granularity, origin, dialect)
    early = exp.If(this=exp.LT(this=tree.copy(), expression=start), true=number(1))
    before = exp.Case(ifs=[early], default=number(0))
    month = exp.Paren(this=exp.Sub(this=_month(tree.copy(), dialect, whole=True), expression=before))
    back = _remainder(month.copy(), origin, granularity.months, dialect)
    return month.this if back is None else exp.Sub(this=month, expression=back)


def _boundary(month: exp.Expr, granularity: Granularity, origin: datetime, dialect: SqlDialect) -> exp.Expr:
    """The start that lies in the month of that number, which may be shorter than the origin's day asks for."""
    since = exp.Paren(this=exp.Sub(this=month, expression=number(_ANCHOR * 12)))
    anchor = exp.Cast(this=text(f"{_ANCHOR}-01-{origin:%d %H:%M:%S}"), to=kind("TIMESTAMP"))
    found = moved(anchor, since, "MONTH", dialect)
    return as_date(found) if granularity.whole_days else as_time(found)


def _sqlite_month_end(tree: exp.Expr, granularity: Granularity, origin: datetime, dialect: SqlDialect) -> exp.Expr:
    """The same on SQLite, whose months run over: a start is reached on its day, or on the last day of the month."""
    clock = _clock(origin)
    back_to_midnight = [text(f"-{clock} seconds")] if clock else []
    by_day = call("DATE", tree, *back_to_midnight, text(f"-{origin.day - 1} days"), text("start of month"))
    again = [each.copy() for each in back_to_midnight]
    by_end = call("DATE", tree.copy(), *again, text("+1 day"), text("start of month"), text("-1 month"))
    month: exp.Expr = call("MAX", by_day, by_end)
    length = granularity.months
    back = _remainder(_month(month.copy(), dialect, whole=12 % length > 0), origin, length, dialect)
    if back is not None:
        reach = exp.DPipe(this=exp.DPipe(this=text("-"), expression=back), expression=text(" months"))
        month = call("DATE", month, reach)
    return _sqlite_boundary(month, granularity, origin)


def _sqlite_boundary(month: exp.Expr, granularity: Granularity, origin: datetime) -> exp.Expr:
    """The start that lies in the month whose first day is given."""
    last = call("DATE", month, text("+1 month"), text("-1 day"))
    found = last
    if origin.day < _LONGEST_MONTH:
        found = call("MIN", call("DATE", month.copy(), text(f"+{origin.day - 1} days")), last)
    return found if granularity.whole_days else call("DATETIME", found, text(f"+{_clock(origin)} seconds"))


def _clock(origin: datetime) -> int:
    return (origin - origin.replace(hour=0, minute=0, second=0)).seconds


def _month(tree: exp.Expr, dialect: SqlDialect, *, whole: bool) -> exp.Expr:
    """The number of a time's month: since January of the year 0 if `whole`, else within its year from 0 on."""
    month = _part(tree, "MONTH", dialect)
    if whole:
        years = exp.Mul(this=_part(tree.copy(), "YEAR", dialect), expression=number(12))
        month = exp.Add(this=years, expression=month)
    return exp.Sub(this=month, expression=number(1))


def _part(tree: exp.Expr, unit: str, dialect: SqlDialect) -> exp.Expr:
    if dialect.name == "sqlite":
        return call("STRFTIME", text("%Y" if unit == "YEAR" else "%m"), tree)
    return exp.Extract(this=exp.Var(this=unit), expression=tree)


def _remainder(month: exp.Expr, origin: datetime, length: int, dialect: SqlDialect) -> exp.Expr | None:
    """How many months a bucket of `length` months starts before a month; None if always 0."""
    if length == 1:
        return None
    ahead = -(origin.year * 12 + origin.month - 1) % length
    if isinstance(month, exp.Sub) and isinstance(month.expression, exp.Literal):
        month, ahead = month.this, (ahead - 1) % length
    dividend = exp.Add(this=month, expression=number(ahead)) if ahead else month
    if dialect.name == "sqlite":
        return exp.Paren(this=exp.Mod(this=exp.Paren(this=dividend), expression=number(length)))
    # As a function: `%` is a mark of parameters to some drivers.
    return call("MOD", dividend, number(length))


# Seconds.


def _seconds(tree: exp.Expr, granularity: Granularity, origin: datetime, dialect: SqlDialect) -> exp.Expr:
    """Buckets of a fixed length."""
    length = granularity.seconds
    start = exp.Cast(this=text(origin.isoformat(" ")), to=kind("TIMESTAMP"))
    if dialect.name in {"postgres", "duckdb"}:
        name = "DATE_BIN" if dialect.name == "postgres" else "TIME_BUCKET"
        width = exp.Interval(this=text(str(length)), unit=exp.Var(this="SECOND"))
        found: exp.Expr = call(name, width, as_time(tree), start)
        return as_date(found) if granularity.whole_days else found
    since_1970 = int((origin - _EPOCH).total_seconds())
    if dialect.name == "sqlite":
        # Above 0 whatever the time, so that the division, which cuts toward 0, rounds down.
        ahead = number(((_YEAR_1 + since_1970) // length + 1) * length - since_1970)
        seconds = exp.Paren(this=exp.Add(this=call("STRFTIME", text("%s"), tree), expression=ahead))
        whole = exp.Mul(this=exp.Div(this=seconds, expression=number(length), typed=True), expression=number(length))
        return _sqlite_moment(granularity, exp.Sub(this=whole, expression=ahead.copy()), text("unixepoch"))
    parts = _PARTS.get(dialect.name, 1)
    since = exp.Paren(this=exp.Sub(this=_epoch(tree, dialect), expression=number(since_1970 * parts)))
    ratio = exp.Div(this=exp.Cast(this=since, to=kind("DOUBLE")), expression=number(length * parts), typed=True)
    steps = exp.Cast(this=exp.Floor(this=ratio), to=kind("BIGINT"))
    found = moved(start, exp.Mul(this=steps, expression=number(length)), "SECOND", dialect)
    return as_date(found) if granularity.whole_days else found


_PARTS: Final = {"trino": 1000, "mysql": 1_000_000}
"""The parts of a second that are counted where a difference in whole seconds would be cut toward 0."""


def _epoch(tree: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """Seconds, or parts of them, from 1970 to a wall-clock time, rounded down."""
    start = exp.Cast(this=text(_EPOCH.isoformat(" ")), to=kind("TIMESTAMP"))
    functions: dict[str, Callable[[exp.Expr], exp.Expr]] = {
        "clickhouse": lambda x: call("toUnixTimestamp", x),
        "spark": lambda x: call("UNIX_TIMESTAMP", x),
        # TO_UNIXTIME would read the time in the session's zone.
        "trino": lambda x: call("DATE_DIFF", text("millisecond"), start, as_time(x)),
        "bigquery": lambda x: call("UNIX_SECONDS", exp.Cast(this=x, to=kind("TIMESTAMPTZ"))),
        "snowflake": lambda x: call("DATE_PART", exp.Var(this="EPOCH_SECOND"), x),
        "mysql": lambda x: call("TIMESTAMPDIFF", exp.Var(this="MICROSECOND"), text("1970-01-01"), x),
    }
    return functions[dialect.name](tree)


def _sqlite_moment(granularity: Granularity, *arguments: exp.Expr) -> exp.Expr:
    return call("DATE" if granularity.whole_days else "DATETIME", *arguments)
