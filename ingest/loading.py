"""Loads a file into a table of its own, for analysts whose data are not TestIO's: types are inferred, rows upserted by key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    MetaData,
    Table,
    Text,
    func,
    inspect,
    select,
)

from ingest.bulk import insert_rows, upsert
from ingest.errors import DataError
from ingest.files import read_rows
from ingest.inference import Columns, Kind, convert
from ingest.store import open_store
from ingest.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

BATCH = 1000
TYPES: dict[Kind, Any] = {
    "boolean": Boolean,
    "integer": BigInteger,
    "number": Float,
    "date": Date,
    "time": DateTime,
    "text": Text,
}


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What was loaded: the columns with their types, how many rows the file has, and whether the table was made for it."""

    table: str
    columns: dict[str, Kind]
    rows: int
    created: bool
    dry_run: bool = False


async def load_table(
    database_url: str, table: str, path: Path, *, key: Sequence[str] = (), dry_run: bool = False
) -> LoadReport:
    """Load a file into the table, in one transaction.

    The table is made if it is missing. With `key`, the column names that identify a row, rows that are there are updated;
    without, the table must be empty. Times with an offset become UTC. With `dry_run` only the types are found. Raises
    `DataError` for what is wrong with the file or does not fit the table.
    """
    _check_name(table)
    columns, count = _survey(path)
    names = {name: _column_name(name) for name in columns}
    kinds = dict(zip(names.values(), columns.values(), strict=True))
    if len(kinds) < len(columns):
        raise DataError(f"{path}: two columns have the same name.")
    if missing := [one for one in key if one not in kinds]:
        raise DataError(f"{path}: there is no column {missing[0]} to be the key.", hint=f"Columns: {', '.join(kinds)}.")
    if dry_run:
        return LoadReport(table, kinds, count, created=False, dry_run=True)
    made = Table(
        table, MetaData(), *(Column(name, TYPES[kind], primary_key=name in key) for name, kind in kinds.items())
    )
    async with open_store(database_url, 0) as store:
        created = await store.write(_load, made, _rows(path, names, columns), key)
    return LoadReport(table, kinds, count, created)


def _survey(path: Path) -> tuple[dict[str, Kind], int]:
    columns, count = Columns(), 0
    for row in read_rows(path):
        columns.see(row)
        count += 1
    if not count:
        raise DataError(f"{path} holds no rows.")
    return columns.settled(), count


def _rows(path: Path, names: dict[str, str], kinds: dict[str, Kind]) -> Iterator[dict[str, Any]]:
    for row in read_rows(path):
        yield {names[name]: convert(row.get(name), kind) for name, kind in kinds.items()}


def _load(connection: Connection, table: Table, rows: Iterator[dict[str, Any]], key: Sequence[str]) -> bool:
    """Write the rows; returns whether the table was made for them."""
    created = _prepare(connection, table, bool(key))
    while batch := list(islice(rows, BATCH)):
        if key:
            upsert(connection, table, batch, by=key)
        else:
            insert_rows(connection, table, batch)
    return created


def _prepare(connection: Connection, table: Table, keyed: bool) -> bool:
    """Make the table, or see to it that the one that is there fits; returns whether it was made."""
    found = inspect(connection)
    if not found.has_table(table.name):
        table.create(connection)
        return True
    stored = {column["name"] for column in found.get_columns(table.name)}
    if strange := [column.name for column in table.columns if column.name not in stored]:
        message = f"Table {table.name} has no column {strange[0]}."
        raise DataError(message, hint=f"It has: {', '.join(sorted(stored))}. Load into another table.")
    identity = found.get_pk_constraint(table.name)["constrained_columns"]
    if keyed and set(identity) != {column.name for column in table.primary_key}:
        raise DataError(f"Table {table.name} has another key: {', '.join(identity) or 'none'}.", hint="Give that one.")
    if not keyed and connection.scalar(select(func.count()).select_from(table)):
        raise DataError(f"Table {table.name} holds rows already.", hint="Name the columns of its key to update them.")
    return False


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
