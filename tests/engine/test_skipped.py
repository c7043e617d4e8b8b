"""Buckets that the clocks of a zone skipped are told from those that were, in every year."""

# ruff: noqa: DTZ001 - buckets are counted on the wall clock

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise, product
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlglot import exp

from engine.model.granularity import PREDEFINED, Granularity
from engine.query.calendar import bucket_start, next_bucket
from engine.sql.dialects import DIALECTS
from engine.sql.skipped import existing
from tests.oracle.database import DIALECTS as EMBEDDED
from tests.oracle.database import Dialect, connect

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",  # at midnight
    "Africa/Cairo",  # at midnight, in some years
    "Asia/Gaza",  # around Ramadan
    "America/St_Johns",  # a minute after midnight
    "Australia/Lord_Howe",  # by half an hour
    "Asia/Singapore",  # once, in the first half hour of a year
    "Pacific/Apia",  # a whole day, once
)
LENGTHS = (
    Granularity("five minutes", seconds=300, origin=datetime(2025, 1, 1)),
    PREDEFINED["hour"],
    PREDEFINED["day"],
    Granularity("third", seconds=1200, origin=datetime(2025, 1, 1)),
    Granularity("shift", seconds=8 * 3600, origin=datetime(2025, 1, 1, 6)),
)


@pytest.mark.parametrize(("dialect", "zone", "granularity"), list(product(EMBEDDED, ZONES, LENGTHS)))
def test_a_bucket_is_shown_unless_the_clocks_went_forward_over_it(
    dialect: Dialect, zone: str, granularity: Granularity
) -> None:
    starts = list(dict.fromkeys(_near_changes(zone, granularity)))
    row = DIALECTS[dialect]
    bucket = exp.Column(this=exp.Identifier(this="bucket"))
    condition = existing(bucket if row.text_times else _typed(bucket), granularity, zone, row)
    shown = starts if condition is None else _that(condition, starts, dialect, whole_days=granularity.whole_days)
    assert shown == [start for start in starts if _was(start, next_bucket(start, granularity), ZoneInfo(zone))]


def test_nothing_is_asked_where_no_bucket_of_a_length_was_ever_skipped() -> None:
    bucket = exp.Column(this=exp.Identifier(this="bucket"))
    hour, day = PREDEFINED["hour"], PREDEFINED["day"]
    for granularity, zone in (
        (hour, "UTC"),
        (hour, "Asia/Kolkata"),
        (day, "Europe/Berlin"),
        (PREDEFINED["month"], "Pacific/Apia"),
    ):
        assert existing(bucket, granularity, zone, DIALECTS["sqlite"]) is None


def _near_changes(zone: str, granularity: Granularity) -> Iterator[datetime]:
    """The buckets in which the clocks change, and some around them."""
    for change in _changes(ZoneInfo(zone)):
        start = bucket_start(change - timedelta(hours=2), granularity)
        while start < change + timedelta(hours=26 if granularity.seconds > 3600 else 3):
            yield start
            start = next_bucket(start, granularity)


@cache
def _changes(zone: ZoneInfo) -> tuple[datetime, ...]:
    """The local times from which clocks have changed since 1970, to the quarter of an hour."""
    step = timedelta(minutes=15)
    days = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=each) for each in range(365 * 60)]
    found = []
    for before, after in pairwise(days):
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            quarters = [before + each * step for each in range(97)]
            turns = [
                m for m, n in pairwise(quarters) if m.astimezone(zone).utcoffset() != n.astimezone(zone).utcoffset()
            ]
            found += [(turn.astimezone(zone) + step).replace(tzinfo=None) for turn in turns]
    return tuple(found)


def _was(start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Whether the first or the last second of a bucket was: one that was skipped comes back as a later one (PEP 495)."""
    ends = (start, end - timedelta(seconds=1))
    return any(each.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == each for each in ends)


def _typed(bucket: exp.Expr) -> exp.Expr:
    return exp.Cast(this=bucket, to=exp.DataType(this=exp.DType.TIMESTAMP))


def _that(condition: exp.Expr, starts: list[datetime], dialect: Dialect, *, whole_days: bool) -> list[datetime]:
    """Those of the buckets for which a condition holds."""
    form = "%Y-%m-%d" if whole_days else "%Y-%m-%d %H:%M:%S"
    rows = ", ".join(f"('{start.strftime(form)}')" for start in starts)
    connection = connect(dialect)
    connection.execute("CREATE TABLE buckets (bucket TEXT)")
    connection.execute(f"INSERT INTO buckets VALUES {rows}")
    found = connection.execute(f"SELECT bucket FROM buckets WHERE {condition.sql(dialect)}").fetchall()
    return [datetime.fromisoformat(str(bucket)) for (bucket,) in found]
