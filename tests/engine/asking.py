"""Asks the engine about the rows of a case, in databases in memory, and says all that is known when it is wrong."""

from __future__ import annotations

import math
import os
import tempfile
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, note, settings

import engine
from tests.oracle.database import DIALECTS, Connection, Dialect, connect, fetch, fill
from tests.oracle.model import Data, Dimension, Model, Query, Row
from tests.oracle.names import resolve
from tests.oracle.writer import to_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXAMPLES = int(os.environ.get("METRIC_CUBE_EXAMPLES", "480"))


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
    """Rows by member."""

    rows: list[Row]


class Asker:
    """Holds one database of each dialect, filled with the rows that were last asked about."""

    def __init__(self) -> None:
        self._connections: dict[Dialect, Connection] = {dialect: connect(dialect) for dialect in DIALECTS}
        self._filled: dict[Dialect, Data] = {}

    def ask(
        self, model: Model, data: Data, query: Query, dialect: Dialect, security: Mapping[str, str | int] | None = None
    ) -> Answer:
        """The engine's answer; its errors are raised as they are."""
        statement = engine.compile_query(query, loaded(to_yaml(model)), dialect=dialect, security=security)
        connection = self._connections[dialect]
        if self._filled.get(dialect) is not data:
            fill(connection, dialect, model, data)
            self._filled[dialect] = data
        names = [column.member for column in statement.columns]
        note(f"{query} on {dialect}:\n{statement.sql}\n{statement.parameters}")
        found = fetch(connection, statement.sql, statement.parameters)
        rows = [dict(zip(names, map(plain, names_of_times(model, names), row), strict=True)) for row in found]
        return Answer(rows)


@lru_cache(maxsize=32)
def loaded(text: str) -> engine.Model:
    """The engine's model of a YAML text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.yml"
        path.write_text(text, encoding="utf-8")
        return engine.load_model(path)


def names_of_times(model: Model, names: Sequence[str]) -> list[bool]:
    """Whether each column shows a time."""
    members = [resolve(model, name).member for name in names]
    return [isinstance(member, Dimension) and member.type == "time" for member in members]


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
    got = f"{type(answer).__name__}: {answer}" if isinstance(answer, Exception) else _lines(answer.rows)
    return f"expected:\n{_lines(expected)}\ngot:\n{got}"


def _lines(rows: Any) -> str:
    return "\n".join(f"  {dict(sorted(row.items()))}" for row in rows) if isinstance(rows, list) else f"  {set(rows)}"
