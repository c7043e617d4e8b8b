"""How far the checks of products' lists of tests have come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    product = sa.ForeignKey("products.id", ondelete="CASCADE")
    op.create_table(
        "sync_scrubs",
        sa.Column("product_id", sa.Integer, product, primary_key=True),
        sa.Column("customer_id", sa.Integer, nullable=False, index=True),
        sa.Column("started_at", sa.DateTime, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        sa.Column("test_id", sa.Integer),
        sa.Column("newest_test_id", sa.Integer, nullable=False, server_default="0"),
        sa.Column("checked_at", sa.DateTime),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("sync_scrubs")
