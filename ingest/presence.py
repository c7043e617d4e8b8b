"""Whose data a database holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from ingest.errors import SettingsError, StoreError
from ingest.tables import products, sync_events

if TYPE_CHECKING:
    from sqlalchemy import Connection


def refuse_unknown(connection: Connection, customer_id: int) -> None:
    """Raise `SettingsError` for a customer who was never synced where others were, `StoreError` where nobody was."""
    known = select(products.c.customer_id).union(select(sync_events.c.customer_id))
    found = sorted(connection.scalars(known).all())
    if not found:
        raise StoreError("The database has not been filled.", hint="Run a sync first.")
    if customer_id not in found:
        held = f"It holds those of {', '.join(map(str, found))}: is the id right?"
        raise SettingsError(f"The database holds no data of customer {customer_id}.", hint=held)
