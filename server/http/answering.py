"""Addresses that give answers. A request that has been understood is not read again for as long as that holds.

Reading a question and resolving it takes several times as long as looking its answer up. So what a request was understood as, the
key of its question and the form of its answer, is remembered for requests that are equal to it. Answers are not remembered here:
each is looked up among those that the service keeps, by that key and the version of the data, as for any other request.

Equal are requests of the same method, address, body and headers, but for those that only name a request, from callers with the same
security values and scopes, to the same model, within the same second, in which dates such as "today" have the same meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from server.http.formats import written
from server.http.requests import body_of
from server.service.keys import this_second

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable
    from datetime import datetime

    from starlette.types import Message, Receive, Scope, Send

    from engine import Model
    from server.http.formats import Format
    from server.service import Answered, Caller, Service
    from server.service.keys import Key

    Handler = Callable[[Request, datetime], Awaitable[Response]]

_MOST_REQUESTS, _MOST_BYTES = 1024, 16_384
_NAMING = frozenset({b"authorization", b"x-request-id", b"traceparent", b"tracestate"})
"""Headers that say which request it is and whose: the caller stands for his token, and logs and spans have read the others."""


class Understood(NamedTuple):
    """What a request asks for: the key of its question, and the form of its answer."""

    key: Key
    form: Format


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


class Answering:
    """An address whose handler answers questions, as they are understood at a moment."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what is kept, else as the handler does."""
        requests: Requests = scope["app"].state.requests
        body = b""
        if scope["method"] == "POST":
            body = await body_of(receive)
            receive = _once_more(body, receive)
        now = this_second()
        asked, known = _identity(scope, body), requests.known(now)
        understood = known.get(asked)
        kept = requests.service.recall(understood.key) if understood is not None else None
        response: Response
        if understood is not None and kept is not None:
            response = AnswerResponse(written(kept, understood.form), kept, understood.form.media_type)
        else:
            response = await self._handler(Request(scope, receive), now)
            if isinstance(response, AnswerResponse) and response.understood is not None:
                _remember(known, asked, response.understood, len(body))
        await response(scope, receive, send)


class AnswerResponse(Response):
    """An answer, with what caches are told of it: to ask again each time, because data change, and since when it was kept here.

    `understood` is what equal requests ask for; None where they are to be read again.
    """

    def __init__(self, body: bytes, answered: Answered, media_type: str, understood: Understood | None = None) -> None:
        # Each header is written as it is sent: Starlette's way for any headers takes several times as long.
        self.status_code, self.background, self.body = 200, None, body
        kept = [(b"age", b"%d" % answered.age)] if answered.hit else []
        sizes = [(b"content-length", b"%d" % len(body)), (b"content-type", media_type.encode())]
        self.raw_headers = [*sizes, *_CACHE_HEADERS, *kept]
        self.understood = understood


_CACHE_HEADERS = [(b"cache-control", b"private, no-cache"), (b"vary", b"Accept, Authorization")]


def answer_of(answered: Answered, form: Format, *, fresh: bool) -> AnswerResponse:
    """The answer to one question in a form; one that was asked for `fresh` is asked of the database each time."""
    understood = None if fresh else Understood(answered.key, form)
    return AnswerResponse(written(answered, form), answered, form.media_type, understood)


def _identity(scope: Scope, body: bytes) -> Hashable:
    """What equal requests share."""
    caller: Caller = scope["state"]["caller"]
    headers = tuple([(name, value) for name, value in scope["headers"] if name not in _NAMING])
    return scope["method"], scope["path"], scope["query_string"], body, headers, caller.identity


def _remember(known: dict[Hashable, Understood], asked: Hashable, understood: Understood, length: int) -> None:
    if len(known) < _MOST_REQUESTS and length <= _MOST_BYTES:
        known[asked] = understood


def _once_more(body: bytes, receive: Receive) -> Receive:
    """Receives a body that has been read, then what comes after it."""
    left = [body]

    async def receive_again() -> Message:
        return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

    return receive_again
