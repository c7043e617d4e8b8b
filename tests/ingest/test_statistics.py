"""After what changes much, the planner knows how values are spread, whoever reads next; and finding that out is bounded."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ingest import SyncSettings, backfill, load_table, sync, upgrade_database
from ingest.simulator import Simulator, always
from ingest.statistics import SAMPLE
from ingest.store import open_store
from tests.ingest.conftest import Look

pytestmark = pytest.mark.anyio

BY_PRODUCT = "SELECT product_id, count(*) FROM tests WHERE end_at >= '2026-10-01' AND end_at < '2026-11-01' GROUP BY 1"
BY_STATISTICS = "ANY(product_id) AND end_at>? AND end_at<?"
"""A way that SQLite takes only where it knows how many tests a product has."""


def known(look: Look) -> set[str]:
    """The tables that there are statistics of."""
    return {table for (table,) in look("SELECT DISTINCT tbl FROM sqlite_stat1")}


def fill(settings: SyncSettings, customers: int) -> None:
    """More tests than are looked at, over two years, of a product for each customer."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {5 * SAMPLE})"
    with closing(sqlite3.connect(settings.database_url)) as connection, connection:
        for customer in range(1, customers + 1):
            connection.execute("INSERT INTO products (id, customer_id, title) VALUES (?, ?, 'Shop')", [customer] * 2)
        connection.execute(
            "INSERT INTO tests (id, customer_id, product_id, title, status, testing_type, end_at) "
            f"{numbers} SELECT i, i % {customers} + 1, i % {customers} + 1, 'Test', 'archived', 'rapid', "
            "datetime('2026-11-20', '-' || (i / 7) || ' days') FROM n"
        )


async def test_a_first_sync_leaves_statistics_of_all_that_it_filled(settings: SyncSettings, look: Look) -> None:
    await sync(settings)
    assert known(look) >= {
        "products",
        "features",
        "users",
        "tests",
        "test_features",
        "test_platforms",
        "bugs",
        "bug_devices",
    }


async def test_a_sync_that_brought_a_part_leaves_them_too(
    settings: SyncSettings, simulator: Simulator, look: Look
) -> None:
    simulator.faults.rules = [always("bugs", "500")]
    assert (await sync(settings)).outcome == "partial"
    assert "tests" in known(look)


async def test_who_only_reads_goes_by_them_at_once_also_where_the_file_was_open_before(settings: SyncSettings) -> None:
    await upgrade_database(settings.database_url)
    with closing(sqlite3.connect(f"file:{settings.database_url}?mode=ro", uri=True)) as reader:
        assert reader.execute(BY_PRODUCT).fetchall() == []
        fill(settings, customers=1)
        async with open_store(settings.database_url, 1) as store:
            await store.optimize()
        reader.execute(
            BY_PRODUCT
        ).fetchall()  # finds that the tables have changed, which only asking for a plan does not
        assert BY_STATISTICS in reader.execute(f"EXPLAIN QUERY PLAN {BY_PRODUCT}").fetchone()[3]


async def test_what_a_file_or_a_backfill_brings_is_known(synced: SyncSettings, look: Look, tmp_path: Path) -> None:
    with closing(sqlite3.connect(synced.database_url)) as connection, connection:
        connection.execute("DELETE FROM sqlite_stat1")
        connection.execute('CREATE TABLE "order" (id INTEGER, shop INTEGER, PRIMARY KEY (id, shop))')
    file = tmp_path / "order.csv"
    file.write_text("id,shop\n1,2\n2,2\n", encoding="utf-8")
    await load_table(synced.database_url, "order", file, key=["id", "shop"])
    assert known(look) == {"order"}, "a name that has to be quoted"
    await backfill(synced.database_url, 7, dry_run=True)
    assert known(look) == {"order"}
    await backfill(synced.database_url, 7)
    assert known(look) > {"order", "test_features"}


@pytest.mark.parametrize("customers", [1, 2])
async def test_a_sample_does_not_make_all_rows_of_a_customer_look_few(
    settings: SyncSettings, look: Look, customers: int
) -> None:
    await upgrade_database(settings.database_url)
    fill(settings, customers)
    async with open_store(settings.database_url, 1) as store:
        await store.optimize()
    ((stat,),) = look("SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_tests_customer_id'")
    rows, of_one = map(int, stat.split())
    assert of_one == rows // customers > 2 * SAMPLE
    other: dict[str, str] = dict(look("SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'tests'"))
    assert int(other["ix_tests_product_id"].split()[1]) <= SAMPLE + 1, "what is not looked at cannot be known"
