"""A database is read where it or its folder cannot be written to, and what wants to write says at once that it cannot."""

import sqlite3
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from ingest import StoreError, SyncSettings, backfill, load_table, open_freshness, read_status, sync
from ingest.schema import database_revision, downgrade_database, newest_revision, upgrade_database
from ingest.simulator import Simulator
from ingest.store import open_store
from ingest.tables import tests
from tests.rights import closed_files, closed_folder, opened

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="permissions of folders are another matter there"),
]


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text("id\n1\n", encoding="utf-8")
    return path


Closing = Callable[..., AbstractContextManager[Path]]
CLOSINGS = pytest.mark.parametrize("closing_off", [closed_folder, closed_files])


async def test_its_state_is_told(first_sync: Path, orders: Path, simulator: Simulator) -> None:
    with closed_folder(first_sync) as folder:
        path = str(folder / first_sync.name)
        assert (await read_status(path, 7)).bugs == len(simulator.world.all_bugs())
        assert await database_revision(path) == newest_revision()
        assert (await load_table(path, "orders", orders, dry_run=True)).rows == 1
        assert [file.name for file in folder.iterdir()] == [first_sync.name]


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
async def test_the_state_of_a_file_is_told_that_alone_is_closed(
    synced: SyncSettings, orders: Path, simulator: Simulator, journal: str
) -> None:
    path = Path(synced.database_url)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
    with closed_files(path) as folder:
        copy = str(folder / path.name)
        assert (await read_status(copy, 7)).bugs == len(simulator.world.all_bugs())
        assert (await load_table(copy, "orders", orders, dry_run=True)).rows == 1


@CLOSINGS
@pytest.mark.parametrize(
    "write",
    [
        upgrade_database,
        downgrade_database,
        lambda path: backfill(path, 7),
        lambda path: load_table(path, "orders", Path(path).parent / "orders.csv"),
    ],
    ids=["upgrade", "downgrade", "backfill", "load"],
)
async def test_what_would_write_is_refused(
    first_sync: Path, orders: Path, closing_off: Closing, write: Callable[[str], Coroutine[Any, Any, Any]]
) -> None:
    with closing_off(first_sync, orders) as folder:
        path = folder / first_sync.name
        with pytest.raises(
            StoreError, match=r"readonly database\. Give a file that may be written to, in a folder that"
        ):
            await write(str(path))
        assert path.read_bytes() == first_sync.read_bytes()


async def test_each_attempt_to_write_is_told_why_it_fails(first_sync: Path) -> None:
    with closed_files(first_sync) as folder:
        async with open_store(str(folder / first_sync.name), 7) as store:
            for _ in range(2):
                with pytest.raises(StoreError, match="readonly database"):
                    await store.write(lambda connection: connection.execute(delete(tests)))


async def test_a_large_file_is_not_read_in_vain(first_sync: Path, orders: Path) -> None:
    orders.write_text("id\n1,2\n", encoding="utf-8")
    with closed_files(first_sync) as folder, pytest.raises(StoreError, match="readonly database"):
        await load_table(str(folder / first_sync.name), "orders", orders)


@CLOSINGS
async def test_a_sync_is_refused_before_it_asks_the_api(
    first_sync: Path, settings: SyncSettings, simulator: Simulator, closing_off: Closing
) -> None:
    with closing_off(first_sync) as folder:
        elsewhere = SyncSettings(settings.api_url, settings.token, 7, str(folder / first_sync.name))
        with pytest.raises(StoreError, match="readonly database"):
            await sync(elsewhere)
    assert simulator.traffic.total == 0


async def test_a_query_is_told_that_nothing_can_be_refreshed_and_sees_what_others_write(
    synced: SyncSettings, simulator: Simulator
) -> None:
    with closing(sqlite3.connect(synced.database_url)) as connection, connection:
        connection.execute("UPDATE tests SET bugs_synced_at = NULL")
    with closed_folder(Path(synced.database_url)) as folder:
        path = folder / Path(synced.database_url).name
        elsewhere = SyncSettings(synced.api_url, synced.token, 7, str(path))
        async with open_freshness(elsewhere) as freshness:
            found = await freshness.get_bugs_cached_or_refresh()
            assert (found.refreshed, found.failed > 0) == (0, True)
            with opened(folder), closing(sqlite3.connect(path)) as connection, connection:
                connection.execute("UPDATE tests SET status = 'waiting'")
            assert (await freshness.get_bugs_cached_or_refresh()).due == {}


async def test_changes_that_wait_beside_it_are_not_left_out_silently(synced: SyncSettings) -> None:
    path = Path(synced.database_url)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE tests SET title = 'Another'")
        connection.commit()
        with (
            closed_folder(path, path.with_name(f"{path.name}-wal")) as folder,
            pytest.raises(StoreError, match="holds changes to it, and their folder cannot be written to"),
        ):
            await read_status(str(folder / path.name), 7)
