"""A request that has been understood is answered as if it were read again: byte for byte, and to nobody else."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.http import flat
from server.http.middleware import kept
from server.http.middleware.kept import Kept, Requests
from server.http.requests import question_of
from server.service import Caller
from tests.server.http.conftest import application_of, client_of
from tests.server.http.guarded import CUSTOMERS, guarded, token_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from server.service import Service
    from tests.server.http.guarded import Guarded

pytestmark = pytest.mark.anyio

QUESTION: dict[str, Any] = {"metrics": ["bugs.bug_count"], "dimensions": ["bugs.severity"]}
BY_CUBE: dict[str, Any] = {"measures": ["bugs.bug_count"], "dimensions": ["bugs.severity"]}
SEVERAL = {"query": [BY_CUBE, {"measures": ["bugs.weight"]}]}
REQUESTS: dict[str, tuple[str, str, Any, dict[str, str]]] = {
    "flat": ("POST", "/v1/query", QUESTION, {}),
    "flat, compressed": ("POST", "/v1/query", {**QUESTION, "dimensions": ["bugs.title"]}, {"accept-encoding": "gzip"}),
    "sql": ("POST", "/v1/query", {"sql": "SELECT severity, MEASURE(bug_count) FROM bugs GROUP BY 1"}, {}),
    "csv": ("POST", "/v1/query?format=csv", QUESTION, {}),
    "ndjson": ("POST", "/v1/query", QUESTION, {"accept": "application/x-ndjson"}),
    "address": ("GET", "/v1/query?metrics=bugs.bug_count&dimensions=bugs.severity", None, {}),
    "head": ("HEAD", "/v1/query?metrics=bugs.bug_count", None, {}),
    "load": ("POST", "/cubejs-api/v1/load", {"query": BY_CUBE}, {}),
    "load by address": ("GET", f"/cubejs-api/v1/load?query={json.dumps(BY_CUBE)}", None, {}),
    "load, compact": ("POST", "/cubejs-api/v1/load", {"query": {**BY_CUBE, "responseFormat": "compact"}}, {}),
    "load, multi": ("POST", "/cubejs-api/v1/load", {"query": BY_CUBE, "queryType": "multi"}, {}),
    "load, blended": ("POST", "/cubejs-api/v1/load", SEVERAL, {}),
    "cubesql": ("POST", "/cubejs-api/v1/cubesql", {"query": "SELECT MEASURE(bug_count) FROM bugs"}, {}),
}
NOT_REMEMBERED = {"load, multi", "load, blended"}
"""Answers that are put together of several."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarded(tmp_path) as server:
        yield server


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second that does not end."""
    monkeypatch.setattr(kept, "this_second", lambda: datetime(2026, 11, 23, 12, tzinfo=UTC))


async def ask(client: httpx.AsyncClient, name: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """The answer without what differs from moment to moment."""
    method, path, body, headers = REQUESTS[name]
    told = await client.request(method, path, json=body, headers={"x-request-id": "r", **headers})
    text = re.sub(rb'"age_seconds":[0-9.]+', b"", told.content)
    changing = {"ratelimit", "content-length", "age"}
    return told.status_code, [each for each in told.headers.multi_items() if each[0] not in changing], text


def requests_of(server: Guarded) -> Requests:
    """What the server remembers of requests."""
    layer: Any = server.application.middleware_stack
    while not isinstance(layer, Kept):
        layer = getattr(layer, "app", None) or layer._app
    return layer._requests


def remembered(server: Guarded) -> int:
    return len(requests_of(server)._known)


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.usefixtures("at_noon")
async def test_what_is_not_read_again_is_answered_byte_for_byte_as_what_is(server: Guarded, name: str) -> None:
    async with server.client(token_of(1)) as client:
        await ask(client, name)
        requests_of(server)._known.clear()
        read = await ask(client, name)
        assert remembered(server) == (name not in NOT_REMEMBERED)
        hits = server.service.cache.hits
        assert await ask(client, name) == read
    assert read[0] == 200
    assert server.service.cache.hits - hits == (2 if name == "load, blended" else 1)
    assert [json.loads(line)["cached"] for line in server.log] == [False, True, True]


@pytest.mark.usefixtures("at_noon")
async def test_a_handler_is_asked_once_for_equal_requests(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []

    async def counted(request: Any) -> Any:
        read.append(request)
        return await question_of(request)

    monkeypatch.setattr(flat, "question_of", counted)
    question = {"metrics": ["bug_count"]}
    async with client_of(application_of(service)) as client:
        for number in range(3):
            await client.post("/v1/query", json=question, headers={"x-request-id": str(number)})
        assert len(read) == 1
        for other in (
            client.post("/v1/query", json={**question, "limit": 3}),
            client.post("/v1/query?format=csv", json=question),
            client.post("/v1/query", json=question, headers={"accept": "text/csv"}),
            client.post("/v1/query", json=question, headers={"cookie": "a=b"}),
            client.get("/v1/query?metrics=bug_count"),
        ):
            before = len(read)
            assert (await other).status_code == 200
            assert len(read) == before + 1


@pytest.mark.usefixtures("at_noon")
async def test_who_wants_no_kept_answer_gets_none(server: Guarded) -> None:
    fresh = {"cache-control": "no-cache"}
    load = "/cubejs-api/v1/load"
    async with server.client(token_of(1)) as client:
        for _ in range(3):
            assert "age" not in (await client.post("/v1/query", json=QUESTION, headers=fresh)).headers
            assert "age" not in (await client.post(load, json={"query": BY_CUBE, "cache": "no-cache"})).headers
            renewed = await client.post(load, json={"query": {**BY_CUBE, "renewQuery": True}})
            assert "age" not in renewed.headers
    assert remembered(server) == 0


@pytest.mark.usefixtures("at_noon")
async def test_a_commit_is_seen_by_the_next_request(server: Guarded, tmp_path: Path) -> None:
    async with server.client(token_of(1)) as client:
        counts = []
        for number in range(4):
            await client.post("/v1/query", json={"metrics": ["bugs.bug_count"]})
            told = await client.post("/v1/query", json={"metrics": ["bugs.bug_count"]})
            assert told.headers["age"] == "0"
            counts.append(told.json()["rows"][0][0])
            with closing(sqlite3.connect(tmp_path / "rows.sqlite")) as connection, connection:
                connection.execute("INSERT INTO bugs (customer_id, severity) VALUES (1, ?)", [str(number)])
            # Over a socket a request is answered in a later turn of the loop than the one that brought the answer before it.
            await asyncio.sleep(0)
    assert counts == [8, 9, 10, 11]


async def test_a_new_second_and_a_new_model_end_what_is_remembered(server: Guarded) -> None:
    requests = Requests(server.service)
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    known = requests.known(noon)
    assert requests.known(noon) is known
    assert requests.known(noon.replace(second=1)) is not known
    known = requests.known(noon)
    server.service.models.model = server.service.model.__class__(**vars_of(server.service.model))
    assert requests.known(noon) is not known


def vars_of(model: Any) -> dict[str, Any]:
    return {name: getattr(model, name) for name in model.__dataclass_fields__}


@pytest.mark.usefixtures("at_noon")
async def test_memory_for_requests_is_bounded(server: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MOST_REQUESTS", 3)
    async with server.client(token_of(1)) as client:
        for limit in range(1, 9):
            assert (await client.post("/v1/query", json={**QUESTION, "limit": limit})).status_code == 200
        assert remembered(server) == 3
        monkeypatch.setattr(kept, "_MOST_REQUESTS", 99)
        long = json.dumps(QUESTION) + " " * 20_000
        told = await client.post("/v1/query", content=long, headers={"content-type": "application/json"})
    assert told.status_code == 200
    assert remembered(server) == 3


@pytest.mark.usefixtures("at_noon")
async def test_refusals_are_not_remembered(server: Guarded) -> None:
    async with server.client(token_of(1)) as client:
        for _ in range(2):
            assert (await client.post("/v1/query", json={"metrics": ["bugs.none"]})).status_code == 400
            assert (await client.post("/v1/query", content=b"x", headers={"content-type": "a/b"})).status_code == 415
    assert remembered(server) == 0


@pytest.mark.usefixtures("at_noon")
async def test_the_same_bytes_mean_to_each_caller_what_they_may_see(server: Guarded, tmp_path: Path) -> None:
    """Every customer sends the same bytes many times, in every order, with the cache on."""
    with closing(sqlite3.connect(tmp_path / "rows.sqlite")) as connection:
        truth = dict(connection.execute("SELECT customer_id, count(*) FROM bugs GROUP BY 1").fetchall())
    for order in itertools.permutations(CUSTOMERS):
        for customer in order * 2:
            async with server.client(token_of(customer)) as client:
                told = await client.post("/v1/query", json={"metrics": ["bugs.bug_count"]})
                load = await client.post("/cubejs-api/v1/load", json={"query": {"measures": ["bugs.bug_count"]}})
            assert told.json()["rows"] == [[truth[customer]]]
            assert load.json()["data"] == [{"bugs.bug_count": str(truth[customer])}]
    assert remembered(server) == 2 * len(CUSTOMERS)


values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.floats(0, 2) | st.sampled_from(["", "1", "a"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
securities = st.dictionaries(st.sampled_from(["customer_id", "groups"]), values)


@given(securities, securities)
def test_callers_are_the_same_only_where_their_values_are(one: dict[str, Any], other: dict[str, Any]) -> None:
    is_same = Caller(one).identity == Caller(other).identity
    assert not is_same or _sorted(one) == _sorted(other)
    assert Caller(one).identity == Caller(dict(reversed(one.items()))).identity
    assert Caller(one).identity != Caller(one, scopes=frozenset({"read"})).identity


def _sorted(value: Any) -> str:
    """A value as a text, whatever order its parts are in: lists of security values are sets."""
    if isinstance(value, dict):
        return f"{{{sorted((key, _sorted(each)) for key, each in value.items())}}}"
    return f"{sorted(map(_sorted, value))}" if isinstance(value, list) else repr(value)
