"""Syncs in the background of a server: products, features and new tests; bugs are left to the queries that read them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from ingest import IngestError, Schedule, run_background_sync, upgrade_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from ingest import Customer

LOG = logging.getLogger(__name__)


def schedules_of(customers: Sequence[Customer], database: str, minutes: float | None) -> list[Schedule]:
    """When each customer is synced: every so many minutes, by default as the customer says; 0 is never."""
    if minutes == 0:
        return []
    return [
        Schedule(customer.settings(database), 60.0 * (customer.interval_minutes if minutes is None else minutes))
        for customer in customers
    ]


@asynccontextmanager
async def synced_in_background(schedules: Sequence[Schedule]) -> AsyncIterator[None]:
    """Sync by these schedules as long as the block runs; a page that is being written is finished when it ends.

    The database is there, with all migrations, when the block begins.
    """
    for schedule in schedules[:1]:
        await upgrade_database(schedule.settings.database_url)
    task = asyncio.create_task(_keep_running(schedules))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep_running(schedules: Sequence[Schedule]) -> None:
    """A server without news is better than none: what ends the background is logged."""
    if not schedules:
        return
    try:
        await run_background_sync(schedules)
    except* IngestError as errors:
        for error in errors.exceptions:
            LOG.error("Background sync has ended: %s", error)
