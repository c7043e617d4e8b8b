"""The MCP server: two tools over one source, on stdio, in both eras of the protocol or in the older one alone."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from mcp.server import MCPServer
from mcp.server.runner import serve_loop
from mcp.server.stdio import stdio_server

from server.agents.get_capabilities import GetCapabilities
from server.agents.query_metrics import QueryMetrics
from server.agents.schemas import capabilities_answer, capabilities_arguments, query_answer, query_arguments
from server.agents.texts import CAPABILITIES, INSTRUCTIONS, query_description
from server.agents.tool import strict_tool

if TYPE_CHECKING:
    from server.agents.source import Source

Protocol = Literal["auto", "legacy"]


def build_server(source: Source) -> MCPServer:
    """The server that answers from `source`, ready for any transport."""
    query = strict_tool(
        QueryMetrics(source).answer,
        name="query_metrics",
        title="Query metrics",
        description=query_description(source),
        arguments=query_arguments(source),
        output=query_answer(),
    )
    capabilities = strict_tool(
        GetCapabilities(source).answer,
        name="get_analytics_capabilities",
        title="What can be asked",
        description=CAPABILITIES,
        arguments=capabilities_arguments(),
        output=capabilities_answer(),
    )
    return MCPServer(
        "metric-cube",
        title="Metric Cube",
        version=version("metric-cube"),
        instructions=INSTRUCTIONS,
        tools=[query, capabilities],
        log_level="WARNING",
    )


async def serve_stdio(source: Source, protocol: Protocol) -> None:
    """Serve on stdin and stdout until stdin ends. Logs go to stderr: stdout is the protocol's alone.

    `legacy` answers the handshake protocols only, for clients that ask for the newer one and then go on in the older.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    server = build_server(source)
    if protocol == "auto":
        await server.run_stdio_async()
        return
    # The SDK has no public way to offer one era alone.
    lowlevel = server._lowlevel_server
    async with stdio_server() as (reader, writer), lowlevel.lifespan(lowlevel) as state:
        await serve_loop(lowlevel, reader, writer, lifespan_state=state)
