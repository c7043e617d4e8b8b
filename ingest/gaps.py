"""Keeps the positions among a product's tests that could not be read, so that the next sync tries them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from ingest.bulk import among, upsert
from ingest.tables import sync_gaps, tests

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ingest.pages import Gap


@dataclass(frozen=True, slots=True)
class StoredGap:
    """A position that failed, and the id of the product's newest test at that time: newer ones have moved it since."""

    key: str
    position: int
    newest_test_id: int


def note_gaps(connection: Connection, customer_id: int, product_id: int, gaps: Sequence[Gap], at: datetime) -> None:
    """Keep positions that failed, inside the caller's transaction."""
    if not gaps:
        return
    newest = connection.scalars(select(func.max(tests.c.id)).where(tests.c.product_id == product_id)).one() or 0
    rows = [
        {
            "customer_id": customer_id,
            "key": f"{product_id}:{gap.position}",
            "product_id": product_id,
            "position": gap.position,
            "newest_test_id": newest,
            "reason": gap.reason,
            "attempts": 0,
            "first_failed_at": at,
            "last_failed_at": at,
        }
        for gap in gaps
    ]
    upsert(connection, sync_gaps, rows, by=("customer_id", "key"), replace=False)
    keys = among(connection, sync_gaps.c.key, [row["key"] for row in rows])
    values = {"attempts": sync_gaps.c.attempts + 1, "last_failed_at": at, "newest_test_id": newest}
    connection.execute(update(sync_gaps).where(keys, sync_gaps.c.customer_id == customer_id).values(values))


def read_gaps(connection: Connection, customer_id: int, product_id: int, before: datetime) -> list[StoredGap]:
    """The product's positions that failed last before this time, the newest tests first."""
    chosen = (
        select(sync_gaps.c.key, sync_gaps.c.position, sync_gaps.c.newest_test_id)
        .where(
            sync_gaps.c.customer_id == customer_id,
            sync_gaps.c.product_id == product_id,
            sync_gaps.c.last_failed_at < before,
        )
        .order_by(sync_gaps.c.position)
    )
    return [StoredGap(*row) for row in connection.execute(chosen).all()]


def position_now(connection: Connection, product_id: int, position: int, newest_test_id: int) -> int:
    """Where the position is likely to be by now: every test that came since has moved it down by one."""
    newer = select(func.count()).where(tests.c.product_id == product_id, tests.c.id > newest_test_id)
    return position + connection.scalars(newer).one()


def forget_gap(connection: Connection, customer_id: int, key: str, before: datetime) -> None:
    """What stood at the position was read after all, or is no more; unless it has failed again since `before`."""
    of_key = (sync_gaps.c.customer_id == customer_id) & (sync_gaps.c.key == key)
    connection.execute(delete(sync_gaps).where(of_key, sync_gaps.c.last_failed_at < before))
