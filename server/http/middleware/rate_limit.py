"""Lets each caller ask so often and no oftener: a bucket that fills steadily, from which every request takes one.

Told in `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), and in `Retry-After` when it is empty.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from engine import Issue
from server.http.problems import Kind, problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOO_MANY = Kind(429, "rate-limit", "The caller asks more often than the server allows")

_MOST_CALLERS = 10_000


class Buckets:
    """The buckets of all callers; each holds `burst` and gets `per_minute` in a minute."""

    def __init__(self, per_minute: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second = per_minute / 60
        self.burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> float:
        """Take one from a caller's bucket; how much is in it then, below 0 if there was none to take."""
        now = self._clock()
        had, since = self._buckets.pop(name, (float(self.burst), now))
        has = min(self.burst, had + (now - since) * self.per_second) - 1
        # Nothing is taken from an empty bucket: whoever keeps asking is let in as soon as one who waits.
        self._buckets[name] = (has if has >= 0 else has + 1, now)
        if len(self._buckets) > _MOST_CALLERS:
            self._buckets.popitem(last=False)
        return has


class RateLimit:
    """Answers 429 to a caller whose bucket is empty; needs to know who asks."""

    def __init__(self, app: ASGIApp, buckets: Buckets) -> None:
        self._app, self._buckets = app, buckets
        self._policy = (b"ratelimit-policy", f'"caller";q={round(buckets.per_second * 60)};w=60'.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or say when to come again."""
        caller = scope["state"].get("caller") if scope["type"] == "http" else None
        if caller is None:
            await self._app(scope, receive, send)
            return
        buckets = self._buckets
        left = buckets.take(caller.name)
        if left < 0:
            await self._refuse(left, scope, receive, send)
            return
        told = [self._policy, (b"ratelimit", self._left(left))]

        async def limited_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *told]
            await send(message)

        await self._app(scope, receive, limited_send)

    def _left(self, left: float) -> bytes:
        full_again = math.ceil((self._buckets.burst - left) / self._buckets.per_second)
        return b'"caller";r=%d;t=%d' % (left, full_again)

    async def _refuse(self, left: float, scope: Scope, receive: Receive, send: Send) -> None:
        seconds = max(1, math.ceil(-left / self._buckets.per_second))
        per_minute = round(self._buckets.per_second * 60)
        message = f"More requests than the {per_minute:,} a minute that a caller has here."
        issue = Issue("E_RATE_LIMIT", message, hint=f"Ask again in {seconds} s.")
        headers = {"retry-after": str(seconds), "ratelimit": self._left(max(left, 0)).decode()}
        headers["ratelimit-policy"] = self._policy[1].decode()
        await problem(429, issue, headers, kind=TOO_MANY)(scope, receive, send)
