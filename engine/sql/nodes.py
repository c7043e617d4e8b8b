"""Nodes of SQL that every part of a statement is made of."""

from __future__ import annotations

from sqlglot import exp


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A function by the name that the database knows."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def text(value: str) -> exp.Literal:
    """A text literal; never for what a caller sent."""
    return exp.Literal(this=value, is_string=True)


def number(value: float) -> exp.Expr:
    """A number literal."""
    if value < 0:
        return exp.Paren(this=exp.Neg(this=exp.Literal(this=str(-value), is_string=False)))
    return exp.Literal(this=str(value), is_string=False)


def kind(name: str) -> exp.DataType:
    """A data type."""
    return exp.DataType(this=exp.DType[name])
