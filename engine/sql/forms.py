"""Constructs that sqlglot writes wrong or not at all for a database: a form of ours, or a refusal that names them.

SQLite has neither types of time nor intervals; what it makes of a cast to one is silently a number. Here they become calls of its
own functions on texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.errors import Issue, QueryError
from engine.sql.moves import shifted
from engine.sql.nodes import call, kind, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.sql.dialects import SqlDialect

_DATES = frozenset({exp.DType.DATE})
_TIMES = frozenset(
    {exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPLTZ, exp.DType.TIMESTAMPNTZ, exp.DType.DATETIME}
)
_INTEGERS = frozenset({exp.DType.INT, exp.DType.BIGINT, exp.DType.SMALLINT, exp.DType.TINYINT})
_PARTS = {
    "year": "%Y",
    "month": "%m",
    "day": "%d",
    "hour": "%H",
    "minute": "%M",
    "second": "%S",
    "dow": "%w",
    "doy": "%j",
    "epoch": "%s",
}
_SQLITE_LACKS: tuple[tuple[type[exp.Expr], str], ...] = (
    (exp.AtTimeZone, "AT TIME ZONE"),
    (exp.Interval, "INTERVAL, other than added to or taken from a time"),
    (exp.PercentileCont, "PERCENTILE_CONT beside other terms"),
    (exp.PercentileDisc, "PERCENTILE_DISC"),
    (exp.Median, "MEDIAN beside other terms"),
    (exp.Stddev, "STDDEV"),
    (exp.Variance, "VARIANCE"),
    (exp.RegexpLike, "regular expressions"),
    (exp.RegexpILike, "regular expressions"),
    (exp.Array, "arrays"),
    (exp.ArrayAgg, "ARRAY_AGG"),
    (exp.Unnest, "UNNEST"),
    (exp.GenerateSeries, "GENERATE_SERIES"),
)


def in_dialect(node: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """The node in a form that the database understands; raises QueryError `E_UNSUPPORTED` if there is none."""
    if dialect.name != "sqlite":
        return node
    form = _SQLITE_FORMS.get(type(node))
    found = form(node, dialect) if form is not None else None
    if found is not None:
        return found
    for lacking, what in _SQLITE_LACKS:
        if isinstance(node, lacking):
            hint = "Write it another way in the model, or ask a database that has it."
            raise QueryError(
                Issue("E_UNSUPPORTED", f"The model's SQL uses {what}, which SQLite does not have.", hint=hint)
            )
    return node


def _cast(node: exp.Expr, _: SqlDialect) -> exp.Expr | None:
    target = node.args["to"].this
    if target in _DATES:
        return call("DATE", node.this)
    if target in _TIMES:
        return call("DATETIME", node.this)
    if target in _INTEGERS:
        # Elsewhere a cast of a fraction rounds; SQLite's cuts it off.
        return exp.Cast(this=call("ROUND", node.this), to=kind("BIGINT"))
    return None


def _moved(node: exp.Expr, dialect: SqlDialect) -> exp.Expr | None:
    """A time with an interval added or taken away."""
    interval = node.args["expression"]
    if isinstance(node, exp.Sub) and isinstance(node.this, exp.Column) and isinstance(interval, exp.Column):
        return _difference(node, node.this, interval)
    if not isinstance(interval, exp.Anonymous) or interval.name != _INTERVAL:
        return None
    count, unit = interval.expressions
    sign = -1 if isinstance(node, exp.Sub) else 1
    return shifted(node.this, sign * int(count.name), unit.name, dialect, day=False)


def _difference(node: exp.Expr, left: exp.Column, right: exp.Column) -> exp.Expr:
    """One column less another: days, where they hold dates, which SQLite keeps as texts and would take for 0."""
    textual = exp.EQ(this=call("TYPEOF", left.copy()), expression=text("text"))
    days = exp.Sub(this=call("JULIANDAY", left.copy()), expression=call("JULIANDAY", right.copy()))
    return exp.Case(ifs=[exp.If(this=textual, true=days)], default=node)


def _interval(node: exp.Expr, _: SqlDialect) -> exp.Expr | None:
    """A constant interval, kept for the sum that it stands in."""
    unit = node.args.get("unit")
    parts = f"{node.name} {unit.name if isinstance(unit, exp.Expr) else ''}".split()
    if len(parts) != 2 or not parts[0].lstrip("-").isdigit():
        return None
    return call(_INTERVAL, text(parts[0]), text(parts[1].lower().removesuffix("s")))


def _extract(node: exp.Expr, _: SqlDialect) -> exp.Expr | None:
    part = node.this.name.lower()
    if part == "quarter":
        month = exp.Cast(this=call("STRFTIME", text("%m"), node.expression), to=kind("BIGINT"))
        two = exp.Literal(this="2", is_string=False)
        return exp.Paren(
            this=exp.Div(
                this=exp.Paren(this=exp.Add(this=month, expression=two)),
                expression=exp.Literal(this="3", is_string=False),
                typed=True,
            )
        )
    if part not in _PARTS:
        raise QueryError(Issue("E_UNSUPPORTED", f"The model's SQL extracts {part!r}, which SQLite cannot."))
    return exp.Cast(this=call("STRFTIME", text(_PARTS[part]), node.expression), to=kind("BIGINT"))


def _ilike(node: exp.Expr, _: SqlDialect) -> exp.Expr:
    return exp.Like(this=node.this, expression=node.expression)


def _extreme(node: exp.Expr, _: SqlDialect) -> exp.Expr:
    """The greatest or least of several values; where nulls are left out, each null stands for one of the others."""
    values = [node.this, *node.expressions]
    if node.args.get("ignore_nulls") and len(values) > 1:
        turns = [[each.copy() for each in (*values[at:], *values[:at])] for at in range(len(values))]
        values = [exp.Coalesce(this=first, expressions=others) for first, *others in turns]
    return call("MAX" if isinstance(node, exp.Greatest) else "MIN", *values)


_INTERVAL = "__interval"
_SQLITE_FORMS: dict[type[exp.Expr], Callable[[exp.Expr, SqlDialect], exp.Expr | None]] = {
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Add: _moved,
    exp.Sub: _moved,
    exp.Interval: _interval,
    exp.Extract: _extract,
    exp.ILike: _ilike,
    exp.Greatest: _extreme,
    exp.Least: _extreme,
}
