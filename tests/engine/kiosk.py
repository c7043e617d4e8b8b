"""A small shop: a model and rows by hand, so that every number in the tests of answers can be checked on paper.

orders  1 north paid 100 2026-10-05    items  pen 2, ink 1
        2 north paid  50 2026-11-03           pen 4
        3 south paid  70 2026-11-20           ink 1
        4 south open  30 2026-11-21
        5 south paid  20 no date
        6 none  paid   5 2026-11-10           pen 1
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import engine

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
ASKER = {"shop": 1}

SETTINGS = """
version: 1
name: shop
release: 2.1.0
time_zone: UTC
default_view: sales
limits: {dimensions: 3, rows: 100, default_rows: 3, seconds: 10}
"""

CUBES = """
cubes:
  - name: customers
    sql_table: customers
    dimensions:
      - {name: id, sql: "{CUBE}.id", type: number, primary_key: true}
      - {name: region, sql: "{CUBE}.region", type: string, title: Region}
      - {name: spent, sql: "{orders.revenue}", type: number, sub_query: true}

  - name: orders
    sql_table: orders
    joins:
      - {name: customers, relationship: many_to_one, sql: "{CUBE}.customer_id = {customers.id}"}
    dimensions:
      - {name: id, sql: "{CUBE}.id", type: number, primary_key: true}
      - {name: number, sql: "'#' || {CUBE}.id", type: string, key: id, title: Order}
      - name: status
        sql: "{CUBE}.status"
        type: string
        title: Status
        description: Whether the order is paid. Long explanations follow the first sentence.
        synonyms: [state of payment]
        values: [{value: paid, aliases: [settled]}, {value: open}]
      - {name: created_at, sql: "{CUBE}.created_at", type: time, title: Date of the order}
      - {name: shop_id, sql: "{CUBE}.shop_id", type: number, public: false}
    measures:
      - {name: count, type: count, title: Orders, unit: orders, description: Number of orders.}
      - {name: revenue, type: sum, sql: "{CUBE}.amount", title: Revenue, unit: EUR}
      - {name: average, type: avg, sql: "{CUBE}.amount", title: Average amount, unit: EUR}
      - {name: every_count, type: count, title: Orders in any state, default_filters: false}
      - {name: customers_served, type: count_distinct, sql: "{CUBE}.customer_id"}
      - {name: so_far, type: sum, sql: "{CUBE}.amount", rolling_window: {trailing: unbounded}}
      - {name: last_week, type: sum, sql: "{CUBE}.amount", rolling_window: {trailing: 7 day, leading: 1 day}}
      - {name: year_to_date, type: sum, sql: "{CUBE}.amount", rolling_window: {type: to_date, granularity: year}}
      - {name: share, type: number, sql: "1.0 * {revenue} / NULLIF({whole}, 0)"}
      - {name: whole, type: sum, sql: "{revenue}", multi_stage: true, group_by: []}
      - name: revenue_before
        type: number
        multi_stage: true
        sql: "{revenue}"
        time_shift: [{time_dimension: created_at, interval: 1 month, type: prior}]
      - {name: best_month, type: max, sql: "{revenue}", multi_stage: true, add_group_by: [created_at]}
      - {name: large_count, type: count, filters: [{sql: "{CUBE}.amount >= 70"}]}
    segments:
      - {name: large, sql: "{CUBE}.amount >= 70"}
    access_policy:
      - group: "*"
        row_level: {filters: [{member: shop_id, operator: equals, values: ["{ securityContext.shop }"]}]}

  - name: items
    sql_table: items
    joins:
      - {name: orders, relationship: many_to_one, sql: "{CUBE}.order_id = {orders.id}"}
    dimensions:
      - {name: id, sql: "{CUBE}.id", type: number, primary_key: true}
      - {name: product, sql: "{CUBE}.product", type: string, title: Product}
    measures:
      - {name: quantity, type: sum, sql: "{CUBE}.quantity", title: Items sold, unit: items, fill_nulls_with: 0}

  - name: gifts
    sql_table: gifts
    joins:
      - {name: orders, relationship: many_to_one, sql: "{CUBE}.order_id = {orders.id}"}
    dimensions:
      - {name: id, sql: "{CUBE}.id", type: number, primary_key: true}
      - {name: wrapping, sql: "{CUBE}.wrapping", type: string, title: Wrapping}
"""

VIEWS = """
views:
  - name: sales
    description: What was sold.
    default_time_dimension: created_at
    default_filters:
      - {member: status, operator: equals, values: [paid]}
    cubes:
      - join_path: orders
        includes:
          - {name: number, alias: order}
          - status
          - created_at
          - {name: created_at, alias: month, granularity: month, title: Month}
          - {name: created_at, alias: day, granularity: day, title: Day}
          - {name: count, alias: order_count}
          - revenue
          - average
          - every_count
      - join_path: items
        includes: [product, quantity]
      - join_path: customers
        includes: [region]
      - join_path: gifts
        includes: [wrapping]
    measures:
      - {name: items_per_order, sql: "1.0 * {quantity} / NULLIF({order_count}, 0)", type: number, title: Items per order}
"""

TABLES = """
CREATE TABLE customers (id INTEGER, region TEXT);
INSERT INTO customers VALUES (1, 'north'), (2, 'south');
CREATE TABLE orders (id INTEGER, customer_id INTEGER, status TEXT, amount INTEGER, created_at TEXT, shop_id INTEGER);
INSERT INTO orders VALUES
  (1, 1, 'paid', 100, '2026-10-05 10:00:00', 1),
  (2, 1, 'paid', 50, '2026-11-03 10:00:00', 1),
  (3, 2, 'paid', 70, '2026-11-20 10:00:00', 1),
  (4, 2, 'open', 30, '2026-11-21 10:00:00', 1),
  (5, 2, 'paid', 20, NULL, 1),
  (6, NULL, 'paid', 5, '2026-11-10 10:00:00', 1),
  (7, 1, 'paid', 999, '2026-11-10 10:00:00', 2);
CREATE TABLE items (id INTEGER, order_id INTEGER, product TEXT, quantity INTEGER);
INSERT INTO items VALUES (1, 1, 'pen', 2), (2, 1, 'ink', 1), (3, 2, 'pen', 4), (4, 3, 'ink', 1), (5, 6, 'pen', 1);
CREATE TABLE gifts (id INTEGER, order_id INTEGER, wrapping TEXT);
INSERT INTO gifts VALUES (1, 1, 'red'), (2, 1, 'blue'), (3, 2, 'red');
"""


def make_model(folder: Path, settings: str = SETTINGS) -> engine.Model:
    """The shop's model, written to `folder` and loaded."""
    for name, text in (("model.yml", settings), ("cubes.yml", CUBES), ("views.yml", VIEWS)):
        (folder / name).write_text(text, encoding="utf-8")
    return engine.load_model(folder)


def make_database(folder: Path) -> str:
    """The URL of a database with the shop's rows."""
    path = folder / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TABLES)
    return f"sqlite:///{path}"
