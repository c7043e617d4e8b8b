"""Reads requests with httptools, no further than a head should be long, and no longer than a request should take to come in.

It takes less time than h11, which uvicorn would use without it and which has no such limits.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.http.corked import Corked

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

MOST_HEAD_BYTES = 65_536
"""As much as h11 takes in uvicorn; uvicorn's own use of httptools takes whatever comes, into memory."""


PATIENCE_SECONDS = 30.0
"""How long a request may take to come in whole, from its first byte; and a new connection until there is one."""

LINGER_SECONDS = 5.0
"""How long what is left of a request is read, and thrown away, once it has been refused (RFC 9112, section 9.6): a connection that
is closed while something of it is unread is reset, and what it was answered may be lost."""

_TOO_SLOW = b"""HTTP/1.1 408 Request Timeout\r
content-type: application/problem+json\r
content-length: %d\r
cache-control: no-store\r
connection: close\r
\r
%b"""
_SLOW_PROBLEM = json.dumps(
    {
        "type": "about:blank",
        "title": "Request Timeout",
        "status": 408,
        "detail": f"The request did not come in whole within {PATIENCE_SECONDS:g} s.",
    }
).encode()


class BoundedHttpTools(HttpToolsProtocol):
    """Closes a connection on which the head of a request does not end, and answers 408 where a request does not.

    Whoever is refused before the request is over may send on for a while, so that the answer arrives.
    """

    _head = 0
    _is_in_head = False
    _is_in_request = False
    _is_lingering = False
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client has come."""
        super().connection_made(cast("asyncio.Transport", Corked(transport, self.loop, self._linger)))
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._is_lingering:
            return
        super().data_received(data)
        if self._is_in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MOST_HEAD_BYTES:
                self.send_400_response("The head of the request is too long.")
        # Most requests come whole, and need no timer.
        if self._waiting is None and self._is_in_request:
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._stop_waiting()
        self._is_in_head, self._is_in_request, self._head = True, True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is over."""
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._is_in_request = False
        self._stop_waiting()
        super().on_message_complete()

    def _linger(self) -> bool:
        """Whether there is more to come of a request; then it is let in for a while, and nobody reads it."""
        if self._is_in_request and not self._is_lingering:
            self._is_lingering = True
            self._stop_waiting()
            self.flow.resume_reading()
            self._waiting = self.loop.call_later(LINGER_SECONDS, self.transport.close)
        return self._is_lingering

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(PATIENCE_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if self.transport.is_closing():
            return
        cycle: RequestResponseCycle | None = self.cycle
        is_next = self._is_in_head and cycle is not None and not cycle.response_complete
        if self.flow.read_paused or is_next:
            # It is we who do not read on, or who have not answered the request before yet.
            self._wait()
            return
        is_answered = not self._is_in_head and cycle is not None and cycle.response_started
        if self._is_in_request and not is_answered:
            self.transport.write(_TOO_SLOW % (len(_SLOW_PROBLEM), _SLOW_PROBLEM))
        self.transport.close()
