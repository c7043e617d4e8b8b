"""The third phase of a sync: a product's tests, newest first, from the newest down to what is known and final.

The API can neither filter nor say what has changed. So the first sync walks through all pages, keeping after each how
far it has come; later ones read from the newest page until nothing new can follow and every test that was not final
has been seen.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from ingest.concurrency import for_each
from ingest.cursors import Cursor, read_cursor, write_cursor
from ingest.errors import ApiFault, ApiMissing, ApiTimeout
from ingest.fields import known_ids
from ingest.gaps import forget_gap, position_now, read_gaps
from ingest.intake import Intake, Walk, add_page, end_of, keep_page, read_one_by_one
from ingest.pages import read_test_page, read_test_pages
from ingest.scrub import scrub
from ingest.skips import skipped_tests
from ingest.statuses import FINAL
from ingest.tables import tests
from ingest.writer import stored_ids

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

    from ingest.catalogue import Features
    from ingest.fields import Json
    from ingest.gaps import StoredGap
    from ingest.pages import TestPage
    from ingest.run import Run


BOLDNESS = 16
"""Pages that each product has read before one of them asks for a page more that may not exist: calls in vain stay few."""


@dataclass(slots=True)
class Walkers:
    """How many products are being walked through: as long as these keep the API busy, none needs to read ahead."""

    concurrency: int
    products: int
    walking: int

    def ahead(self, done: int) -> int:
        """Pages that one walk may ask for beyond the one it is waiting for, when it has read so many."""
        most = self.concurrency // max(self.walking, 1) - 1
        return max(0, min(most, done // (BOLDNESS * self.products)))


async def sync_tests(run: Run, features: Features, product_ids: Collection[int]) -> None:
    """Read the tests of the products side by side; what one product's pages lack does not stop the others."""
    run.progress.start("tests", None)

    walkers = Walkers(run.settings.concurrency, len(product_ids), len(product_ids))

    async with Intake(run, features) as intake:

        async def walk(product_id: int) -> None:
            try:
                await _walk_product(await _begin(run, features, intake, product_id), walkers)
            except (ApiFault, ApiTimeout, ApiMissing) as error:
                run.tally.failed(error, f"tests of product {product_id}")
            finally:
                walkers.walking -= 1

        await for_each(product_ids, walk, run.settings.concurrency)
    run.progress.finish("tests")


async def _walk_product(walk: Walk, walkers: Walkers) -> None:
    """Bring one product's tests up to date, beginning where an interrupted sync stopped."""
    if walk.cursor.position > 0 or walk.cursor.complete:
        top = await _read_news(walk)
        await _retry_gaps(walk)
        if walk.cursor.complete and not walk.run.options.since:
            await scrub(walk, top)
    if not walk.cursor.complete:
        await _read_on(walk, walkers)


async def _begin(run: Run, features: Features, intake: Intake, product_id: int) -> Walk:
    cursor = await run.store.write(read_cursor, product_id)
    unseen = await run.store.write(lambda one: set(one.scalars(_to_be_seen(product_id)).all()))
    if cursor is None:
        cursor = Cursor(product_id, run.settings.customer_id, run.started_at)
    elif run.options.full:
        cursor = Cursor(product_id, run.settings.customer_id, run.started_at, read_at=cursor.read_at)
    return Walk(run, features, intake, product_id, cursor, unseen)


def _to_be_seen(product_id: int) -> Select[int]:
    """The stored tests that every sync reads: those that are not final, and those that lack a row."""
    wanted = or_(tests.c.status.not_in(FINAL), tests.c.id.in_(skipped_tests("test")))
    return select(tests.c.id).where(tests.c.product_id == product_id, wanted)


async def _read_on(walk: Walk, walkers: Walkers) -> None:
    """Walk on from where the cursor stands to the oldest test, or to `since`."""
    since = walk.run.options.since
    start = await _resumption(walk)
    reader = read_test_pages(walk.run.client, walk.product_id, position=start, ahead=walkers.ahead)
    written: Awaitable[int] | None = None
    whole = True
    async with aclosing(reader) as pages:
        async for page in pages:
            cursor = replace(walk.cursor, position=max(walk.cursor.position, page.end))
            walk.cursor = replace(cursor, read_at=walk.run.started_at) if page.position == 0 else cursor
            written = await add_page(walk, page, partial(write_cursor, cursor=walk.cursor))
            whole = page.last
            if since and not page.last and _ended_before(page, since):
                break
    if written:  # the last page, and so all before it
        await written
    if whole:
        await _remove_unseen(walk)
        await _write_cursor(walk, replace(walk.cursor, complete=True))


async def _resumption(walk: Walk) -> int:
    """Where to walk on: a page before the cursor, or further up if tests have gone and moved the rest up.

    What lies above the cursor is stored; so the page to begin with is one whose first test is.
    """
    size = walk.run.settings.page_size
    position = max(0, walk.cursor.position // size * size - size)
    while position > 0:
        page = await read_test_page(walk.run.client, walk.product_id, position)
        if page.records and await _count_unknown(walk, page.records[:1]) == 0:
            break
        position -= size
    return position


async def _read_news(walk: Walk) -> TestPage:
    """Read from the newest page until nothing new can follow and every test that was not final has been seen.

    Returns the last page of those read.
    """
    async with aclosing(read_test_pages(walk.run.client, walk.product_id)) as pages:
        async for page in pages:
            unknown = await keep_page(walk, page)
            reached_cursor = not walk.cursor.complete and page.end >= walk.cursor.position
            # A test that came after the last sync ends after it, so it stands above those that had ended by then.
            past = unknown == 0 and walk.cursor.read_at is not None and _ended_before(page, walk.cursor.read_at)
            if reached_cursor or (past and await _cheaper_one_by_one(walk, page.end)):
                break
    if walk.cursor.complete:  # else the walk that goes on from the cursor meets them
        await read_one_by_one(walk, walk.open)
    await _write_cursor(walk, replace(walk.cursor, read_at=walk.run.started_at))
    return page


async def _cheaper_one_by_one(walk: Walk, position: int) -> bool:
    """Whether the tests that are still to be seen take fewer calls one by one than by the pages down to the deepest."""
    if not walk.open:
        return True
    of_product = tests.c.product_id == walk.product_id
    unseen = tests.c.id.in_(_to_be_seen(walk.product_id)) & (tests.c.synced_at < walk.run.started_at)
    oldest = select(func.min(tests.c.end_at)).where(of_product, unseen).scalar_subquery()
    above = select(func.count()).where(of_product, tests.c.end_at >= oldest)
    depth = await walk.run.store.write(lambda connection: connection.scalars(above).one())
    pages = -(-(depth - position) // walk.run.settings.page_size)
    return len(walk.open) <= max(pages, 1)


async def _retry_gaps(walk: Walk) -> None:
    """Try again what failed in earlier syncs, and its neighbourhood, for it may have moved."""
    run, size = walk.run, walk.run.settings.page_size
    for gap, position in await run.store.write(_likely_gaps, walk):
        start = position // size * size
        for place in (start, start + size, start - size):
            if place < 0:
                continue
            page = await read_test_page(run.client, walk.product_id, place)
            if await keep_page(walk, page) or page.gaps:
                break
        await run.store.write(forget_gap, run.settings.customer_id, gap.key, run.started_at)


def _likely_gaps(connection: Connection, walk: Walk) -> list[tuple[StoredGap, int]]:
    """What failed in earlier syncs, and where it is likely to be now."""
    gaps = read_gaps(connection, walk.run.settings.customer_id, walk.product_id, walk.run.started_at)
    return [(gap, position_now(connection, walk.product_id, gap.position, gap.newest_test_id)) for gap in gaps]


async def _remove_unseen(walk: Walk) -> None:
    """Tests that a whole walk has not met are asked for one by one, for they may only have moved meanwhile."""
    unseen = select(tests.c.id).where(
        tests.c.product_id == walk.product_id, tests.c.synced_at < walk.cursor.walk_started_at
    )
    await read_one_by_one(walk, await walk.run.store.write(lambda one: one.scalars(unseen).all()))


async def _write_cursor(walk: Walk, cursor: Cursor) -> None:
    walk.cursor = cursor
    await walk.run.store.write(write_cursor, cursor)


async def _count_unknown(walk: Walk, records: Sequence[Json]) -> int:
    ids = known_ids(records)
    return len(ids - await walk.run.store.write(stored_ids, tests, ids))


def _ended_before(page: TestPage, limit: datetime) -> bool:
    """Whether the oldest test of the page, its last, ended before this time (UTC)."""
    end = end_of(page.records[-1]) if page.records else None
    return end is not None and end < limit
