"""Makes sure at query time that what a query is about to read is fresh, within a time budget, and says what it is.

For a test's bugs the rule is `BugRule`; a product's features are due when they were never read, or longer ago than the time
to live. What is due is read from the API, once however many queries ask. A refresh that fails or takes too long leaves the
answer to what is stored, with a warning.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import case, func, literal, select

from ingest.bug_refresh import refresh_bugs
from ingest.bulk import among
from ingest.catalogue import refresh_features
from ingest.client import Client
from ingest.counters import (
    BUG_REFRESH_FAILURES,
    BUG_REFRESHES,
    FEATURE_REFRESH_FAILURES,
    FEATURE_REFRESHES,
    count,
)
from ingest.due import BugRule
from ingest.errors import ApiError
from ingest.flights import Flights
from ingest.moments import utc_now
from ingest.run import Run, SyncOptions
from ingest.staleness import EVERYTHING, Due, Refreshed, Scope, account_for
from ingest.statuses import FINAL, NOT_BEGUN
from ingest.store import open_store
from ingest.tables import BUGS_NOT_FINAL, products, sync_cursors, tests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

    from ingest.settings import SyncSettings
    from ingest.store import Store

ATTEMPTS = 2
"""Somebody is waiting for the answer: what fails twice is left to the next query or sync."""

MOST_TESTS = 600
"""Tests whose bugs one query refreshes at most, the newest; a database that was never synced is a sync's work."""


@dataclass(slots=True)
class Freshness:
    """A customer's data as a query finds it; open it with `open_freshness`."""

    settings: SyncSettings
    client: Client
    store: Store
    budget_seconds: float
    goes_on: bool = True
    _statuses: dict[int, str] = field(default_factory=dict)
    _bugs: Flights = field(init=False)
    _features: Flights = field(init=False)

    def __post_init__(self) -> None:
        self._bugs = Flights(self._refresh_bugs, self.settings.bug_batch)
        self._features = Flights(self._refresh_features, 1)

    async def get_bugs_cached_or_refresh(
        self, scope: Scope = EVERYTHING, *, force_refresh: bool = False, budget_seconds: float | None = None
    ) -> Refreshed:
        """See to it that the bugs of the tests in scope are fresh, within the budget or the one given; 0 begins nothing."""
        due, as_of = await self._due_bugs(scope, force_refresh)
        if not due or not self._budget(budget_seconds):
            return Refreshed("bugs", 0, {}, as_of=as_of)
        self._statuses |= {one.key: one.status for one in due}
        landing = await self._bugs.settle([one.key for one in due[:MOST_TESTS]], self._budget(budget_seconds))
        in_scope = await self.store.read(_count_tests, self.settings.customer_id, scope)
        _, as_of = await self._due_bugs(scope, force=False)
        return account_for("bugs", in_scope, due, landing, as_of, goes_on=self.goes_on)

    async def get_features_cached_or_refresh(
        self, product_ids: Sequence[int] = (), *, force_refresh: bool = False, budget_seconds: float | None = None
    ) -> Refreshed:
        """See to it that the features of the products (none: of all) are fresh, within the budget or the one given.

        A budget of 0 begins nothing.
        """
        in_scope, due, as_of = await self._due_features(product_ids, force_refresh)
        if not due or not self._budget(budget_seconds):
            return Refreshed("features", in_scope, {}, as_of=as_of)
        landing = await self._features.settle([one.key for one in due], self._budget(budget_seconds))
        _, _, as_of = await self._due_features(product_ids, force=False)
        return account_for("features", in_scope, due, landing, as_of, goes_on=self.goes_on)

    async def tests_as_of(self, product_ids: Sequence[int] = ()) -> datetime | None:
        """Up to when (UTC) all news of the products' tests (none: of all) are in; None where they were never read."""
        return await self.store.read(_oldest_news, self.settings.customer_id, product_ids)

    async def product_ids(self, titles: Sequence[str]) -> tuple[int, ...]:
        """The ids of the customer's products of these titles."""
        return await self.store.read(_titled, self.settings.customer_id, titles)

    async def close(self) -> None:
        """Stop what goes on behind answers given."""
        self.client.stop()
        await self._bugs.land()
        await self._features.land()

    async def _due_bugs(self, scope: Scope, force: bool) -> tuple[list[Due], datetime | None]:
        """The tests whose bugs are due, newest first, in one query over the index of those that are not final."""
        ttl = timedelta(seconds=self.settings.bug_ttl_seconds)
        reason = BugRule(stale_before=utc_now() - ttl, forced=force).reason()
        chosen = (
            select(tests.c.id, tests.c.status, tests.c.bugs_synced_at, reason)
            .where(tests.c.customer_id == self.settings.customer_id)
            .order_by(tests.c.end_at.desc(), tests.c.id.desc())
        )
        asked = chosen if force else chosen.where(BUGS_NOT_FINAL)
        rows = await self.store.read(lambda one: one.execute(asked.where(*scope.conditions(one))).all())
        due = [Due(test_id, why, status) for test_id, status, _, why in rows if why]
        read = [at for _, status, at, _ in rows if at and status not in FINAL and status not in NOT_BEGUN]
        return due, min(read, default=None)

    async def _due_features(self, product_ids: Sequence[int], force: bool) -> tuple[int, list[Due], datetime | None]:
        now = utc_now()
        stale_before = now - timedelta(seconds=self.settings.feature_ttl_seconds)
        reason = case(
            (literal(force), literal("forced")),
            (products.c.features_synced_at.is_(None), literal("never")),
            (~products.c.features_synced_at.between(stale_before, now), literal("stale")),
        )
        of_customer = products.c.customer_id == self.settings.customer_id
        chosen = select(products.c.id, products.c.features_synced_at, reason).where(of_customer).order_by(products.c.id)

        def asked(connection: Connection) -> Select[int, datetime | None, str | None]:
            return chosen.where(among(connection, products.c.id, product_ids)) if product_ids else chosen

        rows = await self.store.read(lambda connection: connection.execute(asked(connection)).all())
        due = [Due(product_id, why) for product_id, _, why in rows if why]
        return len(rows), due, min((at for _, at, _ in rows if at), default=None)

    async def _refresh_bugs(self, test_ids: Sequence[int]) -> set[int]:
        failed = set(test_ids)
        try:
            failed = await refresh_bugs(self._run(), {test: self._statuses[test] for test in test_ids})
        finally:
            count(BUG_REFRESH_FAILURES, len(failed))
            count(BUG_REFRESHES, len(test_ids) - len(failed))
        return failed

    async def _refresh_features(self, product_ids: Sequence[int]) -> set[int]:
        (product_id,) = product_ids
        chosen = select(products.c.data).where(products.c.id == product_id)
        stored = await self.store.read(lambda connection: connection.scalars(chosen).one())
        try:
            await refresh_features(self._run(), json.loads(stored))
        except ApiError:
            count(FEATURE_REFRESH_FAILURES)
            raise
        count(FEATURE_REFRESHES)
        return set()

    def _budget(self, given: float | None) -> float:
        return self.budget_seconds if given is None else given

    def _run(self) -> Run:
        return Run(self.settings, SyncOptions(), self.client, self.store)


def _count_tests(connection: Connection, customer_id: int, scope: Scope) -> int:
    of_customer = tests.c.customer_id == customer_id
    return connection.scalars(select(func.count()).where(of_customer, *scope.conditions(connection))).one()


def _oldest_news(connection: Connection, customer_id: int, product_ids: Sequence[int]) -> datetime | None:
    oldest = select(func.min(sync_cursors.c.read_at)).where(sync_cursors.c.customer_id == customer_id)
    if product_ids:
        oldest = oldest.where(among(connection, sync_cursors.c.product_id, product_ids))
    found: datetime | None = connection.scalars(oldest).one()
    return found


def _titled(connection: Connection, customer_id: int, titles: Sequence[str]) -> tuple[int, ...]:
    titled = among(connection, products.c.title, titles)
    chosen = select(products.c.id).where(products.c.customer_id == customer_id, titled)
    return tuple(connection.scalars(chosen.order_by(products.c.id)))


@asynccontextmanager
async def open_freshness(
    settings: SyncSettings, *, budget_seconds: float = 5.0, goes_on: bool = True
) -> AsyncIterator[Freshness]:
    """Freshness over a database that has all migrations; a query waits for refreshes `budget_seconds` at most.

    `goes_on` is what answers are told of refreshes that take longer: whether the block stays open long enough for them.
    """
    hasty = replace(settings, attempts=min(settings.attempts, ATTEMPTS))
    async with open_store(settings.database_url, settings.customer_id) as store, Client(hasty) as client:
        freshness = Freshness(hasty, client, store, budget_seconds, goes_on)
        try:
            yield freshness
        finally:
            await freshness.close()
