"""Keeps which tests lack a row because nothing names the feature that it is about, so that the next sync reads them again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from sqlalchemy import delete, select, update

from ingest.bulk import among, upsert, values_of
from ingest.counters import INTEGRITY_FILL_FAILURES, count
from ingest.report import Problem
from ingest.tables import sync_skips

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select

    from ingest.report import Tally

LOG = logging.getLogger(__name__)

Source = Literal["test", "bugs"]
"""What was read when the row was skipped, and is to be read again: the test itself, or its bugs."""

Skips = dict[int, str]
"""The reason, in words, for each test of which a row was skipped."""


def keep_skips(
    connection: Connection,
    customer_id: int,
    source: Source,
    read: Collection[int],
    skips: Mapping[int, str],
    at: datetime,
) -> None:
    """Remember what was skipped of the tests that were read, and forget those that lack nothing any more."""
    lacking = values_of(connection, sync_skips.c.test_id, sync_skips.c.test_id, read)
    if mended := lacking - set(skips):
        connection.execute(delete(sync_skips).where(_of(connection, mended, source)))
    if not skips:
        return
    rows = [
        {
            "customer_id": customer_id,
            "test_id": test,
            "source": source,
            "reason": reason,
            "attempts": 0,
            "first_failed_at": at,
            "last_failed_at": at,
        }
        for test, reason in skips.items()
    ]
    upsert(connection, sync_skips, rows, by=("test_id", "source"), replace=False)
    values = {"attempts": sync_skips.c.attempts + 1, "last_failed_at": at}
    connection.execute(update(sync_skips).where(_of(connection, skips, source)).values(values))


def _of(connection: Connection, test_ids: Collection[int], source: Source) -> ColumnElement[bool]:
    return among(connection, sync_skips.c.test_id, test_ids) & (sync_skips.c.source == source)


def skipped_tests(source: Source) -> Select[int]:
    """The tests that lack a row; for an IN."""
    return select(sync_skips.c.test_id).where(sync_skips.c.source == source)


def tell_skips(tally: Tally, source: Source, skips: Mapping[int, str]) -> None:
    """Count, log and report what was skipped."""
    count(INTEGRITY_FILL_FAILURES, len(skips), entity_type="test_feature", operation=source)
    for test, reason in skips.items():
        place = f"bugs of test {test}" if source == "bugs" else f"test {test}"
        LOG.error("Referential integrity fill failed: %s: %s", place, reason)
        tally.problems.append(Problem("E_INTEGRITY", reason, place))
