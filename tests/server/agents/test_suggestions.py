"""What goes on from an answer: every call that is offered works, and every name that can be added can be."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine import load_model, open_database, run_query
from server.agents.payload import compact
from server.agents.periods import PERIOD_BEFORE, YEAR_BEFORE, before, with_ranges, written
from server.agents.query_metrics import query_metrics
from server.settings import SHIPPED_MODEL
from tests.server.agents.serving import payload_of
from tests.server.serving import source_of

if TYPE_CHECKING:
    from pathlib import Path

    from mcp import Client

    from tests.server.agents.conftest import Connect

pytestmark = pytest.mark.anyio

CALLS: list[dict[str, Any]] = [
    {"metrics": ["bug_count"]},
    {"metrics": ["bug_count"], "dimensions": ["feature"], "limit": 3},
    {"metrics": ["bug_count"], "dimensions": ["quarter"], "start_date": "2026-01-01"},
    {
        "metrics": ["test_count", "bugs_per_test"],
        "dimensions": ["product"],
        "start_date": "last month",
        "end_date": "today",
    },
    {"metrics": ["tests_created"], "dimensions": ["platform"]},
    {"metrics": ["rejection_rate"], "granularity": "month", "start_date": "6 months ago"},
    {"metrics": ["bug_count"], "dimensions": ["feature", "severity", "month"], "filters": {"severity": "high"}},
]


@pytest.mark.parametrize("call", CALLS, ids=map(json.dumps, CALLS))
async def test_every_call_that_is_suggested_works(connect: Connect, call: dict[str, Any]) -> None:
    async with connect() as client:
        answer = payload_of(await client.call_tool("query_metrics", call))
        offered = answer["suggested"]
        for each in offered:
            payload_of(await client.call_tool("query_metrics", each))
    assert 1 <= len(offered) <= 2
    assert len(compact(offered)) <= 410
    assert call not in offered


async def test_a_dated_question_can_be_laid_beside_the_period_before(connect: Connect) -> None:
    call = {"metrics": ["bug_count"], "start_date": "last month", "end_date": "last month"}
    async with connect() as client:
        answer = payload_of(await client.call_tool("query_metrics", call))
    assert {**call, "compare": [PERIOD_BEFORE]} in answer["suggested"]


async def test_hints_take_little_of_a_short_answer(connect: Connect) -> None:
    async with connect() as client:
        answer = payload_of(await client.call_tool("query_metrics", {"metrics": ["bug_count"]}))
    assert len(compact({name: answer[name] for name in ("can_add", "suggested")})) < len(compact(answer)) / 4


REPORTED = {"reported_at": {"operator": "inDateRange", "values": ["2026-03-01", "2026-08-31"]}}


@pytest.mark.parametrize(
    ("asked", "trend"),
    [
        ({}, {"dimensions": ["month"], "start_date": "12 months ago"}),
        ({"time_dimension": "reported_at"}, {"dimensions": ["reported_month"], "start_date": "12 months ago"}),
        ({"filters": REPORTED}, {"dimensions": ["reported_month"]}),
        ({"start_date": "2025-12-01", "end_date": "2026-05-31"}, {"dimensions": ["month"]}),
        ({"start_date": "2026-05-01", "end_date": "2026-05-31"}, {"dimensions": ["week"]}),
        ({"start_date": "2026-05-01", "end_date": "2026-05-07"}, {"dimensions": ["day"]}),
        ({"start_date": "2026-05-01", "end_date": "2026-05-02"}, None),
        (
            {"start_date": "2026-05-01", "end_date": "2026-05-31", "time_dimension": "reported_at"},
            {"granularity": "week"},
        ),
        ({"start_date": "6 months ago"}, {"dimensions": ["month"]}),
        ({"end_date": "2026-05-31"}, {"dimensions": ["month"]}),
        ({"filters": {"end_at": {"operator": "notSet"}}}, None),
        ({"dimensions": ["reported_month"]}, None),
        ({"granularity": "year"}, None),
        ({"start_date": "2026-05-01", "end_date": "2026-05-31", "compare": [PERIOD_BEFORE]}, None),
    ],
)
async def test_a_question_goes_on_over_its_own_time_and_range(
    connect: Connect, asked: dict[str, Any], trend: dict[str, Any] | None
) -> None:
    call = {"metrics": ["bug_count"], **asked}
    async with connect() as client:
        answer = payload_of(await client.call_tool("query_metrics", call))
    buckets = {"day", "week", "month", "reported_month"} - set(asked.get("dimensions", ()))
    over_time = [
        each
        for each in answer.get("suggested", ())
        if not each.get("compare") and ("granularity" in each or buckets & set(each.get("dimensions", ())))
    ]
    assert over_time == ([{**call, **trend}] if trend else [])


async def test_a_hierarchy_is_drilled_level_by_level(tmp_path: Path) -> None:
    (tmp_path / "model.yml").write_text("version: 1\nname: places\ndefault_view: shops\n")
    (tmp_path / "shops.yml").write_text(
        """\
cubes:
  - name: shop
    sql_table: shops
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: country, sql: country, type: string}
      - {name: city, sql: city, type: string}
    measures: [{name: count, type: count}]
    hierarchies: [{name: place, levels: [country, city]}]
views:
  - name: shops
    cubes: [{join_path: shop, includes: "*"}]
"""
    )
    with closing(sqlite3.connect(tmp_path / "shops.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE shops (id, country, city)")
        connection.execute("INSERT INTO shops VALUES (1, 'Norway', 'Oslo')")
    async with open_database(str(tmp_path / "shops.sqlite")) as database:
        source = source_of(load_model(tmp_path), database, {})
        answer = await query_metrics(source, {"metrics": ["count"], "dimensions": ["country"]})
    assert answer.data["suggested"] == [{"metrics": ["count"], "dimensions": ["city"]}]


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ({"dimensions": ["platform"]}, "metrics"),
        ({"dimensions": ["severity", "feature"]}, "metrics"),
        ({"metrics": ["bug_count"]}, "dimensions"),
    ],
)
async def test_what_can_be_added_can_be_and_what_is_excepted_cannot(
    connect: Connect, call: dict[str, Any], kind: str
) -> None:
    async with connect() as client:
        told = payload_of(await client.call_tool("query_metrics", call))["can_add"]
        names = await every_name(client, kind)
        barred = told[kind]["all_but"] if isinstance(told[kind], dict) else sorted(names - set(told[kind]))
        for name in sorted(names):
            result = await client.call_tool("query_metrics", {**call, kind: [name], "limit": 1})
            assert result.is_error is (name in barred), name
    assert list(told) == [kind]
    assert set(barred) < names


async def every_name(client: Client, kind: str) -> set[str]:
    """All metrics or dimensions there are, but for the keys that come with others."""
    (tool, *_) = (await client.list_tools()).tools
    names = tool.input_schema["properties"][kind]["items"]["enum"]
    return {name for name in names if name.removesuffix("_id") not in names or not name.endswith("_id")}


async def test_a_comparison_holds_the_values_of_both_periods(connect: Connect, database: Path) -> None:
    call: dict[str, Any] = {"metrics": ["bug_count"], "dimensions": ["product"]}
    async with connect() as client:
        asked = {**call, "start_date": "2026-07-01", "end_date": "2026-09-30", "compare": ["previous period"]}
        answer = payload_of(await client.call_tool("query_metrics", asked))
    async with open_database(str(database)) as opened:
        ranges = [("2026-07-01", "2026-09-30"), ("2026-04-01", "2026-06-30")]
        model, security = load_model(SHIPPED_MODEL), {"customer_id": 1}
        now, then = [
            {
                row[0]: row[2]
                for row in (
                    await run_query({**call, "start_date": start, "end_date": end}, model, opened, security=security)
                ).rows
            }
            for start, end in ranges
        ]
    assert {row[0]: (row[2], row[3], row[4]) for row in answer["rows"]} == {
        key: (now.get(key, 0), then.get(key, 0), now.get(key, 0) - then.get(key, 0)) for key in now | then
    }
    assert answer["metrics_used"] == ["bug_count"]
    assert answer["query"]["compared_with"][0]["from"] == "2026-04-01"


@pytest.mark.parametrize(
    ("own", "kind", "expected"),
    [
        (("2026-10-01", "2026-11-01"), PERIOD_BEFORE, ["2026-09-01", "2026-09-30"]),
        (("2026-02-01", "2026-03-01"), PERIOD_BEFORE, ["2026-01-01", "2026-01-31"]),
        (("2026-01-01", "2027-01-01"), PERIOD_BEFORE, ["2025-01-01", "2025-12-31"]),
        (("2026-11-16", "2026-11-23"), PERIOD_BEFORE, ["2026-11-09", "2026-11-15"]),
        (
            ("2026-11-16T06:00", "2026-11-16T18:00"),
            PERIOD_BEFORE,
            ["2026-11-15T18:00:00", "2026-11-16T05:59:59.999000"],
        ),
        (("2026-02-01", "2026-03-01"), YEAR_BEFORE, ["2025-02-01", "2025-02-28"]),
    ],
)
def test_the_period_before_is_as_long_as_the_period(own: tuple[str, str], kind: str, expected: list[str]) -> None:
    start, end = map(datetime.fromisoformat, own)
    assert written(before((start, end), kind)) == expected


def test_ranges_that_are_written_out_stay_as_they_are() -> None:
    now = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
    call = {"metrics": ["bug_count"], "start_date": "last month", "end_date": "last month", "compare": ["2025-Q1"]}
    assert with_ranges(call, now, "UTC") == call
    both = with_ranges({**call, "compare": ["2025-Q1", "same period last year"]}, now, "UTC")
    assert both["compare"] == ["2025-Q1", ["2025-10-01", "2025-10-31"]]
