"""Writes many rows of one table at once: SQL that is compiled once, and values that go to the driver as they are.

SQLAlchemy's own way costs more for each row than the database does: writing 20,000 bugs took 1.5 s, so it takes 0.4 s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, DateTime, bindparam, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite

from ingest.fields import dump

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from sqlalchemy import BindParameter, Column, ColumnElement, Connection, Dialect, Select, Table

    from ingest.records import Row

MOST_VALUES = 8192
"""Values in one statement of SQLite, which takes up to 32,766. The driver takes Python's lock anew for each statement that it
runs, and while records are shaped beside it, it waits for the lock longer than a row takes to write."""

Columns = Mapping[str, Sequence[Any]]
"""Rows as the values of each of their columns; all have the same number of values."""

INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows; all have the same columns, and none may be there yet."""
    _write(connection, table, rows, (), replace=False)


def upsert(
    connection: Connection, table: Table, rows: Sequence[Row], *, by: Sequence[str] = ("id",), replace: bool = True
) -> None:
    """Insert the rows; those that are there, by these columns, get the new values, or without `replace` stay.

    All rows have the same columns; columns that they do not have keep their values.
    """
    _write(connection, table, rows, tuple(by), replace=replace)


def insert_columns(connection: Connection, table: Table, columns: Columns) -> None:
    """As `insert_rows`, of rows given as columns."""
    _write_columns(connection, table, columns, (), replace=False)


def upsert_columns(connection: Connection, table: Table, columns: Columns) -> None:
    """As `upsert` by the id, of rows given as columns."""
    _write_columns(connection, table, columns, ("id",), replace=True)


def among(connection: Connection, column: Column[Any], keys: Collection[Any]) -> ColumnElement[bool]:
    """That the column holds one of the keys, however many: they are one parameter, so the statement is always the same."""
    return _among(connection.dialect, column, bindparam(None, _keys(connection.dialect, keys), unique=True))


def among_keys(dialect: Dialect, column: Column[Any]) -> ColumnElement[bool]:
    """As `among`, for a statement that is made once, as making it costs more than running it: `given` has the keys."""
    return _among(dialect, column, bindparam("keys"))


def given(connection: Connection, keys: Collection[Any]) -> dict[str, Any]:
    """The parameter of a statement with `among_keys`."""
    return {"keys": _keys(connection.dialect, keys)}


def values_of(connection: Connection, column: Column[int], keyed: Column[int], keys: Collection[int]) -> set[int]:
    """The different values of a column in the rows whose other column, the key, is one of these."""
    if not keys:
        return set()
    return set(connection.scalars(_values_of(connection.dialect, column, keyed), given(connection, keys)))


def _write(connection: Connection, table: Table, rows: Sequence[Row], by: tuple[str, ...], *, replace: bool) -> None:
    if rows:
        columns = {name: list(map(itemgetter(name), rows)) for name in rows[0]}
        _write_columns(connection, table, columns, by, replace=replace)


def _write_columns(
    connection: Connection, table: Table, columns: Columns, by: tuple[str, ...], *, replace: bool
) -> None:
    if columns:
        statement = _statement(connection.dialect, table, tuple(columns), by, replace)
        statement.run(connection, [columns[name] for name in statement.names])


def _sizes(count: int, most: int) -> Iterator[int]:
    """So many rows in statements of few different sizes, for the driver keeps each that it has prepared.

    >>> list(_sizes(700, 409))
    [256, 256, 128, 32, 16, 8, 4]
    """
    size = 1 << max(0, most.bit_length() - 1)
    while count:
        while size > count:
            size >>= 1
        yield size
        count -= size


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL, the names of its parameters, and what turns some of their columns, by place, into the driver's values."""

    sql: str
    names: tuple[str, ...]
    converters: tuple[tuple[int, Callable[[Sequence[Any]], Sequence[Any]]], ...]
    positional: bool

    def run(self, connection: Connection, columns: list[Sequence[Any]]) -> None:
        """Write the rows, given as the columns of these names."""
        for place, convert in self.converters:
            columns[place] = convert(columns[place])
        if not self.positional:
            rows = zip(*columns, strict=True)
            connection.exec_driver_sql(self.sql, [dict(zip(self.names, one, strict=True)) for one in rows])
            return
        start, width = 0, len(columns)
        for size in _sizes(len(columns[0]), MOST_VALUES // width):
            together: list[Any] = [None] * (size * width)
            for place, column in enumerate(columns):
                together[place::width] = column[start : start + size]
            connection.exec_driver_sql(self._sql_of(size), tuple(together))
            start += size

    def _sql_of(self, count: int) -> str:
        """The SQL that writes so many rows at once."""
        return _repeated(self.sql, f"({', '.join('?' * len(self.names))})", count)


@lru_cache(maxsize=64)
def _values_of(dialect: Dialect, column: Column[int], keyed: Column[int]) -> Select[int]:
    return select(column).where(among_keys(dialect, keyed))


def _among(dialect: Dialect, column: Column[Any], keys: BindParameter[Any]) -> ColumnElement[bool]:
    if dialect.name == "sqlite":
        return column.in_(select(func.json_each(keys).table_valued("value").c.value))
    return column == func.any(cast(keys, postgresql.ARRAY(column.type)))


def _keys(dialect: Dialect, keys: Collection[Any]) -> str | list[Any]:
    """The keys as the one parameter of what `_among` makes."""
    return dump(list(keys)) if dialect.name == "sqlite" else list(keys)


@lru_cache(maxsize=512)
def _repeated(sql: str, row: str, count: int) -> str:
    return sql.replace(row, ", ".join([row] * count), 1)


@lru_cache(maxsize=64)
def _statement(
    dialect: Dialect, table: Table, names: tuple[str, ...], by: tuple[str, ...], replace: bool
) -> _Statement:
    insert = INSERTS[dialect.name](table)
    changed = {name: insert.excluded[name] for name in names if name not in by} if replace else {}
    if changed:
        insert = insert.on_conflict_do_update(index_elements=list(by), set_=changed)
    elif by:
        insert = insert.on_conflict_do_nothing(index_elements=list(by))
    compiled = insert.compile(dialect=dialect, column_keys=list(names))
    order = tuple(compiled.positiontup or names)
    converters = ((place, _converter(table.c[name], dialect)) for place, name in enumerate(order))
    wanted = tuple((place, convert) for place, convert in converters if convert is not None)
    return _Statement(str(compiled), order, wanted, bool(compiled.positional))


def _converter(column: Column[Any], dialect: Dialect) -> Callable[[Sequence[Any]], Sequence[Any]] | None:
    """What turns values of the column into such as the driver takes; None where it takes them as they are."""
    if dialect.name == "sqlite" and isinstance(column.type, DateTime):
        return _sqlite_times
    if dialect.name == "sqlite" and isinstance(column.type, Boolean):
        return None  # the driver takes them as 0 and 1
    convert = column.type.dialect_impl(dialect).bind_processor(dialect)
    return None if convert is None else lambda values: list(map(convert, values))


def _sqlite_times(moments: Sequence[datetime | None]) -> Sequence[str | None]:
    """The texts that SQLAlchemy stores for times, made in a sixth of the time, each once: many rows are read at one moment."""
    texts = {moment: moment.isoformat(" ", "microseconds") for moment in set(moments) if moment is not None}
    return [None if moment is None else texts[moment] for moment in moments]
