"""What an access file says, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from server.service.caller import Scope

ClaimPath = tuple[str, ...]
"""The names that lead to a claim, from the outside in."""


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """A token that the file lists: the SHA-256 of it, and what whoever holds it may do and see."""

    name: str
    digest: bytes = field(repr=False)
    scopes: frozenset[Scope]
    security: Mapping[str, Any]
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssuerEntry:
    """An issuer of JSON Web Tokens: how its tokens are checked, and how their claims are read.

    One of `jwks_url`, `jwks_file` and `secret` is set. `scopes` replaces what tokens say of scopes; `security` are values that all
    its tokens have, `claims` where the others are read.
    """

    issuer: str
    audience: tuple[str, ...]
    algorithms: tuple[str, ...]
    name_claim: ClaimPath
    jwks_url: str | None = None
    jwks_file: Path | None = None
    secret: bytes | None = field(default=None, repr=False)
    leeway_seconds: float = 30.0
    scopes: frozenset[Scope] | None = None
    scope_prefix: str = ""
    security: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, ClaimPath] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one caller may ask: None for requests a minute is without limit; `burst` is how many at once."""

    requests_per_minute: float | None = None
    burst: int = 100
    body_kilobytes: int = 1024


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """Who may ask, under which names the server is reached, and from which pages of other origins.

    `url` is where clients reach it, without a path; None for a server that only this machine reaches.
    """

    tokens: tuple[TokenEntry, ...] = ()
    issuers: tuple[IssuerEntry, ...] = ()
    url: str | None = None
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
