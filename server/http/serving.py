"""Runs the application on a socket until the process is told to stop."""

from __future__ import annotations

import signal
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
import uvicorn

from server.http.parsing import BoundedHttpTools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

_LEAVE_SECONDS = 10
"""How long requests that are under way may take when the server is told to stop."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; raises click.ClickException where there can be none."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        made = socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"Nothing can be served at {host}, port {port}: {reason}. Name another with --host and --port."
        raise click.ClickException(message) from error
    # asyncio sends small parts at once (TCP_NODELAY) only for sockets that say that they are TCP; others wait 40 ms for the client.
    return socket.socket(made.family, made.type, socket.IPPROTO_TCP, fileno=made.detach())


def url_of(listening: socket.socket) -> str:
    """Where a listening socket is reached."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def server_of(application: ASGIApp) -> uvicorn.Server:
    """What answers requests until SIGINT, SIGTERM or its own `should_exit`; requests that are under way are finished first."""
    config = uvicorn.Config(
        application,
        http=BoundedHttpTools,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # What a request says of itself in X-Forwarded-* is not believed.
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=_LEAVE_SECONDS,
    )
    return _Server(config)


async def serve_application(application: ASGIApp, listening: socket.socket) -> None:
    """Answer requests until the process is told to stop."""
    await server_of(application).serve(sockets=[listening])


class _Server(uvicorn.Server):
    """Ends when it is told to: uvicorn's own raises the signal again, so that nothing that the process holds would be closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
