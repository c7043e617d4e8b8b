"""Decides whose bugs are to be read: the one rule, for syncs and for queries alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, literal, null

from ingest.moments import utc_now
from ingest.statuses import FINAL, NOT_BEGUN
from ingest.tables import BUGS_NOT_FINAL, tests

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement


@dataclass(frozen=True, slots=True)
class BugRule:
    """When a test's bugs are due.

    Never before the test has begun. Always when `forced` or never read; once more after the test has become final, then
    not any more; else when they were last read before `stale_before` (UTC), or after `now`, by a clock that went wrong.
    """

    stale_before: datetime
    forced: bool = False
    now: datetime = field(default_factory=utc_now)

    def reason(self) -> ColumnElement[str | None]:
        """forced, never, final or stale, as an SQL expression over `tests`; NULL when the bugs need not be read."""
        begun = tests.c.status.not_in(NOT_BEGUN)
        final = tests.c.status.in_(FINAL)
        return case(
            (~begun, null()),
            (literal(self.forced), literal("forced")),
            (tests.c.bugs_synced_at.is_(None), literal("never")),
            (and_(final, tests.c.bugs_synced_status.is_distinct_from(tests.c.status)), literal("final")),
            (and_(~final, ~tests.c.bugs_synced_at.between(self.stale_before, self.now)), literal("stale")),
            else_=null(),
        )

    def due(self) -> ColumnElement[bool]:
        """Whether there is a reason; in the words of the index on tests whose bugs are not final."""
        there_is_one = self.reason().is_not(None)
        return there_is_one if self.forced else and_(BUGS_NOT_FINAL, there_is_one)
