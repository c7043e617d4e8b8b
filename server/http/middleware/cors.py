"""Lets pages of named origins read answers (Fetch Standard, section 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

if TYPE_CHECKING:
    from collections.abc import Iterable

_METHODS = ("GET", "POST", "DELETE")
_ASKED_HEADERS = (
    "Authorization",
    "Cache-Control",
    "Content-Type",
    "If-None-Match",
    "Last-Event-ID",
    "MCP-Protocol-Version",
    "MCP-Session-Id",
    "Mcp-Method",
    "Mcp-Name",
    "Traceparent",
    "X-Request-Id",
)
_TOLD_HEADERS = (
    "Age",
    "ETag",
    "MCP-Session-Id",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
)


def cors(origins: Iterable[str]) -> list[Middleware]:
    """The middleware for pages of these origins; nothing where there are none."""
    allowed = list(origins)
    if not allowed:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=allowed,
            allow_methods=_METHODS,
            allow_headers=_ASKED_HEADERS,
            expose_headers=_TOLD_HEADERS,
            max_age=3600,
        )
    ]
