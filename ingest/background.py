"""Keeps the data of one or several customers fresh in the background of a server: products, features, new tests.

Bugs of known tests are left to the queries that read them (`ingest.freshness`): most are never asked for again.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ingest.concurrency import to_the_end
from ingest.errors import IngestError, StoreBusy
from ingest.moments import utc_now
from ingest.pipeline import BACKGROUND, sync
from ingest.run import SyncOptions
from ingest.schema import database_revision, newest_revision
from ingest.store import open_store
from ingest.tables import products

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.report import SyncReport
    from ingest.settings import SyncSettings

LOG = logging.getLogger(__name__)

MOST_BACKOFF = 16
"""A customer whose syncs keep failing is tried at least once in so many intervals."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A customer to be kept fresh, and the seconds from the end of one sync to the beginning of the next."""

    settings: SyncSettings
    interval_seconds: float = 900.0


async def run_background_sync(
    schedules: Sequence[Schedule], on_report: Callable[[SyncSettings, SyncReport], None] | None = None
) -> None:
    """Sync all customers again and again, one at a time, until the task is cancelled.

    A customer whose data are stale or missing is synced at once; the others begin spread over their interval. After a
    failure the interval doubles, up to `MOST_BACKOFF` times.
    """
    turn = asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        for place, schedule in enumerate(schedules):
            stagger = schedule.interval_seconds * place / len(schedules)
            group.create_task(_keep_fresh(schedule, stagger, turn, on_report))


async def should_run_initial_sync(settings: SyncSettings) -> bool:
    """Whether the customer's products or features are missing or older than the features' time to live."""
    if await database_revision(settings.database_url) != newest_revision():
        return True
    oldest = select(
        func.count(),
        func.min(products.c.synced_at),
        func.min(products.c.features_synced_at),
        func.count(products.c.features_synced_at),
    ).where(products.c.customer_id == settings.customer_id)
    async with open_store(settings.database_url, settings.customer_id) as store:
        stored, product_at, feature_at, with_features = await store.read(lambda one: one.execute(oldest).one())
    stale_before = utc_now() - timedelta(seconds=settings.feature_ttl_seconds)
    return bool(stored == 0 or with_features < stored or min(product_at, feature_at) < stale_before)


async def _keep_fresh(
    schedule: Schedule,
    stagger: float,
    turn: asyncio.Lock,
    on_report: Callable[[SyncSettings, SyncReport], None] | None,
) -> None:
    if not await to_the_end(should_run_initial_sync(schedule.settings)):
        await asyncio.sleep(stagger)
    failures = 0
    while True:
        async with turn:
            report, failed = await _sync_once(schedule.settings)
        if report and on_report:
            on_report(schedule.settings, report)
        failures = failures + 1 if failed else 0
        await asyncio.sleep(schedule.interval_seconds * min(2**failures, MOST_BACKOFF))


async def _sync_once(settings: SyncSettings) -> tuple[SyncReport | None, bool]:
    """One sync of one customer; returns the report, and whether the next one should wait longer."""
    customer = settings.customer_id
    LOG.info("Background sync: 3 phases (products, features, new tests), customer %d", customer)
    try:
        report = await sync(settings, SyncOptions(bugs=False), kind=BACKGROUND)
    except StoreBusy as error:
        LOG.info("Background sync of customer %d left out: %s", customer, error)
        return None, False
    except IngestError as error:
        LOG.warning("Background sync of customer %d failed: %s", customer, error)
        return None, True
    for problem in report.problems:
        LOG.warning("Background sync of customer %d: %s", customer, problem)
    return report, bool(report.problems)
