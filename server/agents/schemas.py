"""The schemas of the tools' arguments and answers, with the names of the model at hand as enums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.model.granularity import PREDEFINED
from engine.model.operators import OPERATORS

if TYPE_CHECKING:
    from server.agents.source import Source

_MOST_NAMES = 200
"""A model with more is not listed in the schema: capabilities can be searched."""

_SCALAR = [{"type": each} for each in ("string", "number", "boolean", "null")]
"""The types of one value: each alone, for clients whose schemas know no lists of types."""

_ROWS = {"type": "array", "description": "Lists of values, in the order of the columns."}
_COLUMNS = {
    "type": "array",
    "description": "Of each column its name, type, role, title, and of metrics unit and additive.",
}
"""Said in full, the parts of rows and columns would be checked by clients one by one, which takes longer than the answer itself."""

_BESIDE = {
    "explanation": "one sentence with the dates and filters meant",
    "metrics_used": "the metrics asked",
    "dimensions_used": "the dimensions asked",
    "totals": "the metrics over all rows",
    "query": "the question as it was understood",
    "freshness": "how old the data are",
    "undated": "how many rows have no date",
    "partial": "periods that are not over",
    "model": "its name and release",
    "sql_digest": "equal for equal SQL",
    "cache": "how long ago it was computed",
    "can_add": "names that go with the call",
    "suggested": "calls that go on from it",
    "query_time_ms": "milliseconds it took",
}
"""What stands beside the table, each with what it is: as properties they would be checked one by one too."""


def query_arguments(source: Source) -> dict[str, Any]:
    """The schema of the arguments of query_metrics."""
    limits = source.model.settings.limits
    named = {"type": "string"}
    values = {"type": "array", "items": {"anyOf": _SCALAR}}
    condition = _object({"operator": {"type": "string", "enum": list(OPERATORS)}, "values": values}, [])
    properties: dict[str, Any] = {
        "metrics": {
            "type": "array",
            "items": _named(source.metrics()),
            "minItems": 1,
            "maxItems": limits.measures,
            "description": 'What to measure, e.g. ["bug_count"].',
        },
        "dimensions": {
            "type": "array",
            "items": _named(source.dimensions()),
            "maxItems": limits.dimensions,
            "description": 'How to slice it, e.g. ["feature"]; none for one number.',
        },
        "filters": {
            "type": "object",
            "additionalProperties": {"anyOf": [*_SCALAR, values, condition]},
            "description": 'By dimension or metric, all of them: {"severity": ["critical", "high"], '
            '"bug_count": {"operator": "gte", "values": [5]}}.',
        },
        "start_date": {**named, "description": 'First day: "2025-11-03", "2025-Q3", "last quarter", "30 days ago".'},
        "end_date": {**named, "description": 'Last day, month, … included whole: "2025-12-31", "last month", "today".'},
        "compare": {
            "type": "array",
            "items": {"anyOf": [named, {"type": "array", "items": named}]},
            "description": 'Ranges beside this one: ["previous period"], ["same period last year"], '
            '[["2025-01-01", "2025-03-31"]]. Adds previous, delta and percent of each metric.',
        },
        "sort_by": {
            **named,
            "description": "A metric or dimension of this call. Default: time ascending, else first metric.",
        },
        "sort_order": {
            "type": "string",
            "enum": ["asc", "desc"],
            "default": "desc",
            "description": "Of sort_by, or else of the default.",
        },
        "limit": {"type": "integer", "minimum": 1, "maximum": limits.rows, "description": "Most rows in all, e.g. 10."},
        "cursor": {**named, "description": "next_cursor of the page before; all other arguments as they were."},
        "time_dimension": {**named, "description": 'The time that dates and granularity mean, e.g. "reported_at".'},
        "granularity": {"type": "string", "enum": list(PREDEFINED), "description": 'Groups by time, e.g. "month".'},
        "fill": _flag("Show buckets of time without rows too."),
        "total": _flag("Tell how many groups there are beyond the limit."),
        "totals": _flag("Give the metrics over all rows too, computed afresh and not added up."),
        "timezone": {**named, "description": 'Where days begin, e.g. "Europe/Berlin".'},
    }
    segments = source.segments()
    if segments:
        described = "Only rows of these parts that the model names."
        properties["segments"] = {"type": "array", "items": _named(segments), "description": described}
    return _object(properties, [])


def query_names(source: Source) -> tuple[str, ...]:
    """The names of the arguments of query_metrics."""
    seen = source.seen
    names: tuple[str, ...] | None = seen.cache.get("agents: arguments")
    if names is None:
        names = seen.cache["agents: arguments"] = tuple(query_arguments(source)["properties"])
    return names


def explain_arguments(source: Source) -> dict[str, Any]:
    """The schema of the arguments of explain_query: those of query_metrics, without pages."""
    asked = query_arguments(source)
    return {**asked, "properties": {name: each for name, each in asked["properties"].items() if name != "cursor"}}


def search_arguments(source: Source) -> dict[str, Any]:
    """The schema of the arguments of search_values."""
    names = source.dimensions()
    return _object(
        {
            "dimension": {**_named(names), "description": 'Whose values, e.g. "feature".'},
            "search": {
                "type": "string",
                "description": 'How it may be written, e.g. "log-in"; none for the most frequent.',
            },
            "metric": {**_named(source.metrics()), "description": "What to count for each; by default what fits."},
            "limit": {
                "type": "integer",
                "minimum": 1,
                "maximum": 50,
                "default": 10,
                "description": "Most values to show.",
            },
        },
        ["dimension"],
    )


def search_answer() -> dict[str, Any]:
    """The schema of what search_values answers."""
    text = {"type": "string"}
    return _object(
        {
            "dimension": text,
            "match": {"type": "string", "enum": ["exact", "contains", "similar", "none", "all"]},
            "columns": {"type": "array", "items": _object({"name": text, "unit": text}, ["name"])},
            "rows": _ROWS,
            "total_values": {"type": "integer"},
            "notes": {"type": "array", "items": text},
            "filter": {"type": "object"},
        },
        ["dimension", "match", "columns", "rows", "notes"],
    )


def explain_answer() -> dict[str, Any]:
    """The schema of what explain_query answers."""
    text, free = {"type": "string"}, {"type": "object"}
    parts = {"type": "array", "items": free}
    return _object(
        {
            "sentence": text,
            "measures": parts,
            "leaves": parts,
            "facts": parts,
            "pre_aggregations": parts,
            "notes": {"type": "array", "items": text},
            "sql": text,
            "parameters": {"anyOf": [{"type": "array"}, free]},
            "dialect": text,
        },
        ["sentence"],
    )


def query_answer() -> dict[str, Any]:
    """The schema of what query_metrics answers: the table in full, and in words what may stand beside it."""
    text, count = {"type": "string"}, {"type": "integer"}
    properties = {
        "columns": _COLUMNS,
        "rows": _ROWS,
        "row_count": {**count, "description": "How many rows are shown."},
        "total_rows": {**count, "description": "How many rows there are; none where nobody counted."},
        "next_cursor": {**text, "description": "The cursor of the next page; none on the last."},
        "notes": {"type": "array", "description": "Sentences to tell the user beside the numbers."},
    }
    beside = ", ".join(f"{name} ({meaning})" for name, meaning in _BESIDE.items())
    return {
        "type": "object",
        "description": f"A table, and beside it what applies of {beside}.",
        "properties": properties,
        "required": ["columns", "rows", "row_count", "notes", "metrics_used", "dimensions_used", "query_time_ms"],
    }


def capabilities_arguments() -> dict[str, Any]:
    """The schema of the arguments of get_analytics_capabilities."""
    search = {"type": "string", "description": 'What matches these words best, e.g. "acceptance".'}
    return _object({"search": search, "detail": _flag("Tell everything about each; better with search.")}, [])


def capabilities_answer() -> dict[str, Any]:
    """The schema of what get_analytics_capabilities answers."""
    text, free = {"type": "string"}, {"type": "object"}
    members = {"type": "array", "items": {"type": "object", "properties": {"name": text}, "required": ["name"]}}
    parts = {
        "metrics": members,
        "dimensions": members,
        "only_with": {"type": "array", "items": free},
        "default_filters": {"type": "array", "items": free},
        "about": text,
        "note": text,
    }
    others = ("model", "filters", "dates", "limits", "left_out", "freshness")
    return _object({**parts, **dict.fromkeys(others, free)}, [])


def _named(names: list[str]) -> dict[str, Any]:
    return {"type": "string", "enum": names} if 0 < len(names) <= _MOST_NAMES else {"type": "string"}


def _flag(description: str) -> dict[str, Any]:
    return {"type": "boolean", "default": False, "description": description}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    needed = {"required": required} if required else {}
    return {"type": "object", "properties": properties, **needed, "additionalProperties": False}
