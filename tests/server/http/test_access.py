"""What a server with an access file lets whom do, over HTTP from end to end."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
import sqlite3
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from starlette.routing import Route

from engine import open_database
from ingest import counters
from server.http import metrics
from tests.server.http.guarded import (
    CUSTOMERS,
    METRICS_TOKEN,
    NO_CUSTOMER_TOKEN,
    SEVERITIES,
    SQL_TOKEN,
    guarded,
    token_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from tests.server.http.guarded import Guarded

pytestmark = pytest.mark.anyio

COUNT = {"metrics": ["bugs.bug_count"]}
PREFLIGHT = {
    "origin": "https://pages.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,mcp-session-id",
}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarded(tmp_path) as server:
        yield server


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


# What is open, and what is not


async def test_only_what_says_nothing_of_anybody_is_open(server: Guarded) -> None:
    open_paths = {"/livez", "/readyz", "/", "/docs", "/openapi.json"}
    open_paths |= {f"/.well-known/oauth-protected-resource{path}" for path in ("", "/mcp")}
    async with server.client() as client:
        for route in server.application.routes:
            assert isinstance(route, Route)
            for method in route.methods or ():
                told = await client.request(method, route.path.replace("{rest:path}", "x"))
                expected = {307 if route.path == "/" else 200} if route.path in open_paths else {401}
                assert {told.status_code} == expected, (method, route.path)
        assert (await client.get("/nothing")).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/livez/",
        "//livez",
        "/livez/../v1/query",
        "/LIVEZ",
        "/livez%2f",
        "/docs/../v1/query",
        "/v1/query;/livez",
        "/livez?",
    ],
)
async def test_an_open_path_is_open_as_it_is_spelt_alone(server: Guarded, path: str) -> None:
    async with server.client() as client:
        # As a whole address: of "//livez" alone httpx would make a host.
        told = await client.get(f"{str(client.base_url).rstrip('/')}{path}")
    assert told.status_code == (200 if path == "/livez?" else 401)


async def test_a_client_is_told_how_to_get_a_token(server: Guarded) -> None:
    async with server.client() as client:
        for path, resource in (("/v1/query", ""), ("/mcp", "/mcp")):
            told = await client.post(path, json=COUNT)
            assert told.status_code == 401
            url = f"https://metrics.example.com/.well-known/oauth-protected-resource{resource}"
            assert told.headers["www-authenticate"] == f'Bearer resource_metadata="{url}", scope="read"'
            assert told.json()["issues"][0]["code"] == "E_TOKEN"
            document = (await client.get(url)).json()
            assert document["resource"] == f"https://metrics.example.com{resource}"
            assert document["bearer_methods_supported"] == ["header"]
        wrong = await client.post("/v1/query", json=COUNT, headers=bearer("mc_wrong"))
    assert 'error="invalid_token"' in wrong.headers["www-authenticate"]


async def test_issuers_are_named_to_clients_under_the_names_of_their_scopes(tmp_path: Path) -> None:
    more = """
[[issuers]]
issuer = "https://login.example.com/"
audience = "https://metrics.example.com/mcp"
jwks_url = "https://login.example.com/keys"
scope_prefix = "metrics:"
"""
    async with guarded(tmp_path, more) as server, server.client() as client:
        document = (await client.get("/.well-known/oauth-protected-resource/mcp")).json()
        assert document["authorization_servers"] == ["https://login.example.com/"]
        assert document["scopes_supported"] == ["metrics:read", "metrics:sql", "metrics:operate"]
        told = await client.post("/mcp")
    assert 'scope="metrics:read"' in told.headers["www-authenticate"]


async def test_scopes_open_what_they_are_for(server: Guarded) -> None:
    asked = [("/v1/query", "read"), ("/v1/sql", "sql"), ("/cubejs-api/v1/sql", "sql"), ("/metrics", "operate")]
    may = {token_of(1): {"read"}, SQL_TOKEN: {"read", "sql"}, METRICS_TOKEN: {"operate"}}
    for token, scopes in may.items():
        async with server.client(token) as client:
            for path, scope in asked:
                query = json.dumps({"measures": ["bugs.bug_count"]})
                told = await client.get(
                    path, params={"query": query} if "cube" in path else COUNT if path != "/metrics" else {}
                )
                assert told.status_code == (200 if scope in scopes else 403), (path, scopes, told.text)
                if told.status_code == 403:
                    assert 'error="insufficient_scope"' in told.headers["www-authenticate"]
                    assert told.json()["issues"][0]["code"] == "E_SCOPE"


async def test_a_token_of_no_customer_sees_nothing(server: Guarded) -> None:
    async with server.client(token_of(1)) as client:
        assert (await client.post("/v1/query", json=COUNT)).status_code == 200
    async with server.client(NO_CUSTOMER_TOKEN) as client:
        told = await client.post("/v1/query", json=COUNT)
    assert told.status_code == 403
    assert told.json()["issues"][0]["code"] == "E_SECURITY_VALUE"


async def test_cubes_clients_may_leave_out_bearer_on_cubes_paths_alone(server: Guarded) -> None:
    query = {"query": json.dumps({"measures": ["bugs.bug_count"]})}
    async with server.client() as client:
        bare = {"authorization": token_of(1)}
        assert (await client.get("/cubejs-api/v1/load", params=query, headers=bare)).status_code == 200
        assert (await client.post("/v1/query", json=COUNT, headers=bare)).status_code == 401
        told = await client.get("/cubejs-api/v1/load", params=query)
    assert told.status_code == 401
    assert "token" in told.json()["error"]


async def test_a_token_in_an_address_is_none(server: Guarded) -> None:
    async with server.client() as client:
        for name in ("token", "access_token", "authorization"):
            assert (await client.get("/v1/query", params={**COUNT, name: token_of(1)})).status_code == 401
        form = await client.post("/v1/query", data={"access_token": token_of(1)})
    assert form.status_code == 401


async def test_two_tokens_are_none(server: Guarded) -> None:
    headers = [("authorization", f"Bearer {token_of(1)}"), ("authorization", f"Bearer {token_of(2)}")]
    async with server.client() as client:
        told = await client.post("/v1/query", json=COUNT, headers=headers)
        assert told.status_code == 401
        joined = {"authorization": f"Bearer {token_of(1)}, Bearer {token_of(2)}"}
        assert (await client.post("/v1/query", json=COUNT, headers=joined)).status_code == 401


async def test_headers_that_name_a_caller_are_not_believed(server: Guarded) -> None:
    forged = {
        "x-customer-id": "2",
        "x-forwarded-user": "customer 2",
        "x-hasura-role": "admin",
        "cookie": "customer_id=2",
    }
    async with server.client(token_of(1)) as client:
        honest = (await client.post("/v1/query", json=COUNT)).json()["rows"]
        assert (await client.post("/v1/query", json=COUNT, headers=forged)).json()["rows"] == honest
        for name in ("security", "security_context", "securityContext", "customer_id"):
            told = await client.post("/v1/query", json={**COUNT, name: {"customer_id": 2}})
            assert told.status_code == 400, name


# Pages


async def test_a_page_may_ask_before_it_has_a_token(server: Guarded) -> None:
    async with server.client() as client:
        told = await client.options("/v1/query", headers=PREFLIGHT)
        assert told.status_code == 200
        assert told.headers["access-control-allow-origin"] == "https://pages.example"
        assert "access-control-allow-credentials" not in told.headers
        assert (
            await client.options("/v1/query", headers={**PREFLIGHT, "origin": "https://evil.example"})
        ).status_code == 403
        assert (await client.options("/v1/query")).status_code == 401
        refused = await client.post("/v1/query", json=COUNT, headers={"origin": "https://pages.example"})
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "https://pages.example"
    assert "WWW-Authenticate" in refused.headers["access-control-expose-headers"]


# Logs and metrics


async def test_no_log_and_no_answer_holds_a_token_or_a_question(
    server: Guarded, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [token_of(1), "mc_wrong-token", "QUESTION-TEXT"]
    filters = [{"member": "bugs.title", "operator": "equals", "values": ["QUESTION-TEXT"]}]
    answers = []
    for token in secrets[:2]:
        async with server.client(token) as client:
            answers.append(await client.post("/v1/query?secret=QUESTION-TEXT", json=COUNT))
            answers.append(await client.post("/v1/query", json={**COUNT, "filters": filters}))
            answers.append(await client.get(f"/v1/query?{urlencode({**COUNT, 'filters': json.dumps(filters)})}"))
            answers.append(await client.get("/nothing"))
    for secret in secrets:
        assert secret not in "".join(server.log)
        # httpx, the client of this test, logs addresses; the server is meant.
        assert not [each for each in caplog.records if secret in each.getMessage() and not each.name.startswith("http")]
    assert not [each for each in answers if token_of(1) in each.text + str(each.headers)]
    async with server.client(METRICS_TOKEN) as client:
        shown = (await client.get("/metrics")).text
    assert not [secret for secret in secrets if secret in shown]


async def test_metrics_say_how_the_server_fares(server: Guarded) -> None:
    async with server.client(token_of(1)) as client:
        for _ in range(3):
            assert (await client.post("/v1/query", json=COUNT)).status_code == 200
        await client.post("/v1/query", json={"metrics": ["bugs.bug_cuont"]})
    async with server.client(METRICS_TOKEN) as client:
        told = await client.get("/metrics")
        assert told.headers["content-type"].startswith("text/plain")
        lines = dict(line.rsplit(" ", 1) for line in told.text.splitlines() if not line.startswith("#"))
    assert lines['metric_cube_answer_seconds_count{cached="true"}'] == "2.0"
    assert lines['metric_cube_answer_seconds_count{cached="false"}'] == "1.0"
    assert lines["metric_cube_cache_hits_total"] == "2.0"
    assert lines["metric_cube_cache_misses_total"] == "1.0"
    assert lines["metric_cube_cache_answers"] == "1.0"
    assert lines["metric_cube_queries_running"] == "0.0"
    assert lines["metric_cube_queries_waiting"] == "0.0"
    assert lines['metric_cube_refusals_total{code="E_NAME_NOT_FOUND"}'] == "1.0"
    assert lines['metric_cube_http_requests_total{method="POST",route="/v1/query",status="200"}'] == "3.0"
    assert lines['metric_cube_http_requests_total{method="POST",route="/v1/query",status="400"}'] == "1.0"
    assert lines["metric_cube_http_requests_in_flight"] == "1.0"
    assert float(lines["metric_cube_cache_bytes"]) > 0
    assert any(line.startswith("metric_cube_model_info{digest=") for line in lines)


async def test_metrics_have_what_refreshing_and_syncing_count(server: Guarded) -> None:
    async def shown() -> dict[str, str]:
        async with server.client(METRICS_TOKEN) as client:
            told = await client.get("/metrics")
        return dict(line.rsplit(" ", 1) for line in told.text.splitlines() if not line.startswith("#"))

    before = await shown()
    counters.count("analytics.bug_refresh_failures", 3)
    counters.count("repository.integrity_fills", 2, entity_type="feature", operation="fetch")
    after = await shown()
    filled = 'repository_integrity_fills_total{entity_type="feature",operation="fetch"}'
    for name, more in (("analytics_bug_refresh_failures_total", 3), (filled, 2)):
        assert float(after[name]) - float(before.get(name, 0)) == more
    for name in ("analytics_feature_refresh_failures", "sync_missed_tests", "background_sync_api_calls_saved"):
        assert f"{name}_total" in after


async def test_a_bug_is_told_under_the_id_that_the_log_has(
    server: Guarded, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_(*_arguments: Any, **_options: Any) -> None:
        raise RuntimeError("SECRET inside")

    monkeypatch.setattr(server.service, "answer", break_)
    async with server.client(token_of(1)) as client:
        told = await client.post("/v1/query", json=COUNT, headers={"x-request-id": "r1"})
    assert (told.status_code, told.headers["x-request-id"]) == (500, "r1")
    assert told.json()["instance"].endswith(":r1")
    assert "SECRET" not in told.text
    assert json.loads(server.log[-1])["status"] == 500
    assert any("r1" in each.getMessage() for each in caplog.records)


async def test_metrics_say_how_old_the_data_of_each_customer_are(tmp_path: Path) -> None:
    async with guarded(tmp_path) as server:
        with closing(sqlite3.connect(tmp_path / "rows.sqlite")) as connection, connection:
            connection.execute("CREATE TABLE sync_cursors (product_id INT, customer_id INT, read_at TEXT)")
            now = datetime.now(UTC).replace(tzinfo=None)
            rows = [(1, 7, now - timedelta(hours=2)), (2, 7, now - timedelta(hours=1)), (3, 8, now), (4, 9, None)]
            connection.executemany(
                "INSERT INTO sync_cursors VALUES (?, ?, ?)", [(*row[:2], row[2] and str(row[2])) for row in rows]
            )
        async with server.client(METRICS_TOKEN) as client:
            shown = (await client.get("/metrics")).text
    found = dict(re.findall(r'^metric_cube_data_age_seconds\{customer="(\d)"\} ([0-9.e+]+)$', shown, re.MULTILINE))
    assert set(found) == {"7", "8"}
    assert 7200 <= float(found["7"]) < 7800
    assert 0 <= float(found["8"]) < 600


async def test_the_statement_for_the_age_fits_the_tables_of_a_sync(database: Path) -> None:
    async with open_database(str(database)) as opened:
        fetched = await opened.fetch(metrics._READ_AT, [])
    assert [row[0] for row in fetched.rows] == [1]
    assert metrics._moment(fetched.rows[0][1]).tzinfo is UTC


# Limits


async def test_one_caller_is_limited_and_another_is_not(tmp_path: Path) -> None:
    async with guarded(tmp_path, "[limits]\nrequests_per_minute = 6\nburst = 2\nbody_kilobytes = 1\n") as server:
        async with server.client(token_of(1)) as client:
            told = [await client.post("/v1/query", json=COUNT) for _ in range(3)]
            assert [each.status_code for each in told] == [200, 200, 429]
            assert told[2].headers["retry-after"] == "10"
            assert (await client.post("/v1/query", content=b"x" * 1025)).status_code == 413
        async with server.client(token_of(2)) as client:
            assert (await client.post("/v1/query", json=COUNT)).status_code == 200


async def test_a_large_answer_is_compressed_for_whom_reads_it(server: Guarded) -> None:
    question = {"metrics": ["bugs.weight"], "dimensions": ["bugs.title", "bugs.severity"]}
    async with server.client(token_of(3), event_hooks={}) as client:
        small = await client.post("/v1/query", json=question, headers={"accept-encoding": "gzip"})
        plain = await client.post("/v1/query", json=question, headers={"accept-encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert "Accept-Encoding" in small.headers["vary"]
    assert small.json()["rows"] == plain.json()["rows"]


# Customers


async def test_nobody_ever_sees_rows_of_another_customer(server: Guarded, tmp_path: Path) -> None:
    """Customers ask the same questions on every path at the same time, with the cache on; SQL says what each must get."""
    truth = _truth(tmp_path / "rows.sqlite")
    random_ = random.Random(7)  # noqa: S311  the same each time
    async with _clients(server) as clients:

        async def ask(customer: int) -> None:
            path = random_.choice(tuple(_ASKED))
            limited = random_.random() < 0.3
            rows = await _ASKED[path](clients[customer], limited)
            counts = {severity: int(count) for severity, count in rows}
            told = truth[customer]
            expected = {"high": told["high"]} if limited else told
            assert counts == expected, (customer, path)

        for _ in range(10):
            await asyncio.gather(*(ask(random_.choice(CUSTOMERS)) for _ in range(60)))
    assert server.service.cache.hits > 100


async def test_no_body_of_a_customer_names_another(server: Guarded) -> None:
    question = {"metrics": ["bugs.bug_count"], "dimensions": ["bugs.title"]}
    by_cube = json.dumps({"measures": ["bugs.bug_count"], "dimensions": ["bugs.title"]})
    async with _clients(server) as clients:

        async def bodies(customer: int) -> list[str]:
            client = clients[customer]
            answers = [
                *[await client.post(f"/v1/query?format={form}", json=question) for form in ("json", "csv", "ndjson")],
                await client.get("/cubejs-api/v1/load", params={"query": by_cube}),
                await client.post("/v1/explain", json=question),
                await client.get("/v1/capabilities", params={"detail": "true"}),
                await client.get("/cubejs-api/v1/meta"),
            ]
            assert [each.status_code for each in answers] == [200] * len(answers)
            return [each.text for each in answers]

        found = await asyncio.gather(*(bodies(customer) for customer in CUSTOMERS * 5))
    for customer, texts in zip(CUSTOMERS * 5, found, strict=True):
        others = [f"customer-{other}" for other in CUSTOMERS if other != customer]
        assert not [text for text in texts if any(other in text for other in others)]
        assert f"customer-{customer}" in texts[0]


async def test_a_customer_cannot_ask_for_the_rows_of_another(server: Guarded) -> None:
    for filters in (
        [{"member": "bugs.owner", "operator": "equals", "values": [2]}],
        [{"or": [{"member": "bugs.owner", "operator": "equals", "values": [other]} for other in CUSTOMERS]}],
        [{"member": "bugs.owner", "operator": "notEquals", "values": [1]}],
    ):
        async with server.client(token_of(1)) as client:
            told = await client.post("/v1/query", json={**COUNT, "dimensions": ["bugs.owner"], "filters": filters})
        assert {row[0] for row in told.json()["rows"]} <= {1}


def _truth(file: Path) -> dict[int, dict[str, int]]:
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT customer_id, severity, count(*) FROM bugs GROUP BY 1, 2").fetchall()
    found: dict[int, dict[str, int]] = {customer: {} for customer in CUSTOMERS}
    for customer, severity, count in rows:
        found[customer][severity] = count
    assert all(set(each) == set(SEVERITIES) for each in found.values())
    return found


@asynccontextmanager
async def _clients(server: Guarded) -> AsyncIterator[dict[int, httpx.AsyncClient]]:
    """A client for each customer."""
    async with AsyncExitStack() as stack:
        yield {each: await stack.enter_async_context(server.client(token_of(each))) for each in CUSTOMERS}


def _question(limited: bool) -> dict[str, Any]:
    filters = [{"member": "bugs.severity", "operator": "equals", "values": ["high"]}]
    return {"metrics": ["bugs.bug_count"], "dimensions": ["bugs.severity"], **({"filters": filters} if limited else {})}


def _of_cube(limited: bool) -> dict[str, Any]:
    question = _question(limited)
    return {"measures": question.pop("metrics"), **question}


async def _by_post(client: httpx.AsyncClient, limited: bool) -> Any:
    return (await client.post("/v1/query", json=_question(limited))).json()["rows"]


async def _by_get(client: httpx.AsyncClient, limited: bool) -> Any:
    question = _question(limited)
    filters = {"filters": json.dumps(question["filters"])} if limited else {}
    asked = {"metrics": "bugs.bug_count", "dimensions": "bugs.severity", **filters}
    return (await client.get("/v1/query", params=asked)).json()["rows"]


async def _by_csv(client: httpx.AsyncClient, limited: bool) -> Any:
    told = await client.post("/v1/query?format=csv", json=_question(limited))
    return [line.split(",") for line in told.text.splitlines()[1:]]


async def _fresh(client: httpx.AsyncClient, limited: bool) -> Any:
    told = await client.post("/v1/query", json=_question(limited), headers={"cache-control": "no-cache"})
    return told.json()["rows"]


async def _by_cube(client: httpx.AsyncClient, limited: bool) -> Any:
    told = await client.get("/cubejs-api/v1/load", params={"query": json.dumps(_of_cube(limited))})
    return [(row["bugs.severity"], row["bugs.bug_count"]) for row in told.json()["data"]]


async def _by_cube_post(client: httpx.AsyncClient, limited: bool) -> Any:
    told = await client.post("/cubejs-api/v1/load", json={"query": _of_cube(limited)})
    return [(row["bugs.severity"], row["bugs.bug_count"]) for row in told.json()["data"]]


_ASKED = {
    "POST /v1/query": _by_post,
    "GET /v1/query": _by_get,
    "CSV": _by_csv,
    "fresh": _fresh,
    "GET load": _by_cube,
    "POST load": _by_cube_post,
}
