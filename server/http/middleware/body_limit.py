"""Refuses bodies that are longer than a question can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from server.http.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Answers 413 as soon as a body is known to be longer than `most` bytes: by its stated length, or while it comes in."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most
        self._said = f"The body is longer than the {most:,} bytes that this server reads."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or say that it is too long."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = next((value for name, value in scope["headers"] if name == b"content-length"), None)
        if stated is None:
            await self._counted(scope, receive, send)
        elif not stated.isdigit() or len(stated) > 15 or int(stated) > self._most:
            await self._refuse(scope, receive, send)
        else:
            # The server reads no more than was stated.
            await self._app(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0
        has_begun = False

        async def counted_receive() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise HTTPException(413, self._said, {"connection": "close"})
            return message

        async def watched_send(message: Message) -> None:
            nonlocal has_begun
            if read > self._most and not has_begun and message.get("status") != 413:
                # Whatever the application makes of a body that broke off, the reason is that it was too long.
                return
            has_begun = True
            await send(message)

        try:
            await self._app(scope, counted_receive, watched_send)
        except HTTPException:
            if has_begun or read <= self._most:
                raise
        if read > self._most and not has_begun:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        # What is left of the body is not read, so that nothing can follow it.
        await problem(413, self._said, {"connection": "close"})(scope, receive, send)
