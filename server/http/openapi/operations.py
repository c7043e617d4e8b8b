"""The addresses of the API: what each is for, what it takes and what it answers."""

from __future__ import annotations

from typing import Any

from schemas import query_schema
from server.http.cube.queries import CACHE_MODES, QUERY_TYPES
from server.http.formats import FORMATS
from server.http.openapi.examples import CUBE_QUESTIONS, ONE_CUBE_QUESTION, QUESTIONS
from server.http.openapi.schemas import Schema, array, obj, query_schemas, ref, text

Operation = dict[str, Any]

_JSON = "application/json"

_NO_CACHE = {
    "name": "Cache-Control",
    "in": "header",
    "description": "`no-cache` asks the database even if there is an answer that was kept.",
    "schema": {"type": "string", "examples": ["no-cache"]},
}
_FORMAT = {
    "name": "format",
    "in": "query",
    "description": "How rows are written; goes before the header `Accept`.",
    "schema": {"enum": [each.name for each in FORMATS]},
}
_KNOWN = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of what the client has; the answer is 304 while it is the same.",
    "schema": {"type": "string"},
}


def paths() -> dict[str, dict[str, Operation]]:
    """Every address, by method."""
    return {**_own(), **_cube(), **_health()}


def _own() -> dict[str, dict[str, Operation]]:
    answer = {
        each.media_type: {"schema": ref("answer") if each.has_account else {"type": "string"}} for each in FORMATS
    }
    question = {"oneOf": [ref("query"), ref("semantic_sql")]}
    return {
        "/v1/query": _asking("query", "Ask a question", question, _answered(answer), [_FORMAT, _NO_CACHE]),
        "/v1/explain": _asking("explain", "Say how a question would be answered", question, _ok("explanation")),
        "/v1/sql": _asking("sql", "Show the SQL of a question (scope `sql`)", question, _ok("statement")),
        "/v1/capabilities": {
            "get": {
                "operationId": "capabilities",
                "tags": ["Model"],
                "summary": "List what can be asked",
                "parameters": [
                    _parameter("search", text("Words that names, descriptions or values have.")),
                    _parameter("detail", {"type": "boolean", "description": "Everything, however long it gets."}),
                    _KNOWN,
                ],
                "responses": _described("capabilities"),
            }
        },
        "/openapi.json": {
            "get": {
                "operationId": "openapi",
                "tags": ["Model"],
                "summary": "This document",
                "parameters": [_KNOWN],
                "responses": _described({"type": "object"}),
            }
        },
    }


def _asking(
    name: str, summary: str, question: Schema, responses: Operation, more: list[Operation] | None = None
) -> dict[str, Operation]:
    """A question in the body, or in the address; a kept answer can be asked for again by its ETag in the latter."""
    is_kept = name == "query"
    common = {"tags": ["Questions"], "summary": summary, "responses": responses}
    shown = {key: each for key, each in QUESTIONS.items() if name != "sql" or key != "compared"}
    in_sql = _parameter("sql", text("A question in SQL, in place of all others."))
    return {
        "post": {
            "operationId": name,
            **common,
            "parameters": list(more or ()),
            "requestBody": {"required": True, "content": {_JSON: {"schema": question, "examples": shown}}},
        },
        "get": {
            "operationId": f"{name}ByAddress",
            **common,
            "summary": f"{summary}, in the address",
            "description": "The flat form: lists are separated by commas, `filters` and `compare` are JSON. Or `sql`.",
            "parameters": [*_flat_parameters(), in_sql, *(more or ()), *([_KNOWN] if is_kept else [])],
            "responses": _tagged(responses) if is_kept else responses,
        },
    }  # fmt: skip


def _flat_parameters() -> list[Operation]:
    found = []
    for name, schema in query_schemas()["flat_query"]["properties"].items():
        described: Schema = {"description": schema.get("description", "")}
        if schema.get("$ref", "").endswith("/members"):
            example = {"metrics": ["bug_count"], "dimensions": ["severity"]}.get(name)
            written = {"schema": array({"type": "string"}), "style": "form", "explode": False}
            found.append(
                {"name": name, "in": "query", **described, **written, **({"example": example} if example else {})}
            )
        elif name in _JSON_PARAMETERS:
            found.append({"name": name, "in": "query", **described, "content": {_JSON: {"schema": schema}}})
        elif name == "date_range":
            found.append(_parameter(name, text(schema["description"])))
        elif name != "time_zone":
            found.append(_parameter(name, schema))
    return found


_JSON_PARAMETERS = ("filters", "compare", "join_hints")
assert set(_JSON_PARAMETERS) <= set(query_schema()["$defs"]["flat_query"]["properties"])


def _cube() -> dict[str, dict[str, Operation]]:
    results = {"schema": {"oneOf": [ref("cube_results"), ref("cube_result")]}}
    described = {"type": "object", "required": ["cubes"], "properties": {"cubes": array({"type": "object"})}}
    load = _of_cube("load", "Load rows, as Cube's clients do", _answered({_JSON: results}), CUBE_QUESTIONS)
    again = _of_cube(
        "subscribe", "The same, for clients that ask again and again", load["post"]["responses"], CUBE_QUESTIONS
    )
    statement = _ok({"type": ["object", "array"]})
    return {
        "/cubejs-api/v1/load": load,
        "/cubejs-api/v1/subscribe": again,
        "/cubejs-api/v1/sql": _of_cube("sql", "Show the SQL of a query (scope `sql`)", statement, ONE_CUBE_QUESTION),
        "/cubejs-api/v1/dry-run": _of_cube("dryRun", "Say how a query is understood", _ok({"type": "object"}), CUBE_QUESTIONS),
        "/cubejs-api/v1/meta": {
            "get": {
                "operationId": "cubeMeta",
                "tags": ["Cube"],
                "summary": "Describe the cubes and views that the caller sees",
                "parameters": [
                    _parameter("onlyViews", {"type": "boolean"}),
                    _parameter("extended", {"type": "boolean", "description": "Tables and joins too (scope `sql`)."}),
                    _KNOWN,
                ],
                "responses": _described(described),
            }
        },
        "/cubejs-api/v1/cubesql": {
            "post": {
                "operationId": "cubeSemanticSql",
                "tags": ["Cube"],
                "summary": "Answer a question in SQL, line by line",
                "parameters": [_NO_CACHE],
                "requestBody": {
                    "required": True,
                    "content": {
                        _JSON: {
                            "schema": obj({"query": text(), "cache": {"enum": [*CACHE_MODES, None]}}, ("query",)),
                            "example": {"query": QUESTIONS["sql"]["value"]["sql"]},
                        }
                    },
                },
                "responses": _answered({"application/x-ndjson": {"schema": {"type": "string"}}}),
            }
        },
    }  # fmt: skip


def _of_cube(name: str, summary: str, responses: Operation, examples: Operation) -> dict[str, Operation]:
    query = {"oneOf": [ref("cube_query"), {"type": "array", "items": ref("cube_query"), "minItems": 1, "maxItems": 10}]}
    kind = {"enum": list(QUERY_TYPES), "description": "Without `multi`, one query is answered by its result alone."}
    mode = {"enum": list(CACHE_MODES), "description": "How stale an answer may be (Cube)."}
    common = {"tags": ["Cube"], "summary": summary, "responses": responses}
    is_kept = name in {"load", "subscribe"}
    operation = f"cube{name[0].upper()}{name[1:]}"
    more = {"queryType": kind, "cache": mode} if is_kept else {}
    nullable = {name: {**schema, "enum": [*schema["enum"], None]} for name, schema in more.items()}
    body = obj({"query": query, **nullable}, ("query",))
    return {
        "post": {
            "operationId": operation,
            **common,
            "requestBody": {"required": True, "content": {_JSON: {"schema": body, "examples": examples}}},
        },
        "get": {
            "operationId": f"{operation}ByAddress",
            **common,
            "summary": f"{summary}, in the address",
            "parameters": [
                {
                    "name": "query",
                    "in": "query",
                    "required": True,
                    "description": "The query, as JSON.",
                    "content": {_JSON: {"schema": query, "example": {"measures": ["testing.bug_count"]}}},
                },
                *(_parameter(name, schema) for name, schema in more.items()),
                *([_KNOWN] if is_kept else []),
            ],
            "responses": _tagged(responses) if is_kept else responses,
        },
    }


def _health() -> dict[str, dict[str, Operation]]:
    healthy = obj({"health": {"const": "HEALTH"}, "model": ref("model_stamp")}, ("health",))
    told = {"/livez": "Whether the server runs", "/readyz": "Whether it can answer questions"}
    return {
        path: {
            "get": {
                "operationId": path[1:],
                "tags": ["Health"],
                "summary": summary,
                "security": [],
                "responses": _ok(healthy),
            }
        }
        for path, summary in told.items()
    }


def _parameter(name: str, schema: Schema) -> Operation:
    return {"name": name, "in": "query", "schema": schema}


def _ok(schema: str | Schema) -> Operation:
    found = ref(schema) if isinstance(schema, str) else schema
    return {"200": {"description": "It is so.", "content": {_JSON: {"schema": found}}}, **_PROBLEMS}


def _answered(content: Operation) -> Operation:
    age = {
        "description": "How long it was kept, in seconds; absent from a fresh answer.",
        "schema": {"type": "integer"},
    }
    return {"200": {"description": "The answer.", "headers": {"Age": age}, "content": content}, **_PROBLEMS}


def _described(schema: str | Schema) -> Operation:
    return _tagged(_ok(schema))


def _tagged(responses: Operation) -> Operation:
    tag = {"ETag": {"description": "Identifies this content.", "schema": {"type": "string"}}}
    found = responses["200"]
    return {
        "200": {**found, "headers": {**found.get("headers", {}), **tag}},
        "304": {"description": "The client has it already.", "headers": tag},
        **_PROBLEMS,
    }


_TOLD = {
    "400": "The question cannot be answered as it was asked.",
    "401": "There is no token, or none that is known.",
    "403": "The token may not do this.",
    "406": "This form of answer is not available.",
    "429": "Too many requests; `Retry-After` says when to come again.",
    "503": "The server is busy, or its database cannot answer.",
    "504": "The question took longer than the model allows.",
    "default": "Another problem.",
}
_PROBLEMS = {
    status: {"description": description, "content": {"application/problem+json": {"schema": ref("problem")}}}
    for status, description in _TOLD.items()
}
