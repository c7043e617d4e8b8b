"""Spans from a request to its SQL, as an SDK of OpenTelemetry collects them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from opentelemetry import trace

from server.http.middleware.traced import Traced
from server.service.traced import TracedDatabase, is_tracing
from tests.server.http.guarded import guarded, token_of
from tests.server.http.middleware.asking import ask, echo
from tests.server.spans import by_name, collected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

pytestmark = pytest.mark.anyio

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What is collected while a test runs."""
    with collected(monkeypatch) as exporter:
        yield exporter


async def test_without_an_sdk_nothing_is_traced(tmp_path: Path) -> None:
    assert not is_tracing()
    async with guarded(tmp_path) as server:
        assert "Traced" not in str(server.application.user_middleware)


async def test_one_trace_leads_from_the_request_to_its_sql(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    filters = [{"member": "bugs.severity", "operator": "equals", "values": ["high"]}]
    question = {"metrics": ["bugs.bug_count"], "filters": filters}
    async with guarded(tmp_path) as server:
        server.service.database = TracedDatabase(server.service.database)
        async with server.client(token_of(1), params={"secret": "QUERY"}) as client:
            headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "r1"}
            assert (await client.post("/v1/query", json=question, headers=headers)).status_code == 200
    found = by_name(spans)
    request, answer, statement = (found[name] for name in ("POST /v1/query", "metric_cube.answer", "SELECT"))
    assert request.parent is not None
    assert (f"{request.context.trace_id:032x}", f"{request.parent.span_id:016x}") == (TRACE, PARENT)
    assert answer.parent is not None
    assert answer.parent.span_id == request.context.span_id
    assert statement.parent is not None
    assert statement.parent.span_id == answer.context.span_id
    assert request.attributes is not None
    assert dict(request.attributes) == {
        "http.request.method": "POST",
        "http.route": "/v1/query",
        "url.path": "/v1/query",
        "url.scheme": "https",
        "http.response.status_code": 200,
        "metric_cube.request_id": "r1",
    }
    assert answer.attributes is not None
    assert dict(answer.attributes) == {"metric_cube.cached": False, "metric_cube.rows": 1}
    assert statement.attributes is not None
    assert statement.attributes["db.system.name"] == "sqlite"
    assert "SELECT" in str(statement.attributes["db.query.text"])
    shown = json.dumps([span.to_json() for span in spans.get_finished_spans()])
    assert not [secret for secret in (token_of(1), "'high'", '"high"', "QUERY") if secret in shown]


async def test_a_refusal_is_told_by_its_codes(tmp_path: Path, spans: InMemorySpanExporter) -> None:
    async with guarded(tmp_path) as server, server.client(token_of(1)) as client:
        await client.post("/v1/query", json={"metrics": ["bugs.SECRET"]})
    answer = by_name(spans)["metric_cube.answer"]
    assert answer.attributes is not None
    assert answer.attributes["metric_cube.issues"] == ("E_NAME_NOT_FOUND",)
    assert answer.status.status_code == trace.StatusCode.ERROR
    assert "SECRET" not in answer.to_json()


async def test_addresses_that_nobody_knows_are_one_span(spans: InMemorySpanExporter) -> None:
    for path in ("/a", "/b"):
        await ask(Traced(echo), path)
    assert {span.name for span in spans.get_finished_spans()} == {"GET none"}
