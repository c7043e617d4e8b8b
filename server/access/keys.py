"""The public keys of an issuer of tokens: a JSON Web Key Set (RFC 7517) from a file or from an address.

Keys from an address are kept for an hour, asked for again when a token names one that is not known, and never more often than every
half minute, so that tokens with made-up keys cannot be turned into a load on the issuer. While they cannot be had anew, those that
were had last go on being used.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import jwt

from engine import Issue
from server.access.errors import AccessFileError, IssuerUnavailable, Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

LOG = logging.getLogger(__name__)

KEPT_SECONDS = 3600.0
LEAST_SECONDS = 30.0
_TIMEOUT_SECONDS = 5.0
_MOST_BYTES = 1_000_000

_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
"""The type of key that goes with an algorithm, by its first letters (RFC 7518, section 3.1; RFC 8037)."""


class Key(NamedTuple):
    """A public key; `algorithm` is the one that its issuer says it is for, if it says so."""

    key_id: str | None
    kind: str
    algorithm: str | None
    key: Any


class Keys(Protocol):
    """The keys of an issuer."""

    async def find(self, key_id: str | None, algorithm: str) -> Key:
        """The key that a token names; raises Unauthenticated where there is none, IssuerUnavailable where nobody knows."""


class KeySet:
    """Keys that are here."""

    def __init__(self, keys: list[Key]) -> None:
        self._keys = keys

    def get(self, key_id: str | None, algorithm: str) -> Key | None:
        """The key of that name for that algorithm; without a name, the only key that goes with the algorithm."""
        fitting = [key for key in self._keys if _fits(key, algorithm) and (key_id is None or key.key_id == key_id)]
        return fitting[0] if len(fitting) == 1 else None


def read_key_set(text: str | bytes) -> KeySet:
    """The keys in a JSON Web Key Set that signatures can be checked with; raises ValueError where there are none.

    Secrets have no place in a public set, and are left out: a token must not be signed with what everybody can read.
    """
    found = json.loads(text)
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise ValueError("it is no JSON Web Key Set")
    keys = [key for each in listed if isinstance(each, dict) and (key := _key(each)) is not None]
    if not keys:
        raise ValueError("it has no public key for signatures")
    return KeySet(keys)


def _key(data: dict[str, Any]) -> Key | None:
    if data.get("kty") not in _KINDS.values() or data.get("use", "sig") != "sig":
        return None
    if "key_ops" in data and "verify" not in data["key_ops"]:
        return None
    public = {name: value for name, value in data.items() if name not in {"d", "p", "q", "dp", "dq", "qi", "oth"}}
    try:
        return Key(data.get("kid"), data["kty"], data.get("alg"), jwt.PyJWK(public).key)
    except jwt.PyJWTError:
        return None  # A kind of key that is not known here; RFC 7517, section 5, has it left out.


def _fits(key: Key, algorithm: str) -> bool:
    return key.kind == _KINDS.get(algorithm[:2]) and key.algorithm in (None, algorithm)


class KeysOfFile:
    """Keys in a file, read once; raises AccessFileError where it holds none."""

    def __init__(self, path: Path) -> None:
        try:
            self._keys = read_key_set(path.read_bytes())
        except (OSError, ValueError) as error:
            raise AccessFileError(Issue("E_ACCESS_FILE", f"The keys in {path} cannot be read: {error}.")) from error

    async def find(self, key_id: str | None, algorithm: str) -> Key:
        """See `Keys.find`."""
        return _found(self._keys.get(key_id, algorithm))


class KeysOfAddress:
    """Keys at an address; `fetch` gives what stands there, or raises OSError or ValueError."""

    def __init__(
        self, url: str, fetch: Callable[[str], Awaitable[bytes]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url, self._fetch, self._clock = url, fetch, clock
        self._keys: KeySet | None = None
        self._since = self._asked = -KEPT_SECONDS
        self._asking: asyncio.Task[None] | None = None

    async def find(self, key_id: str | None, algorithm: str) -> Key:
        """See `Keys.find`."""
        if self._keys is None or self._clock() - self._since >= KEPT_SECONDS:
            await self._ask()
        found = self._keys and self._keys.get(key_id, algorithm)
        if not found:
            await self._ask()
            if self._keys is None:
                raise IssuerUnavailable(round(LEAST_SECONDS))
            found = self._keys.get(key_id, algorithm)
        return _found(found)

    async def _ask(self) -> None:
        """Ask for the keys, together with whoever is asking now, unless they were asked for just now."""
        if self._asking is None:
            if self._clock() - self._asked < LEAST_SECONDS:
                return
            self._asked = self._clock()
            self._asking = asyncio.create_task(self._refresh())
        # Shielded: whoever leaves early must not keep the others from the keys.
        await asyncio.shield(self._asking)

    async def _refresh(self) -> None:
        try:
            self._keys = read_key_set(await self._fetch(self._url))
            self._since = self._clock()
        except (OSError, ValueError) as error:
            LOG.warning("The keys at %s cannot be had: %s", self._url, error)
        finally:
            self._asking = None


async def fetch(url: str) -> bytes:
    """What stands at a URL, which is not followed elsewhere; raises OSError."""
    import httpx

    try:
        async with (
            asyncio.timeout(_TIMEOUT_SECONDS),
            httpx.AsyncClient(follow_redirects=False, timeout=_TIMEOUT_SECONDS) as client,
            client.stream("GET", url, headers={"accept": "application/json"}) as response,
        ):
            response.raise_for_status()
            body = b""
            async for part in response.aiter_bytes():
                body += part
                if len(body) > _MOST_BYTES:
                    raise OSError("it is too long for a set of keys")
            return body
    except httpx.HTTPError as error:
        raise OSError(str(error) or type(error).__name__) from error


def _found(key: Key | None) -> Key:
    if key is None:
        raise Unauthenticated("The token is signed with a key that its issuer does not have.")
    return key
