"""Clients that ask as fast as they are answered, in a process of their own: `python -m tests.benchmarks.clients JSON`.

They write bytes that are made once and read no more of an answer than where it ends, so that the server is what is measured.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
from time import perf_counter
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
_PATIENCE_SECONDS = 30.0


class _Client(asyncio.Protocol):
    """One connection, on which each request follows the answer to the one before."""

    def __init__(self, request: bytes, until: float) -> None:
        self._request, self._until = request, until
        self._received = b""
        self._wanted = 0
        self._began = 0.0
        self._is_good = False
        self.times: list[float] = []
        self.failed = 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        if not self._wanted:
            head = self._received.find(b"\r\n\r\n")
            if head < 0:
                return
            length = _LENGTH.search(self._received, 0, head + 2)
            self._wanted = head + 4 + int(length[1]) if length else 0
            self._is_good = self._received.startswith(b"HTTP/1.1 200") and length is not None
        if len(self._received) < self._wanted:
            return
        now = perf_counter()
        self.times.append(now - self._began)
        self.failed += not self._is_good
        if now >= self._until:
            self._transport.close()
        else:
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        # A connection that ends before its time has lost the request that was under way.
        self.failed += perf_counter() < self._until
        if not self.done.done():
            self.done.set_result(None)

    def _ask(self) -> None:
        self._received, self._wanted = b"", 0
        self._began = perf_counter()
        self._transport.write(self._request)


async def _measure(asked: dict[str, Any]) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    request = _request(asked)
    began = perf_counter()
    until = began + asked["seconds"]
    clients = []
    refused = 0
    for _ in range(asked["clients"]):
        try:
            _, client = await loop.create_connection(lambda: _Client(request, until), "127.0.0.1", asked["port"])
        except OSError:
            refused += 1
        else:
            clients.append(client)
    _, waiting = await asyncio.wait([each.done for each in clients], timeout=asked["seconds"] + _PATIENCE_SECONDS)
    took = perf_counter() - began
    times = sorted(time for each in clients for time in each.times)
    return {
        "rate": len(times) / took,
        "answers": len(times),
        "middle": times[len(times) // 2],
        "slowest": times[len(times) * 99 // 100],
        "failed": refused + len(waiting) + sum(each.failed for each in clients),
    }


def _request(asked: dict[str, Any]) -> bytes:
    body = b"" if asked["body"] is None else json.dumps(asked["body"]).encode()
    headers = {"host": f"127.0.0.1:{asked['port']}", **asked["headers"]}
    if body:
        headers |= {"content-type": "application/json", "content-length": str(len(body))}
    lines = [
        f"{'POST' if body else 'GET'} {asked['path']} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(json.dumps(asyncio.run(_measure(json.loads(sys.argv[1])))))
