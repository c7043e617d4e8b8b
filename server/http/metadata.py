"""What describes the model: written once for all who see the same of it, and not sent again to whom has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from engine.query.access import seen
from server.http.formats import compact
from server.http.requests import caller_of, service_of
from server.http.tags import is_known, tag_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from engine import Model


def of_the_model(request: Request, describe: Callable[[Model], Any], *, kept_as: str | None) -> Response:
    """What `describe` says of the model as the caller sees it; `kept_as` of None for what is asked in too many ways to be kept."""
    model = seen(service_of(request).model, caller_of(request).security)
    key = ("http", kept_as)
    body: bytes | None = model.cache.get(key)
    if body is None:
        body = compact(describe(model))
        if kept_as is not None:
            model.cache[key] = body
    return tagged(request, body, "application/json")


def tagged(request: Request, body: bytes, media_type: str) -> Response:
    """A body with a strong ETag; 304 without it for a client that has it (RFC 9110, section 13.1.2)."""
    tag = tag_of(body)
    headers = {"etag": tag.decode(), "cache-control": "private, no-cache", "vary": "Accept-Encoding, Authorization"}
    if is_known(tag, ",".join(request.headers.getlist("if-none-match")).encode("latin-1")):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)
