"""Ids of requests, the log and the metrics."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

from server.http.middleware.access_log import AccessLog
from server.http.middleware.authentication import AsCaller
from server.http.middleware.metrics import RequestMetrics
from server.http.middleware.observed import Observed, ids_of
from server.service import Caller
from tests.server.http.middleware.asking import ask, echo

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

pytestmark = pytest.mark.anyio

HOST = ("host", "localhost")


class Log:
    """A log whose lines a test reads."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.watcher = AccessLog(
            self.text.append, lambda: datetime(2026, 11, 23, 12, 0, 0, 7500, tzinfo=UTC).timestamp()
        )

    def lines(self) -> list[dict[str, Any]]:
        assert all(line.endswith("\n") and line.count("\n") == 1 for line in self.text)
        return [json.loads(line) for line in self.text]


async def test_a_request_gets_an_id_and_is_told_it() -> None:
    first, second = [await ask(Observed(echo)) for _ in range(2)]
    assert first.header("x-request-id") != second.header("x-request-id")
    assert len(first.header("x-request-id") or "") == 32


async def test_an_id_that_a_request_brings_is_kept() -> None:
    assert (await ask(Observed(echo), headers=[HOST, ("x-request-id", "abc-1")])).header("x-request-id") == "abc-1"


@pytest.mark.parametrize("given_id", ["", "a b", "x" * 129, 'a"', "a\r\nset-cookie: x", "<script>", "ä", "a\x00"])
async def test_an_id_that_could_do_harm_is_replaced(given_id: str) -> None:
    told = await ask(Observed(echo), headers=[HOST, ("x-request-id", given_id)])
    assert len(told.header("x-request-id") or "") == 32


async def test_two_ids_are_none() -> None:
    told = await ask(Observed(echo), headers=[HOST, ("x-request-id", "a"), ("x-request-id", "b")])
    assert told.header("x-request-id") not in {"a", "b"}


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_whatever_is_sent_as_id_or_trace_the_ids_are_sane(given_id: bytes, trace: bytes) -> None:
    request_id, trace_id = ids_of([(b"x-request-id", given_id), (b"traceparent", trace)])
    assert 1 <= len(request_id) <= 128
    assert request_id.isascii()
    assert request_id.isprintable()
    assert len(trace_id) in {0, 32}


async def test_the_log_says_what_became_of_a_request() -> None:
    log = Log()
    app = Observed(AsCaller(echo, Caller(name="dashboards")), [log.watcher])
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    await ask(app, "/v1/query", [HOST, ("x-request-id", "r1"), ("traceparent", trace)], method="POST", body=[b"abc"])
    (line,) = log.lines()
    assert isinstance(line.pop("ms"), float)
    assert line == {
        "time": "2026-11-23T12:00:00.007+00:00",
        "kind": "request",
        "request_id": "r1",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "method": "POST",
        "path": "/v1/query",
        "route": "none",
        "status": 200,
        "bytes": 1,
        "caller": "dashboards",
        "client": "192.0.2.1",
        "cached": False,
    }


async def test_lines_of_one_turn_are_written_at_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    class Wire:
        def write(self, text: str) -> None:
            written.append(text)
            if len(written) > 2:
                raise BrokenPipeError

    monkeypatch.setattr("sys.stderr", Wire())
    app = Observed(echo, [AccessLog()])
    await asyncio.gather(*[ask(app, f"/{number}") for number in range(5)])
    await asyncio.sleep(0)
    assert [json.loads(line)["path"] for line in "".join(written).splitlines()] == [f"/{number}" for number in range(5)]
    assert len(written) == 1
    await ask(app)
    assert len(written) == 1
    await asyncio.sleep(0)
    assert written[1].count("\n") == 1
    for _ in range(2):
        # Nobody reads the log any more.
        await ask(app)
        await asyncio.sleep(0)
    assert len(written) == 4


async def test_the_log_holds_neither_tokens_nor_what_was_asked() -> None:
    log = Log()
    headers = [HOST, ("authorization", "Bearer SECRET"), ("cookie", "SECRET"), ("user-agent", "SECRET")]
    await ask(Observed(echo, [log.watcher]), headers=headers, query=b"token=SECRET&sql=SECRET", body=[b"SECRET"])
    assert "SECRET" not in "".join(log.text)


async def test_a_path_cannot_add_lines_to_the_log() -> None:
    log = Log()
    await ask(Observed(echo, [log.watcher]), '/a\n{"kind": "request"}\u2028' + "x" * 1000)
    (line,) = log.lines()
    assert len(line["path"]) == 256
    assert log.text[0].isascii()


async def test_a_failure_and_a_client_that_left_are_logged_as_such() -> None:
    log = Log()

    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("broken")

    async def leaving(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError):
        await ask(Observed(failing, [log.watcher]))
    with pytest.raises(asyncio.CancelledError):
        await ask(Observed(leaving, [log.watcher]))
    assert [line["status"] for line in log.lines()] == [500, 499]


async def test_metrics_count_by_route_and_never_by_address() -> None:
    async def answer(_request: Request) -> Response:
        return Response(b"12345")

    inner = Route("/{name}", answer)
    routed = Starlette(routes=[Route("/v1/{what}", answer), Mount("/inner", routes=[inner]), Mount("/mcp", echo)])
    registry = CollectorRegistry()
    app = Observed(routed, [RequestMetrics(registry)])
    for number in range(20):
        for path in (f"/v1/{number}", f"/inner/{number}", f"/nothing/{number}"):
            await ask(app, path)
    await ask(app, "/mcp/")
    await ask(app, "/v1/1", method="MADE-UP")
    counted = {
        (sample.labels["route"], sample.labels["method"], sample.labels["status"]): sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == "metric_cube_http_requests_total"
    }
    assert counted == {
        ("/v1/{what}", "GET", "200"): 20,
        ("/inner/{name}", "GET", "200"): 20,
        ("none", "GET", "404"): 20,
        ("/mcp", "GET", "200"): 1,
        ("/v1/{what}", "other", "405"): 1,
    }
    assert registry.get_sample_value("metric_cube_http_request_seconds_count", {"route": "/v1/{what}"}) == 21
    assert registry.get_sample_value("metric_cube_http_requests_in_flight") == 0
    sent = registry.get_sample_value("metric_cube_http_response_bytes_total", {"route": "/inner/{name}"})
    assert sent == 100
