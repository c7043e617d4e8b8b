"""What one caller is offered: the tools, with the names that they may see as enums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.agents.explain_query import explain_query
from server.agents.get_capabilities import get_capabilities
from server.agents.query_metrics import query_metrics
from server.agents.resources import CHART
from server.agents.schemas import (
    capabilities_answer,
    capabilities_arguments,
    explain_answer,
    explain_arguments,
    query_answer,
    query_arguments,
    search_answer,
    search_arguments,
)
from server.agents.search_values import search_values
from server.agents.texts import CAPABILITIES, EXPLAIN, SEARCH, query_description
from server.agents.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp.types import Tool as ListedTool

    from server.agents.source import Source


@dataclass(frozen=True, slots=True)
class Offer:
    """The tools by name, and as they are listed."""

    tools: Mapping[str, Tool]
    listed: tuple[ListedTool, ...]


def offer_of(source: Source) -> Offer:
    """What the caller is offered; made once for all who see the same of the model."""
    cache = source.seen.cache
    found: Offer | None = cache.get("agents: offer")
    if found is None:
        tools = _tools(source)
        found = Offer({tool.name: tool for tool in tools}, tuple(tool.listed() for tool in tools))
        cache["agents: offer"] = found
    return found


def _tools(source: Source) -> tuple[Tool, ...]:
    return (
        Tool(
            name="query_metrics",
            title="Query metrics",
            description=query_description(source),
            arguments=query_arguments(source),
            output=query_answer(),
            answer=query_metrics,
            meta={"ui": {"resourceUri": CHART}},
        ),
        Tool(
            name="get_analytics_capabilities",
            title="What can be asked",
            description=CAPABILITIES,
            arguments=capabilities_arguments(),
            output=capabilities_answer(),
            answer=get_capabilities,
        ),
        Tool(
            name="search_values",
            title="Search values",
            description=SEARCH,
            arguments=search_arguments(source),
            output=search_answer(),
            answer=search_values,
        ),
        Tool(
            name="explain_query",
            title="Explain a query",
            description=EXPLAIN,
            arguments=explain_arguments(source),
            output=explain_answer(),
            answer=explain_query,
        ),
    )
