"""Reads the access file: TOML that says who may ask, and holds no token in clear.

url = "https://metrics.example.com"       # where clients reach the server

[[tokens]]
name = "dashboards"
token_sha256 = "…"                        # or token_env = "VARIABLE"
scopes = ["read"]
security = { customer_id = 7 }

[[issuers]]
issuer = "https://login.example.com/"
audience = "https://metrics.example.com/mcp"
jwks_url = "https://login.example.com/jwks.json"
claims = { customer_id = "organisation.id" }
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from engine import Issue
from engine.errors import did_you_mean
from engine.spelling import near
from server.access.errors import AccessFileError
from server.access.settings import AccessSettings, IssuerEntry, Limits, TokenEntry
from server.access.tables import (
    ANY,
    NOT_NEGATIVE,
    POSITIVE,
    TABLE,
    TABLES,
    TEXT,
    TEXT_OR_TEXTS,
    TEXTS,
    WHOLE,
    Property,
    Reader,
)
from server.hosts import is_loopback
from server.service.caller import EVERY_SCOPE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from server.access.settings import ClaimPath
    from server.service.caller import Scope

FILE = {
    "url": Property(TEXT),
    "hosts": Property(TEXTS),
    "origins": Property(TEXTS),
    "limits": Property(TABLE),
    "tokens": Property(TABLES),
    "issuers": Property(TABLES),
}
LIMITS = {
    "requests_per_minute": Property(POSITIVE),
    "burst": Property(WHOLE),
    "body_kilobytes": Property(WHOLE),
}
TOKEN = {
    "name": Property(TEXT, is_required=True),
    "token_sha256": Property(TEXT),
    "token_env": Property(TEXT),
    "scopes": Property(TEXTS, is_required=True),
    "security": Property(TABLE),
    "expires": Property(ANY),
}
ISSUER = {
    "issuer": Property(TEXT, is_required=True),
    "audience": Property(TEXT_OR_TEXTS, is_required=True),
    "jwks_url": Property(TEXT),
    "jwks_file": Property(TEXT),
    "secret_env": Property(TEXT),
    "algorithms": Property(TEXTS),
    "leeway_seconds": Property(NOT_NEGATIVE),
    "scopes": Property(TEXTS),
    "scope_prefix": Property(TEXT),
    "name_claim": Property(TEXT_OR_TEXTS),
    "security": Property(TABLE),
    "claims": Property(TABLE),
}

SIGNED_BY_KEYS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SIGNED_BY_SECRET = ("HS256", "HS384", "HS512")
_USUAL_ALGORITHMS = ("RS256", "ES256", "EdDSA")

_LEAST_LETTERS = 24
"""A shorter token can be guessed, or is a word."""
_LEAST_SECRET_BYTES = 32
"""As long as the hash (RFC 7518, section 3.2)."""


def read_access_file(path: Path, environment: Mapping[str, str]) -> AccessSettings:
    """What the access file at a path says; raises AccessFileError with every mistake found."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AccessFileError(Issue("E_ACCESS_FILE", f"{path} cannot be read: {error}.")) from error
    reading = _Reading(path, environment)
    settings = reading.settings(data)
    if reading.issues:
        raise AccessFileError(reading.issues)
    return settings


class _Reading(Reader):
    """Reads one access file."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        super().__init__(str(path), "E_ACCESS_FILE")
        self._folder = path.parent
        self._environment = environment

    def settings(self, data: Mapping[str, Any]) -> AccessSettings:
        found = self.table(data, "", FILE)
        tokens = [
            self._token(each, f"token {place}{_named(each.get('name'))}")
            for place, each in enumerate(found.get("tokens", ()), 1)
        ]
        issuers = [
            self._issuer(each, f"issuer {place}{_named(each.get('issuer'))}")
            for place, each in enumerate(found.get("issuers", ()), 1)
        ]
        if not (found.get("tokens") or found.get("issuers") or self.issues):
            self.wrong("", "nobody is let in.", "Begin each token with [[tokens]], each issuer with [[issuers]].")
        self._once("token", [each and each.name for each in tokens], "has the name of one before it")
        self._once("token", [each and each.digest for each in tokens], "is one that is listed before")
        self._once("issuer", [each and each.issuer for each in issuers], "is one that is listed before")
        return AccessSettings(
            tuple(each for each in tokens if each),
            tuple(each for each in issuers if each),
            self._url(found),
            tuple(self._host(each) for each in found.get("hosts", ())),
            tuple(self._origin(each) for each in found.get("origins", ())),
            Limits(**self.table(found.get("limits", {}), "limits", LIMITS)),
        )

    def _token(self, entry: Mapping[str, Any], where: str) -> TokenEntry | None:
        found = self.table(entry, where, TOKEN)
        scopes = self._scopes(found, where)
        digest = self._digest(found, where)
        expires = self._moment(found, where)
        if "name" not in found or digest is None:
            return None
        return TokenEntry(found["name"], digest, scopes or frozenset(), found.get("security", {}), expires)

    def _digest(self, found: Mapping[str, Any], where: str) -> bytes | None:
        source = self.one_of(found, where, ("token_sha256", "token_env"))
        if source == "token_sha256":
            if re.fullmatch(r"[0-9a-fA-F]{64}", found[source]):
                return bytes.fromhex(found[source])
            self.wrong(
                where, "token_sha256 is not a SHA-256.", "It has 64 digits from 0 to f; `metric-cube token` writes it."
            )
        elif source == "token_env":
            token = self._environment.get(found[source], "")
            if len(token) >= _LEAST_LETTERS:
                return hashlib.sha256(token.encode()).digest()
            message = f"the variable {found[source]} is {'too short for a token' if token else 'not set'}."
            self.wrong(where, message, f"A token has at least {_LEAST_LETTERS} letters; `metric-cube token` makes one.")
        return None

    def _scopes(self, found: Mapping[str, Any], where: str) -> frozenset[Scope] | None:
        if "scopes" not in found:
            return None
        known = sorted(EVERY_SCOPE)
        for name in found["scopes"]:
            if name not in EVERY_SCOPE:
                candidates = near(name, known)
                hint = did_you_mean(candidates) or f"There are: {', '.join(known)}."
                self.wrong(where, f'there is no scope "{name}".', hint, candidates)
        if not found["scopes"]:
            self.wrong(where, "scopes is empty, so nothing may be done.", f"There are: {', '.join(known)}.")
        return frozenset(scope for scope in EVERY_SCOPE if scope in found["scopes"])

    def _moment(self, found: Mapping[str, Any], where: str) -> datetime | None:
        expires = found.get("expires")
        if isinstance(expires, datetime):
            return expires if expires.tzinfo else expires.replace(tzinfo=UTC)
        if isinstance(expires, date):
            return datetime(expires.year, expires.month, expires.day, tzinfo=UTC)
        if expires is not None:
            self.wrong(where, "expires is not a date.", "Write it without quotes: expires = 2030-12-31.")
        return None

    def _issuer(self, entry: Mapping[str, Any], where: str) -> IssuerEntry | None:
        found = self.table(entry, where, ISSUER)
        source = self.one_of(found, where, ("jwks_url", "jwks_file", "secret_env"))
        secret = self._secret(found, where) if source == "secret_env" else None
        claims = {name: self._path(path, f"{where}, claims.{name}") for name, path in found.get("claims", {}).items()}
        for name in sorted(set(claims) & set(found.get("security", {}))):
            self.wrong(where, f"{name} stands in security and in claims.", "Say it once.")
        if source == "jwks_url":
            self._check_url(found[source], where, source)
        algorithms = self._algorithms(found, where, source)
        scopes = self._scopes(found, where)
        if scopes is not None and "scope_prefix" in found:
            self.wrong(where, "scope_prefix has no effect beside scopes.", "Leave out one of them.")
        if "issuer" not in found or "audience" not in found or source is None:
            return None
        audience = found["audience"]
        return IssuerEntry(
            found["issuer"],
            (audience,) if isinstance(audience, str) else tuple(audience),
            algorithms,
            self._path(found.get("name_claim", "sub"), f"{where}, name_claim"),
            jwks_url=found.get("jwks_url"),
            jwks_file=self._folder / found["jwks_file"] if source == "jwks_file" else None,
            secret=secret,
            leeway_seconds=float(found.get("leeway_seconds", 30.0)),
            scopes=scopes,
            scope_prefix=found.get("scope_prefix", ""),
            security=found.get("security", {}),
            claims=claims,
        )

    def _secret(self, found: Mapping[str, Any], where: str) -> bytes:
        secret = self._environment.get(found["secret_env"], "").encode()
        if len(secret) < _LEAST_SECRET_BYTES:
            message = f"the variable {found['secret_env']} is {'too short for a secret' if secret else 'not set'}."
            self.wrong(where, message, f"A secret has at least {_LEAST_SECRET_BYTES} bytes.")
        return secret

    def _algorithms(self, found: Mapping[str, Any], where: str, source: str | None) -> tuple[str, ...]:
        # Never both kinds: a public key taken for a secret would let everybody sign (RFC 8725, section 2.1).
        known = SIGNED_BY_SECRET if source == "secret_env" else SIGNED_BY_KEYS
        for name in found.get("algorithms", ()):
            if name not in known:
                self.wrong(where, f"{name} does not go with {source or 'that'}.", f"There are: {', '.join(known)}.")
        usual = ("HS256",) if source == "secret_env" else _USUAL_ALGORITHMS
        return tuple(found.get("algorithms") or usual)

    def _path(self, found: Any, where: str) -> ClaimPath:
        if isinstance(found, str) and found and all(found.split(".")):
            return tuple(found.split("."))
        if isinstance(found, list) and found and all(isinstance(each, str) and each for each in found):
            return tuple(found)
        hint = 'Write "organisation.id", or a list where a name has a dot: ["https://example.com/claims", "id"].'
        self.wrong(where, "this is no path of a claim.", hint)
        return ()

    def _check_url(self, url: str, where: str, name: str) -> None:
        parts = urlsplit(url)
        if not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))):
            self.wrong(where, f"{name} is not an https URL.", "Who can change what it says can let anybody in.")
        if parts.username or parts.password:
            self.wrong(where, f"{name} holds a password.", "Leave it out.")

    def _url(self, found: Mapping[str, Any]) -> str | None:
        url: str | None = found.get("url")
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
            self.wrong(
                "", "url is not an address of a server.", 'Write it without a path: "https://metrics.example.com".'
            )
        return url.rstrip("/")

    def _host(self, host: str) -> str:
        if not re.fullmatch(r"(\*\.)?[A-Za-z0-9_.-]+(:\d+)?", host):
            hint = 'Write "metrics.example.com", "*.example.com" or "metrics.example.com:8443".'
            self.wrong("hosts", f'"{host}" is no name of a host.', hint)
        return host.lower()

    def _origin(self, origin: str) -> str:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or "*" in origin:
            self.wrong("origins", f'"{origin}" is no origin.', 'Write "https://dashboards.example.com".')
        return origin.lower()

    def _once(self, what: str, values: list[Any], said: str) -> None:
        for place, value in enumerate(values, 1):
            if value is not None and value in values[: place - 1]:
                self.wrong(f"{what} {place}", f"it {said}.", "Leave out one of them.")


def _named(name: object) -> str:
    return f' ("{name}")' if isinstance(name, str) else ""
