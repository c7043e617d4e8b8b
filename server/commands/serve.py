"""`metric-cube serve`: the tools for agents over MCP, and the HTTP door for programs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.commands.options import database_option, model_option, refresh_option, security_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.agents.server import Protocol
    from server.service.opening import Upkeep


@click.command()
@click.option(
    "--transport",
    type=click.Choice(["stdio", "http"]),
    default="stdio",
    show_default=True,
    help="stdio for one agent that starts this command; http for programs, browsers and Cube's clients.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve HTTP at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4000,
    show_default=True,
    help="The port to serve HTTP at; 0 takes a free one.",
)
@click.option(
    "--allow-origin",
    "origins",
    metavar="ORIGIN",
    multiple=True,
    help="Pages of this origin (https://dashboards.example.com) may ask over HTTP from a browser. Repeatable.",
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
    host: str,
    port: int,
    origins: tuple[str, ...],
    protocol: Protocol,
    minutes: float | None,
    customers: Path | None,
    model: Path,
    database: str,
    security: Mapping[str, Any],
    refresh: bool,
) -> None:
    """Answer agents over MCP, or programs over HTTP: Cube's REST API, /v1/query and what /docs describes.

    \b
    In a client's configuration:
      {"mcpServers": {"metric-cube": {
         "command": "metric-cube", "args": ["serve"],
         "env": {"METRIC_CUBE_DATABASE": "/path/to/metric-cube.sqlite", "TESTIO_CUSTOMER_ID": "1"}}}}

    With TESTIO_API_TOKEN the data stay fresh too: new tests come in the background, stale bugs when a question reads them.
    """
    from server.service.opening import Upkeep

    upkeep = Upkeep(customers, minutes, refresh)
    if transport == "http":
        asyncio.run(_serve_http(host, port, origins, model, database, security, upkeep))
    else:
        asyncio.run(_serve_stdio(protocol, model, database, security, upkeep))


async def _serve_http(
    host: str,
    port: int,
    origins: tuple[str, ...],
    model: Path,
    database: str,
    security: Mapping[str, Any],
    upkeep: Upkeep,
) -> None:
    from starlette.middleware import Middleware

    from server.hosts import is_loopback
    from server.http.application import AsCaller, build_application
    from server.http.serving import listen, serve_application, url_of
    from server.service import Caller
    from server.service.opening import open_service

    if not is_loopback(host):
        message = f"Nothing says who may ask, so this server is for this machine alone, and {host} is open to others."
        raise click.UsageError(f"{message} Leave out --host.")
    async with open_service(model, database, upkeep) as service:
        as_caller = Middleware(AsCaller, caller=Caller(security))
        with listen(host, port) as listening:
            click.echo(f"Serving on {url_of(listening)}; /docs describes it.", err=True)
            await serve_application(build_application(service, [as_caller], origins=origins), listening)


async def _serve_stdio(
    protocol: Protocol, model: Path, database: str, security: Mapping[str, Any], upkeep: Upkeep
) -> None:
    from server.agents.server import serve_stdio
    from server.agents.source import Source
    from server.service import Caller
    from server.service.opening import open_service

    async with open_service(model, database, upkeep) as service:
        await serve_stdio(Source(service, Caller(security)), protocol)
