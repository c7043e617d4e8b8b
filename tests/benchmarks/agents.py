"""What a call by an agent costs over what the service takes for its answer, by each transport and in both eras of the protocol."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.server.lowlevel.server import Server
from mcp.types import CallToolResult, ListToolsResult, TextContent, Tool

import engine
import ingest
from ingest import SyncSettings
from ingest.simulator import Simulator, WorldSize, make_world, serve_simulator
from server.agents.server import build_server
from server.service import Caller
from server.settings import SHIPPED_MODEL
from tests.benchmarks.measuring import median, milliseconds, show
from tests.server.agents.serving import MODES, Mode, http_client, http_server, service_over
from tests.server.serving import source_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_ROUNDS = 300
_STARTS = 5
_SIZE = WorldSize(products=3, tests=60, bugs=600, days=400)
_CALL: dict[str, Any] = {
    "metrics": ["bug_count"],
    "dimensions": ["feature"],
    "filters": {"severity": "critical"},
    "limit": 10,
}
_SECURITY = {"customer_id": 1}


def agents_report() -> None:
    """A table of calls, and how long it takes from the start of the process to the first answer over stdio."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "synced.sqlite"
        world = make_world(_SIZE, now=datetime.now(UTC))
        with serve_simulator(Simulator(world, "token")) as url:
            asyncio.run(ingest.sync(SyncSettings(url, "token", 1, f"sqlite:///{file}")))
        rows = [asyncio.run(_calls(file, mode)) for mode in MODES]
        starts = [asyncio.run(_first_answer(file, mode)) for mode in MODES for _ in range(_STARTS)]
    show(
        f"An answer of {_CALL['limit']} rows, asked by an agent ({_ROUNDS} calls each, the answer kept by the service)",
        ["era", "service, ms", "in memory, ms", "over the service, ms", "an empty server, ms", "stdio, ms", "HTTP, ms"],
        rows,
        "Medians. Wanted: 1 ms over the service in memory, 3 ms over stdio. The empty server hands out the same payload.",
    )
    show(
        "From the start of the process to the first answer over stdio",
        ["", "least, s", "median, s"],
        [["metric-cube serve", f"{min(starts):.2f}", f"{median(starts):.2f}"]],
        "Wanted: 1.5 s.",
    )


async def _calls(file: Path, mode: Mode) -> list[str]:
    model = engine.load_model(SHIPPED_MODEL)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(engine.open_database(str(file)))
        source = source_of(model, database, _SECURITY)
        ours = await stack.enter_async_context(Client(build_server(source), mode=mode))
        ready = await ours.call_tool("query_metrics", _CALL)
        empty = await stack.enter_async_context(Client(_empty(ready), mode=mode))
        stdio = await stack.enter_async_context(Client(_command(file), mode=mode))
        callers = {"one": Caller(_SECURITY, "one")}
        url, _ = stack.enter_context(http_server(service_over(model, file), callers))
        http = await stack.enter_async_context(http_client(url, "one", mode))
        clients = {"ours": ours, "empty": empty, "stdio": stdio, "http": http}
        asked: dict[str, Callable[[], Awaitable[object]]] = {
            "service": partial(source.service.answer, _CALL, source.caller),
            **{name: partial(client.call_tool, "query_metrics", _CALL) for name, client in clients.items()},
        }
        took = await _in_turns(asked)
    over = took["ours"] - took["service"]
    return [mode, *map(milliseconds, (took["service"], took["ours"], over, took["empty"], took["stdio"], took["http"]))]


async def _in_turns(asked: Mapping[str, Callable[[], Awaitable[object]]]) -> dict[str, float]:
    """The median of each, in seconds; in turns, so that what the machine does besides meets all alike.

    The turns change: who comes after another process has answered finds the processor's caches cold.
    """
    found: dict[str, list[float]] = {name: [] for name in asked}
    order = random.Random(0)  # noqa: S311  an order of turns is no secret
    for _ in range(_ROUNDS):
        for name, ask in order.sample(list(asked.items()), len(asked)):
            began = perf_counter()
            await ask()
            found[name].append(perf_counter() - began)
    return {name: median(each) for name, each in found.items()}


def _empty(ready: CallToolResult) -> Server[Any]:
    """A server of the SDK whose one tool hands out what was made before."""

    async def list_tools(*_: object) -> ListToolsResult:
        return ListToolsResult(tools=[Tool(name="query_metrics", input_schema={"type": "object"})])

    async def call_tool(*_: object) -> CallToolResult:
        (content,) = ready.content
        assert isinstance(content, TextContent)
        return CallToolResult(content=[content], structured_content=ready.structured_content)

    return Server("empty", on_list_tools=list_tools, on_call_tool=call_tool)


def _command(file: Path) -> StdioServerParameters:
    own = {"METRIC_CUBE_DATABASE": str(file), "TESTIO_CUSTOMER_ID": "1", "METRIC_CUBE_MODEL": str(SHIPPED_MODEL)}
    return StdioServerParameters(command=sys.executable, args=["-m", "server", "serve"], env={**os.environ, **own})


async def _first_answer(file: Path, mode: Mode) -> float:
    began = perf_counter()
    async with Client(_command(file), mode=mode) as client:
        result = await client.call_tool("query_metrics", _CALL)
        took = perf_counter() - began
    assert not result.is_error
    return took
