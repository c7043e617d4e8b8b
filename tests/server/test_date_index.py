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
INSERT INTO features (id, customer_id, product_id, title)
SELECT value, 1, value % 2 + 1, 'Feature ' || value FROM json_each('[1, 2, 3, 4, 5, 6]');
INSERT INTO test_features (id, customer_id, test_id, feature_id, title)
SELECT id * 2, 1, id, id % 3 * 2 + product_id % 2 + 1, 'Feature' FROM tests;
INSERT INTO test_features (id, customer_id, test_id, feature_id, title)
SELECT id * 2 + 1, 1, id, (id + 1) % 3 * 2 + product_id % 2 + 1, 'Feature' FROM tests WHERE id % 4 > 0;
UPDATE bugs SET test_feature_id = test_id * 2 + (id % 2 AND test_id % 4 > 0) WHERE id % 7 > 0;
"""
OCTOBER = {"start_date": "2026-10-01", "end_date": "2026-10-31"}
BY_FEATURE = """
WITH october AS (
  SELECT id FROM tests WHERE end_at >= '2026-10-01' AND end_at < '2026-11-01'
)
SELECT feature_id, bug_count, test_count, 1.0 * bug_count / NULLIF(test_count, 0) FROM (
  SELECT
    features.id AS feature_id,
    (SELECT COUNT(*) FROM bugs WHERE test_id IN october
      AND test_feature_id IN (SELECT id FROM test_features WHERE feature_id = features.id)) AS bug_count,
    (SELECT COUNT(*) FROM october WHERE id IN (SELECT test_id FROM test_features WHERE feature_id = features.id)) AS test_count
  FROM features
  UNION ALL SELECT NULL, (SELECT COUNT(*) FROM bugs WHERE test_id IN october AND test_feature_id IS NULL), 0
)
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


def compiled(metrics: list[str], dimensions: list[str]) -> engine.Statement:
    """The SQL of a question about October."""
    query = {"metrics": metrics, "dimensions": dimensions, **OCTOBER}
    model = engine.load_model(Path(__file__).parents[2] / "semantic")
    return engine.compile_query(query, model, dialect="sqlite", security={"customer_id": 1}, now=NOW)


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
        (["bug_count"], ["feature"]),
        (["test_count"], ["feature"]),
        (["bugs_per_test", "bug_count", "test_count"], ["feature"]),
        (["active_testers"], ["feature"]),
        (["features_tested"], ["feature"]),
        (["bug_count"], ["feature", "month"]),
        (["test_count"], ["feature", "tester"]),
    ],
)
def test_a_question_about_a_month_reads_that_month_alone(
    database: sqlite3.Connection, metrics: list[str], dimensions: list[str]
) -> None:
    statement = compiled(metrics, dimensions)
    plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.parameters)]
    assert any(re.search(r"tests USING INDEX ix_tests_\w+ \(.*end_at>\? AND end_at<\?\)", step) for step in plan), (
        statement.sql
    )
    assert not any(re.match(r"SCAN (tests|bugs)\b(?! ?_)", step) for step in plan), plan
    assert not any("ix_bugs_customer_id" in step or "ix_tests_customer_id" in step for step in plan), plan


def test_metrics_by_feature_of_a_month_are_those_of_sql_written_by_hand(database: sqlite3.Connection) -> None:
    statement = compiled(["bug_count", "test_count", "bugs_per_test"], ["feature"])
    found = {(row[0], *row[2:]) for row in database.execute(statement.sql, statement.parameters)}
    expected = set(database.execute(BY_FEATURE))
    assert found == expected
    assert len(expected) == 7
