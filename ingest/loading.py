"""Loads a file into a table of its own, for analysts whose data are not TestIO's: types are inferred, rows upserted by key."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from itertools import islice
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    inspect,
    literal,
    select,
    table,
)

from ingest.bulk import insert_rows, upsert
from ingest.concurrency import to_the_end
from ingest.database import database_exists
from ingest.errors import DataError
from ingest.files import read_rows
from ingest.inference import Column as FoundColumn
from ingest.inference import Columns, Kind, convert, fits
from ingest.spellings import COMMA, DAY_FIRST, MONTH_FIRST, POINT, SPELLINGS
from ingest.statistics import learn
from ingest.store import open_store
from ingest.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

    from ingest.spellings import Spelling

BATCH = 1000
DateOrder = Literal["day-first", "month-first"]
DecimalMark = Literal["comma", "point"]

TYPES: dict[Kind, Any] = {
    "boolean": Boolean,
    "integer": BigInteger,
    "number": Float,
    "date": Date,
    "time": DateTime,
    "text": Text,
}

STORED: tuple[tuple[type[Any], Kind], ...] = (
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "number"),
    (Numeric, "number"),
    (DateTime, "time"),
    (Date, "date"),
)
SHOWN = 10
"""Mistakes of a file that are told one by one."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What was loaded: the columns with their types, how many rows the file has, and whether the table was made for it.

    `notes` tell which values are read otherwise than they stand in the file, such as 31.01.2026, and which might have been.
    """

    table: str
    columns: dict[str, Kind]
    rows: int
    created: bool
    dry_run: bool = False
    notes: tuple[str, ...] = ()


async def load_table(
    database_url: str,
    table: str,
    path: Path,
    *,
    key: Sequence[str] = (),
    dry_run: bool = False,
    dates: DateOrder | None = None,
    decimal: DecimalMark | None = None,
) -> LoadReport:
    """Load a file into the table, in one transaction.

    The table is made if it is missing. With `key`, the column names that identify a row, rows that are there are updated;
    without, the table must be empty. Values have to fit the columns of a table that is there. Times with an offset become UTC.
    Dates and numbers may be spelled otherwise than in ISO 8601 and JSON, where the column leaves no doubt how; `dates` and
    `decimal` settle what it leaves open. With `dry_run` types are found and everything is checked, and nothing is written. Raises
    `DataError` for what is wrong with the file or does not fit the table, with line, column and value. One that is cancelled
    writes nothing.
    """
    _check_name(table)
    unwanted = {"day-first": MONTH_FIRST, "month-first": DAY_FIRST, "comma": POINT, "point": COMMA}
    given = [unwanted[choice] for choice in (dates, decimal) if choice]
    spellings = tuple(one for one in SPELLINGS if one not in given)
    return await to_the_end(_load_table(database_url, table, path, tuple(key), spellings, dry_run))


async def _load_table(
    database_url: str, table: str, path: Path, key: tuple[str, ...], spellings: tuple[Spelling, ...], dry_run: bool
) -> LoadReport:
    found, count = await asyncio.to_thread(_survey, path, spellings)
    names = {name: _column_name(name) for name in found}
    columns = dict(zip(names.values(), found.values(), strict=True))
    if len(columns) < len(found):
        raise DataError(f"{path}: two columns have the same name.")
    if missing := [one for one in key if one not in columns]:
        raise DataError(
            f"{path}: there is no column {missing[0]} to be the key.", hint=f"Columns: {', '.join(columns)}."
        )
    file = _File(path, names, columns, key)
    if dry_run and not database_exists(database_url):
        await asyncio.to_thread(file.check, {})
        return LoadReport(table, file.kinds({}), count, created=False, dry_run=True, notes=file.notes({}))
    async with open_store(database_url, 0) as store:
        work = store.read if dry_run else store.write
        stored = await work(_check if dry_run else _load, file, table)
    created = not stored and not dry_run
    return LoadReport(table, file.kinds(stored), count, created=created, dry_run=dry_run, notes=file.notes(stored))


def _survey(path: Path, spellings: tuple[Spelling, ...]) -> tuple[dict[str, FoundColumn], int]:
    columns, count = Columns(spellings), 0
    for _, row in read_rows(path):
        columns.see(row)
        count += 1
    if not count:
        raise DataError(f"{path} holds no rows.")
    return columns.settled(), count


@dataclass(frozen=True, slots=True)
class _File:
    """A file: its headers with the names of their columns, what these are, and those that identify a row."""

    path: Path
    names: dict[str, str]
    columns: dict[str, FoundColumn]
    key: tuple[str, ...]

    def kinds(self, stored: Mapping[str, Kind]) -> dict[str, Kind]:
        """The types of the columns, those of a table that is there first."""
        return {name: column.kind for name, column in self.columns.items()} | dict(stored)

    def notes(self, stored: Mapping[str, Kind]) -> tuple[str, ...]:
        """What there is to say of the columns that are not stored as texts already."""
        told = ((name, column.note) for name, column in self.columns.items() if stored.get(name) != "text")
        return tuple(f"{name} {note}" for name, note in told if note)

    def rows(self, stored: Mapping[str, Kind]) -> Iterator[dict[str, Any]]:
        """The rows as the table takes them, whose columns have the stored types where it is there already."""
        kinds = self.kinds(stored)
        for _, row in read_rows(self.path):
            plain = self._plain(row, kinds)
            yield {name: convert(plain[name], kind) for name, kind in kinds.items()}

    def check(self, stored: Mapping[str, Kind]) -> None:
        """See to it that every value fits the stored column, and that every row has a key of its own."""
        kinds = self.kinds(stored)
        mistakes: list[str] = []
        seen: dict[tuple[Any, ...], int] = {}
        for line, row in read_rows(self.path):
            plain = self._plain(row, kinds)
            mistakes += [
                f"{self.path}:{line}: {name} is a column of type {stored[name]}, and {_shown(row[header])} is none."
                for header, name in self.names.items()
                if name in stored and not fits(plain[name], stored[name])
            ]
            mistakes += self._mistaken_key(line, plain, seen)
        if mistakes:
            more = f"\n… and {len(mistakes) - SHOWN:,} more." if len(mistakes) > SHOWN else ""
            hint = " ".join(("Nothing was written. Mend the file, and load it again.", *self.notes(stored)))
            raise DataError("\n".join(mistakes[:SHOWN]) + more, hint=hint)

    def _plain(self, row: dict[str, Any], kinds: Mapping[str, Kind]) -> dict[str, Any]:
        """The row by the names of its columns, its values spelled plainly."""
        return {name: self.columns[name].plain(row.get(header), kinds[name]) for header, name in self.names.items()}

    def _mistaken_key(self, line: int, row: dict[str, Any], seen: dict[tuple[Any, ...], int]) -> list[str]:
        if not self.key:
            return []
        values = tuple(convert(row[name], self.columns[name].kind) for name in self.key)
        words = ", ".join(self.key)
        if None in values:
            return [f"{self.path}:{line}: there is no value of the key, {words}."]
        first = seen.setdefault(values, line)
        return (
            [f"{self.path}:{line}: line {first} has the same key, {words} {_shown(values)}."] if first != line else []
        )


def _check(connection: Connection, file: _File, name: str) -> dict[str, Kind]:
    """See to it that the file fits the table, if it is there; returns the types of its columns that the file has."""
    stored = _stored_kinds(connection, file, name)
    file.check(stored)
    return stored


def _load(connection: Connection, file: _File, name: str) -> dict[str, Kind]:
    """Write the rows; returns the types that the columns had already, none if the table was made for them."""
    stored = _check(connection, file, name)
    kinds = file.kinds(stored)
    columns = (Column(column, TYPES[kind], primary_key=column in file.key) for column, kind in kinds.items())
    made = Table(name, MetaData(), *columns)
    if not stored:
        made.create(connection)
    rows = file.rows(stored)
    while batch := list(islice(rows, BATCH)):
        if file.key:
            upsert(connection, made, batch, by=file.key)
        else:
            insert_rows(connection, made, batch)
    learn(connection, (name,))
    return stored


def _stored_kinds(connection: Connection, file: _File, name: str) -> dict[str, Kind]:
    """The types of the table's columns that the file has; none without a table. Raises `DataError` where they cannot meet."""
    found = inspect(connection)
    if not found.has_table(name):
        return {}
    stored = {column["name"]: column["type"] for column in found.get_columns(name)}
    if strange := [column for column in file.columns if column not in stored]:
        message = f"Table {name} has no column {strange[0]}."
        raise DataError(message, hint=f"It has: {', '.join(sorted(stored))}. Load into another table.")
    identity = found.get_pk_constraint(name)["constrained_columns"]
    if file.key and set(identity) != set(file.key):
        raise DataError(f"Table {name} has another key: {', '.join(identity) or 'none'}.", hint="Give that one.")
    if not file.key and connection.execute(select(literal(1)).select_from(table(name)).limit(1)).first():
        raise DataError(f"Table {name} holds rows already.", hint="Name the columns of its key to update them.")
    return {column: _kind_of_type(stored[column]) for column in file.columns}


def _kind_of_type(type_: TypeEngine[Any]) -> Kind:
    """The kind of a column that is there; what is none of ours takes texts."""
    return next((kind for python, kind in STORED if isinstance(type_, python)), "text")


def _shown(value: Any) -> str:
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(f'"{shorten(str(one), 60)}"' for one in values)


def _check_name(table: str) -> None:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", table):
        raise DataError(f'"{table}" cannot be the name of a table.', hint="Use letters, digits and underscores.")
    if table in METADATA.tables or table.startswith(("sqlite_", "alembic_")):
        raise DataError(f"Table {table} belongs to the sync.", hint="Choose another name.")


def _column_name(header: str) -> str:
    """A header as a name that needs no quotes.

    >>> _column_name("Order Date"), _column_name("id"), _column_name("2nd price (EUR)")
    ('order_date', 'id', '_2nd_price_eur')
    """
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", header):
        return header
    plain = re.sub(r"\W+", "_", header.strip().lower()).strip("_")
    if not plain:
        raise DataError("There is a column without a name.")
    return f"_{plain}" if plain[0].isdigit() else plain
