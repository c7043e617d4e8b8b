"""The grammar of dates: what each form means at the edges of days, years and changes of clocks, and what is refused."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import QueryError
from engine.query.dates import (
    KNOWN_FORMS,
    parse_bounds,
    parse_end,
    parse_phrase,
    parse_range,
    parse_start,
)

NOW = datetime(2025, 11, 22, 10, 20, 30, tzinfo=UTC)  # a Saturday
"""The moment at which the tests below ask, unless they say otherwise."""


def local(moment: datetime) -> str:
    """The wall-clock time, without the clock where it is midnight."""
    return moment.replace(tzinfo=None).isoformat().removesuffix("T00:00:00")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        # words
        ("today", "2025-11-22", "2025-11-23"),
        ("yesterday", "2025-11-21", "2025-11-22"),
        ("tomorrow", "2025-11-23", "2025-11-24"),
        ("now", "2025-11-22", "2025-11-23"),
        # one unit
        ("this week", "2025-11-17", "2025-11-24"),
        ("current month", "2025-11-01", "2025-12-01"),
        ("last quarter", "2025-07-01", "2025-10-01"),
        ("previous year", "2024-01-01", "2025-01-01"),
        ("next year", "2026-01-01", "2027-01-01"),
        ("this hour", "2025-11-22T10:00:00", "2025-11-22T11:00:00"),
        ("last minute", "2025-11-22T10:19:00", "2025-11-22T10:20:00"),
        ("next second", "2025-11-22T10:20:31", "2025-11-22T10:20:32"),
        # several units, without the one that runs
        ("last 30 days", "2025-10-23", "2025-11-22"),
        ("past three months", "2025-08-01", "2025-11-01"),
        ("last 2 qtrs", "2025-04-01", "2025-10-01"),
        ("next 2 weeks", "2025-11-24", "2025-12-08"),
        ("last 24 hours", "2025-11-21T10:00:00", "2025-11-22T10:00:00"),
        # counted from now
        ("3 months ago", "2025-08-22", "2025-08-23"),
        ("a year ago", "2024-11-22", "2024-11-23"),
        ("2 weeks ago by hour", "2025-11-08T10:00:00", "2025-11-08T11:00:00"),
        ("2 months ago by month", "2025-09-01", "2025-10-01"),
        ("in 3 days", "2025-11-25", "2025-11-26"),
        ("3 days from now", "2025-11-25", "2025-11-26"),
        ("90 minutes ago", "2025-11-22T08:50:00", "2025-11-22T08:51:00"),
        # days of the week: never today
        ("last monday", "2025-11-17", "2025-11-18"),
        ("last saturday", "2025-11-15", "2025-11-16"),
        ("this friday", "2025-11-21", "2025-11-22"),
        ("next saturday", "2025-11-29", "2025-11-30"),
        ("next sunday", "2025-11-23", "2025-11-24"),
        # to date
        ("YTD", "2025-01-01", "2025-11-23"),
        ("qtd", "2025-10-01", "2025-11-23"),
        ("MTD", "2025-11-01", "2025-11-23"),
        ("wtd", "2025-11-17", "2025-11-23"),
        ("year to date", "2025-01-01", "2025-11-23"),
        ("this month to date", "2025-11-01", "2025-11-23"),
        # edges
        ("start of last year", "2024-01-01", "2024-01-02"),
        ("the last day of february 2024", "2024-02-29", "2024-03-01"),
        # periods of the calendar
        ("2025", "2025-01-01", "2026-01-01"),
        ("2025-Q3", "2025-07-01", "2025-10-01"),
        ("Q3 2025", "2025-07-01", "2025-10-01"),
        ("q3 of 2025", "2025-07-01", "2025-10-01"),
        ("2025-W48", "2025-11-24", "2025-12-01"),
        ("2020-W53", "2020-12-28", "2021-01-04"),
        ("week 1 2025", "2024-12-30", "2025-01-06"),
        ("2025-11", "2025-11-01", "2025-12-01"),
        ("November 2025", "2025-11-01", "2025-12-01"),
        ("sept 2025", "2025-09-01", "2025-10-01"),
        ("in May 2025", "2025-05-01", "2025-06-01"),
        # days and instants
        ("2025-11-03", "2025-11-03", "2025-11-04"),
        ("Nov 3rd, 2025", "2025-11-03", "2025-11-04"),
        ("3 November 2025", "2025-11-03", "2025-11-04"),
        ("03-nov-2025", "2025-11-03", "2025-11-04"),
        ("2021-01-15 10:30", "2021-01-15", "2021-01-16"),
        # ranges
        ("from 2025-01-01 to now", "2025-01-01", "2025-11-23"),
        ("since 2025-01-01", "2025-01-01", "2025-11-23"),
        ("from last month", "2025-10-01", "2025-11-23"),
        ("2025-01-01 .. 2025-02-01", "2025-01-01", "2025-02-02"),
        ("2025-01-01/2025-02-01", "2025-01-01", "2025-02-02"),
        ("2025-01-01 – 2025-02-01", "2025-01-01", "2025-02-02"),
        ("between Q1 2025 and Q2 2025", "2025-01-01", "2025-07-01"),
        ("from last month to this month", "2025-10-01", "2025-12-01"),
        ("from 30 days ago to yesterday", "2025-10-23", "2025-11-22"),
        ("last monday through today", "2025-11-17", "2025-11-23"),
        ("from start of year to now", "2025-01-01", "2025-11-23"),
        ("from 1 hour ago to now", "2025-11-22T09:00:00", "2025-11-22T11:00:00"),
        ("from now to 2 days from now", "2025-11-22", "2025-11-25"),
        ("from 2025-01-15 10:30 to 2025-01-15T12:30:00.5", "2025-01-15T10:30:00", "2025-01-15T12:30:00.500000"),
        # spelling
        ("  LAST \t Month ", "2025-10-01", "2025-11-01"),
        ("in the last 7 days", "2025-11-15", "2025-11-22"),
        ("over the past week", "2025-11-10", "2025-11-17"),
    ],
)
def test_a_phrase_means_a_half_open_range(text: str, start: str, end: str) -> None:
    first, last = parse_range(text, now=NOW, time_zone="UTC")
    assert (local(first), local(last)) == (start, end)


@pytest.mark.parametrize("text", KNOWN_FORMS)
def test_each_form_that_messages_offer_is_understood(text: str) -> None:
    start, end = parse_range(text, now=NOW, time_zone="Europe/Berlin")
    assert start < end


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("unexpected date", '"unexpected date" is not a date that is understood'),
        ("from 2020-02-02 to invalid", '"invalid" (in "from 2020-02-02 to invalid") is not a date'),
        ("", '"" is not a date that is understood'),
        ("last month ago", "is not a date that is understood"),
        ("since last month by hour", "is not a date that is understood"),
        ("end of now", "is not a date that is understood"),
        ("monday", "is not a date that is understood"),
        ("november", "is not a date that is understood"),
        ("01/02/2025", "is not a date that is understood"),
        ("2025-02-30", "day is out of range for month"),
        ("2025-13", "month must be in 1..12"),
        ("2025-W53", "Invalid week: 53"),
        ("2025-11-22T25:00", "hour must be in 0..23"),
        ("last 0 days", "it covers no time at all"),
        ("last 99999 years", "date value out of range"),
        ("999999 days ago by year", "date value out of range"),
        ("9999-06-01", "years from 2 to 9998"),
        ("0001", "years from 2 to 9998"),
    ],
)
def test_what_is_not_a_date_is_refused_with_the_known_forms(text: str, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_range(text, now=NOW, time_zone="UTC")
    (issue,) = caught.value.issues
    assert issue.code == "E_DATE"
    assert reason in issue.message
    assert issue.hint is not None
    assert "last 30 days" in issue.hint


@pytest.mark.parametrize(
    "text", ["from 2025-02-02 to 2025-01-01", "since tomorrow", "2025-01-01T10:00 .. 2025-01-01T10:00"]
)
def test_a_range_that_holds_no_moment_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="is empty: it would start at"):
        parse_range(text, now=NOW, time_zone="UTC")


@pytest.mark.parametrize("zone", ["Europe/Berlim", "../etc/passwd", "Europe", ""])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(QueryError, match="E_TIME_ZONE"):
        parse_range("today", now=NOW, time_zone=zone)


@pytest.mark.parametrize(
    ("zone", "offered"),
    [("Europe/Berlim", "Europe/Berlin"), ("CEST", "Europe/Berlin"), ("New York", "America/New_York")],
)
def test_near_zones_are_offered(zone: str, offered: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_range("today", now=NOW, time_zone=zone)
    assert caught.value.issues[0].candidates[0] == offered


def test_today_is_the_day_of_the_zone_and_not_of_the_server() -> None:
    late = datetime(2024, 12, 31, 23, 30, tzinfo=UTC)
    assert local(parse_start("this year", now=late, time_zone="Europe/Berlin")) == "2025-01-01"
    assert local(parse_start("this year", now=late, time_zone="America/New_York")) == "2024-01-01"


def test_an_instant_with_an_offset_is_moved_into_the_zone() -> None:
    start = parse_start("2025-06-01T23:30:00Z", now=NOW, time_zone="Europe/Berlin")
    assert start.isoformat() == "2025-06-02T01:30:00+02:00"
    start, end = parse_range("2025-06-01T23:30:00+00:00", now=NOW, time_zone="Europe/Berlin")
    assert (local(start), local(end)) == ("2025-06-02", "2025-06-03")


class TestChangesOfClocks:
    """In Berlin, 2025-03-30 has 23 hours and 2025-10-26 has 25."""

    def test_days_start_and_end_at_midnight(self) -> None:
        for text, hours in (("2025-03-30", 23), ("2025-10-26", 25)):
            start, end = parse_range(text, now=NOW, time_zone="Europe/Berlin")
            assert end.timestamp() - start.timestamp() == hours * 3600
            assert (local(end), end.hour) == (local(start + timedelta(days=1)), 0)

    def test_several_hours_are_hours_that_pass(self) -> None:
        now = datetime(2025, 10, 26, 3, 30, tzinfo=UTC)
        start, end = parse_range("last 6 hours", now=now, time_zone="Europe/Berlin")
        assert end.timestamp() - start.timestamp() == 6 * 3600
        assert (local(start), local(end)) == ("2025-10-25T23:00:00", "2025-10-26T04:00:00")

    def test_an_hour_that_is_repeated_is_told_from_the_first_one(self) -> None:
        now = datetime(2025, 10, 26, 1, 30, tzinfo=UTC)
        this_start, this_end = parse_range("this hour", now=now, time_zone="Europe/Berlin")
        last_start, last_end = parse_range("last hour", now=now, time_zone="Europe/Berlin")
        assert this_start.isoformat() == last_end.isoformat() == "2025-10-26T02:00:00+01:00"
        assert last_start.isoformat() == "2025-10-26T02:00:00+02:00"
        assert (last_end - timedelta(minutes=1)).astimezone(ZoneInfo("Europe/Berlin")).hour == 2
        assert this_end.isoformat() == "2025-10-26T03:00:00+01:00"

    def test_hours_ago_are_counted_on_the_clock(self) -> None:
        now = datetime(2025, 10, 26, 12, 30, tzinfo=UTC)
        assert local(parse_start("24 hours ago", now=now, time_zone="Europe/Berlin")) == "2025-10-25T13:00:00"
        assert local(parse_start("90 minutes ago", now=now, time_zone="Europe/Berlin")) == "2025-10-26T12:00:00"

    def test_a_clock_time_that_was_skipped_becomes_the_one_shown_instead(self) -> None:
        now = datetime(2025, 3, 31, 0, 30, tzinfo=UTC)  # 02:30; a day before there was no such time
        assert (
            parse_start("1 day ago by hour", now=now, time_zone="Europe/Berlin").isoformat()
            == "2025-03-30T03:00:00+02:00"
        )


class TestEnds:
    """The two ends of a range, given apart."""

    @pytest.mark.parametrize(
        ("text", "start", "end"),
        [
            ("2025-01-31", "2025-01-31", "2025-02-01"),
            ("2025-01-31T18:00:00", "2025-01-31T18:00:00", "2025-01-31T18:00:00"),
            ("last month", "2025-10-01", "2025-11-01"),
            ("2025", "2025-01-01", "2026-01-01"),
            ("3 months ago", "2025-08-22", "2025-08-23"),
            ("now", "2025-11-22", "2025-11-23"),
        ],
    )
    def test_an_end_includes_the_unit_named_and_excludes_an_instant(self, text: str, start: str, end: str) -> None:
        assert local(parse_start(text, now=NOW, time_zone="UTC")) == start
        assert local(parse_end(text, now=NOW, time_zone="UTC")) == end

    def test_a_range_is_no_end(self) -> None:
        with pytest.raises(QueryError, match="is a range where a single date is wanted"):
            parse_end("from 2025-01-01 to 2025-02-01", now=NOW, time_zone="UTC")
        for text in ("soon", "since easter"):
            with pytest.raises(QueryError, match="is not a date that is understood") as caught:
                parse_end(text, now=NOW, time_zone="UTC")
            assert "last month" in str(caught.value)
            assert "from 2025-01-01 to now" not in str(caught.value), "which would be refused as well"

    @pytest.mark.parametrize(
        ("first", "last", "end"),
        [
            ("2025-01-01", "2025-01-31", "2025-02-01"),
            ("2025-01", "2025-02", "2025-03-01"),
            ("2025-01-01T00:00:00.000", "2025-01-31T23:59:59.999", "2025-02-01"),
            ("2025-01-01", "2025-01-31T23:59:59.999999", "2025-02-01"),
            ("2025-01-01", "2025-01-31T12:00:00", "2025-01-31T12:00:00.001000"),
            ("2025-01-01T12:00:00", "2025-01-01T12:00:00", "2025-01-01T12:00:00.001000"),
        ],
    )
    def test_cubes_bounds_include_an_instant_to_the_millisecond(self, first: str, last: str, end: str) -> None:
        assert local(parse_bounds(first, last, now=NOW, time_zone="Europe/Berlin")[1]) == end

    def test_cubes_bounds_stand_in_order(self) -> None:
        with pytest.raises(QueryError, match="Give the earlier date first"):
            parse_bounds("2025-02-01", "2025-01-01", now=NOW, time_zone="UTC")

    def test_a_phrase_tells_whether_it_is_an_instant(self) -> None:
        assert parse_phrase("2025-01-31", now=NOW, time_zone="UTC").unit == "day"
        assert parse_phrase("2025-01", now=NOW, time_zone="UTC").unit == "month"
        assert parse_phrase("2025-01-31T10:00", now=NOW, time_zone="UTC").is_instant
        assert not parse_phrase("today", now=NOW, time_zone="UTC").is_instant


@given(text=st.text(max_size=40))
def test_any_text_is_a_range_or_a_clear_error(text: str) -> None:
    try:
        start, end = parse_range(text, now=NOW, time_zone="UTC")
    except QueryError:
        return
    assert start < end


@given(
    now=st.integers(31_536_000, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe"]),
    unit=st.sampled_from(["second", "minute", "hour", "day", "week", "month", "quarter", "year"]),
)
def test_last_this_and_next_meet_without_a_gap(now: datetime, zone: str, unit: str) -> None:
    last, this, next_ = (parse_range(f"{word} {unit}", now=now, time_zone=zone) for word in ("last", "this", "next"))
    assert last[1].timestamp() == this[0].timestamp() <= now.timestamp() < this[1].timestamp() == next_[0].timestamp()
    assert parse_range(f"last 1 {unit}", now=now, time_zone=zone) == last
