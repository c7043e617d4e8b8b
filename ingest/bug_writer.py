"""Writes the bugs of tests: what the API sends takes the place of what was there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec.structs import astuple
from sqlalchemy import bindparam, delete, select, update

from ingest.bug_records import DEVICE_COLUMNS, BugRow
from ingest.bulk import among, among_keys, given, insert_columns, upsert, upsert_columns, values_of
from ingest.counters import INTEGRITY_FILLS, count
from ingest.skips import keep_skips
from ingest.tables import bug_devices, bugs, test_features, tests
from ingest.writer import catalogue_titles, make_unlisted_features, snapshot_row, stored_ids

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Column, Connection, Dialect, Select, Update

    from ingest.bug_records import BugRecord
    from ingest.records import Row
    from ingest.skips import Skips
    from ingest.store import Store


def write_bugs(
    connection: Connection, store: Store, statuses: Mapping[int, str], records: Sequence[BugRecord], at: datetime
) -> Skips:
    """Replace the bugs of the tests whose statuses are given, inside the caller's transaction, and note that they are read.

    The status is the one that the test had before its bugs were asked for: a test that became final since is due again.
    A bug of a feature that nothing describes is kept without, which is what is returned, and read again at the next sync.
    """
    products = _products_of(connection, statuses)
    kept = [record for record in records if record.row.test_id in products]
    lost = make_missing_features(connection, store.customer_id, kept)
    reporters = store.user_ids(connection, "is_tester", (record.reported_by for record in kept))
    stored = values_of(connection, bugs.c.id, bugs.c.test_id, products)
    sent = {record.row.id for record in kept}
    _remove(connection, bugs.c.id, stored - sent)
    _remove(connection, bug_devices.c.bug_id, (stored & sent) | stored_ids(connection, bugs, sent - stored))
    if kept:
        _upsert_bugs(connection, kept, reporters, lost)
    _insert_devices(connection, kept)
    for status in set(statuses.values()):
        read = given(connection, [test for test in products if statuses[test] == status])
        connection.execute(_note_reading(connection.dialect), {**read, "at": at, "status_then": status})
    lacking = [one for one in kept if one.test_feature_id in lost]
    skips = {
        one.row.test_id: f"Bug {one.row.id} names feature {one.test_feature_id} of its test, which nothing describes."
        for one in lacking
    }
    keep_skips(connection, store.customer_id, "bugs", products, skips, at)
    return skips


def _upsert_bugs(
    connection: Connection, records: Sequence[BugRecord], reporters: Mapping[str, int], lost: Collection[int]
) -> None:
    columns = _columns(BugRow.__struct_fields__, [astuple(one.row) for one in records])
    columns["reported_by_user_id"] = [reporters.get(one.reported_by or "") for one in records]
    columns["test_feature_id"] = [None if one.test_feature_id in lost else one.test_feature_id for one in records]
    upsert_columns(connection, bugs, columns)


def _insert_devices(connection: Connection, records: Sequence[BugRecord]) -> None:
    names = ("customer_id", "bug_id", *DEVICE_COLUMNS)
    rows = [(one.row.customer_id, one.row.id, *device) for one in records for device in one.devices]
    insert_columns(connection, bug_devices, _columns(names, rows))


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, Sequence[Any]]:
    """The values of each column, by its name; nothing without rows."""
    return dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {}


def _products_of(connection: Connection, test_ids: Iterable[int]) -> dict[int, int]:
    """The product of each test that is stored."""
    return dict(connection.execute(_products(connection.dialect), given(connection, list(test_ids))).all())


@lru_cache(maxsize=8)
def _products(dialect: Dialect) -> Select[int, int]:
    return select(tests.c.id, tests.c.product_id).where(among_keys(dialect, tests.c.id))


@lru_cache(maxsize=8)
def _note_reading(dialect: Dialect) -> Update:
    noted: dict[str, Any] = {"bugs_synced_at": bindparam("at"), "bugs_synced_status": bindparam("status_then")}
    return update(tests).where(among_keys(dialect, tests.c.id)).values(noted)


def make_missing_features(connection: Connection, customer_id: int, records: Sequence[BugRecord]) -> set[int]:
    """A feature that a bug's test no longer lists is made from what the bug says, so that no bug loses its feature.

    Returns the ids of those that nothing describes; their bugs are kept without.
    """
    named = {one.test_feature_id: one for one in records if one.test_feature_id is not None}
    unlisted = set(named) - values_of(
        connection, test_features.c.id, test_features.c.test_id, {one.row.test_id for one in records}
    )
    missing = sorted(unlisted - stored_ids(connection, test_features, unlisted))
    if not missing:
        return set()
    described = [named[one] for one in missing if named[one].feature_id is not None]
    titles = catalogue_titles(connection, {one.feature_id for one in described if one.feature_id is not None})
    made = [
        _test_feature_row(one, customer_id, title)
        for one in described
        if (title := one.feature_title or titles.get(one.feature_id or 0))
    ]
    products = _products_of(connection, {row["test_id"] for row in made})
    make_unlisted_features(connection, {row["feature_id"]: snapshot_row(row, products[row["test_id"]]) for row in made})
    upsert(connection, test_features, made)
    lost = set(missing) - {row["id"] for row in made}
    count(INTEGRITY_FILLS, len(made), entity_type="test_feature", operation="snapshot")
    return lost


def _test_feature_row(record: BugRecord, customer_id: int, title: str) -> Row:
    return {
        "id": record.test_feature_id,
        "customer_id": customer_id,
        "test_id": record.row.test_id,
        "feature_id": record.feature_id,
        "title": title,
        "description": None,
        "howtofind": None,
        "user_stories": "[]",
    }


def _remove(connection: Connection, key: Column[int], ids: Collection[int]) -> None:
    """Delete the rows that have one of these keys."""
    if ids:
        connection.execute(delete(key.table).where(among(connection, key, ids)))
