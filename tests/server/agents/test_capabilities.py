"""What can be asked, with what the data say of it."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine import SourceState, load_model, open_database
from engine.execute.freshness import FreshnessReport
from server.agents.get_capabilities import get_capabilities
from server.settings import SHIPPED_MODEL
from tests.server.agents.serving import payload_of, until
from tests.server.serving import source_of

if TYPE_CHECKING:
    from pathlib import Path

    from engine import Scope
    from tests.server.agents.conftest import Connect

pytestmark = pytest.mark.anyio


def _truth(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


async def test_dimensions_tell_how_many_values_they_have_and_one_of_them(connect: Connect, database: Path) -> None:
    async with connect() as client:
        told = payload_of(await client.call_tool("get_analytics_capabilities", {}))
    counted = {each["name"]: each for each in told["dimensions"] if "count" in each}
    features = {row[0] for row in _truth(database, "SELECT title FROM features WHERE customer_id = 1")}
    ((products,),) = _truth(database, "SELECT COUNT(*) FROM products WHERE customer_id = 1")
    ((all_features,),) = _truth(database, "SELECT COUNT(*) FROM features WHERE customer_id = 1")
    assert counted["feature"]["count"] == all_features
    assert counted["feature"]["example"] in features
    assert counted["product"]["count"] == products
    assert {"tester", "customer", "test", "platform", "bug_platform"} <= counted.keys()
    assert all(
        each.get("description") or each.get("values")
        for each in told["dimensions"]
        if " of " not in each.get("type", "")
    )


async def test_the_first_and_last_day_of_the_data_are_told(connect: Connect, database: Path) -> None:
    async with connect() as client:
        told = payload_of(await client.call_tool("get_analytics_capabilities", {}))
    executed = "customer_id = 1 AND status IN ('running', 'locked', 'archived') AND end_at IS NOT NULL"
    ((first, last),) = _truth(database, f"SELECT MIN(end_at), MAX(end_at) FROM tests WHERE {executed}")
    assert told["dates"]["data"] == [first[:10], last[:10]]


async def test_everything_fits_into_six_kilobytes(connect: Connect) -> None:
    async with connect() as client:
        result = await client.call_tool("get_analytics_capabilities", {})
    told = payload_of(result)
    assert len(getattr(result.content[0], "text", "").encode()) <= 6_000
    for metric in told["metrics"]:
        assert metric["unit"]
        assert metric["formula"]
        assert metric["description"]
        assert not metric["formula"].endswith("…")
    for dimension in told["dimensions"]:
        assert dimension["description"]
        assert dimension.get("values") or "count" in dimension or dimension.get("type") in {"time", "boolean"}
    rates = {each["name"]: each.get("additive") for each in told["metrics"]}
    assert rates["rejection_rate"] is False
    assert rates["bug_count"] is None
    assert told["only_with"] == [
        {"dimensions": ["platform"], "metrics": ["test_count", "tests_created", "tests_submitted"]}
    ]
    assert told["limits"] and told["default_filters"] and told["filters"]  # noqa: PT018


class _Fresh:
    """Says that everything was read on one morning."""

    async def ensure(self, scope: Scope) -> FreshnessReport:
        morning = datetime(2026, 11, 3, 8, tzinfo=UTC)
        return FreshnessReport(tuple(SourceState(each.name, morning) for each in scope.sources))


class _Slow:
    """Is done when it is told to be."""

    def __init__(self) -> None:
        self.done = asyncio.Event()

    async def ensure(self, scope: Scope) -> FreshnessReport:
        await self.done.wait()
        return FreshnessReport()


async def test_how_fresh_the_data_are_is_told(database: Path) -> None:
    async with open_database(str(database)) as opened:
        source = source_of(load_model(SHIPPED_MODEL), opened, {"customer_id": 1}, _Fresh())
        payload = await get_capabilities(source, {})
    morning = "2026-11-03T08:00:00Z"
    assert payload.data["freshness"] == {"tests": morning, "features": morning, "bugs": morning}
    assert len(payload.text.encode()) <= 6_000


async def test_examples_give_way_before_counts_do(tmp_path: Path, database: Path) -> None:
    """Names of many letters and a limit that they go over: the longest examples are left out, no fact else."""
    wide = tmp_path / "wide.sqlite"
    with closing(sqlite3.connect(database)) as read, closing(sqlite3.connect(wide)) as written:
        read.backup(written)
        written.execute("UPDATE products SET title = 'A product with a name of letters ' || id")
        written.execute("UPDATE features SET title = 'A feature with a name of letters ' || id")
        written.commit()
    async with open_database(str(wide)) as opened:
        source = source_of(load_model(SHIPPED_MODEL), opened, {"customer_id": 1}, _Fresh())
        payload = await get_capabilities(source, {})
    assert len(payload.text.encode()) <= 6_000
    counted = {each["name"]: each for each in payload.data["dimensions"] if "count" in each}
    assert {"test", "feature", "product", "tester", "customer", "platform", "bug_platform"} <= counted.keys()
    without = {name for name, each in counted.items() if "example" not in each}
    assert without
    assert without <= {"feature", "product"}


async def test_data_that_are_slow_to_say_are_there_at_the_next_call(database: Path) -> None:
    slow = _Slow()
    async with open_database(str(database)) as opened:
        source = source_of(load_model(SHIPPED_MODEL), opened, {"customer_id": 1}, slow)
        first = (await get_capabilities(source, {})).data
        slow.done.set()
        assert await until(lambda: source.service.gate.running + source.service.gate.waiting == 0)
        second = (await get_capabilities(source, {})).data
    assert len(first["metrics"]) == len(second["metrics"]) == 15
    assert not any("count" in each for each in first["dimensions"])
    assert any("count" in each for each in second["dimensions"])


async def test_every_call_in_a_description_works(connect: Connect) -> None:
    async with connect() as client:
        tools = (await client.list_tools()).tools
        for tool in tools:
            for example in re.findall(r"^[^{\n]*(\{.*\})$", tool.description or "", flags=re.MULTILINE):
                payload_of(await client.call_tool(tool.name, json.loads(example)))
        described = {tool.name: (tool.description or "").count('{"') for tool in tools}
    assert described["query_metrics"] >= 4
    assert described["search_values"] >= 2
    assert described["explain_query"] >= 1
