"""The evaluator itself: against answers computed by hand, and against SQL written by hand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.database import connect, fetch, fill
from tests.oracle.evaluator import evaluate
from tests.oracle.fixture import DATA, MODEL
from tests.oracle.paths import Refused

if TYPE_CHECKING:
    from tests.oracle.model import Query


def answer(**query: Any) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in evaluate(MODEL, DATA, query)]


def sql(text: str) -> list[tuple[Any, ...]]:
    connection = connect("sqlite")
    try:
        fill(connection, "sqlite", MODEL, DATA)
        return fetch(connection, text)
    finally:
        connection.close()


def test_revenue_by_region_keeps_orphans_and_unknown_regions_under_null() -> None:
    rows = answer(measures=["orders.revenue"], dimensions=["customers.region"])
    assert rows == [("EAST", 350), ("WEST", 75), (None, 40)]


def test_revenue_by_product_counts_each_order_once_a_product() -> None:
    rows = answer(measures=["orders.revenue"], dimensions=["items.product"])
    assert rows == [("A", 350), ("B", 300), (None, 115), ("C", 100)]


def test_returns_by_region() -> None:
    rows = answer(measures=["returns.amount"], dimensions=["customers.region"])
    assert rows == [("NORTH", 15), ("EAST", 12), ("WEST", 5), (None, 1)]


def test_two_facts_together_keep_their_totals() -> None:
    assert answer(measures=["orders.revenue", "items.qty"]) == [(465, 15)]


def test_three_facts_meet_over_the_union_of_their_groups() -> None:
    measures = ["orders.revenue", "customers.count", "returns.amount"]
    rows = answer(measures=measures, dimensions=["customers.region"])
    assert rows == [("EAST", 350, 2, 12), ("WEST", 75, 1, 5), (None, 40, 1, 1), ("NORTH", None, 1, 15)]


@pytest.mark.parametrize("dimension", ["orders.status", "items.product"])
def test_returns_by_what_lies_beyond_the_shared_customer_are_refused(dimension: str) -> None:
    with pytest.raises(Refused) as refused:
        answer(measures=["returns.amount"], dimensions=[dimension])
    assert refused.value.codes == {"E_NO_PATH"}


def test_a_date_range_includes_its_last_day() -> None:
    months = {"dimension": "orders.created_at", "granularity": "month", "dateRange": ["2025-01-20", "2025-04-01"]}
    rows = answer(measures=["orders.count"], timeDimensions=[months])
    assert rows == [(datetime(2025, 1, 1), 1), (datetime(2025, 2, 1), 2), (datetime(2025, 4, 1), 1)]  # noqa: DTZ001


def test_dimensions_alone_are_listed_from_the_cube_that_reaches_all() -> None:
    assert answer(dimensions=["customers.region"]) == [("EAST",), ("NORTH",), ("WEST",), (None,)]
    rows = answer(dimensions=["customers.region", "orders.status"])
    assert rows == [("EAST", "completed"), ("EAST", "pending"), ("WEST", "completed"), (None, "completed")]


ONCE_PER_GROUP = """
SELECT product, SUM(amount), COUNT(*) FROM (
    SELECT DISTINCT i.product, o.id, o.amount
    FROM orders AS o LEFT JOIN items AS i ON i.order_id = o.id LEFT JOIN customers AS c ON c.id = o.customer_id
    WHERE {}
) GROUP BY product ORDER BY SUM(amount) DESC, product NULLS LAST
"""

FILTERS = [
    ({"member": "customers.region", "operator": "equals", "values": ["EAST"]}, "c.region = 'EAST'"),
    ({"member": "customers.region", "operator": "notEquals", "values": ["EAST"]}, "c.region IS NOT 'EAST'"),
    ({"member": "items.product", "operator": "notEquals", "values": ["A"]}, "i.product IS NOT 'A'"),
    ({"member": "items.product", "operator": "notSet"}, "i.product IS NULL"),
    (
        {
            "or": [
                {"member": "orders.status", "operator": "equals", "values": ["pending"]},
                {"member": "items.product", "operator": "contains", "values": ["b", "c"]},
            ]
        },
        "o.status = 'pending' OR i.product IN ('B', 'C')",
    ),
]


@pytest.mark.parametrize(("condition", "where"), FILTERS)
def test_filters_agree_with_sql_written_by_hand(condition: dict[str, Any], where: str) -> None:
    query: Query = {
        "measures": ["orders.revenue", "orders.count"],
        "dimensions": ["items.product"],
        "filters": [condition],
    }
    assert answer(**query) == sql(ONCE_PER_GROUP.format(where))


def test_a_filter_on_a_measure_applies_after_aggregation() -> None:
    large = {"member": "orders.revenue", "operator": "gt", "values": ["70"]}
    rows = answer(measures=["customers.count"], dimensions=["customers.region"], filters=[large])
    assert rows == [("EAST", 2), ("WEST", 1)]
