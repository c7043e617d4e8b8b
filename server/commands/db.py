"""`metric-cube db`: bring a database to another form of TestIO's tables, and say in which it is."""

from __future__ import annotations

import asyncio
import json

import click

from ingest import database_revision, downgrade_database, is_newer, newest_revision, shown_url, upgrade_database
from server.commands.options import database_option, format_option


@click.group()
def db() -> None:
    """Upgrade TestIO's tables to this release, undo that, or say where they are.

    A sync upgrades by itself; this is for whoever wants to do it apart.
    """


@db.command()
@click.option(
    "--to", "revision", metavar="REVISION", default="head", help="Stop at this migration [default: the newest]."
)
@database_option
def upgrade(revision: str, database: str) -> None:
    """Run the migrations that the database has not had: all of them, or none if one fails."""
    asyncio.run(_move(database, revision, up=True))


@db.command()
@click.option(
    "--to", "revision", metavar="REVISION", required=True, help="Where to go back to; base is before the first."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@database_option
def downgrade(revision: str, yes: bool, database: str) -> None:
    """Undo migrations. What only newer tables and columns can hold is lost."""
    if not yes:
        click.confirm(f"What only newer tables of {shown_url(database)} can hold is lost. Go on?", abort=True, err=True)
    asyncio.run(_move(database, revision, up=False))


@db.command()
@database_option
@format_option("text", "json")
def status(database: str, format_: str) -> None:
    """Say at which migration the database is, and which is the newest."""
    now, newest = asyncio.run(database_revision(database)), newest_revision()
    if format_ == "json":
        state = {"database": shown_url(database), "revision": now, "newest": newest, "current": now == newest}
        click.echo(json.dumps(state))
        return
    click.echo(f"Database  {shown_url(database)}")
    click.echo(f"Revision  {now or 'none: it holds no tables of TestIO'}")
    click.echo(f"Newest    {newest}{'' if now != newest else ', which it is at'}")
    if is_newer(now):
        click.echo("A newer release of metric-cube made it; this one cannot use it.")
    elif now != newest:
        click.echo("Run `metric-cube db upgrade`, or a sync, which does it too.")


async def _move(database: str, revision: str, *, up: bool) -> None:
    before = await database_revision(database)
    if up or before is not None:
        await (upgrade_database if up else downgrade_database)(database, revision)
    after = await database_revision(database)
    if before == after:
        click.echo(f"Nothing to do: the database is at {after or 'none of the migrations'}.")
    else:
        click.echo(f"The database went from {before or 'no migration'} to {after or 'none'}.")
