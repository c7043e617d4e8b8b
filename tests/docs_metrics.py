"""The page of metrics and dimensions that the shipped model offers, made from the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import engine
from server.settings import SHIPPED_MODEL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def metrics_reference() -> str:
    """Every metric and dimension of the default view."""
    told = engine.capabilities(engine.load_model(SHIPPED_MODEL), detail=True)
    metrics: Sequence[Mapping[str, Any]] = told["metrics"]
    dimensions: Sequence[Mapping[str, Any]] = told["dimensions"]
    bound = {name: each["metrics"] for each in told.get("only_with", ()) for name in each["dimensions"]}
    parts = [told["about"], "## Metrics", _listed(metrics), *map(_metric, metrics)]
    parts += ["## Dimensions", _listed(dimensions), *(_dimension(each, bound) for each in dimensions)]
    return "\n\n".join(parts)


def _listed(members: Sequence[Mapping[str, Any]]) -> str:
    return " · ".join(f"[{each['name']}](#{each['name']})" for each in members)


def _metric(metric: Mapping[str, Any]) -> str:
    facts = [f"**{metric['title']}**", f"in {metric['unit']}"]
    facts += ["rows do not add up to the total"] if metric.get("additive") is False else []
    lines = [f"### {metric['name']}", " · ".join(facts), metric["description"]]
    lines += [f"```sql\n{_plain(metric['formula'])}\n```"]
    lines += [f"Also called: {', '.join(metric['synonyms'])}."] if "synonyms" in metric else []
    lines += [f"Answers: “{question}”" for question in metric.get("examples", ())]
    return "\n\n".join(lines)


def _plain(formula: str) -> str:
    return formula.replace("{CUBE}.", "").replace("{", "").replace("}", "")


def _dimension(dimension: Mapping[str, Any], bound: Mapping[str, Sequence[str]]) -> str:
    facts = [f"**{dimension['title']}**", dimension.get("type", "text")]
    facts += [f"identified by {dimension['key']}"] if "key" in dimension else []
    lines = [f"### {dimension['name']}", " · ".join(facts), dimension["description"]]
    if dimension["name"] in bound:
        lines.append(f"Goes only with {', '.join(bound[dimension['name']])}.")
    if "synonyms" in dimension:
        lines.append(f"Also called: {', '.join(dimension['synonyms'])}.")
    if "values" in dimension:
        lines.append("\n".join(["Values:", "", *map(_value, dimension["values"])]))
    return "\n\n".join(lines)


def _value(value: Mapping[str, Any]) -> str:
    aliases = f" (also {', '.join(value['aliases'])})" if "aliases" in value else ""
    meaning = f": {value['description']}" if "description" in value else ""
    return f"- `{value['value']}`{aliases}{meaning}"
