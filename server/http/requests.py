"""What a request asks: its JSON, its question, who asks, and whether an answer that was kept will do."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from engine import Issue, QueryError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from datetime import datetime

    from starlette.requests import Request
    from starlette.types import Receive

    from engine.query.query import Query
    from server.service import Answered, Caller, Service

T = TypeVar("T")

_LISTS = ("metrics", "dimensions", "segments")
_AS_JSON = ("filters", "compare", "join_hints", "total", "totals", "fill")
_PATIENCE_SECONDS = 0.02
_BODY_HINT = 'Send {"metrics": ["bug_count"]}, for example.'


def service_of(request: Request) -> Service:
    """What the application answers from."""
    service: Service = request.app.state.service
    return service


def caller_of(request: Request) -> Caller:
    """Who asks, as authentication found."""
    caller: Caller = request.state.caller
    return caller


async def json_body(request: Request) -> Any:
    """The body as JSON; raises HTTPException for another media type, QueryError for what is no JSON."""
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise HTTPException(415, f"The body is {media_type!r}; send JSON, as application/json.")
    return read_json(await body_of(request.receive), "body")


async def body_of(receive: Receive) -> bytes:
    """The whole body of a request; most come in one piece, for which Starlette's own way takes ten times as long."""
    pieces = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def read_json(text: bytes | str, where: str) -> Any:
    """The value that a text of JSON stands for; raises QueryError for anything that is not strictly JSON in UTF-8."""
    try:
        written = text if isinstance(text, str) else text.decode()
        found = _DECODER.decode(written)
        if "\\u" in written:
            # Half of a pair of surrogates is no text, and no database takes it.
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise QueryError(Issue("E_QUERY", f"The {where} is not JSON: {said}.", member=where, hint=_BODY_HINT)) from None
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no value of JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


async def question_of(request: Request) -> Mapping[str, Any] | str:
    """The question of a request: in its body, in either form or as `{"sql": "SELECT …"}`, or in the parameters of its address."""
    if request.method in {"GET", "HEAD"}:
        return _from_parameters(request)
    found = await json_body(request)
    if not isinstance(found, dict):
        raise QueryError(Issue("E_QUERY", "A question is a JSON object.", member="body", hint=_BODY_HINT))
    return semantic_sql(found) if "sql" in found else found


def semantic_sql(body: Mapping[str, Any]) -> str:
    """The text of a question in SQL; raises QueryError where the body says more, or it is no text."""
    others = [name for name in body if name != "sql"]
    if others:
        message = f"A question in SQL has no {others[0]!r} beside it."
        raise QueryError(Issue("E_QUERY", message, member=others[0], hint="Say it in the SQL."))
    if not isinstance(body["sql"], str):
        hint = 'Send {"sql": "SELECT feature, MEASURE(bug_count) FROM testing GROUP BY 1"}.'
        raise QueryError(Issue("E_QUERY", "A question in SQL is a text.", member="sql", hint=hint))
    return body["sql"]


def _from_parameters(request: Request) -> Mapping[str, Any] | str:
    """The flat form from an address: lists are separated by commas or given several times; filters and compare are JSON."""
    given = request.query_params
    if "sql" in given:
        return semantic_sql({name: value for name, value in given.items() if name != "format"})
    question: dict[str, Any] = {}
    for name in given:
        if name == "format":
            continue
        values = given.getlist(name)
        if name in _LISTS:
            question[name] = [each.strip() for value in values for each in value.split(",") if each.strip()]
        elif len(values) > 1:
            message = f"{name} is given {len(values)} times."
            raise QueryError(Issue("E_QUERY", message, member=name, hint="Give it once."))
        elif name in _AS_JSON or values[0].startswith("["):
            question[name] = read_json(values[0], name)
        else:
            question[name] = values[0]
    return question


def flag(request: Request, name: str) -> bool:
    """A parameter that is true or false; raises QueryError for anything else."""
    written_as = request.query_params.get(name, "false").lower()
    if written_as not in {"true", "false", ""}:
        raise QueryError(Issue("E_QUERY", f"{name} is true or false, not {written_as!r}.", member=name))
    return written_as == "true"


def wants_fresh(request: Request) -> bool:
    """Whether the client refuses an answer that was kept (RFC 9111, section 5.2.1.4)."""
    return "no-cache" in request.headers.get("cache-control", "").lower()


async def answered(
    request: Request, question: Mapping[str, Any] | str | Query, *, now: datetime, fresh: bool = False
) -> Answered:
    """The answer to a question; raises what `Service.answer` does, and ClientDisconnect when the client has gone."""
    service, caller = service_of(request), caller_of(request)
    if not fresh and (kept := service.kept(question, caller, now=now)) is not None:
        # Given at once: watching each of those clients would take longer than answering it.
        return kept
    # What is kept has been looked for.
    return await unless_gone(request, service.answer(question, caller, fresh=True, now=now))


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What the work comes to; it is cancelled when the client goes away, whose body has been read by now.

    Raises ClientDisconnect then: nobody is there to be told anything.
    """
    task = asyncio.current_task()
    assert task is not None
    watch = _Watch(request, task)
    # What takes no time is over before anybody leaves.
    begins = asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, watch.begin)
    try:
        return await work
    except asyncio.CancelledError:
        if not watch.gone:
            raise
        task.uncancel()
        raise ClientDisconnect from None
    finally:
        begins.cancel()
        watch.end()


class _Watch:
    """Cancels a task when the client of its request has gone."""

    def __init__(self, request: Request, task: asyncio.Task[Any]) -> None:
        self._request, self._task = request, task
        self._listening: asyncio.Task[None] | None = None
        self.gone = False

    def begin(self) -> None:
        self._listening = asyncio.ensure_future(self._listen())

    def end(self) -> None:
        if self._listening is not None:
            self._listening.cancel()

    async def _listen(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        self._task.cancel()
