"""Products, features, users, tests and bugs of the TestIO API, and how far they have been read."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "products",
    "features",
    "users",
    "tests",
    "test_features",
    "test_platforms",
    "bugs",
    "bug_devices",
    "sync_cursors",
)


def upgrade() -> None:
    """Make the tables, those first that others point at."""
    _create_catalogue()
    _create_tests()
    _create_bugs()
    _create_cursors()


def downgrade() -> None:
    """Drop the tables, those first that point at others."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _id() -> sa.Column[int]:
    """The API's own id."""
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)


def _own_id() -> sa.Column[int]:
    """An id that the database gives."""
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _customer() -> sa.Column[int]:
    return sa.Column("customer_id", sa.Integer, nullable=False, index=True)


def _key(name: str, target: str, *, nullable: bool = False, on_delete: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{target}.id", ondelete=on_delete), nullable=nullable, index=True)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _create_catalogue() -> None:
    op.create_table(
        "products",
        _id(),
        _customer(),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("type", sa.Text),
        sa.Column("description", sa.Text),
        sa.Column("data", sa.Text),
        sa.Column("synced_at", sa.DateTime),
        sa.Column("features_synced_at", sa.DateTime),
    )
    op.create_table(
        "features",
        _id(),
        _customer(),
        _key("product_id", "products", on_delete="CASCADE"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("howtofind", sa.Text),
        sa.Column("user_stories", sa.Text, nullable=False, server_default="[]"),
        sa.Column("section_ids", sa.Text, nullable=False, server_default="[]"),
        _flag("deleted"),
        sa.Column("synced_at", sa.DateTime),
    )
    op.create_table(
        "users",
        _own_id(),
        _customer(),
        sa.Column("username", sa.Text, nullable=False),
        _flag("is_tester"),
        _flag("is_customer"),
        sa.UniqueConstraint("customer_id", "username"),
    )


def _create_tests() -> None:
    op.create_table(
        "tests",
        _id(),
        _customer(),
        _key("product_id", "products", on_delete="CASCADE"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("goal", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("testing_type", sa.Text, nullable=False),
        sa.Column("review_status", sa.Text),
        sa.Column("duration_minutes", sa.Integer),
        sa.Column("start_at", sa.DateTime),
        sa.Column("end_at", sa.DateTime, index=True),
        sa.Column("created_at", sa.DateTime, index=True),
        _key("created_by_user_id", "users", nullable=True),
        _key("submitted_by_user_id", "users", nullable=True),
        sa.Column("test_environment_id", sa.Integer),
        sa.Column("test_environment", sa.Text),
        sa.Column("synced_at", sa.DateTime),
        sa.Column("bugs_synced_at", sa.DateTime),
        sa.Column("data", sa.Text),
    )
    op.create_table(
        "test_features",
        _id(),
        _customer(),
        _key("test_id", "tests", on_delete="CASCADE"),
        _key("feature_id", "features", on_delete="CASCADE"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("howtofind", sa.Text),
        sa.Column("user_stories", sa.Text, nullable=False, server_default="[]"),
        _flag("enable_default"),
        _flag("enable_content"),
        _flag("enable_visual"),
    )
    op.create_table(
        "test_platforms",
        _own_id(),
        _customer(),
        _key("test_id", "tests", on_delete="CASCADE"),
        sa.Column("operating_system", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
    )


def _create_bugs() -> None:
    op.create_table(
        "bugs",
        _id(),
        _customer(),
        _key("test_id", "tests", on_delete="CASCADE"),
        _key("test_feature_id", "test_features", nullable=True, on_delete="SET NULL"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("severity", sa.Text),
        sa.Column("status", sa.Text),
        _flag("known"),
        sa.Column("rejection_reason", sa.Text),
        _key("reported_by_user_id", "users", nullable=True),
        sa.Column("reported_at", sa.DateTime),
        sa.Column("exported_at", sa.DateTime),
        sa.Column("language", sa.Text),
        sa.Column("location", sa.Text),
        sa.Column("expected_result", sa.Text),
        sa.Column("actual_result", sa.Text),
        sa.Column("steps", sa.Text),
        sa.Column("synced_at", sa.DateTime),
        sa.Column("raw_data", sa.Text),
    )
    op.create_table(
        "bug_devices",
        _own_id(),
        _customer(),
        _key("bug_id", "bugs", on_delete="CASCADE"),
        sa.Column("operating_system", sa.Text),
        sa.Column("operating_system_version", sa.Text),
        sa.Column("device", sa.Text),
        sa.Column("vendor", sa.Text),
        sa.Column("category", sa.Text),
        sa.Column("browser", sa.Text),
    )


def _create_cursors() -> None:
    op.create_table(
        "sync_cursors",
        sa.Column("product_id", sa.Integer, sa.ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
        _customer(),
        sa.Column("walk_started_at", sa.DateTime, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        _flag("complete"),
        sa.Column("read_at", sa.DateTime),
    )
