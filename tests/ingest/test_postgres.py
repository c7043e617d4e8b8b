"""PostgreSQL holds the same data as SQLite; run with METRIC_CUBE_TEST_POSTGRES set to the URL of an empty database."""

import os
from dataclasses import replace

import pytest

from ingest import (
    SyncOptions,
    SyncSettings,
    backfill,
    database_revision,
    downgrade_database,
    newest_revision,
    open_freshness,
    read_status,
    sync,
    upgrade_database,
)
from ingest.simulator import Simulator

URL = os.environ.get("METRIC_CUBE_TEST_POSTGRES", "")

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(not URL, reason="METRIC_CUBE_TEST_POSTGRES is not set")]


async def test_migrations_go_up_and_down_with_data_and_a_sync_is_whole(
    settings: SyncSettings, simulator: Simulator
) -> None:
    there = replace(settings, database_url=URL)
    await upgrade_database(URL)
    await downgrade_database(URL)
    for options in (SyncOptions(), SyncOptions(full=True), SyncOptions(dry_run=True)):
        report = await sync(there, options)
        assert report.outcome == "complete"
    status = await read_status(URL, 7)
    assert sum(product.tests for product in status.products) == len(simulator.world.all_tests())
    assert (status.bugs, status.bugs_due, status.writer) == (len(simulator.world.all_bugs()), {}, None)
    async with open_freshness(there) as freshness:
        assert (await freshness.get_bugs_cached_or_refresh(force_refresh=True)).failed == 0
    assert (await backfill(URL, 7)).bugs.share == 1.0
    await downgrade_database(URL, "0001")
    await upgrade_database(URL)
    assert await database_revision(URL) == newest_revision()
    await downgrade_database(URL)
    assert await database_revision(URL) is None
