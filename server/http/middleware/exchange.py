"""What is known of one request and its answer, for the log and for metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.routing import Mount

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN_ROUTE = "none"
CLIENT_LEFT = 499
"""As nginx logs a request whose client did not wait for the answer."""

_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})


@dataclass(slots=True)
class Exchange:
    """One request and its answer. `status` is 0 until the answer begins; `began` is of `time.perf_counter`.

    `trace_id` is the one that the client gave in `traceparent` (W3C Trace Context), "" if it gave none. `seconds`, `method` and
    `route` are known when it is over.
    """

    request_id: str
    trace_id: str
    began: float
    seconds: float = 0.0
    status: int = 0
    bytes: int = 0
    is_cached: bool = False
    method: str = ""
    route: str = UNKNOWN_ROUTE


def route_of(scope: Mapping[str, Any]) -> str:
    """The route that answered, as it is declared: addresses that nobody knows are all one, so that they cannot fill memory."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    if not isinstance(path, str):
        return UNKNOWN_ROUTE
    return path if isinstance(route, Mount) else f"{scope.get('root_path', '')}{path}"


def method_of(scope: Mapping[str, Any]) -> str:
    """The method, "other" for one that is made up."""
    method: str = scope["method"]
    return method if method in _METHODS else "other"
