"""Servers for agents as clients meet them: over HTTP, through all that requests pass there, and clients in both eras."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Literal

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse

from engine import load_model, open_database
from server.agents.application import agents_application
from server.http.application import build_application
from server.http.door import Door, local_door
from server.http.middleware.access_log import AccessLog
from server.http.middleware.authentication import AsCaller
from server.http.serving import listen, server_of, url_of
from server.service import Caller, FixedModel, Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from pathlib import Path

    from mcp.types import CallToolResult
    from starlette.types import ASGIApp, Receive, Scope, Send

    from engine import Model
    from server.service import Models

Mode = Literal["auto", "legacy"]
MODES: tuple[Mode, ...] = ("auto", "legacy")

SLOW_MODEL = """\
cubes:
  - name: slow
    sql: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT i FROM n"
    dimensions:
      - {name: i, sql: i, type: number, primary_key: true}
    measures:
      - {name: count, type: count}
  - name: quick
    sql: "SELECT 1 AS i"
    dimensions:
      - {name: i, sql: i, type: number, primary_key: true}
    measures:
      - {name: count, type: count}
"""
"""A metric whose number takes an hour to count, and one that is there at once."""


class ByToken:
    """Lets in whom a bearer token belongs to, in the place where the product does."""

    def __init__(self, app: ASGIApp, callers: Mapping[str, Caller]) -> None:
        self._app, self._callers = app, callers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            caller = self._callers.get(headers.get(b"authorization", b"").decode().removeprefix("Bearer "))
            if caller is None:
                await PlainTextResponse("who are you?", 401)(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)


@contextmanager
def http_server(make: Callable[[], Service], callers: Mapping[str, Caller]) -> Iterator[tuple[str, Service]]:
    """Where the tools of a service answer, in a thread of its own, and that service."""
    service = make()
    agents = agents_application(service)
    local = local_door(service, Caller(), log=AccessLog(lambda _: None))
    tokens = Middleware(ByToken, callers=callers)
    passed: list[Any] = local.middleware
    door = Door([tokens if each.cls is AsCaller else each for each in passed], local.routes)
    application = build_application(service, door, agents=agents)
    server = server_of(application)
    # What clients leave open is not waited for.
    server.config.timeout_graceful_shutdown = 1
    with listen("127.0.0.1", 0) as listening:

        async def serve() -> None:
            await server.serve(sockets=[listening])
            await service.database.close()

        # A loop of its own, so that callers may have one running.
        thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"{url_of(listening)}/mcp", service
        finally:
            server.should_exit = True
            thread.join()
            service.close()


def service_over(model: Model, database: Path, models: Models | None = None) -> Callable[[], Service]:
    """What makes a service; over a model that stays as it is, unless there are others."""
    return lambda: Service(models or FixedModel(model), open_database(str(database)))


@asynccontextmanager
async def http_client(url: str, token: str, mode: Mode) -> AsyncIterator[Client]:
    """A client that shows a token."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=30) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


def slow_model(folder: Path) -> Model:
    """The model whose question takes an hour."""
    (folder / "model.yml").write_text("version: 1\nname: slow\nlimits: {seconds: 300}\ncache: {seconds: 0}\n")
    (folder / "slow.yml").write_text(SLOW_MODEL)
    return load_model(folder)


def payload_of(result: CallToolResult) -> dict[str, Any]:
    """The answer in a result that is no refusal."""
    (content,) = result.content
    assert content.type == "text"
    assert not result.is_error, content.text
    data: dict[str, Any] = json.loads(content.text)
    assert data == result.structured_content
    return data


def text_of(result: CallToolResult) -> str:
    """The one text of a result."""
    (content,) = result.content
    assert content.type == "text"
    return content.text


async def until(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether something comes to hold, before far more time has passed than it may take."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        await asyncio.sleep(0.02)
    return holds()
