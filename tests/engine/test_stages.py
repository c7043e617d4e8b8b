"""Multi-stage measures by grain and by filters of their own, on rows that can be added up by hand.

id status     category    amount  day          by status    completed 370, pending 125, cancelled 30
1  completed  books       100     10 January   by category  books 250, electronics 275
2  completed  electronics 200     15 January   in all       525
3  pending    books        50     12 February
4  pending    electronics  75     18 February
5  cancelled  books        30     10 March
6  completed  books        70     20 January
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import duckdb
import pytest

import engine
from tests.engine.asking import loaded

MODEL = """
cubes:
  - name: orders
    sql_table: orders
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true, public: true}
      - {name: number, sql: "'#' || {CUBE}.id", type: string, key: id}
      - {name: status, sql: status, type: string}
      - {name: category, sql: category, type: string}
      - {name: amount_class, sql: "CASE WHEN {CUBE}.amount >= 100 THEN 'large' ELSE 'small' END", type: string}
      - {name: created_at, sql: created_at, type: time}
    segments:
      - {name: pending, sql: "{status} = 'pending'"}
    measures:
      - {name: total, sql: amount, type: sum}
      - {name: least, sql: amount, type: min}
      - {name: last_month, sql: "MAX({created_at.month})", type: time}
      - name: in_january
        sql: "SUM(CASE WHEN DATE_TRUNC('month', {created_at}) = '2024-01-01' THEN {CUBE}.amount END)"
        type: number
      - name: month_of_those_before
        sql: "{last_month}"
        type: time
        multi_stage: true
        time_shift: [{interval: 1 month, type: prior}]
      - name: january_before
        sql: "{in_january}"
        type: number
        multi_stage: true
        time_shift: [{interval: 1 month, type: prior}]
      - {name: filled, sql: amount, type: sum, fill_nulls_with: 7}
      - {name: categories, sql: category, type: count_distinct}
      - {name: without_status, sql: "{CUBE.total}", type: sum, multi_stage: true, grain: {exclude: [orders.status]}}
      - {name: by_status, sql: "{CUBE.total}", type: sum, multi_stage: true, grain: {keep_only: ["{CUBE.status}"]}}
      - {name: of_status_and_id, sql: "{total}", type: sum, multi_stage: true, grain: {keep_only: [status], include: [id]}}
      - {name: a_month, sql: "{total}", type: avg, multi_stage: true, grain: {include: [CUBE.created_at.month]}}
      - {name: a_number, sql: "{total}", type: avg, multi_stage: true, grain: {include: [number]}}
      - {name: a_status, sql: "{total}", type: avg, multi_stage: true, group_by: [status]}
      - {name: of_a_status, sql: "{total}", type: number, multi_stage: true, group_by: [status]}
      - {name: any_category, sql: "{categories}", type: number, multi_stage: true, grain: {keep_only: []}}
      - {name: least_of_all, sql: "{least}", type: min, multi_stage: true, grain: {keep_only: []}}
      - {name: without_number, sql: "{total}", type: sum, multi_stage: true, grain: {exclude: [number]}}
      - {name: filled_without_status, sql: "{filled}", type: sum, multi_stage: true, grain: {exclude: [status]}}
      - name: large_parts
        sql: "{total}"
        type: sum
        multi_stage: true
        grain: {include: [category]}
        filters: [{sql: "{category} = 'books' AND {total} > 40"}]
      - {name: place, type: rank, multi_stage: true, order_by: [{sql: "{total}", dir: desc}], grain: {exclude: [status]}}
      - {name: place_of_id, type: rank, multi_stage: true, order_by: [{sql: "{total}", dir: desc}], grain: {include: [id]}}
      - name: largest
        sql: "{total}"
        type: sum
        multi_stage: true
        grain: {include: [id]}
        filters: [{sql: "{place_of_id} = 1"}]
      - {name: in_place, sql: "{place} * 10", type: number}
      - name: place_whatever_the_status
        type: rank
        multi_stage: true
        order_by: [{sql: "{total}", dir: desc}]
        filter: {exclude: [status]}
      - name: completed
        sql: "{total}"
        type: number
        multi_stage: true
        filter: {include: [{member: status, operator: equals, values: [completed]}]}
      - {name: of_any_status, sql: "{total}", type: number, multi_stage: true, filter: {exclude: [status, pending]}}
      - {name: of_the_category, sql: "{total}", type: number, multi_stage: true, filter: {keep_only: [category]}}
      - name: either
        sql: "{total}"
        type: number
        multi_stage: true
        filter:
          exclude: [status]
          include:
            - or:
                - {member: amount_class, operator: equals, values: [large]}
                - and:
                    - {member: category, operator: equals, values: [books]}
                    - {member: status, operator: equals, values: [pending]}
      - name: books
        sql: "{total}"
        type: number
        multi_stage: true
        filter: {include: [{member: category, operator: equals, values: [books]}]}
      - name: books_fixed
        sql: "{total}"
        type: number
        multi_stage: true
        filter: {mode: fixed, include: [{member: category, operator: equals, values: [books]}]}
      - name: completed_books
        sql: "{books}"
        type: number
        multi_stage: true
        filter: {include: [{member: status, operator: equals, values: [completed]}]}
      - name: all_books
        sql: "{books_fixed}"
        type: number
        multi_stage: true
        filter: {include: [{member: status, operator: equals, values: [completed]}]}
      - {name: month_before, sql: "{total}", type: sum, multi_stage: true, time_shift: [{interval: 1 month, type: prior}]}
      - name: all_of_month_before
        sql: "{total}"
        type: sum
        multi_stage: true
        grain: {exclude: [status]}
        time_shift: [{interval: 1 month, type: prior}]
      - name: whole_before
        sql: "{without_status}"
        type: number
        multi_stage: true
        time_shift: [{interval: 1 month, type: prior}]
views:
  - name: trade
    cubes:
      - join_path: orders
        includes: [total, of_any_status, status, {name: category, alias: kind}]
    default_filters:
      - {member: status, operator: notEquals, values: [cancelled]}
    measures:
      - {name: seen, sql: "{total}", type: sum, multi_stage: true, grain: {keep_only: [kind]}}
"""
ROWS = (
    (1, "completed", "books", 100, "2024-01-10 00:00:00"),
    (2, "completed", "electronics", 200, "2024-01-15 00:00:00"),
    (3, "pending", "books", 50, "2024-02-12 00:00:00"),
    (4, "pending", "electronics", 75, "2024-02-18 00:00:00"),
    (5, "cancelled", "books", 30, "2024-03-10 00:00:00"),
    (6, "completed", "books", 70, "2024-01-20 00:00:00"),
)
COMPLETED = {"member": "orders.status", "operator": "equals", "values": ["completed"]}


Rows = list[tuple[Any, ...]]


def ask(*measures: str, by: tuple[str, ...] = (), **rest: Any) -> Rows:
    """The answer, the same on SQLite and DuckDB, ordered by its groups; names without an owner are of `orders`."""

    def full(name: str) -> str:
        return name if "." in name else f"orders.{name}"

    query = {"measures": [*map(full, measures)], "dimensions": [*map(full, by)], **rest}
    query.setdefault("order", [[full(name), "asc"] for name in by])
    answers = []
    for dialect, connection in (("sqlite", sqlite3.connect(":memory:")), ("duckdb", duckdb.connect())):
        kind = "TEXT" if dialect == "sqlite" else "TIMESTAMP"
        connection.execute(
            f"CREATE TABLE orders (id INTEGER, status TEXT, category TEXT, amount INTEGER, created_at {kind})"
        )
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", ROWS)
        statement = engine.compile_query(query, loaded(MODEL), dialect=dialect)
        answers.append(
            [tuple(map(_plain, row)) for row in connection.execute(statement.sql, statement.parameters).fetchall()]
        )
        connection.close()
    assert answers[0] == answers[1]
    return answers[0]


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | None) else str(value).removesuffix(" 00:00:00")


def refused(*measures: str, by: tuple[str, ...] = (), **rest: Any) -> engine.Issue:
    with pytest.raises(engine.QueryError) as caught:
        ask(*measures, by=by, **rest)
    [issue] = caught.value.issues
    return issue


def test_a_grain_without_a_dimension_repeats_the_value_of_all_its_rows() -> None:
    assert ask("total", "without_status", "by_status", by=("status", "category")) == [
        ("cancelled", "books", 30, 250, 30),
        ("completed", "books", 170, 250, 370),
        ("completed", "electronics", 200, 275, 370),
        ("pending", "books", 50, 250, 125),
        ("pending", "electronics", 75, 275, 125),
    ]


def test_a_grain_of_what_is_not_asked_is_the_grand_total() -> None:
    assert ask("by_status", by=("category",)) == [("books", 525), ("electronics", 525)]


def test_a_grain_of_no_dimension_counts_distinct_values_once() -> None:
    assert ask("any_category", "categories", by=("status",)) == [
        ("cancelled", 2, 1),
        ("completed", 2, 2),
        ("pending", 2, 2),
    ]


def test_what_is_included_is_aggregated_first() -> None:
    assert ask("a_month", "a_number", by=("category",)) == [
        ("books", pytest.approx(250 / 3), 62.5),
        ("electronics", 137.5, 137.5),
    ]


def test_a_fixed_grain_is_aggregated_first_whatever_is_asked() -> None:
    assert ask("a_status") == [(175,)]
    assert ask("a_status", by=("category",)) == [("books", 175), ("electronics", 175)]
    assert ask("a_status", filters=[COMPLETED]) == [(370,)]
    assert ask("a_status", by=("status",)) == [("cancelled", 30), ("completed", 370), ("pending", 125)]
    assert ask("of_a_status", by=("category",)) == [("books", 525), ("electronics", 525)]
    assert ask("a_status", by=("status", "category"))[0:3] == [
        ("cancelled", "books", 30),
        ("completed", "books", 370),
        ("completed", "electronics", 370),
    ]


def test_an_answer_tells_of_a_grain_that_keeps_some_and_includes_others() -> None:
    query = {"measures": ["orders.of_status_and_id"], "dimensions": ["orders.status", "orders.category"]}

    async def answer() -> engine.Result:
        async with engine.open_database("duckdb://", read_only=False) as database:
            await database.fetch(
                "CREATE TABLE orders AS SELECT 1 AS id, 'a' AS status, 'b' AS category, 5 AS amount", ()
            )
            return await engine.run_query(query, loaded(MODEL), database)

    result = asyncio.run(answer())
    assert result.rows == (("a", "b", 5),)
    assert any("other groups than those shown" in note for note in result.notes)


def test_a_grain_may_keep_some_and_include_others() -> None:
    rows = ask("of_status_and_id", by=("status", "category"))
    assert [row[-1] for row in rows] == [30, 370, 370, 125, 125]


def test_an_extremum_of_all_rows_is_repeated() -> None:
    assert ask("least", "least_of_all", by=("category",)) == [("books", 30, 30), ("electronics", 75, 30)]


def test_a_dimension_goes_with_its_key() -> None:
    rows = ask("without_number", by=("number",))
    assert {row[-1] for row in rows} == {525}
    assert len(rows) == 6


def test_nulls_are_filled_where_the_value_is_computed() -> None:
    assert ask("filled_without_status", by=("status",))[0] == ("cancelled", 525)


def test_filters_of_a_stage_read_its_groups() -> None:
    assert ask("large_parts", by=("status",)) == [("cancelled", None), ("completed", 170), ("pending", 50)]


def test_a_rank_is_among_the_rows_that_differ_in_what_is_left_out() -> None:
    assert ask("place", "in_place", by=("status", "category")) == [
        ("cancelled", "books", 3, 30),
        ("completed", "books", 1, 10),
        ("completed", "electronics", 1, 10),
        ("pending", "books", 2, 20),
        ("pending", "electronics", 2, 20),
    ]


def test_a_rank_among_other_rows_stands_in_those_that_are_shown() -> None:
    assert ask("place_whatever_the_status", by=("category",), filters=[COMPLETED]) == [("books", 2), ("electronics", 1)]


def test_a_finer_rank_is_refused_where_a_group_has_many() -> None:
    issue = refused("place_of_id", by=("status",))
    assert issue.code == "E_GRAIN"
    assert "Ask by orders.id as well" in str(issue)
    assert [row[-1] for row in ask("place_of_id", by=("id",))] == [2, 1, 5, 3, 6, 4]


def test_a_finer_rank_chooses_rows_of_a_stage_around_it() -> None:
    assert ask("largest") == [(200,)]


def test_a_filter_that_is_lifted_changes_the_value_and_not_the_rows() -> None:
    assert ask("total", "of_any_status", by=("category",), filters=[COMPLETED]) == [
        ("books", 170, 250),
        ("electronics", 200, 275),
    ]
    assert ask("total", "of_any_status", segments=["orders.pending"]) == [(125, 525)]
    books = {"member": "orders.category", "operator": "equals", "values": ["books"]}
    assert ask("of_any_status", "of_the_category", filters=[COMPLETED, books]) == [(250, 250)]
    assert ask("of_any_status", by=("category",), filters=[COMPLETED, books]) == [("books", 250)]


def test_a_condition_that_is_lifted_lifts_those_beside_it_under_or_and_no_others_under_and() -> None:
    books = {"member": "orders.category", "operator": "equals", "values": ["books"]}
    assert ask("total", "of_any_status", filters=[{"or": [COMPLETED, books]}]) == [(450, 525)]
    assert ask("total", "of_any_status", filters=[{"and": [COMPLETED, books]}]) == [(170, 250)]
    assert ask("total", "of_any_status", filters=[{"or": [books, books]}]) == [(250, 250)]
    assert ask("total", "of_any_status", filters=[{"and": [COMPLETED]}]) == [(370, 525)]


def test_a_filter_that_is_added_changes_the_value_and_not_the_rows() -> None:
    assert ask("completed", by=("status",)) == [("cancelled", None), ("completed", 370), ("pending", None)]
    assert ask("either", by=("category",), filters=[COMPLETED]) == [("books", 150), ("electronics", 200)]


def test_a_relative_filter_comes_on_top_of_the_outer_one_and_a_fixed_one_in_its_place() -> None:
    assert ask("completed_books", "all_books") == [(170, 250)]


def test_a_filter_that_a_view_applies_is_lifted_too() -> None:
    assert ask("trade.total", "trade.of_any_status", by=("trade.kind",)) == [
        ("books", 220, 250),
        ("electronics", 275, 275),
    ]


def test_a_measure_of_a_view_keeps_a_dimension_of_the_view() -> None:
    rows = ask("trade.seen", by=("trade.status", "trade.kind"))
    assert [row[-1] for row in rows] == [220, 275, 220, 275][: len(rows)]


def test_a_stage_is_read_at_another_time() -> None:
    months = [{"dimension": "orders.created_at", "granularity": "month"}]
    alone = ask("month_before", timeDimensions=months)
    assert alone == [("2024-02-01", 370), ("2024-03-01", 125), ("2024-04-01", 30)]
    for measure in ("all_of_month_before", "whole_before"):
        assert ask(measure, timeDimensions=months) == alone
        rows = ask(measure, by=("category",), timeDimensions=months)
        assert [row for row in rows if row[1] == "2024-02-01"] == [
            ("books", "2024-02-01", 170),
            ("electronics", "2024-02-01", 200),
        ]


def test_what_rows_hold_is_not_moved_with_the_month_that_they_are_shown_in() -> None:
    months = [{"dimension": "orders.created_at", "granularity": "month"}]
    assert ask("month_of_those_before", "january_before", timeDimensions=months) == [
        ("2024-02-01", "2024-01-01", 370),
        ("2024-03-01", "2024-02-01", None),
        ("2024-04-01", "2024-03-01", None),
    ]


def test_a_range_chooses_the_months_that_a_stage_is_shown_in() -> None:
    months = [{"dimension": "orders.created_at", "granularity": "month", "dateRange": ["2024-02-01", "2024-02-29"]}]
    assert ask("total", "all_of_month_before", timeDimensions=months) == [("2024-02-01", 125, 370)]


def test_stages_are_filtered_ordered_and_filled() -> None:
    over = {"member": "orders.by_status", "operator": "gt", "values": ["200"]}
    assert ask("total", by=("status",), filters=[over]) == [("completed", 370)]
    first = ask("total", by=("status",), order={"orders.place": "desc"}, limit=1)
    assert first == [("cancelled", 30)]
    weeks = [{"dimension": "orders.created_at", "granularity": "month", "dateRange": ["2024-03-01", "2024-04-30"]}]
    assert ask("without_status", timeDimensions=weeks, fill=True) == [("2024-03-01", 30), ("2024-04-01", None)]


def test_a_stage_of_single_rows_is_refused() -> None:
    assert refused("by_status", by=("id",), ungrouped=True).code == "E_UNGROUPED"


def test_notes_and_explanation_say_by_what_a_stage_is_computed() -> None:
    query = {
        "measures": ["orders.of_any_status", "orders.by_status"],
        "dimensions": ["orders.status", "orders.category"],
    }
    told = engine.explain_query(query, loaded(MODEL))
    counted = {leaf.name: leaf.counted for leaf in told.leaves}
    assert counted["orders.by_status"] == (
        "from values by orders.status and orders.category, over orders.status, repeated in each row"
    )
    assert any(
        "orders.of_any_status is computed without the filters on orders.status and orders.pending" in note
        for note in told.notes
    )


def test_a_measure_with_filters_of_its_own_is_not_looked_up_for_single_rows() -> None:
    customers = """
  - name: customers
    sql_table: customers
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: for_books, sql: "{orders.books}", type: number, sub_query: true}
"""
    join = '    joins: [{name: customers, relationship: many_to_one, sql: "{CUBE}.customer_id = {customers.id}"}]\n'
    text = MODEL.replace("    sql_table: orders\n", f"    sql_table: orders\n{join}").replace(
        "views:\n", f"{customers.lstrip()}views:\n"
    )
    model = loaded(text.replace("- name: customers\n    sql_table", "  - name: customers\n    sql_table"))
    with pytest.raises(engine.QueryError, match="which it cannot where it is looked up for single rows"):
        engine.compile_query({"dimensions": ["customers.for_books"]}, model)
