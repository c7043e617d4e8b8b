"""The addresses of Cube's REST API; those that are not offered say so by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from engine import Issue, QueryError
from engine.execute.deadline import together
from engine.query.access import seen
from engine.sql.names import alias_of
from server.access import require
from server.http.answering import Answering, AnswerResponse, answer_of
from server.http.cube import queries
from server.http.cube.answers import Answer, write_lines
from server.http.cube.meta import meta
from server.http.flat import plain_parameters
from server.http.formats import Format, compact
from server.http.metadata import of_the_model
from server.http.problems import CUBE_PREFIX
from server.http.representation import put_together, wanted
from server.http.requests import (
    answered,
    caller_of,
    flag,
    json_body,
    read_json,
    service_of,
    unless_gone,
    wants_fresh,
)

if TYPE_CHECKING:
    from starlette.requests import Request

    from engine import Explanation, Model, Result, Statement
    from engine.query.query import Query
    from server.http.cube.queries import Asked, Normalised

_JSON = "application/json"
_LINES = Format("cubesql", "application/x-ndjson", write_lines)
_HINT = 'Send {"query": {"measures": ["testing.bug_count"]}}, or the query as the parameter of that name.'
_NOT_OFFERED = {
    "graphql": "GraphQL; ask with /cubejs-api/v1/load",
    "v1/convert-query": "conversion of queries; /cubejs-api/v1/sql?format=sql takes SQL",
    "v1/graphql-to-json": "GraphQL; ask with /cubejs-api/v1/load",
    "v1/pre-aggregations": "pre-aggregations; answers are cached without them",
    "v1/running-query": "cancelling by id; close the connection, and the statement is stopped",
    "v1/run-scheduled-refresh": "scheduled refreshes; the server syncs by itself",
}


class _Parameters:
    """What a request to Cube's API says besides its headers: the parameters of its address, or the keys of its body."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given

    @classmethod
    async def of(cls, request: Request) -> _Parameters:
        if request.method != "POST":
            return cls(dict(request.query_params))
        body = await json_body(request)
        if not isinstance(body, dict):
            raise QueryError(Issue("E_QUERY", "The body is no JSON object.", member="body", hint=_HINT))
        return cls(body)

    def query(self) -> Any:
        """The query, which is JSON in an address and may be in a body; a text stays one where it is no JSON."""
        if "query" not in self.given:
            raise QueryError(Issue("E_QUERY", "There is no query.", member="query", hint=_HINT))
        written = self.given["query"]
        return read_json(written, "query") if isinstance(written, str) else written

    def text(self) -> str:
        """The query as a text of SQL."""
        written = self.given.get("query")
        if not isinstance(written, str):
            hint = 'Send {"query": "SELECT severity, MEASURE(bug_count) FROM testing GROUP BY 1"}.'
            raise QueryError(Issue("E_QUERY", "The query is a text of SQL here.", member="query", hint=hint))
        return written


async def load(request: Request, now: datetime) -> Response:
    """Rows: of one query, of several that are blended, or of one for each of several date ranges."""
    parameters = await _Parameters.of(request)
    service, caller = service_of(request), caller_of(request)
    model = seen(service.model, caller.security)
    asked = queries.read(parameters.query(), model.settings.limits.rows, parameters.given.get("cache"))
    fresh, multi = asked.fresh or wants_fresh(request), queries.is_multi(parameters.given.get("queryType"))
    if len(asked.queries) == 1:
        answers = [await answered(request, asked.queries[0], now=now, fresh=fresh)]
    else:
        works = (service.answer(each, caller, now=now, fresh=fresh) for each in asked.queries)
        answers = await unless_gone(request, together(*works))
    form = f"cube {asked.kind} {asked.layout}"

    def forms(query: Query) -> tuple[Format, Format]:
        """An answer as a whole, and the query in it."""

        def answer(result: Result) -> Answer:
            found = queries.normalise(query, model, caller.security, now, asked.layout)
            return Answer(found, result, model, asked.kind, service.database.dialect)

        return (
            Format(form, _JSON, lambda result: compact(answer(result).as_dict())),
            Format(f"{form} query", _JSON, lambda result: compact(answer(result).query())),
        )

    if asked.kind == "regularQuery" and not multi:
        return await answer_of(request, answers[0], forms(asked.queries[0])[0], fresh=fresh)
    pairs = [(each, *forms(query)) for query, each in zip(asked.queries, answers, strict=True)]
    entries = [each.written(whole.name, whole.write) for each, whole, _ in pairs]
    understood = [each.written(query.name, query.write) for each, _, query in pairs]
    body = _together(asked, entries, understood)
    return AnswerResponse(put_together(body, answers, wanted(request.scope, pairs[0][1])))


def _together(asked: Asked, entries: list[bytes], understood: list[bytes]) -> bytes:
    pivot = understood[0]
    if asked.kind != "regularQuery":
        pivot = compact(queries.pivot_query(asked.kind, [json.loads(each) for each in understood]))
    parts = (compact(asked.kind), b",".join(entries), pivot)
    return b'{"queryType":%b,"results":[%b],"pivotQuery":%b,"slowQuery":false}' % parts


async def dry_run(request: Request) -> Response:
    """How a query is understood, without asking the database."""
    parameters = await _Parameters.of(request)
    now, service, caller = datetime.now(UTC), service_of(request), caller_of(request)
    model = seen(service.model, caller.security)
    asked = queries.read(parameters.query(), model.settings.limits.rows)
    found = [queries.normalise(each, model, caller.security, now, asked.layout) for each in asked.queries]
    normalised = [each.as_dict() for each in found]
    explained = [service.explain(each, caller, now) for each in asked.queries]
    data = {
        "queryType": asked.kind,
        "normalizedQueries": normalised,
        "queryOrder": [
            {each["id"]: "desc" if each["desc"] else "asc" for each in query["order"]} for query in normalised
        ],
        "transformedQueries": [_transformed(*each) for each in zip(found, explained, strict=True)],
        "pivotQuery": queries.pivot_query(asked.kind, normalised),
    }
    return _json(data)


def _transformed(found: Normalised, explained: Explanation) -> dict[str, Any]:
    """What Cube says of a query for matching pre-aggregations, as far as there is a meaning to it here."""
    additive = all(not each.why_not_additive for each in explained.measures)
    return {
        "measures": list(found.query.measures),
        "sortedDimensions": sorted(found.dimensions),
        "sortedTimeDimensions": [[each.dimension, each.granularity] for each in found.buckets],
        "leafMeasures": [each.name for each in explained.leaves],
        "isAdditive": additive,
        "leafMeasureAdditive": additive,
    }


async def sql(request: Request) -> Response:
    """The statement of a query, or of each of several; with `format=sql`, of a question in SQL."""
    service, caller = service_of(request), caller_of(request)
    require(caller, "sql")
    parameters = await _Parameters.of(request)
    if parameters.given.get("format") == "sql":
        statement = service.compile(parameters.text(), caller)
        written = [statement.sql, plain_parameters(statement.parameters)]
        return _json({"sql": {"status": "ok", "query_type": "regular", "sql": written}})
    query, now = parameters.query(), datetime.now(UTC)
    model = seen(service.model, caller.security)
    asked = queries.read(query, model.settings.limits.rows)
    found = []
    for each in asked.queries:
        statement = service.compile(each, caller, now)
        understood = queries.normalise(each, model, caller.security, now, asked.layout).as_dict()
        found.append({"sql": _statement(statement, understood["order"])})
    return _json(found[0] if asked.kind == "regularQuery" else found)


def _statement(statement: Statement, order: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "sql": [statement.sql, plain_parameters(statement.parameters)],
        "order": order,
        "aliasNameToMember": {alias_of(each.member): each.member for each in statement.columns},
        "cacheKeyQueries": {"queries": []},
        "preAggregations": [],
        "dataSource": "default",
        "dbType": statement.dialect,
        "external": False,
    }


async def describe(request: Request) -> Response:
    """The cubes and views that the caller sees."""
    only_views, extended = "onlyViews" in request.query_params and flag(request, "onlyViews"), _extended(request)
    if extended:
        require(caller_of(request), "sql")

    def found(model: Model) -> dict[str, Any]:
        return meta(model, only_views=only_views, extended=extended)

    return of_the_model(request, found, kept_as=f"meta {only_views} {extended}")


def _extended(request: Request) -> bool:
    """`?extended` alone means true, as in Cube."""
    return "extended" in request.query_params and (request.query_params["extended"] == "" or flag(request, "extended"))


async def cubesql(request: Request, now: datetime) -> Response:
    """The answer to a question in SQL, as lines of JSON: the columns, then the rows."""
    parameters = await _Parameters.of(request)
    fresh = queries.wants_fresh(parameters.given.get("cache")) or wants_fresh(request)
    return await answer_of(
        request, await answered(request, parameters.text(), now=now, fresh=fresh), _LINES, fresh=fresh
    )


async def not_offered(request: Request) -> Response:
    """Say what an address of Cube's is for, and that it is not here."""
    path = request.url.path.removeprefix(f"{CUBE_PREFIX}/")
    what = next(what for start, what in _NOT_OFFERED.items() if path.startswith(start))
    raise HTTPException(404, f"{request.url.path} is not offered: there is no {what}.")


def _json(data: Any) -> Response:
    return Response(compact(data), headers={"cache-control": "no-store"}, media_type=_JSON)


_V1 = f"{CUBE_PREFIX}/v1"
_BOTH = ["GET", "POST"]

ROUTES = (
    Route(f"{_V1}/load", Answering(load), methods=_BOTH),
    # Cube's client polls this one for answers that change; each is an answer like those of /load.
    Route(f"{_V1}/subscribe", Answering(load), methods=_BOTH),
    Route(f"{_V1}/sql", sql, methods=_BOTH),
    Route(f"{_V1}/dry-run", dry_run, methods=_BOTH),
    Route(f"{_V1}/meta", describe, methods=["GET"]),
    Route(f"{_V1}/cubesql", Answering(cubesql), methods=["POST"]),
    *(
        Route(f"{CUBE_PREFIX}/{path}{rest}", not_offered, methods=["GET", "POST", "DELETE"])
        for path in _NOT_OFFERED
        for rest in ("", "/{rest:path}")
    ),
)
