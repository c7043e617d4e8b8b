"""Medians and percentiles where the database has none: rows numbered within their group, the one or two at the place interpolated.

Of n values in order, the share p lies at place p * (n - 1), counted from 0; between two places the values are mixed, as by the
PERCENTILE_CONT of the standard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.sql.expressions import is_null
from engine.sql.names import column, identifier
from engine.sql.nodes import kind, number
from engine.sql.selects import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.model.members import Measure

PERCENTILE_TYPES = frozenset({"median", "percentile"})


def with_places(
    rows: exp.Expr, alias: str, shown: Iterable[str], values: Iterable[str], groups: Sequence[str]
) -> exp.Select:
    """The columns `shown` of `rows`, which are called `alias`; for each of `values`, its place in its group and their number."""
    found: list[exp.Expr] = [column(name, alias) for name in shown]
    for name in values:
        order = [
            exp.Ordered(this=is_null(column(name, alias)), nulls_first=False),
            exp.Ordered(this=column(name, alias), nulls_first=True),
        ]
        numbered = exp.Window(
            this=exp.RowNumber(), partition_by=_columns(groups, alias), order=exp.Order(expressions=order)
        )
        counted = exp.Window(this=exp.Count(this=column(name, alias)), partition_by=_columns(groups, alias))
        found += [named(exp.Sub(this=numbered, expression=number(1)), _rank(name)), named(counted, _count(name))]
    source = exp.Subquery(this=rows, alias=exp.TableAlias(this=identifier(alias)))
    return exp.Select(expressions=found, from_=exp.From(this=source))


def percentile(measure: Measure, name: str, alias: str) -> exp.Expr:
    """The aggregate of the values `name` of a relation that has their places."""
    share = 0.5 if measure.type == "median" else measure.percentile or 0.5
    lower = exp.EQ(this=column(_rank(name), alias), expression=_floor(name, alias, share))
    above = exp.Add(this=_floor(name, alias, share), expression=number(1))
    upper = exp.EQ(this=column(_rank(name), alias), expression=above)
    part = exp.Paren(this=exp.Sub(this=_place(name, alias, share), expression=_floor(name, alias, share)))
    rest = exp.Paren(this=exp.Sub(this=number(1), expression=part))
    value = column(name, alias)
    ifs = [
        exp.If(this=lower, true=exp.Mul(this=value, expression=rest)),
        exp.If(this=upper, true=exp.Mul(this=value.copy(), expression=part.copy())),
    ]
    return exp.Sum(this=exp.Case(ifs=ifs))


def _place(name: str, alias: str, share: float) -> exp.Expr:
    last = exp.Paren(this=exp.Sub(this=column(_count(name), alias), expression=number(1)))
    return exp.Mul(this=number(share), expression=last)


def _floor(name: str, alias: str, share: float) -> exp.Expr:
    return exp.Cast(this=_place(name, alias, share), to=kind("BIGINT"))


def _columns(names: Iterable[str], alias: str) -> list[exp.Expr] | None:
    return [column(name, alias) for name in names] or None


def _rank(name: str) -> str:
    return f"{name}__rank"


def _count(name: str) -> str:
    return f"{name}__count"
