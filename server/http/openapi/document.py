"""The OpenAPI 3.1 document, and the addresses that it and its page are found at."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import metadata, resources
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse
from starlette.routing import Route

from server.http.formats import compact
from server.http.metadata import tagged
from server.http.openapi.operations import paths
from server.http.openapi.schemas import components

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_DESCRIPTION = """\
Metrics by dimensions, never inflated by a join.

Ask `POST /v1/query` in the flat form, in Cube's REST format or in SQL: every form is understood there, and the answer says how it
was made. The addresses under `/cubejs-api` are for Cube's own clients, which work against this server unchanged.

Whatever fails is told as problem details (RFC 9457), with the same issues that the command line and agents are told."""


@cache
def openapi() -> dict[str, Any]:
    """The document; shared, so not to be changed."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Metric Cube",
            "version": metadata.version("metric-cube"),
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "Questions", "description": "Ask, and see how it would be answered."},
            {"name": "Model", "description": "What can be asked."},
            {"name": "Cube", "description": "Cube's REST API."},
            {"name": "Health", "description": "For load balancers."},
        ],
        "security": [{}, {"bearer": []}],
        "paths": paths(),
        "components": {
            "schemas": components(),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Where the server has an access file. Cube's clients may leave out `Bearer`.",
                }
            },
        },
    }


@cache
def _written() -> bytes:
    return compact(openapi())


@cache
def _page() -> tuple[bytes, str]:
    """The page, and the policy that lets a browser run its own script and style and nothing else (CSP 3, section 2.3)."""
    text = resources.files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    allowed = {tag: _hash_of(text, tag) for tag in ("script", "style")}
    policy = (
        f"default-src 'none'; connect-src 'self'; script-src {allowed['script']}; style-src {allowed['style']}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return text.encode(), policy


def _hash_of(page: str, tag: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    assert found is not None
    return f"'sha256-{base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()}'"


async def document(request: Request) -> Response:
    """The document."""
    return tagged(request, _written(), "application/json")


async def page(request: Request) -> Response:
    """The page that shows the document, with everything it needs in it."""
    body, policy = _page()
    response = tagged(request, body, "text/html; charset=utf-8")
    response.headers["content-security-policy"] = policy
    return response


async def start(_request: Request) -> Response:
    """The way from the address that `serve` prints to the page."""
    return RedirectResponse("/docs", status_code=307)


ROUTES = (
    Route("/", start, methods=["GET"]),
    Route("/openapi.json", document, methods=["GET"]),
    Route("/docs", page, methods=["GET"]),
)
