"""Messages over stdin and stdout: whole and in order, whatever kind of file stands behind them."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from io import FileIO
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCNotification

from server.agents.stdio import Incoming, Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

OLD = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": OLD}
PING = {"jsonrpc": "2.0", "id": 2, "method": "ping"}


@contextmanager
def pipe() -> Iterator[tuple[FileIO, FileIO]]:
    """Where can be read what was written, neither blocking."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    with FileIO(reading, "rb") as reader, FileIO(writing, "wb") as writer:
        yield reader, writer


def named(name: str, **params: Any) -> SessionMessage:
    return SessionMessage(JSONRPCNotification(jsonrpc="2.0", method=name, params=params))


def line(message: Any) -> bytes:
    return json.dumps(message).encode() + b"\n"


def method(item: SessionMessage | Exception) -> str:
    assert isinstance(item, SessionMessage), item
    return str(getattr(item.message, "method", ""))


async def test_messages_are_put_together_from_what_arrives() -> None:
    text = "".join(f'{{"jsonrpc": "2.0", "method": "n{i}", "params": {{"of": "Zürich"}}}}\n' for i in range(3)).encode()
    with pipe() as (reader, writer):
        async with Incoming(reader.fileno()) as incoming:
            found = asyncio.create_task(_all(incoming))
            for byte in text[:-1]:
                writer.write(bytes([byte]))
                await asyncio.sleep(0)
            writer.close()
            items = await found
    assert [method(item) for item in items] == ["n0", "n1", "n2"]


async def test_many_messages_may_arrive_at_once_and_what_is_none_is_an_error_in_its_place() -> None:
    with pipe() as (reader, writer):
        writer.write(line(PING) + b"no message\n\n" + b'\xff{"id"\n' + line(HELLO))
        writer.close()
        async with Incoming(reader.fileno()) as incoming:
            items = await _all(incoming)
            with pytest.raises(anyio.EndOfStream):
                await incoming.receive()
    assert method(items[0]) == "ping"
    assert all(isinstance(item, ValueError) for item in items[1:-1])
    assert method(items[-1]) == "initialize"


async def test_bytes_that_are_no_letters_do_not_lose_the_request() -> None:
    with pipe() as (reader, writer):
        writer.write(b'{"jsonrpc": "2.0", "id": 1, "method": "\xff"}\n')
        writer.close()
        async with Incoming(reader.fileno()) as incoming:
            assert [method(item) for item in await _all(incoming)] == ["\ufffd"]


async def test_long_messages_reach_a_slow_reader_whole_and_in_order() -> None:
    with pipe() as (reader, writer):
        outgoing = Outgoing(writer.fileno())
        sent = [asyncio.create_task(outgoing.send(named(f"n{i}", text="x" * 200_000))) for i in range(4)]
        await asyncio.sleep(0.01)
        assert not any(each.done() for each in sent)
        # Who no longer waits does not tear what was said.
        sent[1].cancel()
        heard = bytearray()
        while heard.count(b"\n") < 4:
            heard += reader.read(50_000) or b""
            await asyncio.sleep(0)
        await asyncio.gather(*sent, return_exceptions=True)
        await outgoing.aclose()
    assert [json.loads(each)["method"] for each in heard.splitlines()] == ["n0", "n1", "n2", "n3"]


async def test_what_was_said_goes_out_before_the_end() -> None:
    with pipe() as (reader, writer):
        outgoing = Outgoing(writer.fileno())
        task = asyncio.create_task(outgoing.send(named("last", text="x" * 100_000)))
        await asyncio.sleep(0)
        closing = asyncio.create_task(outgoing.aclose())
        heard = b""
        while not closing.done():
            heard += reader.read(50_000) or b""
            await asyncio.sleep(0)
        await task
        with pytest.raises(anyio.ClosedResourceError):
            await outgoing.send(named("later"))
    assert json.loads(heard)["method"] == "last"


async def test_who_does_not_read_is_not_waited_for_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.agents.stdio._LAST_SECONDS", 0.01)
    with pipe() as (_, writer):
        outgoing = Outgoing(writer.fileno())
        task = asyncio.create_task(outgoing.send(named("last", text="x" * 100_000)))
        await asyncio.sleep(0)
        await outgoing.aclose()
        with pytest.raises(anyio.BrokenResourceError):
            await task


async def test_who_says_something_to_nobody_is_told() -> None:
    with pipe() as (reader, writer):
        outgoing = Outgoing(writer.fileno())
        waiting = asyncio.create_task(outgoing.send(named("first", text="x" * 100_000)))
        await asyncio.sleep(0)
        reader.close()
        with pytest.raises(anyio.BrokenResourceError):
            await waiting
        with pytest.raises(anyio.BrokenResourceError):
            await outgoing.send(named("second"))


def server(tmp_path: Path, **files: Any) -> subprocess.Popen[bytes]:
    """The program over stdio; it is asked nothing of the database."""
    own = {"METRIC_CUBE_DATABASE": f"sqlite:///{tmp_path / 'empty.sqlite'}", "TESTIO_CUSTOMER_ID": "1"}
    (tmp_path / "empty.sqlite").touch()
    return subprocess.Popen([sys.executable, "-m", "server", "serve"], env={**os.environ, **own}, **files)


def answers(said: bytes) -> dict[int, dict[str, Any]]:
    return {each["id"]: each["result"] for each in map(json.loads, said.splitlines()) if "id" in each}


def test_sockets_serve_as_pipes_do(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with ours, server(tmp_path, stdin=theirs, stdout=theirs) as process:
        theirs.close()
        ours.settimeout(60)
        said, heard = ours.makefile("wb"), ours.makefile("rb")
        said.write(line(HELLO) + line(PING))
        said.flush()
        found = answers(heard.readline() + heard.readline())
        ours.shutdown(socket.SHUT_WR)
        assert process.wait(60) == 0
    assert found[1]["serverInfo"]["name"] == "metric-cube"
    assert found[2] == {}


def test_files_serve_too(tmp_path: Path) -> None:
    (tmp_path / "asked").write_bytes(line(HELLO))
    with (tmp_path / "asked").open("rb") as asked, (tmp_path / "told").open("wb") as told:
        assert server(tmp_path, stdin=asked, stdout=told).wait(60) == 0
    assert answers((tmp_path / "told").read_bytes())[1]["serverInfo"]["name"] == "metric-cube"


PRINTS = """\
import asyncio, os, subprocess
from server.agents.stdio import standard_streams
async def main():
    before = os.get_blocking(0), os.get_blocking(1)
    async with standard_streams() as (incoming, outgoing):
        async for item in incoming:
            print("a stray word", flush=True)
            subprocess.run("echo another; cat", shell=True, check=True)
            await outgoing.send(item)
    assert (os.get_blocking(0), os.get_blocking(1)) == before
    print("after")
asyncio.run(main())
"""


def test_what_is_printed_meanwhile_stays_out_of_the_messages() -> None:
    command = [sys.executable, "-c", PRINTS]
    done = subprocess.run(command, input=line(PING) * 2, capture_output=True, timeout=60, check=True)  # noqa: S603  our own program
    said = done.stdout.splitlines()
    assert [json.loads(each) for each in said[:-1]] == [PING, PING]
    assert said[-1] == b"after"
    assert done.stderr.splitlines() == [b"a stray word", b"another"] * 2


async def _all(incoming: Incoming) -> list[SessionMessage | Exception]:
    return [item async for item in incoming]
