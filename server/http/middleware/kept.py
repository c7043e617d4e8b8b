"""Gives what is kept to a request that has been understood before, without reading it again.

Reading a question and resolving it takes several times as long as looking its answer up. So what a request was understood as, the
key of its question and the form of its answer, is remembered for requests that are equal to it. Answers are not remembered here:
each is looked up among those that the service keeps, by that key and the version of the data, as for any other request.

Equal are requests of the same method, address, body and headers, but for those that only name a request, from callers with the same
security values and scopes, to the same model, within the same second, in which dates such as "today" have the same meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from server.http.middleware.exchange import CLIENT_LEFT
from server.http.representation import represent_aside
from server.http.requests import body_of
from server.service.keys import this_second

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from engine import Model
    from server.http.answering import Understood
    from server.service import Caller, Service

_MOST_REQUESTS, _MOST_BYTES = 1024, 16_384
_NAMING = frozenset({b"authorization", b"x-request-id", b"traceparent", b"tracestate"})
"""Headers that say which request it is and whose: the caller stands for his token, and logs and spans have read the others."""


class Requests:
    """What requests to a service were understood as."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._now: datetime | None = None
        self._model: Model | None = None
        self._known: dict[Hashable, Understood] = {}

    def known(self, now: datetime) -> dict[Hashable, Understood]:
        """Those of this second and of the model as it is; whoever holds on to it for longer writes where nobody reads."""
        model = self.service.model
        if now != self._now or model is not self._model:
            self._now, self._model, self._known = now, model, {}
        return self._known


class Kept:
    """Answers what it can at `paths`, where questions are asked.

    Whoever answers the others finds in `scope["state"]["now"]` at what moment they are to be understood, and leaves in
    `scope["state"]["understood"]` as what.
    """

    def __init__(self, app: ASGIApp, requests: Requests, paths: frozenset[str]) -> None:
        self._app, self._requests, self._paths = app, requests, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what is kept, or let the request through."""
        if scope["type"] != "http" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
            return
        body = b""
        if scope["method"] == "POST":
            try:
                body = await body_of(receive)
            except ClientDisconnect:
                await Response(status_code=CLIENT_LEFT)(scope, receive, send)
                return
            receive = _once_more(body, receive)
        now = this_second()
        asked, known = _identity(scope, body), self._requests.known(now)
        understood = known.get(asked)
        answered = self._requests.service.recall(understood.key) if understood is not None else None
        if understood is not None and answered is not None:
            scope["route"] = understood.route
            status, headers, content = await represent_aside(answered, understood.wanted)
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": content})
            return
        state = scope["state"]
        state["now"] = now
        await self._app(scope, receive, send)
        if (found := state.get("understood")) is not None:
            _remember(known, asked, found, scope, body)


def _identity(scope: Scope, body: bytes) -> Hashable:
    """What equal requests share."""
    caller: Caller = scope["state"]["caller"]
    headers = tuple([each for each in scope["headers"] if each[0] not in _NAMING])
    return scope["method"], scope["path"], scope["query_string"], body, headers, caller.identity


def _remember(
    known: dict[Hashable, Understood], asked: Hashable, understood: Understood, scope: Scope, body: bytes
) -> None:
    length = len(body) + sum(len(name) + len(value) for name, value in scope["headers"]) + len(scope["query_string"])
    if len(known) < _MOST_REQUESTS and length <= _MOST_BYTES:
        known[asked] = understood


def _once_more(body: bytes, receive: Receive) -> Receive:
    """Receives a body that has been read, then what comes after it."""
    left = [body]

    async def receive_again() -> Message:
        return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

    return receive_again
