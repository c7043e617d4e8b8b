"""Tokens that the access file lists, known by their SHA-256 alone."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from server.access.errors import Unauthenticated
from server.service.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from server.access.settings import TokenEntry

PREFIX = "mc_"
"""What our tokens begin with, so that scanners for leaked secrets can be told to look for them."""


def new_token() -> str:
    """A token that nobody guesses: 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What the access file keeps of a token.

    A plain hash is enough: what has 256 random bits cannot be found by trying, as a password could.
    """
    return hashlib.sha256(token.encode()).hexdigest()


class StaticTokens:
    """Finds the caller of a token.

    How long that takes tells nothing of the tokens that there are: they are found under a keyed hash whose key is made anew in
    each process, so that no one outside can choose what it shares with theirs.
    """

    def __init__(
        self, entries: Iterable[TokenEntry], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._callers = {
            self._marked(entry.digest): (Caller(entry.security, entry.name, entry.scopes), entry.expires)
            for entry in entries
        }

    def find(self, token: bytes) -> Caller | None:
        """The caller of a token, None for one that is not listed; raises Unauthenticated for one that has expired."""
        found = self._callers.get(self._marked(hashlib.sha256(token).digest()))
        if found is None:
            return None
        caller, expires = found
        if expires is not None and self._clock() >= expires:
            raise Unauthenticated("The token has expired.")
        return caller

    def _marked(self, digest: bytes) -> bytes:
        return hashlib.blake2b(digest, key=self._key).digest()
