"""A model of more names than a schema or a page of resources should hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mcp import Client, MCPError

from engine import load_model, open_database
from server.agents.server import build_server
from tests.server.agents.serving import MODES, Mode, text_of
from tests.server.serving import source_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

_MANY = 600


@pytest.mark.parametrize("mode", MODES)
async def test_names_are_searched_and_resources_come_in_pages(tmp_path: Path, mode: Mode) -> None:
    measures = "\n".join(f"      - {{name: measure_{number}, type: sum, sql: c{number}}}" for number in range(_MANY))
    (tmp_path / "wide.yml").write_text(
        "cubes:\n  - name: wide\n    sql_table: wide\n    dimensions:\n"
        f"      - {{name: id, sql: id, type: number, primary_key: true}}\n    measures:\n{measures}\n"
    )
    async with open_database("sqlite://") as database:
        source = source_of(load_model(tmp_path), database, {})
        async with Client(build_server(source), mode=mode) as client:
            tool = (await client.list_tools()).tools[0]
            first = await client.list_resources()
            second = await client.list_resources(cursor=first.next_cursor)
            told = text_of(await client.call_tool("get_analytics_capabilities", {}))
            found = text_of(await client.call_tool("get_analytics_capabilities", {"search": "measure 599"}))
            with pytest.raises(MCPError, match="cursor"):
                await client.list_resources(cursor="nonsense")
    assert "enum" not in tool.input_schema["properties"]["metrics"]["items"]
    uris = [str(each.uri) for page in (first, second) for each in page.resources]
    assert len(uris) == len(set(uris)) == _MANY + 3
    assert second.next_cursor is None
    assert len(told) < 6_500
    assert "left_out" in told
    assert "wide.measure_599" in found
