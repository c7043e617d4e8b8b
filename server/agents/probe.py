"""A real MCP client: starts the server as agents' hosts do, over stdio, and asks it one question."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from server.settings import CUSTOMER, DATABASE, MODEL, SHIPPED_MODEL

if TYPE_CHECKING:
    from pathlib import Path


async def ask_over_stdio(query: dict[str, Any], file: Path, customer: int) -> dict[str, Any]:
    """The structured answer of `query_metrics`, from a server process of its own."""
    own = {DATABASE: f"sqlite:///{file}", CUSTOMER: str(customer), MODEL: str(SHIPPED_MODEL)}
    server = StdioServerParameters(command=sys.executable, args=["-m", "server", "serve"], env={**os.environ, **own})
    # A process needs a file to write its errors to, which a stderr that is captured is not.
    async with Client(stdio_client(server, errlog=sys.__stderr__ or sys.stderr)) as client:
        reply = await client.call_tool("query_metrics", query)
    return dict(reply.structured_content or {})
