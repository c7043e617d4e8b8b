"""`metric-cube sync`: bring TestIO's data into the database, and say truly what came of it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

import ingest
from engine.query.dates import parse_start
from ingest import DEFAULT_API_URL, SyncOptions, SyncReport, SyncSettings
from server.commands.options import customer_option, database_option, format_option
from server.settings import API_TOKEN, API_URL

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ingest import Progress


def _moment(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> datetime | None:
    """The start of a date in words or in ISO form, as ingest takes it: UTC without a zone."""
    if text is None:
        return None
    return parse_start(text, now=datetime.now(UTC), time_zone="UTC").astimezone(UTC).replace(tzinfo=None)


@click.command()
@database_option
@click.option("--api-url", envvar=API_URL, default=DEFAULT_API_URL, show_default=True, help="Where the API is.")
@customer_option
@click.option("--product", "products", type=int, multiple=True, metavar="ID", help="Only this product. Repeatable.")
@click.option("--since", metavar="DATE", callback=_moment, help="Leave out tests that ended before: '1 year ago'.")
@click.option("--full", is_flag=True, help="Read again what is known too, also what is final.")
@click.option("--bugs/--no-bugs", default=True, help="Read bugs [default], or leave them as they are.")
@click.option("--dry-run", is_flag=True, help="Say what a sync would read; write nothing.")
@format_option("text", "json")
def sync(database: str, api_url: str, customer: int, format_: str, **options: Any) -> int:
    """Bring TestIO's data into the database.

    The token comes from TESTIO_API_TOKEN. A sync can be stopped and run again at any time: it goes on where it was.
    Exits with 4 if a part could not be read, with 3 if the API or the database refused.
    """
    settings = SyncSettings(api_url, os.environ.get(API_TOKEN, ""), customer, database)
    with progress_on(sys.stderr.isatty() and format_ == "text") as progress:
        report = asyncio.run(ingest.sync(settings, SyncOptions(**options), progress))
    if format_ == "json":
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        tell(report)
    return report.exit_code


def progress_on(looked_at: bool) -> AbstractContextManager[Progress | None]:
    """Bars of progress where somebody looks on."""
    if not looked_at:
        return nullcontext()
    from server.terminal.progress import Bars

    return Bars()


def tell(report: SyncReport) -> None:
    """Say what was read and, on stderr, what is missing."""
    read = ", ".join(
        f"{number:,} {what if number != 1 else what.removesuffix('s')}" for what, number in report.read.items()
    )
    if report.dry_run:
        click.echo(f"Nothing was written. A sync would read: {read or 'nothing'}.")
    else:
        click.echo(f"Read {read or 'nothing'} in {report.seconds:.1f} s, with {_calls(report)}.")
    gone = ", ".join(f"{number:,} {what}" for what, number in report.removed.items() if number)
    if gone:
        click.echo(f"Removed what is gone upstream: {gone}.")
    if report.problems:
        click.secho(f"Only a part was read; {len(report.problems)} missing:", fg="yellow", err=True)
        for problem in report.problems:
            click.echo(f"  {problem}", err=True)
        click.echo("Run it again to try these again.", err=True)


def _calls(report: SyncReport) -> str:
    calls = f"{report.calls:,} call{'' if report.calls == 1 else 's'}"
    return f"{calls} ({report.retries:,} of them repeated)" if report.retries else calls
