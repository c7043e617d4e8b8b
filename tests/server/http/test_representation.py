"""ETags of answers, and their compressed forms: kept beside them, told apart by whatever tells answers apart."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import zlib
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from server.http import representation
from server.http.packing import LEAST_BYTES, LONG_BYTES, pack
from server.service.cache import ResultCache
from tests.server.http.guarded import CUSTOMERS, guarded, token_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.server.http.guarded import Guarded

pytestmark = pytest.mark.anyio

QUERY = "/v1/query?metrics=bugs.bug_count&dimensions=bugs.severity"
TITLES = "/v1/query?metrics=bugs.weight&dimensions=bugs.title"
BY_CUBE: dict[str, Any] = {"measures": ["bugs.bug_count"], "dimensions": ["bugs.title"]}
LOAD = f"/cubejs-api/v1/load?query={json.dumps(BY_CUBE)}"
BLENDED = f"/cubejs-api/v1/load?query={json.dumps([BY_CUBE, {'measures': ['bugs.weight']}])}"
ADDRESSES = {
    "flat": QUERY,
    "long": TITLES,
    "csv": f"{TITLES}&format=csv",
    "ndjson": f"{TITLES}&format=ndjson",
    "load": LOAD,
    "blended": BLENDED,
}
GZIP, PLAIN = {"accept-encoding": "gzip"}, {"accept-encoding": "identity"}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarded(tmp_path) as server:
        yield server


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
async def test_who_has_an_answer_is_not_sent_it_again(server: Guarded, address: str) -> None:
    async with server.client(token_of(1)) as client:
        for coding in (PLAIN, GZIP):
            first = await client.get(address, headers=coding)
            tag = first.headers["etag"]
            assert (first.status_code, tag.startswith('W/"')) == (200, True)
            # Once read, once remembered; once asked of the database anew.
            for more in ({}, {}, {"cache-control": "no-cache"}):
                told = await client.get(address, headers={"if-none-match": f'"other", {tag}', **coding, **more})
                assert (told.status_code, told.content, told.headers["etag"]) == (304, b"", tag)
                assert told.headers["cache-control"] == "private, no-cache"
                assert {"Accept", "Accept-Encoding", "Authorization"} <= set(told.headers["vary"].split(", "))
                assert "content-length" not in told.headers
            other = await client.get(address, headers={"if-none-match": '"other"', **coding})
            assert (other.status_code, other.headers["etag"]) == (200, tag)


async def test_the_tag_tells_forms_and_questions_apart(server: Guarded) -> None:
    async with server.client(token_of(1)) as client:
        tags = [(await client.get(address)).headers["etag"] for address in ADDRESSES.values()]
        assert len(set(tags)) == len(tags)
        csv = (await client.get(TITLES, headers={"accept": "text/csv"})).headers["etag"]
        assert csv == tags[list(ADDRESSES).index("csv")]


@pytest.mark.parametrize("address", [QUERY, LOAD])
async def test_nobody_is_told_that_he_has_what_another_one_has(server: Guarded, address: str) -> None:
    tags: dict[int, str] = {}
    for customer in CUSTOMERS:
        async with server.client(token_of(customer)) as client:
            told = await client.get(address, headers={"if-none-match": ", ".join(tags.values())} if tags else {})
            assert told.status_code == 200
            tags[customer] = told.headers["etag"]
    assert len(set(tags.values())) == len(CUSTOMERS)


async def test_a_change_of_the_data_is_sent_and_a_commit_that_changes_nothing_is_not(
    server: Guarded, tmp_path: Path
) -> None:
    def commit(sql: str) -> None:
        with closing(sqlite3.connect(tmp_path / "rows.sqlite")) as connection, connection:
            connection.execute(sql)

    async with server.client(token_of(1)) as client:
        tag = (await client.get(QUERY)).headers["etag"]
        commit("UPDATE bugs SET severity = 'low' WHERE customer_id = 2")
        same = await client.get(QUERY, headers={"if-none-match": tag})
        assert (same.status_code, "age" in same.headers) == (304, False)
        commit("UPDATE bugs SET severity = 'low' WHERE customer_id = 1")
        changed = await client.get(QUERY, headers={"if-none-match": tag})
        assert (changed.status_code, changed.json()["rows"]) == (200, [["low", 8]])


@pytest.mark.parametrize("path", ["/v1/query", "/cubejs-api/v1/load"])
async def test_a_question_in_a_body_has_no_tag(server: Guarded, path: str) -> None:
    body = {"metrics": ["bugs.bug_count"]} if path == "/v1/query" else {"query": BY_CUBE}
    async with server.client(token_of(1)) as client:
        for _ in range(3):
            told = await client.post(path, json=body, headers={"if-none-match": "*"})
            assert (told.status_code, "etag" in told.headers) == (200, False)
            assert told.headers["cache-control"] == "private, no-cache"


async def test_a_head_is_answered_as_a_get_would_be(server: Guarded) -> None:
    async with server.client(token_of(1)) as client:
        tag = (await client.get(QUERY)).headers["etag"]
        told = await client.head(QUERY)
        assert (told.status_code, told.headers["etag"]) == (200, tag)
        assert (await client.head(QUERY, headers={"if-none-match": tag})).status_code == 304


@pytest.mark.parametrize("is_kept", [False, True])
async def test_who_asks_for_little_does_not_wait_until_a_long_answer_is_compressed(
    server: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_kept: bool
) -> None:
    """While a long answer is being compressed, others are answered: it is compressed only after they are."""
    with closing(sqlite3.connect(tmp_path / "rows.sqlite")) as connection, connection:
        connection.execute("UPDATE bugs SET title = title || replace(hex(zeroblob(20000)), '0', 'long ') || id")
    begun, may_end, packed = threading.Event(), threading.Event(), []

    def slowly(body: bytes) -> bytes:
        begun.set()
        assert may_end.wait(30)
        packed.append(threading.current_thread() is threading.main_thread())
        return pack(body)

    monkeypatch.setattr(representation, "pack", slowly)
    async with server.client(token_of(1)) as client:
        if is_kept:
            await client.get(TITLES, headers=PLAIN)
        long = [asyncio.create_task(client.get(TITLES, headers=GZIP)) for _ in range(3)]
        while not begun.is_set():
            await asyncio.sleep(0)
        short = await client.get(QUERY, headers=PLAIN)
        assert short.status_code == 200
        assert packed == []
        may_end.set()
        answers = await asyncio.gather(*long)
    assert packed == [False]
    assert {(each.status_code, each.headers["content-encoding"]) for each in answers} == {(200, "gzip")}
    assert all(len(each.content) > LONG_BYTES for each in answers)
    assert answers[0].json()["rows"] == answers[2].json()["rows"]


async def test_a_kept_answer_is_compressed_once(server: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[int] = []

    def counted(body: bytes) -> bytes:
        packed.append(len(body))
        return pack(body)

    monkeypatch.setattr(representation, "pack", counted)
    async with server.client(token_of(1)) as client:
        plain = await client.get(TITLES, headers=PLAIN)
        before = server.service.cache.size
        for number in range(4):
            # Each another request, none of which is remembered of the others.
            told = await client.get(TITLES, headers={**GZIP, "x-number": str(number)})
            assert told.headers["content-encoding"] == "gzip"
            found, wanted = told.json(), plain.json()
            assert found.pop("cache")["hit"] is True
            assert found == wanted
            assert told.headers["etag"] == plain.headers["etag"]
    assert packed == [len(plain.content) - 1]
    assert 0 < server.service.cache.size - before < len(plain.content)


async def test_compressed_forms_count_among_what_is_kept(server: Guarded) -> None:
    cache = server.service.cache = ResultCache(300, 0.05)
    async with server.client(token_of(3)) as client:
        for offset in range(15):
            told = await client.get(f"{TITLES}&offset={offset}", headers=GZIP)
            assert told.headers["content-encoding"] == "gzip"
            assert cache.size == sum(entry.size for entry in cache._entries.values()) <= 50_000
    assert 0 < len(cache) < 15


async def test_what_is_sent_is_one_file_of_gzip(server: Guarded) -> None:
    async with server.client(token_of(1)) as client:
        for address in ADDRESSES.values():
            for _ in range(2):
                async with client.stream("GET", address, headers=GZIP) as told:
                    raw = b"".join([part async for part in told.aiter_raw()])
                if told.headers.get("content-encoding") is None:
                    assert len(raw) < LEAST_BYTES
                    continue
                reading = zlib.decompressobj(16 + zlib.MAX_WBITS)
                reading.decompress(raw)
                assert (reading.eof, reading.unused_data) == (True, b"")
                assert int(told.headers["content-length"]) == len(raw)
                assert told.headers["vary"].count("Accept-Encoding") == 1
