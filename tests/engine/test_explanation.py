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
        " highest revenue first.\n"
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


def test_measures_of_other_periods_say_which(explain: Explain) -> None:
    names = ["so_far", "last_week", "year_to_date", "revenue_before"]
    explanation = explain(metrics=[f"orders.{name}" for name in names], dimensions=["month"])
    assert {leaf.name.removeprefix("orders."): leaf.time for leaf in explanation.leaves} == {
        "so_far": "unbounded behind",
        "last_week": "7 day behind, 1 day ahead",
        "year_to_date": "from the start of the year to each bucket",
        "revenue": "1 month earlier",
    }
    assert "    time: 7 day behind, 1 day ahead\n" in str(explanation)
    reasons = {measure.why_not_additive for measure in explanation.measures[:3]}
    assert reasons == {"each row reads other periods too"}


def test_a_measure_of_further_stages_says_over_what_it_is_computed(explain: Explain) -> None:
    explanation = explain(metrics=["orders.whole"], dimensions=["region"])
    leaves = {leaf.name: leaf for leaf in explanation.leaves}
    assert leaves["orders.whole"].counted == "from values by region, over the whole, repeated in each row"
    assert leaves["orders.whole"].columns == ("orders.amount",)
    assert explanation.measures[0].why_not_additive == "it is computed from other groups than those shown"
    explanation = explain(metrics=["orders.best_month"], dimensions=["region"])
    assert explanation.leaves[0].counted == "from values by region and orders.created_at, for each row shown"


def test_a_measure_that_repeated_rows_do_not_change_says_so(explain: Explain) -> None:
    explanation = explain(metrics=["orders.customers_served"], dimensions=["product"], segments=["orders.large"])
    assert explanation.leaves[0].counted == "joins repeat the orders, which does not change a count_distinct"
    assert readings(explanation, "orders")["orders.large"].columns == ()
    assert explanation.measures[0].why_not_additive == "the same value may be counted in several rows"


def test_a_looked_up_measure_is_traced_to_its_columns(explain: Explain) -> None:
    explanation = explain(metrics=["order_count"], dimensions=["customers.spent"])
    assert readings(explanation, "orders")["customers.spent"].columns == ("orders.amount",)
    assert "orders" in explanation.facts[0].policies


def test_the_text_names_the_filters_of_a_measure_and_what_is_looked_up(explain: Explain) -> None:
    text = str(explain(metrics=["orders.large_count", "quantity"], filters={"product": "pen"}))
    assert "orders.large_count = count(orders) where {CUBE}.amount >= 70\n" in text
    assert "    where {CUBE}.amount >= 70\n" in text
    assert "  only looked up (a row needs one, none repeats it): items\n" in text


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
            {"metrics": ["revenue"], "start_date": "November 2026", "end_date": "November 2026"},
            "Revenue, created_at from 2026-11-01 to 2026-11-30 (November 2026), by default only status paid.",
        ),
        (
            {"metrics": ["revenue"], "start_date": "2026-Q3", "end_date": "November 2026"},
            "Revenue, created_at from 2026-07-01 to 2026-11-30 (from 2026-Q3 until November 2026), by default only status paid.",
        ),
        (
            {
                "metrics": ["every_count"],
                "dimensions": ["created_at.week"],
                "sort_by": "every_count",
                "sort_order": "asc",
            },
            "Orders in any state by week of created_at, fewest orders in any state first.",
        ),
    ],
)
def test_a_query_is_told_in_a_sentence(explain: Explain, query: dict[str, Any], sentence: str) -> None:
    assert explain(**query).sentence == sentence
