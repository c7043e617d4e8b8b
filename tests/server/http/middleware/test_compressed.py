"""What is compressed, and what is not."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from starlette.responses import Response, StreamingResponse

from server.http.middleware.compressed import Compressed
from tests.server.http.middleware.asking import ask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp

pytestmark = pytest.mark.anyio

HEADERS = [("host", "localhost"), ("accept-encoding", "br, gzip")]


def answering(length: int, **headers: str) -> ASGIApp:
    return Compressed(
        Response(b"x" * length, headers={name.replace("_", "-"): value for name, value in headers.items()})
    )


async def test_a_long_answer_is_compressed_for_whom_asks() -> None:
    told = await ask(answering(2000, etag='"abc"'), headers=HEADERS)
    assert gzip.decompress(told.body) == b"x" * 2000
    assert told.header("content-length") == str(len(told.body))
    assert told.header("etag") == 'W/"abc"'
    plain = await ask(answering(2000, etag='"abc"'))
    assert (plain.body, plain.header("etag"), plain.header("content-encoding")) == (b"x" * 2000, '"abc"', None)


async def test_a_tag_that_is_weak_stays_as_it_is() -> None:
    assert (await ask(answering(2000, etag='W/"abc"'), headers=HEADERS)).header("etag") == 'W/"abc"'


async def test_a_short_answer_stays_as_it_is() -> None:
    told = await ask(answering(100, etag='"abc"'), headers=HEADERS)
    assert (told.body, told.header("etag")) == (b"x" * 100, '"abc"')


async def test_events_are_sent_as_they_come() -> None:
    async def events() -> AsyncIterator[bytes]:
        yield b"data: " + b"x" * 2000 + b"\n\n"

    told = await ask(Compressed(StreamingResponse(events(), media_type="text/event-stream")), headers=HEADERS)
    assert told.header("content-encoding") is None
    assert told.body.startswith(b"data: ")
