"""Reading an analyst's tree into a new one, in the forms that the database at hand understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from engine.sql.forms import in_dialect

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.sql.dialects import SqlDialect


def rebuilt(node: exp.Expr, replace: Callable[[exp.Expr], exp.Expr | None], dialect: SqlDialect) -> exp.Expr:
    """A new tree like `node`; where `replace` gives a node, that stands instead of the one it was given.

    Raises QueryError for what the database cannot compute.
    """
    found = replace(node)
    if found is not None:
        return found
    arguments: dict[str, Any] = {}
    for key, value in node.args.items():
        if isinstance(value, exp.Expr):
            arguments[key] = rebuilt(value, replace, dialect)
        elif isinstance(value, list):
            arguments[key] = [rebuilt(each, replace, dialect) if isinstance(each, exp.Expr) else each for each in value]
        else:
            arguments[key] = value
    return in_dialect(type(node)(**arguments), dialect)
