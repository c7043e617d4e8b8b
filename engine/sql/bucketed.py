"""Buckets of a partner's time, worked out before the partner is joined.

FROM bugs INNER JOIN (
  SELECT tests.id, tests.status, CAST(DATE_TRUNC('MONTH', tests.end_at) AS DATE) AS month FROM tests
) AS tests ON bugs.test_id = tests.id

A database that joins by hashing carries the month of each test along with it; otherwise it would work it out for each bug. So would
SQLite, which takes the relation apart again unless it has a limit; -1 is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.sql.moves import signed
from engine.sql.names import column, identifier
from engine.sql.selects import named

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from engine.sql.dialects import SqlDialect


def bucket_before_joining(select: exp.Select, alias: str, names: Collection[str], dialect: SqlDialect) -> None:
    """Move the expressions of these names into the relation `alias`, if a join of the statement brings it."""
    join = next((each for each in select.args.get("joins") or () if each.alias_or_name == alias), None)
    buckets = {each.alias: each for each in select.expressions if isinstance(each, exp.Alias) and each.alias in names}
    if join is None or not buckets:
        return
    inside = {name: each.this.pop() for name, each in buckets.items()}
    read = {each.name: each.this for each in _columns(select, alias)}
    relation = exp.Select(
        expressions=[
            *(exp.Column(this=this.copy(), table=identifier(alias)) for this in read.values()),
            *(named(this, _free(name, read)) for name, this in inside.items()),
        ],
        from_=exp.From(this=join.this),
        limit=exp.Limit(expression=signed(-1)) if dialect.looks_up else None,
    )
    join.set("this", exp.Subquery(this=relation, alias=exp.TableAlias(this=identifier(alias))))
    for name, each in buckets.items():
        each.set("this", column(_free(name, read), alias))


def _columns(select: exp.Select, alias: str) -> Iterator[exp.Column]:
    """The columns of a relation that the statement reads; what other relations are made of has names of its own."""

    def is_relation(node: exp.Expr) -> bool:
        return isinstance(node, exp.Subquery) and isinstance(node.parent, exp.From | exp.Join)

    for node in select.walk(prune=is_relation):
        if isinstance(node, exp.Column) and node.table == alias:
            yield node


def _free(name: str, taken: Collection[str]) -> str:
    """A name that no column read has."""
    while name in taken:
        name += "_"
    return name
