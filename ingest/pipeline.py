"""Brings a customer's data from the TestIO API into the database: products, features, tests, bugs, in this order."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ingest.bug_refresh import sync_bugs
from ingest.catalogue import Features, sync_products
from ingest.client import Client
from ingest.errors import ApiError, IngestError, StoreError
from ingest.events import begin_event, finish_event
from ingest.lock import writer_lock
from ingest.moments import utc_now
from ingest.plan import plan_sync
from ingest.progress import Progress, Silent
from ingest.report import SyncReport
from ingest.run import Run, SyncOptions
from ingest.schema import database_revision, newest_revision, upgrade_database
from ingest.store import open_store
from ingest.walk import sync_tests

if TYPE_CHECKING:
    from ingest.settings import SyncSettings


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
    `StoreBusy` when another sync is at work. `kind` names the sync in `sync_events`.
    """
    wanted = options or SyncOptions()
    if wanted.dry_run:
        return await _plan(settings, wanted)
    await upgrade_database(settings.database_url)
    async with (
        open_store(settings.database_url, settings.customer_id) as store,
        writer_lock(store),
        Client(settings) as client,
    ):
        run = Run(settings, wanted, client, store, progress or Silent())
        event = await begin_event(store, kind)
        try:
            await _fill(run)
        except IngestError as error:
            await finish_event(store, event, "failed", {"error": str(error)})
            raise
        report = _report(run)
        await store.optimize()
        await finish_event(store, event, report.outcome, report.as_dict())
        return report


async def _fill(run: Run) -> None:
    listed = await sync_products(run)
    features = Features(run, listed)
    try:
        await features.refresh_stale()
        await sync_tests(run, features, list(listed))
        if run.options.bugs:
            await sync_bugs(run, list(listed))
    except ApiError as error:  # what was read before is kept, and told
        run.tally.failed(error, "sync")


async def _plan(settings: SyncSettings, options: SyncOptions) -> SyncReport:
    """What a sync would do; a database that is not there yet is not made."""
    revision = await database_revision(settings.database_url)
    if revision not in (None, newest_revision()):
        message = f"The database stands at revision {revision} of its tables, not at {newest_revision()}."
        raise StoreError(message, hint="Upgrade it, or run the sync without dry run, which does.")
    with TemporaryDirectory() as folder:
        database_url = settings.database_url
        if revision is None:
            database_url = str(Path(folder) / "nothing.sqlite")
            await upgrade_database(database_url)
        async with open_store(database_url, settings.customer_id) as store, Client(settings) as client:
            run = Run(settings, options, client, store)
            await plan_sync(run)
            return _report(run)


def _report(run: Run) -> SyncReport:
    return SyncReport(
        read=dict(run.tally.read),
        removed=dict(run.tally.removed),
        problems=tuple(run.tally.problems),
        calls=run.client.calls["calls"],
        retries=run.client.calls["retries"],
        seconds=(utc_now() - run.started_at).total_seconds(),
        dry_run=run.options.dry_run,
    )
