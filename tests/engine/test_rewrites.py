"""What of a fact is done before its joins and what after, so that databases have less to do for the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.plan.labels import labels_of
from tests.engine.test_plan import planned
from tests.engine.worlds import SHOP, TESTIO, World

if TYPE_CHECKING:
    from engine.plan.plan import Plan


def looked_up(found: Plan) -> dict[str, tuple[str, ...]]:
    """The labels that are looked up once a group, by their keys."""
    (fact,) = found.facts
    return {each.key.name: tuple(column.name for column in each.columns) for each in labels_of(fact, found.groups)}


def labels(world: World, **query: Any) -> dict[str, tuple[str, ...]]:
    return looked_up(planned(world, **query))


def test_a_label_is_looked_up_by_the_key_that_it_is_shown_with() -> None:
    assert labels(TESTIO, metrics=["features_tested"], dimensions=["product"]) == {"product_id": ("product",)}
    assert labels(TESTIO, metrics=["test_count"], dimensions=["feature", "tester"]) == {
        "feature_id": ("feature",),
        "tester_id": ("tester",),
    }


def test_what_no_key_of_the_same_row_is_grouped_by_is_no_label() -> None:
    assert labels(SHOP, measures=["orders.count"], dimensions=["customers.region"]) == {}
    assert labels(SHOP, measures=["orders.count"], dimensions=["customers.id", "orders.status"]) == {}
    assert labels(SHOP, measures=["orders.count"], dimensions=["customers.id", "customers.region"]) == {
        "customers.id": ("customers.region",)
    }


def test_the_home_is_at_hand_and_needs_no_look() -> None:
    assert labels(SHOP, measures=["customers.count"], dimensions=["customers.id", "customers.region"]) == {}
