"""What is read of a bug's JSON: all that is kept, from records as the API should not send them too."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from ingest.bug_records import DEVICE_COLUMNS, BugRecord, read_bug_texts, shape_bug
from ingest.fields import LARGEST, BadRecord
from ingest.moments import utc
from ingest.records import Origin

ORIGIN = Origin(7, utc("2026-01-02T03:04:05"))
WHOLE: dict[str, Any] = {
    "id": 11,
    "title": "  Cart is empty ",
    "severity": "high",
    "test": {"id": 5, "title": "A test"},
    "feature": {"id": 21, "title": "Cart"},
    "test_feature": {"id": 31, "feature_id": 22},
    "author": {"name": "tara"},
    "language": "en",
    "location": "",
    "expected_result": None,
    "actual_result": "It is\u0000 empty.",
    "steps": ["Open.", "Look."],
    "devices": [
        {
            "id": 1,
            "operating_system": {"name": "iOS 16.6"},
            "devices": {"name": "iPhone 15"},
            "vendor": {"name": "Apple"},
            "category": {"name": "smartphone"},
            "browsers": [{"name": "Safari"}, {"name": "Chrome"}],
        }
    ],
    "reported_at": "2025-04-01T00:30:00+02:00",
    "exported_at": None,
    "status": "rejected",
    "auto_accepted": False,
    "known": True,
    "comments": [{"body": "This is a legit bug but already known."}],
    "report": {"of": ["no", "interest"]},
}


def shaped(**changes: Any) -> BugRecord:
    return shape_bug(json.dumps(WHOLE | changes), ORIGIN)


def test_all_that_is_kept_is_read() -> None:
    sent = json.dumps(WHOLE, indent=1)
    record = shape_bug(sent, ORIGIN)
    assert asdict(record.row) == {
        "id": 11,
        "customer_id": 7,
        "test_id": 5,
        "title": "Cart is empty",
        "severity": "high",
        "status": "rejected",
        "known": True,
        "rejection_reason": "known_bug",
        "reported_at": utc("2025-03-31T22:30:00"),
        "exported_at": None,
        "language": "en",
        "location": None,
        "expected_result": None,
        "actual_result": "It is empty.",
        "steps": "Open.\nLook.",
        "synced_at": ORIGIN.at,
        "raw_data": sent,
    }
    assert (record.test_feature_id, record.reported_by, record.feature_id, record.feature_title) == (
        31,
        "tara",
        22,
        "Cart",
    )
    assert [dict(zip(DEVICE_COLUMNS, device, strict=True)) for device in record.devices] == [
        {
            "operating_system": "iOS",
            "operating_system_version": "16.6",
            "device": "iPhone 15",
            "vendor": "Apple",
            "category": "smartphone",
            "browser": "Chrome, Safari",
        }
    ]


@pytest.mark.parametrize(
    ("status", "auto_accepted", "kept"),
    [("accepted", True, "auto_accepted"), ("accepted", None, "accepted"), ("rejected", True, "rejected"), (3, 1, None)],
)
def test_an_acceptance_by_lapse_of_time_is_a_status_of_its_own(status: Any, auto_accepted: Any, kept: str) -> None:
    assert shaped(status=status, auto_accepted=auto_accepted).row.status == kept


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"id": None}, "without an id"),
        ({"id": True}, "without an id"),
        ({"id": LARGEST + 1}, "without an id"),
        ({"test": None}, "test of bug 11 without an id"),
        ({"test": {"id": "5"}}, "test of bug 11 without an id"),
        ({"reported_at": "yesterday"}, 'reported_at is "yesterday", which is no time'),
    ],
)
def test_what_cannot_be_kept_is_told(changes: dict[str, Any], what: str) -> None:
    with pytest.raises(BadRecord, match=what):
        shaped(**changes)


@pytest.mark.parametrize(
    "sent", ["[]", "17", "null", '{"id": 1e999}', '{"id": 1, "test": {"id": 2}, "devices": 1e999}']
)
def test_what_is_no_record_is_told(sent: str) -> None:
    with pytest.raises(BadRecord, match="a bug that cannot be read"):
        shape_bug(sent, ORIGIN)


def test_a_part_that_is_no_object_counts_as_absent_and_the_rest_is_read() -> None:
    record = shaped(author="tara", test_feature=[31], feature=None)
    assert (record.reported_by, record.test_feature_id, record.feature_id, record.feature_title) == (
        None,
        None,
        None,
        None,
    )
    whole = shaped()
    assert record.row == replace(whole.row, raw_data=record.row.raw_data)
    assert record.devices == whole.devices


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "name", "title", "body"]), inner)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(WHOLE)), VALUES))
def test_fields_of_any_type_are_read_or_told(changes: dict[str, Any]) -> None:
    try:
        record = shaped(**changes)
    except BadRecord:
        return
    kinds = {"id": int, "test_id": int, "known": bool, "synced_at": datetime}
    for name, value in asdict(record.row).items():
        wanted = kinds.get(name, int if name.endswith("_id") else datetime if name.endswith("_at") else str)
        assert value is None or type(value) is wanted, name


def test_bugs_are_told_apart_as_they_came() -> None:
    answer = b'{"meta": {"pages": 1}, "bugs": [{"id": 1} , [2], "\xc3\xbc"]}'
    assert read_bug_texts(answer, "bugs") == ['{"id": 1}', "[2]", '"\u00fc"']
    assert read_bug_texts(b'{"bugs": null}', "bugs") == []


@pytest.mark.parametrize(
    "sent", [b'{"bugs": {}}', b'{"bugs": 17}', b'{"bugs": ["\xff"]}', b'{"bugs": [1, 2', b'{"bug": []}', b"[]", b""]
)
def test_what_is_no_list_of_bugs_is_refused(sent: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_bug_texts(sent, "bugs")
