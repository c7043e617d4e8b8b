"""Times moved by calendar units, in the words of each database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.model.granularity import UNIT_MONTHS
from engine.sql.nodes import call, kind, number, text

if TYPE_CHECKING:
    from engine.sql.dialects import SqlDialect


def moved(tree: exp.Expr, count: exp.Expr, unit: str, dialect: SqlDialect) -> exp.Expr:
    """A time moved by a number of units, which may be an expression; not for SQLite, whose functions take modifiers.

    A day that the month reached lacks becomes its last day.
    """
    if dialect.name in {"duckdb", "postgres"}:
        if isinstance(count, exp.Neg):
            return exp.Sub(this=as_time(tree), expression=_interval(count.this, unit))
        return exp.Add(this=as_time(tree), expression=_interval(count, unit))
    if dialect.name == "trino":
        return call("DATE_ADD", text(unit.lower()), count, as_time(tree))
    if dialect.name == "clickhouse":
        return call(f"add{unit.capitalize()}s", tree, count)
    if dialect.name in {"snowflake", "spark"}:
        name = "DATEADD" if dialect.name == "snowflake" else "TIMESTAMPADD"
        return call(name, exp.Var(this=unit), count, tree)
    interval = exp.Interval(this=_operand(count), unit=exp.Var(this=unit))
    if dialect.name == "bigquery":
        return call("DATETIME_ADD", as_time(tree), interval)
    return call("DATE_ADD", tree, interval)


def as_time(tree: exp.Expr) -> exp.Expr:
    """A time as one without a zone, whatever it is stored as."""
    inner = tree.this if isinstance(tree, exp.TimestampTrunc) else tree
    if isinstance(inner, exp.Cast) and inner.args["to"].this == exp.DType.TIMESTAMP:
        return tree
    return exp.Cast(this=tree, to=kind("TIMESTAMP"))


def as_date(tree: exp.Expr) -> exp.Expr:
    """The day of a time."""
    if isinstance(tree, exp.Cast) and tree.args["to"].this == exp.DType.DATE:
        return tree
    return exp.Cast(this=tree, to=kind("DATE"))


def shifted(tree: exp.Expr, count: int, unit: str, dialect: SqlDialect, *, day: bool) -> exp.Expr:
    """A time moved by a number of calendar units; the last of a month stays the last where the other month is shorter.

    `day` says that the time is a date, and that the unit keeps it one.
    """
    if count == 0:
        return tree
    months = UNIT_MONTHS.get(unit, 0) * count
    if dialect.name == "sqlite":
        return _sqlite_shifted(tree, months, count, unit, day=day)
    if months:
        found = moved(tree, signed(months), "MONTH", dialect)
    elif unit == "week":
        found = moved(tree, signed(7 * count), "DAY", dialect)
    else:
        found = moved(tree, signed(count), unit.upper(), dialect)
    return as_date(found) if day else found


def signed(count: int) -> exp.Expr:
    """A whole number, perhaps below 0."""
    return exp.Neg(this=number(-count)) if count < 0 else number(count)


def _interval(count: exp.Expr, unit: str) -> exp.Expr:
    if isinstance(count, exp.Literal):
        return exp.Interval(this=text(count.name), unit=exp.Var(this=unit))
    one = exp.Interval(this=text("1"), unit=exp.Var(this=unit))
    return exp.Mul(this=_operand(count), expression=one)


def _operand(count: exp.Expr) -> exp.Expr:
    return exp.Paren(this=count) if isinstance(count, exp.Binary | exp.Case) else count


def _sqlite_shifted(tree: exp.Expr, months: int, count: int, unit: str, *, day: bool) -> exp.Expr:
    name = "DATE" if day else "DATETIME"
    if not months:
        days = {"week": (7 * count, "day")}.get(unit, (count, unit))
        return call(name, tree, text(f"{days[0]:+d} {days[1]}s"))
    # SQLite lets the 31st of a shorter month run over into the next: the day stays within the month that is reached.
    plain = call(name, tree, text(f"{months:+d} months"))
    last: exp.Expr = call("DATE", tree.copy(), text("start of month"), text(f"{months + 1:+d} months"), text("-1 day"))
    if not day:
        last = exp.DPipe(this=exp.DPipe(this=last, expression=text(" ")), expression=call("TIME", tree.copy()))
    return call("MIN", plain, last)
