"""Addresses that give answers: what they answer with, and as what they understood a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from server.http.representation import represent_aside, wanted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    from server.http.formats import Format
    from server.http.representation import Representation, Wanted
    from server.service import Answered
    from server.service.keys import Key

    Handler = Callable[[Request, datetime], Awaitable[Response]]


class Understood(NamedTuple):
    """What a request asks for: the key of its question, how the answer is wanted, and the route that answers."""

    key: Key
    wanted: Wanted
    route: BaseRoute


class Answering:
    """An address whose handler answers questions, as they are understood at the moment that `Kept` (middleware/kept.py) sets."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the handler does."""
        state = scope["state"]
        response = await self._handler(Request(scope, receive), state["now"])
        if isinstance(response, AnswerResponse):
            state["understood"] = response.understood
        await response(scope, receive, send)


class AnswerResponse(Response):
    """An answer; `understood` is what equal requests ask for, None where they are to be read again."""

    def __init__(self, made: Representation, understood: Understood | None = None) -> None:
        # Each header is written as it is sent: Starlette's way for any headers takes several times as long.
        self.status_code, self.raw_headers, self.body = made
        self.background, self.understood = None, understood


async def answer_of(request: Request, answered: Answered, form: Format, *, fresh: bool) -> AnswerResponse:
    """The answer to one question in a form; one that was asked for `fresh` is asked of the database each time."""
    asked = wanted(request.scope, form)
    understood = None if fresh else Understood(answered.key, asked, request.scope["route"])
    return AnswerResponse(await represent_aside(answered, asked), understood)
