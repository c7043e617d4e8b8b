"""`metric-cube status`: what the database holds, how old it is, and what became of the last syncs."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import click

from engine import open_database
from ingest import read_status, shown_url
from server.commands.options import customer_option, database_option, format_option
from server.terminal.lines import fitted, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ingest import EventStatus, SyncStatus

_DUE = {
    "never": "whose bugs were never read",
    "final": "that ended since their bugs were read",
    "stale": "whose bugs may have changed",
}


@click.command()
@database_option
@customer_option
@format_option("text", "json")
def status(database: str, customer: int, format_: str) -> None:
    """Say what the database holds, how old it is, and what became of the last syncs."""
    found = asyncio.run(_read(database, customer))
    if format_ == "json":
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False, default=str))
    else:
        click.echo(fitted("\n".join(_lines(found, database, customer)), sys.stdout))


async def _read(database: str, customer: int) -> SyncStatus:
    # A look at what is there makes no database: this one refuses where there is none.
    async with open_database(database):
        return await read_status(database, customer)


def _lines(found: SyncStatus, database: str, customer: int) -> Iterator[str]:
    yield f"Database  {shown_url(database)}"
    yield f"Customer  {customer}"
    yield f"Products  {len(found.products):,}"
    yield f"Tests     {sum(product.tests for product in found.products):,}"
    yield f"Bugs      {found.bugs:,}"
    for reason, number in found.bugs_due.items():
        if number:
            yield f"          {number:,} tests {_DUE.get(reason, reason)}"
    yield ""
    width = max((len(product.title) for product in found.products), default=0)
    for product in found.products:
        whole = "" if product.complete else ", not all of them read yet"
        checked = f", checked {_at(product.checked_at)}" if product.checked_at else ""
        yield f"{product.title:{width}}  {number_of(product.tests, 'tests'):>12}{whole}, read {_at(product.tests_read_at)}{checked}"
    for gap in found.gaps:
        yield f"Could not be read: {gap}"
    if found.writer:
        yield f"\nNow writing: {found.writer}"
    yield "\nLast syncs (UTC)"
    for event in found.events:
        yield f"  {_at(event.started_at)}  {_outcome(event)}"
        if error := event.summary.get("error"):
            yield f"    {error}"


def _outcome(event: EventStatus) -> str:
    """What came of a sync: "partial in 1.2 s, in the background: 2 products, 12 tests; 1 missing"."""
    took = f" in {(event.finished_at - event.started_at).total_seconds():.1f} s" if event.finished_at else ""
    kind = "" if event.kind == "sync" else ", in the background" if event.kind == "background" else f", {event.kind}"
    read = ", ".join(number_of(number, what) for what, number in event.summary.get("read", {}).items() if number)
    missing = len(event.summary.get("problems", ()))
    lacking = f"; {missing:,} missing" if missing else ""
    return f"{event.outcome}{took}{kind}{f': {read}' if read else ''}{lacking}"


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"
