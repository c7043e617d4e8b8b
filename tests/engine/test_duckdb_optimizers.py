"""Optimizers of DuckDB that answer wrongly are switched off: the engine's numbers are right on every version."""

from datetime import date, datetime
from pathlib import Path

import pytest

from engine import open_database

pytestmark = pytest.mark.anyio

STATEMENT = Path(__file__).with_name("common_subplan.sql")
"""A sum of tasks and a count of staff, which both join staff, bosses and teams; written by the engine."""
ROWS = (
    "CREATE TABLE people AS SELECT id, 1 AS bosses_id, 1 AS teams_id, 'a' AS label, 0 AS amount FROM range(1, 3) AS r(id)",
    "CREATE TABLE teams_table AS SELECT 1 AS id, TIMESTAMP '2025-01-01' AS happened_at",
    "CREATE TABLE tasks_table AS SELECT 1 AS id, 1 AS staff_id, 1 AS amount, true AS flag",
)


async def test_joins_of_other_tables_are_not_taken_for_the_same() -> None:
    async with open_database("duckdb:///:memory:", read_only=False) as database:
        for statement in ROWS:
            await database.fetch(statement, ())
        parameters = {"p0": "b", "p1": datetime.fromisoformat("2025-01-01"), "p2": datetime.fromisoformat("2025-01-06")}
        found = await database.fetch(STATEMENT.read_text(encoding="utf-8"), parameters)
    assert found.rows == ((date(2025, 1, 1), 2, 1),)
