"""Brings a customer's data from the TestIO API into the database: products, features, tests, bugs, in this order."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ingest.bug_refresh import sync_bugs
from ingest.catalogue import Features, sync_products
from ingest.client import Client
from ingest.errors import ApiError
from ingest.progress import Progress, Silent
from ingest.report import SyncReport
from ingest.run import Run, SyncOptions
from ingest.schema import upgrade_database
from ingest.store import open_store
from ingest.walk import sync_tests

if TYPE_CHECKING:
    from ingest.fields import Json
    from ingest.settings import SyncSettings


async def sync(
    settings: SyncSettings,
    options: SyncOptions | None = None,
    progress: Progress | None = None,
) -> SyncReport:
    """Bring the database up to date; idempotent, and after an interruption it goes on where it stopped.

    The tables are made or migrated first. What single answers lack is told in the report and tried again next time.
    Raises `ApiError` when the API refuses the token or gives nothing at all, `StoreError` when the database refuses.
    """
    began, wanted = time.monotonic(), options or SyncOptions()
    await upgrade_database(settings.database_url)
    async with open_store(settings.database_url, settings.customer_id) as store, Client(settings) as client:
        run = Run(settings, wanted, client, store, progress or Silent())
        listed = await sync_products(run)
        try:
            await _fill(run, listed)
        except ApiError as error:  # what was read before is kept, and told
            run.tally.failed(error, "sync")
        await store.optimize()
    return SyncReport(
        read=dict(run.tally.read),
        removed=dict(run.tally.removed),
        problems=tuple(run.tally.problems),
        calls=client.calls["calls"],
        retries=client.calls["retries"],
        seconds=time.monotonic() - began,
        dry_run=wanted.dry_run,
    )


async def _fill(run: Run, listed: dict[int, Json]) -> None:
    features = Features(run, listed)
    await features.refresh_stale()
    await sync_tests(run, features, list(listed))
    if run.options.bugs:
        await sync_bugs(run, list(listed))
