"""Head and body go out together, and nothing waits longer than a turn of the event loop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.http.corked import Corked

pytestmark = pytest.mark.anyio


class Wire:
    """A transport that tells what it was given at once."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.is_closed = False
        self.is_ended = False

    def write_eof(self) -> None:
        self.is_ended = True

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def writelines(self, pieces: Any) -> None:
        self.sent.append(b"".join(pieces))

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def corked(wire: Wire) -> Any:
    return Corked(wire, asyncio.get_running_loop())  # type: ignore[arg-type]  # as much of a transport as is used


async def test_two_pieces_are_sent_together(corked: Corked, wire: Wire) -> None:
    corked.write(b"head ")
    assert wire.sent == []
    corked.write(b"body")
    assert wire.sent == [b"head body"]
    await asyncio.sleep(0)
    assert wire.sent == [b"head body"]


async def test_a_piece_that_stays_alone_is_sent_at_the_end_of_the_turn(corked: Corked, wire: Wire) -> None:
    for piece in (b"a", b"b"):
        corked.write(piece)
        await asyncio.sleep(0)
    assert wire.sent == [b"a", b"b"]


async def test_whatever_is_written_arrives_in_order_and_at_most_one_piece_is_held(corked: Corked, wire: Wire) -> None:
    for number in range(9):
        corked.write(b"%d" % number)
        assert len(b"".join(wire.sent)) >= number
    await asyncio.sleep(0)
    assert b"".join(wire.sent) == b"012345678"


async def test_what_is_held_is_sent_before_the_connection_is_closed(corked: Corked, wire: Wire) -> None:
    corked.write(b"last")
    corked.close()
    assert (wire.sent, corked.is_closing()) == ([b"last"], True)
    await asyncio.sleep(0)
    assert wire.sent == [b"last"]


async def test_a_connection_that_lingers_is_closed_at_the_second_time(wire: Wire) -> None:
    corked = Corked(wire, asyncio.get_running_loop(), lambda: True)  # type: ignore[arg-type]
    corked.write(b"last")
    corked.close()
    assert (wire.sent, wire.is_ended, wire.is_closed, corked.is_closing()) == ([b"last"], True, False, True)
    corked.close()
    assert wire.is_closed
