"""Time in SQL: local time, buckets and bounds, written by us for each database, since sqlglot writes them wrong for some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.model.granularity import UNIT_MONTHS
from engine.sql.nodes import call, kind, number, text
from engine.sql.zones import sqlite_local

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

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
    if dialect.name == "clickhouse":
        return call("toTimeZone", tree, text(zone))
    if dialect.name in {"spark", "mysql"}:
        name = "from_utc_timestamp" if dialect.name == "spark" else "CONVERT_TZ"
        return call(name, tree, text(zone)) if dialect.name == "spark" else call(name, tree, text("UTC"), text(zone))
    if dialect.name == "bigquery":
        return call("DATETIME", exp.Cast(this=tree, to=kind("TIMESTAMPTZ")), text(zone))
    if dialect.name == "snowflake":
        return call("CONVERT_TIMEZONE", text("UTC"), text(zone), exp.Cast(this=tree, to=kind("TIMESTAMP")))
    utc = exp.AtTimeZone(this=exp.Cast(this=tree, to=kind("TIMESTAMP")), zone=text("UTC"))
    return exp.AtTimeZone(this=utc, zone=text(zone))


def bucket(tree: exp.Expr, granularity: Granularity, dialect: SqlDialect) -> exp.Expr:
    """The start of the bucket that a local time lies in; a date where buckets are whole days."""
    if granularity.predefined:
        return _predefined(tree, granularity.name, dialect)
    assert granularity.origin is not None
    if granularity.months:
        return _months(tree, granularity.months, granularity.origin, dialect)
    return _seconds(tree, granularity, granularity.origin, dialect)


def _predefined(tree: exp.Expr, unit: str, dialect: SqlDialect) -> exp.Expr:
    if dialect.name == "sqlite":
        return _sqlite_bucket(tree, unit)
    if dialect.name == "mysql":
        return _mysql_bucket(tree, unit)
    name = "ISOWEEK" if unit == "week" and dialect.name == "bigquery" else unit.upper()
    if dialect.name == "clickhouse" and unit == "week":
        return call("toMonday", tree)
    truncated: exp.Expr = exp.TimestampTrunc(this=tree, unit=exp.Var(this=name))
    if dialect.name in {"bigquery", "snowflake", "trino"}:
        truncated = exp.TimestampTrunc(this=exp.Cast(this=tree, to=kind("TIMESTAMP")), unit=exp.Var(this=name))
    if unit in {"second", "minute", "hour"}:
        return truncated
    return exp.Cast(this=truncated, to=kind("DATE"))


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


def _months(tree: exp.Expr, months: int, origin: datetime, dialect: SqlDialect) -> exp.Expr:
    """Whole months since the origin, of which the last counts only when its day and time are reached, in steps of `months`."""
    moved = _shift(
        tree, -(origin - origin.replace(day=1, hour=0, minute=0, second=0, microsecond=0)).total_seconds(), dialect
    )
    since = exp.Sub(this=_month_number(moved, dialect), expression=number(origin.year * 12 + origin.month - 1))
    steps = _floored(exp.Paren(this=since), months, dialect)
    return _add(origin, exp.Mul(this=steps, expression=number(months)), "month", dialect)


def _seconds(tree: exp.Expr, granularity: Granularity, origin: datetime, dialect: SqlDialect) -> exp.Expr:
    since = exp.Sub(
        this=_epoch(tree, dialect), expression=number(int((origin - type(origin)(1970, 1, 1)).total_seconds()))
    )
    steps = _floored(exp.Paren(this=since), granularity.seconds, dialect)
    found = _add(origin, exp.Mul(this=steps, expression=number(granularity.seconds)), "second", dialect)
    if granularity.whole_days:
        return call("DATE", found) if dialect.name == "sqlite" else exp.Cast(this=found, to=kind("DATE"))
    return found


def _shift(tree: exp.Expr, seconds: float, dialect: SqlDialect) -> exp.Expr:
    if not seconds:
        return tree
    if dialect.name == "sqlite":
        return call("DATETIME", tree, text(f"{int(seconds)} seconds"))
    return _plus(tree, number(int(seconds)), "SECOND", dialect)


def _plus(tree: exp.Expr, count: exp.Expr, unit: str, dialect: SqlDialect) -> exp.Expr:
    if dialect.name in {"duckdb", "postgres", "trino"}:
        if isinstance(count, exp.Literal):
            whole = exp.Interval(this=text(count.name), unit=exp.Var(this=unit))
            return exp.Add(this=exp.Cast(this=tree, to=kind("TIMESTAMP")), expression=whole)
        one = exp.Interval(this=text("1"), unit=exp.Var(this=unit))
        return exp.Add(
            this=exp.Cast(this=tree, to=kind("TIMESTAMP")),
            expression=exp.Mul(this=exp.Paren(this=count), expression=one),
        )
    if dialect.name in {"clickhouse", "snowflake"}:
        name = {"clickhouse": f"add{unit.capitalize()}s", "snowflake": "DATEADD"}[dialect.name]
        return call(name, tree, count) if dialect.name == "clickhouse" else call(name, exp.Var(this=unit), count, tree)
    if dialect.name == "spark":
        return call("TIMESTAMPADD", exp.Var(this=unit), count, tree)
    if dialect.name == "bigquery":
        return call(
            "DATETIME_ADD", exp.Cast(this=tree, to=kind("TIMESTAMP")), exp.Interval(this=count, unit=exp.Var(this=unit))
        )
    return call("DATE_ADD", tree, exp.Interval(this=exp.Paren(this=count), unit=exp.Var(this=unit)))


def _add(origin: datetime, count: exp.Expr, unit: str, dialect: SqlDialect) -> exp.Expr:
    """The origin moved by a number of months or seconds."""
    midnight = origin.time() == origin.time().min
    if dialect.name == "sqlite":
        shift = exp.DPipe(this=exp.Paren(this=count), expression=text(f" {unit}s"))
        return call("DATE" if midnight and unit == "month" else "DATETIME", text(origin.isoformat(" ")), shift)
    start = exp.Cast(this=text(origin.isoformat(" ")), to=kind("TIMESTAMP"))
    moved = _plus(start, count, unit.upper(), dialect)
    return exp.Cast(this=moved, to=kind("DATE")) if midnight and unit == "month" else moved


def _month_number(tree: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """Months since the year 0, January being 0."""
    if dialect.name == "sqlite":
        parts: list[exp.Expr] = [
            call("STRFTIME", text(form), part) for form, part in (("%Y", tree), ("%m", tree.copy()))
        ]
    else:
        units = (("YEAR", tree), ("MONTH", tree.copy()))
        parts = [exp.Extract(this=exp.Var(this=unit), expression=part) for unit, part in units]
    year, month = parts
    return exp.Sub(this=exp.Add(this=exp.Mul(this=year, expression=number(12)), expression=month), expression=number(1))


def _epoch(tree: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """Seconds since 1970 of a wall-clock time."""
    functions: dict[str, Callable[[exp.Expr], exp.Expr]] = {
        "sqlite": lambda x: exp.Cast(this=call("STRFTIME", text("%s"), x), to=kind("BIGINT")),
        "clickhouse": lambda x: call("toUnixTimestamp", x),
        "spark": lambda x: call("UNIX_TIMESTAMP", x),
        "trino": lambda x: call("TO_UNIXTIME", exp.Cast(this=x, to=kind("TIMESTAMP"))),
        "bigquery": lambda x: call("UNIX_SECONDS", exp.Cast(this=x, to=kind("TIMESTAMPTZ"))),
        "snowflake": lambda x: call("DATE_PART", exp.Var(this="EPOCH_SECOND"), x),
        "mysql": lambda x: call("TIMESTAMPDIFF", exp.Var(this="SECOND"), text("1970-01-01"), x),
        "duckdb": lambda x: call("EPOCH", exp.Cast(this=x, to=kind("TIMESTAMP"))),
    }
    if dialect.name in functions:
        return functions[dialect.name](tree)
    return exp.Extract(this=exp.Var(this="EPOCH"), expression=exp.Cast(this=tree, to=kind("TIMESTAMP")))


def _floored(tree: exp.Expr, divisor: int, dialect: SqlDialect) -> exp.Expr:
    """Division that rounds down, also below zero."""
    if dialect.name == "sqlite":
        # SQLite has no FLOOR before 3.35 and truncates integers toward zero: take the remainder away first.
        remainder = exp.Mod(
            this=exp.Paren(
                this=exp.Add(this=exp.Mod(this=tree, expression=number(divisor)), expression=number(divisor))
            ),
            expression=number(divisor),
        )
        whole = exp.Paren(this=exp.Sub(this=tree.copy(), expression=exp.Paren(this=remainder)))
        return exp.Paren(this=exp.Div(this=whole, expression=number(divisor), typed=True))
    ratio = exp.Div(this=exp.Cast(this=tree, to=kind("DOUBLE")), expression=number(divisor))
    return exp.Cast(this=exp.Floor(this=ratio), to=kind("BIGINT"))


def next_bucket(tree: exp.Expr, granularity: Granularity, dialect: SqlDialect) -> exp.Expr:
    """The start of the bucket after the one that starts at `tree`."""
    count, unit = (granularity.months, "month") if granularity.months else (granularity.seconds, "second")
    if granularity.seconds and granularity.seconds % 86_400 == 0:
        count, unit = granularity.seconds // 86_400, "day"
    if dialect.name == "sqlite":
        return call("DATE" if granularity.whole_days else "DATETIME", tree, text(f"+{count} {unit}s"))
    moved = _plus(tree, number(count), unit.upper(), dialect)
    return exp.Cast(this=moved, to=kind("DATE")) if granularity.whole_days else moved


def shifted(tree: exp.Expr, count: int, unit: str, dialect: SqlDialect, *, day: bool) -> exp.Expr:
    """A time moved by a number of calendar units; the last of a month stays the last where the other month is shorter.

    `day` says that the time is a date, and that the unit keeps it one.
    """
    if count == 0:
        return tree
    months = UNIT_MONTHS.get(unit, 0) * count
    if dialect.name == "sqlite":
        return _sqlite_shifted(tree, months, count, unit, day=day)
    amount, of = (
        (months, "MONTH")
        if months
        else (count * (7 if unit == "week" else 1), "DAY" if unit == "week" else unit.upper())
    )
    moved = _plus(tree, number(amount), of, dialect)
    return exp.Cast(this=moved, to=kind("DATE")) if day else moved


def _sqlite_shifted(tree: exp.Expr, months: int, count: int, unit: str, *, day: bool) -> exp.Expr:
    name = "DATE" if day else "DATETIME"
    if not months:
        days = {"week": (7 * count, "day")}.get(unit, (count, unit))
        return call(name, tree, text(f"{days[0]:+d} {days[1]}s"))
    # SQLite lets the 31st of a shorter month run over into the next: the end of that month is the bound.
    moved = call(name, tree, text(f"{months:+d} months"))
    last = call(name, tree.copy(), text("start of month"), text(f"{months + 1:+d} months"), text("-1 second"))
    if day:
        last = call(name, tree.copy(), text("start of month"), text(f"{months + 1:+d} months"), text("-1 day"))
    return call("MIN", moved, last)
