"""Opens a service as a server runs it: the database, what keeps it fresh for each customer, and syncs in the background."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from engine import open_database
from server.service.models import Models
from server.service.service import Service
from server.service.traced import TracedDatabase, is_tracing
from server.settings import may_have_token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from engine import Freshness, Model
    from server.freshness.adapter import QueryFreshness


class Upkeep(NamedTuple):
    """How the data are kept fresh: whose, how often (None: as each customer says), and whether at questions too."""

    customers: Path | None = None
    minutes: float | None = None
    refresh: bool = True


@asynccontextmanager
async def open_service(model: Path, database: str, upkeep: Upkeep | None = None) -> AsyncIterator[Service]:
    """A service over the model at a path and the database at a URL, kept fresh as `upkeep` says; None: not at all.

    Raises ModelError, DatabaseError and IngestError for what cannot be opened.
    """
    async with AsyncExitStack() as stack:
        models = Models(model)
        freshness = await _kept_fresh(models.model, database, upkeep, stack) if upkeep else {}

        def freshness_for(current: Model, security: Mapping[str, Any]) -> Freshness | None:
            found = freshness.get(security.get("customer_id"))
            return None if found is None else replace(found, model=current)

        opened = await stack.enter_async_context(open_database(database))
        service = Service(models, TracedDatabase(opened) if is_tracing() else opened, freshness_for)
        stack.callback(service.close)
        yield service


async def _kept_fresh(model: Model, database: str, upkeep: Upkeep, stack: AsyncExitStack) -> dict[Any, QueryFreshness]:
    """What questions ask for fresh data, by customer, as long as the stack stands; background syncs run as long."""
    if not (upkeep.customers or upkeep.minutes or may_have_token(os.environ)):
        return {}
    from server.freshness.background import schedules_of, synced_in_background
    from server.freshness.opening import is_of_testio, known_customers, open_query_freshness, refresh_settings

    known = known_customers(os.environ, upkeep.customers, required=bool(upkeep.minutes))
    schedules = schedules_of(known, database, upkeep.minutes) if is_of_testio(model, database) else []
    await stack.enter_async_context(synced_in_background(schedules))
    found: dict[Any, QueryFreshness] = {}
    for customer in known if upkeep.refresh else ():
        settings = refresh_settings(model, database, known, {"customer_id": customer.id})
        freshness = await stack.enter_async_context(open_query_freshness(model, settings, stays_open=True))
        if freshness is not None:
            found[customer.id] = freshness
    return found
