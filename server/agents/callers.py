"""Who asks: over HTTP, whoever the request was authenticated as; over stdio, the one whom the server was started for."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from server.service import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp.server.context import ServerRequestContext


def caller_of(context: ServerRequestContext[Any, Any], local: Caller | None) -> Caller:
    """The caller of one request.

    Raises RuntimeError for an HTTP request that nobody authenticated: it is never answered as `local`.
    """
    if context.request is None:
        if local is None:
            raise RuntimeError("a request without a transport that knows its caller")
        return local
    return caller_in(context.request.scope)


def caller_in(scope: Mapping[str, Any]) -> Caller:
    """The caller that authentication left in an ASGI scope."""
    caller = scope.get("state", {}).get("caller")
    if not isinstance(caller, Caller):
        raise RuntimeError("an HTTP request has reached the tools without a caller")
    return caller


def identity_of(caller: Caller) -> str:
    """What tells callers apart: equal for callers who see and may do the same under the same name."""
    told = [caller.name, sorted(caller.scopes), caller.security]
    text = json.dumps(told, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
