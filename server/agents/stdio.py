"""Messages over stdin and stdout, one a line (modelcontextprotocol.io, transports), read and written by the event loop itself.

The SDK hands each line to a thread and back, which takes as long as answering it. Its transport serves where stdin or stdout is
no pipe and no socket, as in a terminal, and on Windows, where the loop cannot wait for them.
"""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections import deque
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Self

import anyio
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from mcp.shared._stream_protocols import ReadStream, WriteStream

    Streams = tuple[ReadStream[SessionMessage | Exception], WriteStream[SessionMessage]]

_MOST_AT_ONCE = 1 << 18
_LAST_SECONDS = 2.0
"""How long what was said last is offered to a client that does not read."""


@asynccontextmanager
async def standard_streams() -> AsyncIterator[Streams]:
    """What the client says, and what is said to it.

    Meanwhile nothing else reads what it says, and what is printed goes to stderr.
    """
    if not _can_be_waited_for():
        async with stdio_server() as streams:
            yield streams
        return
    with _taken(0, lambda: os.open(os.devnull, os.O_RDONLY)) as said, _taken(1, _stderr) as heard:
        async with Incoming(said) as incoming, Outgoing(heard) as outgoing:
            yield incoming, outgoing


class Incoming:
    """The messages that come in at a descriptor; what is none comes as the error that it is."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._loop = descriptor, asyncio.get_running_loop()
        self._lines: deque[bytes] = deque()
        self._unfinished: list[bytes] = []
        self._has_ended = False
        self._waiting: asyncio.Future[None] | None = None
        self._loop.add_reader(descriptor, self._read)

    async def receive(self) -> SessionMessage | Exception:
        """The next message; raises EndOfStream after the last."""
        while not self._lines:
            if self._has_ended:
                raise anyio.EndOfStream
            self._waiting = self._loop.create_future()
            await self._waiting
        line = self._lines.popleft().decode("utf-8", errors="replace")
        try:
            return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
        except ValueError as error:
            return error

    async def aclose(self) -> None:
        """Read no more."""
        self._end()

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, _MOST_AT_ONCE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            # Who resets the connection says no more.
            data = b""
        if not data:
            self._end()
            return
        first, *others = data.split(b"\n")
        self._unfinished.append(first)
        for each in others:
            self._lines.append(b"".join(self._unfinished))
            self._unfinished = [each]
        self._wake()

    def _end(self) -> None:
        self._loop.remove_reader(self._descriptor)
        if not self._has_ended and any(self._unfinished):
            self._lines.append(b"".join(self._unfinished))
        self._has_ended = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done() and (self._lines or self._has_ended):
            self._waiting.set_result(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class Outgoing:
    """Writes messages to a descriptor, each whole and in the order in which they were sent, whoever stops waiting for it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._loop = descriptor, asyncio.get_running_loop()
        self._left = bytearray()
        self._written: asyncio.Future[None] | None = None
        self._is_closed = self._is_broken = False

    async def send(self, item: SessionMessage) -> None:
        """Say a message; returns when it is on its way. Raises ClosedResourceError, or BrokenResourceError if nobody listens."""
        if self._is_closed:
            raise anyio.ClosedResourceError
        if self._is_broken:
            raise anyio.BrokenResourceError
        self._left += item.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
        if self._written is None:
            self._write()
        await self._done()

    async def aclose(self) -> None:
        """Say no more; what was said goes out."""
        self._is_closed = True
        try:
            with suppress(anyio.BrokenResourceError, TimeoutError):
                await asyncio.wait_for(self._done(), _LAST_SECONDS)
        finally:
            self._stop(is_broken=bool(self._left))

    async def _done(self) -> None:
        if self._written is not None:
            # Shared by all who wait: one who is cancelled does not take it away from the others.
            await asyncio.shield(self._written)
        if self._is_broken:
            raise anyio.BrokenResourceError

    def _write(self) -> None:
        try:
            while self._left:
                del self._left[: os.write(self._descriptor, self._left)]
        except (BlockingIOError, InterruptedError):
            if self._written is None:
                self._written = self._loop.create_future()
                self._loop.add_writer(self._descriptor, self._write)
            return
        except OSError:
            self._stop(is_broken=True)
        else:
            self._stop()

    def _stop(self, *, is_broken: bool = False) -> None:
        self._is_broken |= is_broken
        self._left.clear()
        if self._written is not None:
            self._loop.remove_writer(self._descriptor)
            self._written.set_result(None)
            self._written = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _can_be_waited_for() -> bool:
    """Whether stdin and stdout are the standard ones, and pipes or sockets."""
    if sys.platform == "win32":
        return False
    try:
        own = (sys.stdin.fileno(), sys.stdout.fileno()) == (0, 1)
        modes = [os.fstat(descriptor).st_mode for descriptor in (0, 1)]
    except (AttributeError, OSError, ValueError):
        return False
    return own and all(stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) for mode in modes)


def _stderr() -> int:
    try:
        return os.dup(2)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


@contextmanager
def _taken(descriptor: int, instead: Callable[[], int]) -> Iterator[int]:
    """Another descriptor of what stands behind one, which does not block; the one leads to what `instead` opens meanwhile."""
    # Above the standard three, of which one may be closed.
    kept = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    opened = instead()
    os.dup2(opened, descriptor)
    os.close(opened)
    blocked = os.get_blocking(kept)
    os.set_blocking(kept, False)
    try:
        yield kept
    finally:
        os.set_blocking(kept, blocked)
        os.dup2(kept, descriptor)
        os.close(kept)
