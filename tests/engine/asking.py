"""Asks the engine about the rows of a case, in databases in memory, and says all that is known when it is wrong."""

from __future__ import annotations

import asyncio
import math
import os
import tempfile
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, currently_in_test_context, note, settings

import engine
from engine.execute.database import Fetched
from tests.oracle.database import Connection, Dialect, connect, fetch, fill
from tests.oracle.model import Data, Dimension, Model, Query, Row
from tests.oracle.names import resolve
from tests.oracle.writer import to_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

BESIDE = ("previous", "delta", "percent")
"""What the names of columns end with that a comparison adds."""

EXAMPLES = int(os.environ.get("METRIC_CUBE_EXAMPLES", "320"))


def random_cases(share: int = 1) -> settings:
    """Settings of a test on random cases, one in `share` of the examples wanted; the same ones each time in CI."""
    return settings(
        max_examples=max(EXAMPLES // share, 1),
        deadline=None,
        derandomize="CI" in os.environ,
        suppress_health_check=list(HealthCheck),
    )


@dataclass(frozen=True)
class Answer:
    """Rows by member; how many there are without a limit and the totals, where they were asked for."""

    rows: list[Row]
    total: int | None = None
    totals: Row | None = None


@dataclass(frozen=True)
class Held:
    """An open connection as the engine's door to a database; statements run where they are called."""

    connection: Connection
    dialect: str
    url: str = "held://"

    async def fetch(
        self, sql: str, parameters: Any, *, timeout: float | None = None, max_rows: int | None = None
    ) -> Fetched:
        """All rows: the tests' statements are short."""
        assert max_rows is None
        assert timeout is None or timeout > 0
        if currently_in_test_context():
            note(f"on {self.dialect}:\n{sql}\n{parameters}")
        return Fetched((), tuple(fetch(self.connection, sql, parameters)), 0.0)

    async def close(self) -> None:
        """Whoever opened the connection closes it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Asker:
    """Holds one database of each dialect, filled with the rows that were last asked about."""

    def __init__(self) -> None:
        self._connections: dict[Dialect, Connection] = {}
        self._filled: dict[Dialect, Data] = {}

    def ask(
        self, model: Model, data: Data, query: Query, dialect: Dialect, security: Mapping[str, str | int] | None = None
    ) -> Answer:
        """The engine's answer; its errors are raised as they are."""
        statement = engine.compile_query(query, loaded(to_yaml(model)), dialect=dialect, security=security)
        connection = self._connection(model, data, dialect)
        names = [column.member for column in statement.columns]
        note(f"{query} on {dialect}:\n{statement.sql}\n{statement.parameters}")
        found = fetch(connection, statement.sql, statement.parameters)
        rows = [dict(zip(names, map(plain, names_of_times(model, names), row), strict=True)) for row in found]
        return Answer(rows)

    def whole(
        self, model: Model, data: Data, query: Query, dialect: Dialect, security: Mapping[str, str | int] | None = None
    ) -> Answer:
        """The engine's whole answer, with the statements that stand beside the rows' own; its errors are raised as they are."""
        held = Held(self._connection(model, data, dialect), dialect)
        result = asyncio.run(engine.run_query(query, loaded(to_yaml(model)), held, security=security))
        names = [column.member for column in result.columns]
        rows = [dict(zip(names, map(plain, names_of_times(model, names), row), strict=True)) for row in result.rows]
        return Answer(
            rows, result.total_rows if query.get("total") else None, dict(result.totals) if result.totals else None
        )

    def _connection(self, model: Model, data: Data, dialect: Dialect) -> Connection:
        if dialect not in self._connections:
            self._connections[dialect] = connect(dialect)
        connection = self._connections[dialect]
        if self._filled.get(dialect) is not data:
            fill(connection, dialect, model, data)
            self._filled[dialect] = data
        return connection


@lru_cache(maxsize=32)
def loaded(text: str) -> engine.Model:
    """The engine's model of a YAML text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.yml"
        path.write_text(text, encoding="utf-8")
        return engine.load_model(path)


def names_of_times(model: Model, names: Sequence[str]) -> list[bool]:
    """Whether each column shows a time."""
    shown = [name for name in names if name.rpartition(".")[2].partition("_")[0] not in BESIDE]
    times = {
        name for name in shown if isinstance(member := resolve(model, name).member, Dimension) and member.type == "time"
    }
    return [name in times for name in names]


def plain(is_time: bool, value: Any) -> Any:
    """A value of a database as the evaluator would give it."""
    if isinstance(value, Decimal):
        return float(value)
    if is_time and isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=None)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - wall-clock time of the model's zone
    return value


def same(left: Any, right: Any) -> bool:
    """Whether an answer equals what is expected, but for the rounding of floats and for times that SQLite has as text."""
    match left, right:
        case list(), list():
            return len(left) == len(right) and all(map(same, left, right))
        case dict(), dict():
            return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
        case float(), int() | float():
            return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
        case int(), float():
            return same(right, left)
        case str(), datetime():
            return datetime.fromisoformat(left) == right
    return bool(left == right)


def report(expected: Any, answer: Answer | Exception) -> str:
    """What is wrong, beside the model, the rows, the query and the SQL, which are shown with every failing case."""
    return f"expected:\n{_told(expected)}\ngot:\n{_told(answer)}"


def _told(answer: Any) -> str:
    if isinstance(answer, Exception):
        return f"{type(answer).__name__}: {answer}"
    if not hasattr(answer, "rows"):
        return _lines(answer)
    return f"{_lines(answer.rows)}\n  total {answer.total}, totals {answer.totals}"


def _lines(rows: Any) -> str:
    return "\n".join(f"  {dict(sorted(row.items()))}" for row in rows) if isinstance(rows, list) else f"  {set(rows)}"
