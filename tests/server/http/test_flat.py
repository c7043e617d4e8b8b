"""Our own API: questions in every form, answers in every format, problems that say what is wrong."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from engine import DatabaseError, Issue, QueryTimeout
from server.http import flat
from server.service import Busy, Caller
from tests.server.http.conftest import application_of, client_of

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from server.service import Service

pytestmark = pytest.mark.anyio

QUESTION: dict[str, Any] = {"metrics": ["bug_count"], "dimensions": ["severity"]}
AS_CUBE = {"measures": ["testing.bug_count"], "dimensions": ["testing.severity"]}
AS_SQL = {"sql": "SELECT severity, MEASURE(bug_count) FROM testing GROUP BY 1"}
TRUTH = """
    SELECT bugs.severity, COUNT(*) FROM bugs JOIN tests ON tests.id = bugs.test_id
    WHERE tests.status IN ('running', 'locked', 'archived') AND bugs.customer_id = 1 GROUP BY 1
"""


def truth(database: Path, sql: str = TRUTH) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return sorted(connection.execute(sql).fetchall())


async def refused(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    data: dict[str, Any] = response.json()
    assert data["status"] == status
    assert data["detail"]
    return data


@pytest.mark.parametrize("question", [QUESTION, AS_CUBE, AS_SQL], ids=["flat", "cube", "sql"])
async def test_a_question_in_any_form_has_the_numbers_of_hand_written_sql(
    client: httpx.AsyncClient, database: Path, question: dict[str, Any]
) -> None:
    response = await client.post("/v1/query", json=question)
    assert response.status_code == 200
    assert sorted(map(tuple, response.json()["rows"])) == truth(database)


async def test_a_question_in_an_address_is_the_same_question(client: httpx.AsyncClient, database: Path) -> None:
    address = "/v1/query?metrics=bug_count,test_count&metrics=active_testers&dimensions=severity&limit=2&total=true"
    found = (await client.get(address)).json()
    assert [column["name"] for column in found["columns"]] == ["severity", "bug_count", "test_count", "active_testers"]
    assert (found["row_count"], found["total_rows"]) == (2, len(truth(database)))
    filtered = await client.get("/v1/query", params={"metrics": "bug_count", "filters": '{"severity": "critical"}'})
    assert filtered.json()["rows"] == [[dict(truth(database))["critical"]]]
    in_sql = await client.get("/v1/query", params=AS_SQL)
    assert sorted(map(tuple, in_sql.json()["rows"])) == truth(database)


async def test_the_formats_hold_the_same_rows(client: httpx.AsyncClient, database: Path) -> None:
    rows = truth(database)
    as_csv = await client.post("/v1/query", json=QUESTION, headers={"accept": "text/csv"})
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    head, *lines = csv.reader(io.StringIO(as_csv.text, newline=""))
    assert head == ["severity", "bug_count"]
    assert sorted((severity, int(count)) for severity, count in lines) == rows
    as_ndjson = await client.post("/v1/query?format=ndjson", json=QUESTION)
    assert sorted(tuple(json.loads(line).values()) for line in as_ndjson.text.splitlines()) == rows
    arrow = await client.post("/v1/query", json=QUESTION, headers={"accept": "application/vnd.apache.arrow.stream"})
    table = pa.ipc.open_stream(arrow.content).read_all()
    assert sorted(zip(*table.to_pydict().values(), strict=True)) == rows
    assert arrow.headers["content-type"] == "application/vnd.apache.arrow.stream"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("text/*", "text/csv"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
        ("application/json;q=0.5, text/csv", "text/csv"),
        ("application/json;q=0, */*", "text/csv"),
        ("text/csv;q=nonsense, application/x-ndjson", "application/x-ndjson"),
    ],
)
async def test_the_client_chooses_by_weight(client: httpx.AsyncClient, accept: str, media_type: str) -> None:
    response = await client.post("/v1/query", json=QUESTION, headers={"accept": accept})
    assert response.headers["content-type"].partition(";")[0] == media_type


async def test_a_csv_tells_a_null_from_an_empty_text() -> None:
    from engine import Result
    from engine.sql.statement import ResultColumn
    from server.http.formats import write_csv

    columns = (ResultColumn("name", "string", "dimension"), ResultColumn("count", "number", "measure"))
    rows = ((None, 1), ("", 2), ('a "b", c', None), ("two\nlines", 0.5), (" padded", True))
    text = write_csv(Result(columns, rows, (), {})).decode()
    assert text == 'name,count\r\n,1\r\n"",2\r\n"a ""b"", c",\r\n"two\nlines",0.5\r\n" padded",true\r\n'


async def test_formats_that_are_not_there_are_refused_before_the_database_is_asked(
    client: httpx.AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "csv" in (await refused(await client.post("/v1/query?format=xml", json=QUESTION), 400))["detail"]
    response = await client.post("/v1/query", json=QUESTION, headers={"accept": "application/pdf"})
    assert "text/csv" in (await refused(response, 406))["detail"]
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    missing = await refused(await client.post("/v1/query?format=arrow", json={**QUESTION, "limit": 3}), 406)
    assert "pip install pyarrow" in missing["detail"]
    assert missing["issues"][0]["code"] == "E_PACKAGE_MISSING"
    assert service.cache.misses == 0


async def test_a_kept_answer_says_so_and_a_fresh_one_can_be_asked_for(client: httpx.AsyncClient) -> None:
    first = await client.post("/v1/query", json=QUESTION)
    assert "cache" not in first.json()
    assert "age" not in first.headers
    again = await client.post("/v1/query", json=QUESTION)
    assert again.json().pop("cache")["hit"] is True
    assert {name: part for name, part in again.json().items() if name != "cache"} == first.json()
    assert again.headers["age"] == "0"
    assert again.headers["cache-control"] == "private, no-cache"
    fresh = await client.post("/v1/query", json=QUESTION, headers={"cache-control": "no-cache"})
    assert "cache" not in fresh.json()


async def test_a_wrong_question_is_told_with_every_issue(client: httpx.AsyncClient) -> None:
    found = await refused(await client.post("/v1/query", json={"metrics": ["bug_cont"], "dimensions": ["featur"]}), 400)
    assert found["type"] == "urn:metric-cube:problem:query"
    assert [issue["code"] for issue in found["issues"]] == ["E_NAME_NOT_FOUND"] * 2
    assert found["issues"][0]["candidates"][0] == "bug_count"
    assert "error" not in found, "that is for Cube's clients"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b'{"metrics": [', "not JSON"),
        (b'{"limit": NaN}', "NaN is no value of JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"metrics": ["\\ud800"]}', "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "is a JSON object"),
        (b'{"sql": 7}', "is a text"),
        (b'{"sql": "SELECT 1", "limit": 3}', "has no 'limit' beside it"),
    ],
)
async def test_a_body_that_is_no_question_is_told(client: httpx.AsyncClient, body: bytes, said: str) -> None:
    response = await client.post("/v1/query", content=body, headers={"content-type": "application/json"})
    assert said in (await refused(response, 400))["detail"]


async def test_other_media_types_addresses_and_methods_are_told(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/query", content=b"metrics=bug_count", headers={"content-type": "text/plain"})
    assert "application/json" in (await refused(response, 415))["detail"]
    assert "/docs" in (await refused(await client.get("/v1/nothing"), 404))["detail"]
    response = await client.put("/v1/query", json=QUESTION)
    assert "POST" in (await refused(response, 405))["detail"]
    assert "POST" in response.headers["allow"]
    twice = await client.get("/v1/query?metrics=bug_count&limit=1&limit=2")
    assert "given 2 times" in (await refused(twice, 400))["detail"]
    unclear = await client.get("/v1/capabilities?detail=perhaps")
    assert "true or false" in (await refused(unclear, 400))["detail"]


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (Busy(100, 7), 503, "busy"),
        (QueryTimeout(Issue("E_TIMEOUT", "Too long.")), 504, "timeout"),
        (DatabaseError(Issue("E_DATABASE_REFUSED", "No.")), 503, "database"),
        (RuntimeError("secret"), 500, "bug"),
    ],
)
async def test_failures_have_their_status_and_say_nothing_of_our_inside(
    service: Service, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, kind: str
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(service, "answer", fail)
    async with client_of(application_of(service)) as client:
        response = await client.post("/v1/query", json=QUESTION)
    found = await refused(response, status)
    assert found["type"] == f"urn:metric-cube:problem:{kind}"
    assert "secret" not in response.text
    assert response.headers.get("retry-after") == ("7" if isinstance(error, Busy) else None)


async def test_who_lacks_a_security_value_is_forbidden(service: Service) -> None:
    async with client_of(application_of(service, Caller())) as client:
        found = await refused(await client.post("/v1/query", json=QUESTION), 403)
    assert found["issues"][0]["code"] == "E_SECURITY_VALUE"


async def test_the_statement_is_what_the_engine_compiles(client: httpx.AsyncClient, database: Path) -> None:
    found = (await client.post("/v1/sql", json=QUESTION)).json()
    assert [column["name"] for column in found["columns"]] == ["severity", "bug_count"]
    with closing(sqlite3.connect(database)) as connection:
        assert sorted(connection.execute(found["sql"], found["parameters"]).fetchall()) == truth(database)


async def test_the_explanation_hides_tables_from_who_may_not_see_sql(service: Service) -> None:
    async with client_of(application_of(service)) as client:
        full = (await client.post("/v1/explain", json=QUESTION)).json()
    async with client_of(application_of(service, Caller({"customer_id": 1}, scopes=frozenset({"read"})))) as client:
        less = (await client.post("/v1/explain", json=QUESTION)).json()
        await refused(await client.post("/v1/sql", json=QUESTION), 403)
    assert full["sql"].startswith("SELECT")
    assert any(leaf["columns"] for leaf in full["leaves"] if "columns" in leaf)
    assert full["sentence"] == less["sentence"]
    assert not any(f'"{name}":' in json.dumps(less) for name in flat.TABLES)


async def test_capabilities_are_sent_once_to_each_who_sees_the_same(client: httpx.AsyncClient) -> None:
    first = await client.get("/v1/capabilities")
    assert {"bug_count", "test_count"} <= {each["name"] for each in first.json()["metrics"]}
    again = await client.get("/v1/capabilities", headers={"if-none-match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"].removeprefix("W/"), (
        "compressed, it is no longer the same byte by byte"
    )
    searched = await client.get("/v1/capabilities?search=feature", headers={"if-none-match": first.headers["etag"]})
    assert searched.status_code == 200
    assert "bug_severity_score" not in searched.text
    detailed = await client.get("/v1/capabilities?detail=true")
    assert len(detailed.content) > len(first.content)


async def test_health_is_told_to_everyone_and_trouble_without_its_inside(
    client: httpx.AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/livez")).json() == {"health": "HEALTH"}
    assert (await client.get("/readyz")).json()["model"]["name"] == "testio"

    async def fail(*_: object, **__: object) -> None:
        raise DatabaseError(Issue("E_DATABASE_UNREACHABLE", "No way to db.internal as user."))

    monkeypatch.setattr(service.database, "fetch", fail)
    async with client_of(application_of(service)) as another:
        response = await another.get("/readyz")
    found = await refused(response, 503)
    assert found["issues"][0]["code"] == "E_DATABASE_UNREACHABLE"
    assert "internal" not in response.text


async def test_pages_of_allowed_origins_may_read_answers(client: httpx.AsyncClient) -> None:
    asks = {
        "origin": "https://pages.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-request-id",
    }
    allowed = await client.options("/v1/query", headers=asks)
    assert allowed.headers["access-control-allow-origin"] == "https://pages.example"
    assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
    other = await client.options("/v1/query", headers={**asks, "origin": "https://other.example"})
    assert other.status_code == 403
    answered = await client.post("/v1/query", json=QUESTION, headers={"origin": "https://other.example"})
    assert answered.status_code == 403
    assert "access-control-allow-origin" not in answered.headers


async def test_a_statement_is_stopped_when_its_client_goes_away(service: Service) -> None:
    asked, stopped = asyncio.Event(), asyncio.Event()
    fetch = service.database.fetch

    async def slow(*arguments: Any, **options: Any) -> Any:
        asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.set()
            raise
        return await fetch(*arguments, **options)

    service.database.fetch = slow  # type: ignore[method-assign]  # a database that never answers
    messages = asyncio.Queue[dict[str, Any]]()
    messages.put_nowait({"type": "http.request", "body": json.dumps(QUESTION).encode(), "more_body": False})
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/query",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
    }

    async def send(_message: Any) -> None: ...

    call = asyncio.create_task(application_of(service)(scope, messages.get, send))
    async with asyncio.timeout(10):
        await asked.wait()
        messages.put_nowait({"type": "http.disconnect"})
        await call
        await stopped.wait()
