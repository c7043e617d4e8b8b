"""Reads rows from files of the forms that analysts have: CSV, JSON Lines, and Parquet where DuckDB is installed."""

from __future__ import annotations

import csv
import importlib
import json
import re
from typing import TYPE_CHECKING, Any

from ingest.errors import DataError
from ingest.waiting import patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PARQUET_BATCH = 10_000

SEPARATORS = (",", ";", "\t", "|")
"""Of a CSV file; spreadsheets write semicolons where the comma is the decimal point."""


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
    except UnicodeDecodeError as error:
        message = f"{path}:{_undecodable_line(path)}: this is not UTF-8."
        hint = f"Save it as UTF-8, for example: iconv -f latin1 -t utf-8 {path.name}"
        raise DataError(message, hint=hint) from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error


def _undecodable_line(path: Path) -> int:
    """The first line that is not UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    raise AssertionError("unreachable: asked only of a file that has such a line")


def separator_of(header: str) -> str:
    """What separates the values of a CSV file: the comma, unless its first line has none and another instead.

    >>> separator_of("id,name"), separator_of("id;name"), separator_of("id"), separator_of('"a;b",c')
    (',', ';', ',', ',')
    """
    bare = re.sub(r'"[^"]*"', "", header)
    return "," if "," in bare else max(SEPARATORS, key=bare.count)


def _csv_rows(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        separator = separator_of(file.readline())
        file.seek(0)
        # strict: a quote that is never closed would otherwise take in the rest of the file as one value
        reader = csv.reader(file, delimiter=separator, strict=True)
        try:
            yield from _rows_of(path, reader, separator)
        except csv.Error as error:
            hint = "Values in quotes end with one; a quote in them is doubled."
            raise DataError(f"{path}:{reader.line_num}: this is not CSV: {error}.", hint=hint) from error


def _rows_of(path: Path, reader: Any, separator: str) -> Iterator[Line]:
    header = next(reader, None)
    if not header:
        raise DataError(f"{path}:1: there is no line of column names.")
    if "" in (names := [name.strip() for name in header]):
        raise DataError(f"{path}:1: column {names.index('') + 1} has no name.", hint="Name it, or leave it out.")
    if twice := next((name for name in header if header.count(name) > 1), None):
        raise DataError(f'{path}:1: two columns have the same name, "{twice}".', hint="Rename one of them.")
    for cells in reader:
        if cells and len(cells) != len(header):
            message = f"{path}:{reader.line_num}: there are {len(cells)} values for {len(header)} columns."
            shown = "tab" if separator == "\t" else separator
            raise DataError(
                message, hint=f"Values are separated by {shown}. Is there one in a value that is not in quotes?"
            )
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
