"""Remembers how far the walk through each product's tests has come, so that a killed sync goes on where it stopped."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from ingest.bulk import upsert
from ingest.tables import sync_cursors

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Cursor:
    """Of a product's tests, newest first, `position` were read since `walk_started_at`; all of them once `complete`.

    All news up to `read_at` are in: it is when the last sync began that reached what was known.
    """

    product_id: int
    customer_id: int
    walk_started_at: datetime
    position: int = 0
    complete: bool = False
    read_at: datetime | None = None


def read_cursor(connection: Connection, product_id: int) -> Cursor | None:
    """Where the product's walk stands; None if it never began."""
    chosen = select(sync_cursors).where(sync_cursors.c.product_id == product_id)
    row = connection.execute(chosen).mappings().first()
    return Cursor(**row) if row else None


def write_cursor(connection: Connection, cursor: Cursor) -> None:
    """Keep where the walk stands, inside the caller's transaction."""
    upsert(connection, sync_cursors, [asdict(cursor)], by=("product_id",))
