"""Reads the bugs of tests that are due, several tests to a call, and replaces what is stored."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from ingest.bug_records import shape_bug
from ingest.bug_writer import write_bugs
from ingest.bulk import among
from ingest.concurrency import Together, chunks, for_each
from ingest.due import BugRule
from ingest.pages import read_bugs
from ingest.records import shape_all
from ingest.report import Problem
from ingest.skips import skipped_tests, tell_skips
from ingest.store import MOST_PAGES
from ingest.tables import tests

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ingest.bug_records import BugRecord
    from ingest.pages import BugPage
    from ingest.run import Run


async def sync_bugs(run: Run, product_ids: Collection[int]) -> None:
    """Read the bugs of all tests of the products that are due.

    The oldest come first, for a database appends in less time than it inserts between; what a query asks about meanwhile, it
    reads itself.
    """
    due = await due_tests(run, product_ids)
    run.progress.start("bugs", len(due))
    await refresh_bugs(run, due)
    run.progress.finish("bugs")


async def due_tests(run: Run, product_ids: Collection[int]) -> dict[int, str]:
    """The tests whose bugs are to be read, oldest first, with the status they have now."""
    return await run.store.write(_due_tests, run, product_ids)


def _due_tests(connection: Connection, run: Run, product_ids: Collection[int]) -> dict[int, str]:
    of_products = among(connection, tests.c.product_id, product_ids)
    chosen = select(tests.c.id, tests.c.status).where(tests.c.customer_id == run.settings.customer_id, of_products)
    if run.options.since:
        chosen = chosen.where(tests.c.end_at.is_(None) | (tests.c.end_at >= run.options.since))
    # Two questions, each with an index that answers it: a test that meets either was found by looking at all of them.
    due, lacking = chosen.where(bug_rule(run).due()), chosen.where(tests.c.id.in_(skipped_tests("bugs")))
    found = dict(connection.execute(due).all()) | dict(connection.execute(lacking).all())
    return dict(sorted(found.items()))


def bug_rule(run: Run) -> BugRule:
    """When a test's bugs are due for this sync."""
    ttl = timedelta(seconds=run.settings.bug_ttl_seconds)
    return BugRule(stale_before=run.started_at - ttl, forced=run.options.full)


async def refresh_bugs(run: Run, statuses: Mapping[int, str]) -> set[int]:
    """Read the bugs of these tests, given with their statuses; returns those whose bugs cannot be read and stay due."""
    failed: set[int] = set()
    writing: Together[_Shaped] = Together(lambda pages: _write(run, pages), MOST_PAGES)
    async with writing:

        async def refresh(test_ids: list[int]) -> None:
            async with aclosing(read_bugs(run.client, test_ids)) as pages:
                async for page in pages:
                    if page.failure:
                        run.tally.problems.append(Problem("E_API_BUGS", page.failure, _place(page)))
                        failed.update(page.test_ids)
                        run.progress.advance("bugs", len(page.test_ids))
                    else:
                        await writing.add(_shape(run, page, statuses))

        await for_each(chunks(statuses, run.settings.bug_batch), refresh, run.settings.concurrency)
    return failed


@dataclass(frozen=True, slots=True)
class _Shaped:
    """The bugs of some tests, given with their statuses, and when they were read."""

    statuses: dict[int, str]
    records: list[BugRecord]
    at: datetime


def _shape(run: Run, page: BugPage, statuses: Mapping[int, str]) -> _Shaped:
    origin = run.origin()
    records, problems = shape_all(page.records, shape_bug, origin)
    run.tally.skipped(problems, _place(page))
    return _Shaped({test: statuses[test] for test in page.test_ids}, records, origin.at)


async def _write(run: Run, pages: Sequence[_Shaped]) -> None:
    """Write pages that were waiting, in one transaction: each alone would change the same parts of indexes again."""
    statuses = {test: status for page in pages for test, status in page.statuses.items()}
    records = sorted((one for page in pages for one in page.records), key=lambda one: one.row.id)
    read_at = min(page.at for page in pages)
    tell_skips(run.tally, "bugs", await run.store.write(write_bugs, run.store, statuses, records, read_at))
    run.tally.read["bugs"] += len(records)
    run.progress.advance("bugs", len(statuses))


def _place(page: BugPage) -> str:
    return f"bugs of test {page.test_ids[0]}" if len(page.test_ids) == 1 else f"bugs of {len(page.test_ids)} tests"
