"""Reads requests with httptools, where that is installed, as fast as that is and no further than a head should be long."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.http.corked import Corked

if TYPE_CHECKING:
    import asyncio

MOST_HEAD_BYTES = 65_536
"""As much as h11 takes in uvicorn; uvicorn's own use of httptools takes whatever comes, into memory."""


class BoundedHttpTools(HttpToolsProtocol):
    """Closes a connection on which the head of a request does not end."""

    _head = 0
    _is_in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client has come."""
        super().connection_made(cast("asyncio.Transport", Corked(transport, self.loop)))

    def data_received(self, data: bytes) -> None:
        """Read on."""
        super().data_received(data)
        if self._is_in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MOST_HEAD_BYTES:
                self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._is_in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is over."""
        self._is_in_head = False
        super().on_headers_complete()
