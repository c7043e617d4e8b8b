"""What it costs a query to find out how fresh its data are: the check, and beside it the query itself."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import engine
from ingest import Scope, SyncSettings, open_freshness, upgrade_database
from tests.benchmarks.measuring import milliseconds, show, times

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIZES = ((5_000, 100_000), (100_000, 100_000))
_ROUNDS = 15
_NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
_QUARTER = (datetime(2026, 7, 1), datetime(2026, 10, 1))  # noqa: DTZ001  as ingest takes it

# Fifty tests to each that is not final; all of them were read just now, so that nothing is due.
_ROWS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {tests})
INSERT INTO tests (id, customer_id, product_id, title, status, testing_type, end_at, bugs_synced_at, bugs_synced_status, data)
SELECT i, 1, i % 4 + 1, 'Test', CASE WHEN i % 50 THEN 'archived' ELSE 'locked' END, 'rapid',
       strftime('%Y-%m-%d %H:%M:%f000', '2026-11-20', '-' || (i * 730 / {tests}) || ' days'),
       strftime('%Y-%m-%d %H:%M:%f000', 'now'), CASE WHEN i % 50 THEN 'archived' ELSE 'locked' END, zeroblob(1500)
FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {bugs})
INSERT INTO bugs (id, customer_id, test_id, title, severity, status, raw_data)
SELECT i, 1, i % {tests} + 1, 'Bug', CASE i % 3 WHEN 0 THEN 'high' WHEN 1 THEN 'low' ELSE 'critical' END, 'accepted',
       zeroblob(900)
FROM n;
ANALYZE;
"""


def fresh_report() -> None:
    """A table of checks where all is fresh, beside the query that they precede."""
    rows = [row for tests, bugs in _SIZES for row in _measured(tests, bugs)]
    note = f"The least of {_ROUNDS} rounds each. Wanted: under 10 ms, and under 25 % of the query."
    show("Finding out how fresh the data are", ["of what", "check, ms", "query, ms", "share"], rows, note)


def _measured(tests: int, bugs: int) -> list[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cube.sqlite"
        asyncio.run(upgrade_database(str(path)))
        with closing(sqlite3.connect(path)) as connection, connection:
            for product in range(1, 5):
                connection.execute("INSERT INTO products (id, customer_id, title) VALUES (?, 1, 'Shop')", (product,))
            connection.executescript(_ROWS.format(tests=tests, bugs=bugs))
        size = f"{tests:,} tests, {bugs:,} bugs"
        return [
            _row(f"{size}, all of them", path, Scope(), ()),
            _row("  of a quarter", path, Scope(ended_from=_QUARTER[0], ended_before=_QUARTER[1]), _QUARTER),
        ]


def _row(name: str, path: Path, scope: Scope, dates: Sequence[datetime]) -> list[str]:
    check = asyncio.run(_check(path, scope))
    query = _query(path, dates)
    return [name, milliseconds(check), milliseconds(query), f"{100 * check / query:.0f} %"]


async def _check(path: Path, scope: Scope) -> float:
    """Seconds that the check takes; nothing is due, so no call is made."""
    found = []
    async with open_freshness(SyncSettings("http://127.0.0.1:9", "bench", 1, str(path))) as freshness:
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            account = await freshness.get_bugs_cached_or_refresh(scope)
            found.append(time.perf_counter() - began)
            assert not account.due, account
    return min(found)


def _query(path: Path, dates: Sequence[datetime]) -> float:
    """Seconds that bugs by severity take in the database, without anything around them."""
    model = engine.load_model(Path(__file__).parents[2] / "semantic")
    query: dict[str, Any] = {"metrics": ["bug_count", "bugs_per_test"], "dimensions": ["severity"]}
    if dates:
        query |= {"start_date": f"{dates[0]:%Y-%m-%d}", "end_date": "2026-09-30"}
    statement = engine.compile_query(query, model, dialect="sqlite", security={"customer_id": 1}, now=_NOW)
    with closing(sqlite3.connect(path)) as connection:
        return min(times(lambda _: connection.execute(statement.sql, statement.parameters).fetchall(), _ROUNDS))
