"""Does an expression suit the place that it stands in? A condition is one, a row's value aggregates nothing, a number does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from engine.model.members import MARK

if TYPE_CHECKING:
    from engine.model.members import Dimension

Mistake = tuple[str, str, str]
"""Code, message and hint."""

_NO_CONDITION = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe, exp.Literal, exp.Lower, exp.Upper, exp.Abs)
_OF_MANY_ROWS = (exp.AggFunc, exp.WithinGroup, exp.Filter)
_ADDED_UP = frozenset({"sum", "avg", "median", "percentile"})
_ALONE = re.compile(r"\{[^{}]*\}\Z")
_WORDS = {"string": "text", "boolean": "true or false", "time": "a time"}


def is_alone(text: str) -> bool:
    """Whether a snippet is one reference and nothing else."""
    return _ALONE.match(text.strip()) is not None


def condition_mistake(tree: exp.Expr, alone: Dimension | None, what: str) -> Mistake | None:
    """Why an expression cannot be a condition on rows; `alone` is the dimension that is all of it."""
    found = row_mistake(tree, what)
    if found is not None:
        return found
    if (alone is not None and alone.type != "boolean") or isinstance(tree.unnest(), _NO_CONDITION):
        given = f"{alone.full_name}, which is {_word(alone)}" if alone is not None else "a value"
        message = f"{what} is no condition: it is {given}."
        return "E_SQL", message, "Compare it with something, as in {status} = 'paid'."
    return None


def row_mistake(tree: exp.Expr, what: str) -> Mistake | None:
    """Why an expression cannot be computed for a single row: it aggregates many."""
    found = aggregate_in(tree)
    if found is None:
        return None
    message = f"{what} has the aggregate {found}, of many rows, where each row by itself is meant."
    return (
        "E_MEASURE_IN_DIMENSION",
        message,
        "Aggregates stand in measures; a dimension with `sub_query: true` can read one.",
    )


def value_mistake(kind: str, tree: exp.Expr, alone: Dimension | None, what: str) -> Mistake | None:
    """Why an expression cannot be what a measure of the type `kind` aggregates."""
    found = aggregate_in(tree)
    if found is not None:
        message = f"{what} aggregates twice: its SQL by {found}, and its type {kind}."
        return "E_UNSAFE_REAGGREGATION", message, "Leave the function out, or make it `type: number`."
    if kind in _ADDED_UP and alone is not None and alone.type != "number":
        message = f"{what} is of the type {kind} and reads {alone.full_name}, which is {_word(alone)} and no number."
        return "E_WRONG_TYPE", message, "Count it (`count_distinct`), or read a number."
    return None


def loose_column(tree: exp.Expr, what: str) -> Mistake | None:
    """Why an expression that aggregates by itself has no single value in a group: a column stands outside of its aggregates."""
    for column in tree.find_all(exp.Column):
        if column.table.startswith(MARK) and not _is_inside(column, (*_OF_MANY_ROWS, exp.Query)):
            message = (
                f"{what} names the column {column.name!r} outside of an aggregate; the rows of a group differ in it."
            )
            hint = (
                "Write SUM(…) or another aggregate around it, or give the measure a type that aggregates: sum, max, …"
            )
            return "E_UNSAFE_REAGGREGATION", message, hint
    return None


def aggregate_in(tree: exp.Expr) -> str | None:
    """The name of an aggregate function over the rows of the cube; not of a window, nor of a query of the analyst's own."""
    for function in tree.find_all(exp.AggFunc):
        if function.expressions and isinstance(function, exp.Max | exp.Min):
            continue  # SQLite's MAX(a, b) compares values of one row.
        if not isinstance(function.parent, exp.Window) and not _is_inside(function, (exp.Query, exp.Window)):
            return function.sql_name()
    return None


def _is_inside(node: exp.Expr, kinds: tuple[type[exp.Expr], ...]) -> bool:
    return node.find_ancestor(*kinds) is not None


def _word(dimension: Dimension) -> str:
    return _WORDS.get(dimension.type, "a number")


def compared_with(column: exp.Column) -> list[str]:
    """The texts that a column is compared with where it stands.

    >>> compared_with(exp.maybe_parse("status IN ('paid', 'open')").find(exp.Column))
    ['paid', 'open']
    """
    around = column.parent
    others: list[exp.Expr | None] = []
    if isinstance(around, exp.EQ | exp.NEQ):
        others = [around.left, around.right]
    elif isinstance(around, exp.In) and around.this is column:
        others = list(around.expressions)
    elif isinstance(around, exp.Case) and around.this is column:
        others = [branch.this for branch in around.args["ifs"]]
    return [each.name for each in others if isinstance(each, exp.Literal) and each.is_string]
