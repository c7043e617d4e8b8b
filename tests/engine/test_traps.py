"""What the known client of TestIO gets wrong and is no answer but a refusal, or a number of its own; the rest are golden files."""

from __future__ import annotations

from typing import Any

import pytest

import engine
from tests.engine.worlds import TESTIO
from tests.oracle.database import DIALECTS, Dialect


def total(metric: str, **query: Any) -> Any:
    [row] = TESTIO.ask({"metrics": [metric], **query})
    return row[0]


@pytest.mark.parametrize("metric", ["bug_count", "bug_severity_score", "bugs_per_test", "active_testers"])
@pytest.mark.parametrize("form", [{"dimensions": ["platform"]}, {"filters": {"platform": ["iOS", "Android"]}}])
def test_what_a_test_asked_for_says_nothing_of_a_bug_and_the_bugs_own_is_offered(
    metric: str, form: dict[str, Any]
) -> None:
    with pytest.raises(engine.QueryError) as caught:
        TESTIO.compile({"metrics": [metric], **form})
    [issue] = caught.value.issues
    assert issue.code == "E_NO_PATH"
    assert "bug_platform" in issue.candidates
    assert "platform" not in issue.candidates
    assert "bug_platform" in str(issue.hint)


@pytest.mark.parametrize(
    "metric", ["bug_count", "test_count", "features_tested", "bug_severity_score", "tests_submitted"]
)
@pytest.mark.parametrize(
    "dimension", ["feature", "tester", "severity", "product", "customer", "week", "bug_platform", "testing_type"]
)
def test_no_row_is_lost_or_counted_twice_in_what_adds_up(metric: str, dimension: str) -> None:
    statement = TESTIO.compile({"metrics": [metric], "dimensions": [dimension]})
    rows = TESTIO.run(statement, "sqlite")
    parts = sum(row[-1] or 0 for row in rows)  # type: ignore[misc]
    if statement.columns[-1].additive:
        assert parts == total(metric)
    else:
        assert parts >= total(metric)


def test_bugs_without_a_feature_and_of_deleted_ones_are_in_every_total() -> None:
    assert total("bug_count") == 12
    assert total("bug_count", filters=[{"member": "feature", "operator": "notSet"}]) == 3
    assert total("bug_count", filters={"feature": "Search"}) == 1


def test_a_title_that_two_features_share_filters_both_and_their_ids_one() -> None:
    assert total("bug_count", filters={"feature": "Login"}) == 6
    assert total("bug_count", filters={"feature_id": 21}) == 3


def test_the_weights_of_the_score_are_those_of_the_severities_of_the_api() -> None:
    rows = TESTIO.ask({"metrics": ["bug_severity_score", "bug_count"], "dimensions": ["severity"]})
    weights = {row[0]: row[1] / row[2] for row in rows}  # type: ignore[operator]
    assert weights == {"critical": 5, "high": 3, "low": 1, "visual": 1, "content": 1, "custom": 0, None: 0}


def test_a_test_that_two_metrics_see_is_submitted_once() -> None:
    alone = total("tests_submitted")
    together = TESTIO.ask({"metrics": ["tests_submitted", "bug_count", "active_testers", "features_tested"]})
    assert together[0][0] == alone == 4


def test_nobody_creates_no_tests() -> None:
    assert total("tests_created") == 5
    rows = TESTIO.ask({"metrics": ["tests_created", "tests_submitted"], "dimensions": ["customer"]})
    assert {row[1]: row[2:] for row in rows} == {"cleo": (4, 2), "bob": (1, 1), None: (0, 1)}


def test_status_is_the_bugs_and_test_status_the_tests() -> None:
    assert total("bug_count", filters={"status": "open"}) == total("bug_count", filters={"status": "forwarded"}) == 2
    with pytest.raises(engine.QueryError) as caught:
        TESTIO.compile({"metrics": ["bug_count"], "filters": {"status": "archived"}})
    assert caught.value.issues[0].code == "E_VALUE_UNKNOWN"
    assert total("bug_count", filters={"test_status": "archived"}) == 7


def test_the_last_second_of_a_range_belongs_to_it() -> None:
    assert total("test_count", start_date="2025-10-31", end_date="2025-10-31") == 1
    assert total("test_count", start_date="2025-11-01", end_date="2025-11-30") == 1
    assert total("bug_count", time_dimension="reported_at", date_range="November 2025") == 5


@pytest.mark.parametrize(
    ("phrase", "tests"),
    [
        ("last month", 1),
        ("this month", 1),
        ("last 30 days", 2),
        ("this year", 3),
        ("Q4 2025", 3),
        ("2025-W48", 0),
        ("2026", 1),
    ],
)
def test_a_phrase_is_a_range(phrase: str, tests: int) -> None:
    assert total("test_count", date_range=phrase) == tests


@pytest.mark.parametrize("dialect", DIALECTS)
def test_ties_stand_in_one_order_and_nulls_last_in_both_directions(dialect: Dialect) -> None:
    query = {
        "metrics": ["bug_count"],
        "dimensions": ["tester"],
        "filters": [{"member": "bug_count", "operator": "gt", "values": [0]}],
    }
    assert [row[1] for row in TESTIO.ask(query, dialect)] == ["ann", "bob", None]
    for order, expected in (("asc", ["Zoe", "ann", "bob"]), ("desc", ["bob", "ann", "Zoe"])):
        rows = TESTIO.ask({"dimensions": ["tester"], "sort_by": "tester", "sort_order": order}, dialect)
        assert [row[1] for row in rows] == expected
    for order in ("asc", "desc"):
        asked = {"metrics": ["bug_count"], "dimensions": ["severity"], "sort_by": "severity", "sort_order": order}
        assert TESTIO.ask(asked, dialect)[-1][0] is None


def test_whoever_is_no_tester_reports_bugs_under_nobody() -> None:
    rows = TESTIO.ask({"metrics": ["bug_count"], "dimensions": ["tester"]})
    assert {row[1]: row[2] for row in rows} == {"ann": 6, "bob": 4, None: 2}


def test_rows_of_other_customers_are_never_counted() -> None:
    for metric in TESTIO.model.views["testing"].members.values():
        if metric.kind == "measure":
            assert "p0" in TESTIO.compile({"metrics": [metric.name]}).parameters
    assert total("bug_count") + TESTIO.ask({"metrics": ["bug_count"]}, security={"customer_id": 2})[0][0] == 13
