"""Asks through a real MCP client, and asks the truth by SQL."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal
from unittest.mock import patch

from mcp import Client

from engine import load_model, open_database
from server.agents.server import build_server
from server.settings import SHIPPED_MODEL
from tests.questions.data import CUSTOMER, NOW
from tests.server.serving import source_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from engine import Model
    from tests.questions.cases import Call

Mode = Literal["auto", "legacy"]
Row = tuple[Any, ...]


@cache
def model() -> Model:
    """The model that is shipped."""
    return load_model(SHIPPED_MODEL)


@asynccontextmanager
async def connected(database: Path, mode: Mode = "auto") -> AsyncIterator[Client]:
    """A client of a server that answers one customer, at the moment `NOW`."""
    async with open_database(str(database)) as opened:
        source = source_of(model(), opened, {"customer_id": CUSTOMER})
        with patch("server.agents.query_metrics.this_second", lambda: NOW):
            async with Client(build_server(source), mode=mode) as client:
                yield client


@dataclass(frozen=True, slots=True)
class Reply:
    """What one round trip brought: a payload or, if the call was refused, the text alone."""

    text: str
    payload: dict[str, Any]
    refused: bool

    def column(self, name: str) -> dict[str, Any]:
        """What the answer tells of one of its columns."""
        (column,) = (column for column in self.payload["columns"] if column["name"] == name)
        return dict(column)


async def ask(client: Client, call: Call) -> Reply:
    """Make a call; an answer has to hold the same facts in both channels, a refusal only text."""
    result = await client.call_tool(call.tool, call.arguments)
    (content,) = result.content
    assert content.type == "text"
    if result.is_error:
        assert result.structured_content is None, "what hosts drop on errors"
        return Reply(content.text, {}, True)
    payload = json.loads(content.text)
    assert payload == result.structured_content
    return Reply(content.text, payload, False)


async def ask_all(client: Client, call: Call) -> list[Reply]:
    """Make a call and go on with `next_cursor` up to the last page."""
    replies = [await ask(client, call)]
    while cursor := replies[-1].payload.get("next_cursor"):
        more = type(call)(call.tool, {**call.arguments, "cursor": cursor})
        replies.append(await ask(client, more))
    return replies


def truth(sql: str, file: Path) -> tuple[list[str], list[Row]]:
    """The columns and rows that hand-written SQL gives."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        cursor = connection.execute(sql)
        return [column[0] for column in cursor.description], cursor.fetchall()


def shown(replies: list[Reply], names: list[str]) -> list[Row]:
    """The values of some columns over all pages of an answer."""
    columns = [column["name"] for column in replies[0].payload["columns"]]
    places = [columns.index(name) for name in names]
    return [tuple(row[place] for place in places) for reply in replies for row in reply.payload["rows"]]


def difference(found: list[Row], expected: list[Row], *, ordered: bool = True) -> str:
    """How rows differ from the truth, in words; empty where they do not."""
    if not ordered:
        found, expected = sorted(found, key=repr), sorted(expected, key=repr)
    for index, (here, there) in enumerate(zip(found, expected, strict=False)):
        if not all(map(_same, here, there)):
            return f"row {index + 1} is {here}, and in truth {there}"
    return "" if len(found) == len(expected) else f"{len(found)} rows, and in truth {len(expected)}"


def _same(found: Any, expected: Any) -> bool:
    if isinstance(found, bool) or found is None or expected is None or isinstance(expected, str):
        return bool(found == expected)  # SQLite's true is 1
    return isinstance(found, int | float) and math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
