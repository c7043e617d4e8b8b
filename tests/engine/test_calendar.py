"""Buckets of time: where they start, where the next one starts, what they are called."""

# ruff: noqa: DTZ001 - buckets are counted on the wall clock

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.granularity import PREDEFINED, Granularity
from engine.query.calendar import (
    UNITS,
    Unit,
    add_units,
    bucket_label,
    bucket_start,
    next_bucket,
)

MOMENTS = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1))
CUSTOM = st.one_of(
    st.builds(Granularity, st.just("custom"), months=st.integers(1, 30), origin=MOMENTS),
    st.builds(Granularity, st.just("custom"), seconds=st.integers(1, 10_000_000), origin=MOMENTS),
)


@given(
    moment=MOMENTS, granularity=st.one_of(st.sampled_from(UNITS), st.sampled_from(list(PREDEFINED.values())), CUSTOM)
)
def test_buckets_leave_no_gap_and_do_not_overlap(moment: datetime, granularity: Unit | Granularity) -> None:
    start = bucket_start(moment, granularity)
    after = next_bucket(start, granularity)
    assert start <= moment < after
    assert bucket_start(start, granularity) == start
    assert bucket_start(after, granularity) == after
    assert bucket_start(after - timedelta(microseconds=1), granularity) == start


@pytest.mark.parametrize(
    ("granularity", "start", "after", "label"),
    [
        ("second", "2024-12-31T17:05:09", "2024-12-31T17:05:10", "2024-12-31 17:05:09"),
        ("minute", "2024-12-31T17:05:00", "2024-12-31T17:06:00", "2024-12-31 17:05"),
        ("hour", "2024-12-31T17:00:00", "2024-12-31T18:00:00", "2024-12-31 17:00"),
        ("day", "2024-12-31T00:00:00", "2025-01-01T00:00:00", "2024-12-31"),
        ("week", "2024-12-30T00:00:00", "2025-01-06T00:00:00", "2025-W01"),
        ("month", "2024-12-01T00:00:00", "2025-01-01T00:00:00", "2024-12"),
        ("quarter", "2024-10-01T00:00:00", "2025-01-01T00:00:00", "2024-Q4"),
        ("year", "2024-01-01T00:00:00", "2025-01-01T00:00:00", "2024"),
    ],
)
def test_each_granularity_at_the_end_of_a_year(granularity: Unit, start: str, after: str, label: str) -> None:
    moment = datetime(2024, 12, 31, 17, 5, 9, 123456)
    assert bucket_start(moment, granularity).isoformat() == start
    assert next_bucket(bucket_start(moment, granularity), granularity).isoformat() == after
    assert bucket_label(bucket_start(moment, granularity), granularity) == label


def test_a_week_belongs_to_the_year_of_its_thursday() -> None:
    assert bucket_label(bucket_start(datetime(2021, 1, 3), "week"), "week") == "2020-W53"
    assert bucket_label(bucket_start(datetime(2027, 1, 3), "week"), "week") == "2026-W53"


def test_months_counted_from_the_31st_return_to_the_31st() -> None:
    monthly = Granularity("custom", origin=datetime(2025, 1, 31), months=1)
    starts = [datetime(2025, 1, 31)]
    for _ in range(3):
        starts.append(next_bucket(starts[-1], monthly))
    assert [start.day for start in starts] == [31, 28, 31, 30]
    assert bucket_start(datetime(2024, 12, 30), monthly) == datetime(2024, 11, 30)


def test_a_custom_bucket_shows_the_clock_only_where_it_starts_inside_a_day() -> None:
    fiscal = Granularity("custom", origin=datetime(2024, 2, 1), months=12)
    assert bucket_label(bucket_start(datetime(2025, 1, 31), fiscal), fiscal) == "2024-02-01"
    shifts = Granularity("custom", origin=datetime(2024, 1, 1, 6), seconds=8 * 3600)
    assert bucket_label(bucket_start(datetime(2024, 1, 2, 5), shifts), shifts) == "2024-01-01 22:00"
    odd = Granularity("custom", origin=datetime(2024, 1, 1), seconds=90)
    assert bucket_label(bucket_start(datetime(2024, 1, 1, 0, 2), odd), odd) == "2024-01-01 00:01:30"


def test_a_day_that_the_month_lacks_becomes_its_last_day() -> None:
    assert add_units(datetime(2024, 3, 31), -1, "month") == datetime(2024, 2, 29)
    assert add_units(datetime(2024, 2, 29), 1, "year") == datetime(2025, 2, 28)


def test_the_calendar_ends_with_the_year_9999() -> None:
    with pytest.raises(OverflowError):
        next_bucket(datetime(9999, 1, 1), "year")
