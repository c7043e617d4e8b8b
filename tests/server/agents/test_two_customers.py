"""Two customers of one database go through everything at once, over HTTP: each gets what hand-written SQL finds for them alone."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from mcp.types import PromptReference, ResourceTemplateReference

from engine import load_model
from server.service import Caller
from server.settings import SHIPPED_MODEL
from tests.server.agents.serving import MODES, Mode, http_client, http_server, payload_of, service_over

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mcp import Client

pytestmark = pytest.mark.anyio

CUSTOMERS = (1, 2)
CALLERS = {str(each): Caller({"customer_id": each}, f"customer {each}") for each in CUSTOMERS}

_SPLIT = """
UPDATE products SET customer_id = 2 WHERE id % 2 = 0;
UPDATE features SET customer_id = 2 WHERE product_id IN (SELECT id FROM products WHERE customer_id = 2);
UPDATE tests SET customer_id = 2 WHERE product_id IN (SELECT id FROM products WHERE customer_id = 2);
UPDATE test_features SET customer_id = 2 WHERE test_id IN (SELECT id FROM tests WHERE customer_id = 2);
UPDATE test_platforms SET customer_id = 2 WHERE test_id IN (SELECT id FROM tests WHERE customer_id = 2);
UPDATE bugs SET customer_id = 2 WHERE test_id IN (SELECT id FROM tests WHERE customer_id = 2);
UPDATE bug_devices SET customer_id = 2 WHERE bug_id IN (SELECT id FROM bugs WHERE customer_id = 2);
INSERT INTO users (id, customer_id, username, is_tester, is_customer)
    SELECT id + 1000000, 2, username, is_tester, is_customer FROM users WHERE customer_id = 1;
UPDATE bugs SET reported_by_user_id = reported_by_user_id + 1000000 WHERE customer_id = 2;
UPDATE tests SET created_by_user_id = created_by_user_id + 1000000 WHERE customer_id = 2;
CREATE TEMP TABLE others AS SELECT * FROM bugs;
"""
_MORE = """
UPDATE others SET id = id + 10000000, severity = '{severity}';
INSERT INTO bugs SELECT * FROM others;
"""
_BUGS = """FROM bugs b JOIN tests t ON t.id = b.test_id JOIN products p ON p.id = t.product_id
LEFT JOIN users u ON u.id = b.reported_by_user_id
WHERE b.customer_id = ? AND t.status IN ('running', 'locked', 'archived')"""
_TESTS = "FROM tests t WHERE t.customer_id = ? AND t.status IN ('running', 'locked', 'archived')"

TRUTH: list[tuple[dict[str, Any], str]] = [
    ({"metrics": ["bug_count"]}, f"SELECT count(*) {_BUGS}"),
    ({"metrics": ["test_count"]}, f"SELECT count(*) {_TESTS}"),
    ({"metrics": ["bug_count"], "dimensions": ["severity"]}, f"SELECT b.severity, count(*) {_BUGS} GROUP BY 1"),
    (
        {"metrics": ["critical_bug_count"], "dimensions": ["product"]},
        f"SELECT p.id, p.title, sum(b.severity = 'critical') {_BUGS} GROUP BY 1",
    ),
    (
        {"metrics": ["bug_count"], "dimensions": ["tester"]},
        f"SELECT u.id, u.username, count(*) {_BUGS} GROUP BY 1",
    ),
    ({"metrics": ["active_testers"]}, f"SELECT count(DISTINCT b.reported_by_user_id) {_BUGS}"),
    (
        {"metrics": ["rejection_rate"], "dimensions": ["severity"]},
        f"SELECT b.severity, 1.0 * sum(b.status = 'rejected') / count(*) {_BUGS} GROUP BY 1",
    ),
    (
        {"metrics": ["bug_count"], "filters": {"severity": ["critical", "high"]}},
        f"SELECT count(*) {_BUGS} AND b.severity IN ('critical', 'high')",
    ),
    (
        {"metrics": ["test_count"], "dimensions": ["testing_type"]},
        f"SELECT t.testing_type, count(*) {_TESTS} GROUP BY 1",
    ),
]


@pytest.fixture(scope="module")
def split(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which every other product belongs to another customer, with all that goes with it."""
    file = tmp_path_factory.mktemp("split") / "split.sqlite"
    shutil.copy(database, file)
    with closing(sqlite3.connect(file)) as connection:
        more = [_MORE.format(severity=each) for each in ("critical", "high", "low", "visual", "content", "custom")]
        connection.executescript(_SPLIT + "".join(more))
    return file


@pytest.fixture(scope="module")
def url(split: Path) -> Iterator[str]:
    with http_server(service_over(load_model(SHIPPED_MODEL), split), CALLERS) as (found, _):
        yield found


def found(split: Path, sql: str, customer: int) -> list[list[Any]]:
    with closing(sqlite3.connect(split)) as connection:
        return [list(row) for row in connection.execute(sql, [customer])]


def comparable(rows: list[list[Any]]) -> list[str]:
    return sorted(json.dumps([round(value, 9) if isinstance(value, float) else value for value in row]) for row in rows)


@pytest.mark.parametrize("mode", MODES)
async def test_numbers_are_those_of_sql_for_each_of_them(url: str, split: Path, mode: Mode) -> None:
    async def ask(client: Client, customer: int, call: dict[str, Any], sql: str) -> None:
        rows = payload_of(await client.call_tool("query_metrics", call))["rows"]
        assert comparable(rows) == comparable(found(split, sql, customer)), (customer, call)

    async with http_client(url, "1", mode) as one, http_client(url, "2", mode) as two:
        clients = dict(zip(CUSTOMERS, (one, two), strict=True))
        await asyncio.gather(*(ask(clients[who], who, *truth) for truth in TRUTH * 2 for who in CUSTOMERS))


@pytest.mark.parametrize("mode", MODES)
async def test_what_is_listed_can_be_read_and_what_is_proposed_can_be_asked(url: str, split: Path, mode: Mode) -> None:
    async with http_client(url, "1", mode) as one, http_client(url, "2", mode) as two:
        for customer, client in zip(CUSTOMERS, (one, two), strict=True):
            for resource in (await client.list_resources()).resources:
                if str(resource.uri) != "cube://queries/last":
                    assert (await client.read_resource(str(resource.uri))).contents
            for template in (await client.list_resource_templates()).resource_templates:
                ref = ResourceTemplateReference(uri=template.uri_template)
                names = (await client.complete(ref=ref, argument={"name": "name", "value": "bug"})).completion.values
                assert names
                assert (await client.read_resource(template.uri_template.replace("{name}", names[0]))).contents
            product = PromptReference(name="weekly_quality_review")
            typed = {"name": "product", "value": ""}
            products = (await client.complete(ref=product, argument=typed)).completion.values
            titles = {row[0] for row in found(split, "SELECT title FROM products WHERE customer_id = ?", customer)}
            assert set(products) <= titles
            assert products
            told = await client.get_prompt("weekly_quality_review", {"product": products[0]})
            text = getattr(told.messages[0].content, "text", "")
            calls = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
            assert len(calls) >= 3
            for call in calls:
                payload_of(await client.call_tool("query_metrics", call))


@pytest.mark.parametrize("mode", MODES)
async def test_pages_of_one_customer_are_of_no_use_to_another(url: str, split: Path, mode: Mode) -> None:
    call = {"metrics": ["bug_count"], "dimensions": ["test", "tester", "severity"]}
    async with http_client(url, "1", mode) as one, http_client(url, "2", mode) as two:
        page = payload_of(await one.call_tool("query_metrics", call))
        cursor, rows = page.get("next_cursor"), page["rows"]
        assert cursor
        others = await two.call_tool("query_metrics", {**call, "cursor": cursor})
        own = {row[0] for row in found(split, "SELECT id FROM tests WHERE customer_id = ?", 2)}
        assert others.is_error or {row[0] for row in payload_of(others)["rows"]} <= own
        while cursor := page.get("next_cursor"):
            page = payload_of(await one.call_tool("query_metrics", {**call, "cursor": cursor}))
            rows += page["rows"]
    truth = f"SELECT t.id, t.title, u.id, u.username, b.severity, count(*) {_BUGS} GROUP BY 1, 3, 5"
    assert comparable(rows) == comparable(found(split, truth, 1))
