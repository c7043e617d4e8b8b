"""What may be asked next, as calls that are known to work: few, for they take room in every answer."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from engine.model.checks import home_measures
from engine.model.members import Dimension, Measure
from server.agents.payload import compact
from server.agents.periods import PERIOD_BEFORE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine import Model
    from server.agents.source import Source

_MOST = 3
_MOST_KEPT = 2_000
_LONGEST_VALUE = 60
_TREND = "12 months ago"
_FEW = 8
_BUCKETS = ("year", "quarter", "month", "week", "day")
_KEPT = ("filters", "segments", "start_date", "end_date", "time_dimension", "timezone")

Call = dict[str, Any]


def suggested(source: Source, call: Mapping[str, Any], first: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Up to three calls that go on from `call`, each with why; `first` is the first row of its answer, by column."""
    model = source.seen
    kept: dict[str, bool] = model.cache.setdefault("agents: what fits", {})
    found: list[dict[str, Any]] = []
    for why, candidate in _candidates(source, model, call, first or {}):
        text = compact(candidate)
        if text not in kept:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            kept[text] = source.fits(candidate)
        if kept[text]:
            found.append({"why": why, "call": candidate})
        if len(found) == _MOST:
            break
    return found


def addable(source: Source, call: Mapping[str, Any]) -> dict[str, list[str]]:
    """What could be added to a call of dimensions alone, or of metrics alone: every name goes with all that is asked."""
    metrics, dimensions = call.get("metrics"), call.get("dimensions")
    if bool(metrics) == bool(dimensions) or call.get("granularity"):
        return {}
    barred: set[str] = set()
    if dimensions:
        for limited in _only_with(source):
            if set(limited["dimensions"]) & set(dimensions):
                barred |= set(source.metrics()) - set(limited["metrics"])
        return {"metrics": [name for name in source.metrics() if name not in barred]}
    for limited in _only_with(source):
        if set(metrics or ()) - set(limited["metrics"]):
            barred |= set(limited["dimensions"])
    keys = {
        name for name in source.dimensions() if name.removesuffix("_id") in source.dimensions() and name.endswith("_id")
    }
    return {"dimensions": [name for name in source.dimensions() if name not in barred | keys]}


def _only_with(source: Source) -> list[dict[str, list[str]]]:
    """The dimensions that do not go with every metric, each with the metrics that they go with."""
    cache = source.seen.cache
    found: list[dict[str, list[str]]] | None = cache.get("agents: only with")
    if found is None:
        told = source.service.capabilities(source.caller)
        found = cache["agents: only with"] = told.get("only_with", [])
    return found


def _candidates(
    source: Source, model: Model, call: Mapping[str, Any], first: Mapping[str, Any]
) -> Iterator[tuple[str, Call]]:
    metrics, dimensions = list(call.get("metrics") or ()), list(call.get("dimensions") or ())
    if not metrics:
        return
    base = {"metrics": metrics, **{name: call[name] for name in _KEPT if call.get(name)}}
    times = _times(model)
    by_time = [name for name in dimensions if name in times] or (
        [call["granularity"]] if call.get("granularity") else []
    )
    top = _top(model, dimensions, call, first)
    finer = _finer(model, dimensions)
    if finer:
        yield f"by {finer[1]}", {**base, "dimensions": [finer[1] if each == finer[0] else each for each in dimensions]}
    if call.get("start_date") and not call.get("compare"):
        closed = base if base.get("end_date") else {**base, "end_date": "today"}
        grouped = {"dimensions": dimensions} if dimensions else {}
        grain = {"granularity": call["granularity"]} if call.get("granularity") else {}
        yield "beside the period before", {**closed, **grouped, **grain, "compare": [PERIOD_BEFORE]}
    if not by_time and times:
        undated = {name: value for name, value in base.items() if name not in {"start_date", "end_date"}}
        trend = {**undated, "dimensions": [_usual(times)], "start_date": _TREND}
        yield "over time", _narrowed(trend, top) if top else trend
    for name in groupings(source, metrics):
        if name not in dimensions and name not in (base.get("filters") or {}):
            split = {**base, "dimensions": [name]}
            yield f"by {name}", _narrowed(split, top) if top else split


def _narrowed(call: Call, top: tuple[str, Any]) -> Call:
    filters = call.get("filters") or {}
    return {**call, "filters": {**filters, top[0]: top[1]}} if isinstance(filters, dict) else call


def _top(
    model: Model, dimensions: Sequence[str], call: Mapping[str, Any], first: Mapping[str, Any]
) -> tuple[str, Any] | None:
    """The first row's value of the first dimension that is a text, unless the call is limited to it already."""
    filtered = call.get("filters") or {}
    for name in dimensions:
        value = first.get(name)
        if (
            isinstance(value, str)
            and len(value) <= _LONGEST_VALUE
            and name not in filtered
            and name not in _times(model)
        ):
            return name, value
    return None


def _times(model: Model) -> dict[str, str]:
    """The buckets of the default time that a view offers, and how long each is."""
    view = model.default_view
    default = view.members.get(view.default_time_dimension or "") if view is not None else None
    if view is None or default is None:
        return {}
    return {
        name: each.granularity
        for name, each in view.members.items()
        if each.granularity is not None and each.target is default.target and each.public
    }


def _usual(times: Mapping[str, str]) -> str:
    return next((name for name, grain in times.items() if grain == "month"), next(iter(times)))


def _finer(model: Model, dimensions: Sequence[str]) -> tuple[str, str] | None:
    """A dimension of the call and the one below it: the next level of a hierarchy, or the next shorter bucket of time."""
    view = model.default_view
    if view is not None:
        names = {
            each.target.full_name: name for name, each in view.members.items() if each.public and not each.granularity
        }
        for cube in model.cubes.values():
            for hierarchy in cube.hierarchies.values() if cube.public else ():
                levels = [names.get(level if "." in level else f"{cube.name}.{level}") for level in hierarchy.levels]
                for upper, lower in pairwise(levels):
                    if upper in dimensions and lower and lower not in dimensions:
                        return str(upper), lower
    times = _times(model)
    for name in dimensions:
        if name in times and times[name] in _BUCKETS:
            shorter = _BUCKETS[_BUCKETS.index(times[name]) + 1 :][:1]
            lower = next((other for other, grain in times.items() if grain in shorter), None)
            if lower:
                return name, lower
    return None


def groupings(source: Source, metrics: Sequence[str]) -> list[str]:
    """The dimensions that metrics are best split by: of few values in the metrics' own cubes, then what has a key of its own."""
    model = source.seen
    view = model.default_view
    if view is None:
        return []
    homes = {
        home.cube
        for name in metrics
        if name in view.members and isinstance(asked := view.members[name].target, Measure)
        for home in home_measures(asked)
    }
    filtered = {each.member for each in view.default_filters}
    few, keyed = [], []
    for name, member in view.members.items():
        target = member.target
        if (
            not isinstance(target, Dimension)
            or not member.public
            or member.is_key
            or member.granularity
            or name in filtered
        ):
            continue
        if 1 < len(target.values) <= _FEW and target.cube in homes:
            few.append(name)
        elif target.key is not None and target.cube not in homes:
            keyed.append(name)
    return [*few, *keyed]
