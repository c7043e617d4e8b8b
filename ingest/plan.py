"""What a sync would do, found out with a few calls and without writing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.bug_refresh import due_tests
from ingest.catalogue import chosen_products, stale_products
from ingest.concurrency import for_each
from ingest.cursors import read_cursor
from ingest.fields import known_ids
from ingest.pages import read_products, read_test_page
from ingest.tables import tests
from ingest.writer import stored_ids

if TYPE_CHECKING:
    from ingest.run import Run


async def plan_sync(run: Run) -> None:
    """Fill the run's tally with what is to be read.

    `products`; `catalogues`, the products whose features are due; `walks`, the products whose tests have not been read
    to the end; `new tests` among the first page of each; `bugs of tests`, the stored tests whose bugs are due.
    """
    listed = chosen_products(run, await read_products(run.client))
    run.tally.read["products"] = len(listed)
    run.tally.read["catalogues"] = len(await stale_products(run, listed))

    async def look(product_id: int) -> None:
        page = await read_test_page(run.client, product_id, 0)
        ids = known_ids(page.records)
        cursor = await run.store.write(read_cursor, product_id)
        known = await run.store.write(stored_ids, tests, ids)
        run.tally.read["walks"] += run.options.full or cursor is None or not cursor.complete
        run.tally.read["new tests"] += len(ids - known)

    await for_each(listed, look, run.settings.concurrency)
    if run.options.bugs:
        run.tally.read["bugs of tests"] = len(await due_tests(run, list(listed)))
