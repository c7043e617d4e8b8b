"""Keeps a row for each sync that began, so that an operator can see what became of it, also of one that was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, update

from ingest.fields import dump
from ingest.moments import utc_now
from ingest.tables import sync_events

if TYPE_CHECKING:
    from typing import Any

    from ingest.report import Outcome
    from ingest.store import Store


async def begin_event(store: Store, kind: str) -> int:
    """Note that a sync begins; to be called by the holder of the lock, so any other that seems to run was interrupted."""
    async with store.transaction() as connection:
        running = update(sync_events).where(sync_events.c.outcome == "running")
        await connection.execute(running.values(outcome="interrupted"))
        row = {"customer_id": store.customer_id, "kind": kind, "started_at": utc_now(), "outcome": "running"}
        event_id: int = (await connection.scalars(insert(sync_events).values(row).returning(sync_events.c.id))).one()
        return event_id


async def finish_event(store: Store, event_id: int, outcome: Outcome, summary: dict[str, Any]) -> None:
    """Note how it ended, with numbers and problems as plain data."""
    async with store.transaction() as connection:
        row = update(sync_events).where(sync_events.c.id == event_id)
        await connection.execute(row.values(outcome=outcome, finished_at=utc_now(), summary=dump(summary)))
