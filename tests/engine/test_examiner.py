"""What an examiner of a semantic layer would try, on a few rows that can be counted on paper; each answer is written by hand.

Order 4 is one of a customer of another tenant, order 6 that tenant's own; 2 and 3 fall into the hour that Berlin has twice.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import engine
from tests.engine.asking import Held, loaded
from tests.oracle.database import DIALECTS, Dialect, connect, run_script

OWN_ROWS = '{filters: [{member: tenant, operator: equals, values: ["{ securityContext.tenant }"]}]}'
POLICY = f'access_policy: [{{group: "*", row_level: {OWN_ROWS}}}]'
MODEL = f"""
cubes:
  - name: customers
    sql_table: customers
    dimensions:
      - {{name: id, sql: id, type: number, primary_key: true}}
      - {{name: name, sql: name, type: string}}
      - {{name: tenant, sql: tenant, type: number}}
      - {{name: joined_on, sql: "CAST({{CUBE}}.joined_on AS DATE)", type: time}}
    measures:
      - {{name: customer_count, type: count}}
    {POLICY}
  - name: orders
    sql_table: orders
    joins:
      - {{name: customers, relationship: many_to_one, sql: "{{CUBE}}.customer_id = {{customers.id}}"}}
    dimensions:
      - {{name: id, sql: id, type: number, primary_key: true}}
      - {{name: label, sql: label, type: string}}
      - {{name: tenant, sql: tenant, type: number}}
      - name: created_at
        sql: created_at
        type: time
        granularities: [{{name: fortnight, interval: 14 days, origin: "2025-10-13"}}]
      - {{name: day_on, sql: "CAST({{CUBE}}.created_at AS DATE)", type: time}}
    measures:
      - {{name: order_count, type: count}}
      - {{name: amount, sql: amount, type: sum}}
      - {{name: last_amount, sql: amount, type: sum, non_additive: {{dimension: created_at}}}}
      - {{name: last_number, sql: id, type: sum, non_additive: {{dimension: created_at}}}}
      - {{name: so_far, type: count, rolling_window: {{trailing: unbounded}}}}
      - {{name: ever, sql: id, type: sum, rolling_window: {{trailing: unbounded, leading: unbounded}}}}
      - {{name: before, sql: "{{order_count}}", type: number, multi_stage: true, time_shift: [{{interval: 1 month}}]}}
      - {{name: twice, sql: "{{order_count}} + {{order_count}}", type: number}}
      - {{name: is_large, sql: "{{amount}} > 8", type: boolean}}
      - {{name: per_amount, sql: "{{order_count}} / {{amount}}", type: number}}
      - {{name: whole, sql: "{{order_count}}", type: sum, multi_stage: true, group_by: []}}
    {POLICY}
views:
  - name: both
    time: {{orders: created_at, customers: joined_on}}
    cubes:
      - {{join_path: orders, includes: [order_count]}}
      - {{join_path: customers, includes: [customer_count]}}
"""
ROWS = """
CREATE TABLE customers (id INTEGER, name VARCHAR(9), tenant INTEGER, joined_on DATE);
CREATE TABLE orders (id INTEGER, customer_id INTEGER, tenant INTEGER, amount INTEGER, label VARCHAR(9), created_at TIMESTAMP);
INSERT INTO customers VALUES
  (1, 'Ann', 1, '2025-03-31'), (2, 'Bea', 1, '2025-10-26'), (3, 'Spy', 2, '2025-10-26'), (4, NULL, 1, NULL);
INSERT INTO orders VALUES
  (1, 1, 1, 10, 'a_b', '2025-03-30 00:30:00'),
  (2, 1, 1, -4, '50%', '2025-10-26 00:30:00'),
  (3, 2, 1, NULL, 'a\\b', '2025-10-26 01:30:00'),
  (4, 3, 1, 7, 'axb', '2024-12-29 23:30:00'),
  (5, NULL, 1, 0, NULL, NULL),
  (6, 3, 2, 999, 'secret', '2025-03-30 00:30:00');
"""

every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


def whole(dialect: Dialect, more_rows: str = "", **query: Any) -> engine.Result:
    connection = connect(dialect)
    run_script(connection, ROWS + more_rows)
    return asyncio.run(engine.run_query(query, loaded(MODEL), Held(connection, dialect), security={"tenant": 1}))


def ask(dialect: Dialect, **query: Any) -> list[tuple[Any, ...]]:
    return list(whole(dialect, **query).rows)


def times(granularity: str | None = None, member: str = "orders.created_at", **more: Any) -> list[dict[str, Any]]:
    return [{"dimension": member, **({"granularity": granularity} if granularity else {}), **more}]


# What another range does not hold.


@every_dialect
def test_a_group_that_another_range_lacks_has_what_its_metrics_are_of_nothing(dialect: Dialect) -> None:
    result = whole(
        dialect,
        measures=["orders.order_count", "orders.twice", "orders.per_amount"],
        dimensions=["customers.name"],
        timeDimensions=times(compareDateRange=["2025-10", "2025-03"]),
    )
    found = [{name.rpartition("s.")[2]: value for name, value in row.items()} for row in result.dicts()]
    assert [(row["name"], row["order_count.previous"], row["twice.previous"]) for row in found] == [
        ("Ann", 1, 2),
        ("Bea", 0, 0),
    ]
    assert [row["per_amount.previous"] for row in found] == [0.1, None]


@every_dialect
def test_an_order_by_what_is_not_shown_is_kept_and_groups_that_the_first_range_lacks_follow(dialect: Dialect) -> None:
    rows = ask(
        dialect,
        measures=["orders.order_count"],
        dimensions=["orders.label"],
        order={"orders.amount": "asc"},
        timeDimensions=times(compareDateRange=[["2024-01-01", "2025-03-31"], "2025-10"]),
    )
    assert [row[:3] for row in rows] == [("axb", 1, 0), ("a_b", 1, 0), ("50%", 0, 1), ("a\\b", 0, 1)]


@every_dialect
def test_what_is_true_or_false_has_no_difference(dialect: Dialect) -> None:
    rows = ask(dialect, measures=["orders.is_large"], timeDimensions=times(compareDateRange=["2025-03", "2025-10"]))
    assert rows == [(True, False, None, None)]


@every_dialect
def test_a_rolling_count_of_a_bucket_that_another_range_lacks_is_not_zero(dialect: Dialect) -> None:
    compared = [["2025-01-01", "2025-02-28"], ["2025-03-01", "2025-03-31"]]
    rows = ask(dialect, measures=["orders.so_far"], timeDimensions=times("month", compareDateRange=compared))
    assert [row[:3] for row in rows] == [("2025-01-01", 1, 2), ("2025-02-01", 1, None)]


@every_dialect
def test_ranges_of_dates_meet_from_the_first_midnight_in_them(dialect: Dialect) -> None:
    late = ["2025-03-29T12:00:00", "2025-03-30T12:00:00"]
    compared = [late, ["2025-10-26", "2025-10-26"]]
    rows = ask(
        dialect,
        measures=["orders.order_count"],
        timeDimensions=times("day", "orders.day_on", compareDateRange=compared),
    )
    assert [row[:3] for row in rows] == [("2025-03-30", 1, 2)]


@every_dialect
def test_an_empty_answer_with_a_multi_stage_metric_says_why(dialect: Dialect) -> None:
    nobody = {"member": "customers.name", "operator": "equals", "values": ["Nobody"]}
    result = whole(
        dialect, measures=["orders.order_count", "orders.whole"], dimensions=["orders.label"], filters=[nobody]
    )
    assert result.rows == ()
    assert result.notes[0] == 'Nothing passes all filters; leaving out "customers.name Nobody" finds 5 orders.'


# One axis for several cubes.


@every_dialect
def test_facts_with_times_and_dates_meet_on_one_axis_in_a_zone(dialect: Dialect) -> None:
    rows = ask(
        dialect,
        measures=["both.order_count", "both.customer_count"],
        timeDimensions=times("day", "both.time", dateRange=["2025-03-31", "2025-10-26"]),
        timezone="Asia/Tokyo",
    )
    assert rows == [("2025-03-31", 0, 1), ("2025-10-26", 2, 1)]


@every_dialect
@pytest.mark.parametrize(
    ("zone", "days", "found"),
    [
        # Order 2 happened in the evening before the 26th in New York; order 1 on the 30th in Apia, the day after elsewhere.
        ("America/New_York", ["2025-10-26", "2025-10-26"], (0, 1)),
        ("America/New_York", ["2025-03-31", "2025-10-25"], (2, 1)),
        ("Pacific/Apia", ["2025-03-31", "2025-10-25"], (0, 1)),
        ("Pacific/Apia", ["2025-03-30", "2025-03-30"], (1, 0)),
    ],
)
def test_a_range_on_an_axis_is_of_days_for_dates_and_of_a_zones_moments_for_times(
    dialect: Dialect, zone: str, days: list[str], found: tuple[int, int]
) -> None:
    measures = ["both.order_count", "both.customer_count"]
    asked = {"measures": measures, "timezone": zone}
    assert ask(dialect, timeDimensions=times(None, "both.time", dateRange=days), **asked) == [found]
    condition = {"member": "both.time", "operator": "inDateRange", "values": days}
    assert ask(dialect, filters=[condition], **asked) == [found]


@every_dialect
def test_a_stock_counts_the_last_of_two_times_that_clocks_show_alike(dialect: Dialect) -> None:
    # Half past two in Berlin, twice.
    assert ask(dialect, measures=["orders.last_amount"], timezone="Europe/Berlin") == [(None,)]
    days = times(dateRange=["2025-10-26", "2025-10-26"])
    asked = {"measures": ["orders.last_number"], "timezone": "Europe/Berlin"}
    assert ask(dialect, timeDimensions=days, **asked) == [(3,)]


def test_an_axis_by_itself_could_be_the_time_of_either_cube() -> None:
    with pytest.raises(engine.QueryError) as caught:
        ask("sqlite", timeDimensions=times("day", "both.time"))
    assert [issue.code for issue in caught.value.issues] == ["E_AMBIGUOUS_PATH"]


# Clocks.


@every_dialect
def test_the_hour_that_clocks_show_twice_is_one_bucket(dialect: Dialect) -> None:
    query = {"measures": ["orders.order_count"], "timezone": "Europe/Berlin"}
    day = times("hour", dateRange=["2025-10-26", "2025-10-26"])
    assert ask(dialect, **query, timeDimensions=day) == [("2025-10-26T02:00:00", 2)]
    spring = times("hour", dateRange=["2025-03-30", "2025-03-30"])
    assert ask(dialect, **query, timeDimensions=spring) == [("2025-03-30T01:00:00", 1)]


@every_dialect
def test_a_zone_moves_a_row_into_the_next_day_week_and_iso_year(dialect: Dialect) -> None:
    query = {
        "measures": ["orders.order_count"],
        "filters": [{"member": "orders.id", "operator": "equals", "values": [4]}],
    }
    found = {
        zone: ask(dialect, **query, timeDimensions=times("week"), timezone=zone) for zone in ("UTC", "Europe/Berlin")
    }
    assert found == {"UTC": [("2024-12-23", 1)], "Europe/Berlin": [("2024-12-30", 1)]}


# Access.


@every_dialect
def test_a_partner_of_another_tenant_is_nobody_everywhere(dialect: Dialect) -> None:
    result = whole(
        dialect,
        measures=["orders.order_count", "orders.amount"],
        dimensions=["customers.name"],
        order={"customers.name": "asc"},
        total=True,
        totals=True,
    )
    assert result.rows == (("Ann", 2, 6), ("Bea", 1, None), (None, 2, 7))
    assert result.total_rows == 3
    assert result.totals == {"orders.order_count": 5, "orders.amount": 13}
    spy = {"member": "customers.name", "operator": "equals", "values": ["Spy"]}
    assert ask(dialect, measures=["orders.order_count"], filters=[spy]) == [(0,)]
    assert ask(dialect, dimensions=["customers.name"], filters=[spy]) == []
    rows = ask(dialect, dimensions=["orders.id", "customers.name"], ungrouped=True, order={"orders.id": "asc"})
    assert rows == [(1, "Ann"), (2, "Ann"), (3, "Bea"), (4, None), (5, None)]


@every_dialect
def test_a_limit_cuts_neither_totals_nor_their_number(dialect: Dialect) -> None:
    result = whole(
        dialect, measures=["orders.amount"], dimensions=["orders.label"], limit=1, offset=1, total=True, totals=True
    )
    assert (result.rows, result.total_rows) == ((("axb", 7),), 5)
    assert result.totals == {"orders.amount": 13}


# Values.


@every_dialect
@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("contains", "_", [1]),
        ("contains", "%", [2]),
        ("contains", "\\", [3]),
        ("startsWith", "A_", [1]),
        ("endsWith", "!b", []),
        ("notContains", "_", [2, 3, 4, 5]),
        ("equals", "a%", []),
        ("equals", "A_B", []),
        ("contains", "' OR 1 = 1 --", []),
    ],
)
def test_a_wildcard_in_a_value_stands_for_itself(dialect: Dialect, operator: str, value: str, found: list[int]) -> None:
    condition = {"member": "orders.label", "operator": operator, "values": [value]}
    assert ask(dialect, dimensions=["orders.id"], filters=[condition]) == [(each,) for each in found]


@every_dialect
@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [("contains", "ÄRG", [7]), ("startsWith", "ärger", [7]), ("endsWith", "R [É", [7]), ("contains", "arg", [])],
)
def test_the_case_of_every_letter_is_ignored(dialect: Dialect, operator: str, value: str, found: list[int]) -> None:
    condition = {"member": "orders.label", "operator": operator, "values": [value]}
    query = {"dimensions": ["orders.id"], "more_rows": "INSERT INTO orders VALUES (7, NULL, 1, 1, 'Ärger [é', NULL);"}
    assert [row[0] for row in ask(dialect, **query, filters=[condition])] == found
    opposite = condition | {"operator": f"not{operator[0].upper()}{operator[1:]}"}
    rest = [each for each in (1, 2, 3, 4, 5, 7) if each not in found]
    assert [row[0] for row in ask(dialect, **query, filters=[opposite])] == rest


@every_dialect
def test_a_text_may_be_as_long_as_the_database_searches_for(dialect: Dialect) -> None:
    def contains(text: str) -> list[tuple[Any, ...]]:
        condition = {"member": "orders.label", "operator": "contains", "values": [text]}
        return ask(dialect, measures=["orders.order_count"], filters=[condition])

    long = "é" * 8_000
    row = f"INSERT INTO orders VALUES (7, 1, 1, 1, '{long.upper()}', NULL);\n"
    condition = {"member": "orders.label", "operator": "contains", "values": [long]}
    assert list(whole(dialect, row, measures=["orders.order_count"], filters=[condition]).rows) == [(1,)]
    if dialect != "sqlite":
        assert contains("é" * 20_000) == [(0,)]
        return
    for text in ("é" * 20_000, "a" * 50_001):
        with pytest.raises(engine.QueryError, match="50,000 bytes") as caught:
            contains(text)
        assert [issue.code for issue in caught.value.issues] == ["E_VALUE"]


@every_dialect
def test_a_metric_named_twice_and_a_dimension_that_is_filtered_stand_once(dialect: Dialect) -> None:
    rows = ask(
        dialect,
        measures=["orders.amount", "orders.amount"],
        dimensions=["orders.label", "orders.label"],
        filters=[{"member": "orders.label", "operator": "equals", "values": ["axb", None]}],
    )
    assert rows == [("axb", 7), (None, 0)]


@every_dialect
def test_thousands_of_values_are_one_filter(dialect: Dialect) -> None:
    many = {"member": "orders.id", "operator": "equals", "values": list(range(3, 9000))}
    assert ask(dialect, measures=["orders.order_count"], filters=[many]) == [(3,)]


def test_metrics_and_dimensions_in_one_group_of_filters_are_refused() -> None:
    parts = [
        {"member": "orders.order_count", "operator": "gt", "values": [1]},
        {"member": "orders.label", "operator": "equals", "values": ["axb"]},
    ]
    with pytest.raises(engine.QueryError, match="rows and groups are filtered at different times"):
        ask("sqlite", measures=["orders.order_count"], dimensions=["orders.label"], filters=[{"or": parts}])


# Rows without a date.


@every_dialect
def test_a_row_without_a_date_belongs_to_no_earlier_period(dialect: Dialect) -> None:
    rows = ask(dialect, measures=["orders.order_count", "orders.before"], timeDimensions=times("year"))
    assert [(str(row[0])[:4], *row[1:]) for row in rows] == [("2024", 1, 0), ("2025", 3, 4), ("None", 1, 0)]
    listed = ask(dialect, measures=["orders.before"], timeDimensions=times("year"))
    assert [(str(row[0])[:4], *row[1:]) for row in listed] == [("2025", 4)]


@every_dialect
def test_a_row_without_a_date_lies_in_no_window(dialect: Dialect) -> None:
    rows = ask(dialect, measures=["orders.ever"], timeDimensions=times("year"))
    assert [(str(row[0])[:4], *row[1:]) for row in rows] == [("2024", 10), ("2025", 10)]
    assert ask(dialect, measures=["orders.ever"]) == [(15,)]


@every_dialect
def test_days_make_up_the_buckets_of_ones_own_that_a_window_is_shown_in(dialect: Dialect) -> None:
    days = times("day", dateRange=["2025-10-25", "2025-10-27"])
    rows = ask(dialect, measures=["orders.so_far"], timeDimensions=days, dimensions=["orders.created_at.fortnight"])
    assert [(str(bucket)[:10], str(day)[:10], count) for bucket, day, count in rows] == [
        ("2025-10-13", "2025-10-25", 2),
        ("2025-10-13", "2025-10-26", 4),
        ("2025-10-27", "2025-10-27", 4),
    ]
