"""The tools as the product serves them: behind tokens, each with what it lets its owner see and do."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from engine import load_model, open_database
from server.access.access import Access
from server.access.reading import read_access_file
from server.agents.application import agents_application
from server.http.application import build_application
from server.http.door import guarded_door
from server.http.middleware.access_log import AccessLog
from server.service import FixedModel, Service
from tests.server.http.guarded import CUSTOMERS, METRICS_TOKEN, MODEL, SQL_TOKEN, access_file, make_rows, token_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

_VERSION = "2026-07-28"
_META = {
    "io.modelcontextprotocol/protocolVersion": _VERSION,
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the guarded server, without a token."""
    make_rows(tmp_path / "rows.sqlite")
    (tmp_path / "model.yml").write_text(MODEL)
    (tmp_path / "access.toml").write_text(access_file())
    access = Access(read_access_file(tmp_path / "access.toml", {}))
    async with _served(tmp_path, access) as served:
        yield served


@asynccontextmanager
async def _served(folder: Path, access: Access) -> AsyncIterator[httpx.AsyncClient]:
    async with open_database(str(folder / "rows.sqlite")) as database:
        service = Service(FixedModel(load_model(folder / "model.yml")), database)
        agents = agents_application(service)
        door = guarded_door(service, access, log=AccessLog(lambda _: None))
        transport = httpx.ASGITransport(build_application(service, door, agents=agents))
        async with (
            agents.lifespan(),
            httpx.AsyncClient(transport=transport, base_url="https://metrics.example.com") as opened,
        ):
            yield opened
        service.close()


async def _call(client: httpx.AsyncClient, token: str, tool: str, arguments: dict[str, Any]) -> httpx.Response:
    params = {"name": tool, "arguments": arguments, "_meta": _META}
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": _VERSION,
        "Mcp-Method": "tools/call",
        "Mcp-Name": tool,
    }
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return await client.post("/mcp", json=message, headers=headers)


async def test_every_token_sees_its_own_rows_however_many_ask_at_once(client: httpx.AsyncClient) -> None:
    asked = [customer for customer in CUSTOMERS for _ in range(10)]
    call = {"metrics": ["bugs.bug_count"]}
    told = await asyncio.gather(*(_call(client, token_of(each), "query_metrics", call) for each in asked))
    counts = [each.json()["result"]["structuredContent"]["rows"] for each in told]
    assert counts == [[[7 * customer + customer * customer]] for customer in asked]


async def test_nobody_ever_sees_rows_of_another_customer(client: httpx.AsyncClient) -> None:
    """Customers make the same calls in random order, with the cache on; their titles name them."""
    random_ = random.Random(7)  # noqa: S311  the same each time
    calls: list[tuple[str, dict[str, Any]]] = [
        ("query_metrics", {"metrics": ["bugs.bug_count"], "dimensions": ["bugs.title"]}),
        ("query_metrics", {"metrics": ["bugs.weight"], "dimensions": ["bugs.owner", "bugs.title"], "limit": 3}),
        ("search_values", {"dimension": "bugs.title", "search": "bug"}),
        ("explain_query", {"metrics": ["bugs.bug_count"], "filters": {"bugs.severity": "high"}}),
        ("get_analytics_capabilities", {}),
    ]
    for _ in range(5):
        asked = [(random_.choice(CUSTOMERS), *random_.choice(calls)) for _ in range(20)]
        told = await asyncio.gather(*(_call(client, token_of(who), tool, call) for who, tool, call in asked))
        for (customer, tool, _), answer in zip(asked, told, strict=True):
            assert "result" in answer.json(), answer.text
            others = [f"customer-{other}" for other in CUSTOMERS if other != customer]
            assert not [other for other in others if other in answer.text]
            assert f"customer-{customer}" in answer.text or tool in {"explain_query", "get_analytics_capabilities"}


async def test_values_that_are_searched_are_the_callers(client: httpx.AsyncClient) -> None:
    for customer in CUSTOMERS:
        call = {"dimension": "bugs.title", "search": "customer", "limit": 50}
        told = (await _call(client, token_of(customer), "search_values", call)).json()["result"]
        values = {row[0] for row in told["structuredContent"]["rows"]}
        assert values
        assert all(value.endswith(f"customer-{customer}") for value in values)


async def test_sql_needs_its_scope(client: httpx.AsyncClient) -> None:
    for token, shown in ((token_of(1), False), (SQL_TOKEN, True)):
        told = (await _call(client, token, "explain_query", {"metrics": ["bugs.bug_count"]})).json()["result"]
        assert ("sql" in told["structuredContent"]) is shown


async def test_a_token_without_the_scope_to_read_gets_nothing(client: httpx.AsyncClient) -> None:
    assert (await _call(client, METRICS_TOKEN, "query_metrics", {"metrics": ["bugs.bug_count"]})).status_code == 403
    assert (await _call(client, "nonsense", "query_metrics", {"metrics": ["bugs.bug_count"]})).status_code == 401


async def test_the_path_is_answered_without_a_redirect(client: httpx.AsyncClient) -> None:
    told = await client.get("/mcp", headers={"Authorization": f"Bearer {token_of(1)}"})
    assert told.status_code in {400, 405, 406}
