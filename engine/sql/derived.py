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


def derived_value(measure: Measure, value: Callable[[Measure], exp.Expr]) -> exp.Expr:
    """A derived measure's expression, with `value` of each measure that has a home put in."""
    assert measure.sql is not None
    holder = exp.Paren(this=_read(measure.sql.tree, measure, value))
    as_ratio(holder)
    this = holder.this.pop()
    return filled(this, measure)


def filled(this: exp.Expr, measure: Measure) -> exp.Expr:
    """The value, with what the measure declares in place of null."""
    if measure.fill_nulls_with is None:
        return this
    return exp.Coalesce(this=this, expressions=[number(measure.fill_nulls_with)])


def _read(node: exp.Expr, measure: Measure, value: Callable[[Measure], exp.Expr]) -> exp.Expr:
    if isinstance(node, exp.Column) and node.args.get("table") is None and node.name in measure.references:
        reference = measure.references[node.name]
        return operand(derived_value(reference, value) if reference.derived else value(reference))
    arguments: dict[str, Any] = {}
    for key, child in node.args.items():
        if isinstance(child, exp.Expr):
            arguments[key] = _read(child, measure, value)
        elif isinstance(child, list):
            arguments[key] = [_read(each, measure, value) if isinstance(each, exp.Expr) else each for each in child]
        else:
            arguments[key] = child
    return type(node)(**arguments)
