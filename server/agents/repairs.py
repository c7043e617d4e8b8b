"""How a refused call is repaired, by the code of the issue: each repair changes one thing, in place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.spelling import near
from server.agents.meanings import bucket_meant, conditions_meant, time_of_bucket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine import Issue
    from server.agents.source import Source

Call = dict[str, Any]

_PLACES = {"measures": "metrics", "dimensions": "dimensions", "metrics": "metrics"}
_INDEXED = re.compile(r"(measures|metrics|dimensions)\[(\d+)\]")
_FILTERED = re.compile(r"filters(?:\.(?P<name>[^\[\].]+(?:\.[^\[\].]+)?)|\[(?P<index>\d+)\])(?P<rest>.*)")
_FILTER_KEYS = frozenset({"member", "operator", "values", "value", "and", "or", "dimension"})
_DEFAULT_DATES = "last 30 days"


@dataclass(frozen=True, slots=True)
class Case:
    """A call, one thing that is wrong with it, and where it would be answered from."""

    call: Call
    issue: Issue
    source: Source


def _rename_key(case: Case) -> None:
    """A key of a filter that was misspelt, or is the operator."""
    entry = _filter_at(case.call, case.issue.member or "")
    if entry is None or _put_meant(case):
        return
    for key in entry.keys() - _FILTER_KEYS:
        value = entry.pop(key)
        if case.issue.candidates:
            entry.setdefault(case.issue.candidates[0], value)


def _replace_name(case: Case) -> None:
    """A name that does not exist, by the nearest one that does; without one it is left out."""
    place = case.issue.member or ""
    if match := _INDEXED.match(place):
        names = _list(case.call, _PLACES[match[1]])
        wanted = str(names[int(match[2])]) if int(match[2]) < len(names) else ""
        bucket = bucket_meant(wanted, case.source.dimensions()) if match[1] == "dimensions" else None
        names[int(match[2]) : int(match[2]) + 1] = case.issue.candidates[:1] if bucket is None else []
        case.call[_PLACES[match[1]]] = list(dict.fromkeys(names))
        if bucket is not None:
            case.call["time_dimension"], case.call["granularity"] = bucket
    elif place.startswith("filters"):
        _replace_filter(case.call, place, case.issue.candidates)
    elif place == "time_dimension" or place.startswith("timeDimensions"):
        case.call["time_dimension"] = next(iter(case.issue.candidates), None)


def _replace_filter(call: Call, place: str, candidates: tuple[str, ...]) -> None:
    match = _FILTERED.match(place.removesuffix(".member"))
    filters = call.get("filters")
    if match is None:
        return
    if match["name"] and isinstance(filters, dict):
        value = filters.pop(match["name"], None)
        if candidates:
            filters[candidates[0]] = value
    elif match["index"] and isinstance(filters, list):
        if candidates:
            filters[int(match["index"])]["member"] = candidates[0]
        else:
            del filters[int(match["index"])]


def _move_name(case: Case) -> None:
    """A dimension among the metrics, or the other way round."""
    match = _INDEXED.match(case.issue.member or "")
    if match is None:
        return
    here = _PLACES[match[1]]
    there = "dimensions" if here == "metrics" else "metrics"
    names = _list(case.call, here)
    if int(match[2]) >= len(names):
        return
    moved = names.pop(int(match[2]))
    case.call[here], case.call[there] = names, list(dict.fromkeys([*_list(case.call, there), moved]))


def _replace_value(case: Case) -> None:
    """A value that the enumeration does not know, by the one that is nearest; without a near one the filter is left out."""
    entry = _filter_at(case.call, case.issue.member or "")
    if entry is None or "Did you mean" not in (case.issue.hint or ""):
        _drop_filter(case)
        return
    key = "values" if "values" in entry else "value"
    values = entry[key] if isinstance(entry[key], list) else [entry[key]]
    fixed = [case.issue.candidates[0] if repr(str(value)) in case.issue.message else value for value in values]
    entry[key] = fixed if len(fixed) > 1 or isinstance(entry[key], list) else fixed[0]
    _put_filter(case.call, case.issue.member or "", entry)


def _replace_operator(case: Case) -> None:
    entry = _filter_at(case.call, case.issue.member or "")
    if entry is not None and not _put_meant(case):
        entry["operator"] = next(iter(case.issue.candidates), "equals")
        _put_filter(case.call, case.issue.member or "", entry)


def _drop_filter(case: Case) -> None:
    """A filter that no value is known for; one on buckets of time is one on the time, and "> 4" is a comparison."""
    place = (case.issue.member or "").removesuffix(".member")
    match, filters = _FILTERED.match(place), case.call.get("filters")
    time = time_of_bucket(match["name"], case.source.model) if match and match["name"] else None
    if time and isinstance(filters, dict) and time not in filters:
        _replace_filter(case.call, place, (time,))
    elif place.startswith("filters") and not _put_meant(case):
        _replace_filter(case.call, place, ())


def _shorten(case: Case) -> None:
    """What exceeds a limit of the model, down to the limit: the last number that the message names."""
    most = int(re.findall(r"\d[\d,]*", case.issue.message)[-1].replace(",", ""))
    place = case.issue.member or ""
    if place == "limit":
        case.call["limit"] = most
    elif place in {"dimensions", "metrics"}:
        spare = 1 if place == "dimensions" and case.call.get("granularity") else 0
        case.call[place] = _list(case.call, place)[: max(most - spare, 0)]


def _drop_unreachable(case: Case) -> None:
    """A dimension or filter that the metric cannot be asked by; instead of a dimension, the offered one of the nearest name."""
    asked, filters, name = _list(case.call, "dimensions"), case.call.get("filters"), case.issue.member or ""
    offered = [each for each in near(name, case.issue.candidates, most=1) if each not in asked]
    if name in asked:
        index = asked.index(name)
        asked[index : index + 1] = offered
    elif isinstance(filters, dict) and name in filters:
        del filters[name]
    else:
        del asked[-1:]
    case.call["dimensions"] = asked


def _order_by_result(case: Case) -> None:
    case.call["sort_by"] = next(iter(case.issue.candidates), None) or next(iter(_list(case.call, "metrics")), None)


def _other_dates(case: Case) -> None:
    """Dates that nobody understands, by an example; dates the wrong way round, by their exchange."""
    start, end = case.call.get("start_date"), case.call.get("end_date")
    if "before it starts" in case.issue.message:
        case.call["start_date"], case.call["end_date"] = end, start
        return
    for name in ("start_date", "end_date"):
        if (
            isinstance(case.call.get(name), str)
            and f'"{case.call[name].strip().lower()}"' in case.issue.message.lower()
        ):
            case.call[name] = _DEFAULT_DATES


def _other_granularity(case: Case) -> None:
    if "is no time" in case.issue.message:
        case.call.pop("time_dimension", None)
    else:
        case.call["granularity"] = next(iter(case.issue.candidates), "month")


def _other_comparison(case: Case) -> None:
    """A comparison without dates of its own: of last month; any other that cannot be made: left out."""
    if case.call.get("start_date"):
        case.call.pop("compare", None)
    else:
        case.call["start_date"] = case.call["end_date"] = "last month"


def _no_time_dimension(case: Case) -> None:
    case.call.pop("time_dimension", None)


def _other_zone(case: Case) -> None:
    case.call["timezone"] = next(iter(case.issue.candidates), "UTC")


def _well_formed(case: Case) -> None:
    """A part of the wrong type: left out. A question about nothing: about the first metric."""
    if case.issue.member == "query":
        case.call["metrics"] = case.source.metrics()[:1]
    place = re.split(r"[.\[]", case.issue.member or "")[0]
    case.call.pop(_PLACES.get(place, place), None)


REPAIRS: dict[str, Callable[[Case], None]] = {
    "E_UNKNOWN_KEY": _rename_key,
    "E_NAME_NOT_FOUND": _replace_name,
    "E_WRONG_KIND": _move_name,
    "E_VALUE_UNKNOWN": _replace_value,
    "E_VALUE": _drop_filter,
    "E_FILTER": _drop_filter,
    "E_OPERATOR": _replace_operator,
    "E_LIMIT": _shorten,
    "E_NO_PATH": _drop_unreachable,
    "E_AMBIGUOUS_PATH": _drop_unreachable,
    "E_ORDER": _order_by_result,
    "E_DATE": _other_dates,
    "E_GRANULARITY": _other_granularity,
    "E_COMPARE": _other_comparison,
    "E_TIME_DIMENSION": _no_time_dimension,
    "E_TIME_ZONE": _other_zone,
    "E_QUERY": _well_formed,
}


def _list(call: Call, name: str) -> list[Any]:
    value = call.get(name) or []
    return list(value) if isinstance(value, list | tuple) else [value]


def _filter_at(call: Call, place: str) -> dict[str, Any] | None:
    """The filter at a place, in the form with operator and values; a change to it has to be put back."""
    match, filters = _FILTERED.match(place), call.get("filters")
    if match is None:
        return None
    if match["name"] and isinstance(filters, dict):
        written = filters.get(match["name"])
        return written if isinstance(written, dict) else {"value": written}
    if match["index"] and isinstance(filters, list):
        entry = filters[int(match["index"])]
        return entry if isinstance(entry, dict) else None
    return None


def _put_meant(case: Case) -> bool:
    """Put the conditions that a filter means in its place, and say whether it means any."""
    match, filters = _FILTERED.match(case.issue.member or ""), case.call.get("filters")
    name = match["name"] if match is not None else None
    if name is None or not isinstance(filters, dict):
        return False
    meant = conditions_meant(name, filters.get(name))
    if not meant:
        return False
    del filters[name]
    if len({each["member"] for each in meant} - filters.keys()) == len(meant):
        filters.update({each["member"]: _plain(each) for each in meant})
    else:
        case.call["filters"] = [*({"member": each, **_conditioned(filters[each])} for each in filters), *meant]
    return True


def _plain(condition: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in condition.items() if key != "member"}


def _conditioned(written: Any) -> dict[str, Any]:
    """What a filter says in short, with its operator and values."""
    if isinstance(written, dict):
        return written
    return {"operator": "equals", "values": written if isinstance(written, list) else [written]}


def _put_filter(call: Call, place: str, entry: dict[str, Any]) -> None:
    match, filters = _FILTERED.match(place), call.get("filters")
    if match is not None and match["name"] and isinstance(filters, dict):
        plain = entry.keys() == {"value"}
        filters[match["name"]] = entry["value"] if plain else entry
