"""The ASGI application: routes, what every request passes first, and what it is told when something fails.

request -> door -> kept? -> routes -> service
"""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route

from engine import EngineError
from server.http import flat, health
from server.http.answering import Answering
from server.http.cube import routes as cube
from server.http.middleware.compressed import Compressed
from server.http.middleware.exchange import CLIENT_LEFT
from server.http.middleware.kept import Kept, Requests
from server.http.middleware.paths import AGENTS_PATH
from server.http.openapi import document
from server.http.problems import on_bug, on_engine_error, on_http_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from server.http.door import Door
    from server.service import Service


class Agents(Protocol):
    """The application for agents: what answers them, and what has to be entered before it can."""

    @property
    def app(self) -> ASGIApp:
        """The ASGI application."""

    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """What stands as long as the server runs."""


def build_application(service: Service, door: Door, *, agents: Agents | None = None) -> Starlette:
    """The application that answers from `service`; `door` sets `scope["state"]["caller"]` of each request."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if agents is not None:
                await stack.enter_async_context(agents.lifespan())
            yield

    # Routes are tried in this order: what is asked most stands first.
    routes = [*flat.ROUTES, *cube.ROUTES, *health.ROUTES, *document.ROUTES, *door.routes]
    answering = frozenset(route.path for route in routes if isinstance(route.endpoint, Answering))
    tools = [] if agents is None else [Route(AGENTS_PATH, agents.app)]
    application = Starlette(
        routes=[*routes, *tools],
        middleware=[
            *door.middleware,
            Middleware(Kept, requests=Requests(service), paths=answering),
            Middleware(Compressed),
        ],
        exception_handlers={
            EngineError: on_engine_error,
            HTTPException: on_http_error,
            ClientDisconnect: _on_disconnect,
            Exception: on_bug,
        },
        lifespan=lifespan,
    )
    application.state.service = service
    application.state.probe = health.Probe(service.database)
    return application


async def _on_disconnect(_request: Request, _error: Exception) -> Response:
    # Nobody reads it; the log shows that the client closed the request.
    return Response(status_code=CLIENT_LEFT)
