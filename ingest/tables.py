"""The tables that a sync fills and that the semantic model reads, as the newest migration leaves them.

Times are UTC without a zone. Columns named `data` and `raw_data` hold the API's JSON without credentials. A test takes
its features, platforms and bugs with it when it goes; a test's feature leaves its bugs behind without one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = MetaData(naming_convention=NAMES)

BUGS_NOT_FINAL = text("(bugs_synced_status IS NULL OR bugs_synced_status NOT IN ('archived', 'cancelled'))")
"""Tests whose bugs may still be due: few once the first sync is over, so the index on them makes the question quick."""


def _id() -> Column[int]:
    """The API's own id."""
    return Column("id", Integer, primary_key=True, autoincrement=False)


def _own_id() -> Column[int]:
    """An id that the database gives."""
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _customer() -> Column[int]:
    return Column("customer_id", Integer, nullable=False, index=True)


def _key(
    name: str, target: str, *, nullable: bool = False, on_delete: str | None = None, index: bool = True
) -> Column[Any]:
    return Column(name, Integer, ForeignKey(f"{target}.id", ondelete=on_delete), nullable=nullable, index=index)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=false())


products = Table(
    "products",
    METADATA,
    _id(),
    _customer(),
    Column("title", Text, nullable=False),
    Column("type", Text),
    Column("description", Text),
    Column("data", Text),
    Column("synced_at", DateTime),
    Column("features_synced_at", DateTime),
)

features = Table(
    "features",
    METADATA,
    _id(),
    _customer(),
    _key("product_id", "products", on_delete="CASCADE"),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("howtofind", Text),
    Column("user_stories", Text, nullable=False, server_default="[]"),
    Column("section_ids", Text, nullable=False, server_default="[]"),
    _flag("deleted"),
    Column("synced_at", DateTime),
)

users = Table(
    "users",
    METADATA,
    _own_id(),
    _customer(),
    Column("username", Text, nullable=False),
    _flag("is_tester"),
    _flag("is_customer"),
    UniqueConstraint("customer_id", "username"),
)

tests = Table(
    "tests",
    METADATA,
    _id(),
    _customer(),
    _key("product_id", "products", on_delete="CASCADE", index=False),
    Column("title", Text, nullable=False),
    Column("goal", Text),
    Column("status", Text, nullable=False),
    Column("testing_type", Text, nullable=False),
    Column("review_status", Text),
    Column("duration_minutes", Integer),
    Column("start_at", DateTime),
    Column("end_at", DateTime, index=True),
    Column("created_at", DateTime, index=True),
    _key("created_by_user_id", "users", nullable=True, index=False),
    _key("submitted_by_user_id", "users", nullable=True),
    Column("test_environment_id", Integer),
    Column("test_environment", Text),
    Column("synced_at", DateTime),
    Column("bugs_synced_at", DateTime),
    Column("bugs_synced_status", Text),
    Column("data", Text),
    Index("ix_tests_product_id", "product_id", "end_at"),
    Index("ix_tests_created_by_user_id", "created_by_user_id", "end_at"),
    Index(
        "ix_tests_bugs_not_final",
        "customer_id",
        "end_at",
        "product_id",
        "status",
        "bugs_synced_at",
        "bugs_synced_status",
        sqlite_where=BUGS_NOT_FINAL,
        postgresql_where=BUGS_NOT_FINAL,
    ),
)
"""`bugs_synced_status` is the test's status when its bugs were last read: once final since, they are read again.

What tests are grouped by is indexed with their end: SQLite then goes by the key and by the range of ends within it, where it would
otherwise look at all tests in the order of the key.
"""

test_features = Table(
    "test_features",
    METADATA,
    _id(),
    _customer(),
    _key("test_id", "tests", on_delete="CASCADE"),
    _key("feature_id", "features", on_delete="CASCADE"),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("howtofind", Text),
    Column("user_stories", Text, nullable=False, server_default="[]"),
    _flag("enable_default"),
    _flag("enable_content"),
    _flag("enable_visual"),
)

test_platforms = Table(
    "test_platforms",
    METADATA,
    _own_id(),
    _customer(),
    _key("test_id", "tests", on_delete="CASCADE"),
    Column("operating_system", Text, nullable=False),
    Column("category", Text),
)

bugs = Table(
    "bugs",
    METADATA,
    _id(),
    _customer(),
    _key("test_id", "tests", on_delete="CASCADE"),
    _key("test_feature_id", "test_features", nullable=True, on_delete="SET NULL"),
    Column("title", Text, nullable=False),
    Column("severity", Text),
    Column("status", Text),
    _flag("known"),
    Column("rejection_reason", Text),
    _key("reported_by_user_id", "users", nullable=True),
    Column("reported_at", DateTime),
    Column("exported_at", DateTime),
    Column("language", Text),
    Column("location", Text),
    Column("expected_result", Text),
    Column("actual_result", Text),
    Column("steps", Text),
    Column("synced_at", DateTime),
    Column("raw_data", Text),
)

bug_devices = Table(
    "bug_devices",
    METADATA,
    _own_id(),
    _customer(),
    _key("bug_id", "bugs", on_delete="CASCADE"),
    Column("operating_system", Text),
    Column("operating_system_version", Text),
    Column("device", Text),
    Column("vendor", Text),
    Column("category", Text),
    Column("browser", Text),
)

sync_cursors = Table(
    "sync_cursors",
    METADATA,
    Column("product_id", Integer, ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    _customer(),
    Column("walk_started_at", DateTime, nullable=False),
    Column("position", Integer, nullable=False, server_default="0"),
    _flag("complete"),
    Column("read_at", DateTime),
)
"""How far the walk through a product's tests has come: `position` of them, newest first, since `walk_started_at`.

All news up to `read_at` are in: it is when the last sync began that reached what was known.
"""

sync_scrubs = Table(
    "sync_scrubs",
    METADATA,
    Column("product_id", Integer, ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    _customer(),
    Column("started_at", DateTime, nullable=False),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("test_id", Integer),
    Column("newest_test_id", Integer, nullable=False, server_default="0"),
    Column("checked_at", DateTime),
)
"""How far the round of checks through a product's tests has come: `position` of them, newest first, since `started_at`.

`test_id` is the last of these, `newest_test_id` the product's newest test at that time: newer ones have moved the others
since. Position 0 stands for no round. The last round that came to its end did so at `checked_at`.
"""

sync_gaps = Table(
    "sync_gaps",
    METADATA,
    Column("customer_id", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("product_id", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("newest_test_id", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_failed_at", DateTime, nullable=False),
    Column("last_failed_at", DateTime, nullable=False),
)
"""Positions among a product's tests that could not be read and are tried again at the next sync."""

sync_skips = Table(
    "sync_skips",
    METADATA,
    Column("test_id", Integer, ForeignKey("tests.id", ondelete="CASCADE"), primary_key=True),
    Column("source", Text, primary_key=True),
    _customer(),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_failed_at", DateTime, nullable=False),
    Column("last_failed_at", DateTime, nullable=False),
)
"""Tests that lack a row whose feature nothing names; the `source` of it, test or bugs, is read again at the next sync."""

sync_events = Table(
    "sync_events",
    METADATA,
    _own_id(),
    _customer(),
    Column("kind", Text, nullable=False),
    Column("started_at", DateTime, nullable=False, index=True),
    Column("finished_at", DateTime),
    Column("outcome", Text, nullable=False),
    Column("summary", Text, nullable=False, server_default="{}"),
)
"""One row for each sync that began; `outcome` is running, complete, partial, failed or interrupted."""

sync_locks = Table(
    "sync_locks",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("process_id", Integer, nullable=False),
    Column("taken_at", DateTime, nullable=False),
    Column("heartbeat_at", DateTime, nullable=False),
)
"""Who is writing now, over all processes; a lock without a recent heartbeat is taken over."""
