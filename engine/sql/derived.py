"""Derived measures: computed from the values of others after these are aggregated and merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from engine.model.binder import operand
from engine.sql.expressions import as_ratio
from engine.sql.times import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.members import Measure
    from engine.plan.plan import Formula


def derived_value(formula: Formula, value: Callable[[str], exp.Expr]) -> exp.Expr:
    """A derived measure's expression, with `value` of each leaf, by its name, put in."""
    measure = formula.measure
    assert measure.sql is not None

    def put_in(name: str) -> exp.Expr | None:
        part = formula.parts.get(name)
        if part is None:
            return None
        return operand(value(part) if isinstance(part, str) else derived_value(part, value))

    return filled(ratio(measure.sql.tree, put_in), measure)


def ratio(tree: exp.Expr, put_in: Callable[[str], exp.Expr | None]) -> exp.Expr:
    """An expression over values that are known by name, its divisions those of reals."""
    holder = exp.Paren(this=_read(tree, put_in))
    as_ratio(holder)
    return holder.this.pop()


def filled(this: exp.Expr, measure: Measure) -> exp.Expr:
    """The value, with what the measure declares in place of null."""
    if measure.fill_nulls_with is None:
        return this
    return exp.Coalesce(this=this, expressions=[number(measure.fill_nulls_with)])


def _read(node: exp.Expr, put_in: Callable[[str], exp.Expr | None]) -> exp.Expr:
    if isinstance(node, exp.Column) and node.args.get("table") is None and (found := put_in(node.name)) is not None:
        return found
    arguments: dict[str, Any] = {}
    for key, child in node.args.items():
        if isinstance(child, exp.Expr):
            arguments[key] = _read(child, put_in)
        elif isinstance(child, list):
            arguments[key] = [_read(each, put_in) if isinstance(each, exp.Expr) else each for each in child]
        else:
            arguments[key] = child
    return type(node)(**arguments)
