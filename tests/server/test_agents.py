"""The tools for agents through a real MCP client, in both eras of the protocol."""

from __future__ import annotations

import json
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal

import jsonschema
import pytest
from mcp import Client

from engine import load_model, open_database, run_query
from server.agents.payload import BUDGET, compact
from server.agents.server import build_server
from server.agents.texts import EXAMPLES, INSTRUCTIONS, MOST
from server.settings import SHIPPED_MODEL
from tests.server.serving import source_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from mcp.types import CallToolResult

pytestmark = pytest.mark.anyio

MODEL = load_model(SHIPPED_MODEL)
Mode = Literal["auto", "legacy"]


@asynccontextmanager
async def connected(database: Path, mode: Mode = "auto", *, customer: int | None = 1) -> AsyncIterator[Client]:
    """A client of a server over the synced data."""
    async with open_database(str(database)) as opened:
        source = source_of(MODEL, opened, {} if customer is None else {"customer_id": customer})
        async with Client(build_server(source), mode=mode) as client:
            yield client


def text_of(result: CallToolResult) -> str:
    """The one text of a result."""
    (content,) = result.content
    assert content.type == "text"
    return content.text


async def ask(database: Path, call: dict[str, Any], tool: str = "query_metrics") -> CallToolResult:
    async with connected(database) as client:
        return await client.call_tool(tool, call)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_both_channels_hold_the_same_facts_in_both_eras(database: Path, mode: Mode) -> None:
    call = {"metrics": ["bug_count"], "dimensions": ["feature"], "filters": {"severity": "critical"}, "limit": 3}
    async with connected(database, mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        result = await client.call_tool("query_metrics", call)
    answer = json.loads(text_of(result))
    assert answer == result.structured_content
    assert tools["query_metrics"].output_schema is not None
    jsonschema.validate(answer, tools["query_metrics"].output_schema)
    assert answer["dimensions_used"] == ["feature"]
    assert answer["metrics_used"] == ["bug_count"]
    assert answer["row_count"] == 3 < answer["total_rows"]
    assert answer["query_time_ms"] > 0
    assert "Bugs by feature" in answer["explanation"]


BESIDE: dict[str, type] = {
    "explanation": str,
    "metrics_used": list,
    "dimensions_used": list,
    "totals": dict,
    "query": dict,
    "freshness": dict,
    "undated": dict,
    "partial": list,
    "model": dict,
    "sql_digest": str,
    "cache": dict,
    "can_add": dict,
    "suggested": list,
    "query_time_ms": float,
}


@pytest.mark.parametrize(
    "call",
    [
        {"metrics": ["bug_count"]},
        {"metrics": ["bug_count"], "dimensions": ["month"], "start_date": "12 months ago", "totals": True},
        {"metrics": ["bug_count"], "dimensions": ["tester"], "total": True, "limit": 2},
        {"metrics": ["tests_created"], "dimensions": ["customer"], "start_date": "2024-01-01"},
        {"dimensions": ["feature"], "filters": {"feature": "no such feature"}},
    ],
)
async def test_all_that_stands_beside_the_table_is_told_by_the_schema_of_answers(
    database: Path, call: dict[str, Any]
) -> None:
    async with connected(database) as client:
        schema = (await client.list_tools()).tools[0].output_schema
        answers = [(await client.call_tool("query_metrics", call)).structured_content for _ in range(2)]
    assert schema is not None
    beside = re.findall(r"(\w+) \(", schema["description"])
    assert sorted(beside) == sorted(BESIDE)
    for answer in answers:
        assert answer is not None
        assert set(schema["required"]) <= answer.keys() <= {*schema["properties"], *beside}
        assert all(isinstance(answer[name], BESIDE[name]) for name in beside if name in answer)


async def test_a_call_is_read_each_time_as_the_first_time(database: Path) -> None:
    spoken = {"metric": "bug_count", "group_by": "feature", "filters": '{"severity": "critical"}', "limit": "3"}
    plain = {"metrics": ["bug_count"], "dimensions": ["feature"], "filters": {"severity": "critical"}, "limit": 3}
    async with connected(database) as client:
        answers = [(await client.call_tool("query_metrics", call)).structured_content for call in (spoken, plain) * 2]
        # What Python takes for equal is not: a limit may be 1, and no flag may.
        flags = [await client.call_tool("query_metrics", {**plain, "totals": flag}) for flag in (True, 1, True)]
        limits = [await client.call_tool("query_metrics", {**plain, "limit": limit}) for limit in (1, True, 1)]
    assert all(answers)
    rows = [answer["rows"] for answer in answers if answer]
    notes = [answer["notes"] for answer in answers if answer]
    assert rows == [rows[0]] * 4
    assert notes[0] == notes[2] != notes[1] == notes[3]
    assert [result.is_error for result in (*flags, *limits)] == [False, True, False] * 2


async def test_an_answer_names_the_model_and_the_sql_that_it_comes_from(database: Path) -> None:
    answers = []
    for severity, limit in (("critical", 3), ("high", 3), ("high", None)):
        call = {"metrics": ["bug_count"], "dimensions": ["feature"], "filters": {"severity": severity}, "limit": limit}
        answers.append(json.loads(text_of(await ask(database, call))))
    model = load_model(SHIPPED_MODEL)
    assert answers[0]["model"] == {"name": "testio", "release": "1.0.0", "digest": model.digest[:16]}
    first, second, third = (answer["sql_digest"] for answer in answers)
    assert first == second != third


async def test_the_tools_are_described_within_what_hosts_show(database: Path) -> None:
    async with connected(database) as client:
        tools = (await client.list_tools()).tools
        assert client.server_info is not None
        assert client.server_info.version
    assert [tool.name for tool in tools] == [
        "query_metrics",
        "get_analytics_capabilities",
        "search_values",
        "explain_query",
    ]
    for tool in tools:
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        assert tool.input_schema["additionalProperties"] is False
        assert len(tool.description or "") <= MOST
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
    assert len(INSTRUCTIONS) <= MOST
    query = tools[0]
    assert "pivot table" in (query.description or "")
    assert "bugs_per_test" in query.input_schema["properties"]["metrics"]["items"]["enum"]
    assert all(each["description"] for each in query.input_schema["properties"].values())


@pytest.mark.parametrize(("question", "call"), EXAMPLES, ids=[question for question, _ in EXAMPLES])
async def test_every_example_of_the_description_runs(database: Path, question: str, call: dict[str, Any]) -> None:
    async with connected(database) as client:
        described = (await client.list_tools()).tools[0].description or ""
        result = await client.call_tool("query_metrics", call)
    assert f"{question} {json.dumps(call)}" in described
    assert not result.is_error, text_of(result)


async def test_capabilities_come_in_one_call_within_the_budget(database: Path) -> None:
    result = await ask(database, {}, "get_analytics_capabilities")
    told = json.loads(text_of(result))
    assert told == result.structured_content
    assert len(text_of(result)) < 6_500
    assert {each["name"] for each in told["metrics"]} >= {"bug_count", "test_count", "bugs_per_test", "tests_created"}
    assert told["limits"] == {"dimensions": 3, "metrics": 10, "rows": 1000, "seconds": 10.0}
    narrowed = json.loads(text_of(await ask(database, {"search": "acceptance"}, "get_analytics_capabilities")))
    assert "bug_count" not in {each["name"] for each in narrowed["metrics"]}
    detailed = await ask(database, {"detail": True}, "get_analytics_capabilities")
    assert len(text_of(detailed)) <= BUDGET


WRONG: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"metricks": ["bug_count"]}, "Did you mean 'metrics'?", {"metrics": ["bug_count"]}),
    ({"metrics": ["bug_cnt"]}, 'Did you mean "bug_count"?', {"metrics": ["bug_count"]}),
    ({"metrics": ["defects"]}, 'Did you mean "bug_count"', {"metrics": ["bug_count"]}),
    ({"metrics": '["bug_cnt"]'}, 'Did you mean "bug_count"?', {"metrics": ["bug_count"]}),
    (
        {"metrics": ["bug_count"], "group_by": ["featur"]},
        "'dimensions'",
        {"metrics": ["bug_count"], "dimensions": ["feature"]},
    ),
    (
        {"metrics": ["bug_count"], "dimensions": ["platform"]},
        "cannot be asked by",
        {"metrics": ["bug_count"], "dimensions": ["bug_platform"]},
    ),
    (
        {"metrics": ["severity", "bug_count"]},
        "is a dimension",
        {"metrics": ["bug_count"], "dimensions": ["severity"]},
    ),
    (
        {"metrics": ["bug_count"], "dimensions": ["feature", "tester", "severity", "status"]},
        "at most 3",
        {"metrics": ["bug_count"], "dimensions": ["feature", "tester", "severity"]},
    ),
    ({"metrics": ["bug_count"], "limit": 5000}, "at most 1000", {"metrics": ["bug_count"], "limit": 1000}),
    (
        {"metrics": ["bug_count"], "filters": {"severity": "crit"}},
        "It is one of critical",
        {"metrics": ["bug_count"], "filters": {"severity": "critical"}},
    ),
    (
        {"metrics": ["bug_count"], "filters": {"severity": {"valuess": ["high"]}}},
        'Did you mean "values"',
        {"metrics": ["bug_count"], "filters": {"severity": {"values": ["high"]}}},
    ),
    (
        {"metrics": ["bug_count"], "filters": [{"member": "severty", "operator": "eqals", "values": ["high"]}]},
        "severity",
        {"metrics": ["bug_count"], "filters": [{"member": "severity", "operator": "equals", "values": ["high"]}]},
    ),
    (
        {"metrics": ["bug_count"], "filters": {"severty": "high"}},
        "severity",
        {"metrics": ["bug_count"], "filters": {"severity": "high"}},
    ),
    ({"metrics": ["bug_count"], "granularity": "months"}, "month", {"metrics": ["bug_count"], "granularity": "month"}),
    (
        {"metrics": ["bug_count"], "date_range": ["last month"]},
        "date_range",
        {"metrics": ["bug_count"]},
    ),
    (
        {"metrics": ["bug_count"], "compare": ["previous period"]},
        "Give it start_date and end_date",
        {
            "metrics": ["bug_count"],
            "compare": ["previous period"],
            "start_date": "last month",
            "end_date": "last month",
        },
    ),
    (
        {"metrics": ["bug_count"], "end_date": "today", "compare": [["2025-01-01", "2025-03-31"]]},
        "says no start",
        {
            "metrics": ["bug_count"],
            "compare": [["2025-01-01", "2025-03-31"]],
            "start_date": "last month",
            "end_date": "last month",
        },
    ),
    (
        {"metrics": ["bug_count"], "start_date": "2026-05-01", "end_date": "2026-01-01"},
        "Exchange",
        {"metrics": ["bug_count"], "start_date": "2026-01-01", "end_date": "2026-05-01"},
    ),
    (
        {"metrics": ["bug_count"], "start_date": "a while back"},
        "is not a date",
        {"metrics": ["bug_count"], "start_date": "last 30 days"},
    ),
    ({"metrics": ["bug_count"], "sort_by": "severity"}, "order by", {"metrics": ["bug_count"], "sort_by": "bug_count"}),
    (
        {"metrics": ["bug_count"], "timezone": "Berlin"},
        "Europe/Berlin",
        {"metrics": ["bug_count"], "timezone": "Europe/Berlin"},
    ),
    ({"metrics": ["bug_count"], "limit": "many"}, "whole number", {"metrics": ["bug_count"]}),
    ({"metrics": ["bug_count"], "cursor": "abc"}, "next_cursor", {"metrics": ["bug_count"]}),
    ({}, "at least one metric", {"metrics": ["test_count"]}),
]


@pytest.mark.parametrize(("call", "told", "works"), WRONG, ids=[json.dumps(call) for call, _, _ in WRONG])
async def test_a_wrong_call_is_refused_with_one_that_works(
    database: Path, call: dict[str, Any], told: str, works: dict[str, Any]
) -> None:
    async with connected(database) as client:
        refused = await client.call_tool("query_metrics", call)
        text = text_of(refused)
        assert refused.is_error
        assert refused.structured_content is None
        assert told in text
        assert "Error executing tool" not in text
        offered = json.loads(text.rpartition(": {")[2].join(["{", ""]))
        assert offered == works
        assert not (await client.call_tool("query_metrics", offered)).is_error


async def test_a_correction_that_leaves_something_out_says_so(database: Path) -> None:
    refused = await ask(database, {"metrics": ["bug_count"], "filters": "critical"})
    assert 'This call works, but leaves something out: {"metrics":["bug_count"]}' in text_of(refused)


LENIENT: list[tuple[dict[str, Any], str]] = [
    ({"metrics": '["bug_count"]', "dimensions": '["severity"]'}, "The text in metrics was read as a list."),
    ({"metrics": "bug_count", "dimensions": "severity"}, 'metrics was read as the list ["bug_count"].'),
    ({"metric": ["bug_count"], "group_by": ["severity"]}, "'group_by' was read as 'dimensions'."),
    ({"measures": ["bug_count"], "dimension": "severity"}, "'dimension' was read as 'dimensions'."),
    ({"metrics": ["bug_count"], "dimensions": ["severity"], "limit": "100"}, ""),
    ({"metrics": ["bug_count"], "dimensions": ["severity"], "filters": None, "start_date": None}, ""),
    (
        {"metrics": ["bug_count"], "dimensions": ["severity"], "filters": "{}"},
        "The text in filters was read as an object.",
    ),
]


@pytest.mark.parametrize(("call", "told"), LENIENT, ids=[json.dumps(call) for call, _ in LENIENT])
async def test_forms_whose_meaning_is_certain_are_taken_and_told(
    database: Path, call: dict[str, Any], told: str
) -> None:
    plain = json.loads(text_of(await ask(database, {"metrics": ["bug_count"], "dimensions": ["severity"]})))
    result = await ask(database, call)
    assert not result.is_error, text_of(result)
    answer = json.loads(text_of(result))
    assert answer["rows"] == plain["rows"]
    assert set(answer["notes"]) - set(plain["notes"]) >= ({told} if told else set())


@pytest.mark.parametrize(
    ("lenient", "plain"),
    [
        (
            {"date_range": "last month"},
            {"start_date": "last month", "end_date": "last month"},
        ),
        (
            {"date_range": ["2026-01-01", "2026-06-30"]},
            {"start_date": "2026-01-01", "end_date": "2026-06-30"},
        ),
        (
            {"date_range": "2026-01-01 to 2026-06-30"},
            {"start_date": "2026-01-01", "end_date": "2026-06-30"},
        ),
        (
            {"filters": {"severity": {"operator": "eq", "values": ["high"]}}},
            {"filters": {"severity": {"operator": "equals", "values": ["high"]}}},
        ),
        (
            {"filters": {"bug_count": {"operator": ">=", "value": 3}}, "dimensions": "feature,severity"},
            {"filters": {"bug_count": {"operator": "gte", "values": [3]}}, "dimensions": ["feature", "severity"]},
        ),
    ],
)
async def test_a_lenient_form_answers_as_its_right_form_does(
    database: Path, lenient: dict[str, Any], plain: dict[str, Any]
) -> None:
    async with connected(database) as client:
        found = await client.call_tool("query_metrics", {"metrics": ["bug_count"], **lenient})
        right = await client.call_tool("query_metrics", {"metrics": ["bug_count"], **plain})
    answer, expected = json.loads(text_of(found)), json.loads(text_of(right))
    assert (answer["rows"], answer["query"]) == (expected["rows"], expected["query"])
    assert any("was read as" in note for note in answer["notes"])
    assert not any("was read as" in note for note in expected["notes"])


async def test_what_is_too_long_comes_in_pages_that_make_up_the_whole(database: Path) -> None:
    call: dict[str, Any] = {"metrics": ["bug_count", "test_count"], "dimensions": ["feature", "tester", "month"]}
    async with open_database(str(database)) as opened:
        whole = await run_query(call, MODEL, opened, security={"customer_id": 1})
    rows, pages, cursor = [], 0, None
    async with connected(database) as client:
        while pages == 0 or cursor:
            asked = {**call, "cursor": cursor} if cursor else call
            result = await client.call_tool("query_metrics", asked)
            assert not result.is_error, text_of(result)
            assert len(text_of(result)) <= BUDGET
            page = json.loads(text_of(result))
            assert page["total_rows"] == (whole.total_rows or len(whole.rows))
            rows += page["rows"]
            pages, cursor = pages + 1, page.get("next_cursor")
    assert pages > 1
    assert rows == [list(row) for row in whole.rows]


async def test_a_cursor_belongs_to_its_question(database: Path) -> None:
    call: dict[str, Any] = {"metrics": ["bug_count", "test_count"], "dimensions": ["feature", "tester", "month"]}
    async with connected(database) as client:
        first = json.loads(text_of(await client.call_tool("query_metrics", call)))
        other = {"metrics": ["bug_count"], "cursor": first["next_cursor"]}
        refused = await client.call_tool("query_metrics", other)
    assert refused.is_error
    assert "another question" in text_of(refused)


async def test_the_limit_holds_over_all_pages(database: Path) -> None:
    call: dict[str, Any] = {"metrics": ["bug_count"], "dimensions": ["feature", "tester", "month"], "limit": 400}
    async with connected(database) as client:
        page = json.loads(text_of(await client.call_tool("query_metrics", call)))
        shown = page["row_count"]
        while "next_cursor" in page:
            again = await client.call_tool("query_metrics", {**call, "cursor": page["next_cursor"]})
            page = json.loads(text_of(again))
            shown += page["row_count"]
    assert shown == min(400, page["total_rows"])


async def test_without_a_security_value_the_door_is_shut(database: Path) -> None:
    async with connected(database, customer=None) as client:
        refused = await client.call_tool("query_metrics", {"metrics": ["bug_count"]})
    assert refused.is_error
    assert "customer_id" in text_of(refused)
    async with connected(database, customer=2) as client:
        other = await client.call_tool("query_metrics", {"metrics": ["bug_count"]})
    assert json.loads(text_of(other))["rows"] == [[0]]


async def test_an_unknown_argument_of_capabilities_is_refused(database: Path) -> None:
    refused = await ask(database, {"query": "bugs"}, "get_analytics_capabilities")
    assert refused.is_error
    assert "Arguments are search, detail" in text_of(refused)


async def test_a_bug_of_ours_does_not_tell_its_inside(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("server.service.service.run_query", broken)
    refused = await ask(database, {"metrics": ["bug_count"]})
    assert refused.is_error
    assert "secret inside" not in text_of(refused)


def test_the_text_of_a_payload_is_compact() -> None:
    assert compact({"rows": [["Ä", 1]]}) == '{"rows":[["Ä",1]]}'
