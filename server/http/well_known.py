"""`/.well-known/oauth-protected-resource`: how clients get a token (RFC 9728), for the server and for what agents ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from server.access.resource import WELL_KNOWN, metadata
from server.http.formats import compact
from server.http.middleware.paths import AGENTS_PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import Scope

    from server.access.settings import AccessSettings


def well_known_routes(settings: AccessSettings, base_of: Callable[[Scope], str]) -> list[Route]:
    """The routes that tell it, to everybody."""

    async def tell(request: Request) -> Response:
        resource = request.url.path.removeprefix(WELL_KNOWN)
        body = compact(metadata(settings, base_of(request.scope), resource))
        return Response(body, headers={"cache-control": "no-store"}, media_type="application/json")

    return [Route(WELL_KNOWN + resource, tell, methods=["GET"]) for resource in ("", AGENTS_PATH)]
