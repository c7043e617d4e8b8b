"""Whose data a database holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from ingest.errors import SettingsError
from ingest.tables import products, sync_events

if TYPE_CHECKING:
    from sqlalchemy import Connection


def refuse_unknown(connection: Connection, customer_id: int) -> None:
    """Raise `SettingsError` for a customer of whom nothing is stored, and who was never synced."""
    known = select(products.c.customer_id).union(select(sync_events.c.customer_id))
    found = sorted(connection.scalars(known).all())
    if customer_id not in found:
        held = f"It holds those of {', '.join(map(str, found))}: is the id right?" if found else "Run a sync first."
        raise SettingsError(f"The database holds no data of customer {customer_id}.", hint=held)
