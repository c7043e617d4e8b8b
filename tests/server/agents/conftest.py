"""Clients of the shipped model, in this process."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from mcp import Client

from engine import load_model, open_database
from server.agents.server import build_server
from server.settings import SHIPPED_MODEL
from tests.server.serving import source_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.server.agents.serving import Mode

    Connect = Callable[..., AbstractAsyncContextManager[Client]]

MODEL = load_model(SHIPPED_MODEL)


@pytest.fixture
def connect(database: Path) -> Connect:
    """Opens a client of a server over synced data."""

    @asynccontextmanager
    async def connected(mode: Mode = "auto") -> AsyncIterator[Client]:
        async with open_database(str(database)) as opened:
            security: dict[str, Any] = {"customer_id": 1}
            async with Client(build_server(source_of(MODEL, opened, security)), mode=mode) as client:
                yield client

    return connected
