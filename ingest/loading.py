"""Loads a file into a table of its own, for analysts whose data are not TestIO's: types are inferred, rows upserted by key."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from itertools import islice
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
from ingest.database import database_exists, refuse_read_only
from ingest.errors import DataError
from ingest.fitting import File, Target, survey
from ingest.naming import find_table, plain_name
from ingest.spellings import COMMA, DAY_FIRST, MONTH_FIRST, POINT, SPELLINGS
from ingest.statistics import learn
from ingest.store import open_store
from ingest.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

    from ingest.inference import Kind
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


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What was loaded: the columns with their types, how many rows the file has, and whether the table was made for it.

    `renamed` has the names of columns that the file calls otherwise. `notes` tell which values are read otherwise than they stand
    in the file, such as 31.01.2026, and which might have been.
    """

    table: str
    columns: dict[str, Kind]
    rows: int
    created: bool
    dry_run: bool = False
    renamed: dict[str, str] = field(default_factory=dict)
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

    The table is made if it is missing, with names that need no quotes on any database; in one that is there, the file's columns are
    found by whatever spelling they have. With `key`, the column names that identify a row, rows that are there are updated;
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
    if not dry_run and database_exists(database_url):
        await asyncio.to_thread(refuse_read_only, database_url)  # reading a large file takes long
    file = await asyncio.to_thread(survey, path, key, spellings)
    if not database_exists(database_url):
        new = Target(plain_name(table), file.names())
        if dry_run:
            await asyncio.to_thread(file.check, new)
            return _report(file, new, table, dry_run)
    async with open_store(database_url, 0) as store:
        work = store.read if dry_run else store.write
        target = await work(_check if dry_run else _load, file, table)
    return _report(file, target, table, dry_run)


def _report(file: File, target: Target, asked: str, dry_run: bool) -> LoadReport:
    called = () if target.table == asked else (f"Table {asked} is called {target.table}, which needs no quotes.",)
    return LoadReport(
        target.table,
        file.kinds(target),
        file.rows,
        created=not target.stored and not dry_run,
        dry_run=dry_run,
        renamed={header: name for header, name in target.names.items() if header != name},
        notes=(*called, *file.notes(target)),
    )


def _check(connection: Connection, file: File, table: str) -> Target:
    """See to it that the file fits the table, if it is there."""
    target = _target(connection, file, table)
    file.check(target)
    return target


def _load(connection: Connection, file: File, table: str) -> Target:
    """Write the rows."""
    target = _check(connection, file, table)
    key = [target.names[header] for header in file.key]
    columns = (Column(name, TYPES[kind], primary_key=name in key) for name, kind in file.kinds(target).items())
    made = Table(target.table, MetaData(), *columns)
    if not target.stored:
        made.create(connection)
    rows = file.converted(target)
    while batch := list(islice(rows, BATCH)):
        if key:
            upsert(connection, made, batch, by=key)
        else:
            insert_rows(connection, made, batch)
    learn(connection, (target.table,))
    return target


def _target(connection: Connection, file: File, asked: str) -> Target:
    """The table that is there, also one of an earlier spelling, else a new one. Raises `DataError` where they cannot meet."""
    found = inspect(connection)
    name = find_table(asked, {*found.get_table_names(), *found.get_view_names()})
    if name is None:
        return Target(plain_name(asked), file.names())
    stored = {column["name"]: column["type"] for column in found.get_columns(name)}
    names = file.names(stored)
    if strange := [column for column in names.values() if column not in stored]:
        message = f"Table {name} has no column {strange[0]}."
        raise DataError(message, hint=f"It has: {', '.join(sorted(stored))}. Load into another table.")
    identity = found.get_pk_constraint(name)["constrained_columns"]
    if file.key and set(identity) != {names[header] for header in file.key}:
        raise DataError(f"Table {name} has another key: {', '.join(identity) or 'none'}.", hint="Give that one.")
    if not file.key and connection.execute(select(literal(1)).select_from(table(name)).limit(1)).first():
        raise DataError(f"Table {name} holds rows already.", hint="Name the columns of its key to update them.")
    return Target(name, names, {column: _kind_of_type(stored[column]) for column in names.values()})


def _kind_of_type(type_: TypeEngine[Any]) -> Kind:
    """The kind of a column that is there; what is none of ours takes texts."""
    return next((kind for python, kind in STORED if isinstance(type_, python)), "text")


def _check_name(table: str) -> None:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", table):
        raise DataError(f'"{table}" cannot be the name of a table.', hint="Use letters, digits and underscores.")
    names = {table.lower(), plain_name(table)}
    if names & set(METADATA.tables) or any(name.startswith(("sqlite_", "alembic_")) for name in names):
        raise DataError(f"Table {table} belongs to the sync.", hint="Choose another name.")
