"""Completion of the arguments of prompts and of the names in resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.types import Completion, PromptReference

from engine import EngineError
from server.agents.periods import PERIOD_BEFORE, YEAR_BEFORE
from server.agents.prompts import PERIODS
from server.agents.resources import TEMPLATES
from server.agents.search_values import search_values
from server.agents.tool import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mcp.types import CompleteRequestParams

    from server.agents.source import Source

_MOST = 100
"""The protocol allows no more in one answer."""


async def completed(source: Source, params: CompleteRequestParams) -> Completion:
    """The values that go on from what was typed; none for what is unknown."""
    typed = params.argument.value
    if not isinstance(params.ref, PromptReference):
        kind = TEMPLATES.get(params.ref.uri)
        names = source.metrics() if kind == "metrics" else source.dimensions() if kind == "dimensions" else ()
        return _answer(names, typed)
    if params.argument.name == "metric":
        return _answer(source.metrics(), typed)
    if params.argument.name in {"period", "compare_with"}:
        before = (PERIOD_BEFORE, YEAR_BEFORE) if params.argument.name == "compare_with" else ()
        return _answer((*before, *PERIODS), typed)
    if params.argument.name == "product" and "product" in source.dimensions():
        return await _values(source, "product", typed)
    return Completion(values=[])


async def _values(source: Source, dimension: str, typed: str) -> Completion:
    call: dict[str, Any] = {"dimension": dimension, "search": typed, "limit": 50}
    try:
        found = (await search_values(source, call)).data
    except (Refusal, EngineError):
        return Completion(values=[])
    place = [column["name"] for column in found["columns"]].index(dimension)
    values = [str(row[place]) for row in found["rows"]] if found["match"] != "none" else []
    return Completion(values=list(dict.fromkeys(values)), has_more=False)


def _answer(values: Iterable[str], typed: str) -> Completion:
    """Those that begin with what was typed, then those that hold it."""
    wanted = typed.strip().lower()
    found = [value for value in values if wanted in value.lower()]
    found.sort(key=lambda value: not value.lower().startswith(wanted))
    return Completion(values=found[:_MOST], total=len(found), has_more=len(found) > _MOST)
