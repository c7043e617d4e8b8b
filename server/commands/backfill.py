"""`metric-cube backfill`: link tests and bugs to features from the API's JSON that is stored with them."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import ingest
from server.commands.options import customer_option, database_option, format_option

if TYPE_CHECKING:
    from ingest import BackfillReport, BackfillState
    from ingest.linking import Linked

_SHOWN = 10
_LOG = "backfill_errors.log"


@click.command()
@database_option
@customer_option
@click.option("--dry-run", is_flag=True, help="Say what would be linked; write nothing.")
@click.option("--batch", type=click.IntRange(min=1), default=500, show_default=True, help="Records in one transaction.")
@click.option(
    "--error-log",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=_LOG,
    show_default=True,
    help="Where records that cannot be read are listed, a line each.",
)
@format_option("text", "json")
def backfill(database: str, customer: int, format_: str, error_log: Path, **options: Any) -> int:
    """Link tests and bugs to features from the API's JSON that is stored with each.

    For a database that was filled before these links existed; no call is made. Running it again changes nothing more. It
    takes about a minute for 100,000 records. Of the tests and bugs whose JSON names a feature, 95 % have to be linked
    afterwards; those that are not are listed.

    Exits with 4 if fewer are, or if more than 5 % of the records cannot be read.
    """
    try:
        report = asyncio.run(
            ingest.backfill(database, customer, progress=_tell_progress, error_log=error_log, **options)
        )
    except KeyboardInterrupt:
        click.echo("What was linked is kept; run it again for the rest.", err=True)
        raise
    if format_ == "json":
        click.echo(json.dumps(_as_data(report), ensure_ascii=False))
    else:
        _tell(report, error_log)
    return report.exit_code


def progress_line(state: BackfillState) -> str:
    """How far it has come, in one line.

    >>> from ingest import BackfillState
    >>> progress_line(BackfillState(batch=3, done=1500, total=6000, succeeded=1499, failed=1, seconds=3.0))
    'Batch 3: 1,500 of 6,000 (25 %), 500 a second, 9 s left, 1,499 succeeded, 1 failed'
    """
    share = state.done / state.total if state.total else 1.0
    return (
        f"Batch {state.batch:,}: {state.done:,} of {state.total:,} ({share:.0%}), ".replace("%", " %")
        + f"{state.rate:,.0f} a second, {state.seconds_left:,.0f} s left, "
        + f"{state.succeeded:,} succeeded, {state.failed:,} failed"
    )


def _tell_progress(state: BackfillState) -> None:
    """One line that changes on a terminal; elsewhere a line for each batch."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{progress_line(state)}", err=True, nl=state.done >= state.total)
    else:
        click.echo(progress_line(state), err=True)


def _tell(report: BackfillReport, error_log: Path) -> None:
    if report.dry_run:
        click.echo("Nothing was written. A backfill would link:")
    for kind, linked in (("Tests", report.tests), ("Bugs", report.bugs)):
        click.echo(
            f"{kind}: {linked.total:,} read, {linked.named:,} name a feature, "
            f"{linked.linked:,} of them linked ({100 * linked.share:.1f} %)."
        )
        if linked.mismatches:
            click.echo(f"  Not linked: {_some(linked.mismatches)}", err=True)
    if report.errors:
        click.secho(f"{len(report.errors):,} records could not be read:", fg="yellow", err=True)
        for line in report.errors[:_SHOWN]:
            click.echo(f"  {line}", err=True)
        click.echo(f"All of them are listed in {error_log}. A full sync reads them anew.", err=True)


def _some(ids: list[int]) -> str:
    more = f" and {len(ids) - _SHOWN:,} more" if len(ids) > _SHOWN else ""
    return ", ".join(map(str, ids[:_SHOWN])) + more


def _as_data(report: BackfillReport) -> dict[str, Any]:
    def linked(found: Linked) -> dict[str, Any]:
        return {**asdict(found), "share": found.share}

    return {
        "dry_run": report.dry_run,
        "tests": linked(report.tests),
        "bugs": linked(report.bugs),
        "errors": report.errors,
        "exit_code": report.exit_code,
    }
