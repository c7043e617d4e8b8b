"""`metric-cube serve`: the tools for agents, over MCP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from engine import load_model, open_database
from server.commands.options import database_option, model_option, security_option

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from server.agents.server import Protocol


@click.command()
@click.option(
    "--transport", type=click.Choice(["stdio"]), default="stdio", show_default=True, help="How clients connect."
)
@click.option(
    "--protocol",
    type=click.Choice(["auto", "legacy"]),
    default="auto",
    show_default=True,
    help="legacy answers MCP's handshake versions alone, for clients that stumble over the newer one.",
)
@model_option
@database_option
@security_option
def serve(transport: str, protocol: Protocol, model: Path, database: str, security: Mapping[str, Any]) -> None:
    """Answer agents over MCP: the tools query_metrics and get_analytics_capabilities.

    \b
    In a client's configuration:
      {"mcpServers": {"metric-cube": {
         "command": "metric-cube", "args": ["serve"],
         "env": {"METRIC_CUBE_DATABASE": "/path/to/metric-cube.sqlite", "TESTIO_CUSTOMER_ID": "1"}}}}
    """
    assert transport == "stdio"
    asyncio.run(_serve(protocol, model, database, security))


async def _serve(protocol: Protocol, model: Path, database: str, security: Mapping[str, Any]) -> None:
    from server.agents.server import serve_stdio
    from server.agents.source import Source

    loaded = load_model(model)
    async with open_database(database) as opened:
        await serve_stdio(Source(loaded, opened, security), protocol)
