"""Calls drawn from the schemas of the tools: each is answered or refused in words, and never with a bug of ours."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis_jsonschema import from_schema
from mcp.types import CallToolResult

from engine import load_model, open_database
from server.agents.offer import offer_of
from server.agents.payload import BUDGET
from server.settings import SHIPPED_MODEL
from tests.server.agents.drawing import drawn
from tests.server.serving import source_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hypothesis.strategies import SearchStrategy

    from server.agents.source import Source

MODEL = load_model(SHIPPED_MODEL)
TOOLS = ("query_metrics", "get_analytics_capabilities", "search_values", "explain_query")
EXAMPLES = int(os.environ.get("METRIC_CUBE_EXAMPLES", "320")) // 5


def _source(database: Path) -> Source:
    return source_of(MODEL, open_database(str(database)), {"customer_id": 1})


@pytest.mark.parametrize("draw", [drawn, from_schema], ids=["likely", "any"])
@pytest.mark.parametrize("name", TOOLS)
def test_a_call_that_keeps_to_the_schema_is_answered_or_refused_in_words(
    database: Path, name: str, draw: Callable[[Any], SearchStrategy[Any]], caplog: pytest.LogCaptureFixture
) -> None:
    source = _source(database)
    tool = offer_of(source).tools[name]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(call=draw(tool.arguments))
    def check(call: dict[str, Any]) -> None:
        result = CallToolResult.model_validate(asyncio.run(tool.call(source, call)))
        (content,) = result.content
        text = getattr(content, "text", "")
        assert text
        assert len(text) <= BUDGET
        if result.is_error:
            assert "failed for a reason of its own" not in text, json.dumps(call)
        else:
            assert json.loads(text) == result.structured_content

    check()
    assert not caplog.records
    asyncio.run(source.service.database.close())


@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [None], {"a": [1]}, "[", True, -1.5])
def test_an_argument_of_any_type_is_answered_or_refused_in_words(
    database: Path, name: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    source = _source(database)
    tool = offer_of(source).tools[name]

    async def call_all() -> None:
        for argument in (*tool.arguments["properties"], "nonsense"):
            result = await tool.call(
                source, {"metrics": ["bug_count"], argument: value} if "query" in name else {argument: value}
            )
            (content,) = result["content"]
            assert "failed for a reason of its own" not in content["text"], argument
        await source.service.database.close()

    asyncio.run(call_all())
    assert not caplog.records
