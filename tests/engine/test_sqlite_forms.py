"""What SQLite lacks of a model's SQL is written in another form, and comes to what DuckDB makes of the SQL as it stands."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

import engine
from tests.engine.asking import loaded
from tests.oracle.database import Dialect, connect, run_script

ROWS = """
CREATE TABLE jobs (id INTEGER, price DOUBLE PRECISION, cost DOUBLE PRECISION, rate DOUBLE PRECISION, label VARCHAR(9),
  began_at TIMESTAMP, due_on DATE, done_on DATE);
INSERT INTO jobs VALUES
  (1, 2.7, 1.25, NULL, 'Apple', '2025-03-31 10:20:30', '2025-03-01', '2025-03-31'),
  (2, -2.7, NULL, 4, 'pear', '2024-02-29 23:59:59', '2024-03-01', '2024-02-28'),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-01'),
  (4, 0.2, 3, -1, 'apricot', '2024-12-30 00:00:00', '2025-01-01', '2025-01-01');
"""
ALIKE = [
    ("number", "CAST({CUBE}.price AS INTEGER)"),
    ("number", "{CUBE}.done_on - {CUBE}.due_on"),
    ("number", "{CUBE}.price - {CUBE}.cost"),
    ("number", "EXTRACT(YEAR FROM {CUBE}.began_at)"),
    ("number", "EXTRACT(QUARTER FROM {CUBE}.began_at)"),
    ("number", "EXTRACT(DOW FROM {CUBE}.began_at)"),
    ("number", "EXTRACT(DOY FROM {CUBE}.began_at) + EXTRACT(MINUTE FROM {CUBE}.began_at)"),
    ("number", "GREATEST({CUBE}.price, {CUBE}.cost)"),
    ("number", "LEAST({CUBE}.price, {CUBE}.cost, {CUBE}.rate)"),
    ("boolean", "{CUBE}.label ILIKE 'ap%'"),
    ("time", "CAST({CUBE}.began_at AS DATE)"),
    ("time", "CAST({CUBE}.due_on AS TIMESTAMP)"),
    ("time", "{CUBE}.began_at + INTERVAL '7 days'"),
    ("time", "{CUBE}.began_at - INTERVAL '1 month'"),
    ("time", "{CUBE}.began_at + INTERVAL '1' YEAR"),
]


def values(kind: str, sql: str, dialect: Dialect) -> list[Any]:
    """What a dimension of that SQL is in each row."""
    connection = connect(dialect)
    run_script(connection, ROWS)
    statement = engine.compile_query(
        {"dimensions": ["jobs.id", "jobs.found"], "order": {"jobs.id": "asc"}}, model_of(kind, sql), dialect=dialect
    )
    return [plain(kind, value) for _, value in connection.execute(statement.sql, statement.parameters).fetchall()]


def model_of(kind: str, sql: str) -> engine.Model:
    return loaded(f"""
cubes:
  - name: jobs
    sql_table: jobs
    dimensions:
      - {{name: id, sql: id, type: number, primary_key: true, public: true}}
      - name: found
        sql: "{sql}"
        type: {kind}
    measures:
      - {{name: count, type: count}}
""")


def plain(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "time":
        return datetime.fromisoformat(str(value) if isinstance(value, date) else value)
    return bool(value) if kind == "boolean" else float(value) if isinstance(value, int | Decimal) else value


@pytest.mark.parametrize(("kind", "sql"), ALIKE, ids=[sql for _, sql in ALIKE])
def test_a_form_of_ours_comes_to_what_the_sql_says(kind: str, sql: str) -> None:
    found, expected = values(kind, sql, "sqlite"), values(kind, sql, "duckdb")
    assert found == (pytest.approx(expected) if kind == "number" else expected)
    assert any(value is not None for value in found)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("EXTRACT(CENTURY FROM {CUBE}.began_at)", "extracts 'century'"),
        ("CASE WHEN {CUBE}.label ~ '^a' THEN 1 END", "regular expressions"),
        ("{CUBE}.began_at AT TIME ZONE 'UTC'", "AT TIME ZONE"),
        ("INTERVAL '1 day 2 hours'", "INTERVAL"),
    ],
)
def test_what_has_no_form_is_refused_by_its_name(sql: str, says: str) -> None:
    with pytest.raises(engine.QueryError, match=says) as caught:
        engine.compile_query({"dimensions": ["jobs.found"]}, model_of("string", sql), dialect="sqlite")
    assert [issue.code for issue in caught.value.issues] == ["E_UNSUPPORTED"]
