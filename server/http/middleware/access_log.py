"""One line of JSON for each request. Neither tokens nor what was asked are in it: parameters of addresses may hold both."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from server.http.middleware.exchange import method_of, route_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Scope

    from server.http.middleware.exchange import Exchange

_MOST_LETTERS = 256
_write_json = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def to_stderr(line: str) -> None:
    """Write a line to stderr; a log that nobody reads any more stops no request."""
    with suppress(OSError, ValueError):
        sys.stderr.write(line)


class AccessLog:
    """Writes the line of each request when it is over."""

    def __init__(
        self, write: Callable[[str], None] = to_stderr, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._write, self._now = write, now

    def begins(self, _scope: Scope, /) -> None:
        """Nothing is said yet."""

    def ends(self, scope: Scope, exchange: Exchange, /) -> None:
        """Say what became of a request."""
        caller = scope["state"].get("caller")
        client = scope.get("client")
        line: dict[str, Any] = {
            "time": self._now().isoformat(timespec="milliseconds"),
            "kind": "request",
            "request_id": exchange.request_id,
            "method": method_of(scope),
            "path": scope["path"][:_MOST_LETTERS],
            "route": route_of(scope),
            "status": exchange.status,
            "ms": round(exchange.seconds * 1000, 2),
            "bytes": exchange.bytes,
            "caller": caller.name if caller else None,
            "client": client[0] if client else None,
            "cached": exchange.is_cached,
        }
        if exchange.trace_id:
            line["trace_id"] = exchange.trace_id
        self._write(f"{_write_json(line)}\n")
