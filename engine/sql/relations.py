"""FROM and JOIN: the instances of a fact as tables, with short aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.sql.names import column, identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.model.members import Path
    from engine.model.model import Cube
    from engine.plan.plan import Instance


def aliases_for(instances: Iterable[Instance]) -> dict[Path, str]:
    """A name for each instance: the cube's, and where a cube stands twice, what leads to it before."""
    found: dict[Path, str] = {}
    taken: set[str] = set()
    for instance in instances:
        if instance.path in found:
            continue
        alias = _spelled(instance.path[-1])
        for part in reversed(instance.path[:-1]):
            if alias not in taken:
                break
            alias = f"{_spelled(part)}_{alias}"
        while alias in taken:
            alias += "_"
        taken.add(alias)
        found[instance.path] = alias
    return found


def _spelled(part: str) -> str:
    """A step of a path as part of a name in SQL."""
    return part.removeprefix("@").removeprefix("*").replace(":", "_")


def relation(cube: Cube, alias: str, source: Callable[[Cube], exp.Expr]) -> exp.Expr:
    """A cube as a table under its alias; `source` writes a query that stands in a table's place."""
    if cube.table is not None:
        named = exp.TableAlias(this=identifier(alias)) if cube.table[-1] != alias or len(cube.table) > 1 else None
        return table(cube.table, named)
    return exp.Subquery(this=source(cube), alias=exp.TableAlias(this=identifier(alias)))


def table(parts: tuple[str, ...], alias: exp.TableAlias | None = None) -> exp.Table:
    """A table by its qualified name."""
    names = dict(zip(("this", "db", "catalog"), (identifier(part) for part in reversed(parts)), strict=False))
    return exp.Table(**names, alias=alias)


def lookup_condition(keys: Iterable[tuple[exp.Expr, str]], alias: str) -> exp.Expr:
    """The owner's row beside the row that was computed for it."""
    parts: list[exp.Expr] = [exp.EQ(this=key, expression=column(name, alias)) for key, name in keys]
    joined = parts[0]
    for part in parts[1:]:
        joined = exp.And(this=joined, expression=part)
    return joined


def joined(this: exp.Expr, on: exp.Expr, *, inner: bool) -> exp.Join:
    """A join of one more relation."""
    return exp.Join(this=this, kind="INNER", on=on) if inner else exp.Join(this=this, side="LEFT", on=on)
