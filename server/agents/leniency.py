"""Forms that are not ours but whose meaning is certain: read as they are meant, and told in the notes.

    {"metric": "bug_count", "filters": "{\\"severity\\": {\\"operator\\": \\"eq\\", …"}
    {"metrics": ["bug_count"], "filters": {"severity": {"operator": "equals", …

What could be meant in two ways is left as it is, and refused.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from engine.model.operators import operator_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CERTAIN = {
    "metric": "metrics",
    "measure": "metrics",
    "measures": "metrics",
    "dimension": "dimensions",
    "group_by": "dimensions",
    "groupby": "dimensions",
    "segment": "segments",
    "filter": "filters",
    "where": "filters",
    "having": "filters",
    "order_by": "sort_by",
    "sort": "sort_by",
    "from": "start_date",
    "since": "start_date",
    "to": "end_date",
    "until": "end_date",
    "max_rows": "limit",
    "time_zone": "timezone",
    "tz": "timezone",
    "grain": "granularity",
    "time_grain": "granularity",
    "compare_to": "compare",
    "compare_with": "compare",
}
"""What callers write for an argument where they can mean no other."""

_CUBES = "timeDimensions"
_LISTS = ("metrics", "dimensions", "segments", "compare")
_FLAGS = ("fill", "total", "totals")
_JUNCTIONS = frozenset({"or", "and"})


def lenient(arguments: Mapping[str, Any], known: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """The arguments in their right form, without those that are null, and what was read otherwise than it was written."""
    reading = _Reading(known)
    call = reading.renamed({name: value for name, value in arguments.items() if value is not None})
    call = {name: reading.value(name, value) for name, value in call.items()}
    if "date_range" not in known and "date_range" in call:
        reading.date_range(call)
    if _CUBES not in known and _CUBES in call:
        reading.time_dimensions(call)
    return call, reading.told


class _Reading:
    def __init__(self, known: Sequence[str]) -> None:
        self.known = known
        self.told: list[str] = []

    def renamed(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in arguments.items():
            right = CERTAIN.get(name.lower(), name)
            if (
                right != name
                and name not in self.known
                and right in self.known
                and right not in arguments | found.keys()
            ):
                self.told.append(f"{name!r} was read as {right!r}.")
                found[right] = value
            else:
                found[name] = value
        return found

    def value(self, name: str, value: Any) -> Any:
        if name in _LISTS:
            return self._list(name, value)
        if name == "filters":
            return self._filters(value)
        if name == "limit" and isinstance(value, str) and value.strip().isdecimal():
            return int(value)
        if name == "limit" and isinstance(value, float) and value.is_integer():
            return int(value)
        if name == "sort_by" and isinstance(value, list) and len(value) == 1:
            return value[0]
        if name in _FLAGS and isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        return value

    def date_range(self, call: dict[str, Any]) -> None:
        """A range in one argument, as its start and its end."""
        written = call["date_range"]
        if isinstance(written, str):
            written = [written, written] if " to " not in written else written.split(" to ")
        written = [written.get("start"), written.get("end")] if isinstance(written, dict) else written
        ends = [each.strip() for each in written if isinstance(each, str)] if isinstance(written, list) else []
        if len(ends) == 2 == len(written) and not call.keys() & {"start_date", "end_date"}:
            del call["date_range"]
            call["start_date"], call["end_date"] = ends
            self.told.append("'date_range' was read as 'start_date' and 'end_date'.")

    def time_dimensions(self, call: dict[str, Any]) -> None:
        """A time dimension as Cube writes it, in arguments of ours."""
        entries = call[_CUBES]
        entry = entries[0] if isinstance(entries, list) and len(entries) == 1 else entries
        if not isinstance(entry, dict) or not entry.keys() <= {"dimension", "granularity", "dateRange"}:
            return
        dates = entry.get("dateRange")
        ends = dates if isinstance(dates, list) and len(dates) == 2 else [dates, dates]
        names = ("time_dimension", "granularity", "start_date", "end_date")
        meant = dict(zip(names, [entry.get("dimension"), entry.get("granularity"), *ends], strict=True))
        if all(isinstance(each, str | None) for each in meant.values()) and not call.keys() & meant.keys():
            del call[_CUBES]
            call |= {name: value for name, value in meant.items() if value is not None}
            self.told.append(f"{_CUBES!r} was read as {', '.join(repr(name) for name in meant if name in call)}.")

    def _list(self, name: str, value: Any) -> Any:
        if not isinstance(value, str):
            return _one_range(value) if name == "compare" else value
        found = _parsed(value)
        if isinstance(found, list):
            self.told.append(f"The text in {name} was read as a list.")
            return found
        if not value.strip():
            return []
        names = [each.strip() for each in value.split(",")]
        self.told.append(f"{name} was read as the list {json.dumps(names, ensure_ascii=False)}.")
        return names

    def _filters(self, value: Any) -> Any:
        found = _parsed(value) if isinstance(value, str) else value
        if found is not value:
            self.told.append("The text in filters was read as an object.")
        if isinstance(found, dict):
            found = {member: self._operator(entry) for member, entry in found.items()}
            between = [member for member, entry in found.items() if _is_between_numbers(entry)]
            if not between and not found.keys() & _JUNCTIONS:
                return found
            self.told += ["The operator 'between' was read as 'gte' and 'lte'."] if between else []
            return self._conditions(found)
        return [self._operator(entry) for entry in found] if isinstance(found, list) else found

    def _conditions(self, written: Mapping[str, Any]) -> list[Any]:
        """Filters by member, as a list of conditions: `or` and `and` may hold such filters too."""
        conditions: list[Any] = []
        for name, entry in written.items():
            if name in _JUNCTIONS and isinstance(entry, list):
                parts = [self._conditions(part) if _is_by_member(part) else [part] for part in entry]
                conditions.append({name: [each[0] if len(each) == 1 else {"and": each} for each in parts]})
            elif _is_between_numbers(entry):
                ends = zip(("gte", "lte"), entry["values"], strict=True)
                conditions += [{"member": name, "operator": operator, "values": [end]} for operator, end in ends]
            elif isinstance(entry, dict):
                conditions.append({"member": name, **entry})
            else:
                values = entry if isinstance(entry, list) else [entry]
                conditions.append({"member": name, "operator": "equals", "values": values})
        return conditions

    def _operator(self, entry: Any) -> Any:
        """A condition with its operator under the name that the schema lists."""
        spelling = entry.get("operator") if isinstance(entry, dict) else None
        operator = operator_named(spelling) if isinstance(spelling, str) else None
        if operator is None or operator.name == spelling or _is_between_numbers(entry):
            return entry
        told = f"The operator {spelling!r} was read as {operator.name!r}."
        self.told += [told] if told not in self.told else []
        return {**entry, "operator": operator.name}


def _is_by_member(part: Any) -> bool:
    """Whether filters inside a junction are written by member, as outside of it."""
    return isinstance(part, dict) and bool(part) and not part.keys() & {"member", "dimension", "operator", *_JUNCTIONS}


def _is_between_numbers(entry: Any) -> bool:
    if not isinstance(entry, dict) or str(entry.get("operator")).lower() != "between":
        return False
    values = entry.get("values")
    return isinstance(values, list) and len(values) == 2 and all(isinstance(each, int | float) for each in values)


def _one_range(value: Any) -> Any:
    """What is compared with, as a list of ranges, where it was written as the two days of one."""
    if (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(each, str) and each[:4].isdecimal() for each in value)
    ):
        return [value]
    return value


def _parsed(text: str) -> Any:
    """The list or object that a text of JSON is; any other text as it is."""
    if text.strip()[:1] in {"[", "{"}:
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    return text
