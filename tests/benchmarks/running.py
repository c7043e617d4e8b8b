"""How fast the SQL runs: ours and the best by hand, in turns, on SQLite and DuckDB."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import engine
from tests.benchmarks.measuring import geometric_mean, milliseconds, show, times
from tests.benchmarks.questions import QUESTIONS, SECURITY, Question
from tests.benchmarks.rows import databases

_ROUNDS = 5
NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)


def run_report(bugs: int) -> None:
    """A table for each database; a question whose answers differ is told."""
    model = engine.load_model(Path(__file__).parents[2] / "semantic")
    light, duck = databases(bugs)
    for dialect, connection in (("sqlite", light), ("duckdb", duck)):
        rows, ratios = [], []
        for question in QUESTIONS:
            statement = engine.compile_query(question.query, model, dialect=dialect, security=SECURITY, now=NOW)
            ours, by_hand = _in_turns(connection, statement, question)
            ratios.append(ours / by_hand)
            rows.append([question.name, milliseconds(ours), milliseconds(by_hand), f"{ratios[-1]:.2f}"])
        rows.append(["geometric mean", "", "", f"{geometric_mean(ratios):.2f}"])
        show(
            f"Running them on {dialect}, {bugs:,} bugs",
            ["question", "ours, ms", "by hand, ms", "ratio"],
            rows,
            "The least of five runs each; by hand, the fastest of the forms written. Wanted: a mean of 1.05.",
        )


def _in_turns(connection: Any, statement: engine.Statement, question: Question) -> tuple[float, float]:
    """How long ours takes at least, and the fastest form by hand."""
    answers = {}

    def ours(_: int) -> None:
        answers["ours"] = connection.execute(statement.sql, statement.parameters).fetchall()

    def by_hand(form: int) -> None:
        answers[forms[form]] = connection.execute(forms[form]).fetchall()

    forms = question.forms(statement.dialect)
    found = [(times(ours, 1)[0], times(by_hand, len(forms))) for _ in range(_ROUNDS)]
    for form in forms:
        if comparable(answers["ours"]) != comparable(answers[form]):
            print(
                f"{question.name}: the answers differ ({statement.dialect})\n{statement.sql}\n{form}", file=sys.stderr
            )
    return min(first for first, _ in found), min(time for _, those in found for time in those)


def comparable(rows: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Rows in a form in which two answers can be compared."""
    return sorted(tuple(f"{value:.6f}" if isinstance(value, float) else str(value) for value in row) for row in rows)
