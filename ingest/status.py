"""Where the data stands: what is stored, how old it is, what is missing, and who is writing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from ingest.due import BugRule
from ingest.errors import StoreError
from ingest.lock import lock_holder
from ingest.moments import utc_now
from ingest.presence import refuse_unknown
from ingest.schema import database_revision, newest_revision, refuse_newer
from ingest.store import open_store
from ingest.tables import bugs, products, sync_cursors, sync_events, sync_gaps, sync_scrubs, sync_skips, tests

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class ProductStatus:
    """One product: how many of its tests are stored, whether they were read to the end, and when they and its features were.

    `checked_at` is when the list of its tests was last gone through once more, a page at a sync, so that none is missing.
    """

    id: int
    title: str
    tests: int
    complete: bool
    tests_read_at: datetime | None
    features_read_at: datetime | None
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventStatus:
    """One sync of the past, or the one that is running."""

    kind: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """A customer's data in the database; times are UTC.

    `bugs_due` counts tests whose bugs are to be read, by reason: never, final or stale. `gaps` are positions among a product's
    tests that could not be read, and tests that lack a feature which nothing names. `writer` says who is writing now.
    """

    products: tuple[ProductStatus, ...]
    bugs: int
    bugs_due: dict[str, int]
    gaps: tuple[str, ...]
    events: tuple[EventStatus, ...]
    writer: str | None

    def as_dict(self) -> dict[str, Any]:
        """The status as plain data; times are ISO texts."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), default=lambda moment: f"{moment.isoformat()}Z"))
        return plain


async def read_status(
    database_url: str, customer_id: int, *, bug_ttl_seconds: float = 3600.0, events: int = 5
) -> SyncStatus:
    """The status of a customer's data, with the last `events` syncs.

    Raises `StoreError` where there was never a sync, `SettingsError` where there was none of this customer.
    """
    revision = await database_revision(database_url)
    refuse_newer(revision)
    if revision is None:
        raise StoreError("The database has not been filled.", hint="Run a sync first; it makes the tables.")
    if revision != newest_revision():
        message = f"The database stands at revision {revision} of its tables, made by an older release of this product."
        raise StoreError(message, hint="Run `metric-cube db upgrade`, or a sync, which does it too.")
    async with open_store(database_url, customer_id) as store:
        return await store.read(_status, customer_id, bug_ttl_seconds, events)


def _status(connection: Connection, customer_id: int, ttl_seconds: float, events: int) -> SyncStatus:
    refuse_unknown(connection, customer_id)
    writer = lock_holder(connection)
    return SyncStatus(
        products=_products(connection, customer_id),
        bugs=connection.scalars(select(func.count()).where(bugs.c.customer_id == customer_id)).one(),
        bugs_due=_bugs_due(connection, customer_id, ttl_seconds),
        gaps=_gaps(connection, customer_id),
        events=_events(connection, customer_id, events, writer),
        writer=writer,
    )


def _products(connection: Connection, customer_id: int) -> tuple[ProductStatus, ...]:
    count = select(func.count()).where(tests.c.product_id == products.c.id).scalar_subquery()
    chosen = (
        select(
            products.c.id,
            products.c.title,
            count,
            func.coalesce(sync_cursors.c.complete, False),
            sync_cursors.c.read_at,
            products.c.features_synced_at,
            sync_scrubs.c.checked_at,
        )
        .outerjoin(sync_cursors, sync_cursors.c.product_id == products.c.id)
        .outerjoin(sync_scrubs, sync_scrubs.c.product_id == products.c.id)
        .where(products.c.customer_id == customer_id)
        .order_by(products.c.title, products.c.id)
    )
    return tuple(ProductStatus(*row) for row in connection.execute(chosen))


def _bugs_due(connection: Connection, customer_id: int, ttl_seconds: float) -> dict[str, int]:
    reason = BugRule(stale_before=utc_now() - timedelta(seconds=ttl_seconds)).reason()
    of_customer = select(reason, func.count()).where(tests.c.customer_id == customer_id, reason.is_not(None))
    return {reason: count for reason, count in connection.execute(of_customer.group_by(reason)) if reason}


def _gaps(connection: Connection, customer_id: int) -> tuple[str, ...]:
    chosen = select(sync_gaps).where(sync_gaps.c.customer_id == customer_id)
    rows = connection.execute(chosen.order_by(sync_gaps.c.product_id, sync_gaps.c.position))
    positions = [f"product {row.product_id}, position {row.position}: {row.reason}" for row in rows]
    lacking = select(sync_skips).where(sync_skips.c.customer_id == customer_id).order_by(sync_skips.c.test_id)
    return (*positions, *(f"test {row.test_id}: {row.reason}" for row in connection.execute(lacking)))


def _events(connection: Connection, customer_id: int, most: int, writer: str | None) -> tuple[EventStatus, ...]:
    """The last syncs; one that seems to run while nobody writes was interrupted."""
    chosen = select(sync_events).where(sync_events.c.customer_id == customer_id)
    rows = connection.execute(chosen.order_by(sync_events.c.id.desc()).limit(most))
    return tuple(
        EventStatus(
            row.kind,
            row.started_at,
            row.finished_at,
            "interrupted" if row.outcome == "running" and writer is None else row.outcome,
            json.loads(row.summary),
        )
        for row in rows
    )
