"""Keeps a row for each sync that began, so that an operator can see what became of it, also of one that was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, update

from ingest.fields import dump
from ingest.moments import utc_now
from ingest.tables import sync_events

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

    from ingest.records import Row
    from ingest.report import Outcome
    from ingest.store import Store


async def begin_event(store: Store, kind: str) -> int:
    """Note that a sync begins; to be called by the holder of the lock, so any other that seems to run was interrupted."""
    row = {"customer_id": store.customer_id, "kind": kind, "started_at": utc_now(), "outcome": "running"}
    return await store.write(_begin, row)


async def finish_event(store: Store, event_id: int, outcome: Outcome, summary: dict[str, Any]) -> None:
    """Note how it ended, with numbers and problems as plain data."""
    await store.write(_finish, event_id, {"outcome": outcome, "finished_at": utc_now(), "summary": dump(summary)})


def _begin(connection: Connection, row: Row) -> int:
    running = update(sync_events).where(sync_events.c.outcome == "running")
    connection.execute(running.values(outcome="interrupted"))
    event_id: int = connection.scalars(insert(sync_events).values(row).returning(sync_events.c.id)).one()
    return event_id


def _finish(connection: Connection, event_id: int, values: Row) -> None:
    connection.execute(update(sync_events).where(sync_events.c.id == event_id).values(values))
