"""Prompts: ways of working with the tools that a person can start by name, with the calls to begin with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp import MCPError
from mcp.types import INVALID_PARAMS, GetPromptResult, Prompt, PromptArgument, PromptMessage, TextContent

from engine.errors import did_you_mean
from engine.spelling import near
from server.agents.additions import groupings
from server.agents.periods import PERIOD_BEFORE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from server.agents.source import Source

    Call = dict[str, Any]
    Given = Mapping[str, str]

PERIODS = (
    "last week",
    "last month",
    "last quarter",
    "last year",
    "this month",
    "this quarter",
    "this year",
    "last 7 days",
    "last 30 days",
    "last 90 days",
)
"""Ranges of dates to begin with, for completion; any other that the tools understand will do."""

_QUALITY = ("bug_count", "critical_bug_count", "test_count", "bugs_per_test", "rejection_rate")


@dataclass(frozen=True, slots=True)
class _Argument:
    name: str
    description: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    """A prompt: `calls` are what it begins with, from the arguments that were given, and `words` what is to be done with them."""

    name: str
    title: str
    description: str
    arguments: tuple[_Argument, ...]
    calls: Callable[[Source, Given], Sequence[Call]]
    words: Callable[[Given], str]


def listed(source: Source) -> list[Prompt]:
    """The prompts that make sense for the caller's model."""
    return [
        Prompt(
            name=kind.name,
            title=kind.title,
            description=kind.description,
            arguments=[
                PromptArgument(name=each.name, description=each.description, required=each.required)
                for each in kind.arguments
            ],
        )
        for kind in _offered(source)
    ]


def written(source: Source, name: str, arguments: Mapping[str, str]) -> GetPromptResult:
    """A prompt with its arguments filled in; raises MCPError (invalid parameters) that says what is wrong with them."""
    kinds = {kind.name: kind for kind in _offered(source)}
    kind = kinds.get(name)
    if kind is None:
        raise _wrong(f"There is no prompt {name!r}. Prompts are {', '.join(kinds)}.")
    given = {key: value.strip() for key, value in arguments.items() if value.strip()}
    known = [each.name for each in kind.arguments]
    unknown = [key for key in arguments if key not in known]
    missing = [each.name for each in kind.arguments if each.required and each.name not in given]
    if unknown or missing:
        said = [f"it needs {', '.join(missing)}"] if missing else []
        said += [f"it has no {', '.join(unknown)}"] if unknown else []
        raise _wrong(f"The prompt {name!r} takes {', '.join(known)}: {' and '.join(said)}.")
    if "metric" in given and given["metric"] not in source.metrics():
        hint = did_you_mean(near(given["metric"], source.metrics())) or "get_analytics_capabilities lists them."
        raise _wrong(f"There is no metric {given['metric']!r}. {hint}")
    calls = [call for call in kind.calls(source, given) if source.fits(call)]
    if not calls:
        raise _wrong(f"Nothing can be asked for {json.dumps(dict(given), ensure_ascii=False)}: look at the dates.")
    text = "\n".join(
        [kind.words(given), "", "Begin with these calls of query_metrics:", *map(_line, calls), "", _CLOSING]
    )
    return GetPromptResult(
        description=kind.description, messages=[PromptMessage(role="user", content=TextContent(text=text))]
    )


_CLOSING = (
    "Tell the dates meant, the filters that were applied by default, and each note that changes what a number says. Take no sum of "
    "a column that is not additive. Name the numbers that your conclusions stand on."
)


def _line(call: Call) -> str:
    return json.dumps(call, ensure_ascii=False)


def _wrong(message: str) -> MCPError:
    return MCPError(code=INVALID_PARAMS, message=message)


def _offered(source: Source) -> list[_Kind]:
    metrics = source.metrics()
    return [kind for kind in _KINDS if metrics and (kind is not _REVIEW or set(_QUALITY) & set(metrics))]


def _exploring(source: Source, given: Given) -> list[Call]:
    base: Call = {"metrics": [given["metric"]]}
    dates = {"start_date": given["period"], "end_date": given["period"]} if "period" in given else {}
    trend = {**base, "granularity": "month", "start_date": "12 months ago"}
    return [{**base, **dates, "totals": True}, trend, *_splits(source, {**base, **dates})[:4]]


def _splits(source: Source, base: Call) -> list[Call]:
    """A call by each dimension that the metric is best split by."""
    calls = [{**base, "dimensions": [name], "limit": 10} for name in groupings(source, base["metrics"])]
    return [call for call in calls if source.fits(call)]


def _reviewing(source: Source, given: Given) -> list[Call]:
    metrics = [name for name in _QUALITY if name in source.metrics()]
    week = {"start_date": "last week", "end_date": "last week"}
    only = {"filters": {"product": given["product"]}} if "product" in given else {}
    return [
        {"metrics": metrics, **week, **only, "compare": [PERIOD_BEFORE]},
        {"metrics": metrics[:1], "dimensions": ["severity"], **week, **only},
        {"metrics": metrics[:2], "dimensions": ["product"], **week, **only, "limit": 10},
        {"metrics": metrics[:2], "dimensions": ["feature"], **week, **only, "limit": 10},
        {"metrics": metrics[:1], "dimensions": ["status"], **week, **only},
        {"metrics": metrics[:4], "dimensions": ["week"], "start_date": "8 weeks ago", **only},
    ]


def _comparing(source: Source, given: Given) -> list[Call]:
    base: Call = {"metrics": [given["metric"]], "start_date": given["period"], "end_date": given["period"]}
    base["compare"] = [given.get("compare_with", PERIOD_BEFORE)]
    return [base, *_splits(source, base)[:3]] if source.fits(base) else []


_METRIC = _Argument("metric", "The metric, e.g. bug_count.", required=True)
_EXPLORE = _Kind(
    "explore_metric",
    "Explore a metric",
    "What a metric is at, how it developed, and what drives it.",
    (_METRIC, _Argument("period", "Which dates, e.g. last quarter; by default all.")),
    _exploring,
    lambda given: (
        f"Explore the metric {given['metric']}"
        + (f" in {given['period']}" if "period" in given else "")
        + ": say what it counts, what it is at, how it developed, and which groups stand out. Go on where something is unusual."
    ),
)
_REVIEW = _Kind(
    "weekly_quality_review",
    "Weekly quality review",
    "Last week's testing beside the week before: how much, what was found, how bad, where.",
    (_Argument("product", "Only this product; by default all."),),
    _reviewing,
    lambda given: (
        "Write the quality review of last week"
        + (f" for the product {given['product']}" if "product" in given else "")
        + ": what changed against the week before, where the critical bugs are, what became of the bugs, and what to look at next."
        " A page at most, the most important first."
    ),
)
_COMPARE = _Kind(
    "compare_periods",
    "Compare two periods",
    "A metric in one period beside another, and where the difference comes from.",
    (
        _METRIC,
        _Argument("period", "Which dates, e.g. last month.", required=True),
        _Argument("compare_with", "Beside which, e.g. same period last year; by default the period before."),
    ),
    _comparing,
    lambda given: (
        f"Compare {given['metric']} in {given['period']} with {given.get('compare_with', 'the period before')}: how much it "
        "changed, and which groups account for the change."
    ),
)
_KINDS = (_EXPLORE, _REVIEW, _COMPARE)
