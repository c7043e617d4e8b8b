"""Filters of a query that a cube's own SQL takes in: where they are certain, as the analyst says, and never more than was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import engine
from tests.engine.asking import loaded
from tests.oracle.database import DIALECTS, Dialect, connect, run_script

if TYPE_CHECKING:
    from pathlib import Path

# The columns named in the filters are not the members' own, so that what arrives in the SQL can be seen in the numbers.
MODEL = """
cubes:
  - name: visits
    sql: >
      SELECT * FROM visits WHERE {FILTER_PARAMS.visits.age.filter('age')} AND
      {FILTER_GROUP(FILTER_PARAMS.visits.age.filter('(age - 10)'), FILTER_PARAMS.visits.city.filter('LOWER(city)'))}
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: age, sql: age, type: number}
      - {name: city, sql: city, type: string}
      - {name: kind, sql: kind, type: string}
    measures:
      - {name: visit_count, type: count}
"""
ORDERS = """
cubes:
  - name: orders
    sql: "SELECT * FROM orders WHERE {FILTER_PARAMS.orders.ordered_at.filter('ordered_at')}"
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: ordered_at, sql: ordered_at, type: time}
    measures:
      - {name: order_count, type: count}
      - name: month_before
        sql: "{order_count}"
        type: number
        multi_stage: true
        time_shift: [{interval: 1 month, type: prior}]
"""
ROWS = """
CREATE TABLE visits (id INTEGER, age INTEGER, city VARCHAR(9), kind VARCHAR(9));
INSERT INTO visits VALUES (1, 20, 'oslo', 'a'), (2, 31, 'oslo', 'a'), (3, 45, 'rome', 'b'), (4, 60, NULL, 'b'),
  (5, NULL, 'rome', 'a');
"""


def over(age: int) -> dict[str, Any]:
    return {"member": "visits.age", "operator": "gt", "values": [age]}


def of(member: str, *values: str | None) -> dict[str, Any]:
    return {"member": f"visits.{member}", "operator": "equals", "values": list(values)}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> engine.Model:
    file: Path = tmp_path_factory.mktemp("filters") / "visits.yml"
    file.write_text(MODEL)
    return engine.load_model(file)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("filters", "condition"),
    [
        ([], "1 = 1"),
        ([over(30)], "age > 30 AND age - 10 > 30"),
        ([of("city", "oslo")], "city = 'oslo' AND LOWER(city) = 'oslo'"),
        ([of("kind", "a")], "kind = 'a'"),
        ([over(15), of("city", "oslo", None)], "age - 10 > 15 AND (city = 'oslo' OR city IS NULL)"),
        # An OR on the one member goes in; an OR with another member does so where that is in the group too.
        ([{"or": [over(40), over(25)]}], "(age > 40 OR age > 25) AND (age - 10 > 40 OR age - 10 > 25)"),
        ([{"or": [over(40), of("city", "oslo")]}], "(age > 40 OR city = 'oslo') AND (age - 10 > 40 OR LOWER(city) = 'oslo')"),
        ([{"or": [over(40), of("kind", "a")]}], "age > 40 OR kind = 'a'"),
        ([{"and": [over(30), of("kind", "a")]}], "age > 30 AND kind = 'a' AND age - 10 > 30"),
        (
            [{"or": [{"and": [over(30), of("kind", "a")]}, of("city", "rome")]}],
            "((age > 30 AND kind = 'a') OR city = 'rome') AND (age - 10 > 30 OR LOWER(city) = 'rome')",
        ),
        ([{"or": [{"and": [of("kind", "a"), of("kind", "b")]}, over(30)]}], "(kind = 'a' AND kind = 'b') OR age > 30"),
    ],
)  # fmt: skip
def test_what_arrives_in_the_sql_is_what_is_certain(
    model: engine.Model, dialect: Dialect, filters: list[dict[str, Any]], condition: str
) -> None:
    connection = connect(dialect)
    run_script(connection, ROWS)
    query = {"measures": ["visits.visit_count"], "filters": filters}
    statement = engine.compile_query(query, model, dialect=dialect)
    [found] = connection.execute(statement.sql, statement.parameters).fetchall()
    [wanted] = connection.execute(f"SELECT COUNT(*) FROM visits WHERE {condition}").fetchall()
    assert found == wanted


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_range_does_not_arrive_where_rows_of_another_time_are_wanted(dialect: Dialect) -> None:
    connection = connect(dialect)
    connection.execute("CREATE TABLE orders (id INTEGER, ordered_at TIMESTAMP)")
    connection.execute(
        "INSERT INTO orders VALUES (1, '2025-01-05 00:00:00'), (2, '2025-01-20 00:00:00'), (3, '2025-02-10 00:00:00')"
    )
    february = {"dimension": "orders.ordered_at", "dateRange": ["2025-02-01", "2025-02-28"]}
    query = {"measures": ["orders.order_count", "orders.month_before"], "timeDimensions": [february]}
    statement = engine.compile_query(query, loaded(ORDERS), dialect=dialect)
    assert connection.execute(statement.sql, statement.parameters).fetchall() == [(1, 2)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_ends_of_a_range_arrive_by_name_and_nothing_where_one_is_open(dialect: Dialect) -> None:
    written = (
        "FILTER_PARAMS.orders.ordered_at.filter(lambda x, y: f'id > 1 AND ordered_at >= {x} AND ordered_at < {y}')"
    )
    model = loaded(ORDERS.replace("FILTER_PARAMS.orders.ordered_at.filter('ordered_at')", written))
    connection = connect(dialect)
    connection.execute("CREATE TABLE orders (id INTEGER, ordered_at TIMESTAMP)")
    connection.execute("INSERT INTO orders VALUES (1, '2025-01-05 00:00:00'), (2, '2025-01-20 00:00:00')")
    found = {}
    for operator, values in (("inDateRange", ["2025-01-01", "2025-01-31"]), ("afterDate", ["2025-01-01"])):
        condition = {"member": "orders.ordered_at", "operator": operator, "values": values}
        query = {"measures": ["orders.order_count"], "filters": [condition]}
        statement = engine.compile_query(query, model, dialect=dialect)
        found[operator] = connection.execute(statement.sql, statement.parameters).fetchone()
    assert found == {"inDateRange": (1,), "afterDate": (2,)}
