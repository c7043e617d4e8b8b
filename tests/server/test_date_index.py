"""A range of dates is found by the index on the end of tests, in the SQL that questions become, on a database that was synced."""

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

import engine
from ingest import upgrade_database
from ingest.store import open_store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

ROWS = """
INSERT INTO products (id, customer_id, title) VALUES (1, 1, 'Shop'), (2, 1, 'App');
INSERT INTO users (id, customer_id, username, is_customer) VALUES (1, 1, 'jane.doe', true), (2, 1, 'john.roe', true);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
INSERT INTO tests (id, customer_id, product_id, created_by_user_id, title, status, testing_type, end_at, bugs_synced_at,
                   bugs_synced_status)
SELECT i, 1, i % 2 + 1, i % 2 + 1, 'Test', CASE WHEN i % 50 THEN 'archived' ELSE 'locked' END, 'rapid',
       strftime('%Y-%m-%d %H:%M:%f000', '2026-11-20', '-' || (i / 4) || ' days'), '2026-11-20 00:00:00.000000',
       CASE WHEN i % 50 THEN 'archived' ELSE 'locked' END
FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)
INSERT INTO bugs (id, customer_id, test_id, title, severity, status)
SELECT i, 1, i % 3000 + 1, 'Bug', 'high', 'accepted' FROM n;
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Two years of tests in the tables that the migrations make."""
    path = tmp_path_factory.mktemp("dates") / "cube.sqlite"
    asyncio.run(upgrade_database(str(path)))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(ROWS)
        asyncio.run(learned(str(path)))
    with closing(sqlite3.connect(path)) as connection:
        yield connection


async def learned(path: str) -> None:
    """What a sync leaves at its end."""
    async with open_store(path, 1) as store:
        await store.optimize()


@pytest.mark.parametrize(
    ("metrics", "dimensions"),
    [
        (["test_count"], ["status"]),
        (["test_count"], ["month"]),
        (["bug_count"], ["severity"]),
        (["bugs_per_test", "test_count"], ["product"]),
        (["bug_count"], ["product"]),
        (["bug_count"], ["customer"]),
        (["bug_count"], ["month"]),
        (["bug_count"], ["bug_platform"]),
        (["active_testers"], ["customer"]),
        (["tests_created"], ["week"]),
    ],
)
def test_a_question_about_a_month_reads_that_month_alone(
    database: sqlite3.Connection, metrics: list[str], dimensions: list[str]
) -> None:
    query = {"metrics": metrics, "dimensions": dimensions, "start_date": "2026-10-01", "end_date": "2026-10-31"}
    model = engine.load_model(Path(__file__).parents[2] / "semantic")
    statement = engine.compile_query(query, model, dialect="sqlite", security={"customer_id": 1}, now=NOW)
    plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.parameters)]
    assert any(re.search(r"tests USING INDEX ix_tests_\w+ \(.*end_at>\? AND end_at<\?\)", step) for step in plan), (
        statement.sql
    )
    assert not any(re.match(r"SCAN (tests|bugs)\b(?! ?_)", step) for step in plan), plan
    assert not any("ix_bugs_customer_id" in step or "ix_tests_customer_id" in step for step in plan), plan
