"""Our own API: questions in any form, answers in any format, and what can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from server.access import require
from server.http.answering import Answering, answer_of
from server.http.formats import compact, format_of
from server.http.metadata import of_the_model
from server.http.requests import answered, caller_of, flag, question_of, service_of, wants_fresh

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request

TABLES = ("sql", "columns")
"""Parts of an explanation that tell of SQL and of the tables behind the model."""


async def query(request: Request, now: datetime) -> Response:
    """The answer to a question."""
    form, fresh = format_of(request), wants_fresh(request)
    if form.needs is not None:
        form.needs()
    question = await question_of(request)
    return await answer_of(request, await answered(request, question, now=now, fresh=fresh), form, fresh=fresh)


async def explain(request: Request) -> Response:
    """How a question would be answered; SQL and columns of tables for callers who may see them."""
    caller = caller_of(request)
    found = service_of(request).explain(await question_of(request), caller).as_dict()
    return _json(found if "sql" in caller.scopes else _without(found, TABLES))


async def sql(request: Request) -> Response:
    """The statement that would answer a question."""
    caller = caller_of(request)
    require(caller, "sql")
    statement = service_of(request).compile(await question_of(request), caller)
    columns = [{"name": each.member, "type": each.type, "role": each.role} for each in statement.columns]
    return _json(
        {
            "sql": statement.sql,
            "parameters": plain_parameters(statement.parameters),
            "columns": columns,
            "dialect": statement.dialect,
        }
    )


async def capabilities(request: Request) -> Response:
    """What the caller can ask: all of it, or what is found by `?search=`, in full with `?detail=true`."""
    search, detail = request.query_params.get("search") or None, flag(request, "detail")
    service, caller = service_of(request), caller_of(request)

    def describe(_model: object) -> dict[str, Any]:
        return service.capabilities(caller, search=search, detail=detail)

    return of_the_model(request, describe, kept_as=None if search else f"capabilities {detail}")


def _without(found: Any, names: tuple[str, ...]) -> Any:
    if isinstance(found, dict):
        return {name: _without(part, names) for name, part in found.items() if name not in names}
    return [_without(each, names) for each in found] if isinstance(found, list) else found


def plain_parameters(parameters: Any) -> Any:
    """Parameters of a statement as JSON has them: dates as texts."""
    if hasattr(parameters, "items"):
        return {name: _plain_value(value) for name, value in parameters.items()}
    return [_plain_value(value) for value in parameters]


def _plain_value(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _json(data: Any) -> Response:
    return Response(compact(data), headers={"cache-control": "no-store"}, media_type="application/json")


ROUTES = (
    Route("/v1/query", Answering(query), methods=["GET", "POST"]),
    Route("/v1/explain", explain, methods=["GET", "POST"]),
    Route("/v1/sql", sql, methods=["GET", "POST"]),
    Route("/v1/capabilities", capabilities, methods=["GET"]),
)
