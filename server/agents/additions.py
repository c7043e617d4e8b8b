"""What can be added to a question: the dimensions that go with its metrics, or the metrics that go with its dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.model.checks import home_measures
from engine.model.members import Dimension, Measure
from server.agents.payload import compact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server.agents.source import Source

_FEW = 8


def addable(source: Source, call: Mapping[str, Any]) -> dict[str, list[str]]:
    """What could be added to a call of dimensions alone, or of metrics alone: every name goes with all that is asked."""
    kind, barred = _barred(source, call)
    return {kind: [name for name in _names(source, kind) if name not in barred]} if kind else {}


def addable_in_short(source: Source, call: Mapping[str, Any]) -> dict[str, Any]:
    """The same in fewer words, for those who know the names: `{"dimensions": {"all_but": ["platform"]}}`."""
    kind, barred = _barred(source, call)
    if not kind:
        return {}
    names = _names(source, kind)
    listed = [name for name in names if name not in barred]
    others = {"all_but": [name for name in names if name in barred]}
    return {kind: min(listed, others, key=lambda form: len(compact(form)))}


def _barred(source: Source, call: Mapping[str, Any]) -> tuple[str, set[str]]:
    """Which kind of names could be added to a call, and those that do not go with all it asks; no kind where it has both."""
    metrics, dimensions = call.get("metrics"), call.get("dimensions")
    if bool(metrics) == bool(dimensions) or call.get("granularity"):
        return "", set()
    barred: set[str] = set()
    for limited in _only_with(source):
        if dimensions and set(limited["dimensions"]) & set(dimensions):
            barred |= set(source.metrics()) - set(limited["metrics"])
        if metrics and set(metrics) - set(limited["metrics"]):
            barred |= set(limited["dimensions"])
    return ("metrics" if dimensions else "dimensions"), barred


def _names(source: Source, kind: str) -> list[str]:
    if kind == "metrics":
        return source.metrics()
    names = source.dimensions()
    # A key comes with the dimension that it identifies.
    return [name for name in names if not (name.endswith("_id") and name.removesuffix("_id") in names)]


def _only_with(source: Source) -> list[dict[str, list[str]]]:
    """The dimensions that do not go with every metric, each with the metrics that they go with."""
    cache = source.seen.cache
    found: list[dict[str, list[str]]] | None = cache.get("agents: only with")
    if found is None:
        told = source.service.capabilities(source.caller)
        found = cache["agents: only with"] = told.get("only_with", [])
    return found


def groupings(source: Source, metrics: Sequence[str]) -> list[str]:
    """The dimensions that metrics are best split by: of few values in the metrics' own cubes, then what has a key of its own."""
    view = source.seen.default_view
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
