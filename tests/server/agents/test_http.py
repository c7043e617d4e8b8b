"""The tools over streamable HTTP: in both eras, each caller for themselves."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp import MCPError

from engine import load_model
from server.service import Caller
from tests.server.agents.serving import (
    MODES,
    Mode,
    http_client,
    http_server,
    payload_of,
    service_over,
    slow_model,
    text_of,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio

_SHOP = """\
cubes:
  - name: orders
    sql_table: orders
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: shop_id, sql: shop_id, type: number}
      - {name: product, sql: product, type: string}
      - {name: margin_class, sql: margin_class, type: string}
    measures:
      - {name: count, type: count}
      - {name: margin, type: sum, sql: margin}
    access_policy:
      - role: "*"
        row_level: {filters: [{member: shop_id, operator: equals, values: ["{ securityContext.shop }"]}]}
        member_level: {excludes: [margin, margin_class]}
      - role: finance
        row_level: {filters: [{member: shop_id, operator: equals, values: ["{ securityContext.shop }"]}]}
        member_level: {includes: "*"}
"""

CALLERS = {
    "one": Caller({"shop": 1}, "one", frozenset({"read"})),
    "two": Caller({"shop": 2, "groups": ["finance"]}, "two", frozenset({"read", "sql"})),
}


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server answers two customers; the margin is shown to finance alone."""
    folder = tmp_path_factory.mktemp("shops")
    (folder / "model").mkdir()
    (folder / "model" / "model.yml").write_text("version: 1\nname: shops\n")
    (folder / "model" / "orders.yml").write_text(_SHOP)
    with closing(sqlite3.connect(folder / "shops.sqlite")) as database:
        database.execute("CREATE TABLE orders (id, shop_id, product, margin_class, margin)")
        rows = [(1, 1, "tea", "low", 10), (2, 1, "cup", "low", 11), (3, 2, "coffee", "high", 100)]
        database.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", rows)
        database.commit()
    model = load_model(folder / "model")
    with http_server(service_over(model, folder / "shops.sqlite"), CALLERS) as (url, _):
        yield url


@pytest.mark.parametrize("mode", MODES)
async def test_two_customers_at_once_see_their_own_rows_and_names(shops: str, mode: Mode) -> None:
    call = {"metrics": ["orders.count"], "dimensions": ["orders.product"]}
    async with http_client(shops, "one", mode) as one, http_client(shops, "two", mode) as two:
        answers = await asyncio.gather(*(client.call_tool("query_metrics", call) for client in (one, two) * 10))
        rows = [payload_of(each)["rows"] for each in answers]
        assert rows == [[["cup", 1], ["tea", 1]], [["coffee", 1]]] * 10
        schemas = [(await client.list_tools()).tools[0].input_schema["properties"] for client in (one, two)]
        assert [each["metrics"]["items"]["enum"] for each in schemas] == [
            ["orders.count"],
            ["orders.count", "orders.margin"],
        ]
        values = [await client.call_tool("search_values", {"dimension": "orders.product"}) for client in (one, two)]
        assert [{row[0] for row in payload_of(each)["rows"]} for each in values] == [{"tea", "cup"}, {"coffee"}]


@pytest.mark.parametrize("mode", MODES)
async def test_what_is_hidden_from_a_caller_is_told_nowhere(shops: str, mode: Mode) -> None:
    async with http_client(shops, "one", mode) as client:
        told = [
            str(await client.list_tools()),
            str(await client.list_resources()),
            str(await client.list_prompts()),
            str((await client.read_resource("cube://model")).contents),
            text_of(await client.call_tool("get_analytics_capabilities", {})),
            text_of(await client.call_tool("query_metrics", {"metrics": ["orders.margi"]})),
            text_of(await client.call_tool("explain_query", {"metrics": ["orders.count"]})),
        ]
        with pytest.raises(MCPError) as refused:
            await client.read_resource("cube://metrics/orders.margin")
        assert refused.value.error.code == -32602
        refusal = text_of(await client.call_tool("query_metrics", {"metrics": ["orders.margin"]}))
        assert "coffee" not in str(told)
    assert not [text for text in told if "margin" in text]
    assert "orders.count" in refusal


@pytest.mark.parametrize("mode", MODES)
async def test_sql_is_for_those_who_may_see_it_and_each_sees_their_own(shops: str, mode: Mode) -> None:
    call = {"metrics": ["orders.count"]}
    async with http_client(shops, "one", mode) as one, http_client(shops, "two", mode) as two:
        for client in (one, two):
            payload_of(await client.call_tool("query_metrics", call))
        explained = [payload_of(await client.call_tool("explain_query", call)) for client in (one, two)]
        assert "sql" not in explained[0]
        assert "'columns'" not in str(explained[0])
        assert "scope sql" in explained[0]["notes"][-1]
        assert "SELECT" in explained[1]["sql"]
        listed = [{str(each.uri) for each in (await client.list_resources()).resources} for client in (one, two)]
        assert ["cube://queries/last" in each for each in listed] == [False, True]
        with pytest.raises(MCPError, match="scope sql"):
            await one.read_resource("cube://queries/last")
        (last,) = (await two.read_resource("cube://queries/last")).contents
    assert '"p0": 2' in getattr(last, "text", "")


def _legacy(method: str, identifier: int, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identifier, "method": method, "params": params}


async def test_a_session_belongs_to_the_caller_who_opened_it(shops: str) -> None:
    shake = _legacy(
        "initialize", 1, protocolVersion="2025-11-25", capabilities={}, clientInfo={"name": "test", "version": "1"}
    )
    accept = {"Accept": "application/json, text/event-stream"}
    async with httpx2.AsyncClient(headers=accept) as http:
        first = await http.post(shops, json=shake, headers={"Authorization": "Bearer one"})
        session = {"Mcp-Session-Id": first.headers["mcp-session-id"]}
        ask = _legacy("tools/list", 2)
        own = await http.post(shops, json=ask, headers={"Authorization": "Bearer one", **session})
        other = await http.post(shops, json=ask, headers={"Authorization": "Bearer two", **session})
        nobody = await http.post(shops, json=ask, headers=session)
    assert [first.status_code, own.status_code, other.status_code, nobody.status_code] == [200, 200, 404, 401]


async def test_a_request_that_nobody_authenticated_is_not_answered() -> None:
    from server.agents.callers import caller_in

    with pytest.raises(RuntimeError, match="without a caller"):
        caller_in({"type": "http", "state": {}})


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    """Where a server answers whose one question takes an hour, and its service."""
    folder = tmp_path_factory.mktemp("slow")
    (folder / "model").mkdir()
    file = folder / "slow.sqlite"
    sqlite3.connect(file).close()
    with http_server(service_over(slow_model(folder / "model"), file), CALLERS) as found:
        yield found


@pytest.mark.parametrize("mode", MODES)
async def test_a_call_that_is_cancelled_stops_its_sql(slow: tuple[str, Any], mode: Mode) -> None:
    url, service = slow
    async with http_client(url, "one", mode) as client:
        call = asyncio.create_task(client.call_tool("query_metrics", {"metrics": ["slow.count"]}))
        assert await until(lambda: service.gate.running == 1)
        call.cancel()
        await asyncio.wait([call])
        assert await until(lambda: service.gate.running == 0)


@pytest.mark.parametrize("mode", MODES)
async def test_who_waits_long_is_told_for_what(slow: tuple[str, Any], mode: Mode) -> None:
    told: list[tuple[float, str]] = []

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message or ""))

    url, service = slow
    async with http_client(url, "one", mode) as client:
        call = asyncio.create_task(
            client.call_tool("query_metrics", {"metrics": ["slow.count"]}, progress_callback=heard)
        )
        assert await until(lambda: len(told) >= 2)
        call.cancel()
        await asyncio.wait([call])
        assert await until(lambda: service.gate.running == 0)
    assert told[0][1] == "asking the database"
    assert "asking the database: still running" in told[1][1]
    assert told[0][0] < told[1][0]
