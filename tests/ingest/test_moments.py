"""Times are kept in UTC, whatever the offset and the form that they come in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.moments import utc

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


WHEN = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.one_of(st.none(), OFFSETS))  # noqa: DTZ001


@given(WHEN, st.sampled_from(["T", " "]), st.sampled_from(["seconds", "milliseconds", "microseconds", "minutes"]))
def test_a_time_is_the_same_instant(moment: datetime, separator: str, precision: str) -> None:
    text = moment.isoformat(separator, precision)
    sent = datetime.fromisoformat(text)
    assert utc(text) == (sent.astimezone(UTC).replace(tzinfo=None) if sent.tzinfo else sent)


@pytest.mark.parametrize(
    "text", ["20250401T003000.123+02:00", "2025-W14-2T00:30:00+02:00", "2025-04-01T00:30:00.12345"]
)
def test_other_forms_of_the_same_length_are_read(text: str) -> None:
    sent = datetime.fromisoformat(text)
    assert utc(text) == (sent.astimezone(UTC).replace(tzinfo=None) if sent.tzinfo else sent)


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+02:00",
        "9999-12-31T23:59:59.5-02:00",
        "2025-04-01T00:30:00+2:000",
        "2025-02-30T00:30:00+02:00",
        "2025-04-01T00:30:00xxxxxx",
        "soon",
    ],
)
def test_what_is_no_time_or_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        utc(text)
