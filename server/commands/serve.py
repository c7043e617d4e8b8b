"""`metric-cube serve`: the tools for agents over MCP, and the HTTP door for programs."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from server.commands.options import customers_option, database_option, model_option, refresh_option, security_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access.access import Access
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
    "--access",
    "access_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Over HTTP, let in whom this TOML file lets in, each with what it lets them see and do.",
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
    help="Bring products, features and new tests in so often [default: 15 if there is a token]; 0 is never.",
)
@customers_option
@model_option
@database_option
@security_option
@refresh_option
def serve(
    transport: str,
    host: str,
    port: int,
    access_file: Path | None,
    origins: tuple[str, ...],
    protocol: Protocol,
    minutes: float | None,
    customers: Path | None,
    model: Path,
    database: str,
    security: Mapping[str, Any],
    refresh: bool,
) -> None:
    """Answer agents over MCP, and with --transport http programs too: Cube's REST API, /v1/query and what /docs describes.

    \b
    In a client's configuration:
      {"mcpServers": {"metric-cube": {
         "command": "metric-cube", "args": ["serve"],
         "env": {"METRIC_CUBE_DATABASE": "/path/to/metric-cube.sqlite", "TESTIO_CUSTOMER_ID": "1"}}}}

    With a token (TESTIO_API_TOKEN, or one in the keyring) the data stay fresh too: new tests come in the background, stale
    bugs when a question reads them.
    """
    from server.service.opening import Upkeep

    upkeep = Upkeep(customers, minutes, refresh)
    if transport == "http":
        asyncio.run(_serve_http(host, port, access_file, origins, model, database, security, upkeep))
    elif access_file is not None:
        raise click.UsageError(
            "--access goes with --transport http; over stdio, whoever starts the server is who asks."
        )
    else:
        asyncio.run(_serve_stdio(protocol, model, database, security, upkeep))


async def _serve_http(
    host: str,
    port: int,
    access_file: Path | None,
    origins: tuple[str, ...],
    model: Path,
    database: str,
    security: Mapping[str, Any],
    upkeep: Upkeep,
) -> None:
    from server.agents.application import agents_application
    from server.http.application import build_application
    from server.http.door import guarded_door, local_door
    from server.http.logs import log_as_json
    from server.http.serving import listen, serve_application, url_of
    from server.service import Caller
    from server.service.opening import open_service

    access = _access_for(host, access_file)
    log_as_json()
    async with open_service(model, database, upkeep) as service:
        if access is None:
            door = local_door(service, Caller(security), origins=origins)
        else:
            door = guarded_door(service, access, origins=origins)
        with listen(host, port) as listening:
            click.echo(f"Serving on {url_of(listening)}; agents ask at /mcp, and /docs describes the rest.", err=True)
            application = build_application(service, door, agents=agents_application(service))
            await serve_application(application, listening)


def _access_for(host: str, access_file: Path | None) -> Access | None:
    """Who is let in; None for this machine alone. Raises UsageError where others could reach what nobody guards."""
    from server.hosts import is_loopback

    if access_file is None:
        if is_loopback(host):
            return None
        message = f"Others could reach this server at {host}, and nothing says who may see what."
        hint = "Leave out --host, or name a file that says it: --access FILE (docs/access.md; `metric-cube token`)."
        raise click.UsageError(f"{message} {hint}")
    from server.access.access import Access
    from server.access.reading import read_access_file

    settings = read_access_file(access_file, os.environ)
    if settings.url is None and not is_loopback(host):
        message = f"{access_file} does not say where clients reach this server, and at {host} others do."
        raise click.UsageError(f'{message} Add a line to its beginning: url = "https://metrics.example.com"')
    return Access(settings)


async def _serve_stdio(
    protocol: Protocol, model: Path, database: str, security: Mapping[str, Any], upkeep: Upkeep
) -> None:
    from server.agents.server import serve_stdio
    from server.agents.source import Source
    from server.service import Caller
    from server.service.opening import open_service

    async with open_service(model, database, upkeep) as service:
        await serve_stdio(Source(service, Caller(security)), protocol)
