"""Reads single fields of the API's records, which may be absent, null, empty or of another type than promised.

What is called `as_...` reads a value, the others the field of that name.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from ingest.moments import utc

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

Json = dict[str, Any]

LARGEST = 2**63 - 1
"""The greatest whole number of SQLite and PostgreSQL."""


class BadRecord(ValueError):
    """A record that cannot be kept: a field that it cannot do without is missing or makes no sense."""


def as_whole_number(value: Any) -> int | None:
    """An integer that a database can hold, or None."""
    return value if type(value) is int and -LARGEST <= value <= LARGEST else None


def whole_number(record: Json, name: str) -> int | None:
    """An integer, or None."""
    return as_whole_number(record.get(name))


def identity(record: Any, what: str) -> int:
    """The record's id; raises `BadRecord` without one."""
    found = whole_number(record, "id") if isinstance(record, dict) else None
    if found is None:
        raise BadRecord(f"a {what} without an id")
    return found


def known_ids(records: Iterable[Json]) -> set[int]:
    """The ids of the records that have one."""
    return {found for record in records if (found := whole_number(record, "id")) is not None}


def as_text(value: Any) -> str | None:
    """A text without blanks around it and without NUL, which PostgreSQL refuses; None if nothing is left."""
    if type(value) is not str:
        return None
    return (value.replace("\0", "") if "\0" in value else value).strip() or None


def text(record: Json, name: str) -> str | None:
    """A text without blanks around it, None if nothing is left."""
    return as_text(record.get(name))


def flag(record: Json, name: str) -> bool:
    """True only where the API says so."""
    return record.get(name) is True


def as_moment(value: Any, name: str) -> datetime | None:
    """A time in UTC; raises `BadRecord`, telling the field's name, for a text that is no time."""
    found = as_text(value)
    try:
        return utc(found) if found else None
    except ValueError as error:
        raise BadRecord(f'{name} is "{found}", which is no time') from error


def moment(record: Json, name: str) -> datetime | None:
    """A time in UTC; raises `BadRecord` for a text that is no time."""
    return as_moment(record.get(name), name)


def as_part(value: Any) -> Json:
    """An object, empty where there is none."""
    return value if isinstance(value, dict) else {}


def part(record: Json, name: str) -> Json:
    """An object inside the record, empty where there is none."""
    return as_part(record.get(name))


def as_parts(value: Any) -> list[Json]:
    """The objects of a list; an object alone is a list of one."""
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def parts(record: Json, name: str) -> list[Json]:
    """The objects of a list inside the record; an object alone is a list of one."""
    return as_parts(record.get(name))


def as_texts(value: Any) -> list[str]:
    """The texts of a list; a text alone is a list of one."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def texts(record: Json, name: str) -> list[str]:
    """The texts of a list inside the record; a text alone is a list of one."""
    return as_texts(record.get(name))


def joined(values: Iterable[str | None]) -> str | None:
    """The values once each, in order of the alphabet, in one text; None if there are none.

    >>> joined(["tablet", None, "smartphone", "tablet"])
    'smartphone, tablet'
    """
    return ", ".join(sorted({value for value in values if value})) or None


def read_value(content: bytes, root: str, kind: Any = Any) -> Any:
    """What an object in JSON holds under its one key, decoded as this type; nothing is made of other keys.

    Raises `msgspec.ValidationError` where the key is missing or holds another type, ValueError for what is no JSON.
    """
    return _reader(root, kind).decode(content).value


@lru_cache(maxsize=16)
def _reader(root: str, kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(msgspec.defstruct("Answer", [("value", kind)], rename={"value": root}))


def dump(value: Any) -> str:
    """A value as compact JSON."""
    return msgspec.json.encode(value).decode()
