"""Fits a file to the table that it goes into: which column is whose, whether every value can be kept there, and the rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from ingest.errors import DataError
from ingest.files import read_rows
from ingest.inference import Columns, convert, fits, unkeepable
from ingest.naming import find_column, plain_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from ingest.inference import Column, Kind
    from ingest.spellings import Spelling

SHOWN = 10
"""Mistakes of a file that are told one by one."""


@dataclass(frozen=True, slots=True)
class Target:
    """The table that a file goes into: its name, and the types of the file's columns that it has already, none if it is new.

    `names` has for each column of the file that of the table's.
    """

    table: str
    names: dict[str, str]
    stored: dict[str, Kind] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was read through once: its columns as it calls them, those that identify a row, and how many rows it has."""

    path: Path
    columns: dict[str, Column]
    key: tuple[str, ...]
    rows: int

    def names(self, there: Collection[str] = ()) -> dict[str, str]:
        """For each column of the file that of the table which has these: one of them, else a name that needs no quotes.

        Raises `DataError` where two would be one, and where there is nothing to make a name of.
        """
        names = {header: find_column(header, there) or plain_name(header) for header in self.columns}
        headers: defaultdict[str, list[str]] = defaultdict(list)
        for header, name in names.items():
            headers[name].append(header)
        for name, same in headers.items():
            if not name:
                raise DataError(f'{self.path}: a column is called "{same[0]}".', hint="Name it by letters or digits.")
            if len(same) > 1:
                both = " and ".join(f'"{header}"' for header in same)
                raise DataError(f"{self.path}: columns {both} would both be column {name}.", hint="Rename one of them.")
        return names

    def kinds(self, target: Target) -> dict[str, Kind]:
        """The types of the table's columns, those that it has already first."""
        return {target.names[header]: column.kind for header, column in self.columns.items()} | target.stored

    def notes(self, target: Target) -> tuple[str, ...]:
        """What there is to say of the columns that are not stored as texts already."""
        told = ((target.names[header], column.note) for header, column in self.columns.items())
        return tuple(f"{name} {note}" for name, note in told if note and target.stored.get(name) != "text")

    def converted(self, target: Target) -> Iterator[dict[str, Any]]:
        """The rows as the table takes them."""
        kinds = self.kinds(target)
        for _, row in read_rows(self.path):
            plain = self._plain(row, target, kinds)
            yield {name: convert(plain[name], kind) for name, kind in kinds.items()}

    def check(self, target: Target) -> None:
        """Raise `DataError` unless every value can be kept in its column, and every row has a key of its own."""
        kinds = self.kinds(target)
        texts = [name for name, kind in kinds.items() if kind == "text"]
        mistakes: list[str] = []
        seen: dict[tuple[Any, ...], int] = {}
        for line, row in read_rows(self.path):
            plain = self._plain(row, target, kinds)
            of_row = [
                f"{name} is a column of type {kind}, and {_shown(row[header])} is none."
                for header, name in target.names.items()
                if (kind := target.stored.get(name)) and not fits(plain[name], kind)
            ]
            of_row += [
                f"{name} has {why} in {_shown(plain[name])}, which no text in a database can have."
                for name in texts
                if (why := unkeepable(plain[name]))
            ]
            if self.key and not of_row:
                of_row += self._mistaken_key(plain, target, kinds, line, seen)
            mistakes += [f"{self.path}:{line}: {mistake}" for mistake in of_row]
        if mistakes:
            more = f"\n… and {len(mistakes) - SHOWN:,} more." if len(mistakes) > SHOWN else ""
            hint = " ".join(("Nothing was written. Mend the file, and load it again.", *self.notes(target)))
            raise DataError("\n".join(mistakes[:SHOWN]) + more, hint=hint)

    def _plain(self, row: dict[str, Any], target: Target, kinds: Mapping[str, Kind]) -> dict[str, Any]:
        """The row by the names of the table's columns, its values spelled plainly."""
        return {name: self.columns[header].plain(row.get(header), kinds[name]) for header, name in target.names.items()}

    def _mistaken_key(
        self,
        plain: dict[str, Any],
        target: Target,
        kinds: Mapping[str, Kind],
        line: int,
        seen: dict[tuple[Any, ...], int],
    ) -> list[str]:
        names = [target.names[header] for header in self.key]
        values = tuple(convert(plain[name], kinds[name]) for name in names)
        words = ", ".join(names)
        if None in values:
            return [f"there is no value of the key, {words}."]
        first = seen.setdefault(values, line)
        return [f"line {first} has the same key, {words} {_shown(values)}."] if first != line else []


def survey(path: Path, key: Sequence[str], spellings: tuple[Spelling, ...]) -> File:
    """Read a file through; raises `DataError` for what cannot be read, a file without rows, and a key that it does not have."""
    columns, rows = Columns(spellings), 0
    for _, row in read_rows(path):
        columns.see(row)
        rows += 1
    if not rows:
        raise DataError(f"{path} holds no rows.")
    found = columns.settled()
    headers = [find_column(name, found) for name in key]
    for name, header in zip(key, headers, strict=True):
        if header is None:
            raise DataError(f"{path}: there is no column {name} to be the key.", hint=f"Columns: {', '.join(found)}.")
    return File(path, found, tuple(header for header in headers if header is not None), rows)


def _shown(value: Any) -> str:
    """A value, or the values of a key, as a terminal can show them."""
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(f'"{shorten(_printable(str(one)), 60)}"' for one in values)


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() or letter.isspace() else repr(letter)[1:-1] for letter in text)
