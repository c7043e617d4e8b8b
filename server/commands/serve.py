"""`metric-cube serve`: the tools for agents, over MCP."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from engine import load_model, open_database
from server.commands.options import database_option, model_option, refresh_option, security_option
from server.settings import API_TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from engine import Freshness, Model
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
    asyncio.run(_serve(protocol, load_model(model), database, security, Upkeep(customers, minutes, refresh)))


class Upkeep(NamedTuple):
    """How the data are kept fresh: whose, how often (None: as each customer says), and whether at questions too."""

    customers: Path | None
    minutes: float | None
    refresh: bool


async def _serve(protocol: Protocol, model: Model, database: str, security: Mapping[str, Any], upkeep: Upkeep) -> None:
    from server.agents.server import serve_stdio
    from server.agents.source import Source

    async with (
        _kept_fresh(model, database, security, upkeep) as freshness,
        open_database(database) as opened,
    ):
        await serve_stdio(Source(model, opened, security, freshness), protocol)


@asynccontextmanager
async def _kept_fresh(
    model: Model, database: str, security: Mapping[str, Any], upkeep: Upkeep
) -> AsyncIterator[Freshness | None]:
    """Keep the data fresh where there are credentials; gives what questions ask for fresh data."""
    if not (upkeep.customers or os.environ.get(API_TOKEN)):
        yield None
        return
    from server.freshness.background import schedules_of, synced_in_background
    from server.freshness.opening import is_of_testio, known_customers, open_query_freshness, refresh_settings

    known = known_customers(os.environ, upkeep.customers)
    schedules = schedules_of(known, database, upkeep.minutes) if is_of_testio(model, database) else []
    settings = refresh_settings(model, database, known, security) if upkeep.refresh else None
    async with (
        synced_in_background(schedules),
        open_query_freshness(model, settings, stays_open=True) as freshness,
    ):
        yield freshness
