"""Rows in place of groups: what a metric would aggregate of each; a refusal where it has no value for a row."""

from __future__ import annotations

from typing import Any

import pytest

import engine
from tests.engine.asking import loaded
from tests.oracle.database import DIALECTS, Dialect, connect, run_script

MODEL = """
cubes:
  - name: visits
    sql_table: visits
    joins: [{name: people, relationship: many_to_one, sql: "{CUBE}.person_id = {people.id}"}]
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true, public: true}
      - {name: page, sql: page, type: string}
      - {name: visited_at, sql: visited_at, type: time}
    measures:
      - {name: visit_count, type: count}
      - {name: pages, sql: page, type: count_distinct}
      - {name: pages_of_ann, sql: page, type: count_distinct, filters: [{sql: "{people.name} = 'Ann'"}]}
      - {name: seconds, sql: seconds, type: sum}
      - {name: longest, sql: seconds, type: max}
      - {name: a_page, sql: "1.0 * {seconds} / NULLIF({visit_count}, 0)", type: number}
      - {name: so_far, type: count, rolling_window: {trailing: unbounded}}
      - {name: middle, sql: "MAX(seconds) - MIN(seconds)", type: number}
  - name: people
    sql_table: people
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: name, sql: name, type: string}
    measures:
      - {name: people_count, type: count}
"""
ROWS = """
CREATE TABLE people (id INTEGER, name VARCHAR(9));
CREATE TABLE visits (id INTEGER, person_id INTEGER, page VARCHAR(9), seconds INTEGER, visited_at TIMESTAMP);
INSERT INTO people VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO visits VALUES (1, 1, 'home', 10, '2025-01-01 00:00:00'), (2, 2, 'home', 30, '2025-01-02 00:00:00'),
  (3, 1, NULL, 5, '2025-01-02 00:00:00'), (4, NULL, 'home', NULL, '2025-01-03 00:00:00');
"""


def ask(dialect: Dialect, *measures: str, **rest: Any) -> list[tuple[Any, ...]]:
    connection = connect(dialect)
    run_script(connection, ROWS)
    names = [name if "." in name else f"visits.{name}" for name in measures]
    query = {"measures": names, "dimensions": ["visits.id"], "ungrouped": True, "order": {"visits.id": "asc"}, **rest}
    statement = engine.compile_query(query, loaded(MODEL), dialect=dialect)
    return [tuple(row) for row in connection.execute(statement.sql, statement.parameters).fetchall()]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_metric_of_a_row_is_what_it_would_aggregate_and_a_count_is_one_of_what_is_there(dialect: Dialect) -> None:
    assert ask(dialect, "visit_count", "pages", "pages_of_ann", "seconds", "longest", "a_page") == [
        (1, 1, 1, 1, 10, 10, 10.0),
        (2, 1, 1, None, 30, 30, 30.0),
        (3, 1, None, None, 5, 5, 5.0),
        (4, 1, 1, None, None, None, None),
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_rows_are_limited_by_filters_on_members_of_others(dialect: Dialect) -> None:
    ann = {"member": "people.name", "operator": "equals", "values": ["Ann"]}
    assert ask(dialect, "seconds", filters=[ann], limit=1) == [(1, 10)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_row_stands_once_however_many_partners_pass_a_filter(dialect: Dialect) -> None:
    # Ann has two visits that pass it.
    not_shop = {"member": "visits.page", "operator": "notEquals", "values": ["shop"]}
    rest: dict[str, Any] = {"dimensions": ["people.id"], "order": {"people.id": "asc"}, "filters": [not_shop]}
    assert ask(dialect, "people.people_count", **rest) == [(1, 1), (2, 1)]
    with pytest.raises(engine.QueryError, match="several partners") as caught:
        ask(dialect, "people.people_count", **{**rest, "dimensions": ["people.id", "visits.page"]})
    assert [issue.code for issue in caught.value.issues] == ["E_UNGROUPED"]


@pytest.mark.parametrize(
    ("measures", "says"),
    [
        (("so_far",), "window of time"),
        (("visit_count", "so_far"), "window of time"),
        (("visit_count", "people.people_count"), "rows of visits and people"),
        (("middle",), "aggregates in its own SQL"),
    ],
)
def test_what_has_no_value_for_a_row_is_refused_in_its_words(measures: tuple[str, ...], says: str) -> None:
    with pytest.raises(engine.QueryError, match=says) as caught:
        ask("sqlite", *measures)
    assert [issue.code for issue in caught.value.issues] == ["E_UNGROUPED"]
