"""Sends head and body of an answer together: apart, they take two calls to the system here, and two looks at the other end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class Corked:
    """A transport that holds a piece back until the next one comes, or the turn of the event loop is over.

    No more than one piece is held, so that whoever writes without end is told to wait as before. `lingers` is asked when it is
    closed: where it says so, only our end is closed, and whoever said so closes it once more.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        lingers: Callable[[], bool] = lambda: False,
    ) -> None:
        self._transport, self._loop, self._lingers = transport, loop, lingers
        self._is_closed = False
        self._held: bytes | None = None
        self._flushing: asyncio.Handle | None = None

    def write(self, data: bytes) -> None:
        """Send a piece, soon."""
        held = self._held
        if held is None:
            self._held = data
            self._flushing = self._loop.call_soon(self.flush)
            return
        self._forget()
        self._transport.writelines((held, data))

    def flush(self) -> None:
        """Send what is held."""
        held = self._held
        if held is not None:
            self._forget()
            self._transport.write(held)

    def close(self) -> None:
        """Close the connection when all is sent."""
        self.flush()
        if not self._is_closed and not self._transport.is_closing() and self._lingers():
            self._transport.write_eof()
        else:
            self._transport.close()
        self._is_closed = True

    def is_closing(self) -> bool:
        """Whether nothing more is sent."""
        return self._is_closed or self._transport.is_closing()

    def _forget(self) -> None:
        assert self._flushing is not None
        self._flushing.cancel()
        self._held = self._flushing = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
