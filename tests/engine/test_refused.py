"""What cannot be answered rightly is refused, with its code, what is wrong with it and what to ask instead."""

from __future__ import annotations

from typing import Any

import pytest

import engine
from tests.engine.asking import loaded
from tests.oracle.database import DIALECTS

MODEL = """
cubes:
  - name: customers
    sql_table: customers
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: region, sql: region, type: string}
    measures:
      - {name: customer_count, type: count}
  - name: orders
    sql_table: orders
    joins:
      - {name: customers, relationship: many_to_one, sql: "{CUBE}.customer_id = {customers.id}"}
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: ordered_at, sql: ordered_at, type: time}
      - {name: shipped_at, sql: shipped_at, type: time}
    measures:
      - {name: revenue, sql: amount, type: sum}
      - {name: largest, sql: amount, type: max}
      - {name: so_far, sql: amount, type: sum, rolling_window: {trailing: unbounded}}
      - {name: two_days, sql: amount, type: sum, rolling_window: {trailing: 2 day}}
  - name: logs
    sql_table: logs
    joins:
      - {name: orders, relationship: one_to_one, sql: "{CUBE}.order_id = {orders.id}"}
    dimensions:
      - {name: line, sql: line, type: string}
      - {name: seen, sql: "{visits.visit_count}", type: number, sub_query: true}
      - {name: decade, sql: "DATE_TRUNC('decade', {CUBE}.at)", type: time}
      - {name: at, sql: at, type: time, granularities: [{name: odd, interval: 1 month 2 days, origin: 2024-01}]}
    measures:
      - {name: bytes, sql: size, type: sum}
      - {name: largest_size, sql: size, type: max}
  - name: visits
    sql_table: visits
    joins:
      - {name: orders, relationship: many_to_one, sql: "{CUBE}.order_id = {orders.id}"}
      - {name: customers, relationship: many_to_one, sql: "{CUBE}.customer_id = {customers.id}"}
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: page, sql: page, type: string}
    measures:
      - {name: visit_count, type: count}
"""


def at(granularity: str, member: str = "ordered_at") -> dict[str, str]:
    return {"dimension": f"orders.{member}", "granularity": granularity}


@pytest.mark.parametrize(
    ("query", "code", "says"),
    [
        ({"measures": ["orders.revenue"], "fill": True}, "E_FILL", "the query groups by 0. Group by one time"),
        (
            {"measures": ["orders.revenue"], "timeDimensions": [at("day")], "dimensions": ["orders.shipped_at.day"], "fill": True},
            "E_FILL",
            "the query groups by 2",
        ),
        (
            {"measures": ["orders.revenue"], "timeDimensions": [{"dimension": "orders.id"}]},
            "E_TIME_DIMENSION",
            "'orders.id' is no time. Name it among the dimensions",
        ),
        (
            {"measures": ["orders.revenue"], "dimensions": ["customers.region"], "joinHints": [["orders", "custmers"]]},
            "E_NAME_NOT_FOUND",
            "There is no cube 'custmers'. Did you mean \"customers\"",
        ),
        ({"measures": ["orders.two_days"]}, "E_WINDOW", "needs a time to roll over. Group by a time"),
        (
            {"measures": ["orders.so_far"], "timeDimensions": [at("week")], "dimensions": ["orders.ordered_at.month"]},
            "E_WINDOW",
            "Buckets of week do not make up whole buckets of month. Ask a rolling metric by one of them",
        ),
        (
            {
                "measures": ["orders.largest"],
                "ungrouped": True,
                "filters": [{"member": "orders.largest", "operator": "gt", "values": [1]}],
            },
            "E_UNGROUPED",
            "it cannot filter on a metric",
        ),
        (
            {
                "measures": ["orders.revenue"],
                "dimensions": ["visits.page"],
                "joinHints": [["orders", "customers", "visits"]],
            },
            "E_NO_PATH",
            "goes up and down again: nothing can be attributed there",
        ),
        (
            {"measures": ["logs.bytes", "logs.largest_size"], "dimensions": ["visits.page"]},
            "E_PRIMARY_KEY_REQUIRED",
            "logs.bytes cannot be asked so: 'logs' has no primary key, and its rows would count several times",
        ),
        (
            {"measures": ["logs.bytes"], "dimensions": ["logs.seen"]},
            "E_PRIMARY_KEY_REQUIRED",
            "'logs' has no primary key, so visits.visit_count cannot be looked up for its rows",
        ),
        (
            {"measures": ["logs.bytes"], "timeDimensions": [{"dimension": "logs.at", "granularity": "odd"}]},
            "E_GRANULARITY",
            "Buckets of months and days together ('odd') cannot be computed",
        ),
        (
            {"measures": ["logs.bytes"], "dimensions": ["logs.decade"]},
            "E_UNSUPPORTED",
            "DATE_TRUNC to 'decade' cannot be written",
        ),
    ],
)  # fmt: skip
def test_a_question_without_a_right_answer_is_refused(query: dict[str, Any], code: str, says: str) -> None:
    for dialect in DIALECTS:
        with pytest.raises(engine.QueryError) as caught:
            engine.compile_query(query, loaded(MODEL), dialect=dialect)
        assert [issue.code for issue in caught.value.issues] == [code]
        assert says in str(caught.value)


def test_the_greatest_of_repeated_rows_needs_no_primary_key() -> None:
    query = {"measures": ["logs.largest_size"], "dimensions": ["visits.page"]}
    assert "MAX(logs.size)" in engine.compile_query(query, loaded(MODEL), dialect="duckdb").sql


@pytest.mark.parametrize(
    ("name", "hint"), [("sqlit", 'Did you mean "sqlite"'), ("oracle", "There are sqlite, duckdb, postgres")]
)
def test_a_dialect_that_is_not_written_is_refused_with_those_that_are(name: str, hint: str) -> None:
    with pytest.raises(engine.QueryError, match="There is no SQL dialect") as caught:
        engine.compile_query({"measures": ["orders.revenue"]}, loaded(MODEL), dialect=name)
    assert hint in str(caught.value)
