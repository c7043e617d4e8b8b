"""What a sync could not read, what became of each sync, and who is writing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BUGS_NOT_FINAL = sa.text("(bugs_synced_status IS NULL OR bugs_synced_status NOT IN ('archived', 'cancelled'))")
TABLES = ("sync_gaps", "sync_events", "sync_locks")


def upgrade() -> None:
    """Make the tables, and keep beside each test its status when its bugs were last read."""
    op.create_table(
        "sync_gaps",
        sa.Column("customer_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("product_id", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("newest_test_id", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("first_failed_at", sa.DateTime, nullable=False),
        sa.Column("last_failed_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "sync_events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("customer_id", sa.Integer, nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime, nullable=False, index=True),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False, server_default="{}"),
    )
    op.create_table(
        "sync_locks",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("process_id", sa.Integer, nullable=False),
        sa.Column("taken_at", sa.DateTime, nullable=False),
        sa.Column("heartbeat_at", sa.DateTime, nullable=False),
    )
    # SQLite reads a row from its start: what freshness is decided by has to stand before the long JSON.
    copied = op.get_context().dialect.name == "sqlite"
    with op.batch_alter_table("tests", recreate="always" if copied else "never") as batch:
        batch.add_column(sa.Column("bugs_synced_status", sa.Text), insert_after="bugs_synced_at" if copied else None)
    op.create_index(
        "ix_tests_bugs_not_final",
        "tests",
        ["customer_id", "end_at", "product_id", "status", "bugs_synced_at", "bugs_synced_status"],
        sqlite_where=BUGS_NOT_FINAL,
        postgresql_where=BUGS_NOT_FINAL,
    )


def downgrade() -> None:
    """Drop what `upgrade` made."""
    op.drop_index("ix_tests_bugs_not_final", "tests")
    with op.batch_alter_table("tests") as batch:
        batch.drop_column("bugs_synced_status")
    for table in reversed(TABLES):
        op.drop_table(table)
