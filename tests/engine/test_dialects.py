"""Typical questions in every dialect: the SQL is the one expected, can be read back, and uses nothing that the database lacks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlglot
import yaml
from sqlglot import exp

from engine import QueryError, compile_query
from engine.sql.dialects import DIALECTS
from tests.engine.asking import loaded
from tests.engine.worlds import SHOP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine import Statement

FOLDER = Path(__file__).parent / "dialects"
QUERIES: Mapping[str, Any] = {
    entry["name"]: entry["query"] for entry in yaml.safe_load((FOLDER / "queries.yml").read_text(encoding="utf-8"))
}
MARKS = {":{}": r":(p\d+)", "${}": r"\$(p\d+)", "%({})s": r"%\((p\d+)\)s", "?": r"(\?)"}
# Functions that sqlglot does not know by a name of its own, and that each database documents.
FUNCTIONS = {
    "sqlite": {"DATE", "DATETIME", "STRFTIME"},
    "duckdb": {"TIME_BUCKET"},
    "postgres": set[str](),
    "clickhouse": {
        "addHours",
        "addMonths",
        "addSeconds",
        "timezoneOffset",
        "toDateTime",
        "toMonday",
        "toString",
        "toTimeZone",
        "toUnixTimestamp",
    },
    "spark": set[str](),
    "trino": {"AT_TIMEZONE", "WITH_TIMEZONE"},
    "snowflake": set[str](),
    "bigquery": set[str](),
    "mysql": {"CONVERT_TZ", "WEEKDAY", "MAKEDATE"},
}

every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


@every_dialect
def test_the_sql_of_typical_questions_is_the_one_expected(dialect: str, pytestconfig: pytest.Config) -> None:
    path = FOLDER / f"{dialect}.sql"
    written = "\n\n".join(f"-- {name}\n{told(SHOP.compile(query, dialect))}" for name, query in QUERIES.items()) + "\n"
    if pytestconfig.getoption("golden"):
        path.write_text(written, encoding="utf-8")
    assert written == path.read_text(encoding="utf-8"), f"{path}; if that is right, run `make golden`"


@every_dialect
@pytest.mark.parametrize("name", QUERIES)
def test_the_sql_can_be_read_back_and_uses_what_the_database_has(name: str, dialect: str) -> None:
    statement = SHOP.compile(QUERIES[name], dialect)
    trees = sqlglot.parse(plain(statement), dialect=dialect)
    assert len(trees) == 1
    assert isinstance(trees[0], exp.Select), statement.sql
    assert not list(trees[0].find_all(exp.Command))
    unknown = {node.name for node in trees[0].find_all(exp.Anonymous)}
    assert unknown <= FUNCTIONS[dialect], statement.sql


@every_dialect
def test_every_mark_has_its_parameter(dialect: str) -> None:
    for query in QUERIES.values():
        statement = SHOP.compile(query, dialect)
        marks = re.findall(MARKS[DIALECTS[dialect].parameter], statement.sql)
        if isinstance(statement.parameters, list):
            assert len(marks) == len(statement.parameters)
        else:
            assert set(marks) == set(statement.parameters)


MODEL = """
cubes:
  - name: orders
    sql_table: orders
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - name: created_at
        sql: created_at
        type: time
        granularities:
          - {name: closing, interval: 1 month, origin: "2025-01-31"}
          - {name: shift, interval: 1 month, origin: "2025-01-10 06:00"}
    measures:
      - {name: count, type: count}
"""


@pytest.mark.parametrize(
    ("dialect", "granularity"),
    [("spark", "closing"), ("trino", "closing"), ("bigquery", "closing"), ("bigquery", "shift")],
)
def test_buckets_that_a_database_cannot_list_are_refused(dialect: str, granularity: str) -> None:
    query = {"measures": ["orders.count"], "dimensions": [f"orders.created_at.{granularity}"]}
    assert compile_query(query, loaded(MODEL), dialect=dialect).sql
    with pytest.raises(QueryError, match=f"Buckets of {granularity} cannot be listed by {dialect}"):
        compile_query({**query, "fill": True}, loaded(MODEL), dialect=dialect)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "clickhouse", "snowflake", "mysql"])
def test_buckets_that_end_with_the_month_are_filled(dialect: str) -> None:
    query = {"measures": ["orders.count"], "dimensions": ["orders.created_at.closing"], "fill": True}
    assert "2000-01-31" in compile_query(query, loaded(MODEL), dialect=dialect).sql


def told(statement: Statement) -> str:
    """A statement with its parameters, as a comment that stays one line."""
    values = f"-- {json.dumps(statement.parameters, default=str)}\n" if statement.parameters else ""
    return values + statement.sql


def plain(statement: Statement) -> str:
    """The SQL as the database reads it, with a value in each parameter's place."""
    row = DIALECTS[statement.dialect]
    sql = re.sub(MARKS[row.parameter], "NULL", statement.sql)
    doubled = row.percent == "doubled" or (row.percent != "plain" and statement.parameters)
    return sql.replace("%%", "%") if doubled else sql
