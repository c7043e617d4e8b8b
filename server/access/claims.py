"""Reads what a token says of who holds it. What is missing is an error: a value that is not there must open nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.access.errors import Unauthenticated
from server.service.caller import EVERY_SCOPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access.settings import ClaimPath
    from server.service.caller import Scope


def claim(claims: Mapping[str, Any], path: ClaimPath) -> Any:
    """The value at a path; raises Unauthenticated where there is none, or it is null, empty, or no value nor list of values.

    >>> claim({"organisation": {"id": 7}}, ("organisation", "id"))
    7
    """
    found: Any = claims
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    values = found if isinstance(found, list) else [found]
    if not values or any(value in (None, "") or isinstance(value, dict | list) for value in values):
        raise Unauthenticated(f'The token has no claim "{".".join(path)}" that can be used.')
    return found


def security_values(
    claims: Mapping[str, Any], constant: Mapping[str, Any], paths: Mapping[str, ClaimPath]
) -> dict[str, Any]:
    """What access policies go by: values that all tokens of an issuer have, and those that this one claims."""
    return {**constant, **{name: claim(claims, path) for name, path in paths.items()}}


def scopes(claims: Mapping[str, Any], prefix: str) -> frozenset[Scope]:
    """The scopes that a token claims as `scope` (RFC 8693, section 4.2) or `scp`, each after `prefix`; others are not ours.

    >>> sorted(scopes({"scope": "openid metrics:read metrics:sql"}, "metrics:"))
    ['read', 'sql']
    """
    claimed: set[str] = set()
    for name in ("scope", "scp"):
        found = claims.get(name, [])
        listed = found.split() if isinstance(found, str) else found
        claimed |= {each for each in listed if isinstance(each, str)} if isinstance(listed, list) else set()
    return frozenset(scope for scope in EVERY_SCOPE if prefix + scope in claimed)
