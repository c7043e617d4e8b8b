"""Divisions in the SQL of single rows, which databases answer differently where both sides are whole numbers.

SQLite and PostgreSQL give a whole number, DuckDB and ClickHouse a fraction. What is derived from measures always divides as reals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.errors import Issue
from engine.model.members import Measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.members import Sql
    from engine.model.model import Cube

_REALS = exp.DataType.FLOAT_TYPES | {exp.DType.DECIMAL}
_GIVE_REALS = (exp.Sqrt, exp.Ln, exp.Exp, exp.Pow, exp.Extract, exp.Interval)


def division_issues(cube: Cube) -> Iterator[Issue]:
    """A warning for each member of which a row's value depends on how the database divides whole numbers."""
    for member in cube.members():
        for sql in _of_rows(member):
            if any(_may_be_whole(division) for division in sql.tree.find_all(exp.Div)):
                message = f"{member.full_name} divides what may be whole numbers: some databases drop the fraction, others keep it."
                hint = "Say which is meant: `1.0 * a / b`, or `FLOOR(a / b)`."
                yield Issue("W_DIVISION", message, place=sql.place, hint=hint, severity="warning")


def _of_rows(member: object) -> Iterator[Sql]:
    """The expressions of a member that are computed for each row."""
    if isinstance(member, Measure) and (member.derived or member.staged or member.aggregate):
        return
    for sql in (getattr(member, "sql", None), *getattr(member, "filters", ())):
        if sql is not None:
            yield sql


def _may_be_whole(division: exp.Div) -> bool:
    around = division.find_ancestor(exp.Floor, exp.Cast)
    floored = isinstance(around, exp.Floor) or (
        isinstance(around, exp.Cast) and around.to.this in exp.DataType.INTEGER_TYPES
    )
    return not floored and not _is_real(division.this) and not _is_real(division.expression)


def _is_real(node: exp.Expr) -> bool:
    """Whether an expression is certainly no whole number in type."""
    if isinstance(node, exp.Literal):
        return not node.is_string and "." in node.this
    if isinstance(node, exp.Cast | exp.TryCast):
        return node.to.this in _REALS
    if isinstance(node, exp.Paren | exp.Neg | exp.Nullif | exp.Coalesce | exp.Round | exp.Abs):
        return _is_real(node.this)
    if isinstance(node, exp.Binary):
        return _is_real(node.left) or _is_real(node.right)
    return isinstance(node, _GIVE_REALS)
