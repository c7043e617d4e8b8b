"""What of a fact is done before its joins and what after, so that databases have less to do for the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlglot import exp, parse_one

from engine.plan.bucketed import counted_by_partner
from engine.plan.keyed import filtered_by_keys
from engine.plan.labels import labels_of
from engine.sql.bucketed import bucket_before_joining
from engine.sql.dialects import DIALECTS
from tests.engine.test_plan import planned
from tests.engine.worlds import SHOP, TESTIO, World

if TYPE_CHECKING:
    from engine.plan.plan import Fact, Plan


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


def counted(world: World, **query: Any) -> Fact | None:
    """The fact, if it is counted by partners whose time is grouped by."""
    found = planned(world, **query)
    fact = counted_by_partner(found.facts[0], found.groups)
    return fact if fact is not found.facts[0] else None


def test_rows_are_counted_by_a_partner_whose_time_is_grouped_by_in_buckets() -> None:
    fact = counted(TESTIO, metrics=["bug_count"], dimensions=["product", "month"])
    assert fact is not None
    assert fact.where == ()
    [existence] = fact.existences
    assert [each.path for each in existence.instances] == [("bugs", "tests")]
    assert {each.path: each.inner for each in fact.instances} == {
        ("bugs",): False,
        ("bugs", "tests"): False,
        ("bugs", "tests", "products"): False,
    }


@pytest.mark.parametrize(
    "query",
    [
        {"metrics": ["bug_count"], "dimensions": ["product"]},
        {"metrics": ["bug_count"], "dimensions": ["reported_month"]},
        {"metrics": ["active_testers"], "dimensions": ["month"]},
        {"metrics": ["bug_count"], "dimensions": ["month"], "filters": {"product": "Shop"}},
        {"metrics": ["bug_count"], "dimensions": ["month", "bug_platform"]},
    ],
    ids=["no bucket", "the row's own", "told apart", "a filter beyond the partner", "rows repeated"],
)
def test_rows_are_not_counted_by_a_partner_where(query: dict[str, Any]) -> None:
    assert counted(TESTIO, **query) is None


def filtered(world: World, **query: Any) -> list[str]:
    """The partners that are asked for as keys and joined no more."""
    found = planned(world, **query)
    fact = filtered_by_keys(found.facts[0], found.groups)
    left = {each.path for each in fact.instances}
    return [".".join(each.path) for each in found.facts[0].instances if each.path not in left]


def test_a_partner_that_only_filters_is_asked_for_as_a_key() -> None:
    assert filtered(TESTIO, metrics=["bug_count"], dimensions=["severity"]) == ["bugs.tests"]
    assert filtered(TESTIO, metrics=["active_testers"], filters={"testing_type": "rapid"}) == ["bugs.tests"]
    assert filtered(TESTIO, metrics=["bug_count"], dimensions=["feature"]) == ["bugs.tests"]


@pytest.mark.parametrize(
    "query",
    [
        {"metrics": ["bug_count"], "dimensions": ["testing_type"]},
        {"metrics": ["bug_count"], "dimensions": ["product"]},
        {"metrics": ["bug_count"], "filters": {"severity": "critical"}},
        {"metrics": ["bug_count"], "filters": {"product": "Shop"}},
        {"metrics": ["bug_severity_score"], "dimensions": ["bug_platform"]},
    ],
    ids=["it is shown", "it leads to what is shown", "rows are few already", "a filter lies beyond", "rows repeated"],
)
def test_a_partner_is_joined_where(query: dict[str, Any]) -> None:
    assert filtered(TESTIO, **query) == []


def moved(sql: str, alias: str = "tests", *names: str) -> str:
    select = parse_one(sql, dialect="duckdb")
    assert isinstance(select, exp.Select)
    bucket_before_joining(select, alias, names or ("month",), DIALECTS["duckdb"])
    return select.sql(dialect="duckdb")


def test_a_bucket_is_worked_out_before_its_relation_is_joined() -> None:
    assert moved(
        "SELECT DATE_TRUNC('MONTH', tests.end_at) AS month, COUNT(*) AS n FROM bugs "
        "INNER JOIN tests ON bugs.test_id = tests.id WHERE tests.month = 1 GROUP BY 1"
    ) == (
        "SELECT tests.month_ AS month, COUNT(*) AS n FROM bugs INNER JOIN "
        "(SELECT tests.id, tests.month, DATE_TRUNC('MONTH', tests.end_at) AS month_ FROM tests) AS tests "
        "ON bugs.test_id = tests.id WHERE tests.month = 1 GROUP BY 1"
    )


def test_a_statement_that_does_not_join_the_relation_stays_as_it_is() -> None:
    sql = "SELECT DATE_TRUNC('MONTH', tests.end_at) AS month FROM tests"
    assert moved(sql) == sql


@pytest.mark.parametrize(
    ("filters", "made_first"),
    [
        ({}, True),
        ({"testing_type": "rapid"}, True),
        ({"severity": "critical"}, False),
        ({"end_at": ["2025-01-01", "2025-03-31"]}, False),
    ],
    ids=["all rows", "a value of the test", "a value of the bug", "some months"],
)
def test_sqlite_gives_tests_their_months_first_where_it_reads_them_all(
    filters: dict[str, Any], made_first: bool
) -> None:
    dates = filters.get("end_at")
    asked: dict[str, Any] = {"metrics": ["active_testers"], "dimensions": ["month"]}
    asked |= {"date_range": dates} if dates else {"filters": filters}
    assert ("LIMIT -1" in TESTIO.compile(asked).sql) is made_first
