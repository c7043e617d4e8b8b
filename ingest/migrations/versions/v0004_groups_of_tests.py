"""The indexes by which tests are grouped, product and creator, know the end too: the groups of a month are found without a scan."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEYS = ("product_id", "created_by_user_id")


def upgrade() -> None:
    """Put the end behind each key."""
    for key in KEYS:
        op.drop_index(f"ix_tests_{key}", "tests")
        op.create_index(f"ix_tests_{key}", "tests", [key, "end_at"])


def downgrade() -> None:
    """Leave the keys alone."""
    for key in KEYS:
        op.drop_index(f"ix_tests_{key}", "tests")
        op.create_index(f"ix_tests_{key}", "tests", [key])
