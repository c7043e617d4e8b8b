"""Spans of calls by agents, where somebody collects them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mcp.server.lowlevel.server import Server

from tests.server.agents.serving import MODES, Mode
from tests.server.spans import by_name, collected

if TYPE_CHECKING:
    from tests.server.agents.conftest import Connect

pytestmark = pytest.mark.anyio

CALL = {"metrics": ["bug_count"]}


@pytest.mark.parametrize("mode", MODES)
async def test_an_answer_belongs_to_the_call_that_asked(
    connect: Connect, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    with collected(monkeypatch) as spans:
        async with connect(mode) as client:
            await client.call_tool("query_metrics", CALL)
    answer = by_name(spans)["metric_cube.answer"]
    call = next(span for span in spans.get_finished_spans() if span.context == answer.parent)
    assert call.name == "tools/call query_metrics"
    assert call.attributes is not None
    assert call.attributes["gen_ai.tool.name"] == "query_metrics"


def test_nothing_but_spans_is_left_out_where_nobody_collects_them() -> None:
    assert [type(each).__name__ for each in Server("as the SDK makes it").middleware] == ["OpenTelemetryMiddleware"]
