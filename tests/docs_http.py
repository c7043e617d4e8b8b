"""The addresses of the HTTP API, made from its OpenAPI document, and the requests that the page shows."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from server.http.openapi.document import openapi
from tests.docs_console import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Request:
    """A request that a page shows as a call of curl; `answer` is what stands below it, empty where nothing does."""

    method: str
    address: str
    headers: dict[str, str]
    body: str | None
    answer: str


def http_reference() -> str:
    """Each address with what it is for and the parameters it takes."""
    parts = []
    document = openapi()
    for tag in document["tags"]:
        rows = [
            f"| `{method.upper()}` | `{path}` | {operation['summary']}{_parameters(operation)} |"
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if tag["name"] in operation["tags"]
        ]
        parts.append(f"## {tag['name']}\n\n{tag['description']}\n\n| | address | |\n|---|---|---|\n" + "\n".join(rows))
    return "\n\n".join(parts)


def _parameters(operation: dict[str, Any]) -> str:
    flat = {"metrics", "dimensions"} <= {each["name"] for each in operation.get("parameters", ())}
    names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
    if flat:
        return ": the keys of the flat form" + (", `sql`, `format`" if "format" in names else ", `sql`")
    return f": {', '.join(f'`{name}`' for name in names)}" if names else ""


def requests_shown(path: Path) -> Iterator[Request]:
    """The calls of curl in the blocks of a page, each with the answer below it."""
    text = path.read_text(encoding="utf-8")
    for block in (*blocks(text, "console"), *blocks(text, "sh")):
        for part in re.split(r"^(?:\$ )?curl ", block, flags=re.MULTILINE)[1:]:
            line, _, answer = part.replace("\\\n", " ").partition("\n")
            yield _read(shlex.split(line), answer)


def _read(words: list[str], answer: str) -> Request:
    headers: dict[str, str] = {}
    body, address = None, ""
    waiting = iter(words)
    for word in waiting:
        if word in {"-H", "-d"}:
            value = next(waiting)
            if word == "-d":
                body = value
            else:
                name, _, told = value.partition(":")
                headers[name.strip().lower()] = told.strip()
        else:
            assert not word.startswith("-"), word
            address = word
    parts = urlsplit(f"http://{address}")
    assert parts.netloc == "localhost:4000", address
    asked = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return Request("GET" if body is None else "POST", asked, headers, body, answer.strip())
