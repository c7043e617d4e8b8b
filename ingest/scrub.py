"""Checks a product's list of tests for what syncs have missed: a page at each sync, round after round through the whole list.

The walk goes by positions, and the API tells no change. What is deleted upstream above the page that is being read moves the rest
up, so that the test that crosses the border of two pages stands on neither; and a test that is final is not asked for again, so
nobody notices when it goes. A round begins below the pages that the sync has just read. Each of its pages holds the last test of
the one before, else nothing would show that they adjoin; what none of them holds, the API is asked for by its id at the end.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ingest.bulk import upsert
from ingest.counters import MISSED_TESTS, count
from ingest.fields import known_ids, whole_number
from ingest.gaps import position_now
from ingest.intake import end_of, keep_page, read_one_by_one
from ingest.moments import utc_now
from ingest.pages import read_test_page
from ingest.tables import sync_scrubs, tests

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Select

    from ingest.intake import Walk
    from ingest.pages import TestPage

MOST_PAGES = 8
"""Pages of one sync, which goes on where a page brought something that was missed: the rest comes with later syncs."""


@dataclass(frozen=True, slots=True)
class Scrub:
    """How far the round through a product's tests has come: `position` of them, newest first, were met since `started_at`.

    `test_id` is the last of these, None where the API does not say; `newest_test_id` the product's newest test at that time.
    Position 0 stands for no round. `checked_at` is when the last round that came to its end did so.
    """

    product_id: int
    customer_id: int
    started_at: datetime
    position: int = 0
    test_id: int | None = None
    newest_test_id: int = 0
    checked_at: datetime | None = None


async def scrub(walk: Walk, top: TestPage) -> None:
    """Check the next page, after all pages down to `top` have just been read; store what was missed, remove what is gone."""
    state = await walk.run.store.write(_resume, walk, top)
    at_end = top.last
    for _ in range(MOST_PAGES):
        if at_end:
            break
        page = await _read_next(walk, state)
        adjoins = await walk.run.store.write(_adjoins, state, page)
        state = _below(state, page) if adjoins else _above(state, page, top)
        changed = await _keep(walk, page, state)
        at_end = adjoins and page.last
        if adjoins and not changed:
            break
    if at_end:
        await _finish(walk, state)


def window(position: int, size: int) -> tuple[int, int]:
    """The beginning and the size of a page that holds the test before `position` and reaches furthest beyond it.

    Pages begin at multiples of their size, so the size is what can be chosen: at most the given one, more than half of it. Where
    none of these reaches beyond, as may be with few to choose from, the page begins at the position.

    >>> window(25, 25), window(48, 25), window(69, 25), window(2, 2)
    ((24, 24), (46, 23), (66, 22), (2, 2))
    """
    sizes = range(size, size // 2, -1)
    start, chosen = max((((position - 1) // one * one, one) for one in sizes), key=sum)
    return (start, chosen) if start + chosen > position else (position, size)


def _resume(connection: Connection, walk: Walk, top: TestPage) -> Scrub:
    """Where the round stands, below the pages that were just read; a new one where there is none."""
    chosen = select(sync_scrubs).where(sync_scrubs.c.product_id == walk.product_id)
    row = connection.execute(chosen).mappings().first()
    new = Scrub(walk.product_id, walk.run.settings.customer_id, walk.run.started_at)
    stored = Scrub(**row) if row else new
    newest = connection.scalars(select(func.max(tests.c.id)).where(tests.c.product_id == walk.product_id)).one() or 0
    state = replace(stored if stored.position else replace(new, checked_at=stored.checked_at), newest_test_id=newest)
    position = position_now(connection, walk.product_id, state.position, stored.newest_test_id)
    return replace(state, position=position) if state.position and position > top.end else _below(state, top)


def _below(state: Scrub, page: TestPage) -> Scrub:
    """The round, come to the end of the page."""
    last = whole_number(page.records[-1], "id") if page.records else None
    return replace(state, position=page.end, test_id=last)


def _above(state: Scrub, page: TestPage, top: TestPage) -> Scrub:
    """The round, gone back by a page, for between it and the page something is missing; at most to `top`."""
    return replace(state, position=page.position) if page.position > top.end else _below(state, top)


def _adjoins(connection: Connection, state: Scrub, page: TestPage) -> bool:
    """Whether nothing can stand between the test that the round has come to and the page.

    That test stands on it, or the first one ended later. Nothing shows it where the page begins below that test.
    """
    if page.position >= state.position or state.test_id in known_ids(page.records):
        return True
    end = connection.scalars(select(tests.c.end_at).where(tests.c.id == state.test_id)).first()
    first = end_of(page.records[0]) if page.records else None
    return bool(end and first and first > end)


async def _read_next(walk: Walk, state: Scrub) -> TestPage:
    start, size = window(state.position, walk.run.settings.page_size)
    return await read_test_page(walk.run.client, walk.product_id, start, size)


async def _keep(walk: Walk, page: TestPage, state: Scrub) -> bool:
    """Write the page, and ask for the tests that should stand on it; returns whether any was missed or not met."""
    missed = await keep_page(walk, page, partial(_write_scrub, scrub=state))
    walk.run.tally.missed += missed
    count(MISSED_TESTS, missed)
    first, last = (end_of(page.records[place]) if page.records else None for place in (0, -1))
    if first is None or last is None:
        return missed > 0
    between = _unmet(walk, state).where(tests.c.end_at < first, tests.c.end_at > last)
    return await _ask_for(walk, between) or missed > 0


async def _ask_for(walk: Walk, unmet: Select[int]) -> bool:
    """Read these tests one by one, a page of them at most; returns whether there were any."""
    few = unmet.limit(walk.run.settings.page_size)
    test_ids = await walk.run.store.write(lambda connection: connection.scalars(few).all())
    if test_ids:
        await read_one_by_one(walk, test_ids)
    return bool(test_ids)


def _unmet(walk: Walk, state: Scrub) -> Select[int]:
    """The stored tests that were not met since the round began."""
    return select(tests.c.id).where(tests.c.product_id == walk.product_id, tests.c.synced_at < state.started_at)


async def _finish(walk: Walk, state: Scrub) -> None:
    """End the round, unless there are still tests that it has not met: they are left to the next sync."""
    unmet = _unmet(walk, state).limit(1)
    if await _ask_for(walk, _unmet(walk, state)):
        left = await walk.run.store.write(lambda connection: connection.scalars(unmet).first())
        if left is not None:
            return
    await walk.run.store.write(_write_scrub, replace(state, position=0, test_id=None, checked_at=utc_now()))


def _write_scrub(connection: Connection, scrub: Scrub) -> None:
    upsert(connection, sync_scrubs, [asdict(scrub)], by=("product_id",))
