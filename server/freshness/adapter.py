"""Answers the engine's question how fresh the rows of a query are, and has ingest refresh them before they are read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import ingest
from engine import FreshnessReport, SourceState
from ingest import IngestError
from server.freshness.reading import reading_of

if TYPE_CHECKING:
    from datetime import datetime

    from engine import Model, Scope
    from engine.execute.freshness import Source
    from ingest import Freshness, Refreshed
    from server.freshness.reading import Reading

_BUGS = frozenset({"bugs", "bug_devices"})
_FEATURES = frozenset({"features"})
_TESTS = frozenset({"tests", "test_features", "test_platforms", "products"})
_MOST_SECONDS = 5.0
_SHARE = 0.5
"""Of the time that a query has, refreshing may take so much, and never more than `_MOST_SECONDS`."""


@dataclass(frozen=True, slots=True)
class QueryFreshness:
    """The engine's `Freshness`, for a model over TestIO's tables and the customer that `known` is of."""

    model: Model
    known: Freshness
    most_seconds: float = _MOST_SECONDS

    async def ensure(self, scope: Scope) -> FreshnessReport:
        """Refresh what the query reads and is stale, as far as time allows; nothing is raised."""
        try:
            return await self._ensure(scope)
        except IngestError as error:
            return FreshnessReport(
                warnings=(f"Warning: how fresh the data is could not be found out: {error.message}",)
            )

    async def _ensure(self, scope: Scope) -> FreshnessReport:
        reading = reading_of(scope, self.model)
        products = reading.product_ids
        if reading.product_titles:
            titled = await self.known.product_ids(reading.product_titles)
            products = tuple(one for one in titled if one in products) if products else titled
            if not products:
                return FreshnessReport()
        budget = min(self.most_seconds, scope.seconds * _SHARE)
        bugs, features, tests_as_of = await asyncio.gather(
            self._bugs(reading, products, budget),
            self._features(reading, products, budget),
            self.known.tests_as_of(products),
        )
        states = [_state(source, bugs, features, tests_as_of) for source in scope.sources]
        warnings = [
            *(line for found in (bugs, features) if found for line in found.warnings),
            *_old_tests(scope, tests_as_of),
        ]
        return FreshnessReport(tuple(state for state in states if state), tuple(warnings))

    async def _bugs(self, reading: Reading, products: tuple[int, ...], budget: float) -> Refreshed | None:
        if not reading.tables & _BUGS:
            return None
        scope = ingest.Scope(products, reading.test_ids, reading.ended_from, reading.ended_before)
        return await self.known.get_bugs_cached_or_refresh(scope, budget_seconds=budget)

    async def _features(self, reading: Reading, products: tuple[int, ...], budget: float) -> Refreshed | None:
        if not reading.tables & _FEATURES:
            return None
        return await self.known.get_features_cached_or_refresh(products, budget_seconds=budget)


def _state(
    source: Source, bugs: Refreshed | None, features: Refreshed | None, tests_as_of: datetime | None
) -> SourceState | None:
    """How fresh one cube is; None where nobody knows."""
    found = bugs if source.table in _BUGS else features if source.table in _FEATURES else None
    if found is not None:
        # Where nothing may change any more, it is known to be so since the tests were read.
        settled = found.as_of is None and not found.failed and not found.pending
        as_of = tests_as_of if settled else found.as_of
        return SourceState(source.name, as_of, found.refreshed, found.failed, found.pending)
    return SourceState(source.name, tests_as_of) if source.table in _TESTS else None


def _old_tests(scope: Scope, as_of: datetime | None) -> list[str]:
    """A warning where tests are older than the model wants: only a sync brings news of them."""
    wanted = [source.requirement for source in scope.sources if source.table == "tests" and source.requirement]
    if not wanted:
        return []
    if as_of is None:
        return ["Warning: the tests have not been read completely yet; a sync does that."]
    age = scope.now.astimezone(UTC).replace(tzinfo=None) - as_of
    if age <= min(timedelta(seconds=one.seconds) for one in wanted):
        return []
    return [f"Warning: new tests are known up to {as_of:%Y-%m-%d %H:%M} UTC only; a sync brings later ones."]
