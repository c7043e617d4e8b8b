"""Who may see what: members that do not exist for whoever may not see them, rows of cubes and views, conditions on who asks."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine.model.askers import ConditionError, holds
from engine.model.loader import model_issues
from engine.query.access import hashable, seen
from tests.engine.asking import random_cases
from tests.engine.worlds import World

MODEL = """
cubes:
  - name: customers
    sql_table: customers
    dimensions:
      - {name: id, sql: "{CUBE}.id", type: number, primary_key: true}
      - {name: region, sql: "{CUBE}.region", type: string, key: id}
      - {name: age, sql: "{CUBE}.age", type: number}
    measures: [{name: customer_count, type: count}]
    access_policy:
      - {group: staff, member_level: {excludes: [age]}}
      - {group: lead, member_level: {includes: "*"}}
  - name: orders
    sql_table: orders
    joins: [{name: customers, relationship: many_to_one, sql: "{CUBE}.customer_id = {customers.id}"}]
    dimensions:
      - {name: id, sql: "{CUBE}.id", type: number, primary_key: true}
      - {name: status, sql: "{CUBE}.status", type: string}
      - {name: secret_amount, sql: "{CUBE}.amount", type: number}
      - {name: created_at, sql: "{CUBE}.created_at", type: time}
    segments: [{name: large, sql: "{secret_amount} > 60"}]
    measures:
      - {name: order_count, type: count}
      - {name: secret_revenue, sql: "{secret_amount}", type: sum}
      - {name: secret_peak, sql: "{secret_amount}", type: max, filters: [{sql: "{secret_amount} > 1"}]}
      - {name: average, sql: "{secret_revenue} / {order_count}", type: number}
      - {name: doubled, sql: "2 * {average}", type: number}
      - {name: paid, sql: "{secret_amount}", type: sum, filters: [{sql: "{secret_amount} > 60"}]}
    hierarchies: [{name: drill, levels: [status, secret_amount]}]
    access_policy:
      - group: [staff, lead]
        member_level: {excludes: [secret_amount, orders.secret_revenue, secret_peak]}
        row_level: {filters: [{member: secret_amount, operator: gt, values: [20]}]}
      - {group: owner}
  - name: returns
    sql_table: returns
    joins: [{name: customers, relationship: many_to_one, sql: "{CUBE}.customer_id = {customers.id}"}]
    dimensions: [{name: id, sql: "{CUBE}.id", type: number, primary_key: true}]
    measures:
      - {name: return_count, type: count}
      - {name: by_age, multi_stage: true, type: sum, sql: "CASE WHEN {customers.age} > 40 THEN {return_count} END"}
views:
  - name: completed
    cubes:
      - {join_path: orders, includes: [order_count, status]}
      - {join_path: orders.customers, includes: [region]}
    access_policy:
      - group: staff
        member_level: {includes: [order_count, region]}
        row_level: {filters: [{or: [{member: status, operator: equals, values: [completed]}]}]}
  - name: sales
    default_time_dimension: created_at
    cubes:
      - {join_path: orders, includes: "*"}
      - {join_path: orders.customers, includes: [region, age, customer_count], prefix: false}
    default_filters: [{member: status, operator: notEquals, values: [pending]}]
    access_policy:
      - group: staff
        member_level: {includes: [order_count, average, region]}
        row_level: {filters: [{member: region, operator: equals, values: ["{ securityContext.regions }"]}]}
      - group: lead
        member_level: {includes: [order_count, age, secret_revenue, created_at]}
      - {group: owner, conditions: [{if: "{ securityContext.level == 'full' and not securityContext.blocked }"}]}
  - name: plain
    cubes:
      - {join_path: orders, includes: "*"}
      - {join_path: orders.customers, includes: [region, age]}
"""

STAFF = {"group": "staff", "regions": ["EAST"]}
LEAD = {"groups": ["lead"]}
OWNER = {"role": "owner", "level": "full", "blocked": False}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    path: Path = tmp_path_factory.mktemp("access") / "model.yml"
    path.write_text(MODEL.replace("group: [staff, lead]", "groups: [staff, lead]"), encoding="utf-8")
    return World("shop", path)


def refusal(world: World, query: dict[str, Any] | str, **options: Any) -> engine.Issue:
    with pytest.raises(engine.QueryError) as caught:
        world.compile(query, **options)
    return caught.value.issues[0]


def test_hidden_members_cannot_be_told_from_those_that_do_not_exist(world: World) -> None:
    def told(name: str) -> str:
        return str(refusal(world, {"measures": [name]}, security=STAFF)).replace(name, "?")

    assert told("orders.secret_revenue") == told("orders.nothing_like_that_").replace("orders.nothing_like_that_", "?")
    for place in ("measures", "dimensions", "segments", "order"):
        query: dict[str, Any] = {"measures": ["orders.order_count"], place: ["orders.secret_amount"]}
        query = query | {"order": [["orders.secret_amount", "asc"]]} if place == "order" else query
        assert refusal(world, query, security=STAFF).code in {"E_NAME_NOT_FOUND", "E_ORDER"}


@pytest.mark.parametrize(
    "query",
    [
        {"measures": ["orders.secret_revenu"]},
        {"measures": ["secret_revenue"]},
        {"measures": ["orders.order_count"], "filters": [{"member": "orders.secret_amounts", "operator": "set"}]},
        {"measures": ["sales.secret_revenue"]},
        {"measures": ["sales.order_count"], "dimensions": ["sales.secret_amoun"]},
        {"measures": ["orders.order_count"], "dimensions": ["orders.crated_at"]},
        {"measures": ["customers.customer_count"], "dimensions": ["orders.status", "orders.nothing"]},
        "SELECT secret_revenu FROM orders",
        "SELECT MEASURE(secret_revenu) FROM sales",
        "SELECT SUM(secret_amounts) FROM plain",
    ],
)
def test_no_refusal_gives_a_hidden_name_away(world: World, query: Any) -> None:
    issue = refusal(world, query, security=STAFF)
    rest = f"{issue.hint} {issue.candidates}"
    assert "secret_revenue" not in rest.replace("secret_revenu'", "")
    assert "secret_amount'" not in rest
    assert "secret_peak" not in rest


def test_a_cube_of_which_nothing_may_be_seen_does_not_exist(world: World) -> None:
    issue = refusal(world, {"measures": ["orders.order_count"]}, security={"group": "nobody"})
    assert issue.message == "There is no cube or view 'orders'."
    assert issue.hint == "Cubes and views are returns."
    issue = refusal(world, "SELECT MEASURE(order_count) FROM orders", security={})
    assert "orders" not in str(issue.hint)
    left = engine.capabilities(world.model, security={})["metrics"]
    assert [each["name"] for each in left] == ["returns.return_count", "returns.by_age"]


def test_what_may_be_seen_is_computed_from_what_may_not(world: World) -> None:
    query = {"measures": ["orders.average", "orders.doubled", "orders.paid"]}
    # Orders of more than 20: 100, 50, 200, 75 and 30; more than 60 are 375.
    assert world.ask(query, security=STAFF) == ((91.0, 182.0, 375.0),)
    everything = {"measures": ["orders.secret_revenue", "orders.secret_peak"]}
    assert world.ask(everything, security=OWNER) == ((465, 200),)


def test_explanations_leave_hidden_names_out(world: World) -> None:
    query = {"measures": ["sales.average", "sales.order_count"], "dimensions": ["sales.region"]}
    told = engine.explain_query(query, world.model, security=STAFF)
    assert "secret" not in f"{told}{json.dumps(told.as_dict())}"
    assert told.measures[0].formula == "{…} / {order_count}"
    assert told.facts[0].policies == ("orders", "sales")
    told = engine.explain_query({"measures": ["orders.paid"]}, world.model, security=STAFF)
    assert told.measures[0].formula == "sum({…}) where {…} > 60"
    assert told.leaves[0].filters == ("{…} > 60",)
    seen_whole = engine.explain_query({"measures": ["orders.paid"]}, world.model, security=OWNER)
    assert seen_whole.measures[0].formula == "sum({secret_amount}) where {secret_amount} > 60"


def test_a_filter_by_default_on_a_hidden_member_holds_untold(world: World) -> None:
    told = engine.explain_query({"measures": ["sales.order_count"]}, world.model, security=LEAD)
    assert told.facts[0].default_filters == ()
    assert "status" not in str(told)
    # 103 is pending, 106 too small to be seen.
    assert world.ask({"measures": ["sales.order_count"]}, security=LEAD) == ((4,),)
    assert world.ask({"measures": ["orders.order_count"]}, security=LEAD) == ((5,),)


def test_a_views_members_replace_those_of_its_cubes(world: World) -> None:
    by_age = {"measures": ["sales.secret_revenue"], "dimensions": ["sales.age"]}
    assert world.ask(by_age, security=LEAD) == ((30, 150), (50, 75), (None, 30))
    assert refusal(world, {"measures": ["orders.secret_revenue"]}, security=LEAD).code == "E_NAME_NOT_FOUND"
    assert refusal(world, {"measures": ["sales.paid"]}, security=LEAD).code == "E_NAME_NOT_FOUND"


def test_where_a_view_says_nothing_of_members_its_cubes_decide(world: World) -> None:
    names = set(seen(world.model, STAFF).views["plain"].members)
    assert names == {
        "id",
        "status",
        "created_at",
        "large",
        "order_count",
        "average",
        "doubled",
        "paid",
        "region",
        "region_id",
    }
    assert set(seen(world.model, OWNER).views["plain"].members) == set(world.model.views["plain"].members) - {
        "age",
        "region",
        "region_id",
    }
    assert "age" in seen(world.model, {"groups": ["lead", "owner"]}).views["plain"].members


def test_rows_of_a_view_and_of_its_cubes_are_both_limited(world: World) -> None:
    by_region = {"measures": ["sales.order_count"], "dimensions": ["sales.region"]}
    assert world.ask(by_region, security=STAFF) == ((1, "EAST", 2),)
    assert world.ask({"measures": ["sales.order_count"]}, security=STAFF) == ((2,),)
    both = STAFF | {"regions": ["EAST", "WEST"]}
    assert world.ask(by_region, security=both) == ((1, "EAST", 2), (3, "WEST", 1))
    assert world.ask({"measures": ["sales.order_count"]}, security=STAFF | {"regions": []}) == ((0,),)


def test_rows_of_a_view_limit_what_is_asked_by_it_and_no_other_measure(world: World) -> None:
    together = {"measures": ["orders.order_count", "sales.order_count"]}
    assert world.ask(together, security=STAFF) == ((5, 2),)
    by_view = {"measures": ["orders.order_count"], "dimensions": ["sales.region"]}
    assert world.ask(by_view, security=STAFF) == ((1, "EAST", 2), (2, "EAST", 1))
    filtered = {
        "measures": ["orders.order_count"],
        "filters": [{"member": "sales.region", "operator": "equals", "values": ["WEST"]}],
    }
    assert world.ask(filtered, security=STAFF) == ((0,),)
    assert world.ask({"dimensions": ["sales.region"]}, security=STAFF) == ((1, "EAST"), (2, "EAST"))


def test_a_policy_that_says_nothing_of_the_rows_asked_for_refuses_without_a_name(world: World) -> None:
    query = {"measures": ["returns.return_count"], "dimensions": ["completed.region"]}
    issue = refusal(world, query, security=STAFF)
    assert (issue.code, issue.member) == ("E_POLICY", "completed")
    assert "status" not in str(issue)
    assert world.ask({"dimensions": ["completed.region"]}, security=STAFF)


def test_a_stage_that_reads_what_is_hidden_does_not_name_it(world: World) -> None:
    query = {"measures": ["returns.by_age"], "dimensions": ["returns.id"]}
    assert "age" not in str(refusal(world, query, security=STAFF)).replace("by_age", "")
    assert "customers.age" in str(refusal(world, query, security=LEAD))


def test_a_missing_security_value_of_a_view_is_an_error(world: World) -> None:
    issue = refusal(world, {"measures": ["sales.order_count"]}, security={"group": "staff"})
    assert (issue.code, issue.member) == ("E_SECURITY_VALUE", "sales")
    assert "--security regions=…" in str(issue.hint)
    assert world.ask({"measures": ["orders.order_count"]}, security={"group": "staff"}) == ((5,),)
    assert world.ask({"measures": ["sales.order_count"]}, security={"groups": ["staff", "lead"]}) == ((4,),)


@pytest.mark.anyio
async def test_an_account_says_whose_rows_are_limited_and_no_more(world: World, tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((Path(__file__).parent / "shop" / "rows.sql").read_text(encoding="utf-8"))
    async with engine.open_database(f"sqlite:///{file}") as database:
        query = {"measures": ["sales.average"], "dimensions": ["sales.region"]}
        result = await engine.run_query(query, world.model, database, security=STAFF)
        nothing = STAFF | {"regions": ["NORTH"]}
        empty = await engine.run_query(query, world.model, database, security=nothing)
    assert result.rows == ((1, "EAST", 75.0),)
    assert result.query["policies"] == {"orders": [], "sales": []}
    assert "secret" not in json.dumps(result.as_dict(), default=str)
    assert empty.rows == ()
    assert "NORTH" not in " ".join(empty.notes)


def test_capabilities_list_what_may_be_seen(world: World) -> None:
    found = engine.capabilities(world.model, detail=True, security=STAFF)
    metrics = {each["name"]: each for each in found["metrics"]}
    assert set(metrics) == {
        *("completed.order_count", "sales.order_count", "sales.average"),
        *("plain.order_count", "plain.average", "plain.doubled", "plain.paid"),
    }
    assert metrics["sales.average"]["formula"] == "{…} / {order_count}"
    assert "secret" not in json.dumps(found)
    assert "secret" not in json.dumps(engine.capabilities(world.model, security=STAFF))
    assert "secret_revenue" in json.dumps(engine.capabilities(world.model, security=OWNER))


def test_groups_and_conditions_decide_which_policies_hold(world: World) -> None:
    assert "secret_revenue" in seen(world.model, OWNER).views["sales"].members
    for changed in ({"level": "some"}, {"blocked": True}, {"level": None}):
        assert "sales" not in seen(world.model, OWNER | changed).views
    unsaid = {name: value for name, value in OWNER.items() if name != "blocked"}
    assert "sales" not in seen(world.model, unsaid).views


def test_the_model_is_cut_once_for_all_who_may_see_the_same(world: World) -> None:
    assert seen(world.model, STAFF) is seen(world.model, STAFF | {"regions": ["WEST"]})
    assert seen(seen(world.model, STAFF), STAFF) is seen(world.model, STAFF)
    hidden_nothing = engine.load_model(Path(__file__).parent / "shop" / "model")
    assert seen(hidden_nothing, STAFF) is hidden_nothing


def test_hierarchies_folders_and_default_times_lose_what_is_hidden(world: World) -> None:
    assert seen(world.model, STAFF).cubes["orders"].hierarchies["drill"].levels == ("status",)
    assert seen(world.model, STAFF).views["sales"].default_time_dimension is None
    assert seen(world.model, LEAD).views["sales"].default_time_dimension == "created_at"
    query = {"metrics": ["sales.order_count"], "start_date": "2025-01-01"}
    assert refusal(world, query, security=STAFF).code == "E_TIME_DIMENSION"


@pytest.mark.parametrize(
    ("condition", "security", "true"),
    [
        ("{ securityContext.a }", {"a": 1}, True),
        ("{securityContext.a.b}", {"a": {"b": "x"}}, True),
        ("securityContext.a", {"a": 0}, False),
        ("{ not userAttributes.a }", {"a": False}, True),
        ("{ not userAttributes.a }", {}, False),
        ("{ security_context.a != 'x' }", {}, False),
        ("{ security_context.a != 'x' }", {"a": "y"}, True),
        ("{ securityContext.a == true }", {"a": True}, True),
        ("{ securityContext.a in ['x', 'y'] }", {"a": "y"}, True),
        ("{ 'x' in securityContext.a }", {"a": ["x"]}, True),
        ("{ 'x' not in securityContext.a }", {"a": ["x"]}, False),
        ("{ 'x' in securityContext.a }", {"a": "xyz"}, False),
        ("{ securityContext.a or securityContext.b }", {"b": True}, True),
        ("{ securityContext.a or securityContext.b }", {"b": False}, False),
        ("{ securityContext.a and securityContext.b }", {"b": False}, False),
        ("{ not (securityContext.a and securityContext.b) }", {"b": False}, True),
        ("{ not (securityContext.a and securityContext.b) }", {"b": True}, False),
        ("true", {}, True),
        ("false", {}, False),
        ("null", {}, False),
    ],
)
def test_conditions_on_who_asks(condition: str, security: dict[str, Any], true: bool) -> None:
    assert holds(condition, security) is true


@given(st.text(alphabet="{}()[]'\"abnotsecurityContext.=!&| \n0\\#", max_size=60) | st.text(max_size=30))
@random_cases(3)
def test_any_condition_is_decided_or_refused(text: str) -> None:
    with suppress(ConditionError):
        assert holds(text, {"a": 1}) in {True, False}


WRONG = """
cubes:
  - name: orders
    sql_table: orders
    dimensions:
      - {name: id, sql: "{CUBE}.id", type: number, primary_key: true}
      - {name: region, sql: "{CUBE}.region", type: string, key: id}
    measures: [{name: count, type: count}]
    access_policy:
      - group: a
        conditions: [{if: CONDITION}]
        member_level: {includes: [INCLUDED]}
        row_level: {filters: [{member: region, operator: equals, values: [VALUE]}]}
  - name: returns
    sql_table: returns
    dimensions: [{name: id, sql: "{CUBE}.id", type: number, primary_key: true}]
    measures: [{name: count, type: count}]
views:
  - name: v
    cubes:
      - {join_path: orders, includes: "*"}
      - {join_path: returns, includes: [COUNTED]}
    access_policy:
      - group: a
        member_level: {excludes: [EXCLUDED]}
        row_level: {filters: [{member: MEMBER, operator: set}]}
"""
RIGHT = {
    "CONDITION": '"{ securityContext.a }"',
    "INCLUDED": "region, orders.count",
    "VALUE": '"{ securityContext.region }"',
    "COUNTED": "",
    "EXCLUDED": "id",
    "MEMBER": "region",
}


@pytest.mark.parametrize(
    ("part", "written", "told"),
    [
        ("CONDITION", '"{ securityContext.a === 1 }"', "is not understood"),
        ("CONDITION", '"{ open(securityContext.a) }"', "has 'open(securityContext.a)'"),
        ("CONDITION", '"{ other.a }"', "reads something other than securityContext"),
        ("CONDITION", '""', "is empty"),
        ("CONDITION", f'"{"not " * 300}securityContext.a"', "is too long"),
        ("VALUE", "1]}, {member: size, operator: equals, values: [1", "names 'size', which is no dimension of it"),
        ("INCLUDED", "regoin", "names 'regoin', which is no member of it. Did you mean \"region\"?"),
        ("INCLUDED", "region_id", "'region_id' is the key that is shown with 'region'"),
        ("VALUE", '"x{ securityContext.region }"', "holds more than a security value"),
        ("EXCLUDED", "regoin", "names 'regoin', which is no member of it. Did you mean \"region\"?"),
        ("EXCLUDED", "region_id", "'region_id' is the key that is shown with 'region'"),
        ("MEMBER", "count", "names 'count', which is no dimension of it"),
        ("COUNTED", "{name: count, alias: returned}", "reads 'region', which no path joins to the rows of 'returns'"),
    ],
)
def test_policies_are_checked_when_a_model_is_loaded(tmp_path: Path, part: str, written: str, told: str) -> None:
    for parts, expected in ((RIGHT, None), (RIGHT | {part: written}, told)):
        text = WRONG
        for name, value in parts.items():
            text = text.replace(name, value)
        file = tmp_path / "model.yml"
        file.write_text(text, encoding="utf-8")
        issues = [str(issue) for issue in model_issues(file) if issue.severity == "error"]
        if expected is None:
            assert issues == []
        else:
            assert any(expected in issue for issue in issues), issues


def test_nothing_in_a_mapping_and_nothing_in_a_list_are_different_keys() -> None:
    assert hashable({}) != hashable([])
    assert hashable({"groups": {}}) != hashable({"groups": []})
    assert hashable({"a": 1, "b": [1, 2]}) == hashable({"b": (2, 1), "a": 1})
    assert hashable({"a": 1}) != hashable({"a": True})
