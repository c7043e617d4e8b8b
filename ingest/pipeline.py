"""Brings a customer's data from the TestIO API into the database: products, features, tests, bugs, in this order."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ingest.bug_refresh import bug_rule, sync_bugs
from ingest.catalogue import Features, sync_products
from ingest.client import Client
from ingest.concurrency import to_the_end
from ingest.counters import API_CALLS_SAVED, count, counting
from ingest.database import refuse_read_only
from ingest.errors import ApiError, IngestError, Interrupted, StoreError
from ingest.events import begin_event, finish_event
from ingest.garbage import rare_collections
from ingest.lock import writer_lock
from ingest.pages import read_products
from ingest.plan import plan_sync
from ingest.progress import PHASES, Progress, Silent
from ingest.report import Outcome, SyncReport
from ingest.run import Run, SyncOptions
from ingest.schema import database_revision, newest_revision, refuse_newer, upgrade_database
from ingest.store import open_store
from ingest.tables import tests
from ingest.walk import sync_tests

if TYPE_CHECKING:
    from ingest.fields import Json
    from ingest.settings import SyncSettings


BACKGROUND = "background"
"""The kind of a sync that a server runs by itself."""


async def sync(
    settings: SyncSettings,
    options: SyncOptions | None = None,
    progress: Progress | None = None,
    *,
    kind: str = "sync",
) -> SyncReport:
    """Bring the database up to date; idempotent, and after an interruption it goes on where it stopped.

    The tables are made or migrated first. What single answers lack is told in the report and tried again next time.
    Raises `ApiError` when the API refuses the token or gives nothing at all, `StoreError` when the database refuses, and
    `StoreBusy` when another sync is at work. `kind` names the sync in `sync_events`. A sync that is cancelled finishes
    the page that it is writing, lets the lock go and notes that it was interrupted.
    """
    wanted = options or SyncOptions()
    looking_on = progress or Silent()
    async with Client(settings, looking_on.note) as client:
        if wanted.dry_run:
            return await to_the_end(_plan(settings, wanted, client), client.stop)
        return await to_the_end(_sync(settings, wanted, client, looking_on, kind), client.stop)


async def _sync(
    settings: SyncSettings, options: SyncOptions, client: Client, progress: Progress, kind: str
) -> SyncReport:
    began = time.monotonic()
    await asyncio.to_thread(refuse_read_only, settings.database_url)
    # Making the tables takes as long as the first call, so both are done at once; a call that failed is told when its turn comes.
    progress.start("products", None)
    asked = asyncio.create_task(read_products(client))
    try:
        await upgrade_database(settings.database_url)
    except BaseException:
        client.stop()  # else an API that is down would hold up what the database says
        raise
    finally:
        (listing,) = await asyncio.gather(asked, return_exceptions=True)
    async with open_store(settings.database_url, settings.customer_id) as store, writer_lock(store):
        run = Run(settings, options, client, store, progress)
        event = await begin_event(store, kind)
        try:
            with rare_collections(), counting() as counted:
                await _fill(run, listing)
                if kind == BACKGROUND:
                    await _count_savings(run)
        except IngestError as error:
            outcome: Outcome = "interrupted" if isinstance(error, Interrupted) else "failed"
            await finish_event(store, event, outcome, {"error": str(error)})
            raise
        report = _report(run, began)
        await store.optimize()
        await finish_event(store, event, report.outcome, {**report.as_dict(), "counters": dict(counted)})
        return report


async def _count_savings(run: Run) -> None:
    """The calls that reading all bugs that are due would have taken; in the background they are left to queries."""
    due = select(func.count()).where(tests.c.customer_id == run.settings.customer_id, bug_rule(run).due())
    found = await run.store.write(lambda connection: connection.scalars(due).one())
    count(API_CALLS_SAVED, -(-found // run.settings.bug_batch))


async def _fill(run: Run, listing: list[Json] | BaseException) -> None:
    if isinstance(listing, IngestError):
        listing.hint = listing.hint or "Nothing was read: run the sync again later."
    if isinstance(listing, BaseException):
        raise listing
    listed = await sync_products(run, listing)
    features = Features(run, listed)
    try:
        await features.refresh_stale()
        await sync_tests(run, features, list(listed))
        if run.options.bugs:
            await sync_bugs(run, list(listed))
    except ApiError as error:  # what was read before is kept, and told
        run.tally.failed(error, "sync")


async def _plan(settings: SyncSettings, options: SyncOptions, client: Client) -> SyncReport:
    """What a sync would do; a database that is not there yet is not made."""
    began = time.monotonic()
    revision = await database_revision(settings.database_url)
    refuse_newer(revision)
    if revision not in (None, newest_revision()):
        message = f"The database stands at revision {revision} of its tables, not at {newest_revision()}."
        raise StoreError(message, hint="Upgrade it, or run the sync without dry run, which does.")
    with TemporaryDirectory() as folder:
        database_url = settings.database_url
        if revision is None:
            database_url = str(Path(folder) / "nothing.sqlite")
            await upgrade_database(database_url)
        async with open_store(database_url, settings.customer_id) as store:
            run = Run(settings, options, client, store)
            await plan_sync(run)
            return _report(run, began)


def _report(run: Run, began: float) -> SyncReport:
    read = run.tally.read
    return SyncReport(
        read={kind: read[kind] for kind in (*PHASES, *read) if kind in read},
        removed=dict(run.tally.removed),
        problems=tuple(run.tally.problems),
        calls=run.client.calls["calls"],
        retries=run.client.calls["retries"],
        seconds=time.monotonic() - began,
        missed=run.tally.missed,
        dry_run=run.options.dry_run,
    )
