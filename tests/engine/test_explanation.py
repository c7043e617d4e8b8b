"""How a query is explained, on the model of `tests.engine.kiosk`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import engine
from tests.engine.kiosk import ASKER, NOW, make_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.plan.explanation import ReadingExplanation

    Explain = Callable[..., engine.Explanation]


@pytest.fixture
def explain(tmp_path: Path) -> Explain:
    model = make_model(tmp_path)

    def explained(**query: Any) -> engine.Explanation:
        return engine.explain_query(query, model, security=ASKER, now=NOW)

    return explained


def readings(explanation: engine.Explanation, home: str) -> dict[str, ReadingExplanation]:
    """What the rows of a home read, by member."""
    (fact,) = [each for each in explanation.facts if each.home == home]
    return {each.member: each for each in fact.readings}


def test_a_dimension_many_to_one_takes_the_shortest_way(explain: Explain) -> None:
    found = readings(explain(metrics=["quantity"], dimensions=["region"]), "items")
    assert found["region"].path == "items → orders → customers"
    assert found["region"].why == "the shortest way by many-to-one joins"
    assert found["region"].columns == ("customers.region",)
    assert found["status"].used == "default filter"


def test_a_dimension_below_is_reached_by_the_fewest_steps_and_rows_count_once(explain: Explain) -> None:
    explanation = explain(metrics=["order_count"], dimensions=["product", "order"])
    found = readings(explanation, "orders")
    assert found["order"].why == "its own column of orders"
    assert found["order"].columns == ("orders.id",)
    assert found["product"].path == "orders → items"
    assert found["product"].why == "through items: the fewest one-to-many steps to all that is asked"
    (leaf,) = explanation.leaves
    assert leaf.counted == "joins repeat the orders; each counts once a group, by its id"


def test_members_read_through_one_bridge_say_that_they_share_it(explain: Explain) -> None:
    explanation = explain(metrics=["order_count"], dimensions=["product"], filters={"items.id": 1})
    assert readings(explanation, "orders")["product"].why.endswith("shared with items.id")


def test_a_partner_that_only_filters_is_looked_up(explain: Explain) -> None:
    explanation = explain(metrics=["order_count"], dimensions=["region"], filters={"product": "pen"})
    (fact,) = explanation.facts
    assert fact.only_looked_up == ("items",)
    assert fact.filters == ("product pen",)
    assert fact.default_filters == ("status paid",)
    assert fact.policies == ("orders",)
    assert explanation.leaves[0].counted == "each of the orders once: no join repeats it"


def test_join_hints_are_named_as_the_reason(explain: Explain) -> None:
    explanation = explain(metrics=["order_count"], dimensions=["product"], join_hints=[["orders", "items"]])
    assert readings(explanation, "orders")["product"].why == "as the joinHints of the query say: orders.items"


def test_a_path_in_the_name_of_a_member_is_the_reason(explain: Explain) -> None:
    explanation = explain(metrics=["quantity"], dimensions=["items.orders.customers.region"])
    found = readings(explanation, "items")["items.orders.customers.region"]
    assert found.why == "as the join_path of the view, or the name asked for, says"


def test_a_ratio_shows_its_formula_and_the_leaves_of_both_homes(explain: Explain) -> None:
    explanation = explain(metrics=["items_per_order"])
    (measure,) = explanation.measures
    assert measure.formula == "1.0 * {quantity} / NULLIF({order_count}, 0)"
    assert measure.leaves == ("quantity", "order_count")
    assert {leaf.name: (leaf.home, leaf.columns) for leaf in explanation.leaves} == {
        "quantity": ("items", ("items.quantity",)),
        "order_count": ("orders", ("orders.*",)),
    }
    assert {fact.home for fact in explanation.facts} == {"items", "orders"}


def test_the_text_tells_the_same_as_the_data(explain: Explain) -> None:
    explanation = explain(metrics=["revenue"], dimensions=["region"], date_range="last month")
    assert str(explanation) == (
        "Revenue by region, created_at from 2026-10-01 to 2026-10-31 (last month), by default only status paid,"
        " most revenue first.\n"
        "\n"
        "revenue (EUR) = sum({CUBE}.amount)\n"
        "  rows add up\n"
        "  sum over orders, each of the orders once: no join repeats it\n"
        "    from orders.amount\n"
        "\n"
        "Rows of orders, for revenue\n"
        "  group region (customers.region)\n"
        "    orders → customers: the shortest way by many-to-one joins\n"
        "  filter created_at (orders.created_at)\n"
        "    orders: its own column of orders\n"
        "  default filter status (orders.status)\n"
        "    orders: its own column of orders\n"
        "  filters: created_at from 2026-10-01 to 2026-10-31\n"
        "  by default: status paid\n"
        "  limited to what you may see: orders\n"
        "\n"
        "- By default only rows with status paid count; a filter on it says otherwise."
    )
    data = json.loads(json.dumps(explanation.as_dict()))
    assert data["facts"][0]["readings"][0] == {
        "member": "region",
        "used": "group",
        "path": "orders → customers",
        "why": "the shortest way by many-to-one joins",
        "columns": ["customers.region"],
    }
    assert data["sql"].startswith("SELECT")


def test_a_query_that_cannot_be_answered_cannot_be_explained(explain: Explain) -> None:
    with pytest.raises(engine.QueryError, match="meet only in 'orders'"):
        explain(metrics=["quantity"], dimensions=["wrapping"])


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"dimensions": ["region"]}, "Values of region."),
        (
            {"dimensions": ["region", "status"], "limit": 2},
            "Combinations of region and status, by default only status paid, at most 2 rows.",
        ),
        (
            {"metrics": ["revenue", "order_count"], "dimensions": ["month"], "sort_by": "month"},
            "Revenue and orders by month, by default only status paid, month descending.",
        ),
        (
            {
                "metrics": ["every_count"],
                "dimensions": ["created_at.week"],
                "sort_by": "every_count",
                "sort_order": "asc",
            },
            "Orders in any state by week of created_at, least orders in any state first.",
        ),
    ],
)
def test_a_query_is_told_in_a_sentence(explain: Explain, query: dict[str, Any], sentence: str) -> None:
    assert explain(**query).sentence == sentence
