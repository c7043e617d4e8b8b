"""Two small worlds to ask about: a shop on which known engines give wrong numbers, and TestIO's model over traps.

Each is a model with a script of rows that SQLite and DuckDB both read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import engine
from engine.execute.values import normalise_rows
from tests.oracle.database import Connection, Dialect, connect, run_script

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine import Model, Statement
    from engine.execute.values import Value

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)
"""A Saturday, from which the tests' relative dates count."""

Rows = tuple[tuple["Value", ...], ...]


@dataclass(frozen=True)
class World:
    """A model, its rows, and who asks."""

    name: str
    model_path: Path
    security: Mapping[str, Any] | None = None

    @property
    def model(self) -> Model:
        return _model(self.model_path)

    def compile(self, query: Mapping[str, Any] | str, dialect: str = "sqlite", **options: Any) -> Statement:
        """The engine's statement."""
        options = {"security": self.security, "now": NOW} | options
        return engine.compile_query(query, self.model, dialect=dialect, **options)

    def ask(self, query: Mapping[str, Any] | str, dialect: Dialect = "sqlite", **options: Any) -> Rows:
        """The rows of the engine's answer, in its order and columns."""
        return self.run(self.compile(query, dialect, **options), dialect)

    def run(self, statement: Statement, dialect: Dialect) -> Rows:
        """The rows that a statement gives."""
        found = _database(self.name, dialect).execute(statement.sql, statement.parameters).fetchall()
        return normalise_rows(found, [column.type for column in statement.columns])

    def select(self, sql: str, like: Statement, dialect: Dialect) -> Rows:
        """The rows of SQL written by hand, their values read as those of `like`."""
        found = _database(self.name, dialect).execute(sql).fetchall()
        return normalise_rows(found, [column.type for column in like.columns])


SHOP = World("shop", HERE / "shop" / "model")
TESTIO = World("testio", ROOT / "semantic", {"customer_id": 1})
WORLDS = {world.name: world for world in (SHOP, TESTIO)}


@cache
def _model(path: Path) -> Model:
    return engine.load_model(path)


@cache
def _database(name: str, dialect: Dialect) -> Connection:
    connection = connect(dialect)
    run_script(connection, (HERE / name / "rows.sql").read_text(encoding="utf-8"))
    return connection
