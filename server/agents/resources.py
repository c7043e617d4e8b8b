"""What clients may read beside the tools: the model, each metric and dimension, and the SQL of the last query.

    cube://model                what can be asked, in full
    cube://metrics/{name}       one metric: formula, dimensions, and for who may see it the SQL behind it
    cube://dimensions/{name}    one dimension: values, the metrics that go with it
    cube://queries/last         the SQL of the caller's last query, for who may see it
    ui://metric-cube/chart.html the page that shows an answer of query_metrics, in hosts of MCP Apps

All but the page as JSON, and only what the caller may see.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from mcp import MCPError
from mcp.types import INVALID_PARAMS, Resource, ResourceTemplate, TextResourceContents

from engine import EngineError
from engine.errors import did_you_mean
from engine.spelling import near
from server.agents.additions import addable
from server.agents.app import chart_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.agents.source import Source

JSON = "application/json"
PAGE = "text/html;profile=mcp-app"
MODEL, LAST, CHART = "cube://model", "cube://queries/last", "ui://metric-cube/chart.html"
_NO_NETWORK = {"ui": {"csp": {"connectDomains": [], "resourceDomains": []}, "prefersBorder": True}}
"""What the page asks of its host: nothing from anywhere."""

METRICS, DIMENSIONS = "cube://metrics/", "cube://dimensions/"
TEMPLATES = {METRICS + "{name}": "metrics", DIMENSIONS + "{name}": "dimensions"}


def listed(source: Source) -> list[Resource]:
    """Every resource that the caller can read, always in the same order."""
    found = [
        Resource(uri=MODEL, name="model", title="The model", description="What can be asked, in full.", mime_type=JSON)
    ]
    if "sql" in source.caller.scopes:
        found.append(
            Resource(
                uri=LAST,
                name="last query",
                title="The last query",
                description="Its SQL and parameters.",
                mime_type=JSON,
            )
        )
    found.append(
        Resource(
            uri=CHART,
            name="chart",
            title="Chart of an answer",
            description="Shows an answer of query_metrics as a chart and a table.",
            mime_type=PAGE,
            _meta=_NO_NETWORK,
        )
    )
    told = source.service.capabilities(source.caller, detail=True)
    for start, kind in ((METRICS, "metrics"), (DIMENSIONS, "dimensions")):
        for each in told.get(kind, []):
            name = each["name"]
            found.append(
                Resource(
                    uri=start + quote(name),
                    name=name,
                    title=each.get("title"),
                    description=each.get("description"),
                    mime_type=JSON,
                )
            )
    return found


def templates() -> list[ResourceTemplate]:
    """The families of resources, for completion."""
    return [
        ResourceTemplate(
            uri_template=template,
            name=kind,
            title=f"One of the {kind}",
            description=f"All about one of the {kind}.",
            mime_type=JSON,
        )
        for template, kind in TEMPLATES.items()
    ]


def read(source: Source, uri: str) -> TextResourceContents:
    """The content of a resource; raises MCPError for one that does not exist for the caller."""
    if uri == CHART:
        return TextResourceContents(uri=uri, mime_type=PAGE, text=chart_page(), _meta=_NO_NETWORK)
    if uri == MODEL:
        data = source.service.capabilities(source.caller, detail=True)
    elif uri == LAST:
        data = _last(source, uri)
    elif uri.startswith(METRICS):
        data = _member(source, uri, "metrics", METRICS, _about_metric)
    elif uri.startswith(DIMENSIONS):
        data = _member(source, uri, "dimensions", DIMENSIONS, _about_dimension)
    else:
        raise not_found(uri, f"There is no resource {uri!r}. There are {MODEL}, {', '.join(TEMPLATES)}.")
    return TextResourceContents(uri=uri, mime_type=JSON, text=json.dumps(data, ensure_ascii=False, indent=1))


def not_found(uri: str, message: str) -> MCPError:
    """The protocol's error for a resource that does not exist."""
    return MCPError(code=INVALID_PARAMS, message=message, data={"uri": uri})


def _member(
    source: Source, uri: str, kind: str, start: str, about: Callable[[Source, str], dict[str, Any]]
) -> dict[str, Any]:
    name = unquote(uri.removeprefix(start))
    told = source.service.capabilities(source.caller, detail=True).get(kind, [])
    found = next((each for each in told if each["name"] == name), None)
    if found is None:
        hint = did_you_mean(near(name, [each["name"] for each in told])) or f"{MODEL} lists them."
        raise not_found(uri, f"There is no {name!r} among the {kind}. {hint}")
    return {**found, **about(source, name)}


def _about_metric(source: Source, name: str) -> dict[str, Any]:
    data: dict[str, Any] = {"goes_with": addable(source, {"metrics": [name]}).get("dimensions", [])}
    try:
        explained = source.check({"metrics": [name]}).as_dict()
    except EngineError:
        return data
    if "sql" in source.caller.scopes:
        data |= {"computed_from": explained.get("leaves", []), "sql": explained.get("sql", "")}
    return data


def _about_dimension(source: Source, name: str) -> dict[str, Any]:
    return {"goes_with": addable(source, {"dimensions": [name]}).get("metrics", [])}


def _last(source: Source, uri: str) -> dict[str, Any]:
    if "sql" not in source.caller.scopes:
        raise not_found(uri, "SQL is shown to callers with the scope sql.")
    asked = source.recent.last(source.caller)
    if asked is None:
        return {"note": "Nothing has been asked yet."}
    alone = {name: value for name, value in asked.query.items() if name != "compare"}
    try:
        statement = source.service.compile(alone, source.caller, asked.now)
    except EngineError as error:
        return {"query": asked.query, "note": f"It can no longer be asked: {error}"}
    return {
        "query": asked.query,
        "asked_at": asked.now.isoformat(timespec="seconds"),
        "dialect": statement.dialect,
        "sql": statement.sql,
        "parameters": statement.parameters,
    }
