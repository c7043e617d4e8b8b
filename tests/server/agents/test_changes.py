"""A model that changes while it is served: clients are told, and see the new one."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from server.service import Caller, Models
from tests.server.agents.serving import http_client, http_server, service_over, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


pytestmark = pytest.mark.anyio

_CUBE = """\
cubes:
  - name: orders
    sql_table: orders
    dimensions: [{name: id, sql: id, type: number, primary_key: true}]
    measures:
      - {name: count, type: count}
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path, Any]]:
    """Where a server answers, the file of its model, and its service."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.yml").write_text("version: 1\nname: orders\n")
    file = folder / "orders.yml"
    file.write_text(_CUBE)
    sqlite3.connect(tmp_path / "orders.sqlite").close()
    models = Models(folder)
    make = service_over(models.model, tmp_path / "orders.sqlite", models)
    with http_server(make, {"one": Caller({}, "one")}) as (url, service):
        yield url, file, service


async def _names(client: Client) -> list[str]:
    tool = (await client.list_tools()).tools[0]
    names: list[str] = tool.input_schema["properties"]["metrics"]["items"]["enum"]
    return names


async def test_who_listens_is_told(served: tuple[str, Path, Any]) -> None:
    url, file, _ = served
    async with http_client(url, "one", "auto") as client:
        assert await _names(client) == ["orders.count"]
        async with client.listen(
            tools_list_changed=True, resources_list_changed=True, prompts_list_changed=True
        ) as events:
            file.write_text(_CUBE + "      - {name: most, type: max, sql: id}\n")
            async with asyncio.timeout(20):
                told = {type(await anext(events)).__name__ for _ in range(3)}
        assert told == {"ToolsListChanged", "ResourcesListChanged", "PromptsListChanged"}
        assert await _names(client) == ["orders.count", "orders.most"]


async def test_every_session_of_the_handshake_era_is_told(served: tuple[str, Path, Any]) -> None:
    url, file, _ = served
    told: list[str] = []

    async def heard(message: Any) -> None:
        told.append(getattr(message, "method", type(message).__name__))

    async with (
        httpx2.AsyncClient(headers={"Authorization": "Bearer one"}, timeout=30) as http,
        Client(streamable_http_client(url, http_client=http), mode="legacy", message_handler=heard) as client,
    ):
        assert client.server_capabilities is not None
        assert client.server_capabilities.tools is not None
        assert client.server_capabilities.tools.list_changed
        assert client.server_capabilities.prompts is not None
        assert client.server_capabilities.prompts.list_changed
        assert await _names(client) == ["orders.count"]
        file.write_text(_CUBE + "      - {name: most, type: max, sql: id}\n")
        assert await until(lambda: len(told) >= 3)
        assert await _names(client) == ["orders.count", "orders.most"]
    assert told[:3] == [f"notifications/{kind}/list_changed" for kind in ("tools", "resources", "prompts")]


async def test_a_model_with_a_mistake_is_not_served(served: tuple[str, Path, Any]) -> None:
    url, file, service = served
    async with http_client(url, "one", "auto") as client:
        assert await _names(client) == ["orders.count"]
        file.write_text(_CUBE + "      - {name: most, type: mux, sql: id}\n")
        assert await until(lambda: service.models.trouble is not None)
        assert await _names(client) == ["orders.count"]
