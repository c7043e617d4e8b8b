"""The SQL written by hand answers the same questions as the engine's, of rows with all that can go astray."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import engine
from tests.benchmarks.questions import QUESTIONS, SECURITY, Question
from tests.benchmarks.rows import databases
from tests.benchmarks.running import NOW, comparable

# Rows of another customer in every table, and keys that lead to them or to nothing.
_ASTRAY = (
    "UPDATE products SET customer_id = 2 WHERE id % 7 = 0",
    "UPDATE features SET customer_id = 2 WHERE id % 9 = 0",
    "UPDATE users SET customer_id = 2 WHERE id % 8 = 0",
    "UPDATE tests SET customer_id = 2 WHERE id % 11 = 0",
    "UPDATE test_features SET customer_id = 2 WHERE id % 5 = 0",
    "UPDATE bugs SET customer_id = 2 WHERE id % 13 = 0",
    "UPDATE bug_devices SET customer_id = 2 WHERE id % 6 = 0",
    "UPDATE tests SET product_id = 4711 WHERE id % 10 = 3",
    "UPDATE tests SET end_at = NULL WHERE id % 10 = 5",
    "UPDATE test_features SET feature_id = 4711 WHERE id % 10 = 4",
)


@pytest.fixture(scope="module")
def connections() -> dict[str, Any]:
    light, duck = databases(2000)
    for statement in _ASTRAY:
        light.execute(statement)
        duck.execute(statement)
    return {"sqlite": light, "duckdb": duck}


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_what_is_written_by_hand_answers_the_same_question(
    connections: dict[str, Any], question: Question, dialect: str
) -> None:
    model = engine.load_model(Path(__file__).parents[2] / "semantic")
    statement = engine.compile_query(question.query, model, dialect=dialect, security=SECURITY, now=NOW)
    ours = comparable(connections[dialect].execute(statement.sql, statement.parameters).fetchall())
    assert len(ours) > 1
    for form in question.forms(dialect):
        assert comparable(connections[dialect].execute(form).fetchall()) == ours, form
