"""What names, dates, limits and security values of a query come to mean in a model, and which are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import engine
from engine.query.parser import parse_query
from engine.query.resolver import resolve
from tests.engine.worlds import NOW, SHOP, TESTIO, World

if TYPE_CHECKING:
    from pathlib import Path

    from engine.query.resolved import ResolvedQuery


def resolved(world: World, **query: Any) -> ResolvedQuery:
    return resolve(parse_query(query), world.model, security=world.security, now=NOW)


def refused(world: World, **query: Any) -> engine.Issue:
    with pytest.raises(engine.QueryError) as caught:
        world.compile(query)
    [issue] = caught.value.issues
    return issue


# Names.


def test_an_unknown_name_is_told_with_near_ones_of_the_kind_that_is_wanted() -> None:
    issue = refused(TESTIO, metrics=["bug_cont"])
    assert (issue.code, issue.member) == ("E_NAME_NOT_FOUND", "metrics[0]")
    assert issue.candidates[0] == "bug_count"
    assert "feature" not in issue.candidates
    assert refused(TESTIO, metrics=["bug_count"], dimensions=["sevrity"]).candidates == ("severity",)
    assert refused(SHOP, measures=["ordes.count"]).candidates[0] == "orders.count"
    assert refused(SHOP, measures=["orders.revenu"]).candidates[0] == "orders.revenue"


def test_a_word_of_the_business_finds_the_metric_that_goes_by_it() -> None:
    assert "bugs_per_test" in refused(TESTIO, metrics=["bug_density"]).candidates
    assert refused(TESTIO, metrics=["acceptance_rate"]).candidates[0] == "overall_acceptance_rate", (
        "whose synonym it is"
    )
    assert refused(TESTIO, metrics=["bug_count"], filters={"date": "2026"}).candidates == ("end_at",)


def test_a_name_of_another_kind_is_told_where_it_belongs() -> None:
    issue = refused(TESTIO, metrics=["feature"])
    assert issue.code == "E_WRONG_KIND"
    assert "dimensions" in str(issue.hint)


def test_a_bare_name_is_found_where_one_cube_has_it() -> None:
    assert SHOP.ask({"measures": ["qty"]}) == ((15,),)
    assert refused(SHOP, measures=["count"]).code == "E_NAME_NOT_FOUND"


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({"start_date": "someday"}, "start_date"),
        ({"start_date": "2025-01-01", "end_date": "someday"}, "end_date"),
        ({"start_date": "2025-02-01", "end_date": "2025-01-01"}, "end_date"),
        ({"date_range": "someday"}, "date_range"),
        ({"time_dimension": "end_at", "granularity": "fortnight"}, "granularity"),
        ({"time_dimension": "end_att", "granularity": "month"}, "time_dimension"),
        ({"join_hints": [["bugs", "bugz"]]}, "join_hints"),
        ({"sort_by": "feature"}, "sort_by"),
    ],
)
def test_a_mistake_of_a_flat_query_is_told_at_the_part_that_was_written(asked: dict[str, Any], place: str) -> None:
    assert refused(TESTIO, metrics=["bug_count"], **asked).member == place


def test_parts_of_cubes_form_that_are_not_run_say_what_to_do_instead() -> None:
    for part in ("subqueryJoins", "maskedMembers"):
        issue = refused(TESTIO, measures=["bug_count"], **{part: []})
        assert (issue.code, issue.member) == ("E_UNSUPPORTED", part)
        assert issue.hint is not None


def test_every_unknown_name_is_told_at_once() -> None:
    with pytest.raises(engine.QueryError) as caught:
        TESTIO.compile({"metrics": ["a"], "dimensions": ["b", "severity"], "filters": {"c": 1}, "sort_by": "d"})
    assert {issue.member for issue in caught.value.issues} >= {
        "metrics[0]",
        "dimensions[0]",
        "filters.c.member",
        "sort_by",
    }


def test_columns_are_named_as_they_were_asked_for_and_in_that_order() -> None:
    statement = TESTIO.compile({"metrics": ["bug_count", "test_count"], "dimensions": ["feature", "month"]})
    members = [(column.member, column.role, column.type) for column in statement.columns]
    assert members == [
        ("feature_id", "key", "number"),
        ("feature", "dimension", "string"),
        ("month", "time", "date"),
        ("bug_count", "measure", "number"),
        ("test_count", "measure", "number"),
    ]
    statement = SHOP.compile(
        {"measures": ["orders.count"], "dimensions": ["orders.created_at.month", "orders.created_at"]}
    )
    assert [(column.member, column.type) for column in statement.columns] == [
        ("orders.created_at.month", "date"),
        ("orders.created_at", "time"),
        ("orders.count", "number"),
    ]


# Order, limit, offset.


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({"metrics": ["bug_count"]}, [("bug_count", True)]),
        (
            {"metrics": ["bug_count"], "dimensions": ["feature", "severity"]},
            [("bug_count", True), ("feature", False), ("feature_id", False), ("severity", False)],
        ),
        ({"metrics": ["bug_count"], "dimensions": ["severity", "month"]}, [("month", False), ("severity", False)]),
        ({"dimensions": ["severity"]}, [("severity", False)]),
        (
            {"metrics": ["bug_count"], "dimensions": ["severity"], "sort_by": "severity", "sort_order": "desc"},
            [("severity", True)],
        ),
        (
            {"metrics": ["bug_count"], "dimensions": ["severity", "month"], "sort_order": "desc"},
            [("month", True), ("severity", False)],
        ),
        (
            {"metrics": ["bug_count"], "granularity": "month", "sort_order": "desc"},
            [("end_at.month", True)],
        ),
        (
            {"metrics": ["bug_count", "test_count"], "dimensions": ["feature"], "sort_order": "asc"},
            [("bug_count", False), ("feature", False), ("feature_id", False)],
        ),
        (
            {"metrics": ["bug_count"], "dimensions": ["severity"], "sort_order": "desc"},
            [("bug_count", True), ("severity", False)],
        ),
        (
            {"dimensions": ["feature", "severity"], "sort_order": "desc"},
            [("feature", True), ("feature_id", False), ("severity", False)],
        ),
    ],
)
def test_a_result_always_has_an_order_without_ties(query: dict[str, Any], order: list[tuple[str, bool]]) -> None:
    assert list(resolved(TESTIO, **query).shape.order) == order


def test_a_bucket_may_be_ordered_by_its_dimension_and_a_metric_that_is_not_shown_may_order() -> None:
    shape = resolved(
        SHOP,
        measures=["orders.count"],
        timeDimensions=[{"dimension": "orders.created_at", "granularity": "month"}],
        order=[["orders.created_at", "desc"]],
    ).shape
    assert shape.order[0] == ("orders.created_at.month", True)
    query = {
        "measures": ["orders.count"],
        "dimensions": ["customers.region"],
        "order": {"orders.revenue": "asc"},
        "limit": 1,
    }
    assert SHOP.ask(query) == ((None, 2),)


def test_an_order_by_what_there_is_not_is_refused() -> None:
    assert refused(TESTIO, metrics=["bug_count"], dimensions=["severity"], sort_by="severty").candidates == (
        "severity",
    )
    assert refused(SHOP, measures=["orders.count"], order=[["customers.region", "asc"]]).code == "E_ORDER"


@pytest.mark.parametrize(
    ("query", "member", "words"),
    [
        ({"metrics": ["bug_count"], "dimensions": ["feature", "tester", "severity", "month"]}, "dimensions", "at most 3"),
        ({"metrics": ["bug_count"], "limit": 1001}, "limit", "at most 1000"),
        ({"metrics": [f"{name}" for name in (
            "bug_count", "test_count", "tests_created", "tests_submitted", "active_testers", "features_tested", "bugs_per_test",
            "critical_bug_count", "bug_severity_score", "review_rate", "rejection_rate",
        )]}, "metrics", "at most 10"),
    ],
)  # fmt: skip
def test_a_request_beyond_a_limit_is_refused_with_the_limit(query: dict[str, Any], member: str, words: str) -> None:
    issue = refused(TESTIO, **query)
    assert (issue.code, issue.member) == ("E_LIMIT", member)
    assert words in issue.message


def test_keys_do_not_count_as_dimensions_and_a_limit_of_nothing_is_one() -> None:
    TESTIO.compile({"metrics": ["bug_count"], "dimensions": ["feature", "tester", "product"], "limit": 1000})
    assert TESTIO.ask({"metrics": ["bug_count"], "dimensions": ["severity"], "limit": 0}) == ()
    assert TESTIO.ask({"metrics": ["bug_count"], "dimensions": ["severity"], "offset": 99}) == ()


# Time.


@pytest.mark.parametrize(
    ("options", "start", "end"),
    [
        ({"date_range": "last month"}, "2025-10-01", "2025-11-01"),
        ({"date_range": ["2025-10-01", "2025-10-31"]}, "2025-10-01", "2025-11-01"),
        ({"start_date": "2025-10-01", "end_date": "2025-10"}, "2025-10-01", "2025-11-01"),
        ({"start_date": "last quarter", "end_date": "last quarter"}, "2025-07-01", "2025-10-01"),
        ({"start_date": "2025-10-01"}, "2025-10-01", None),
        ({"end_date": "2025-10-01"}, None, "2025-10-02"),
        ({"date_range": "this week"}, "2025-11-17", "2025-11-24"),
    ],
)
def test_a_range_is_half_open_and_told_as_it_was_understood(
    options: dict[str, Any], start: str | None, end: str | None
) -> None:
    [found] = resolved(TESTIO, metrics=["bug_count"], **options).ranges
    assert found.member == "end_at"
    told = [None if each is None else each.date().isoformat() for each in (found.start, found.end)]
    assert told == [start, end]


def test_a_range_is_in_the_zone_that_is_asked_for() -> None:
    statement = TESTIO.compile(
        {"metrics": ["bug_count"], "date_range": "2025-11-01", "timezone": "Europe/Berlin"}, "duckdb"
    )
    assert datetime(2025, 10, 31, 23) in dict(statement.parameters).values()  # noqa: DTZ001 - times are stored without a zone


def test_a_clock_without_a_zone_is_read_as_utc() -> None:
    for now in (datetime(2025, 11, 22, 23, 30), datetime(2025, 11, 22, 23, 30, tzinfo=UTC)):  # noqa: DTZ001
        statement = TESTIO.compile({"metrics": ["bug_count"], "date_range": "today", "timezone": "Asia/Tokyo"}, now=now)
        assert "2025-11-22 15:00:00.000" in dict(statement.parameters).values()


@pytest.mark.parametrize(
    ("world", "query", "code"),
    [
        (TESTIO, {"metrics": ["bug_count"], "date_range": "some time"}, "E_DATE"),
        (TESTIO, {"metrics": ["bug_count"], "date_range": "2025-02-30"}, "E_DATE"),
        (TESTIO, {"metrics": ["bug_count"], "start_date": "2025-02-01", "end_date": "2025-01-01"}, "E_DATE"),
        (TESTIO, {"metrics": ["bug_count"], "timezone": "Mars"}, "E_TIME_ZONE"),
        (TESTIO, {"metrics": ["bug_count"], "time_dimension": "severity", "date_range": "2025"}, "E_TIME_DIMENSION"),
        (TESTIO, {"metrics": ["bug_count"], "time_dimension": "severity", "granularity": "month"}, "E_GRANULARITY"),
        (TESTIO, {"metrics": ["bug_count"], "granularity": "fortnight"}, "E_GRANULARITY"),
        (SHOP, {"metrics": ["orders.count"], "date_range": "2025"}, "E_TIME_DIMENSION"),
    ],
)  # fmt: skip
def test_times_that_cannot_be_are_refused(world: World, query: dict[str, Any], code: str) -> None:
    assert refused(world, **query).code == code


def test_a_range_applies_to_facts_of_every_home_on_the_axis_of_a_view() -> None:
    query = {
        "measures": ["trade.revenue", "trade.returned"],
        "timeDimensions": [{"dimension": "trade.time", "dateRange": "2025-02"}],
    }
    assert SHOP.ask(query) == ((275, 5),)


# Default filters.


def test_a_default_filter_is_lifted_by_a_filter_on_its_member_under_any_name() -> None:
    every = TESTIO.ask({"metrics": ["test_count"], "filters": [{"member": "test_status", "operator": "set"}]})
    assert every == ((7,),)
    assert TESTIO.ask({"metrics": ["test_count"]}) == ((5,),)
    by_cube = {"metrics": ["test_count"], "filters": [{"member": "tests.status", "operator": "set"}]}
    assert TESTIO.ask(by_cube) == ((7,),)
    nested = [{"or": [{"member": "test_status", "operator": "set"}, {"member": "severity", "operator": "set"}]}]
    assert TESTIO.ask({"metrics": ["bug_count"], "filters": nested}) == ((12,),)
    assert TESTIO.ask({"metrics": ["bug_count"], "filters": {"status": "accepted"}}) == ((5,),)


def test_a_metric_of_a_cube_has_no_default_filters_and_one_that_opts_out_neither() -> None:
    assert TESTIO.ask({"measures": ["tests.count"]}) == ((7,),)
    assert TESTIO.ask({"metrics": ["tests_created"]}) == ((5,),)


# Security.


def test_without_the_security_value_nothing_is_shown() -> None:
    for security in (None, {}, {"customer": 1}, {"customer_id": None}):
        with pytest.raises(engine.QueryError) as caught:
            TESTIO.compile({"metrics": ["bug_count"]}, security=security)
        assert "E_SECURITY_VALUE" in {issue.code for issue in caught.value.issues}
        assert "customer_id" in str(caught.value)


def test_a_security_value_that_does_not_fit_is_an_error_and_not_an_open_door() -> None:
    with pytest.raises(engine.QueryError) as caught:
        TESTIO.compile({"metrics": ["bug_count"]}, security={"customer_id": "one or two"})
    assert caught.value.issues[0].code == "E_SECURITY"
    assert TESTIO.ask({"metrics": ["bug_count"]}, security={"customer_id": "2"}) == ((1,),)
    assert TESTIO.ask({"metrics": ["bug_count"]}, security={"customer_id": []}) == ((0,),)


def test_what_is_bound_is_the_value_of_who_asks_now() -> None:
    query = {"metrics": ["bug_count"], "filters": {"severity": "critical"}}
    found = {customer: TESTIO.ask(query, security={"customer_id": customer}) for customer in (1, 2, 3, 1)}
    assert found == {1: ((4,),), 2: ((1,),), 3: ((0,),)}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> World:
    path: Path = tmp_path_factory.mktemp("guarded") / "model.yml"
    path.write_text(
        """
cubes:
  - name: customers
    sql_table: customers
    dimensions:
      - {name: id, sql: "{CUBE}.id", type: number, primary_key: true}
      - {name: region, sql: "{CUBE}.region", type: string}
      - {name: age, sql: "{CUBE}.age", type: number}
    measures: [{name: count, type: count}]
    access_policy:
      - group: admin
        row_level: {allow_all: true}
      - groups: [east, elder]
        conditions: [{if: "{ securityContext.active }"}]
        row_level:
          filters:
            - or:
                - {member: region, operator: equals, values: ["{ securityContext.regions }"]}
                - and:
                    - {member: age, operator: gte, values: ["{ securityContext.limits.age }"]}
                    - {member: region, operator: set}
      - group: young
        row_level: {filters: [{member: age, operator: lt, values: [45]}]}
  - name: orders
    sql_table: orders
    joins: [{name: customers, relationship: many_to_one, sql: "{CUBE}.customer_id = {customers.id}"}]
    dimensions: [{name: id, sql: "{CUBE}.id", type: number, primary_key: true}]
    measures: [{name: revenue, sql: "{CUBE}.amount", type: sum}]
"""
    )
    return World("shop", path)


@pytest.mark.parametrize(
    ("security", "count"),
    [
        ({"group": "admin"}, 5),
        ({"groups": ["admin", "nobody"]}, 5),
        ({"role": "east", "active": True, "regions": ["EAST"], "limits": {"age": 99}}, 2),
        ({"group": "east", "active": True, "regions": ["EAST", "WEST"], "limits": {"age": 60}}, 4),
        ({"group": "elder", "active": True, "regions": "WEST", "limits": {"age": 60}}, 2),
        ({"group": "young"}, 2),
        ({"groups": ["young", "east"], "active": True, "regions": ["WEST"], "limits": {"age": 99}}, 3),
    ],
)
def test_who_is_in_which_group_sees_which_rows(guarded: World, security: dict[str, Any], count: int) -> None:
    assert guarded.ask({"measures": ["customers.count"]}, security=security) == ((count,),)


@pytest.mark.parametrize(
    "security",
    [{}, {"group": "nobody"}, {"group": "east", "active": False, "regions": ["EAST"], "limits": {"age": 99}}],
)
def test_for_who_is_in_no_group_the_members_do_not_exist(guarded: World, security: dict[str, Any]) -> None:
    with pytest.raises(engine.QueryError) as caught:
        guarded.compile({"measures": ["customers.count"]}, security=security)
    [issue] = caught.value.issues
    assert issue.code == "E_NAME_NOT_FOUND"
    assert not any(name.startswith("customers.") for name in issue.candidates)


def test_rows_of_a_hidden_partner_stand_under_null(guarded: World) -> None:
    query = {"measures": ["orders.revenue"], "dimensions": ["customers.region"]}
    assert guarded.ask(query, security={"group": "young"}) == (("EAST", 350), (None, 115))
    assert guarded.ask({"measures": ["orders.revenue"]}, security={}) == ((465,),)
    filtered = query | {"filters": [{"member": "customers.region", "operator": "equals", "values": ["WEST"]}]}
    assert guarded.ask(filtered, security={"group": "young"}) == ()
