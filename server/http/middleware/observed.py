"""Gives each request an id, which its answer, its problem and the log share, and tells watchers when it is over."""

from __future__ import annotations

import asyncio
import random
import re
import time
from typing import TYPE_CHECKING, Protocol

from server.http.middleware.exchange import CLIENT_LEFT, Exchange, method_of, route_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SANE_ID = re.compile(rb"[A-Za-z0-9_.:+/=@-]{1,128}")
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_NO_TRACE = b"0" * 32


class Watcher(Protocol):
    """One who is told of each request."""

    def begins(self, scope: Scope, /) -> None:
        """A request has come."""

    def ends(self, scope: Scope, exchange: Exchange, /) -> None:
        """It has been answered, or given up."""


class Observed:
    """The outermost middleware: sets `scope["state"]["request_id"]` and echoes it as `X-Request-Id`."""

    def __init__(self, app: ASGIApp, watchers: Sequence[Watcher] = ()) -> None:
        self._app, self._watchers = app, watchers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, trace_id = ids_of(scope["headers"])
        exchange = Exchange(request_id, trace_id, time.perf_counter())
        scope.setdefault("state", {})["request_id"] = request_id
        echoed = (b"x-request-id", request_id.encode())

        async def observed_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                headers = message.setdefault("headers", [])
                message["headers"] = [*headers, echoed]
                for name, _ in headers:
                    if name == b"age":
                        exchange.is_cached = True
            else:
                exchange.bytes += len(message.get("body", b""))
            await send(message)

        for watcher in self._watchers:
            watcher.begins(scope)
        try:
            await self._app(scope, receive, observed_send)
        except asyncio.CancelledError:
            exchange.status = exchange.status or CLIENT_LEFT
            raise
        except BaseException:
            exchange.status = exchange.status or 500
            raise
        finally:
            exchange.seconds = time.perf_counter() - exchange.began
            exchange.method, exchange.route = method_of(scope), route_of(scope)
            for watcher in self._watchers:
                watcher.ends(scope, exchange)


def ids_of(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, str]:
    """The id of a request, its own if that is sane and the only one, and the id of the trace it belongs to, if any.

    >>> ids_of([(b"x-request-id", b"abc-1")])
    ('abc-1', '')
    """
    given: list[bytes] = []
    trace_id = b""
    for name, value in headers:
        if name == b"x-request-id":
            given.append(value)
        elif name == b"traceparent" and (found := _TRACEPARENT.fullmatch(value)) and found[1] != _NO_TRACE:
            trace_id = found[1]
    is_sane = len(given) == 1 and _SANE_ID.fullmatch(given[0])
    # An id tells requests apart and keeps no secret, so it need not be asked of the system.
    return given[0].decode() if is_sane else f"{random.getrandbits(128):032x}", trace_id.decode()
