"""The migrations make the tables that the code expects, up and down, with rows in them, all or nothing."""

import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from ingest import backfill, read_status
from ingest.errors import StoreError
from ingest.schema import database_revision, downgrade_database, newest_revision, upgrade_database
from ingest.tables import METADATA

pytestmark = pytest.mark.anyio

ROWS = """
    INSERT INTO products (id, customer_id, title) VALUES (1, 7, 'Shop');
    INSERT INTO features (id, customer_id, product_id, title) VALUES (2, 7, 1, 'Login');
    INSERT INTO tests (id, customer_id, product_id, title, status, testing_type, end_at)
        VALUES (3, 7, 1, 'Release', 'locked', 'rapid', '2026-10-01 00:00:00.000000');
    INSERT INTO test_features (id, customer_id, test_id, feature_id, title) VALUES (4, 7, 3, 2, 'Login');
    INSERT INTO bugs (id, customer_id, test_id, test_feature_id, title) VALUES (5, 7, 3, 4, 'Broken');
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "cube.sqlite"


async def test_the_migrated_database_is_what_the_tables_say(path: Path) -> None:
    await upgrade_database(str(path))
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    engine.dispose()
    assert differences == []
    assert await database_revision(str(path)) == newest_revision()


async def test_the_asked_for_indexes_exist(path: Path) -> None:
    await upgrade_database(str(path))
    with closing(sqlite3.connect(path)) as connection, connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    connection.close()
    assert names >= {
        "ix_test_features_customer_id",
        "ix_test_features_test_id",
        "ix_test_features_feature_id",
        "ix_bugs_test_feature_id",
        "ix_tests_end_at",
        "ix_tests_created_at",
    }


async def test_rows_survive_each_step_up_and_down(path: Path) -> None:
    await upgrade_database(str(path), "0001")
    connection = sqlite3.connect(path)
    connection.executescript(ROWS)
    before = connection.execute("SELECT * FROM bugs").fetchall()
    await upgrade_database(str(path))
    assert connection.execute("SELECT end_at, bugs_synced_status FROM tests").fetchall() == [
        ("2026-10-01 00:00:00.000000", None)
    ]
    assert connection.execute("SELECT * FROM bugs").fetchall() == before
    await downgrade_database(str(path), "0001")
    assert connection.execute("SELECT * FROM bugs").fetchall() == before
    assert connection.execute("SELECT count(*) FROM test_features").fetchone() == (1,)
    await downgrade_database(str(path))
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    assert tables == [("alembic_version",)]


async def test_upgrading_twice_changes_nothing(path: Path) -> None:
    await upgrade_database(str(path))
    await upgrade_database(str(path))
    assert await database_revision(str(path)) == newest_revision()


async def test_tables_of_somebody_else_are_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE products (sku TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="not of this product: products"):
        await upgrade_database(str(path))


async def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("name,age\nsomebody,7\n" * 100)
    with pytest.raises(StoreError, match="not a database"):
        await upgrade_database(str(path))


async def test_a_missing_driver_is_told() -> None:
    with pytest.raises(StoreError, match="No driver is installed"):
        await upgrade_database("nosuch://somewhere/db")


@pytest.mark.parametrize("use", [upgrade_database, lambda path: read_status(path, 7), lambda path: backfill(path, 7)])
async def test_a_database_of_a_newer_release_is_told_as_such_and_left_alone(
    path: Path, use: Callable[[str], Coroutine[Any, Any, Any]]
) -> None:
    await upgrade_database(str(path))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(StoreError, match=r"(?s)revision 0099, of a newer release.*Install the newer release"):
        await use(str(path))
    assert await database_revision(str(path)) == "0099"


async def test_a_database_of_an_older_release_is_told_how_to_upgrade_it(path: Path) -> None:
    await upgrade_database(str(path), "0001")
    with pytest.raises(StoreError, match=r"(?s)revision 0001.*older release.*metric-cube db upgrade"):
        await read_status(str(path), 7)


async def test_a_damaged_file_is_told_with_what_helps(path: Path) -> None:
    await upgrade_database(str(path))
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 40_000)
    with pytest.raises(StoreError, match=r"(?s)malformed.*The file is damaged.*sync into a new one"):
        await read_status(str(path), 7)


async def test_rows_that_point_nowhere_stop_a_migration_and_are_looked_for_only_then(path: Path) -> None:
    await upgrade_database(str(path))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(ROWS)
        connection.execute("DELETE FROM test_features")
    await upgrade_database(str(path))
    with pytest.raises(StoreError, match="rows that point nowhere; nothing was changed"):
        await downgrade_database(str(path), "0001")
    assert await database_revision(str(path)) == newest_revision()
