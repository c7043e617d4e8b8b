"""The smaller declarations of a member: granularities, windows, shifts, enumerations."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from engine.errors import Issue
from engine.model.granularity import PREDEFINED, UNIT_MONTHS, UNIT_SECONDS, Granularity
from engine.model.members import NonAdditive, RollingWindow, TimeShift, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.model.nodes import Node

_PART = re.compile(r"(-?\d+)\s+(second|minute|hour|day|week|month|quarter|year)s?")
_TO_DATE = {"year_to_date": "year", "quarter_to_date": "quarter", "month_to_date": "month"}
# Divisions of a coarser unit that need no origin: their buckets start anew with it.
_EVEN = {"month": 12, "quarter": 4, "hour": 24, "minute": 60, "second": 60}


def interval(text: str) -> tuple[int, int] | None:
    """An interval as (months, seconds), or None if it is not one.

    >>> interval("1 year 6 months"), interval("2 weeks"), interval("soon")
    ((18, 0), (0, 1209600), None)
    """
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text).strip(" ,"):
        return None
    months = sum(int(count) * UNIT_MONTHS.get(unit, 0) for count, unit in parts)
    seconds = sum(int(count) * UNIT_SECONDS.get(unit, 0) for count, unit in parts)
    return months, seconds


def granularities_of(node: Node, report: Callable[[Issue], None]) -> Mapping[str, Granularity]:
    """The granularities that a time dimension declares, by name."""
    found = {}
    for name, entry in node.named("granularities"):
        granularity = _granularity(name, entry, report)
        if granularity:
            found[name] = granularity
    return found


def _granularity(name: str, node: Node, report: Callable[[Issue], None]) -> Granularity | None:
    written = node.text("interval")
    if written is None:
        return None
    if name in PREDEFINED:
        message = (
            f"{name!r} is a unit of the calendar, which every time has; a granularity of one's own needs another name."
        )
        report(Issue("E_GRANULARITY", message, place=(node.get("name") or node).place, hint=f"Call it my_{name}, say."))
        return None
    place = (node.get("interval") or node).place
    length = interval(written)
    if length is None:
        hint = 'Write, for example, "1 year", "6 months" or "15 minutes".'
        report(Issue("E_GRANULARITY", f"{written!r} is not an interval.", place=place, hint=hint))
        return None
    months, seconds = length
    if months < 0 or seconds < 0 or not (months or seconds):
        hint = "Use a length above zero."
        report(Issue("E_GRANULARITY", f"Buckets of {written!r} have no fixed length.", place=place, hint=hint))
        return None
    origin = _origin(node, report)
    if origin is None and not _even(written):
        hint = "Add an `origin`, the start of any one bucket."
        report(Issue("E_GRANULARITY", f"Where buckets of {written!r} start is not determined.", place=place, hint=hint))
        return None
    return Granularity(name, months, seconds, origin or _default_origin(written, node), node.text("title"))


def _origin(node: Node, report: Callable[[Issue], None]) -> datetime | None:
    written = node.get("origin")
    if written is None:
        return None
    try:
        return datetime.fromisoformat(str(written.data)).replace(tzinfo=None, microsecond=0)
    except ValueError:
        if re.fullmatch(r"\d{4}", str(written.data)):
            return datetime(int(written.data), 1, 1)  # noqa: DTZ001 - local to whatever zone a query asks in
        if match := re.fullmatch(r"(\d{4})-(\d{2})", str(written.data)):
            return datetime(int(match[1]), int(match[2]), 1)  # noqa: DTZ001
        report(
            Issue("E_GRANULARITY", f"{written.data!r} is not a date.", place=written.place, hint="Write 2024-04-01.")
        )
        return None


def _even(written: str) -> bool:
    parts = _PART.findall(written)
    if len(parts) != 1:
        return False
    count, unit = int(parts[0][0]), parts[0][1]
    return unit == "year" or (unit in {"week", "day"} and count == 1) or (unit in _EVEN and _EVEN[unit] % count == 0)


def _default_origin(written: str, node: Node) -> datetime:
    """The start of the year 2000, or of its first whole week, moved by the declared offset."""
    monday = "week" in written
    start = datetime(2000, 1, 3 if monday else 1)  # noqa: DTZ001 - local to whatever zone a query asks in
    offset = interval(node.text("offset") or "") or (0, 0)
    month = start.month - 1 + offset[0]
    moved = start.replace(year=start.year + month // 12, month=month % 12 + 1)
    return datetime.fromordinal(moved.toordinal() + offset[1] // 86_400).replace(
        hour=offset[1] % 86_400 // 3_600, minute=offset[1] % 3_600 // 60, second=offset[1] % 60
    )


def rolling_window_of(node: Node) -> RollingWindow | None:
    """The rolling window that a measure declares."""
    window = node.get("rolling_window")
    if window is None or not isinstance(window.data, dict):
        return None
    kind = window.text("type")
    if kind in _TO_DATE or kind == "to_date":
        return RollingWindow(to_date=_TO_DATE.get(kind or "", window.text("granularity") or "year"))
    offset: Literal["start", "end"] = "start" if window.value("offset") == "start" else "end"
    return RollingWindow(_reach(window.text("trailing")), _reach(window.text("leading")), offset)


def _reach(written: str | None) -> tuple[int, str] | Literal["unbounded"] | None:
    if written is None or written == "unbounded":
        return "unbounded" if written else None
    match = _PART.fullmatch(written.strip())
    return (int(match[1]), match[2]) if match else None


def time_shifts_of(node: Node) -> tuple[TimeShift, ...]:
    """The shifts that a measure declares; prior ones count backwards."""
    shifts = []
    for entry in node.items("time_shift"):
        match = _PART.fullmatch((entry.text("interval") or "").strip())
        if match:
            sign = -1 if entry.value("type", "prior") == "prior" else 1
            shifts.append(TimeShift(sign * int(match[1]), match[2], entry.text("time_dimension")))
    return tuple(shifts)


def non_additive_of(node: Node) -> NonAdditive | None:
    """Along which dimension a measure must not be summed, and what is taken instead."""
    found = node.get("non_additive")
    if found is None or not found.text("dimension"):
        return None
    return NonAdditive(found.text("dimension") or "", found.value("choose", "last"))


def values_of(node: Node) -> tuple[Value, ...]:
    """The values of an enumeration."""
    found = node.value("values", ())
    if not isinstance(found, list):
        return ()
    values = []
    for entry in node.items("values"):
        if isinstance(entry.data, dict):
            name = str(entry.value("value", entry.value("name")))
            values.append(Value(name, entry.texts("aliases"), entry.text("title"), entry.text("description")))
        else:
            values.append(Value(str(entry.data)))
    return tuple(values)
