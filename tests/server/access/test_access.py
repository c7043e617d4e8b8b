"""Tokens that an access file lists, and the headers that carry them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from server.access import Forbidden, Unauthenticated, require
from server.access.access import Access
from server.access.settings import AccessSettings, TokenEntry
from server.access.tokens import StaticTokens, digest_of, new_token
from server.service import Caller
from tests.server.access.signing import claims, entry, key_set, public_jwk, signed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

TOKEN = "mc_the-token-of-a-test-0123456789"  # noqa: S105


def listed(expires: datetime | None = None) -> TokenEntry:
    digest = hashlib.sha256(TOKEN.encode()).digest()
    return TokenEntry("dashboards", digest, frozenset({"read"}), {"customer_id": 7}, expires)


ACCESS = Access(AccessSettings((listed(),)))


async def test_a_token_names_its_caller() -> None:
    for header in (f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER   {TOKEN} "):
        caller = await ACCESS.identify([header.encode()])
        assert caller == Caller({"customer_id": 7}, "dashboards", frozenset({"read"}))


async def test_a_token_is_checked_again_in_the_next_second() -> None:
    seconds = [1_000.0]
    until = datetime(2026, 11, 23, 12, tzinfo=UTC)
    now = [until]
    access = Access(AccessSettings((listed(until),)), clock=lambda: seconds[0])
    access._tokens = StaticTokens((listed(until),), lambda: now[0])
    header = f"Bearer {TOKEN}".encode()
    with pytest.raises(Unauthenticated):
        await access.identify([header])
    now[0] = datetime(2026, 11, 23, 11, 59, 59, tzinfo=UTC)
    caller = await access.identify([header])
    now[0] = until
    seconds[0] += 0.9
    assert await access.identify([header]) is caller
    for others in ([header, header], [f"Bearer {TOKEN}x".encode()], [b"Bearer"], []):
        with pytest.raises(Unauthenticated):
            await access.identify(others)
    seconds[0] += 0.1
    with pytest.raises(Unauthenticated):
        await access.identify([header])


async def test_a_header_that_is_taken_from_cubes_clients_is_taken_from_no_others() -> None:
    access = Access(AccessSettings((listed(),)))
    assert (await access.identify([TOKEN.encode()], bare=True)).name == "dashboards"
    with pytest.raises(Unauthenticated):
        await access.identify([TOKEN.encode()])


async def test_cube_sends_a_token_without_bearer() -> None:
    assert (await ACCESS.identify([TOKEN.encode()], bare=True)).name == "dashboards"
    assert (await ACCESS.identify([f"Bearer {TOKEN}".encode()], bare=True)).name == "dashboards"
    with pytest.raises(Unauthenticated):
        await ACCESS.identify([TOKEN.encode()])


async def test_without_a_token_nothing_is_said_to_be_wrong_with_it() -> None:
    with pytest.raises(Unauthenticated) as caught:
        await ACCESS.identify([])
    assert caught.value.error is None


@pytest.mark.parametrize(
    "headers",
    [
        [f"Bearer {TOKEN}", f"Bearer {TOKEN}"],
        [f"Bearer {TOKEN}", "Bearer other"],
        [f"Basic {TOKEN}"],
        ["Bearer"],
        ["Bearer "],
        [""],
        [f"Bearer {TOKEN} {TOKEN}"],
        [f"Bearer {TOKEN},{TOKEN}"],
        [f"Bearer {TOKEN[:-1]}"],
        [f"Bearer {TOKEN}x"],
        [f"Bearer {TOKEN.upper()}"],
        ["Bearer " + "x" * 17_000],
        ["Bearer " + "a.b." + "c" * 17_000],
        [f"Bearer {digest_of(TOKEN)}"],
        ["Bearer \x00"],
        ["Bearer \xff\xfe"],
    ],
)
async def test_any_other_header_names_nobody(headers: list[str]) -> None:
    with pytest.raises(Unauthenticated):
        await ACCESS.identify([header.encode("latin-1") for header in headers])
    with pytest.raises(Unauthenticated):
        await ACCESS.identify([header.encode("latin-1") for header in headers], bare=True)


async def test_a_token_expires_at_its_moment() -> None:
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    assert StaticTokens([listed(moment)], lambda: datetime(2029, 12, 31, 23, 59, 59, tzinfo=UTC)).find(TOKEN.encode())
    with pytest.raises(Unauthenticated, match="expired"):
        StaticTokens([listed(moment)], lambda: moment).find(TOKEN.encode())


def test_tokens_are_looked_up_by_what_nobody_can_choose() -> None:
    """A lookup by the token, or by its plain hash, would take longer for tokens that begin as a real one does."""
    first, second = StaticTokens([listed()]), StaticTokens([listed()])
    assert set(first._callers).isdisjoint(second._callers)
    assert hashlib.sha256(TOKEN.encode()).digest() not in first._callers


def test_new_tokens_are_long_and_differ() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) >= 46


def test_nothing_that_is_printed_holds_a_token_or_its_hash() -> None:
    shown = repr(listed()) + repr(ACCESS.settings) + repr(entry(secret=b"s" * 32))
    assert TOKEN not in shown
    assert digest_of(TOKEN) not in shown
    assert repr(hashlib.sha256(TOKEN.encode()).digest()) not in shown
    assert "ssss" not in shown


def test_a_scope_that_is_missing_is_named() -> None:
    caller = Caller(scopes=frozenset({"read"}))
    require(caller, "read")
    with pytest.raises(Forbidden) as caught:
        require(caller, "sql")
    assert caught.value.scope == "sql"


async def test_tokens_of_issuers_stand_beside_listed_ones(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(key_set(public_jwk("RS256")))
    access = Access(AccessSettings((listed(),), (entry(jwks_file=tmp_path / "keys.json"),)))
    assert (await access.identify([f"Bearer {signed(claims())}".encode()])).name == "ada@login.example.com"
    assert (await access.identify([f"Bearer {TOKEN}".encode()])).name == "dashboards"
