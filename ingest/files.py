"""Reads rows from files of the forms that analysts have: CSV, JSON Lines, and Parquet where DuckDB is installed."""

from __future__ import annotations

import csv
import importlib
import json
from typing import TYPE_CHECKING, Any

from ingest.errors import DataError
from ingest.waiting import patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PARQUET_BATCH = 10_000


Line = tuple[int, dict[str, Any]]
"""A row, and the line of the file that it ends in; of a Parquet file, which of its rows it is."""


def read_rows(path: Path) -> Iterator[Line]:
    """The rows of a file with their lines, one at a time; raises `DataError` with file and line for what cannot be read."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        forms = ", ".join(sorted(READERS))
        raise DataError(f"{path}: files of this form cannot be read.", hint=f"Forms are: {forms}.")
    try:
        for line in reader(path):
            patience().go_on()
            yield line
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from error


def _csv_rows(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, None)
        if not header:
            raise DataError(f"{path}:1: there is no line of column names.")
        for cells in reader:
            if cells and len(cells) != len(header):
                message = f"{path}:{reader.line_num}: there are {len(cells)} values for {len(header)} columns."
                raise DataError(message, hint="Is there a comma in a value that is not in quotes?")
            if cells:
                yield reader.line_num, dict(zip(header, cells, strict=True))


def _json_rows(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DataError(f"{path}:{number}: this is not JSON: {error}.") from error
            if not isinstance(row, dict):
                raise DataError(f"{path}:{number}: this is not a JSON object.")
            yield number, row


def _parquet_rows(path: Path) -> Iterator[Line]:
    try:
        duckdb = importlib.import_module("duckdb")
    except ImportError as error:
        raise DataError(f"{path}: Parquet files need DuckDB.", hint="Install metric-cube[duckdb].") from error
    try:
        with duckdb.connect() as connection:
            found = connection.execute("SELECT * FROM read_parquet(?)", [str(path)])
            names = [column[0] for column in found.description]
            number = 0
            while rows := found.fetchmany(PARQUET_BATCH):
                for number, row in enumerate(rows, number + 1):  # noqa: B020  the count goes on
                    yield number, dict(zip(names, row, strict=True))
    except duckdb.Error as error:
        raise DataError(f"{path} cannot be read: {error}.") from error


READERS: dict[str, Callable[[Path], Iterator[Line]]] = {
    ".csv": _csv_rows,
    ".jsonl": _json_rows,
    ".ndjson": _json_rows,
    ".parquet": _parquet_rows,
}
