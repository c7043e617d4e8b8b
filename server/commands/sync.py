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
from click.core import ParameterSource

import ingest
from engine.query.dates import parse_start
from ingest import (
    DEFAULT_API_URL,
    IngestError,
    SettingsError,
    SyncOptions,
    SyncReport,
    SyncSettings,
    read_customers,
    shown_url,
    token_of,
    waits_told,
)
from server.commands.options import customers_option, database_option, format_option
from server.failures import as_issue, say_failure
from server.settings import API_URL, CUSTOMER
from server.terminal.lines import fitted, number_of, say_aside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ingest import Customer, Progress


def _moment(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> datetime | None:
    """The start of a date in words or in ISO form, as ingest takes it: UTC without a zone."""
    if text is None:
        return None
    return parse_start(text, now=datetime.now(UTC), time_zone="UTC").astimezone(UTC).replace(tzinfo=None)


def _ids(_ctx: click.Context, _parameter: click.Parameter, given: Sequence[str]) -> tuple[int, ...]:
    """Numbers, separated by commas or given one by one."""
    try:
        return tuple(dict.fromkeys(int(part) for text in given for part in text.split(",") if part.strip()))
    except ValueError as error:
        raise click.BadParameter(f"{', '.join(given)!r} are not ids: write --products 12,15.") from error


@click.command()
@database_option
@click.option("--api-url", envvar=API_URL, default=DEFAULT_API_URL, show_default=True, help="Where the API is.")
@click.option(
    "--customer",
    type=int,
    metavar="ID",
    envvar=CUSTOMER,
    show_envvar=True,
    help="The TestIO customer whose data it is; with --customers, only this one of them.",
)
@customers_option
@click.option(
    "--products",
    "--product",
    "products",
    multiple=True,
    callback=_ids,
    metavar="IDS",
    help="Only these products: 12,15. Repeatable.",
)
@click.option("--since", metavar="DATE", callback=_moment, help="Leave out tests that ended before: '1 year ago'.")
@click.option("--full", is_flag=True, help="Read again what is known too, also what is final.")
@click.option("--bugs/--no-bugs", default=True, help="Read bugs [default], or leave them as they are.")
@click.option("--dry-run", is_flag=True, help="Say what a sync would read; write nothing.")
@format_option("text", "json")
def sync(
    database: str, api_url: str, customer: int | None, customers: Path | None, format_: str, **options: Any
) -> int:
    """Bring TestIO's data into the database.

    The token comes from TESTIO_API_TOKEN, else from the keyring (metric-cube[keyring]), where `keyring set metric-cube ID`
    stores it for the customer of this id. A sync can be stopped and run again at any time: it goes on where it was. Each one
    also checks a page of what it knows of each product, for tests that were missed or are gone; --since leaves that out, --full
    reads all. Exits with 4 if a part could not be read, with 3 if the API or the database refused.

    \b
    Several customers share a database. The file of --customers holds no token, but says where each is:
      [[customers]]
      id = 7
      name = "Acme"
      token_env = "TESTIO_API_TOKEN_ACME"    or keyring = "service/user"
    """
    if customers is not None:
        if options["products"]:
            raise click.UsageError("--products are of one customer: leave out --customers, or --products.")
        read = read_customers(customers, {**os.environ, API_URL: api_url})
        if click.get_current_context().get_parameter_source("customer") is ParameterSource.COMMANDLINE:
            read = _only(customer, read, customers)
        return sync_each(read, database, SyncOptions(**options), format_)
    if customer is None:
        raise click.UsageError(f"Whose data? Give --customer or set {CUSTOMER}; --customers FILE names several.")
    settings = SyncSettings(api_url, token_of(customer, os.environ), customer, database)
    report = run_sync(settings, SyncOptions(**options), format_)
    if format_ == "json":
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        tell(report)
    return report.exit_code


def _only(customer: int | None, customers: Sequence[Customer], path: Path) -> tuple[Customer, ...]:
    """The one of this id; raises `SettingsError` where the file does not list it."""
    found = tuple(one for one in customers if one.id == customer)
    if not found:
        listed = ", ".join(str(one.id) for one in customers)
        raise SettingsError(f"{path} lists no customer {customer}.", hint=f"It lists {listed}.")
    return found


def run_sync(settings: SyncSettings, options: SyncOptions, format_: str) -> SyncReport:
    """One sync; what it does is told on stderr while it does it, unless a program asked for JSON."""
    if format_ == "text" and not options.dry_run:
        into = shown_url(settings.database_url)
        say_aside(f"Customer {settings.customer_id}, from {settings.api_url} into {into}")
    try:
        with progress_of(format_) as progress, waits_told(progress.note) if progress else nullcontext():
            return asyncio.run(ingest.sync(settings, options, progress))
    except KeyboardInterrupt:
        if format_ == "text" and not options.dry_run:
            say_aside("What was read is kept: the next sync goes on from there.")
        raise


def sync_each(customers: Sequence[Customer], database: str, options: SyncOptions, format_: str) -> int:
    """Sync the customers one after the other; one that fails does not stop the others.

    The exit code is 0 if all are complete, 3 if all failed, else 4.
    """
    told: list[dict[str, Any]] = []
    for customer in customers:
        if format_ == "text":
            click.secho(f"Customer {customer.name}", bold=True)
        try:
            report = run_sync(customer.settings(database), options, format_)
        except IngestError as error:
            told.append({"customer": customer.id, "outcome": "failed", "exit_code": 3, "error": as_issue(error)})
            if format_ == "text":
                say_failure(error)
            continue
        told.append({"customer": customer.id, **report.as_dict()})
        if format_ == "text":
            tell(report)
    if format_ == "json":
        click.echo(json.dumps({"customers": told}, ensure_ascii=False))
    codes = {each["exit_code"] for each in told}
    return codes.pop() if len(codes) == 1 else 4


def progress_of(format_: str) -> AbstractContextManager[Progress | None]:
    """Bars of progress on a terminal, lines in a log, nothing for a program."""
    if format_ != "text":
        return nullcontext()
    if sys.stderr.isatty():
        return progress_on(looked_at=True)
    from server.terminal.progress import Lines

    return Lines()


def progress_on(looked_at: bool) -> AbstractContextManager[Progress | None]:
    """Progress on the screen where somebody looks on."""
    if not looked_at:
        return nullcontext()
    from server.terminal.progress import on_screen

    return on_screen()


def tell(report: SyncReport) -> None:
    """Say what was read and, on stderr, what is missing."""
    if report.dry_run:
        told = [f"Nothing was written. {plan_in_words(report.read)}"]
    else:
        read = ", ".join(number_of(number, what) for what, number in report.read.items())
        told = [f"Read {read or 'nothing'} in {report.seconds:.1f} s, with {_calls(report)}."]
    if report.missed:
        told.append(f"Found {number_of(report.missed, 'tests')} that earlier syncs had missed.")
    if gone := ", ".join(number_of(number, what) for what, number in report.removed.items() if number):
        told.append(f"Removed what is gone upstream: {gone}.")
    click.echo(fitted("\n".join(told), sys.stdout))
    if report.problems:
        say_aside(f"Only a part was read; {len(report.problems)} missing:", fg="yellow")
        for problem in report.problems:
            say_aside(f"  {problem}")
        say_aside("Run it again to try these again.")


def plan_in_words(planned: Mapping[str, int]) -> str:
    """What a dry run found that a sync would read (`plan_sync` in ingest says what is counted), in a sentence.

    >>> plan_in_words({"products": 2, "catalogues": 0, "walks": 0, "new tests": 1, "bugs of tests": 3})
    'A sync would read 2 products, the newest tests of 2 (1 on the first pages is new), the bugs of 3 stored tests and of new ones.'
    """
    products, walks, new = planned["products"], planned["walks"], planned["new tests"]
    parts = [number_of(products, "products")]
    if planned["catalogues"]:
        parts.append(f"the features of {planned['catalogues']:,}")
    if walks:
        parts.append(f"the tests of {walks:,} from the newest back")
    if products > walks:
        parts.append(f"the newest tests of {products - walks:,}")
    parts[-1] += f" ({new:,} on the first pages {'is' if new == 1 else 'are'} new)"
    if (stored := planned.get("bugs of tests")) is not None:
        of_stored = [number_of(stored, "stored tests")] if stored else []
        of_new = ["new ones"] if new or walks else []
        if of_stored or of_new:
            parts.append(f"the bugs of {' and of '.join([*of_stored, *of_new])}")
    return f"A sync would read {', '.join(parts)}."


def _calls(report: SyncReport) -> str:
    calls = number_of(report.calls, "calls")
    return f"{calls} ({report.retries:,} of them repeated)" if report.retries else calls
