"""Do a model and a database agree? Tables and columns that are read exist, and keys that are taken for unique are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from engine.errors import DatabaseError, Issue
from engine.model.binder import FilterGroup, FilterParam
from engine.model.members import Measure, as_written, instance_path
from engine.sql.dialects import DIALECTS
from engine.sql.expressions import is_null

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from engine.errors import Place
    from engine.execute.database import Database
    from engine.model.members import Sql
    from engine.model.model import Cube, Model

_SECONDS = 60.0
_ABSENT = frozenset({"E_TABLE_MISSING", "E_COLUMN_MISSING", "E_DATABASE_REFUSED"})
_ROW = "checked_row"


@dataclass(frozen=True, slots=True)
class _Unique:
    """Columns of which no two rows of a cube may have the same values, and what holds then."""

    cube: str
    columns: tuple[str, ...]
    place: Place
    claim: str


async def disagreements(model: Model, database: Database) -> tuple[Issue, ...]:
    """Everything in which the model and the database disagree, at its place in the model.

    Reads one row of each table at most, and looks for one repeated key. Cubes whose `sql` depends on the query are left out.
    Raises DatabaseError where the database cannot be asked at all.
    """
    issues: list[Issue] = []
    read = _columns_read(model)
    sources = {name: source for name, cube in model.cubes.items() if (source := _source(cube)) is not None}
    for name, source in sources.items():
        found = [issue async for issue in _absent(model.cubes[name], source, read.get(name, {}), database)]
        issues += found
    if issues:
        return tuple(issues)
    for key in _unique(model):
        if key.cube in sources:
            issues += [issue async for issue in _repeated(key, sources[key.cube], database)]
    return tuple(issues)


async def _absent(
    cube: Cube, source: exp.Select, columns: Mapping[str, Place], database: Database
) -> AsyncIterator[Issue]:
    """A table, or columns of it, that the database does not have."""
    nothing = source.where("1 = 0")
    if await _refusal(database, _reading(nothing, columns)) is None:
        return
    whole = await _refusal(database, _reading(nothing, ()))
    if whole is not None:
        yield Issue(
            whole.code, whole.message, place=cube.place, hint="Correct `sql_table` or `sql`, or make the table."
        )
        return
    for column, place in columns.items():
        wrong = await _refusal(database, _reading(nothing, [column]))
        if wrong is not None:
            message = f"{cube.name!r} reads the column {column}, which its table does not have."
            hint = "Correct its name, or make the column." if wrong.code == "E_COLUMN_MISSING" else wrong.message
            yield Issue("E_COLUMN_MISSING", message, place=place, hint=hint)


async def _repeated(key: _Unique, source: exp.Select, database: Database) -> AsyncIterator[Issue]:
    """A key that several rows have, where the model takes it for unique."""
    columns = [_column(name) for name in key.columns]
    known = exp.and_(*(exp.Not(this=is_null(column.copy())) for column in columns))
    grouped = _reading(source, key.columns).where(known).group_by(*columns).having("COUNT(*) > 1").limit(1)
    found = await database.fetch(grouped.sql(_name(database)), {}, timeout=_SECONDS, max_rows=1)
    for row in found.rows:
        shown = ", ".join(f"{column} = {value!r}" for column, value in zip(key.columns, row, strict=True))
        message = f"{key.claim}, but several rows of {key.cube!r} have {shown}."
        hint = "Such rows would be counted wrongly: name what tells them apart, or correct the relationship."
        yield Issue("E_NOT_UNIQUE", message, place=key.place, hint=hint)


async def _refusal(database: Database, statement: exp.Select) -> Issue | None:
    """Why the database refuses a statement; None where it does not."""
    try:
        await database.fetch(statement.sql(_name(database)), {}, timeout=_SECONDS, max_rows=1)
    except DatabaseError as error:
        if error.issues[0].code not in _ABSENT:
            raise
        return error.issues[0]
    return None


def _unique(model: Model) -> Iterator[_Unique]:
    """What the model takes for unique: primary keys, and the side of a join that each row has one partner on."""
    for cube in model.cubes.values():
        if cube.key_columns:
            claim = f"The primary key of {cube.name!r} identifies a row"
            yield _Unique(cube.name, cube.key_columns, cube.primary_key[0].place, claim)
        for join in cube.joins.values():
            if join.keys and join.relationship in {"many_to_one", "one_to_one"}:
                claim = f"{join.source!r} joins {join.target!r} as {join.relationship}"
                yield _Unique(join.target, tuple(dict.fromkeys(their for _, their in join.keys)), join.place, claim)


def _columns_read(model: Model) -> dict[str, dict[str, Place]]:
    """The columns that are read of each cube's table, each with the place where it is named first."""
    found: dict[str, dict[str, Place]] = {}
    for sql in _snippets(model):
        for column in sql.tree.find_all(exp.Column):
            path = instance_path(column.table)
            if path is not None and path[-1] in model.cubes and not isinstance(column.this, exp.Star):
                found.setdefault(path[-1], {}).setdefault(as_written(column), sql.place)
    return found


def _snippets(model: Model) -> Iterator[Sql]:
    for cube in model.cubes.values():
        for member in cube.members():
            if member.sql is not None:
                yield member.sql
            if isinstance(member, Measure):
                yield from member.filters
        for join in cube.joins.values():
            yield join.condition


def _source(cube: Cube) -> exp.Select | None:
    """A statement that reads a cube's rows; None where they depend on the query."""
    if cube.table:
        parts = [exp.to_identifier(part.strip('"'), quoted=part.startswith('"')) for part in reversed(cube.table)]
        table = exp.Table(**dict(zip(("this", "db", "catalog"), parts, strict=False)))
        return exp.Select().from_(exp.alias_(table, _ROW, table=True))
    if cube.sql is None or any(cube.sql.tree.find_all(FilterParam, FilterGroup)):
        return None
    return exp.Select().from_(exp.alias_(exp.Subquery(this=cube.sql.tree.copy()), _ROW, table=True))


def _reading(source: exp.Select, columns: Iterable[str]) -> exp.Select:
    read: list[exp.Expr] = [_column(name) for name in columns]
    return source.select(*(read or [exp.Literal.number(1)]))


def _column(written: str) -> exp.Column:
    quoted = written.startswith('"')
    name = written.strip('"').replace('""', '"') if quoted else written
    return exp.column(exp.to_identifier(name, quoted=quoted), table=_ROW)


def _name(database: Database) -> str:
    return DIALECTS[database.dialect].name
