"""Writes products, features and tests, each page in one transaction together with how far the sync has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from ingest.bulk import insert_rows, upsert
from ingest.errors import StoreError
from ingest.store import MOST_PARAMETERS, chunks
from ingest.tables import bugs, features, products, test_features, test_platforms, tests

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from ingest.records import Row, TestRecord
    from ingest.store import Store


async def write_products(store: Store, rows: Sequence[Row]) -> None:
    """Upsert products; raises `StoreError` when one of them is another customer's."""
    async with store.transaction() as connection:
        for chunk in chunks([row["id"] for row in rows], MOST_PARAMETERS):
            others = select(products.c.id, products.c.customer_id).where(
                products.c.id.in_(chunk), products.c.customer_id != store.customer_id
            )
            if foreign := (await connection.execute(others)).first():
                message = f"Product {foreign.id} is already stored for customer {foreign.customer_id}."
                raise StoreError(message, hint=f"Is {store.customer_id} the right TESTIO_CUSTOMER_ID for this token?")
        await upsert(connection, products, rows)


async def write_features(store: Store, product_id: int, rows: Sequence[Row], at: datetime) -> None:
    """Upsert a product's features; of those no longer listed, the ones that tests name are marked deleted, the others go."""
    listed = {row["id"] for row in rows}
    async with store.transaction() as connection:
        await upsert(connection, features, rows)
        stored = (await connection.scalars(select(features.c.id).where(features.c.product_id == product_id))).all()
        named = select(test_features.c.id).where(test_features.c.feature_id == features.c.id).exists()
        for chunk in chunks(set(stored) - listed, MOST_PARAMETERS):
            gone = features.c.id.in_(chunk)
            await connection.execute(delete(features).where(gone, ~named))
            await connection.execute(update(features).where(gone).values(deleted=True, section_ids="[]"))
        await connection.execute(update(products).where(products.c.id == product_id).values(features_synced_at=at))


async def write_tests(
    connection: AsyncConnection, store: Store, records: Sequence[TestRecord], unlisted: Collection[int] = ()
) -> None:
    """Upsert tests and replace what hangs on them, inside the caller's transaction.

    A feature that a test names and that is not stored is made from what the test says of it; it counts as deleted
    unless it is of a product in `unlisted`, whose catalogue could not be read. A test's feature that the API no longer
    sends goes, unless a bug of the test still belongs to it.
    """
    if not records:
        return
    creators = await store.user_ids(connection, "is_customer", (record.created_by for record in records))
    submitters = await store.user_ids(connection, "is_customer", (record.submitted_by for record in records))
    rows = [
        {
            **record.row,
            "created_by_user_id": creators.get(record.created_by or ""),
            "submitted_by_user_id": submitters.get(record.submitted_by or ""),
        }
        for record in records
    ]
    await upsert(connection, tests, rows)
    await write_test_features(connection, records, unlisted)
    await _remove_unsent_features(connection, records)
    await _replace_platforms(connection, records)


async def write_test_features(
    connection: AsyncConnection, records: Sequence[TestRecord], unlisted: Collection[int] = ()
) -> None:
    """Upsert the features of tests, making those of the catalogue that are missing."""
    await upsert(connection, features, _snapshots(records, unlisted), replace=False)
    await upsert(connection, test_features, [feature for record in records for feature in record.features])


async def remove_tests(store: Store, test_ids: Collection[int]) -> None:
    """Delete tests that are no longer there upstream, with their features, platforms and bugs."""
    async with store.transaction() as connection:
        for chunk in chunks(test_ids, MOST_PARAMETERS):
            await connection.execute(
                delete(tests).where(tests.c.id.in_(chunk), tests.c.customer_id == store.customer_id)
            )


async def stored_ids(connection: AsyncConnection, table: Table, ids: Collection[int]) -> set[int]:
    """Those of the ids that the table holds."""
    found: set[int] = set()
    for chunk in chunks(ids, MOST_PARAMETERS):
        found.update((await connection.scalars(select(table.c.id).where(table.c.id.in_(chunk)))).all())
    return found


def _snapshots(records: Sequence[TestRecord], unlisted: Collection[int]) -> list[Row]:
    """Features as the tests describe them: the newest test's words count."""
    found: dict[int, Row] = {}
    for record in sorted(records, key=lambda record: int(record.row["id"])):
        for feature in record.features:
            product_id = record.row["product_id"]
            snapshot = snapshot_row(feature, product_id)
            found[feature["feature_id"]] = {**snapshot, "deleted": product_id not in unlisted}
    return list(found.values())


def snapshot_row(test_feature: Row, product_id: int) -> Row:
    """The feature that a test's feature stands for, for when the catalogue has it no more."""
    kept = {name: test_feature[name] for name in ("customer_id", "title", "description", "howtofind", "user_stories")}
    return {"id": test_feature["feature_id"], "product_id": product_id, "deleted": True, **kept}


async def _remove_unsent_features(connection: AsyncConnection, records: Sequence[TestRecord]) -> None:
    of_tests = test_features.c.test_id.in_([record.row["id"] for record in records])
    used = select(bugs.c.id).where(bugs.c.test_feature_id == test_features.c.id).exists()
    unused = (await connection.scalars(select(test_features.c.id).where(of_tests, ~used))).all()
    sent = {feature["id"] for record in records for feature in record.features}
    for chunk in chunks(set(unused) - sent, MOST_PARAMETERS):
        await connection.execute(delete(test_features).where(test_features.c.id.in_(chunk)))


async def _replace_platforms(connection: AsyncConnection, records: Sequence[TestRecord]) -> None:
    test_ids = [record.row["id"] for record in records]
    await connection.execute(delete(test_platforms).where(test_platforms.c.test_id.in_(test_ids)))
    await insert_rows(connection, test_platforms, [platform for record in records for platform in record.platforms])
