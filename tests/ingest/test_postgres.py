"""PostgreSQL holds the same data as SQLite; run with METRIC_CUBE_TEST_POSTGRES set to the URL of a server's database.

Each test makes a database of its own beside that one, and drops it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from ingest import (
    StoreError,
    SyncOptions,
    SyncSettings,
    backfill,
    database_revision,
    downgrade_database,
    load_table,
    newest_revision,
    open_freshness,
    read_status,
    sync,
    upgrade_database,
)
from ingest.database import parse_url
from ingest.naming import RESERVED, plain_name
from ingest.simulator import Simulator, random_faults
from tests.ingest.test_operation import moments, start
from tests.postgres import needs_postgres, new_database

pytestmark = [pytest.mark.anyio, needs_postgres]

SAME = (
    "SELECT id, title, status, end_at FROM tests ORDER BY id",
    "SELECT id, test_id, test_feature_id, severity, status, known, reported_at, raw_data FROM bugs ORDER BY id",
    "SELECT id, test_id, feature_id, title FROM test_features ORDER BY id",
    "SELECT id, title, deleted FROM features ORDER BY id",
    "SELECT bug_id, operating_system, device FROM bug_devices ORDER BY 1, 2, 3",
    "SELECT username, is_tester, is_customer FROM users ORDER BY username",
)


@pytest.fixture
def there(settings: SyncSettings) -> Iterator[SyncSettings]:
    """Settings for an empty database on the server."""
    with new_database() as url:
        yield replace(settings, database_url=url)


def rows(settings: SyncSettings, sql: str) -> list[tuple[Any, ...]]:
    engine = create_engine(parse_url(settings.database_url))
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]
    finally:
        engine.dispose()


def plain(found: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Rows as texts that do not depend on the database: SQLite keeps times as texts, and truth as numbers."""
    words = {"True": "1", "False": "0"}
    return [tuple(words.get(str(value), str(value).removesuffix(".000000")) for value in row) for row in found]


async def test_a_sync_brings_the_same_rows_as_to_sqlite(
    there: SyncSettings, synced: SyncSettings, simulator: Simulator
) -> None:
    for options in (SyncOptions(), SyncOptions(full=True), SyncOptions(dry_run=True)):
        assert (await sync(there, options)).outcome == "complete"
    with closing(sqlite3.connect(synced.database_url)) as connection:
        for sql in SAME:
            assert sorted(plain(rows(there, sql))) == sorted(plain(connection.execute(sql).fetchall())), sql
    status = await read_status(there.database_url, 7)
    assert (status.bugs, status.bugs_due, status.writer) == (len(simulator.world.all_bugs()), {}, None)
    async with open_freshness(there) as freshness:
        assert (await freshness.get_bugs_cached_or_refresh(force_refresh=True)).failed == 0
    assert (await backfill(there.database_url, 7)).bugs.share == 1.0


async def test_what_a_walk_has_missed_is_found_and_what_is_gone_goes(
    there: SyncSettings, synced: SyncSettings, simulator: Simulator
) -> None:
    small = replace(there, page_size=10)
    tests = max(simulator.world.tests.values(), key=len)
    final = [test for test in tests if test["status"] == "archived"]
    hidden, extra = final[-2], {**final[-1], "id": 990_000, "features": []}
    tests[tests.index(hidden)] = extra
    await sync(small)
    tests[tests.index(extra)] = hidden
    for _ in range(2 * (len(tests) // 5)):
        assert (await sync(small)).outcome == "complete"
    assert all(product.checked_at for product in (await read_status(there.database_url, 7)).products)
    with closing(sqlite3.connect(synced.database_url)) as connection:
        for sql in SAME:
            assert sorted(plain(rows(there, sql))) == sorted(plain(connection.execute(sql).fetchall())), sql


async def test_migrations_go_up_and_down_with_rows_in_them(there: SyncSettings) -> None:
    await sync(there)
    before = [rows(there, sql) for sql in SAME]
    for revision in ("0004", "0002", "0001"):
        await downgrade_database(there.database_url, revision)
        assert [rows(there, sql) for sql in SAME] == before
    await upgrade_database(there.database_url)
    assert await database_revision(there.database_url) == newest_revision()
    assert [rows(there, sql) for sql in SAME] == before
    await downgrade_database(there.database_url)
    assert await database_revision(there.database_url) is None


async def test_a_file_is_loaded_and_updated_by_key(there: SyncSettings, tmp_path: Any) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("id,amount,at\n1,10,2026-01-31T23:30:00+02:00\n2,12.5,\n", encoding="utf-8")
    assert (await load_table(there.database_url, "orders", path, key=["id"])).created
    path.write_text("id,amount\n2,3\n", encoding="utf-8")
    report = await load_table(there.database_url, "orders", path, key=["id"])
    assert (report.created, report.columns) == (False, {"id": "integer", "amount": "number"})
    assert plain(rows(there, "SELECT * FROM orders ORDER BY id")) == [
        ("1", "10.0", "2026-01-31 21:30:00"),
        ("2", "3.0", "None"),
    ]


async def test_names_of_a_file_need_no_quotes_and_those_of_an_earlier_load_are_found(
    there: SyncSettings, tmp_path: Any
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("OrderID,User,Größe\n1,ann,2\n", encoding="utf-8")
    await load_table(there.database_url, "NewOrders", path, key=["OrderID"])
    assert rows(there, "SELECT order_id, user_, größe FROM new_orders") == [(1, "ann", 2)]
    engine = create_engine(parse_url(there.database_url))
    with engine.begin() as connection:
        connection.execute(text('CREATE TABLE "Orders" ("OrderID" BIGINT PRIMARY KEY, "User" TEXT, "Größe" BIGINT)'))
    engine.dispose()
    for _ in range(2):
        assert not (await load_table(there.database_url, "Orders", path, key=["OrderID"])).created
    assert rows(there, 'SELECT "OrderID", "User", "Größe" FROM "Orders"') == [(1, "ann", 2)]


def test_names_are_changed_that_postgresql_reserves(there: SyncSettings) -> None:
    engine = create_engine(parse_url(there.database_url))
    with engine.begin() as connection:
        system_columns = "SELECT attname FROM pg_attribute WHERE attnum < 0"
        words = connection.scalars(text(f"SELECT word FROM pg_get_keywords() UNION {system_columns}"))
        for word in sorted({*words, *RESERVED}):
            name = plain_name(word)
            connection.execute(text(f"CREATE TEMPORARY TABLE {name} ({name} TEXT)"))
            connection.execute(text(f"INSERT INTO {name} VALUES ('kept')"))
            assert connection.execute(text(f"SELECT {name}, {name}.{name} FROM {name}")).all() == [("kept", "kept")]
            connection.execute(text(f"DROP TABLE {name}"))
    engine.dispose()


async def test_a_table_that_another_session_holds_is_told(there: SyncSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    await upgrade_database(there.database_url)
    monkeypatch.setattr("ingest.database.MOST_SECONDS", 0.2)
    other = create_engine(parse_url(there.database_url))
    with other.connect() as connection:
        connection.execute(text("LOCK TABLE products IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(StoreError, match=r"(?s)lock timeout.*Another session holds a lock \(pg_stat_activity"):
            await sync(there)
    other.dispose()
    assert (await sync(there)).outcome == "complete"


async def test_a_server_that_only_reads_is_told_before_the_api_is_asked(
    there: SyncSettings, simulator: Simulator, tmp_path: Any
) -> None:
    await upgrade_database(there.database_url)
    engine = create_engine(parse_url(there.database_url))
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {engine.url.database} SET default_transaction_read_only = on"))
    engine.dispose()
    path = tmp_path / "orders.csv"
    path.write_text("id\n1,2\n", encoding="utf-8")
    for write in (sync(there), backfill(there.database_url, 7), load_table(there.database_url, "orders", path)):
        with pytest.raises(StoreError, match=r"read-only transaction.* give the URL of the one that is written to"):
            await write
    assert simulator.traffic.total == 0


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_sync_killed_at_ten_moments_is_taken_up_again(
    there: SyncSettings, synced: SyncSettings, simulator: Simulator, seed: int
) -> None:
    simulator.faults.rules = [random_faults(seed, share=1 / 3)]
    simulator.latency_seconds = 0.01
    stored = "SELECT (SELECT count(*) FROM tests) + (SELECT count(*) FROM bugs)"
    for wanted in moments(seed):
        (process,) = start(there)
        found = 0
        while found < wanted:
            assert process.poll() is None, "the sync ended before it could be killed"
            with suppress(ProgrammingError):  # the tables are not there yet
                ((found,),) = rows(there, stored)
        process.kill()
        process.communicate()
    (process,) = start(there)
    process.communicate()
    assert process.returncode == 0
    outcomes = [outcome for (outcome,) in rows(there, "SELECT outcome FROM sync_events ORDER BY id")]
    assert (outcomes[-1], set(outcomes[:-1])) == ("complete", {"interrupted"})
    with closing(sqlite3.connect(synced.database_url)) as connection:
        for sql in SAME:
            assert sorted(plain(rows(there, sql))) == sorted(plain(connection.execute(sql).fetchall())), sql
