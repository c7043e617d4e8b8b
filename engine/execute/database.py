"""The door to a database: what every database can do, and how one is opened from a URL.

    sqlite:///relative.sqlite   sqlite:////absolute.sqlite   sqlite://  (in memory)   a bare path
    duckdb:///relative.duckdb   duckdb:////absolute.duckdb   duckdb://  (in memory)   a bare path that ends in .duckdb
    postgresql://user:password@host/name

A driver is imported only when a database of its kind is opened: most installations have one of them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from engine.errors import DatabaseError, Issue

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["Database", "Fetched", "Parameters", "file_of", "open_database"]

Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]
"""The values of a statement, in the form of its dialect's driver: by position, or by name."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The rows of one statement as the driver gave them, with the seconds that the database took for them.

    `cut` says that there were more rows than were asked for.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    seconds: float
    cut: bool = False


class Database(Protocol):
    """A database that statements can be run on, several at a time."""

    @property
    def dialect(self) -> str:
        """The name of its SQL dialect, as sqlglot calls it."""

    @property
    def url(self) -> str:
        """Where it is, without user and password."""

    async def fetch(
        self, sql: str, parameters: Parameters, *, timeout: float | None = None, max_rows: int | None = None
    ) -> Fetched:
        """Run one statement; None for `timeout` (in seconds) or `max_rows` is without limit.

        Raises QueryTimeout after `timeout`, DatabaseError for whatever else the database refuses. After `timeout`, and
        when the caller is cancelled, the statement is stopped in the database and not merely forgotten.
        """

    async def close(self) -> None:
        """Stop what runs and close all connections."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of database: the module whose `open_url` opens it, and the package that its driver comes with."""

    module: str
    package: str


KINDS: Final = {
    "sqlite": Kind("engine.execute.sqlite", "metric-cube"),
    "duckdb": Kind("engine.execute.duck", "metric-cube[duckdb]"),
    "postgresql": Kind("engine.execute.networked", "metric-cube[postgres]"),
    "postgres": Kind("engine.execute.networked", "metric-cube[postgres]"),
}


def open_database(url: str, *, read_only: bool = True) -> Database:
    """The database at `url`; connections are made when statements need them.

    Raises DatabaseError for a URL that cannot be read, a file that does not exist (unless it may be written) and a
    driver that is not installed.
    """
    scheme, _, rest = _full_url(url).partition("://")
    name = scheme.partition("+")[0]
    kind = KINDS.get(name)
    if kind is None:
        known = ", ".join(f"{other}://" for other in KINDS)
        raise DatabaseError(
            Issue("E_DATABASE_URL", f'No database is known as "{scheme}://".', hint=f"Known are {known}.")
        )
    try:
        opened: Database = importlib.import_module(kind.module).open_url(f"{name}://{rest}", read_only=read_only)
    except ModuleNotFoundError as error:
        message = f"The driver for {name} is not installed."
        hint = f'Install it with: pip install "{kind.package}"'
        raise DatabaseError(Issue("E_DRIVER_MISSING", message, hint=hint)) from error
    return opened


def file_of(url: str) -> str | None:
    """The path in the URL of an embedded database; None for one in memory.

    Raises DatabaseError for options, which are not read.

    >>> file_of("sqlite:////data/cube.db"), file_of("sqlite:///cube.db"), file_of("duckdb://")
    ('/data/cube.db', 'cube.db', None)
    """
    path = url.partition("://")[2].removeprefix("/")
    if "?" in path:
        hint = "Name the file alone: whether it may be written is not for the URL to say."
        raise DatabaseError(Issue("E_DATABASE_URL", f"The URL {url} has options, which are not read.", hint=hint))
    return None if path in ("", ":memory:") else path


def _full_url(text: str) -> str:
    """A bare path becomes the URL of an embedded database.

    >>> _full_url("data/cube.db"), _full_url("/data/cube.duckdb")
    ('sqlite:///data/cube.db', 'duckdb:////data/cube.duckdb')
    """
    if "://" in text:
        return text
    return f"{'duckdb' if Path(text).suffix == '.duckdb' else 'sqlite'}:///{text}"
