"""A backfill links tests and bugs to features from the JSON that is stored with them, again and again with one result."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ingest import BackfillState, SyncSettings, backfill
from tests.ingest.conftest import Look
from tests.ingest.snapshots import Snapshot, snapshot

pytestmark = pytest.mark.anyio


@pytest.fixture
def unlinked(synced: SyncSettings) -> Snapshot:
    """Take all links away from a database that is filled; returns what it held before."""
    before = snapshot(synced.database_url)
    change(
        synced,
        "UPDATE bugs SET test_feature_id = NULL",
        "DELETE FROM test_features",
        "DELETE FROM features WHERE deleted",
    )
    return before


def change(settings: SyncSettings, *statements: str) -> None:
    with closing(sqlite3.connect(settings.database_url)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


async def test_all_links_are_made_from_what_is_stored_and_making_them_again_changes_nothing(
    settings: SyncSettings, unlinked: Snapshot
) -> None:
    for _ in range(2):
        report = await backfill(settings.database_url, 7)
        assert report.exit_code == 0
        assert (report.tests.share, report.bugs.share) == (1.0, 1.0)
        assert (report.errors, report.tests.mismatches) == ([], [])
        assert snapshot(settings.database_url) == unlinked


async def test_a_dry_run_tells_the_same_and_changes_nothing(
    settings: SyncSettings, unlinked: Snapshot, look: Look
) -> None:
    dry = await backfill(settings.database_url, 7, dry_run=True)
    assert look("SELECT count(*) FROM test_features") == [(0,)]
    assert look("SELECT count(*) FROM bugs WHERE test_feature_id IS NOT NULL") == [(0,)]
    wet = await backfill(settings.database_url, 7)
    assert (dry.tests, dry.bugs) == (wet.tests, wet.bugs)


async def test_progress_is_told_after_each_batch(settings: SyncSettings, unlinked: Snapshot) -> None:
    states: list[BackfillState] = []
    await backfill(settings.database_url, 7, batch=50, progress=states.append)
    assert [state.done for state in states] == [50, 90, 140, 190, 240, 290, 340, 390]
    assert [state.batch for state in states] == list(range(1, 9))
    assert states[-1].total == states[-1].done == states[-1].succeeded
    assert states[0].seconds_left > 0 == states[-1].seconds_left


async def test_broken_payloads_are_logged_and_left_out(
    settings: SyncSettings, unlinked: Snapshot, tmp_path: Path, look: Look
) -> None:
    (test,) = look("SELECT min(id) FROM tests")[0]
    (bug,) = look("SELECT min(id) FROM bugs")[0]
    change(
        settings,
        f"UPDATE tests SET data = '{{\"features' WHERE id = {test}",
        f"UPDATE bugs SET raw_data = '{json.dumps({'reported_at': 'never'})}' WHERE id = {bug}",
    )
    log = tmp_path / "backfill_errors.log"
    report = await backfill(settings.database_url, 7, error_log=log)
    assert report.exit_code == 0, "two of 390 are under 5 %"
    lines = log.read_text().splitlines()
    assert f"test {test}: the stored payload is not JSON" in lines[0]
    assert f"bug {bug}: " in lines[1]


async def test_many_failures_give_exit_code_4(settings: SyncSettings, unlinked: Snapshot) -> None:
    change(settings, "UPDATE bugs SET raw_data = 'nonsense' WHERE id % 4 = 0")
    report = await backfill(settings.database_url, 7)
    assert report.exit_code == 4


async def test_a_bug_that_names_what_nothing_describes_is_a_mismatch(
    settings: SyncSettings, unlinked: Snapshot, look: Look
) -> None:
    (bug,) = look("SELECT min(id) FROM bugs")[0]
    payload = json.loads(look(f"SELECT raw_data FROM bugs WHERE id = {bug}")[0][0])
    payload |= {"test_feature": {"id": 990_300}, "feature": None}
    with closing(sqlite3.connect(settings.database_url)) as connection, connection:
        connection.execute("UPDATE bugs SET raw_data = ? WHERE id = ?", (json.dumps(payload), bug))
    report = await backfill(settings.database_url, 7)
    assert report.bugs.mismatches == [bug]
    assert look(f"SELECT test_feature_id FROM bugs WHERE id = {bug}") == [(None,)]
