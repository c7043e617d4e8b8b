"""What a query asks about freshness, and what it is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ingest.bulk import among
from ingest.tables import tests

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from ingest.flights import Landing

ENOUGH_FRESH = 0.5
"""A query of which less was fresh carries a warning."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The tests that a query reads: of these products or tests (empty: of all), ended in this half-open range (UTC)."""

    product_ids: tuple[int, ...] = ()
    test_ids: tuple[int, ...] = ()
    ended_from: datetime | None = None
    ended_before: datetime | None = None

    def conditions(self, connection: Connection) -> list[ColumnElement[bool]]:
        """The scope over `tests`."""
        found: list[ColumnElement[bool]] = []
        if self.product_ids:
            found.append(among(connection, tests.c.product_id, self.product_ids))
        if self.test_ids:
            found.append(among(connection, tests.c.id, self.test_ids))
        if self.ended_from:
            found.append(tests.c.end_at >= self.ended_from)
        if self.ended_before:
            found.append(tests.c.end_at < self.ended_before)
        return found


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How fresh one source was found and is now.

    `in_scope` counts tests (for bugs) or products (for features); `due` those that were not fresh, by reason; `as_of` (UTC) is
    the oldest time of reading among what may still change, None if nothing may.
    """

    source: str
    in_scope: int
    due: dict[str, int]
    refreshed: int = 0
    failed: int = 0
    pending: int = 0
    as_of: datetime | None = None
    warnings: tuple[str, ...] = ()

    @property
    def hit_rate(self) -> float:
        """The share that was fresh already."""
        return 1 - sum(self.due.values()) / self.in_scope if self.in_scope else 1.0

    def as_dict(self) -> dict[str, Any]:
        """The account as plain data; the time is an ISO text."""
        return {
            "source": self.source,
            "as_of": f"{self.as_of.isoformat()}Z" if self.as_of else None,
            "in_scope": self.in_scope,
            "due": self.due,
            "refreshed": self.refreshed,
            "failed": self.failed,
            "pending": self.pending,
        }


@dataclass(frozen=True, slots=True)
class Due:
    """A key that is not fresh, why, and the status that a test has."""

    key: int
    reason: str
    status: str = ""


def account_for(
    source: str, in_scope: int, due: Sequence[Due], landing: Landing, as_of: datetime | None, *, goes_on: bool = True
) -> Refreshed:
    """The account of a source of which these were due, after that became of them."""
    found = Refreshed(
        source,
        in_scope,
        dict(Counter(one.reason for one in due)),
        refreshed=len(landing.refreshed),
        failed=len(landing.failed),
        pending=len(due) - len(landing.refreshed) - len(landing.failed),
        as_of=as_of,
    )
    return replace(found, warnings=tuple(_warnings(found, goes_on=goes_on)))


def _warnings(found: Refreshed, *, goes_on: bool) -> list[str]:
    things, data = ("tests", "bug data") if found.source == "bugs" else ("products", "feature data")
    warnings = []
    if found.refreshed and found.hit_rate < ENOUGH_FRESH:
        warnings.append(f"Warning: {found.refreshed} {things} had stale {data} and were refreshed.")
    if found.failed:
        warnings.append(f"Warning: {found.failed} {things} have stale {data}: it could not be refreshed.")
    if found.pending:
        more = "it is being refreshed, ask again in a moment." if goes_on else "time was up, a sync reads it."
        warnings.append(f"Warning: {found.pending} {things} have stale {data}: {more}")
    return warnings
