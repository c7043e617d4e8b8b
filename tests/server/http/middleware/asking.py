"""Asks an ASGI application with requests that no proper client would send."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[str, str]


class Told(NamedTuple):
    """An answer: its status, its headers as they were sent, and its body."""

    status: int
    headers: list[Header]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header that is there once; None where it is not there."""
        values = [value for each, value in self.headers if each == name]
        assert len(values) < 2, f"{name} is told {len(values)} times"
        return values[0] if values else None

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


async def ask(
    app: ASGIApp,
    path: str = "/",
    headers: Sequence[Header] = (("host", "localhost"),),
    *,
    method: str = "GET",
    body: Iterable[bytes] = (b"",),
    query: bytes = b"",
) -> Told:
    """What an application answers; the body comes in as many parts as there are."""
    parts = list(body)
    sent: list[Message] = []

    async def receive() -> Message:
        if not parts:
            return {"type": "http.disconnect"}
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("192.0.2.1", 1234),
        "server": ("localhost", 4000),
        "state": {},
    }
    await app(scope, receive, send)
    begun = [message for message in sent if message["type"] == "http.response.start"]
    assert len(begun) == 1, "an answer begins once"
    told = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in begun[0]["headers"]]
    return Told(begun[0]["status"], told, b"".join(message.get("body", b"") for message in sent))


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers with the length of what it was sent."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": str(length).encode()})
