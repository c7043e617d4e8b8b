"""Writes products, features and tests, each page in one transaction together with how far the sync has come."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from ingest.bulk import among, among_keys, given, insert_rows, upsert, values_of
from ingest.counters import INTEGRITY_FILLS, count
from ingest.errors import StoreError
from ingest.tables import bugs, features, products, test_features, test_platforms, tests

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Delete, Dialect, Select, Table

    from ingest.records import Row, TestRecord
    from ingest.skips import Skips
    from ingest.store import Store

LOG = logging.getLogger(__name__)


def write_products(connection: Connection, customer_id: int, rows: Sequence[Row]) -> None:
    """Upsert products; raises `StoreError` when one of them is another customer's."""
    others = select(products.c.id, products.c.customer_id).where(
        among(connection, products.c.id, [row["id"] for row in rows]), products.c.customer_id != customer_id
    )
    if foreign := connection.execute(others).first():
        message = f"Product {foreign.id} is already stored for customer {foreign.customer_id}."
        raise StoreError(message, hint=f"Is {customer_id} the right customer for this token?")
    upsert(connection, products, rows)


def write_features(connection: Connection, product_id: int, rows: Sequence[Row], at: datetime) -> None:
    """Upsert a product's features; of those no longer listed, the ones that tests name are marked deleted, the others go."""
    listed = {row["id"] for row in rows}
    upsert(connection, features, rows)
    stored = connection.scalars(select(features.c.id).where(features.c.product_id == product_id)).all()
    named = select(test_features.c.id).where(test_features.c.feature_id == features.c.id).exists()
    if unlisted := set(stored) - listed:
        gone = among(connection, features.c.id, unlisted)
        connection.execute(delete(features).where(gone, ~named))
        connection.execute(update(features).where(gone).values(deleted=True, section_ids="[]"))
    connection.execute(update(products).where(products.c.id == product_id).values(features_synced_at=at))


def write_tests(
    connection: Connection, store: Store, records: Sequence[TestRecord], unlisted: Collection[int] = ()
) -> Skips:
    """Upsert tests and replace what hangs on them, inside the caller's transaction; returns what had to be skipped.

    A feature that a test names and that is not stored is made from what the test says of it; it counts as deleted
    unless it is of a product in `unlisted`, whose catalogue could not be read. Where the test says nothing of it either, the
    test's feature is skipped. A test's feature that the API no longer sends goes, unless a bug of the test still belongs to it.
    """
    if not records:
        return {}
    creators = store.user_ids(connection, "is_customer", (record.created_by for record in records))
    submitters = store.user_ids(connection, "is_customer", (record.submitted_by for record in records))
    rows = [
        {
            **record.row,
            "created_by_user_id": creators.get(record.created_by or ""),
            "submitted_by_user_id": submitters.get(record.submitted_by or ""),
        }
        for record in records
    ]
    upsert(connection, tests, rows)
    skips = write_test_features(connection, records, unlisted)
    _remove_unsent_features(connection, records)
    _replace_platforms(connection, records)
    return skips


def write_test_features(connection: Connection, records: Sequence[TestRecord], unlisted: Collection[int] = ()) -> Skips:
    """Upsert the features of tests, making those of the catalogue that are missing; returns what had to be skipped."""
    make_unlisted_features(connection, _snapshots(records, unlisted))
    sent = [feature for record in records for feature in record.features]
    titles = catalogue_titles(connection, {feature["feature_id"] for feature in sent if feature["title"] is None})
    rows = [{**feature, "title": feature["title"] or titles.get(feature["feature_id"])} for feature in sent]
    upsert(connection, test_features, [row for row in rows if row["title"] is not None])
    skips = {
        record.row["id"]: f"{record.nameless} of its features do not say which they are."
        for record in records
        if record.nameless
    }
    nowhere = ((row["test_id"], row["feature_id"]) for row in rows if row["title"] is None)
    return skips | {test: f"Neither it nor the catalogue says what feature {feature} is." for test, feature in nowhere}


def catalogue_titles(connection: Connection, feature_ids: Collection[int]) -> dict[int, str]:
    """The titles of the features that are stored, by id."""
    if not feature_ids:
        return {}
    chosen = select(features.c.id, features.c.title).where(among(connection, features.c.id, feature_ids))
    return dict(connection.execute(chosen).all())


def remove_tests(connection: Connection, customer_id: int, test_ids: Collection[int]) -> None:
    """Delete tests that are no longer there upstream, with their features, platforms and bugs."""
    gone = among(connection, tests.c.id, test_ids)
    connection.execute(delete(tests).where(gone, tests.c.customer_id == customer_id))


def stored_ids(connection: Connection, table: Table, ids: Collection[int]) -> set[int]:
    """Those of the ids that the table holds."""
    return values_of(connection, table.c.id, table.c.id, ids)


def make_unlisted_features(connection: Connection, snapshots: Mapping[int, Row]) -> None:
    """Make those of the features, given by id, that the catalogue does not have, as snapshots of what names them."""
    missing = sorted(set(snapshots) - stored_ids(connection, features, snapshots))
    if missing:
        upsert(connection, features, [snapshots[one] for one in missing], replace=False)
        count(INTEGRITY_FILLS, len(missing), entity_type="feature", operation="snapshot")
        LOG.info("Referential integrity fill: features made from what tests say: %s", ", ".join(map(str, missing)))


def _snapshots(records: Sequence[TestRecord], unlisted: Collection[int]) -> dict[int, Row]:
    """Features as the tests describe them, by id: the newest test's words count."""
    newest: dict[int, tuple[Row, int]] = {}
    for record in sorted(records, key=lambda record: int(record.row["id"])):
        product_id = record.row["product_id"]
        named = (feature for feature in record.features if feature["title"] is not None)
        newest |= {feature["feature_id"]: (feature, product_id) for feature in named}
    return {
        feature_id: {**snapshot_row(feature, product_id), "deleted": product_id not in unlisted}
        for feature_id, (feature, product_id) in newest.items()
    }


def snapshot_row(test_feature: Row, product_id: int) -> Row:
    """The feature that a test's feature stands for, for when the catalogue has it no more."""
    kept = {name: test_feature[name] for name in ("customer_id", "title", "description", "howtofind", "user_stories")}
    return {"id": test_feature["feature_id"], "product_id": product_id, "deleted": True, **kept}


def _remove_unsent_features(connection: Connection, records: Sequence[TestRecord]) -> None:
    of_tests = given(connection, [record.row["id"] for record in records])
    unused = connection.scalars(_unused_features(connection.dialect), of_tests).all()
    sent = {feature["id"] for record in records for feature in record.features}
    if gone := set(unused) - sent:
        connection.execute(delete(test_features).where(among(connection, test_features.c.id, gone)))


@lru_cache(maxsize=8)
def _unused_features(dialect: Dialect) -> Select[int]:
    used = select(bugs.c.id).where(bugs.c.test_feature_id == test_features.c.id).exists()
    return select(test_features.c.id).where(among_keys(dialect, test_features.c.test_id), ~used)


def _replace_platforms(connection: Connection, records: Sequence[TestRecord]) -> None:
    of_tests = given(connection, [record.row["id"] for record in records])
    connection.execute(_no_platforms(connection.dialect), of_tests)
    insert_rows(connection, test_platforms, [platform for record in records for platform in record.platforms])


@lru_cache(maxsize=8)
def _no_platforms(dialect: Dialect) -> Delete:
    return delete(test_platforms).where(among_keys(dialect, test_platforms.c.test_id))
