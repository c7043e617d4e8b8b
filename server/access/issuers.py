"""JSON Web Tokens of issuers that the access file names, checked as RFC 8725 and RFC 9068 have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jwt

from server.access.claims import claim, scopes, security_values
from server.access.errors import Unauthenticated
from server.access.keys import KeysOfAddress, KeysOfFile, fetch
from server.service.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from server.access.keys import Keys
    from server.access.settings import IssuerEntry

_REASONS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "The token has expired."),
    (jwt.ImmatureSignatureError, "The token is not valid yet."),
    (jwt.InvalidAudienceError, "The token was made for something else than this server."),
    (jwt.MissingRequiredClaimError, "The token does not say for how long, from whom and for what it is."),
    (jwt.InvalidSignatureError, "The signature of the token is wrong."),
)


class Issuer:
    """Checks the tokens of one issuer."""

    def __init__(self, entry: IssuerEntry, keys: Keys | None) -> None:
        self._entry, self._keys = entry, keys

    async def caller(self, token: str, header: dict[str, Any]) -> Caller:
        """Who a token says its holder is; raises Unauthenticated where that cannot be believed."""
        entry = self._entry
        algorithm = header.get("alg")
        if algorithm not in entry.algorithms:
            raise Unauthenticated("The token is signed in a way that this server does not accept.")
        key: Any = entry.secret
        if self._keys is not None:
            key_id = header.get("kid")
            key = (await self._keys.find(key_id if isinstance(key_id, str) else None, algorithm)).key
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=entry.audience,
                issuer=entry.issuer,
                leeway=entry.leeway_seconds,
                options={"require": ["exp", "iss", "aud"], "enforce_minimum_key_length": True},
            )
        except (jwt.PyJWTError, ValueError, OverflowError) as error:
            raise _refusal(error) from error
        return self._caller(claims)

    def _caller(self, claims: dict[str, Any]) -> Caller:
        entry = self._entry
        name = f"{claim(claims, entry.name_claim)}@{urlsplit(entry.issuer).hostname or entry.issuer}"
        may = scopes(claims, entry.scope_prefix) if entry.scopes is None else entry.scopes
        return Caller(security_values(claims, entry.security, entry.claims), name, may)


class Issuers:
    """Finds which issuer a token says it is from, and asks that one."""

    def __init__(self, entries: Iterable[IssuerEntry], fetch: Callable[[str], Awaitable[bytes]] = fetch) -> None:
        self._issuers = {entry.issuer: Issuer(entry, _keys(entry, fetch)) for entry in entries}

    async def find(self, token: str) -> Caller | None:
        """The caller of a token, None for what is no JSON Web Token; raises Unauthenticated for one that cannot be believed."""
        if not self._issuers or token.count(".") != 2:
            return None
        try:
            read = jwt.decode_complete(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise _refusal(error) from error
        # Not believed yet: it only says who is to check it, and that one checks this as well.
        issuer = read["payload"].get("iss")
        found = self._issuers.get(issuer) if isinstance(issuer, str) else None
        if found is None:
            raise Unauthenticated("The token is of an issuer that this server does not know.")
        return await found.caller(token, read["header"])


def _keys(entry: IssuerEntry, fetch: Callable[[str], Awaitable[bytes]]) -> Keys | None:
    if entry.jwks_url is not None:
        return KeysOfAddress(entry.jwks_url, fetch)
    return None if entry.jwks_file is None else KeysOfFile(entry.jwks_file)


def _refusal(error: Exception) -> Unauthenticated:
    return Unauthenticated(
        next((said for kind, said in _REASONS if isinstance(error, kind)), "This is no valid token.")
    )
