"""Long calls over stdio: what is waited for is told, and a call that is cancelled stops its SQL."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from typing import TYPE_CHECKING

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from tests.server.agents.serving import MODES, Mode, slow_model, until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", MODES)
async def test_a_slow_call_is_told_of_and_cancelled(tmp_path: Path, mode: Mode) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    slow_model(folder)
    one_at_a_time = "limits: {seconds: 300, running: 1, waiting: 5}"
    (folder / "model.yml").write_text(f"version: 1\nname: slow\n{one_at_a_time}\n")
    sqlite3.connect(tmp_path / "slow.sqlite").close()
    own = {"METRIC_CUBE_DATABASE": str(tmp_path / "slow.sqlite"), "METRIC_CUBE_MODEL": str(folder)}
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "server", "serve"], env={**os.environ, **own, "TESTIO_CUSTOMER_ID": "1"}
    )
    told: list[str] = []

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        told.append(message or "")

    async with Client(command, mode=mode) as client:
        slow = {"metrics": ["slow.count"]}
        first = asyncio.create_task(client.call_tool("query_metrics", slow, progress_callback=heard))
        assert await until(lambda: told == ["asking the database"])
        first.cancel()
        await asyncio.wait([first])
        # One query runs at a time: the next gets its turn only when the SQL of the first has been stopped.
        quick = {"metrics": ["quick.count"]}
        async with asyncio.timeout(60):
            answer = await client.call_tool("query_metrics", quick)
    assert not answer.is_error
    assert answer.structured_content is not None
    assert answer.structured_content["row_count"] == 1
