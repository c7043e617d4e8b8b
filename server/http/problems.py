"""What a client is told when a request fails: problem details (RFC 9457), with the issues that every door tells.

    {"type", "title", "status", "detail", "instance", "issues": [{"code", "message", "member"?, "hint"?, "candidates"?}]}

Below `/cubejs-api` the same object has Cube's `error` too, the text that Cube's clients show.
"""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.exceptions import HTTPException
from starlette.responses import Response

from engine import DatabaseError, EngineError, Issue, ModelError, QueryError, QueryTimeout
from server.access.errors import Forbidden, IssuerUnavailable, Unauthenticated
from server.service import Busy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

LOG = logging.getLogger(__name__)

CUBE_PREFIX = "/cubejs-api"
MEDIA_TYPE = "application/problem+json"

_UNTYPED = "about:blank"


class Kind(NamedTuple):
    """A type of problem: its status, what identifies it, and its title, which is the same at each occurrence."""

    status: int
    name: str
    title: str

    @property
    def type(self) -> str:
        """The URI that identifies it (RFC 9457, section 3.1.1)."""
        return f"urn:metric-cube:problem:{self.name}"


_KINDS: tuple[tuple[type[EngineError], Kind], ...] = (
    (Unauthenticated, Kind(401, "token", "Nobody knows who asks")),
    (Forbidden, Kind(403, "scope", "The token may not do this")),
    (IssuerUnavailable, Kind(503, "token-keys", "The token cannot be checked now")),
    (Busy, Kind(503, "busy", "The server is busy")),
    (QueryError, Kind(400, "query", "The question cannot be answered as it was asked")),
    (QueryTimeout, Kind(504, "timeout", "The question took longer than the model allows")),
    (DatabaseError, Kind(503, "database", "The database cannot answer")),
    (ModelError, Kind(500, "model", "The model is wrong")),
)
"""The first that fits an error says what it is."""

_FORBIDDEN = Kind(403, "security", "What access policies need to know of the caller is missing")
_NOT_INSTALLED = Kind(406, "format", "This form of answer is not available")
_BY_CODE = {"E_SECURITY_VALUE": _FORBIDDEN, "E_SECURITY": _FORBIDDEN, "E_PACKAGE_MISSING": _NOT_INSTALLED}
"""Issues that decide, whatever the class of the error is."""

_BUG = Kind(500, "bug", "Something went wrong that should not")


class Problem(Response):
    """A problem as a response; `instance` is the id of the request (`scope["state"]["request_id"]`), where it has one."""

    media_type = MEDIA_TYPE

    def __init__(self, data: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        self.data = dict(data)
        self._told_headers = {"cache-control": "no-store", **(headers or {})}
        super().__init__(self._written({}), self.data["status"], self._told_headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, as the address asked for tells it."""
        self.body = self._written(scope)
        self.init_headers(self._told_headers)
        await super().__call__(scope, receive, send)

    def _written(self, scope: Mapping[str, Any]) -> bytes:
        data = self.data
        request_id = scope.get("state", {}).get("request_id")
        if request_id:
            data = {**data, "instance": f"urn:metric-cube:request:{request_id}"}
        if str(scope.get("path", "")).startswith(CUBE_PREFIX):
            data = {**data, "error": data.get("detail", data["title"])}
        return json.dumps(data, ensure_ascii=False).encode()


def problem(
    status: int,
    said: str | Issue | Iterable[Issue] = "",
    headers: Mapping[str, str] | None = None,
    *,
    kind: Kind | None = None,
) -> Problem:
    """A problem with a status, and a text or issues that say what is wrong and how to put it right.

    Without a `kind` its title is the name of the status.
    """
    issues = [] if isinstance(said, str) else [said] if isinstance(said, Issue) else list(said)
    detail = said if isinstance(said, str) else "\n".join(map(_sentence, issues))
    data: dict[str, Any] = {
        "type": kind.type if kind else _UNTYPED,
        "title": kind.title if kind else HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "issues": [issue.as_dict() for issue in issues],
    }
    return Problem({name: part for name, part in data.items() if part not in ("", [])}, headers)


def problem_of(error: EngineError, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem that an error of the engine or of the service is; `headers` replaces those that go with it otherwise."""
    kind = next((_BY_CODE[issue.code] for issue in error.issues if issue.code in _BY_CODE), None)
    kind = kind or next((kind for each, kind in _KINDS if isinstance(error, each)), _BUG)
    return problem(kind.status, error.issues, headers or _headers_of(error), kind=kind)


def _headers_of(error: EngineError) -> dict[str, str] | None:
    if isinstance(error, Busy | IssuerUnavailable):
        return {"retry-after": str(error.retry_after)}
    if isinstance(error, Forbidden):
        return {"www-authenticate": f'Bearer error="insufficient_scope", scope="{error.scope}"'}
    return None


def kinds() -> tuple[Kind, ...]:
    """Every type of problem that answers of the engine can be."""
    return (*(kind for _, kind in _KINDS), _FORBIDDEN, _NOT_INSTALLED, _BUG)


async def on_engine_error(_request: Request, error: Exception) -> Response:
    """Tell an error that was raised on purpose."""
    assert isinstance(error, EngineError)
    return problem_of(error)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Tell what Starlette refuses: an address or a method that is not there."""
    assert isinstance(error, HTTPException)
    path, detail = request.url.path, error.detail
    if error.status_code == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"There is nothing at {path}. /docs lists what there is."
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method} does not go with {path}; it answers {(error.headers or {}).get('Allow', 'others')}."
    return problem(error.status_code, detail, error.headers)


async def on_bug(request: Request, error: Exception) -> Response:
    """Tell that something broke, without what: that is in the log, under the id of the request."""
    request_id = request.scope.get("state", {}).get("request_id", "-")
    LOG.error("request %s: %s %s failed", request_id, request.method, request.url.path, exc_info=error)
    message = "This is a bug in metric-cube."
    hint = "Please report it with the id of the request; the server's log says more."
    # What is raised passes by the middleware that echoes the id otherwise.
    return problem(_BUG.status, Issue("E_BUG", message, hint=hint), {"x-request-id": request_id}, kind=_BUG)


def _sentence(issue: Issue) -> str:
    return f"{issue.message} {issue.hint}" if issue.hint else issue.message
