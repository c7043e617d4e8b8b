"""A page of an answer: kept as it was written, true each time that it is handed out, and never too long."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from server.agents.payload import BUDGET, compact
from tests.server.agents.serving import payload_of

if TYPE_CHECKING:
    from tests.server.agents.conftest import Connect

pytestmark = pytest.mark.anyio

MANY = [f"a feature that nobody has ever heard of, number {number}" for number in range(900)]


async def test_a_kept_page_differs_in_what_differs_each_time(connect: Connect) -> None:
    call: dict[str, Any] = {"metrics": ["bug_count"], "dimensions": ["feature"], "limit": 5}
    async with connect() as client:
        first, second = [payload_of(await client.call_tool("query_metrics", call)) for _ in range(2)]
    told = second.pop("cache")
    assert told["hit"]
    assert "cache" not in first
    assert second.pop("query_time_ms") < first.pop("query_time_ms")
    assert second == first


async def test_calls_that_are_read_otherwise_have_pages_of_their_own(connect: Connect) -> None:
    async with connect() as client:
        plain = payload_of(await client.call_tool("query_metrics", {"metrics": ["bug_count"]}))
        other = payload_of(await client.call_tool("query_metrics", {"metric": "bug_count"}))
        again = payload_of(await client.call_tool("query_metrics", {"metrics": ["bug_count"]}))
    assert other["cache"]["hit"]
    assert other["notes"][-len(plain["notes"]) :] == plain["notes"] == again["notes"]
    assert "'metric' was read as 'metrics'." in other["notes"]


async def test_pages_are_parts_of_one_answer(connect: Connect) -> None:
    call: dict[str, Any] = {"metrics": ["bug_count"], "dimensions": ["test", "tester", "severity"]}
    async with connect() as client:
        pages = [payload_of(await client.call_tool("query_metrics", call))]
        while cursor := pages[-1].get("next_cursor"):
            pages.append(payload_of(await client.call_tool("query_metrics", {**call, "cursor": cursor})))
    rows = [tuple(row) for page in pages for row in page["rows"]]
    assert len(pages) > 1
    assert all(page["cache"]["hit"] for page in pages[1:])
    assert len(set(rows)) == len(rows) == sum(page["row_count"] for page in pages)
    assert {page["total_rows"] for page in pages} == {pages[0]["total_rows"]}
    assert max(len(compact(page)) for page in pages) > BUDGET * 0.95
    assert f"to {len(rows)} of {len(rows)}: this is the last page." in pages[-1]["notes"][0]


@pytest.mark.parametrize(
    "asked",
    [
        {"filters": {"feature": MANY}},
        {"filters": {"feature": {"operator": "notEquals", "values": MANY}}, "dimensions": ["feature"]},
        {"filters": {"feature": {"operator": "notContains", "values": ["x" * 30_000]}}},
        {"dimensions": ["day"], "start_date": "today", "end_date": "2028-12-31", "fill": True},
    ],
    ids=["values that there are not", "values that are left out", "a long text", "days to come"],
)
async def test_a_question_may_name_more_than_an_answer_can_repeat(
    connect: Connect, asked: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        async with connect() as client:
            payload = payload_of(await client.call_tool("query_metrics", {"metrics": ["bug_count"], **asked}))
    assert payload["row_count"] == len(payload["rows"]) > 0
    assert len(compact(payload)) <= BUDGET
    assert not caplog.records


async def test_the_parts_of_a_rate_are_named_as_people_know_them(connect: Connect) -> None:
    call = {"metrics": ["rejection_rate"], "dimensions": ["severity"]}
    async with connect() as client:
        payload = payload_of(await client.call_tool("query_metrics", call))
    (note,) = [each for each in payload["notes"] if "add up" in each]
    assert note == (
        "rejection_rate does not add up over the rows: it is computed from Rejected bugs, bug_count after these are aggregated."
    )


async def test_a_month_under_way_is_told_in_groups_and_comparisons_too(connect: Connect) -> None:
    call: dict[str, Any] = {"metrics": ["bug_count"], "start_date": "this month", "end_date": "this month"}
    async with connect() as client:
        for more in ({"dimensions": ["severity"]}, {"compare": ["previous period"]}):
            payload = payload_of(await client.call_tool("query_metrics", {**call, **more}))
            assert any(each.startswith("The date range is not over yet") for each in payload["notes"])
