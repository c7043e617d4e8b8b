"""Where a member's value comes from: the columns of tables that its SQL reads, and whether it divides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.model.members import Measure, instance_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.model.members import Dimension, Sql
    from engine.model.model import Cube, Model


def divides(measure: Measure) -> bool:
    """Whether a measure's own expression divides."""
    return measure.sql is not None and measure.sql.tree.find(exp.Div) is not None


def every_part(measures: Iterable[Measure]) -> Iterator[Measure]:
    """These measures and all that they are computed from, each once."""
    seen: set[Measure] = set()
    waiting = list(measures)
    while waiting:
        measure = waiting.pop()
        if measure not in seen:
            seen.add(measure)
            waiting += measure.references.values()
            yield measure


def columns_of(member: Dimension | Measure, model: Model) -> tuple[str, ...]:
    """The columns, as `table.column`, that a member is computed from, each once, in the order of its SQL.

    A plain count reads rows and no column: it is `table.*`. A column of a cube that is a query in place of a table goes by the
    name of the cube.
    """
    return tuple(dict.fromkeys(_columns(member, model)))


def _columns(member: Dimension | Measure, model: Model) -> Iterator[str]:
    cube = model.cubes.get(member.cube)
    if member.sql is None and cube is not None:
        yield f"{_table(cube)}.*"
    for sql in (member.sql, *getattr(member, "filters", ())):
        if sql is not None:
            yield from _of_sql(sql, model)
    for reference in getattr(member, "references", {}).values():
        yield from _columns(reference, model)


def _of_sql(sql: Sql, model: Model) -> Iterator[str]:
    for column in sql.tree.find_all(exp.Column, bfs=False):
        path = instance_path(column.table)
        owner = path[-1] if path else ""
        if owner in model.cubes:
            yield f"{_table(model.cubes[owner])}.{column.name}"
        elif owner.startswith("@"):
            home, _, name = owner.removeprefix("@").partition(":")
            measure = model.cubes[home].declared(name)
            assert isinstance(measure, Measure)
            yield from _columns(measure, model)


def _table(cube: Cube) -> str:
    return ".".join(cube.table) if cube.table is not None else cube.name
