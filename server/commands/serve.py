"""`metric-cube serve`: the tools for agents, over MCP."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.commands.options import database_option, model_option, refresh_option, security_option

if TYPE_CHECKING:
    from collections.abc import Mapping

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
@click.option(
    "--sync-every",
    "minutes",
    type=click.FloatRange(min=0),
    metavar="MINUTES",
    help="Bring products, features and new tests in so often [default: 15 if TESTIO_API_TOKEN is set]; 0 is never.",
)
@click.option(
    "--customers",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Sync every customer of this TOML file, at the intervals it says.",
)
@model_option
@database_option
@security_option
@refresh_option
def serve(
    transport: str,
    protocol: Protocol,
    minutes: float | None,
    customers: Path | None,
    model: Path,
    database: str,
    security: Mapping[str, Any],
    refresh: bool,
) -> None:
    """Answer agents over MCP: the tools query_metrics and get_analytics_capabilities.

    \b
    In a client's configuration:
      {"mcpServers": {"metric-cube": {
         "command": "metric-cube", "args": ["serve"],
         "env": {"METRIC_CUBE_DATABASE": "/path/to/metric-cube.sqlite", "TESTIO_CUSTOMER_ID": "1"}}}}

    With TESTIO_API_TOKEN the data stay fresh too: new tests come in the background, stale bugs when a question reads them.
    """
    assert transport == "stdio"
    asyncio.run(_serve(protocol, model, database, security, customers, minutes, refresh=refresh))


async def _serve(
    protocol: Protocol,
    model: Path,
    database: str,
    security: Mapping[str, Any],
    customers: Path | None,
    minutes: float | None,
    *,
    refresh: bool,
) -> None:
    from server.agents.server import serve_stdio
    from server.agents.source import Source
    from server.service import Caller
    from server.service.opening import Upkeep, open_service

    async with open_service(model, database, Upkeep(customers, minutes, refresh)) as service:
        await serve_stdio(Source(service, Caller(security)), protocol)
