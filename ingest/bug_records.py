"""Turns the API's bugs into rows of our tables. Nearly all that a sync reads are bugs.

So what is kept of a bug's JSON is read from it, field by field, and nothing is made of the rest; the JSON itself is stored
as it came.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ingest.fields import (
    BadRecord,
    Json,
    as_moment,
    as_part,
    as_parts,
    as_text,
    as_texts,
    as_whole_number,
    joined,
    read_value,
)
from ingest.rejections import rejection_reason

if TYPE_CHECKING:
    from datetime import datetime

    from ingest.records import Origin

Shape = TypeVar("Shape")
Device = tuple[str | None, ...]
"""The values of `DEVICE_COLUMNS`."""

DEVICE_COLUMNS = ("operating_system", "operating_system_version", "device", "vendor", "category", "browser")


class BugRow(msgspec.Struct, frozen=True, gc=False):
    """A bug's columns, but for its reporter and the feature of its test, whose ids only the database knows."""

    id: int
    customer_id: int
    test_id: int
    title: str
    severity: str | None
    status: str | None
    known: bool
    rejection_reason: str | None
    reported_at: datetime | None
    exported_at: datetime | None
    language: str | None
    location: str | None
    expected_result: str | None
    actual_result: str | None
    steps: str | None
    synced_at: datetime
    raw_data: str


class BugRecord(msgspec.Struct, frozen=True, gc=False):
    """A bug's row, its devices, and what it says of its reporter and of its feature."""

    row: BugRow
    test_feature_id: int | None
    reported_by: str | None
    devices: tuple[Device, ...]
    feature_id: int | None
    feature_title: str | None


class _Part(msgspec.Struct, gc=False):
    """What the API sends of something that a bug names; each field may be of another type than promised."""

    id: Any = None
    feature_id: Any = None
    title: Any = None
    name: Any = None


_NOTHING = _Part()


class _Sent(msgspec.Struct, gc=False):
    """What the API sends of a bug, as far as it is kept; each field may be of another type than promised."""

    id: Any = None
    test: _Part | None = None
    test_feature: _Part | None = None
    feature: _Part | None = None
    author: _Part | None = None
    title: Any = None
    severity: Any = None
    status: Any = None
    auto_accepted: Any = None
    known: Any = None
    comments: msgspec.Raw = msgspec.Raw()
    reported_at: Any = None
    exported_at: Any = None
    language: Any = None
    location: Any = None
    expected_result: Any = None
    actual_result: Any = None
    steps: Any = None
    devices: msgspec.Raw = msgspec.Raw()


_BUG = msgspec.json.Decoder(_Sent)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_PARTS = ("test", "test_feature", "feature", "author")
_ANY = msgspec.json.Decoder()


def read_bug_texts(content: bytes, root: str) -> list[str]:
    """The JSON of each bug of an answer's list; raises ValueError for what is no list."""
    return [str(one, "utf-8") for one in read_value(content, root, list[msgspec.Raw] | None) or ()]


def shape_bug(sent: str, origin: Origin) -> BugRecord:
    """A bug, given as its JSON, with the devices it was seen on; raises `BadRecord`."""
    bug = _read(sent)
    bug_id, test_id = as_whole_number(bug.id), as_whole_number((bug.test or _NOTHING).id)
    if bug_id is None or test_id is None:
        raise BadRecord("a bug without an id" if bug_id is None else f"a test of bug {bug_id} without an id")
    reference, feature = bug.test_feature or _NOTHING, bug.feature or _NOTHING
    status = as_text(bug.status)
    # Values by place, in the order of the fields: there are so many bugs that naming each would be a tenth of the work.
    row = BugRow(
        bug_id,
        origin.customer_id,
        test_id,
        as_text(bug.title) or "Untitled",
        as_text(bug.severity),
        "auto_accepted" if status == "accepted" and bug.auto_accepted is True else status,
        bug.known is True,
        _rejection_reason(bug.comments) if status == "rejected" else None,
        as_moment(bug.reported_at, "reported_at"),
        as_moment(bug.exported_at, "exported_at"),
        as_text(bug.language),
        as_text(bug.location),
        as_text(bug.expected_result),
        as_text(bug.actual_result),
        "\n".join(as_texts(bug.steps)) or None,
        origin.at,
        sent,
    )
    return BugRecord(
        row,
        as_whole_number(reference.id),
        as_text((bug.author or _NOTHING).name),
        _devices(bytes(bug.devices)),
        as_whole_number(reference.feature_id) or as_whole_number(feature.id),
        as_text(feature.title),
    )


def _read(sent: str) -> _Sent:
    try:
        return _BUG.decode(sent)
    except ValueError:  # a part that is no object counts as absent
        fields = _decode(sent, _FIELDS)
        kept = {name: one for name, one in fields.items() if name not in _PARTS or bytes(one).startswith(b"{")}
        return _decode(msgspec.json.encode(kept), _BUG)


def _rejection_reason(comments: msgspec.Raw) -> str | None:
    sent = as_parts(_decode(comments, _ANY)) if comments else []
    return rejection_reason([body for comment in sent if (body := as_text(comment.get("body")))])


def _decode(sent: msgspec.Raw | bytes | str, decoder: msgspec.json.Decoder[Shape]) -> Shape:
    try:
        return decoder.decode(sent)
    except ValueError as error:
        raise BadRecord(f"a bug that cannot be read: {error}") from error


@lru_cache(maxsize=4096)
def _devices(sent: bytes) -> tuple[Device, ...]:
    """What a bug was seen on. Many bugs are seen on few devices, so each is taken apart once."""
    return tuple(map(_device, as_parts(_decode(sent, _ANY)))) if sent else ()


def _device(record: Json) -> Device:
    system, version = split_version(as_text(as_part(record.get("operating_system")).get("name")))
    others = (_names(record.get(name)) for name in ("devices", "vendor", "category", "browsers"))
    return (system, version, *others)


def _names(sent: Any) -> str | None:
    """The name of what stands there, or the names of all that do."""
    found = as_parts(sent)
    names = [as_text(one.get("name")) for one in found]
    return names[0] if len(names) == 1 else joined(names)


def split_version(name: str | None) -> tuple[str | None, str | None]:
    """An operating system's name without the version that stands at its end, and that version.

    >>> split_version("Android 13"), split_version("Windows"), split_version("iOS 17.4.1")
    (('Android', '13'), ('Windows', None), ('iOS', '17.4.1'))
    """
    found = re.fullmatch(r"(.*\S)\s+(\d[\w.]*)", name or "")
    return (found[1], found[2]) if found else (name, None)
