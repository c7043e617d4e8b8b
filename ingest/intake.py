"""Takes what the API gives of one product's tests into the database: pages in one transaction each, and single tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.concurrency import chunks, for_each
from ingest.errors import ApiFault, ApiTimeout
from ingest.fields import BadRecord, moment
from ingest.gaps import note_gaps
from ingest.pages import TestPage, read_test
from ingest.records import partition, shape_all, shape_test
from ingest.report import Problem
from ingest.skips import keep_skips, tell_skips
from ingest.tables import tests
from ingest.writer import remove_tests, stored_ids, write_tests

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ingest.catalogue import Features
    from ingest.cursors import Cursor
    from ingest.fields import Json
    from ingest.pages import Gap
    from ingest.records import TestRecord
    from ingest.run import Run
    from ingest.skips import Skips


@dataclass(slots=True)
class Walk:
    """The walk through one product's tests in one sync; `seen` are those read so far, `open` those that have to be."""

    run: Run
    features: Features
    product_id: int
    cursor: Cursor
    open: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)


async def keep_page(walk: Walk, page: TestPage, also: Callable[[Connection], None] | None = None) -> int:
    """Write a page, its gaps and what goes with them in one transaction; returns how many of its tests were not known before."""
    run = walk.run
    origin = run.origin()
    shaped, problems = shape_all(page.records, shape_test, origin)
    records, strange = partition(shaped, lambda record: record.row["product_id"] == walk.product_id)
    problems += [f"test {record.row['id']} of another product" for record in strange]
    place = f"tests of product {walk.product_id}"
    run.tally.skipped(problems, place)
    unread = (Problem("E_API_POSITION", f"Position {gap.position}: {gap.reason}", place) for gap in page.gaps)
    run.tally.problems += [problem for problem in unread if problem not in run.tally.problems]
    await walk.features.fill(walk.product_id, records)
    ids = {record.row["id"] for record in records}
    known, skips = await run.store.write(_write_page, walk, records, page.gaps, also, origin.at)
    tell_skips(run.tally, "test", skips)
    walk.open -= ids
    new = len(ids - walk.seen)  # where a walk goes on, pages are read that overlap
    walk.seen |= ids
    run.tally.read["tests"] += new
    run.progress.advance("tests", new)
    return len(ids - known)


async def read_one_by_one(walk: Walk, test_ids: Collection[int]) -> None:
    """Read single tests; those that the API knows no more are removed."""
    gone: list[int] = []
    found: list[Json] = []

    async def read(test_id: int) -> None:
        try:
            record = await read_test(walk.run.client, test_id)
        except (ApiFault, ApiTimeout) as error:
            walk.run.tally.failed(error, f"test {test_id}")
            return
        if record is None:
            gone.append(test_id)
        else:
            found.append(record)

    for chunk in chunks(sorted(test_ids), walk.run.settings.page_size):
        await for_each(chunk, read, walk.run.settings.concurrency)
        await keep_page(walk, TestPage(walk.product_id, 0, tuple(found), (), last=False))
        found.clear()
    await walk.run.store.write(remove_tests, walk.run.settings.customer_id, gone)
    walk.run.tally.removed["tests"] += len(gone)


def end_of(record: Json) -> datetime | None:
    """When a test ended (UTC); None where the API does not say, or says what is no time."""
    try:
        return moment(record, "end_at")
    except BadRecord:
        return None


def _write_page(
    connection: Connection,
    walk: Walk,
    records: Sequence[TestRecord],
    gaps: Sequence[Gap],
    also: Callable[[Connection], None] | None,
    at: datetime,
) -> tuple[set[int], Skips]:
    """Write what a page brought; returns the ids of its tests that were stored before, and what was skipped."""
    ids = {record.row["id"] for record in records}
    customer_id = walk.run.settings.customer_id
    known = stored_ids(connection, tests, ids)
    skips = write_tests(connection, walk.run.store, records, walk.features.unlisted)
    keep_skips(connection, customer_id, "test", ids, skips, at)
    note_gaps(connection, customer_id, walk.product_id, gaps, at)
    if also:
        also(connection)
    return known, skips
