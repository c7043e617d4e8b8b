"""What may be asked next, as calls that are known to work: few and short, for they take room in every answer."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from server.agents.additions import addable_in_short, groupings
from server.agents.payload import compact
from server.agents.periods import PERIOD_BEFORE
from server.agents.times import Times

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine import Model, Result
    from server.agents.source import Source

_MOST, _ROOM = 2, 400
"""How many calls are suggested, and the characters that they may take together."""

_MOST_KEPT = 2_000
_LONGEST_VALUE = 60
_TREND = "12 months ago"
_POINTS = 3
"""How many buckets make a trend, at least."""

_LONG_BUCKETS = (("month", 28), ("week", 7), ("day", 1))
_RANGES = frozenset({"inDateRange", "beforeDate", "afterOrOnDate"})
_KEPT = ("filters", "segments", "start_date", "end_date", "time_dimension", "timezone")

Call = dict[str, Any]


def hints(source: Source, call: Mapping[str, Any], result: Result) -> dict[str, Any]:
    """What stands beside the rows of an answer: what can be added to the call, and calls that go on from it."""
    return {"can_add": addable_in_short(source, call), "suggested": suggested(source, call, result)}


def suggested(source: Source, call: Mapping[str, Any], result: Result) -> list[Call]:
    """The calls that go on from one that was answered with `result`, the nearest first."""
    kept: dict[str, bool] = source.seen.cache.setdefault("agents: what fits", {})
    found: list[Call] = []
    room = _ROOM
    for candidate in _candidates(source, call, result):
        text = compact(candidate)
        if len(text) > room:
            continue
        if text not in kept:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            kept[text] = source.fits(candidate)
        if kept[text]:
            found.append(candidate)
            room -= len(text)
        if len(found) == _MOST:
            break
    return found


def _candidates(source: Source, call: Mapping[str, Any], result: Result) -> Iterator[Call]:
    metrics, dimensions = list(call.get("metrics") or ()), list(call.get("dimensions") or ())
    if not metrics:
        return
    times = Times.of(source.seen)
    base = {"metrics": metrics, **{name: call[name] for name in _KEPT if call.get(name)}}
    compared = {"compare": call["compare"]} if call.get("compare") else {}
    finer = _finer(source.seen, times, dimensions)
    if finer:
        yield {**base, **compared, "dimensions": [finer[1] if each == finer[0] else each for each in dimensions]}
    if call.get("start_date") and not compared:
        grouped = {name: call[name] for name in ("dimensions", "granularity") if call.get(name)}
        yield {**base, "end_date": base.get("end_date", "today"), **grouped, "compare": [PERIOD_BEFORE]}
    top = _top(times, dimensions, call.get("filters") or {}, result)
    if not (compared or call.get("granularity") or times.any_of(dimensions)):
        shown = _over_time(times, call, result)
        if shown:
            yield _narrowed({**base, **shown}, top)
    for name in groupings(source, metrics):
        if name not in dimensions and name not in (base.get("filters") or {}):
            yield _narrowed({**base, **compared, "dimensions": [name]}, top)


def _narrowed(call: Call, top: tuple[str, Any] | None) -> Call:
    filters = call.get("filters") or {}
    return {**call, "filters": {**filters, top[0]: top[1]}} if top and isinstance(filters, dict) else call


def _top(times: Times, dimensions: Sequence[str], filtered: Any, result: Result) -> tuple[str, Any] | None:
    """The first row's value of the first dimension that is a text, unless the call is limited to it already."""
    names = [column.member for column in result.columns]
    first = dict(zip(names, result.rows[0], strict=True)) if result.rows else {}
    for name in dimensions:
        value = first.get(name)
        is_text = isinstance(value, str) and len(value) <= _LONGEST_VALUE
        if is_text and name not in filtered and not times.is_time(name):
            return name, value
    return None


def _over_time(times: Times, call: Mapping[str, Any], result: Result) -> Call | None:
    """The arguments that show a question over time: over its own time and range, if it has any.

    None where that would show nothing: too short a range, or rows that are chosen by having no date.
    """
    ranges = result.query.get("date_ranges", ())
    if ranges:
        dated = str(ranges[0]["member"])
        last = ranges[0].get("to", ranges[0].get("until", result.account.replay["now"]))
        days = (_day(last) - _day(ranges[0]["from"])).days + 1 if "from" in ranges[0] else _LONG_BUCKETS[0][1] * _POINTS
        granularity = next((name for name, length in _LONG_BUCKETS if days >= length * _POINTS), None)
        return times.shown(dated, granularity) if granularity and times.is_time(dated) else None
    conditions = {str(each.get("member")): each.get("operator") for each in result.query.get("filters", ())}
    filtered = times.any_of(conditions)
    if filtered:
        return times.shown(filtered, "month") if conditions[filtered] in _RANGES else None
    time = call.get("time_dimension") or times.default
    return {**times.shown(time, "month"), "start_date": _TREND} if time and times.is_time(time) else None


def _day(written: str) -> date:
    return date.fromisoformat(written[:10])


def _finer(model: Model, times: Times, dimensions: Sequence[str]) -> tuple[str, str] | None:
    """A dimension of the call and the one below it: the next level of a hierarchy, or the next shorter bucket of time."""
    names = {target.full_name: name for name, target in times.members.items() if name not in times.buckets}
    for cube in model.cubes.values():
        for hierarchy in cube.hierarchies.values() if cube.public else ():
            levels = [names.get(level if "." in level else f"{cube.name}.{level}") for level in hierarchy.levels]
            for upper, lower in pairwise(levels):
                if upper in dimensions and lower and lower not in dimensions:
                    return str(upper), lower
    return next(((name, lower) for name in dimensions if (lower := times.finer(name))), None)
