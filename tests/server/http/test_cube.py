"""Cube's REST API: its rows, its metadata and its errors, of the shop that the reference uses."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from engine import load_model, open_database
from server.service import Caller, FixedModel, Service
from tests.docs_excerpts import MODEL, ROWS, queries
from tests.server.http.conftest import application_of, client_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from engine import Model

pytestmark = pytest.mark.anyio

CLERK = Caller({"tenant": 1, "groups": ["clerks"]}, "clerk")
READER = Caller({"tenant": 1, "groups": ["clerks"]}, "reader", frozenset({"read"}))
MANAGER = Caller({"tenant": 1, "groups": ["managers"], "is_manager": True}, "manager")
API = "/cubejs-api/v1"
GUARDED = """
cubes:
  - name: orders
    sql_table: orders
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: status, sql: status, type: string}
      - {name: amount, sql: amount, type: number}
    measures:
      - {name: count, type: count, drill_members: [status, amount]}
    access_policy:
      - group: managers
        member_level: {includes: "*"}
      - group: clerks
        member_level: {excludes: [amount]}
"""
"""Orders whose amounts are for managers."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("shop") / "shop.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(ROWS.read_text(encoding="utf-8"))
    return file


@pytest.fixture
async def service(shop: Path) -> AsyncIterator[Service]:
    async with open_database(str(shop)) as database:
        service = Service(FixedModel(load_model(MODEL)), database)
        yield service
        service.close()


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(application_of(service, CLERK)) as client:
        yield client


@pytest.fixture
def guarded(tmp_path: Path) -> Model:
    file = tmp_path / "guarded.yml"
    file.write_text(GUARDED)
    return load_model(file)


async def load(client: httpx.AsyncClient, query: Any, **others: Any) -> dict[str, Any]:
    response = await client.post(f"{API}/load", json={"query": query, **others})
    assert response.status_code == 200, response.text
    data: dict[str, Any] = response.json()
    return data


def truth(shop: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(shop)) as connection:
        return connection.execute(sql).fetchall()


async def test_numbers_are_texts_and_a_bucket_has_both_of_its_names(client: httpx.AsyncClient, shop: Path) -> None:
    time = {"dimension": "orders.created_at", "granularity": "month", "dateRange": ["2025-01-01", "2025-02-28"]}
    found = await load(client, {"measures": ["orders.revenue"], "timeDimensions": [time]})
    rows = truth(
        shop,
        "SELECT strftime('%Y-%m-01', created_at), sum(amount) FROM orders WHERE created_at < '2025-03-01' GROUP BY 1",
    )
    assert found["data"] == [
        {
            "orders.created_at.month": f"{month}T00:00:00.000",
            "orders.revenue": str(revenue),
            "orders.created_at": f"{month}T00:00:00.000",
        }
        for month, revenue in rows
    ]
    assert found["query"]["timeDimensions"] == [
        {**time, "dateRange": ["2025-01-01T00:00:00.000", "2025-02-28T23:59:59.999"]}
    ]
    assert found["query"]["timezone"] == "Europe/Berlin"
    assert found["annotation"]["timeDimensions"]["orders.created_at.month"]["granularity"] == {
        "name": "month",
        "type": "built-in",
        "title": "Month",
        "interval": "1 month",
    }
    revenue = found["annotation"]["measures"]["orders.revenue"]
    assert (revenue["title"], revenue["shortTitle"], revenue["type"]) == ("Orders Revenue", "Revenue", "number")
    assert found["lastRefreshTime"].endswith("Z")
    assert found["dbType"] == "sqlite"


async def test_a_bucket_among_the_dimensions_is_a_time_dimension_as_in_cube(client: httpx.AsyncClient) -> None:
    found = await load(client, {"measures": ["orders.count"], "dimensions": ["orders.created_at.fiscal_year"]})
    assert found["query"]["dimensions"] == []
    assert found["query"]["timeDimensions"] == [{"dimension": "orders.created_at", "granularity": "fiscal_year"}]
    assert found["annotation"]["timeDimensions"]["orders.created_at.fiscal_year"]["granularity"] == {
        "name": "fiscal_year",
        "type": "custom",
        "title": "Fiscal year",
        "interval": "1 year",
        "origin": "2024-04-01T00:00:00.000",
    }
    assert {row["orders.created_at.fiscal_year"] for row in found["data"]} == {
        "2024-04-01T00:00:00.000",
        "2025-04-01T00:00:00.000",
    }


async def test_a_time_that_is_shown_as_it_is_keeps_its_own_value_beside_its_bucket(client: httpx.AsyncClient) -> None:
    query = {
        "measures": ["orders.count"],
        "dimensions": ["orders.created_at"],
        "timeDimensions": [{"dimension": "orders.created_at", "granularity": "month"}],
        "filters": [{"member": "orders.id", "operator": "equals", "values": ["101"]}],
    }
    (row,) = (await load(client, query))["data"]
    assert row["orders.created_at"].startswith("2025-01-15T")
    assert row["orders.created_at.month"] == "2025-01-01T00:00:00.000"


async def test_equal_labels_of_two_keys_are_told_apart_by_the_query_that_comes_back(client: httpx.AsyncClient) -> None:
    found = await load(client, {"measures": ["customers.count"], "dimensions": ["customers.name"]})
    assert [row["customers.name"] for row in found["data"]].count("Ada") == 2
    assert found["query"]["dimensions"] == ["customers.name", "customers.name_id"]
    assert found["annotation"]["dimensions"]["customers.name_id"]["type"] == "number"
    filtered = {"member": "customers.name", "operator": "notEquals", "values": ["Ada"]}
    found = await load(
        client, {"measures": ["customers.count"], "dimensions": ["customers.name"], "filters": [filtered]}
    )
    assert found["query"]["dimensions"] == ["customers.name"]


@pytest.mark.parametrize("layout", ["compact", "columnar"])
async def test_the_other_layouts_hold_the_same_rows(client: httpx.AsyncClient, layout: str) -> None:
    query = {"measures": ["orders.count"], "dimensions": ["orders.status"], "order": {"orders.status": "asc"}}
    rows = (await load(client, query))["data"]
    found = await load(client, {**query, "responseFormat": layout})
    assert found["query"]["responseFormat"] == layout
    members = found["data"]["members"]
    values = found["data"]["dataset"] if layout == "compact" else zip(*found["data"]["columns"], strict=True)
    assert [dict(zip(members, row, strict=True)) for row in values] == rows


async def test_compared_ranges_are_results_of_their_own(client: httpx.AsyncClient, shop: Path) -> None:
    time = {"dimension": "orders.created_at", "compareDateRange": [["2025-01-01", "2025-01-31"], "2025-02"]}
    found = await load(client, {"measures": ["orders.revenue"], "timeDimensions": [time]}, queryType="multi")
    assert found["queryType"] == "compareDateRangeQuery"
    assert found["pivotQuery"]["dimensions"] == ["compareDateRange"]
    months = truth(
        shop, "SELECT sum(amount) FROM orders WHERE created_at < '2025-03-01' GROUP BY strftime('%m', created_at)"
    )
    assert [each["data"] for each in found["results"]] == [
        [
            {
                "orders.revenue": str(months[0][0]),
                "compareDateRange": "2025-01-01T00:00:00.000 - 2025-01-31T23:59:59.999",
            }
        ],
        [
            {
                "orders.revenue": str(months[1][0]),
                "compareDateRange": "2025-02-01T00:00:00.000 - 2025-02-28T23:59:59.999",
            }
        ],
    ]


async def test_several_queries_are_blended_by_their_time(client: httpx.AsyncClient) -> None:
    def query(measure: str, dimension: str) -> dict[str, Any]:
        time = {"dimension": dimension, "granularity": "month", "dateRange": ["2025-01-01", "2025-02-28"]}
        return {"measures": [measure], "timeDimensions": [time]}

    blended = [query("orders.revenue", "orders.created_at"), query("refunds.refunded", "refunds.created_at")]
    found = await load(client, blended, queryType="multi")
    assert found["queryType"] == "blendingQuery"
    assert found["pivotQuery"]["timeDimensions"] == [{"dimension": "time", "granularity": "month"}]
    assert found["pivotQuery"]["measures"] == ["orders.revenue", "refunds.refunded"]
    for result in found["results"]:
        assert [row["time.month"] for row in result["data"]] == ["2025-01-01T00:00:00.000", "2025-02-01T00:00:00.000"]


async def test_a_total_counts_the_groups_beyond_the_limit(client: httpx.AsyncClient) -> None:
    query = {"measures": ["orders.revenue"], "dimensions": ["orders.id"], "limit": 2, "offset": 1, "total": True}
    found = await load(client, query)
    assert (len(found["data"]), found["total"]) == (2, 6)
    assert (await load(client, {**query, "total": False}))["total"] is None


async def test_a_query_in_an_address_is_answered_as_one_in_a_body(client: httpx.AsyncClient) -> None:
    query = {"measures": ["orders.count"]}
    in_body = await load(client, query, queryType="multi")
    in_address = await client.get(f"{API}/load", params={"query": json.dumps(query), "queryType": "multi"})
    assert in_address.json() == in_body
    polled = await client.get(f"{API}/subscribe", params={"query": json.dumps(query), "queryType": "multi"})
    assert polled.json() == in_body


async def test_cube_ways_to_ask_the_database_again(client: httpx.AsyncClient) -> None:
    async def kept(query: Any, **others: Any) -> bool:
        response = await client.post(f"{API}/load", json={"query": query, **others})
        return "age" in response.headers

    query = {"measures": ["orders.count"]}
    assert [await kept(query), await kept(query)] == [False, True]
    assert not await kept({**query, "renewQuery": True})
    assert not await kept({**query, "cache": "must-revalidate"})
    assert not await kept(query, cache="no-cache")
    assert await kept(query, cache="stale-if-slow")


@pytest.mark.parametrize("query", [each for each in queries() if "metrics" not in each], ids=json.dumps)
async def test_every_example_of_the_reference_is_loaded_and_understood(
    client: httpx.AsyncClient, query: dict[str, Any]
) -> None:
    found = await load(client, query, queryType="multi")
    dry = await client.post(f"{API}/dry-run", json={"query": query})
    assert dry.status_code == 200
    assert dry.json()["queryType"] == found["queryType"]
    assert len(dry.json()["normalizedQueries"]) == len(dry.json()["transformedQueries"]) == len(found["results"])
    for result in found["results"]:
        for name in (*result["query"]["measures"], *result["query"]["dimensions"]):
            assert name in {**result["annotation"]["measures"], **result["annotation"]["dimensions"]}


async def test_the_statement_has_its_parameters_and_its_columns(client: httpx.AsyncClient, shop: Path) -> None:
    query = {"measures": ["orders.count"], "dimensions": ["orders.status"]}
    found = (await client.post(f"{API}/sql", json={"query": query})).json()["sql"]
    text, parameters = found["sql"]
    with closing(sqlite3.connect(shop)) as connection:
        cursor = connection.execute(text, parameters)
        assert {found["aliasNameToMember"][name] for name, *_ in cursor.description} == {
            "orders.status",
            "orders.count",
        }
        assert sorted(cursor.fetchall()) == [("open", 1), ("paid", 5)]
    several = (await client.post(f"{API}/sql", json={"query": [query, query]})).json()
    assert several == [{"sql": found}] * 2
    in_sql = {"format": "sql", "query": "SELECT status, MEASURE(count) FROM orders GROUP BY 1"}
    status = (await client.post(f"{API}/sql", json=in_sql)).json()["sql"]
    assert (status["status"], status["sql"][0].split()[0]) == ("ok", "SELECT")


async def test_sql_is_answered_as_lines(client: httpx.AsyncClient) -> None:
    question = {"query": "SELECT status, MEASURE(count), MEASURE(revenue) FROM orders GROUP BY 1 ORDER BY 1"}
    head, rows = map(json.loads, (await client.post(f"{API}/cubesql", json=question)).text.splitlines())
    assert [(each["name"], each["column_type"]) for each in head["schema"]] == [
        ("orders.status", "String"),
        ("orders.count", "Int64"),
        ("orders.revenue", "Double"),
    ]
    assert rows["data"] == [["open", 1, 200.0], ["paid", 5, 265.0]]


@pytest.mark.parametrize("name", ["queryType", "cache"])
async def test_what_cube_does_not_know_of_a_request_is_refused(client: httpx.AsyncClient, name: str) -> None:
    query = {"measures": ["orders.count"]}
    wrongs: list[Any] = ["never", {}, [], 1]
    for wrong in wrongs:
        told = await client.post(f"{API}/load", json={"query": query, name: wrong})
        assert (told.status_code, told.json()["issues"][0]["member"]) == (400, name)
    told = await client.get(f"{API}/load?query={json.dumps(query)}&{name}=never")
    assert (told.status_code, told.json()["issues"][0]["member"]) == (400, name)
    in_sql = {"query": "SELECT MEASURE(count) FROM orders"}
    assert (await client.post(f"{API}/cubesql", json={**in_sql, "cache": "never"})).status_code == 400
    assert (await client.post(f"{API}/cubesql", json={**in_sql, "cache": "no-cache"})).status_code == 200
    assert (await client.post(f"{API}/load", json={"query": query, "queryType": "regularQuery"})).status_code == 200


async def test_metadata_describe_what_there_is(client: httpx.AsyncClient) -> None:
    cubes = {each["name"]: each for each in (await client.get(f"{API}/meta")).json()["cubes"]}
    assert "all_orders" not in cubes, "it is not public"
    orders, sales = cubes["orders"], cubes["sales"]
    assert (orders["type"], sales["type"]) == ("cube", "view")
    count = next(each for each in orders["measures"] if each["name"] == "orders.count")
    assert (count["aggType"], count["type"], count["cumulative"]) == ("count", "number", False)
    assert count["drillMembers"] == ["orders.status", "customers.name"], "a primary key is not public"
    rolling = next(each for each in orders["measures"] if each["name"] == "orders.last_month")
    assert rolling["cumulative"] is True
    assert orders["segments"][0]["name"] == "orders.of_the_young"
    assert orders["hierarchies"] == [
        {"name": "orders.place", "title": "By place", "levels": ["customers.region", "customers.name"], "public": True}
    ]
    time = next(each for each in orders["dimensions"] if each["name"] == "orders.created_at")
    assert [each["name"] for each in time["granularities"] if each["type"] == "custom"] == ["fiscal_year", "late_day"]
    assert "customers.tenant" not in {each["name"] for each in cubes["customers"]["dimensions"]}
    assert {each["name"] for each in sales["measures"]} >= {"sales.count", "sales.mean_order"}
    assert next(each for each in sales["measures"] if each["name"] == "sales.count")["aliasMember"] == "orders.count"
    assert "sales.revenue" in sales["folders"][0]["members"]
    assert orders["connectedComponent"] == cubes["customers"]["connectedComponent"] == sales["connectedComponent"]
    assert cubes["stock"]["connectedComponent"] != orders["connectedComponent"]


async def test_metadata_are_those_of_the_caller(shop: Path, guarded: Model) -> None:
    async with open_database(str(shop)) as database:
        service = Service(FixedModel(guarded), database)
        async with client_of(application_of(service, MANAGER)) as client:
            managers = await client.get(f"{API}/meta")
        async with client_of(application_of(service, CLERK)) as client:
            clerks = await client.get(f"{API}/meta")
            again = await client.get(f"{API}/meta", headers={"if-none-match": clerks.headers["etag"]})
    assert "orders.amount" in managers.text
    assert "orders.amount" not in clerks.text
    assert managers.headers["etag"] != clerks.headers["etag"]
    assert again.status_code == 304


async def test_views_alone_can_be_asked_for(client: httpx.AsyncClient) -> None:
    assert {each["type"] for each in (await client.get(f"{API}/meta?onlyViews=true")).json()["cubes"]} == {"view"}


async def test_tables_and_joins_are_for_those_who_may_see_sql(service: Service) -> None:
    async with client_of(application_of(service, CLERK)) as client:
        cubes = {each["name"]: each for each in (await client.get(f"{API}/meta?extended")).json()["cubes"]}
    assert cubes["customers"]["sqlTable"] == "customers"
    assert cubes["orders"]["joins"][0]["name"] == "customers"
    async with client_of(application_of(service, READER)) as client:
        assert (await client.get(f"{API}/meta?extended=true")).status_code == 403
        assert (await client.post(f"{API}/sql", json={"query": {"measures": ["orders.count"]}})).status_code == 403
        assert "sqlTable" not in (await client.get(f"{API}/meta")).text


async def test_what_is_hidden_from_one_caller_is_not_told_by_an_answer_kept_for_another(
    shop: Path, guarded: Model
) -> None:
    query = {"measures": ["orders.count"]}
    async with open_database(str(shop)) as database:
        service = Service(FixedModel(guarded), database)
        async with client_of(application_of(service, MANAGER)) as client:
            managers = await load(client, query)
        async with client_of(application_of(service, CLERK)) as client:
            clerks = await load(client, query)
    assert clerks["data"] == managers["data"]
    assert managers["annotation"]["measures"]["orders.count"]["drillMembers"] == ["orders.status", "orders.amount"]
    assert clerks["annotation"]["measures"]["orders.count"]["drillMembers"] == ["orders.status"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "There is no query"),
        ([], "no JSON object"),
        ({"query": "SELECT 1"}, "not JSON"),
        ({"query": []}, "1 to 10"),
        ({"query": {"measures": ["orders.cnt"]}}, "orders.count"),
        ({"query": {"measures": ["orders.count"], "responseFormat": "wide"}}, "responseFormat"),
        ({"query": {"measures": ["orders.count"], "cache": ["no-cache"]}}, "cache is"),
        ({"query": [{"measures": ["orders.count"]}, {"measures": ["orders.cnt"]}]}, "orders.count"),
    ],
)
async def test_errors_reach_cube_clients_as_a_text(client: httpx.AsyncClient, body: Any, said: str) -> None:
    response = await client.post(f"{API}/load", json=body)
    assert response.status_code == 400
    assert said in response.json()["error"]
    assert response.json()["issues"]


async def test_what_is_not_offered_says_so_by_name(client: httpx.AsyncClient) -> None:
    graphql = await client.post("/cubejs-api/graphql", json={})
    assert (graphql.status_code, "GraphQL" in graphql.json()["error"]) == (404, True)
    jobs = await client.post(f"{API}/pre-aggregations/jobs", json={})
    assert "pre-aggregations" in jobs.json()["error"]
    assert "nothing at" in (await client.get(f"{API}/lod")).json()["error"]
    assert (await client.put(f"{API}/load", json={})).status_code == 405
