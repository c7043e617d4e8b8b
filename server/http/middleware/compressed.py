"""Makes smaller what is sent to clients that can read that; streams of events, and what is small already, are left as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.gzip import GZipMiddleware

from server.http.packing import LEAST_BYTES, LEVEL, takes_gzip

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Compressed:
    """Starlette's compression, which is passed by where a client does not ask for it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressing = GZipMiddleware(app, minimum_size=LEAST_BYTES, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and takes_gzip(scope["headers"]):
            await self._compressing(scope, receive, _weakly_tagged(send))
        else:
            await self._app(scope, receive, send)


def _weakly_tagged(send: Send) -> Send:
    """Lets a compressed answer have a weak ETag: a strong one says that the bytes are the same (RFC 9110, section 8.8.1)."""

    async def tagged_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message["headers"]
            if any(name == b"content-encoding" for name, _ in headers):
                message["headers"] = [(name, _REWRITTEN.get(name, bytes)(value)) for name, value in headers]
        await send(message)

    return tagged_send


def _weak(tag: bytes) -> bytes:
    return tag if tag.startswith(b"W/") else b"W/" + tag


def _once(listed: bytes) -> bytes:
    # Starlette adds what it varies by, whether or not it stands there.
    return b", ".join(dict.fromkeys(each.strip() for each in listed.split(b",")))


_REWRITTEN = {b"etag": _weak, b"vary": _once}
