"""How values are spelled: found from how somebody spelled one."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.agents.serving import payload_of, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.agents.conftest import Connect

pytestmark = pytest.mark.anyio


def _features(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        return {title for (title,) in connection.execute("SELECT title FROM features WHERE customer_id = 1")}


def _shown(answer: dict[str, Any], name: str = "feature") -> list[Any]:
    place = [column["name"] for column in answer["columns"]].index(name)
    return [row[place] for row in answer["rows"]]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda title: title, "exact"),
        (lambda title: title.upper(), "exact"),
        (lambda title: title.replace(" ", "-"), "exact"),
        (lambda title: title[:-2], "contains"),
        (lambda title: title[: len(title) // 2] + title[len(title) // 2 + 1 :], "similar"),
    ],
    ids=["itself", "case", "hyphens", "a part", "a letter missing"],
)
async def test_a_value_is_found_however_it_is_written(
    connect: Connect, database: Path, change: Any, match: str
) -> None:
    async with connect() as client:
        for title in sorted(_features(database))[:6]:
            call = {"dimension": "feature", "search": change(title)}
            answer = payload_of(await client.call_tool("search_values", call))
            assert title in _shown(answer), call
            assert answer["match"] in {match, "exact", "contains"}, call


async def test_the_filter_that_is_offered_answers_with_those_rows(connect: Connect, database: Path) -> None:
    title = min(_features(database))
    async with connect() as client:
        found = payload_of(await client.call_tool("search_values", {"dimension": "feature", "search": title.lower()}))
        call = {"metrics": ["test_count"], "dimensions": ["feature"], "filters": found["filter"]}
        answer = payload_of(await client.call_tool("query_metrics", call))
    assert found["match"] == "exact"
    assert {row[1] for row in answer["rows"]} == {title}
    counts = {tuple(row[:2]): row[2] for row in answer["rows"]}
    assert {tuple(row[:2]): row[2] for row in found["rows"] if row[1] == title} == counts


async def test_a_title_that_several_features_share_stands_once_in_the_filter(connect: Connect) -> None:
    async with connect() as client:
        found = payload_of(await client.call_tool("search_values", {"dimension": "feature", "search": "Logn"}))
    assert found["match"] == "similar"
    assert [row[1] for row in found["rows"]].count("Login") > 1
    assert found["filter"] == {"feature": ["Login"]}


async def test_what_nothing_is_like_gives_the_most_frequent(connect: Connect) -> None:
    async with connect() as client:
        nothing = payload_of(
            await client.call_tool("search_values", {"dimension": "feature", "search": "zzzzqqq", "limit": 3})
        )
        everything = payload_of(await client.call_tool("search_values", {"dimension": "feature", "limit": 3}))
    assert nothing["match"] == "none"
    assert "filter" not in nothing
    assert "Nothing is spelled like 'zzzzqqq'" in nothing["notes"][0]
    assert nothing["rows"] == everything["rows"]
    assert len(everything["rows"]) == 3 < everything["total_values"]
    counts = [row[-1] for row in everything["rows"]]
    assert counts == sorted(counts, reverse=True)


async def test_other_words_for_a_value_of_an_enumeration_are_known(connect: Connect) -> None:
    async with connect() as client:
        found = payload_of(await client.call_tool("search_values", {"dimension": "severity", "search": "blocker"}))
    assert (found["match"], found["filter"]) == ("exact", {"severity": "critical"})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "Name the dimension"),
    ({"dimension": "featur"}, "There is no dimension 'featur'"),
    ({"dimension": "month", "search": "May"}, "start_date"),
    ({"dimension": "feature", "query": "login"}, "Did you mean 'search'?"),
    ({"dimension": "feature", "limit": 1000}, "from 1 to 50"),
    ({"dimension": "feature", "metric": "bug_cnt"}, "Did you mean 'bug_count'?"),
    ({"dimension": "feature", "search": 5}, "search is a text"),
]


@pytest.mark.parametrize(("call", "told"), WRONG, ids=[json.dumps(call) for call, _ in WRONG])
async def test_a_wrong_search_is_refused_with_one_that_works(connect: Connect, call: dict[str, Any], told: str) -> None:
    async with connect() as client:
        refused = await client.call_tool("search_values", call)
        assert refused.is_error
        text = text_of(refused)
        assert told in text
        offered = json.loads(text.rpartition("This call works")[2].partition(": ")[2])
        payload_of(await client.call_tool("search_values", offered))
