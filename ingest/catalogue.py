"""The first two phases of a sync: products always, their features where they are stale."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from ingest.concurrency import for_each
from ingest.counters import INTEGRITY_FILL_FAILURES, INTEGRITY_FILLS, count
from ingest.errors import ApiFault, ApiMissing, ApiTimeout, SettingsError
from ingest.fields import BadRecord
from ingest.moments import utc_now
from ingest.pages import product_exists, read_features
from ingest.records import shape_all, shape_features, shape_product
from ingest.tables import features, products
from ingest.writer import stored_ids, write_features, write_products

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ingest.fields import Json
    from ingest.records import TestRecord
    from ingest.run import Run

LOG = logging.getLogger(__name__)


async def sync_products(run: Run, records: Sequence[Json]) -> dict[int, Json]:
    """Write all products that the API lists, which ends the phase; returns those that the sync is about, by id.

    Raises `SettingsError` for a product asked for that the API does not have.
    """
    rows, problems = shape_all(records, shape_product, run.origin())
    run.tally.skipped(problems, "products")
    chosen = chosen_products(run, records)
    await run.store.write(write_products, run.settings.customer_id, rows)
    await _remove_gone_products(run, {row["id"] for row in rows})
    run.tally.read["products"] += len(rows)
    run.progress.advance("products", len(rows))
    run.progress.finish("products")
    return chosen


async def _remove_gone_products(run: Run, listed: Collection[int]) -> None:
    """Products that are not listed go with all they have, once the API has said of each that it knows it no more.

    A list that comes out short must not cost a history.
    """
    stored = await run.store.write(_stored_products, run.settings.customer_id)
    for product_id in sorted(stored - set(listed)):
        if not await product_exists(run.client, product_id):
            await run.store.write(_remove_product, product_id)
            run.tally.removed["products"] += 1


def chosen_products(run: Run, records: Iterable[Json]) -> dict[int, Json]:
    """The products that the sync is about, by id; raises `SettingsError` for one asked for that the API does not have."""
    known = {record["id"]: record for record in records if isinstance(record.get("id"), int)}
    if unknown := sorted(set(run.options.products) - set(known)):
        listed = ", ".join(map(str, sorted(known))) or "none"
        raise SettingsError(f"The API has no product {unknown[0]}.", hint=f"It has: {listed}.")
    return {product_id: known[product_id] for product_id in run.options.products or known}


async def stale_products(run: Run, listed: Iterable[int]) -> list[int]:
    """The products whose features are due."""
    if run.options.full:
        return list(listed)
    limit = run.started_at - timedelta(seconds=run.settings.feature_ttl_seconds)
    fresh = await run.store.write(_fresh_products, limit)
    return [product_id for product_id in listed if product_id not in fresh]


async def refresh_features(run: Run, product: Json) -> None:
    """Read a product's features and replace what is stored."""
    origin = run.origin()
    by_section = await read_features(run.client, product)
    rows = shape_features(product["id"], by_section, origin)
    await run.store.write(write_features, product["id"], rows, origin.at)
    run.tally.read["features"] += len(rows)


class Features:
    """The features of the products in one sync, each product's catalogue read at most once however many ask."""

    def __init__(self, run: Run, listed: dict[int, Json]) -> None:
        self._run = run
        self._products = listed
        self._read: set[int] = set()
        self._failed: set[int] = set()
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def unlisted(self) -> Collection[int]:
        """Products whose catalogue could not be read in this sync."""
        return self._failed

    async def refresh_stale(self) -> None:
        """Read the features of every product that is due."""
        stale = await stale_products(self._run, self._products)
        self._run.progress.start("features", len(stale))

        async def refresh(product_id: int) -> None:
            await self._ensure_read(product_id)
            self._run.progress.advance("features", 1)

        await for_each(stale, refresh, self._run.settings.concurrency)
        self._run.progress.finish("features")

    async def fill(self, product_id: int, records: Iterable[TestRecord]) -> None:
        """Read the product's catalogue, once in a sync, if the tests name a feature that is not stored.

        What is still missing then exists no more: the writer makes it from the tests' own words, and counts it.
        """
        named = {feature["feature_id"] for record in records for feature in record.features}
        if not named or product_id in self._read | self._failed:
            return
        missing = named - await self._run.store.write(stored_ids, features, named)
        if not missing:
            return
        for feature_id in sorted(missing):
            LOG.warning("Referential integrity fill: feature %d missing, fetching from API", feature_id)
        await self._ensure_read(product_id)
        if product_id in self._failed:
            count(INTEGRITY_FILL_FAILURES, len(missing), entity_type="feature", operation="fetch")
            return
        found = await self._run.store.write(stored_ids, features, missing)
        count(INTEGRITY_FILLS, len(found), entity_type="feature", operation="fetch")

    async def _ensure_read(self, product_id: int) -> None:
        async with self._turns[product_id]:
            if product_id in self._read or product_id in self._failed:
                return
            try:
                await refresh_features(self._run, self._products[product_id])
                self._read.add(product_id)
            except (ApiFault, ApiTimeout, ApiMissing, BadRecord) as error:
                self._failed.add(product_id)
                await self._note_failure(product_id, error)

    async def _note_failure(self, product_id: int, error: ApiFault | ApiTimeout | ApiMissing | BadRecord) -> None:
        """Tell of it, and make the catalogue due at the next sync."""
        place = f"features of product {product_id}"
        LOG.error("The %s cannot be read: %s", place, error)
        if isinstance(error, BadRecord):
            self._run.tally.skipped([str(error)], place)
        else:
            self._run.tally.failed(error, place)
        await self._run.store.write(_make_due, product_id)


def _stored_products(connection: Connection, customer_id: int) -> set[int]:
    return set(connection.scalars(select(products.c.id).where(products.c.customer_id == customer_id)))


def _fresh_products(connection: Connection, limit: datetime) -> set[int]:
    return set(connection.scalars(select(products.c.id).where(products.c.features_synced_at.between(limit, utc_now()))))


def _remove_product(connection: Connection, product_id: int) -> None:
    connection.execute(delete(products).where(products.c.id == product_id))


def _make_due(connection: Connection, product_id: int) -> None:
    connection.execute(update(products).where(products.c.id == product_id).values(features_synced_at=None))
