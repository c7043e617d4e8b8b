"""A database as plain data, without what may differ between two right syncs: own ids and times of reading."""

import sqlite3
from contextlib import closing

CONTENTS = {
    "products": "SELECT id, customer_id, title, type, description, data FROM products",
    "features": (
        "SELECT id, customer_id, product_id, title, description, howtofind, user_stories, section_ids, deleted "
        "FROM features"
    ),
    "users": "SELECT customer_id, username, is_tester, is_customer FROM users",
    "tests": (
        "SELECT t.id, t.customer_id, t.product_id, t.title, t.goal, t.status, t.testing_type, t.review_status, "
        "t.duration_minutes, t.start_at, t.end_at, c.username, s.username, t.test_environment_id, t.test_environment, "
        "t.bugs_synced_at IS NULL, t.bugs_synced_status, t.data "
        "FROM tests t LEFT JOIN users c ON c.id = t.created_by_user_id "
        "LEFT JOIN users s ON s.id = t.submitted_by_user_id"
    ),
    "test_features": "SELECT * FROM test_features",
    "test_platforms": "SELECT customer_id, test_id, operating_system, category FROM test_platforms",
    "bugs": (
        "SELECT b.id, b.customer_id, b.test_id, b.test_feature_id, b.title, b.severity, b.status, b.known, "
        "b.rejection_reason, u.username, b.reported_at, b.exported_at, b.raw_data "
        "FROM bugs b LEFT JOIN users u ON u.id = b.reported_by_user_id"
    ),
    "bug_devices": (
        "SELECT customer_id, bug_id, operating_system, operating_system_version, device, vendor, category, browser "
        "FROM bug_devices"
    ),
    "sync_cursors": "SELECT product_id, customer_id, position, complete FROM sync_cursors",
    "sync_gaps": "SELECT customer_id, product_id, position FROM sync_gaps",
}


Snapshot = dict[str, list[tuple[object, ...]]]


def snapshot(path: str) -> Snapshot:
    """The rows of each table in a stable order."""
    with closing(sqlite3.connect(path)) as connection:
        return {table: sorted(connection.execute(sql).fetchall(), key=repr) for table, sql in CONTENTS.items()}
