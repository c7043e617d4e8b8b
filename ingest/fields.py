"""Reads single fields of the API's records, which may be absent, null, empty or of another type than promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from ingest.moments import utc

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

Json = dict[str, Any]


class BadRecord(ValueError):
    """A record that cannot be kept: a field that it cannot do without is missing or makes no sense."""


def whole_number(record: Json, name: str) -> int | None:
    """An integer, or None."""
    value = record.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def identity(record: Any, what: str) -> int:
    """The record's id; raises `BadRecord` without one."""
    found = whole_number(record, "id") if isinstance(record, dict) else None
    if found is None:
        raise BadRecord(f"a {what} without an id")
    return found


def known_ids(records: Iterable[Json]) -> set[int]:
    """The ids of the records that have one."""
    return {found for record in records if (found := whole_number(record, "id")) is not None}


def text(record: Json, name: str) -> str | None:
    """A text without blanks around it, None if nothing is left."""
    value = record.get(name)
    return (value.strip() or None) if isinstance(value, str) else None


def flag(record: Json, name: str) -> bool:
    """True only where the API says so."""
    return record.get(name) is True


def moment(record: Json, name: str) -> datetime | None:
    """A time in UTC; raises `BadRecord` for a text that is no time."""
    value = text(record, name)
    try:
        return utc(value) if value else None
    except ValueError as error:
        raise BadRecord(f'{name} is "{value}", which is no time') from error


def part(record: Json, name: str) -> Json:
    """An object inside the record, empty where there is none."""
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def parts(record: Json, name: str) -> list[Json]:
    """The objects of a list inside the record; an object alone is a list of one."""
    value = record.get(name)
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(record: Json, name: str) -> list[str]:
    """The texts of a list inside the record; a text alone is a list of one."""
    value = record.get(name)
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def joined(values: Iterable[str | None]) -> str | None:
    """The values once each, in order of the alphabet, in one text; None if there are none.

    >>> joined(["tablet", None, "smartphone", "tablet"])
    'smartphone, tablet'
    """
    return ", ".join(sorted({value for value in values if value})) or None


def dump(value: Any) -> str:
    """A value as compact JSON."""
    return orjson.dumps(value).decode()
