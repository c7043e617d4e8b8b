"""Finds out who asks, and leaves it in `scope["state"]["caller"]`. Nothing behind it reads tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import EngineError
from server.access.errors import Forbidden, Unauthenticated
from server.access.resource import challenge
from server.access.scopes import require
from server.http.middleware.paths import resource_of
from server.http.problems import CUBE_PREFIX, problem_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from server.access.access import Access
    from server.service import Caller
    from server.service.caller import Scope as MayDo


class AsCaller:
    """Lets every request come from one caller: what a server without an access file does."""

    def __init__(self, app: ASGIApp, caller: Caller) -> None:
        self._app, self._caller = app, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say who asks."""
        if scope["type"] == "http":
            scope.setdefault("state", {})["caller"] = self._caller
        await self._app(scope, receive, send)


class Authentication:
    """Answers 401 to whom nobody knows, and 403 to whom may not ask for a path at all.

    `needs` says which scope a path needs; None for one that everybody may ask for. `base_of` says where the server is reached.
    """

    def __init__(
        self, app: ASGIApp, access: Access, needs: Callable[[str], MayDo | None], base_of: Callable[[Scope], str]
    ) -> None:
        self._app, self._access, self._needs, self._base_of = app, access, needs, base_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who asks."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError(f"a connection of type {scope['type']} has no caller")
        path = scope["path"]
        needed = self._needs(path)
        if needed is not None:
            headers = [value for name, value in scope["headers"] if name == b"authorization"]
            try:
                caller = await self._access.identify(headers, bare=path.startswith(CUBE_PREFIX))
                require(caller, needed)
            except (Unauthenticated, Forbidden) as error:
                await self._refusal(error, scope)(scope, receive, send)
                return
            except EngineError as error:
                await problem_of(error)(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)

    def _refusal(self, error: Unauthenticated | Forbidden, scope: Scope) -> Response:
        told = challenge(self._access.settings, self._base_of(scope), resource_of(scope["path"]), error)
        return problem_of(error, {"www-authenticate": told})
