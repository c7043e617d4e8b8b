"""Joins that are decided by more than columns of two cubes: by a third one, or by a measure looked up for each row.

The numbers are counted on paper: orders 1 and 2 are Ann's (30 in all), 3 is Bob's (40), 4 nobody's.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import engine
from tests.engine.asking import Held, loaded
from tests.oracle.database import DIALECTS, Dialect, connect, run_script

MODEL = """
cubes:
  - name: rates
    sql_table: rates
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: label, sql: label, type: string}
    measures: [{name: rate_count, type: count}]
  - name: regions
    sql_table: regions
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: title, sql: title, type: string}
    measures: [{name: region_count, type: count}]
  - name: tiers
    sql_table: tiers
    joins:
      - {name: regions, relationship: many_to_one, sql: "{CUBE}.region_id = {regions.id}"}
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: title, sql: title, type: string}
    measures: [{name: tier_count, type: count}]
  - name: customers
    sql_table: customers
    joins:
      - {name: tiers, relationship: many_to_one, sql: "{CUBE.spent} >= {tiers}.least AND {CUBE.spent} < {tiers}.below"}
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: country, sql: country, type: string}
      - {name: spent, sql: "{orders.total}", type: number, sub_query: true}
    measures: [{name: customer_count, type: count}]
  - name: orders
    sql_table: orders
    joins:
      - {name: customers, relationship: many_to_one, sql: "{CUBE}.customer_id = {customers.id}"}
      - {name: rates, relationship: many_to_one, sql: "{customers.country} = {rates}.country AND {CUBE}.kind = {rates}.kind"}
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
    measures:
      - {name: total, sql: amount, type: sum}
      - {name: order_count, type: count}
  - name: visits
    sql_table: visits
    joins:
      - {name: customers, relationship: many_to_one, sql: "{CUBE}.customer_id = {customers.id}"}
      - {name: pages, relationship: many_to_one, sql: "{CUBE}.page_id = {pages.id}"}
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
    measures: [{name: visit_count, type: count}]
  - name: pages
    sql_table: pages
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: title, sql: title, type: string}
    measures: [{name: page_count, type: count}, {name: words, sql: words, type: sum}]
"""
ROWS = """
CREATE TABLE rates (id INTEGER, country VARCHAR(9), kind INTEGER, label VARCHAR(9));
CREATE TABLE regions (id INTEGER, title VARCHAR(9));
CREATE TABLE tiers (id INTEGER, region_id INTEGER, least INTEGER, below INTEGER, title VARCHAR(9));
CREATE TABLE customers (id INTEGER, country VARCHAR(9));
CREATE TABLE orders (id INTEGER, customer_id INTEGER, kind INTEGER, amount INTEGER);
CREATE TABLE pages (id INTEGER, title VARCHAR(9), words INTEGER);
CREATE TABLE visits (id INTEGER, customer_id INTEGER, page_id INTEGER);
INSERT INTO rates VALUES (1, 'de', 1, 'low'), (2, 'de', 2, 'high'), (3, 'fr', 1, 'low');
INSERT INTO regions VALUES (1, 'north'), (2, 'south');
INSERT INTO tiers VALUES (1, 1, 0, 35, 'small'), (2, 2, 35, 100, 'large');
INSERT INTO customers VALUES (1, 'de'), (2, 'fr'), (3, 'de');
INSERT INTO orders VALUES (1, 1, 1, 10), (2, 1, 2, 20), (3, 2, 1, 40), (4, NULL, 1, 80);
INSERT INTO pages VALUES (1, 'home', 100), (2, 'help', 1000);
INSERT INTO visits VALUES (1, 1, 1), (2, 1, 1), (3, 2, 1), (4, 2, 2), (5, 3, 2);
"""

every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


def ask(dialect: Dialect, *measures: str, by: tuple[str, ...] = (), **rest: Any) -> list[tuple[Any, ...]]:
    connection = connect(dialect)
    run_script(connection, ROWS)
    order = [[name, "asc"] for name in by]
    query = {"measures": [*measures], "dimensions": [*by], "order": order, **rest}
    return list(asyncio.run(engine.run_query(query, loaded(MODEL), Held(connection, dialect))).rows)


def refusal(text: str, *measures: str, by: tuple[str, ...] = ()) -> str:
    with pytest.raises(engine.EngineError) as caught:
        engine.compile_query({"measures": [*measures], "dimensions": [*by]}, loaded(text))
    return str(caught.value)


def is_(member: str, value: str) -> list[dict[str, Any]]:
    return [{"member": member, "operator": "equals", "values": [value]}]


@every_dialect
def test_a_join_may_be_decided_by_a_third_cube(dialect: Dialect) -> None:
    by_label = ask(dialect, "orders.total", "orders.order_count", by=("rates.label",))
    assert by_label == [("high", 20, 1), ("low", 50, 2), (None, 80, 1)]
    assert ask(dialect, "orders.total", by=("customers.country",), filters=is_("rates.label", "low")) == [
        ("de", 10),
        ("fr", 40),
    ]


@every_dialect
def test_what_lies_beyond_such_a_join_is_reached_through_many_rows_too(dialect: Dialect) -> None:
    by_label = ask(dialect, "customers.customer_count", by=("rates.label",))
    assert by_label == [("high", 1), ("low", 2), (None, 1)]
    assert ask(dialect, "customers.customer_count", filters=is_("rates.label", "low")) == [(2,)]


@every_dialect
def test_a_join_may_be_decided_by_a_measure_looked_up_for_each_row(dialect: Dialect) -> None:
    assert ask(dialect, "customers.customer_count", by=("tiers.title",)) == [("large", 1), ("small", 1), (None, 1)]
    assert ask(dialect, "orders.total", by=("tiers.title",)) == [("large", 40), ("small", 30), (None, 80)]
    assert ask(dialect, "orders.total", by=("regions.title",), filters=is_("tiers.title", "small")) == [("north", 30)]
    assert ask(dialect, "visits.visit_count", "orders.order_count", by=("regions.title",)) == [
        ("north", 2, 2),
        ("south", 2, 1),
        (None, 1, 1),
    ]


@every_dialect
def test_rows_below_lead_up_through_a_join_that_is_looked_up(dialect: Dialect) -> None:
    assert ask(dialect, "pages.words", by=("regions.title",)) == [("north", 100), ("south", 1100), (None, 1000)]
    assert ask(dialect, "pages.words", filters=is_("regions.title", "south")) == [(1100,)]


def test_such_a_join_leads_one_way_only() -> None:
    for measure, dimension, way in (
        ("tiers.tier_count", "customers.country", "'customers' to 'tiers'"),
        ("regions.region_count", "visits.id", "'customers' to 'tiers'"),
        ("rates.rate_count", "orders.id", "'orders' to 'rates'"),
    ):
        told = refusal(MODEL, measure, by=(dimension,))
        assert f"the join from {way} reads more than columns of the two" in told


def test_what_a_join_leads_to_cannot_be_looked_up_for_it() -> None:
    text = MODEL.replace('"{CUBE}.page_id = {pages.id}"', '"{CUBE}.page_id = {pages.seen}"').replace(
        "- {name: title, sql: title, type: string}\n    measures: [{name: page_count",
        '- {name: seen, sql: "{visits.visit_count}", type: number, sub_query: true}\n    measures: [{name: page_count',
    )
    told = refusal(text)
    assert "reads a `sub_query` dimension of 'pages', which is joined only by then" in told
    assert "`sub_query` dimensions of 'visits' alone" in told


def test_two_joins_that_are_decided_by_one_another_are_refused() -> None:
    text = """
cubes:
  - name: a
    sql_table: a
    joins: [{name: b, relationship: many_to_one, sql: "{CUBE}.x = {b}.x AND {CUBE.of_c} > 1"}]
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: of_c, sql: "{c.n}", type: number, sub_query: true}
    measures: [{name: n, type: count}]
  - name: b
    sql_table: b
    joins: [{name: a, relationship: many_to_one, sql: "{CUBE}.x = {a}.x AND {CUBE.of_d} > 1"}]
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: of_d, sql: "{d.n}", type: number, sub_query: true}
    measures: [{name: n, type: count}]
  - name: c
    sql_table: c
    joins: [{name: b, relationship: many_to_one, sql: "{CUBE}.b = {b.id}"}]
    dimensions: [{name: id, sql: id, type: number, primary_key: true}]
    measures: [{name: n, type: count}]
  - name: d
    sql_table: d
    joins: [{name: a, relationship: many_to_one, sql: "{CUBE}.a = {a.id}"}]
    dimensions: [{name: id, sql: id, type: number, primary_key: true}]
    measures: [{name: n, type: count}]
"""
    told = refusal(text, "a.n", by=("b.id",))
    assert "cannot be looked up for the rows of 'a': the way there needs its value" in told
