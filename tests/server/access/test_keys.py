"""How often an issuer is asked for its keys, and what happens when it does not answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.access import AccessFileError, IssuerUnavailable, Unauthenticated
from server.access.keys import KEPT_SECONDS, LEAST_SECONDS, KeysOfAddress, KeysOfFile, fetch, read_key_set
from tests.server.access.signing import key_set, public_jwk

pytestmark = pytest.mark.anyio


class Address:
    """An address at which keys stand, that counts how often it is asked; `now` is the time."""

    def __init__(self, *shown: bytes | Exception) -> None:
        self.shown = list(shown)
        self.asked = 0
        self.now = 1000.0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def fetch(self, _url: str) -> bytes:
        self.asked += 1
        await self.may_answer.wait()
        found = self.shown[min(self.asked, len(self.shown)) - 1]
        if isinstance(found, Exception):
            raise found
        return found

    def keys(self) -> KeysOfAddress:
        return KeysOfAddress("https://login.example.com/keys", self.fetch, lambda: self.now)


ONE, TWO = key_set(public_jwk("RS256", "one")), key_set(public_jwk("RS256", "two"))


async def test_keys_are_asked_for_once_and_again_after_an_hour() -> None:
    address = Address(ONE)
    keys = address.keys()
    for _ in range(3):
        assert (await keys.find("one", "RS256")).key_id == "one"
    assert address.asked == 1
    address.now += KEPT_SECONDS
    await keys.find("one", "RS256")
    assert address.asked == 2


async def test_a_new_key_is_found_when_a_token_names_it_and_the_old_one_is_gone() -> None:
    address = Address(ONE, TWO)
    keys = address.keys()
    await keys.find("one", "RS256")
    address.now += LEAST_SECONDS
    assert (await keys.find("two", "RS256")).key_id == "two"
    with pytest.raises(Unauthenticated):
        await keys.find("one", "RS256")


async def test_a_storm_of_made_up_keys_asks_the_issuer_once_in_half_a_minute() -> None:
    address = Address(ONE)
    keys = address.keys()
    for second in range(90):
        found = await asyncio.gather(
            *(keys.find(f"{second}-{each}", "RS256") for each in range(20)), return_exceptions=True
        )
        assert all(isinstance(each, Unauthenticated) for each in found)
        assert (await keys.find("one", "RS256")).key_id == "one"
        address.now += 1
    assert address.asked == 3


async def test_those_who_come_at_once_share_one_request() -> None:
    address = Address(ONE)
    address.may_answer.clear()
    keys = address.keys()
    asking = [asyncio.create_task(keys.find("one", "RS256")) for _ in range(10)]
    await asyncio.sleep(0)
    address.may_answer.set()
    assert {key.key_id for key in await asyncio.gather(*asking)} == {"one"}
    assert address.asked == 1


async def test_one_who_leaves_does_not_keep_the_others_from_the_keys() -> None:
    address = Address(ONE)
    address.may_answer.clear()
    keys = address.keys()
    first, second = (asyncio.create_task(keys.find("one", "RS256")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    address.may_answer.set()
    assert (await second).key_id == "one"
    assert address.asked == 1


async def test_an_issuer_that_does_not_answer_is_not_asked_by_everyone() -> None:
    address = Address(OSError("no way"), ONE)
    keys = address.keys()
    for _ in range(5):
        with pytest.raises(IssuerUnavailable) as caught:
            await keys.find("one", "RS256")
        assert caught.value.retry_after == LEAST_SECONDS
    assert address.asked == 1
    address.now += LEAST_SECONDS
    assert (await keys.find("one", "RS256")).key_id == "one"


async def test_keys_stay_in_use_while_new_ones_cannot_be_had() -> None:
    address = Address(ONE, OSError("no way"))
    keys = address.keys()
    await keys.find("one", "RS256")
    address.now += KEPT_SECONDS
    assert (await keys.find("one", "RS256")).key_id == "one"
    assert address.asked == 2


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": [7]}', b'{"keys": [{"kty": "oct", "k": "AAAA"}]}']
)
async def test_what_is_no_set_of_public_keys_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_key_set(text)


async def test_a_file_without_keys_is_told() -> None:
    with pytest.raises(AccessFileError, match="cannot be read"):
        KeysOfFile(Path("/nowhere/keys.json"))


async def test_keys_of_kinds_that_are_not_known_are_left_out() -> None:
    odd = {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA", "kid": "odd"}
    assert read_key_set(key_set(odd, public_jwk("RS256"))).get("one", "RS256") is not None


async def _serve_once(answer: bytes) -> tuple[asyncio.Server, str]:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys"


async def test_keys_are_read_over_http() -> None:
    server, url = await _serve_once(
        b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (len(ONE), ONE)
    )
    async with server:
        assert await fetch(url) == ONE


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"x" * 1_100_000,
        b"nonsense\r\n\r\n",
    ],
    ids=["elsewhere", "failing", "endless", "nonsense"],
)
async def test_an_address_that_answers_oddly_is_an_error_of_its_own(answer: bytes) -> None:
    server, url = await _serve_once(answer)
    async with server:
        with pytest.raises(OSError, match=r"."):
            await fetch(url)
