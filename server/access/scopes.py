"""What a caller may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.access.errors import Forbidden

if TYPE_CHECKING:
    from server.service.caller import Caller, Scope


def require(caller: Caller, scope: Scope) -> None:
    """Raises Forbidden unless the caller has the scope."""
    if scope not in caller.scopes:
        raise Forbidden(scope)
