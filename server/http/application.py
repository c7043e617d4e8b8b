"""The ASGI application: routes, what every request passes first, and what it is told when something fails.

request -> CORS -> middleware -> routes -> service
"""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Mount

from engine import EngineError
from server.http import flat, health
from server.http.cube import routes as cube
from server.http.problems import on_bug, on_engine_error, on_http_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from contextlib import AbstractAsyncContextManager

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from server.service import Caller, Service

AGENTS_PATH = "/mcp"

_ASKED_HEADERS = ("Authorization", "Content-Type", "X-Request-Id", "Cache-Control", "If-None-Match")
_TOLD_HEADERS = ("ETag", "Age", "Retry-After", "X-Request-Id", "WWW-Authenticate")


class Agents(Protocol):
    """The application for agents: what answers them, and what has to be entered before it can."""

    @property
    def app(self) -> ASGIApp:
        """The ASGI application."""

    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """What stands as long as the server runs."""


class AsCaller:
    """Lets every request come from one caller: what a server without authentication does."""

    def __init__(self, app: ASGIApp, caller: Caller) -> None:
        self._app, self._caller = app, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say who asks."""
        if scope["type"] == "http":
            scope.setdefault("state", {})["caller"] = self._caller
        await self._app(scope, receive, send)


def build_application(
    service: Service,
    middleware: Sequence[Middleware],
    *,
    agents: Agents | None = None,
    origins: Sequence[str] = (),
) -> Starlette:
    """The application that answers from `service`.

    `middleware` sets `scope["state"]["caller"]` of each request; pages of `origins` may read answers in a browser, besides those of
    the server itself.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if agents is not None:
                await stack.enter_async_context(agents.lifespan())
            yield

    routes = [*health.ROUTES, *flat.ROUTES, *cube.ROUTES]
    mounted = [] if agents is None else [Mount(AGENTS_PATH, agents.app)]
    application = Starlette(
        routes=[*routes, *mounted],
        middleware=[*_cors(origins), *middleware],
        exception_handlers={
            EngineError: on_engine_error,
            HTTPException: on_http_error,
            ClientDisconnect: _on_disconnect,
            Exception: on_bug,
        },
        lifespan=lifespan,
    )
    application.state.service = service
    return application


def _cors(origins: Sequence[str]) -> list[Middleware]:
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=_ASKED_HEADERS,
            expose_headers=_TOLD_HEADERS,
            max_age=3600,
        )
    ]


async def _on_disconnect(_request: Request, _error: Exception) -> Response:
    # Nobody reads it; the log shows that the client closed the request.
    return Response(status_code=499)
