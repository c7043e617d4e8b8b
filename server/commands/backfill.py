"""`metric-cube backfill`: link tests and bugs to features from the API's JSON that is stored with them."""

from __future__ import annotations

import asyncio
import json
import math
import os
import shutil
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import ingest
from server.commands.options import customer_option, database_option, format_option
from server.terminal.lines import fitted, number_of, say_aside

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from ingest import BackfillReport, BackfillState
    from ingest.linking import Linked

_LINE_SECONDS = 10.0
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
        with _Told() as told:
            report = asyncio.run(
                ingest.backfill(database, customer, progress=told.tell, error_log=error_log, **options)
            )
    except KeyboardInterrupt:
        click.echo("What was linked is kept; run it again for the rest.", err=True)
        raise
    if format_ == "json":
        click.echo(json.dumps(_as_data(report), ensure_ascii=False))
    else:
        _tell(report, error_log)
    return report.exit_code


def progress_line(state: BackfillState, width: int = 200) -> str:
    """How far it has come, in one line no longer than the width; what matters less is left out.

    >>> from ingest import BackfillState
    >>> state = BackfillState(batch=3, done=1500, total=6000, succeeded=1499, failed=1, seconds=3.0)
    >>> progress_line(state)
    'Batch 3: 1,500 of 6,000 (25 %), 500 a second, 9 s left, 1,499 succeeded, 1 failed'
    >>> progress_line(state, 49)
    '1,500 of 6,000 (25 %), 9 s left, 1 failed'
    """
    share = state.done / state.total if state.total else 1.0
    done, left = (
        f"{state.done:,} of {state.total:,} ({share:.0%})".replace("%", " %"),
        f"{state.seconds_left:,.0f} s left",
    )
    rate, failed = f"{state.rate:,.0f} a second", f"{state.failed:,} failed"
    forms = (
        (f"Batch {state.batch:,}: {done}", rate, left, f"{state.succeeded:,} succeeded", failed),
        (f"Batch {state.batch:,}: {done}", left, f"{state.succeeded:,} succeeded", failed),
        (done, left, failed),
        (done, left),
    )
    lines = [", ".join(parts) for parts in forms]
    return next((line for line in lines if len(line) <= width), lines[-1][:width])


class _Told:
    """Tells how far it has come while the block runs: in one line that changes on a screen, now and then in a log."""

    def __init__(self) -> None:
        self._changes = sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")
        self._open = False
        self._at = -math.inf

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the line, so that what comes next begins one."""
        if self._open:
            click.echo(err=True)

    def tell(self, state: BackfillState) -> None:
        """Take note of a batch."""
        now = time.monotonic()
        if self._changes:
            self._open = True
            line = progress_line(state, shutil.get_terminal_size().columns - 1)
            click.echo(f"\r\x1b[K{line}", err=True, nl=False)
        elif state.done >= state.total or now - self._at >= _LINE_SECONDS:
            self._at = now
            click.echo(progress_line(state), err=True)


def _tell(report: BackfillReport, error_log: Path) -> None:
    if report.dry_run:
        click.echo("Nothing was written. A backfill would link:")
    for kind, linked in (("Tests", report.tests), ("Bugs", report.bugs)):
        told = f"{kind}: {linked.total:,} read, {linked.named:,} name a feature, {linked.linked:,} of them linked"
        click.echo(fitted(f"{told} ({linked.percent}).", sys.stdout))
        if linked.mismatches:
            say_aside(f"  Not linked: {_some(linked.mismatches)}")
    if report.errors:
        click.secho(f"{number_of(len(report.errors), 'records')} could not be read:", fg="yellow", err=True)
        for line in report.errors[:_SHOWN]:
            say_aside(f"  {line}")
        more = f"and {len(report.errors) - _SHOWN:,} more; all" if len(report.errors) > _SHOWN else "All"
        say_aside(f"  {more} of them are listed in {error_log}. A full sync reads them anew.")
    for shortcoming in report.shortcomings:
        say_aside(shortcoming, fg="yellow")


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
        "shortcomings": report.shortcomings,
        "exit_code": report.exit_code,
    }
