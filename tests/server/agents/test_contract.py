"""What clients are told of the server, as it was last reviewed: `make golden` writes it again, and the change is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.agents.serving import MODES, Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp import Client
    from pydantic import BaseModel

    from tests.server.agents.conftest import Connect

pytestmark = pytest.mark.anyio

REVIEWED = Path(__file__).parent / "contract.json"


async def told(client: Client) -> dict[str, Any]:
    """Everything that a client learns before it asks."""
    capabilities, info = client.server_capabilities, client.server_info
    assert capabilities is not None
    assert info is not None
    lists: dict[str, Sequence[BaseModel]] = {
        "tools": (await client.list_tools()).tools,
        "prompts": (await client.list_prompts()).prompts,
        "resource_templates": (await client.list_resource_templates()).resource_templates,
    }
    written = {
        name: [each.model_dump(mode="json", by_alias=True, exclude_none=True) for each in found]
        for name, found in lists.items()
    }
    resources = [str(each.uri) for each in (await client.list_resources()).resources]
    return {
        "name": info.name,
        "title": info.title,
        "capabilities": capabilities.model_dump(mode="json", by_alias=True, exclude_none=True),
        "instructions": client.instructions,
        **written,
        "resources": resources,
    }


async def test_clients_are_told_what_was_reviewed(connect: Connect, request: pytest.FixtureRequest) -> None:
    async with connect() as client:
        found = await told(client)
    if request.config.getoption("--golden"):
        REVIEWED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(REVIEWED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("mode", MODES)
async def test_both_eras_are_told_the_same_but_for_their_own_capabilities(connect: Connect, mode: Mode) -> None:
    async with connect(mode) as client:
        found = await told(client)
    reviewed = json.loads(REVIEWED.read_text(encoding="utf-8"))
    assert {**found, "capabilities": {}} == {**reviewed, "capabilities": {}}
    assert found["capabilities"]["tools"]["listChanged"]
    assert found["capabilities"]["resources"]["listChanged"]


async def test_what_is_told_fits_into_what_hosts_show(connect: Connect) -> None:
    async with connect() as client:
        found = await told(client)
    assert len(found["instructions"]) <= 2000
    assert all(len(tool["description"]) <= 2000 for tool in found["tools"])
    assert len(json.dumps(found["tools"])) < 24_000
