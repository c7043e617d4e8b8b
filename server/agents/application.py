"""The tools for agents over streamable HTTP: an ASGI application to mount, in both eras of the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from server.agents.callers import caller_in, identity_of
from server.agents.server import server_of

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from starlette.types import ASGIApp, Receive, Scope, Send

    from server.service import Service


class AgentsApplication:
    """An ASGI application for one path: a route of the application around it, and not a mount, which would redirect to `/mcp/`.

    Who asks stands in `scope["state"]["caller"]`, put there by authentication; a session belongs to the caller who opened it, and
    does not exist for others. Hosts, origins and the length of bodies are the business of the application around it.
    """

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        self._manager = manager

    @property
    def app(self) -> ASGIApp:
        """What answers requests."""
        return self

    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """What has to be entered, once, before requests come; open sessions end with it."""
        return self._manager.run()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        # The SDK compares who asks with who opened the session, by the user that its own authentication would have set.
        user = AuthenticatedUser(AccessToken(token="", client_id=identity_of(caller_in(scope)), scopes=[]))
        # Spaces around a value do not belong to it (RFC 9110, 5.5), and some HTTP servers leave those behind it.
        headers = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
        await self._manager.handle_request({**scope, "user": user, "headers": headers}, receive, send)


def agents_application(service: Service) -> AgentsApplication:
    """The tools over a service, for callers that every request names.

    Responses may be streams: as one JSON document, neither progress nor a cancelled call would come through.
    """
    return AgentsApplication(StreamableHTTPSessionManager(server_of(service, None)))
