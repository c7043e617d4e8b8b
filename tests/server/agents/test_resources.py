"""What clients may read, what they may begin with, and how it is completed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from mcp import MCPError
from mcp.types import PromptReference, ResourceTemplateReference

from tests.server.agents.serving import MODES, Mode, payload_of

if TYPE_CHECKING:
    from tests.server.agents.conftest import Connect

pytestmark = pytest.mark.anyio


def _json(contents: Any) -> dict[str, Any]:
    (content,) = contents.contents
    assert content.mime_type == "application/json"
    data: dict[str, Any] = json.loads(content.text)
    return data


@pytest.mark.parametrize("mode", MODES)
async def test_every_resource_that_is_listed_can_be_read(connect: Connect, mode: Mode) -> None:
    async with connect(mode) as client:
        listed = (await client.list_resources()).resources
        contents = [(each, (await client.read_resource(str(each.uri))).contents[0]) for each in listed]
    uris = [str(each.uri) for each in listed]
    assert len(uris) == len(set(uris))
    assert {"cube://model", "cube://queries/last", "cube://metrics/bug_count", "cube://dimensions/feature"} <= set(uris)
    assert all(content.mime_type == each.mime_type for each, content in contents)


async def test_a_metric_tells_its_formula_its_dimensions_and_the_sql_behind_it(connect: Connect) -> None:
    async with connect() as client:
        metric = _json(await client.read_resource("cube://metrics/tests_created"))
        dimension = _json(await client.read_resource("cube://dimensions/platform"))
        for name in metric["goes_with"]:
            call = {"metrics": ["tests_created"], "dimensions": [name], "limit": 1}
            payload_of(await client.call_tool("query_metrics", call))
    assert "created_by_user_id" in metric["formula"]
    assert "SELECT" in metric["sql"]
    assert dimension["goes_with"] == ["test_count", "tests_created", "tests_submitted"]


async def test_the_sql_of_the_last_query_is_there_after_it(connect: Connect) -> None:
    async with connect() as client:
        before = _json(await client.read_resource("cube://queries/last"))
        call = {"metrics": ["bug_count"], "filters": {"severity": "high"}}
        payload_of(await client.call_tool("query_metrics", call))
        after = _json(await client.read_resource("cube://queries/last"))
    assert before == {"note": "Nothing has been asked yet."}
    assert after["query"] == call
    assert "COUNT(*)" in after["sql"]
    assert "high" in after["parameters"].values()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("cube://metrics/bug_cnt", 'Did you mean "bug_count"'),
        ("cube://dimensions/colour", "cube://model lists them"),
        ("cube://nothing", "There is no resource"),
    ],
)
async def test_a_resource_that_is_not_there_is_told_with_what_is(
    connect: Connect, mode: Mode, uri: str, told: str
) -> None:
    async with connect(mode) as client:
        with pytest.raises(MCPError) as error:
            await client.read_resource(uri)
    assert error.value.error.code == -32602
    assert told in error.value.error.message
    assert error.value.error.data == {"uri": uri}


async def test_the_page_of_the_chart_is_bound_to_query_metrics(connect: Connect) -> None:
    async with connect() as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools["query_metrics"].meta is not None
        uri = tools["query_metrics"].meta["ui"]["resourceUri"]
        (page,) = (await client.read_resource(uri)).contents
    assert page.mime_type == "text/html;profile=mcp-app"
    assert "<html" in getattr(page, "text", "")
    assert page.meta is not None
    assert page.meta["ui"]["csp"] == {"connectDomains": [], "resourceDomains": []}


PROMPTS: list[tuple[str, dict[str, str]]] = [
    ("explore_metric", {"metric": "bugs_per_test"}),
    ("explore_metric", {"metric": "test_count", "period": "last quarter"}),
    ("weekly_quality_review", {}),
    ("weekly_quality_review", {"product": "Aurora Shop"}),
    ("compare_periods", {"metric": "bug_count", "period": "last month"}),
    ("compare_periods", {"metric": "rejection_rate", "period": "last month", "compare_with": "same period last year"}),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("name", "arguments"), PROMPTS)
async def test_every_call_that_a_prompt_begins_with_works(
    connect: Connect, mode: Mode, name: str, arguments: dict[str, str]
) -> None:
    async with connect(mode) as client:
        (message,) = (await client.get_prompt(name, arguments)).messages
        text = getattr(message.content, "text", "")
        calls = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        for call in calls:
            payload_of(await client.call_tool("query_metrics", call))
    assert len(calls) >= 3
    assert all(value in text for value in arguments.values())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("explore_metrik", {}, "Prompts are explore_metric"),
        ("explore_metric", {}, "it needs metric"),
        ("explore_metric", {"metric": "bug_count", "colour": "red"}, "it has no colour"),
        ("explore_metric", {"metric": "bug_cnt"}, 'Did you mean "bug_count"'),
        ("compare_periods", {"metric": "bug_count", "period": "some day"}, "look at the dates"),
    ],
)
async def test_a_wrong_prompt_is_refused_as_invalid_parameters(
    connect: Connect, mode: Mode, name: str, arguments: dict[str, str], told: str
) -> None:
    async with connect(mode) as client:
        with pytest.raises(MCPError) as error:
            await client.get_prompt(name, arguments)
    assert error.value.error.code == -32602
    assert told in error.value.error.message


@pytest.mark.parametrize("mode", MODES)
async def test_names_periods_and_values_are_completed(connect: Connect, mode: Mode) -> None:
    async with connect(mode) as client:

        async def values(ref: Any, name: str, typed: str) -> list[str]:
            found = await client.complete(ref=ref, argument={"name": name, "value": typed})
            return found.completion.values

        explore = PromptReference(name="explore_metric")
        assert await values(explore, "metric", "bug") == [
            "bug_count",
            "bug_severity_score",
            "bugs_per_test",
            "critical_bug_count",
            "critical_bugs_per_test",
        ]
        assert await values(explore, "period", "last q") == ["last quarter"]
        compare = PromptReference(name="compare_periods")
        assert "previous period" in await values(compare, "compare_with", "")
        review = PromptReference(name="weekly_quality_review")
        products = await values(review, "product", "aurora pay")
        assert products[0] == "Aurora Pay"
        assert await values(review, "colour", "r") == []
        metrics = ResourceTemplateReference(uri="cube://metrics/{name}")
        assert await values(metrics, "name", "rate") == [
            "overall_acceptance_rate",
            "active_acceptance_rate",
            "auto_acceptance_rate",
            "rejection_rate",
            "review_rate",
        ]
        dimensions = ResourceTemplateReference(uri="cube://dimensions/{name}")
        assert await values(dimensions, "name", "sev") == ["severity"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_tool_that_is_not_there_is_refused_with_those_that_are(connect: Connect, mode: Mode) -> None:
    async with connect(mode) as client:
        with pytest.raises(MCPError, match='Did you mean "query_metrics"') as error:
            await client.call_tool("query_metric", {})
    assert error.value.error.code == -32602
