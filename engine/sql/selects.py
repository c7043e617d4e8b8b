"""A SELECT from its parts, and expressions under their names."""

from __future__ import annotations

from sqlglot import exp

from engine.sql.names import identifier


def grouped(
    expressions: list[exp.Expr],
    group_count: int,
    start: exp.From,
    joins: list[exp.Join],
    where: exp.Where | None,
    having: exp.Expr | None = None,
) -> exp.Select:
    """A SELECT grouped by its first expressions."""
    ordinals = [exp.Literal(this=str(index + 1), is_string=False) for index in range(group_count)]
    return exp.Select(
        expressions=expressions,
        from_=start,
        joins=joins,
        where=where,
        group=exp.Group(expressions=ordinals) if ordinals else None,
        having=exp.Having(this=having) if having is not None else None,
    )


def named(this: exp.Expr, name: str) -> exp.Expr:
    """An expression under its name; a column that has that name already stands for itself."""
    # Of a table's column, SQLite takes the bare name in ORDER BY for any table's: it is ambiguous unless it is an alias.
    if isinstance(this, exp.Column) and this.name == name and not this.table:
        return this
    return exp.Alias(this=this, alias=identifier(name))
