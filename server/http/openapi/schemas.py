"""The schemas of what is sent and answered; that of a query is the one that every door has."""

from __future__ import annotations

from typing import Any

from schemas import query_schema
from server.http.problems import kinds

Schema = dict[str, Any]

_FROM, _TO = "#/$defs/", "#/components/schemas/"


def ref(name: str) -> Schema:
    """A reference to a schema of the document."""
    return {"$ref": _TO + name}


def obj(properties: Schema, required: tuple[str, ...] = (), description: str = "", **more: Any) -> Schema:
    """An object; `required` are the properties that it always has."""
    data = {"description": description, "type": "object", "properties": properties, "required": list(required), **more}
    return {name: part for name, part in data.items() if part not in ("", [])}


def array(items: Schema, description: str = "") -> Schema:
    """A list of such items."""
    return {**({"description": description} if description else {}), "type": "array", "items": items}


def text(description: str = "", **more: Any) -> Schema:
    """A text."""
    return {"type": "string", **({"description": description} if description else {}), **more}


def whole(description: str) -> Schema:
    """A number of things."""
    return {"type": "integer", "minimum": 0, "description": description}


VALUE: Schema = {
    "description": "A value: a text, a number, true or false, or null. Dates are ISO texts.",
    "type": ["string", "number", "boolean", "null"],
}

COLUMN = obj(
    {
        "name": text("As the question names it."),
        "title": text(),
        "type": {"enum": ["string", "number", "boolean", "time", "date"]},
        "role": {
            "enum": ["dimension", "time", "key", "measure"],
            "description": "`key` identifies the label beside it: two features of one title have two keys.",
        },
        "unit": text("What a number counts."),
        "format": {"description": "How the model wants values to be shown."},
        "granularity": text("Of a time in buckets."),
        "additive": {"type": "boolean", "description": "Whether rows add up to their total."},
        "why_not_additive": text(),
        "description": text(),
    },
    ("name", "title", "type", "role"),
    "A column of an answer.",
)

ANSWER = obj(
    {
        "columns": array(ref("column")),
        "rows": array(array(ref("answer_value")), "Values in the order of the columns."),
        "row_count": whole("How many rows there are here."),
        "total_rows": whole("How many there are in all, as far as it is known."),
        "cut": {"type": "boolean", "description": "Whether a limit left rows out."},
        "totals": {
            "type": "object",
            "additionalProperties": ref("answer_value"),
            "description": "Metrics over all rows.",
        },
        "explanation": text("The question in a sentence."),
        "notes": array({"type": "string"}, "What a reader has to know."),
        "query": {"type": "object", "description": "The question as it was understood."},
        "model": ref("model_stamp"),
        "sql_digest": text("Identifies the SQL, without its values."),
        "freshness": {"type": "object", "description": "How old the rows are, by source."},
        "undated": {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "description": "Rows that were left out for having no date, by cube.",
        },
        "partial": array({"type": "object"}, "Periods of which not all is there."),
        "seconds": {"type": "number", "minimum": 0, "description": "What the database took."},
        "replay": {"type": "object", "description": "What asks for the same statement again."},
        "cache": obj(
            {
                "hit": {"const": True},
                "age_seconds": {"type": "number", "minimum": 0},
                "kept_for_seconds": {"type": "number", "minimum": 0},
            },
            ("hit", "age_seconds", "kept_for_seconds"),
            "Of an answer that was kept from before.",
        ),
    },
    ("columns", "rows", "row_count", "cut", "notes", "seconds"),
    "An answer, and how it was made. Parts that would be empty are left out.",
)

STAMP = obj(
    {"name": text(), "release": text(), "digest": text()}, ("name", "digest"), "Which model answered.",
)  # fmt: skip

STATEMENT = obj(
    {
        "sql": text(),
        "parameters": {"type": ["object", "array"], "description": "Values for its marks, as the driver takes them."},
        "columns": array({"type": "object"}),
        "dialect": text(),
    },
    ("sql", "parameters", "columns", "dialect"),
    "A statement that would answer the question.",
)

EXPLANATION = obj(
    {
        "sentence": text("The question in a sentence."),
        "measures": array({"type": "object"}, "What each metric computes, and whether it adds up."),
        "leaves": array({"type": "object"}, "What is aggregated, and how each row counts once."),
        "facts": array({"type": "object"}, "Which rows are read, by which joins and why, through which filters."),
        "notes": array({"type": "string"}),
        "sql": text("For callers who may see SQL."),
    },
    ("sentence",),
    "How a question would be answered.",
)

CAPABILITIES = obj(
    {
        "model": ref("model_stamp"),
        "about": text(),
        "metrics": array(obj({"name": text()}, ("name",))),
        "dimensions": array(obj({"name": text()}, ("name",))),
        "only_with": array({"type": "object"}, "Dimensions that do not go with every metric, and those they go with."),
        "default_filters": array({"type": "object"}),
        "filters": {"type": "object"},
        "dates": {"type": "object"},
        "limits": {"type": "object"},
        "note": text(),
    },
    ("model",),
    "What can be asked.",
)

SEMANTIC_SQL = obj(
    {
        "sql": text(
            "One SELECT over a view or cube, with MEASURE(metric).",
            examples=["SELECT severity, MEASURE(bug_count) FROM testing GROUP BY 1"],
        )
    },
    ("sql",),
    "A question in SQL.",
    title="question in SQL",
    additionalProperties=False,
)

ISSUE = obj(
    {
        "code": text("Stable; docs/errors.md explains each."),
        "message": text(),
        "member": text("The part of the question that is meant."),
        "place": {"type": "object", "description": "Where in the model."},
        "hint": text("How to put it right."),
        "candidates": array({"type": "string"}, "Valid names near the wrong one."),
        "severity": {"enum": ["error", "warning"]},
    },
    ("code", "message"),
)

PROBLEM = obj(
    {
        "type": text("What kind of problem it is.", examples=["about:blank", *(kind.type for kind in kinds())]),
        "title": text(),
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": text("All issues as one text."),
        "instance": text("The id of the request."),
        "issues": array(ref("issue")),
        "error": text("For Cube's clients: the detail again."),
    },
    ("type", "title", "status"),
    "Why a request failed (RFC 9457).",
)

CUBE_RESULT = obj(
    {
        "query": {"type": "object", "description": "The query with dates in place of phrases."},
        "data": {"type": ["array", "object"], "description": "Rows by member; numbers are texts."},
        "annotation": {"type": "object", "description": "Titles, types and formats of the members."},
        "lastRefreshTime": {"type": ["string", "null"]},
        "dataSource": text(),
        "dbType": text(),
        "extDbType": text(),
        "external": {"type": "boolean"},
        "slowQuery": {"type": "boolean"},
        "usedPreAggregations": {"type": "object"},
        "total": {"type": ["integer", "null"]},
        "explanation": text("The question in a sentence. Not in Cube."),
        "notes": array({"type": "string"}, "What a reader has to know. Not in Cube."),
    },
    ("query", "data", "annotation", "dbType"),
    "The answer to one query, as Cube gives it.",
)

CUBE_RESULTS = obj(
    {
        "queryType": {"enum": ["regularQuery", "compareDateRangeQuery", "blendingQuery"]},
        "results": array(ref("cube_result")),
        "pivotQuery": {"type": "object"},
        "slowQuery": {"type": "boolean"},
    },
    ("queryType", "results", "pivotQuery"),
    "Answers to several queries, or to one that was asked with queryType=multi.",
)


def query_schemas() -> dict[str, Schema]:
    """The schema of a query and the parts it consists of, under names of the document."""
    whole_schema = _moved(query_schema())
    parts: dict[str, Schema] = whole_schema.pop("$defs")
    for name in ("$schema", "$id"):
        whole_schema.pop(name)
    return {**parts, "query": whole_schema}


def _moved(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: _moved(each) for name, each in part.items()}
    if isinstance(part, list):
        return [_moved(each) for each in part]
    return part.replace(_FROM, _TO, 1) if isinstance(part, str) and part.startswith(_FROM) else part


def components() -> dict[str, Schema]:
    """Every schema of the document, by name."""
    return {
        **query_schemas(),
        "semantic_sql": SEMANTIC_SQL,
        "answer": ANSWER,
        "answer_value": VALUE,
        "column": COLUMN,
        "model_stamp": STAMP,
        "statement": STATEMENT,
        "explanation": EXPLANATION,
        "capabilities": CAPABILITIES,
        "problem": PROBLEM,
        "issue": ISSUE,
        "cube_result": CUBE_RESULT,
        "cube_results": CUBE_RESULTS,
    }
