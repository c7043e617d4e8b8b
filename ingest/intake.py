"""Takes what the API gives of products' tests into the database: pages, those that wait in one transaction, and single tests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.concurrency import Together, chunks, for_each
from ingest.errors import ApiFault, ApiTimeout
from ingest.fields import BadRecord, moment
from ingest.gaps import note_gaps
from ingest.pages import TestPage, read_test
from ingest.records import partition, shape_all, shape_test
from ingest.report import Problem
from ingest.skips import keep_skips, tell_skips
from ingest.store import MOST_PAGES
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
    intake: Intake
    product_id: int
    cursor: Cursor
    open: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Page:
    """What is to be written of a page, and `unknown`: how many of its tests were not stored before, once it is written."""

    walk: Walk
    records: list[TestRecord]
    gaps: Sequence[Gap]
    also: Callable[[Connection], None] | None
    at: datetime
    unknown: asyncio.Future[int]

    def written(self, known: Collection[int]) -> None:
        """Note that the page is stored; these of the tests written with it were so before."""
        walk, ids = self.walk, {record.row["id"] for record in self.records}
        walk.open -= ids
        new = len(ids - walk.seen)  # where a walk goes on, pages are read that overlap
        walk.seen |= ids
        walk.run.tally.read["tests"] += new
        walk.run.progress.advance("tests", new)
        if not self.unknown.done():
            self.unknown.set_result(len(ids.difference(known)))

    def failed(self, failure: Exception) -> None:
        """Tell whoever waits for the page; who does not, learns it when he adds another one."""
        if not self.unknown.done():
            self.unknown.set_exception(failure)
            self.unknown.exception()  # or asyncio complains of a failure that nobody has looked at


class Intake(Together[_Page]):
    """Writes pages of tests for all products that are walked through: each alone would pay for a transaction of its own."""

    def __init__(self, run: Run, features: Features) -> None:
        self._run, self._features = run, features
        super().__init__(self._keep, MOST_PAGES)

    async def _keep(self, pages: Sequence[_Page]) -> None:
        known, skips = await self._run.store.write(_write_pages, self._run, pages, self._features.unlisted)
        tell_skips(self._run.tally, "test", skips)
        for page in pages:
            page.written(known)

    def _give_up(self, items: Sequence[_Page], failure: Exception) -> None:
        for page in items:
            page.failed(failure)


async def add_page(walk: Walk, page: TestPage, also: Callable[[Connection], None] | None = None) -> asyncio.Future[int]:
    """Let a page be written, with its gaps and what goes with them, after those that were added before.

    What is returned tells, once it is written, how many of its tests were not known before.
    """
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
    taken = _Page(walk, records, page.gaps, also, origin.at, asyncio.get_running_loop().create_future())
    await walk.intake.add(taken)
    return taken.unknown


async def keep_page(walk: Walk, page: TestPage, also: Callable[[Connection], None] | None = None) -> int:
    """As `add_page`, returning when the page is written."""
    return await (await add_page(walk, page, also))


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


def _write_pages(
    connection: Connection, run: Run, pages: Sequence[_Page], unlisted: Collection[int]
) -> tuple[set[int], Skips]:
    """Write what pages brought; returns the ids of their tests that were stored before, and what was skipped."""
    records = [record for page in pages for record in page.records]
    ids = {record.row["id"] for record in records}
    customer_id = run.settings.customer_id
    known = stored_ids(connection, tests, ids)
    skips = write_tests(connection, run.store, records, unlisted)
    keep_skips(connection, customer_id, "test", ids, skips, pages[-1].at)
    for page in pages:
        note_gaps(connection, customer_id, page.walk.product_id, page.gaps, page.at)
        if page.also:
            page.also(connection)
    return known, skips
