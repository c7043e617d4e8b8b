"""Requests over a socket that no proper client would send."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest

from server.http.serving import listen, server_of
from tests.server.http.guarded import guarded, token_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

AUTH = f"Authorization: Bearer {token_of(1)}\r\n".encode()
HOST = b"Host: metrics.example.com\r\n"
QUESTION = json.dumps({"metrics": ["bugs.bug_count"]}).encode()


class Socket(NamedTuple):
    """Where a server listens, and the lines of its log."""

    port: int
    log: list[str]

    async def send(self, *parts: bytes) -> bytes:
        """All that the server answers until it closes the connection, or for a second."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            if not any(b"100-continue" in part for part in parts):
                return await asyncio.wait_for(reader.read(), 10)
            return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        except (ConnectionError, BrokenPipeError):
            return b""
        finally:
            writer.close()


@pytest.fixture
async def sock(tmp_path: Path) -> AsyncIterator[Socket]:
    async with guarded(tmp_path, "[limits]\nbody_kilobytes = 64\n") as server:
        with listen("127.0.0.1", 0) as listening:
            running = server_of(server.application)
            async with _serving(running.serve(sockets=[listening])):
                yield Socket(listening.getsockname()[1], server.log)
                running.should_exit = True


@asynccontextmanager
async def _serving(serve: object) -> AsyncIterator[None]:
    task = asyncio.ensure_future(serve)  # type: ignore[call-overload]
    try:
        yield
    finally:
        await task


def post(body: bytes, *headers: bytes) -> bytes:
    given = b"".join(headers)
    return b"POST /v1/query HTTP/1.1\r\n%b%bContent-Type: application/json\r\nConnection: close\r\n%b\r\n%b" % (
        HOST,
        AUTH,
        given or b"Content-Length: %d\r\n" % len(body),
        body,
    )


def statuses(answer: bytes) -> list[int]:
    return [int(each) for each in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", answer)]


async def test_small_answers_are_sent_at_once() -> None:
    without_delay: list[int] = []

    class Protocol(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            without_delay.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    with listen("127.0.0.1", 0) as listening:
        server = await asyncio.get_running_loop().create_server(Protocol, sock=listening)
        async with server:
            reader, writer = await asyncio.open_connection(*listening.getsockname()[:2])
            await reader.read()
            writer.close()
    assert len(without_delay) == 1
    assert without_delay[0] != 0


async def test_a_proper_request_is_answered(sock: Socket) -> None:
    assert statuses(await sock.send(post(QUESTION))) == [200]


async def test_a_body_in_parts_is_cut_off_at_the_limit(sock: Socket) -> None:
    chunk = b"2000\r\n" + b" " * 0x2000 + b"\r\n"
    answer = await sock.send(post(b"", b"Transfer-Encoding: chunked\r\n"), *[chunk] * 12, b"0\r\n\r\n")
    assert statuses(answer) == [413]
    assert [json.loads(line)["status"] for line in sock.log] == [413]


async def test_who_sends_a_long_body_to_its_end_is_told_that_it_is_too_long(sock: Socket) -> None:
    for _ in range(5):
        answer = await sock.send(post(b" " * 5_000_000))
        assert statuses(answer) == [413]
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 413


async def test_a_long_body_is_not_let_in_for_ever(sock: Socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.http.parsing.LINGER_SECONDS", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", sock.port)
    writer.write(post(b"", b"Content-Length: 999999999999\r\n"))
    assert statuses(await reader.read()) == [413]

    async def send_on() -> None:
        while True:
            writer.write(b" " * 1000)
            await writer.drain()
            await asyncio.sleep(0.01)

    with pytest.raises(ConnectionError):
        await asyncio.wait_for(send_on(), 10)
    writer.close()


async def test_a_stated_length_beyond_the_limit_is_refused_before_the_body_comes(sock: Socket) -> None:
    answer = await sock.send(post(b"", b"Content-Length: 99999999\r\nExpect: 100-continue\r\n"))
    assert statuses(answer) == [413]


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Transfer-Encoding: identity, chunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"X: a\r\n b\r\n",
        b"X: a\rb\r\n",
        b"X\x00: a\r\n",
    ],
)
async def test_a_request_that_two_servers_could_read_differently_is_no_way_to_a_second_one(
    sock: Socket, headers: bytes
) -> None:
    hidden = b"GET /v1/query?metrics=bugs.bug_count HTTP/1.1\r\n%b%b\r\n" % (HOST, AUTH)
    answer = await sock.send(post(b"0\r\n\r\n" + hidden, headers))
    assert len(statuses(answer)) <= 1


async def test_endless_headers_are_cut_off(sock: Socket) -> None:
    many = [b"X-%d: %b\r\n" % (number, b"x" * 8000) for number in range(2000)]
    answer = await sock.send(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n", *many, b"Connection: close\r\n\r\n")
    assert statuses(answer) != [200]


async def test_one_endless_header_is_cut_off(sock: Socket) -> None:
    answer = await sock.send(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ", *[b"x" * 8000] * 2000, b"\r\n\r\n")
    assert statuses(answer) != [200]


async def test_many_requests_on_one_connection_are_no_long_head(sock: Socket) -> None:
    one = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: %b\r\n" % (b"x" * 4000)
    answer = await sock.send(*[one + b"\r\n"] * 40, one + b"Connection: close\r\n\r\n")
    assert statuses(answer) == [200] * 41


async def test_a_long_token_or_address_does_no_harm(sock: Socket) -> None:
    long = b"Authorization: Bearer " + b"x" * 60_000 + b"\r\n"
    answer = await sock.send(b"GET /v1/query HTTP/1.1\r\n%b%bConnection: close\r\n\r\n" % (HOST, long))
    assert statuses(answer) in ([401], [400], [431])
    answer = await sock.send(b"GET /%b HTTP/1.1\r\n%b%bConnection: close\r\n\r\n" % (b"x" * 60_000, HOST, AUTH))
    assert statuses(answer) in ([404], [400], [414])


async def test_an_address_in_full_does_not_stand_for_the_host(sock: Socket) -> None:
    foreign = (
        b"GET http://metrics.example.com/v1/capabilities HTTP/1.1\r\nHost: evil.example\r\n%bConnection: close\r\n\r\n"
    )
    assert statuses(await sock.send(foreign % AUTH))[0] in {400, 421}


async def test_two_hosts_are_refused(sock: Socket) -> None:
    twice = b"GET /v1/capabilities HTTP/1.1\r\n%b%b%bConnection: close\r\n\r\n" % (HOST, HOST, AUTH)
    assert statuses(await sock.send(twice))[0] in {400, 421}


async def test_no_answer_tells_what_it_is_served_by(sock: Socket) -> None:
    assert b"server:" not in (await sock.send(post(QUESTION))).lower()


async def test_a_client_that_claims_to_be_forwarded_is_logged_as_who_it_is(sock: Socket) -> None:
    await sock.send(post(QUESTION, b"Content-Length: %d\r\nX-Forwarded-For: 203.0.113.9\r\n" % len(QUESTION)))
    assert json.loads(sock.log[-1])["client"] == "127.0.0.1"


@pytest.mark.parametrize("begun", [b"POST /v1/qu", b"POST /v1/query HTTP/1.1\r\nHost: metr", post(QUESTION)[:-1]])
async def test_a_request_that_does_not_come_in_is_given_up(
    sock: Socket, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr("server.http.parsing.PATIENCE_SECONDS", 0.1)
    answer = await sock.send(begun)
    assert statuses(answer) == [408]
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 408
    assert statuses(await sock.send(post(QUESTION))) == [200]


async def test_a_connection_on_which_nothing_comes_is_closed(sock: Socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.http.parsing.PATIENCE_SECONDS", 0.1)
    assert await sock.send() == b""


async def test_who_waits_for_an_answer_is_not_slow(sock: Socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.http.parsing.PATIENCE_SECONDS", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", sock.port)
    for _ in range(3):
        writer.write(post(QUESTION).replace(b"Connection: close\r\n", b""))
        assert statuses(await reader.readuntil(b"\r\n\r\n")) == [200]
        await asyncio.sleep(0.15)
    writer.close()
