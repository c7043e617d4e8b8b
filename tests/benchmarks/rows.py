"""Rows of a TestIO customer in any number, the same in SQLite and DuckDB, in memory."""

from __future__ import annotations

import sqlite3
from typing import Any

import duckdb
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from engine.execute.duck import switch_off_wrong_optimizers
from ingest.tables import METADATA

_TABLES = ("products", "features", "users", "tests", "test_features", "test_platforms", "bugs", "bug_devices")
_BUGS_OF_A_TEST = 20
_CHUNK = 50_000

# hash(n, salt) spreads without a generator's state, so that any number of rows is made in one statement each.
_MACROS = """
CREATE MACRO pick(n, salt, most) AS CAST(hash(n * 31 + salt) % most AS INTEGER);
CREATE MACRO one_of(n, salt, names) AS names[1 + pick(n, salt, len(names))];
"""
_ROWS = """
CREATE TABLE products AS SELECT i AS id, 1 AS customer_id, 'Product ' || i AS title, 'website' AS type FROM range(1, 21) AS t(i);
CREATE TABLE features AS SELECT
    i AS id, 1 AS customer_id, i % 20 + 1 AS product_id, 'Feature ' || i % 300 AS title, FALSE AS deleted
  FROM range(1, 401) AS t(i);
CREATE TABLE users AS SELECT i AS id, 1 AS customer_id, 'user' || i AS username, i <= 1800 AS is_tester, i > 1700 AS is_customer
  FROM range(1, 2001) AS t(i);
CREATE TABLE tests AS SELECT
    i AS id, 1 AS customer_id, pick(i, 1, 20) + 1 AS product_id, 'Test ' || i AS title,
    one_of(i, 2, ['archived', 'archived', 'archived', 'archived', 'locked', 'running', 'cancelled', 'waiting']) AS status,
    one_of(i, 3, ['coverage', 'focused', 'rapid', 'usability']) AS testing_type,
    TIMESTAMP '2023-01-01' + INTERVAL (pick(i, 4, 1500000)) MINUTE AS end_at,
    CASE WHEN pick(i, 5, 10) > 0 THEN 1700 + pick(i, 6, 300) END AS created_by_user_id,
    CASE WHEN pick(i, 7, 10) > 2 THEN 1700 + pick(i, 8, 300) END AS submitted_by_user_id
  FROM range(1, {tests} + 1) AS t(i);
CREATE TABLE test_features AS SELECT
    t.id * 3 + k AS id, 1 AS customer_id, t.id AS test_id, pick(t.id * 3 + k, 9, 400) + 1 AS feature_id, 'Feature' AS title
  FROM tests AS t, range(0, 3) AS r(k) WHERE pick(t.id, 10, 10) > 0;
CREATE TABLE test_platforms AS SELECT
    t.id * 2 + k AS id, 1 AS customer_id, t.id AS test_id,
    one_of(t.id * 2 + k, 11, ['iOS', 'Android', 'Windows']) AS operating_system
  FROM tests AS t, range(0, 2) AS r(k);
CREATE TABLE bugs AS SELECT
    i AS id, 1 AS customer_id, pick(i, 12, {tests}) + 1 AS test_id,
    CASE WHEN pick(i, 13, 10) > 0 AND pick(pick(i, 12, {tests}) + 1, 10, 10) > 0
         THEN (pick(i, 12, {tests}) + 1) * 3 + pick(i, 14, 3) END AS test_feature_id,
    'Bug ' || i AS title,
    one_of(i, 15, ['critical', 'high', 'high', 'low', 'low', 'low', 'visual', 'content', 'custom']) AS severity,
    one_of(i, 16, ['accepted', 'accepted', 'auto_accepted', 'rejected', 'forwarded']) AS status, FALSE AS known,
    CASE WHEN pick(i, 17, 50) > 0 THEN pick(i, 18, 1800) + 1 END AS reported_by_user_id,
    TIMESTAMP '2023-01-01' + INTERVAL (pick(i, 19, 1500000)) MINUTE AS reported_at
  FROM range(1, {bugs} + 1) AS t(i);
CREATE TABLE bug_devices AS SELECT
    b.id * 2 + k AS id, 1 AS customer_id, b.id AS bug_id,
    one_of(b.id * 2 + k, 20, ['iOS', 'Android', 'Windows', 'macOS']) AS operating_system
  FROM bugs AS b, range(0, 2) AS r(k) WHERE pick(b.id, 21, 10) > 0;
"""


def databases(bugs: int) -> tuple[sqlite3.Connection, duckdb.DuckDBPyConnection]:
    """Both databases with `bugs` bugs, a twentieth as many tests, and the indexes that the migrations make."""
    duck = duckdb.connect(":memory:")
    switch_off_wrong_optimizers(duck)
    duck.execute(_MACROS)
    duck.execute(_ROWS.format(bugs=bugs, tests=bugs // _BUGS_OF_A_TEST))
    light = sqlite3.connect(":memory:")
    METADATA.create_all(create_engine("sqlite://", creator=lambda: light, poolclass=StaticPool))
    for name in _TABLES:
        _copy(name, duck, light)
    light.execute("ANALYZE")
    light.commit()
    return light, duck


def _copy(name: str, duck: duckdb.DuckDBPyConnection, light: sqlite3.Connection) -> None:
    found = duck.execute(f"SELECT * FROM {name}")
    columns = [column[0] for column in found.description or ()]
    marks = ", ".join("?" * len(columns))
    while rows := found.fetchmany(_CHUNK):
        light.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", [_stored(row) for row in rows])


def _stored(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row as SQLAlchemy stores it in SQLite."""
    return tuple(value.isoformat(" ", "microseconds") if hasattr(value, "isoformat") else value for value in row)
