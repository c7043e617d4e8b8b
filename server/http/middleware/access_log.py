"""One line of JSON for each request. Neither tokens nor what was asked are in it: parameters of addresses may hold both."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as _quoted
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Scope

    from server.http.middleware.exchange import Exchange

_MOST_LETTERS = 256


class Stderr:
    """Writes what is said within one turn of the event loop to stderr at its end, at once: each write is a call to the system."""

    def __init__(self) -> None:
        self._said: list[str] = []

    def __call__(self, line: str) -> None:
        """Say a line."""
        if not self._said:
            asyncio.get_running_loop().call_soon(self._write)
        self._said.append(line)

    def _write(self) -> None:
        said, self._said = self._said, []
        try:
            sys.stderr.write("".join(said))
        except (OSError, ValueError):
            # A log that nobody reads any more stops no request.
            return


class AccessLog:
    """Writes the line of each request when it is over; `clock` tells seconds since 1970."""

    def __init__(self, write: Callable[[str], None] | None = None, clock: Callable[[], float] = time.time) -> None:
        self._write, self._clock = write or Stderr(), clock
        self._second, self._written = -1, ""

    def begins(self, _scope: Scope, /) -> None:
        """Nothing is said yet."""

    def ends(self, scope: Scope, exchange: Exchange, /) -> None:
        """Say what became of a request."""
        caller, client = scope["state"].get("caller"), scope.get("client")
        trace = f',"trace_id":"{exchange.trace_id}"' if exchange.trace_id else ""
        # Written by hand, which takes a third of the time of a general encoder: every request pays for it.
        self._write(
            f'{{"time":"{self._now()}","kind":"request",'
            f'"request_id":{_quoted(exchange.request_id)},"method":"{exchange.method}",'
            f'"path":{_quoted(scope["path"][:_MOST_LETTERS])},"route":{_quoted(exchange.route)},'
            f'"status":{exchange.status},"ms":{exchange.seconds * 1000:.2f},"bytes":{exchange.bytes},'
            f'"caller":{_quoted(caller.name) if caller else "null"},"client":{_quoted(client[0]) if client else "null"},'
            f'"cached":{"true" if exchange.is_cached else "false"}'
            f"{trace}}}\n"
        )

    def _now(self) -> str:
        now = self._clock()
        second = int(now)
        if second != self._second:
            self._second, self._written = second, datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._written}.{int(now * 1000) % 1000:03d}+00:00"
