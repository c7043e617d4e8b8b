"""Time in SQL: local time, buckets and bounds, written by us for each database, since sqlglot writes them wrong for some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.sql.custom_buckets import custom_bucket, next_custom_bucket
from engine.sql.moves import as_date, as_time, shifted
from engine.sql.nodes import call, kind, number, text
from engine.sql.zones import sqlite_local

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.granularity import Granularity
    from engine.sql.dialects import SqlDialect

_SQLITE_FORMATS = {
    "second": "%Y-%m-%d %H:%M:%S",
    "minute": "%Y-%m-%d %H:%M:00",
    "hour": "%Y-%m-%d %H:00:00",
    "day": "%Y-%m-%d",
    "month": "%Y-%m-01",
    "year": "%Y-01-01",
}


def local_time(tree: exp.Expr, zone: str, dialect: SqlDialect) -> exp.Expr:
    """A stored time, which is UTC, as local wall-clock time of `zone`."""
    if zone in {"UTC", "Etc/UTC", "GMT", "Z"}:
        return tree
    if dialect.name == "sqlite":
        return sqlite_local(tree, zone)
    return _LOCAL.get(dialect.name, _at_time_zone)(tree, text(zone))


def _at_time_zone(tree: exp.Expr, zone: exp.Expr) -> exp.Expr:
    return exp.AtTimeZone(this=exp.AtTimeZone(this=as_time(tree), zone=text("UTC")), zone=zone)


_LOCAL: dict[str, Callable[[exp.Expr, exp.Expr], exp.Expr]] = {
    # A time with a zone would be counted in UTC again by whatever counts seconds: the offset is added instead.
    "clickhouse": lambda x, zone: call("addSeconds", x, call("timezoneOffset", call("toTimeZone", x.copy(), zone))),
    "spark": lambda x, zone: call("FROM_UTC_TIMESTAMP", x, zone),
    "mysql": lambda x, zone: call("CONVERT_TZ", x, text("UTC"), zone),
    "bigquery": lambda x, zone: call("DATETIME", exp.Cast(this=x, to=kind("TIMESTAMPTZ")), zone),
    "snowflake": lambda x, zone: call("CONVERT_TIMEZONE", text("UTC"), zone, as_time(x)),
    # AT TIME ZONE would read the time in the session's zone.
    "trino": lambda x, zone: exp.Cast(
        this=call("AT_TIMEZONE", call("WITH_TIMEZONE", as_time(x), text("UTC")), zone), to=kind("TIMESTAMP")
    ),
}


def bucket(tree: exp.Expr, granularity: Granularity, dialect: SqlDialect) -> exp.Expr:
    """The start of the bucket that a local time lies in; a date where buckets are whole days."""
    if granularity.predefined:
        return _predefined(tree, granularity.name, dialect)
    return custom_bucket(tree, granularity, dialect)


def next_bucket(tree: exp.Expr, granularity: Granularity, dialect: SqlDialect) -> exp.Expr:
    """The start of the bucket after the one that starts at `tree`."""
    if not granularity.predefined:
        return next_custom_bucket(tree, granularity, dialect)
    return shifted(tree, 1, granularity.name, dialect, day=granularity.whole_days)


def _predefined(tree: exp.Expr, unit: str, dialect: SqlDialect) -> exp.Expr:
    if dialect.name == "sqlite":
        return _sqlite_bucket(tree, unit)
    if dialect.name == "mysql":
        return _mysql_bucket(tree, unit)
    if dialect.name == "bigquery":
        name = "ISOWEEK" if unit == "week" else unit.upper()
        truncated: exp.Expr = call("DATETIME_TRUNC", as_time(tree), exp.Var(this=name))
    elif unit == "week" and dialect.name in _WEEKS:
        truncated = _WEEKS[dialect.name](tree)
    else:
        typed = as_time(tree) if dialect.name in {"snowflake", "trino"} else tree
        truncated = exp.TimestampTrunc(this=typed, unit=exp.Var(this=unit.upper()))
    return truncated if unit in {"second", "minute", "hour"} else as_date(truncated)


_WEEKS: dict[str, Callable[[exp.Expr], exp.Expr]] = {
    "clickhouse": lambda x: call("toMonday", x),
    # DATE_TRUNC goes by a parameter of the account.
    "snowflake": lambda x: call(
        "DATEADD", exp.Var(this="DAY"), exp.Sub(this=number(1), expression=call("DAYOFWEEKISO", x)), x.copy()
    ),
}


def _sqlite_bucket(tree: exp.Expr, unit: str) -> exp.Expr:
    if unit == "week":
        return call("DATE", tree, text("weekday 0"), text("-6 days"))
    if unit == "quarter":
        month = exp.Paren(this=exp.Sub(this=call("STRFTIME", text("%m"), tree), expression=number(1)))
        back = exp.Paren(this=exp.Mod(this=month, expression=number(3)))
        shift = exp.DPipe(this=exp.DPipe(this=text("-"), expression=back), expression=text(" months"))
        return call("DATE", tree.copy(), text("start of month"), shift)
    return call("STRFTIME", text(_SQLITE_FORMATS[unit]), tree)


def _mysql_bucket(tree: exp.Expr, unit: str) -> exp.Expr:
    if unit == "week":
        back = exp.Interval(this=call("WEEKDAY", tree), unit=exp.Var(this="DAY"))
        return call("DATE", call("DATE_SUB", tree.copy(), back))
    if unit == "quarter":
        first = call("MAKEDATE", call("YEAR", tree), number(1))
        months = exp.Mul(
            this=exp.Paren(this=exp.Sub(this=call("QUARTER", tree.copy()), expression=number(1))), expression=number(3)
        )
        return call("DATE_ADD", first, exp.Interval(this=exp.Paren(this=months), unit=exp.Var(this="MONTH")))
    formats = {"second": "%Y-%m-%d %H:%i:%s", "minute": "%Y-%m-%d %H:%i:00", "hour": "%Y-%m-%d %H:00:00"}
    if unit in formats:
        return exp.Cast(this=call("DATE_FORMAT", tree, text(formats[unit])), to=kind("DATETIME"))
    if unit == "day":
        return call("DATE", tree)
    form = {"month": "%Y-%m-01", "year": "%Y-01-01"}[unit]
    return exp.Cast(this=call("DATE_FORMAT", tree, text(form)), to=kind("DATE"))
