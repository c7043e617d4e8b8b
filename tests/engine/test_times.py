"""Buckets of time in SQL: each time lies in its bucket, as the calendar says, in every granularity and zone."""

# ruff: noqa: DTZ001 - buckets are counted on the wall clock

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise, product
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlglot import exp

from engine.model.granularity import PREDEFINED, Granularity
from engine.query.calendar import bucket_start
from engine.query.calendar import next_bucket as calendar_next
from engine.sql.dialects import DIALECTS, SqlDialect
from engine.sql.times import bucket, local_time, next_bucket
from tests.engine.asking import random_cases
from tests.oracle.database import DIALECTS as EMBEDDED
from tests.oracle.database import Connection, Dialect, connect

if TYPE_CHECKING:
    from collections.abc import Sequence

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
)
DAY = 86_400

times = st.datetimes(min_value=datetime(1901, 1, 1), max_value=datetime(2150, 1, 1)).map(
    # SQLite's times are exact to the millisecond.
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
origins = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)
days = origins.map(lambda moment: moment.replace(hour=0, minute=0, second=0))
lengths = st.one_of(st.sampled_from([1, 60, 25 * 60, 8 * 3600, DAY, 14 * DAY, 91 * DAY]), st.integers(1, 500 * DAY))
granularities = st.one_of(
    st.sampled_from(list(PREDEFINED.values())),
    st.builds(Granularity, st.just("months"), months=st.integers(1, 40), origin=st.one_of(origins, days)),
    st.builds(Granularity, st.just("seconds"), seconds=lengths, origin=st.one_of(origins, days)),
)


@pytest.mark.parametrize("dialect", EMBEDDED)
@given(granularity=granularities, moments=st.lists(times, min_size=1, max_size=20))
@example(
    granularity=Granularity("end", months=1, origin=datetime(2025, 1, 31)),
    moments=[datetime(2024, 2, 29), datetime(2025, 2, 28)],
)
@example(
    granularity=Granularity("end", months=3, origin=datetime(2025, 1, 30, 6)),
    moments=[datetime(2025, 4, 30, 5, 59), datetime(2025, 4, 30, 6), datetime(1950, 1, 30, 5)],
)
@example(
    granularity=Granularity("short", seconds=25 * 60, origin=datetime(2025, 1, 1, 0, 10)),
    moments=[datetime(1960, 1, 1, 0, 9, 59, 999000)],
)
@random_cases(2)
def test_each_time_lies_in_its_bucket(dialect: Dialect, granularity: Granularity, moments: list[datetime]) -> None:
    row = DIALECTS[dialect]
    here = bucket(_moment(row), granularity, row)
    after = next_bucket(bucket(_moment(row), granularity, row), granularity, row)
    for moment, start, end in _select(dialect, moments, here, after):
        assert start == bucket_start(moment, granularity)
        assert end == calendar_next(start, granularity)
        assert start <= moment < end


@pytest.mark.parametrize(("dialect", "zone"), list(product(EMBEDDED, ZONES)))
@given(data=st.data(), granularity=granularities)
@random_cases(10)
def test_buckets_are_those_of_the_zones_clocks(
    dialect: Dialect, zone: str, data: st.DataObject, granularity: Granularity
) -> None:
    _agrees_with_the_clocks(dialect, zone, data, granularity)


# Each database knows of such a zone what it was built with, and its statements are long: one dialect, a few cases.
@given(data=st.data(), granularity=granularities)
@random_cases(45)
def test_a_zone_whose_rules_change_every_year_is_right_too(data: st.DataObject, granularity: Granularity) -> None:
    _agrees_with_the_clocks("sqlite", "Africa/Casablanca", data, granularity)


def _agrees_with_the_clocks(dialect: Dialect, zone: str, data: st.DataObject, granularity: Granularity) -> None:
    moments = data.draw(st.lists(st.one_of(_near_changes(zone), _since_1970()), min_size=1, max_size=20))
    row = DIALECTS[dialect]
    local = local_time(_moment(row), zone, row)
    for moment, clock, start in _select(dialect, moments, local, bucket(local.copy(), granularity, row)):
        expected = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
        whole = dialect == "sqlite"
        assert clock == (expected.replace(microsecond=0) if whole else expected)
        assert start == bucket_start(expected, granularity)


def _since_1970() -> st.SearchStrategy[datetime]:
    return st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2090, 1, 1)).map(_to_milliseconds)


@cache
def _near_changes(zone: str) -> st.SearchStrategy[datetime]:
    """Times within hours of a change of clocks."""
    info = ZoneInfo(zone)
    hours = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=12 * each) for each in range(2 * 365 * 90)]
    changes = [
        before
        for before, after in pairwise(hours)
        if before.astimezone(info).utcoffset() != after.astimezone(info).utcoffset()
    ]
    if not changes:
        return _since_1970()
    seconds = st.integers(-3600, 16 * 3600)
    return st.builds(
        lambda change, offset: (change + timedelta(seconds=offset)).replace(tzinfo=None),
        st.sampled_from(changes),
        seconds,
    )


def _to_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _moment(dialect: SqlDialect) -> exp.Expr:
    column = exp.Column(this=exp.Identifier(this="moment"))
    return column if dialect.text_times else exp.Cast(this=column, to=exp.DataType(this=exp.DType.TIMESTAMP))


def _select(
    dialect: Dialect, moments: Sequence[datetime], *trees: exp.Expr
) -> list[tuple[datetime, datetime, datetime]]:
    """Each of the moments with what the expressions make of it."""
    rows = ", ".join(f"('{moment.isoformat(' ', 'milliseconds')}')" for moment in moments)
    shown = ", ".join(tree.sql(dialect) for tree in trees)
    found = (
        _connection(dialect)
        .execute(
            f"SELECT moment, {shown} FROM (VALUES {rows}) AS v(moment)"
            if dialect != "sqlite"
            else f"WITH v(moment) AS (VALUES {rows}) SELECT moment, {shown} FROM v"
        )
        .fetchall()
    )
    first, second, third = ([_plain(row[index]) for row in found] for index in range(3))
    return list(zip(first, second, third, strict=True))


def _plain(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime.fromisoformat(str(value))


@cache
def _connection(dialect: Dialect) -> Connection:
    return connect(dialect)
