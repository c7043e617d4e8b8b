"""Derived measures: computed from the values of others after these are aggregated and merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.model.binder import operand
from engine.sql.expressions import as_ratio
from engine.sql.nodes import number
from engine.sql.trees import rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.members import Measure
    from engine.plan.plan import Formula
    from engine.sql.dialects import SqlDialect


def derived_value(formula: Formula, value: Callable[[str], exp.Expr], dialect: SqlDialect) -> exp.Expr:
    """A derived measure's expression, with `value` of each leaf, by its name, put in."""
    measure = formula.measure
    assert measure.sql is not None

    def put_in(name: str) -> exp.Expr | None:
        part = formula.parts.get(name)
        if part is None:
            return None
        return operand(value(part) if isinstance(part, str) else derived_value(part, value, dialect))

    return filled(ratio(measure.sql.tree, put_in, dialect), measure)


def ratio(tree: exp.Expr, put_in: Callable[[str], exp.Expr | None], dialect: SqlDialect) -> exp.Expr:
    """An expression over values that are known by name, its divisions those of reals."""

    def replace(node: exp.Expr) -> exp.Expr | None:
        return put_in(node.name) if isinstance(node, exp.Column) and node.args.get("table") is None else None

    holder = exp.Paren(this=rebuilt(tree, replace, dialect))
    as_ratio(holder, dialect)
    this: exp.Expr = holder.this
    this.pop()
    return this


def filled(this: exp.Expr, measure: Measure) -> exp.Expr:
    """The value, with what the measure declares in place of null."""
    if measure.fill_nulls_with is None:
        return this
    return exp.Coalesce(this=this, expressions=[number(measure.fill_nulls_with)])
