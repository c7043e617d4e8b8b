"""What a plan says before any SQL: homes, joins, what a filter makes certain, what is only asked for as an existence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import QueryError
from engine.plan.notes import notes_of, notes_of_totals
from engine.plan.planner import plan
from engine.plan.variants import totals_shape
from engine.query.description import Describer, names_of
from engine.query.parser import parse_query
from engine.query.resolver import resolve
from tests.engine.worlds import NOW, SHOP, TESTIO, World

if TYPE_CHECKING:
    from engine.plan.plan import Fact, Plan


def planned(world: World, **query: Any) -> Plan:
    model = world.model
    return plan(resolve(parse_query(query), model, security=world.security, now=NOW).shape, model)


def joined(fact: Fact) -> dict[str, str]:
    """How each instance beside the home is joined."""
    return {".".join(each.path): "inner" if each.inner else "left" for each in fact.instances[1:]}


def shop(*filters: tuple[str, str, list[Any]] | dict[str, Any], by: str = "", measure: str = "orders.count") -> Fact:
    """The fact of a metric of the shop under these filters."""
    written = [f if isinstance(f, dict) else {"member": f[0], "operator": f[1], "values": f[2]} for f in filters]
    [fact] = planned(SHOP, measures=[measure], dimensions=[by] if by else [], filters=written).facts
    return fact


def one(member: str, operator: str, *values: Any) -> dict[str, Any]:
    return {"member": member, "operator": operator, "values": list(values)}


def test_metrics_are_gathered_by_home_and_each_leaf_stands_once() -> None:
    found = planned(TESTIO, metrics=["bugs_per_test", "bug_count", "critical_bugs_per_test"], dimensions=["product"])
    homes = {fact.home.name: [leaf.name for leaf in fact.leaves] for fact in found.facts}
    assert homes == {"bugs": ["bug_count", "critical_bug_count"], "tests": ["test_count"]}
    assert [column.name for column in found.columns] == [
        "product_id", "product", "bugs_per_test", "bug_count", "critical_bugs_per_test",
    ]  # fmt: skip


def test_metrics_that_are_filtered_by_default_and_others_are_facts_of_their_own() -> None:
    found = planned(TESTIO, metrics=["test_count", "tests_created"])
    assert [(fact.home.name, [each.member for each in fact.defaults]) for fact in found.facts] == [
        ("tests", ["test_status"]),
        ("tests", []),
    ]


def test_a_default_filter_applies_where_many_to_one_steps_lead() -> None:
    [bugs] = planned(TESTIO, metrics=["bug_count"]).facts
    assert joined(bugs) == {"bugs.tests": "inner"}
    [lifted] = planned(TESTIO, metrics=["bug_count"], filters={"test_status": "cancelled"}).facts
    assert lifted.defaults == ()


def test_a_metric_that_is_only_compared_is_planned_and_hidden() -> None:
    found = planned(SHOP, measures=["orders.count"], filters=[one("returns.amount", "gt", 1)])
    assert [fact.home.name for fact in found.facts] == ["orders", "returns"]
    assert [(column.name, column.hidden) for column in found.columns] == [
        ("orders.count", False),
        ("returns.amount", True),
    ]


def test_nothing_is_joined_that_is_not_read() -> None:
    assert joined(shop()) == {}
    assert joined(shop(by="orders.status")) == {}
    assert joined(shop(by="customers.region")) == {"orders.customers": "left"}
    assert joined(shop(measure="items.qty", by="customers.region")) == {
        "items.orders": "left",
        "items.orders.customers": "left",
    }


@pytest.mark.parametrize(
    ("condition", "certain"),
    [
        (one("customers.region", "equals", "EAST"), True),
        (one("customers.region", "equals", "EAST", None), False),
        (one("customers.region", "notEquals", "EAST"), False),
        (one("customers.region", "notEquals", "EAST", None), True),
        (one("customers.region", "set"), True),
        (one("customers.region", "notSet"), False),
        (one("customers.region", "contains", "A"), True),
        (one("customers.region", "notContains", "A"), False),
        (one("customers.age", "gt", 3), True),
        ({"or": [one("customers.region", "equals", "EAST"), one("customers.age", "gt", 3)]}, True),
        ({"or": [one("customers.region", "equals", "EAST"), one("orders.status", "equals", "pending")]}, False),
        ({"and": [one("customers.region", "equals", "EAST"), one("orders.status", "equals", "pending")]}, True),
        (
            {
                "or": [
                    {"and": [one("customers.region", "set"), one("orders.status", "set")]},
                    one("customers.age", "lt", 9),
                ]
            },
            True,
        ),
        # A customer who is not there has no value at all, not the label that the dimension gives to the others.
        (one("customers.age_group", "equals", "old"), True),
    ],
)
def test_a_filter_makes_certain_what_it_is_untrue_without(condition: dict[str, Any], certain: bool) -> None:
    assert joined(shop(condition)) == {"orders.customers": "inner" if certain else "left"}


def test_what_lies_on_the_way_to_something_certain_is_certain_too() -> None:
    fact = shop(one("customers.region", "equals", "EAST"), measure="items.qty")
    assert joined(fact) == {"items.orders": "inner", "items.orders.customers": "inner"}


def test_a_partner_that_only_filters_is_an_existence_and_repeats_no_row() -> None:
    fact = shop(one("items.product", "equals", "A"), measure="customers.count")
    assert joined(fact) == {}
    assert not fact.fanned
    [existence] = fact.existences
    assert [".".join(each.path) for each in existence.instances] == ["customers.orders", "customers.orders.items"]


@pytest.mark.parametrize(
    ("condition", "by"),
    [
        (one("orders.status", "notEquals", "pending"), ""),
        (one("orders.status", "notSet"), ""),
        (one("orders.status", "equals", "pending"), "orders.status"),
        (one("orders.status", "equals", "pending"), "orders.large"),
        ({"or": [one("orders.status", "equals", "pending"), one("customers.region", "equals", "EAST")]}, ""),
        ({"or": [one("orders.status", "equals", "pending"), one("returns.created_at", "set")]}, ""),
    ],
)
def test_a_partner_that_is_shown_or_may_be_missing_is_joined(condition: dict[str, Any], by: str) -> None:
    fact = shop(condition, measure="customers.count", by=by)
    assert fact.existences == ()
    assert fact.fanned


def test_two_filters_on_one_branch_mean_one_partner_and_on_two_branches_two() -> None:
    same = shop(one("orders.status", "equals", "a"), one("items.product", "equals", "A"), measure="customers.count")
    assert [len(each.instances) for each in same.existences] == [2]
    both = shop(one("orders.status", "equals", "a"), one("returns.created_at", "set"), measure="customers.count")
    assert [len(each.instances) for each in both.existences] == [1, 1]


def test_rows_are_repeated_only_below_a_step_down() -> None:
    assert not shop(by="customers.region").fanned
    assert shop(by="items.product").fanned


def test_dimensions_alone_are_listed_from_the_nearest_cube_that_reaches_all_of_them() -> None:
    [fact] = planned(SHOP, dimensions=["customers.region"]).facts
    assert (fact.home.name, fact.leaves) == ("customers", ())
    [fact] = planned(SHOP, dimensions=["customers.region", "orders.status"]).facts
    assert fact.home.name == "orders"
    with pytest.raises(QueryError) as caught:
        planned(SHOP, dimensions=["returns.created_at.month", "orders.status"])
    assert caught.value.issues[0].code == "E_NO_PATH"


def test_a_dimension_is_read_through_one_row_for_all_that_is_asked() -> None:
    [fact] = planned(TESTIO, metrics=["test_count"], dimensions=["feature", "tester"]).facts
    assert set(joined(fact)) == {
        "tests.bugs", "tests.bugs.testers", "tests.bugs.test_features", "tests.bugs.test_features.features",
    }  # fmt: skip


def test_a_hint_chooses_between_ways() -> None:
    hints = [["test_features", "features", "products"]]
    [fact] = planned(TESTIO, metrics=["features_tested"], dimensions=["product"], join_hints=hints).facts
    assert "test_features.features.products" in joined(fact)
    [fact] = planned(TESTIO, metrics=["features_tested"], dimensions=["product"]).facts
    assert "test_features.tests.products" in joined(fact)


def test_every_reason_for_a_refusal_is_told_at_once() -> None:
    with pytest.raises(QueryError) as caught:
        planned(
            SHOP, measures=["returns.amount", "returns.count", "items.qty"], dimensions=["items.product", "returns.id"]
        )
    assert [(issue.code, issue.member) for issue in caught.value.issues] == [
        ("E_NO_PATH", "items.product"),
        ("E_NO_PATH", "returns.id"),
    ]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, True),
        ({"dimensions": ["customers.region"]}, True),
        ({"timeDimensions": [{"dimension": "orders.created_at", "granularity": "month"}]}, False),
        ({"timeDimensions": [{"dimension": "orders.created_at", "dateRange": ["2025-02-01", "2025-02-28"]}]}, False),
    ],
)
def test_a_shift_that_has_no_time_to_move_is_told(asked: dict[str, Any], told: bool) -> None:
    found = planned(SHOP, measures=["orders.revenue", "orders.month_before"], **asked)
    notes = [each for each in notes_of(found, Describer({}, (), "UTC")) if "shift" in each]
    assert notes == (
        [
            "orders.month_before is read without its shift in time: the question has neither a time to group by nor a date range."
        ]
        if told
        else []
    )


@pytest.mark.parametrize(("dimension", "told"), [("tester", True), ("product", False)])
def test_totals_that_are_read_by_another_way_than_the_rows_are_told(dimension: str, told: bool) -> None:
    asked = {"metrics": ["test_count"], "dimensions": [dimension], "filters": {"feature": "Login"}}
    query, model = parse_query(asked), TESTIO.model
    resolved = resolve(query, model, security=TESTIO.security, now=NOW)
    rows, totals = plan(resolved.shape, model), plan(totals_shape(resolved.shape), model)
    notes = list(notes_of_totals(rows, totals, Describer(names_of(query, resolved, model), (), "UTC")))
    ways = "feature through test features, the rows read it through bugs and test features"
    why = "the dimensions asked need that way, and the total is of other rows"
    assert notes == ([f"The total of test_count reads {ways}: {why}."] if told else [])
