"""The tools for agents, made from what the server tells its clients."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import engine
from server.agents.offer import offer_of
from server.settings import SHIPPED_MODEL
from tests.server.serving import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp.types import Tool


def agents_reference() -> str:
    """Each tool with its description, its arguments and what its answer holds."""
    return "\n\n".join(map(_tool, asyncio.run(_tools())))


async def _tools() -> list[Tool]:
    async with engine.open_database("sqlite://") as database:
        source = source_of(engine.load_model(SHIPPED_MODEL), database, {"customer_id": 1})
        return list(offer_of(source).listed)


def _tool(tool: Tool) -> str:
    parts = [f"## {tool.name}", f"```text\n{tool.description}\n```", "### Arguments" + f" of {tool.name}"]
    arguments: Mapping[str, Mapping[str, Any]] = tool.input_schema["properties"]
    parts.append("\n".join(_argument(name, schema) for name, schema in arguments.items()))
    answer = tool.output_schema or {}
    parts += [f"### Answer of {tool.name}", ", ".join(f"`{name}`" for name in answer["properties"])]
    parts += [answer["description"]] if "description" in answer else []
    return "\n\n".join(parts)


def _argument(name: str, schema: Mapping[str, Any]) -> str:
    facts = [schema["type"]]
    facts += [f"at most {most}" for key in ("maxItems", "maximum") if (most := schema.get(key)) is not None]
    facts += [f"default `{str(schema['default']).lower()}`"] if "default" in schema else []
    return f"- `{name}` ({', '.join(facts)}): {schema['description']}"
