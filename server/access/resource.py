"""What clients are told of how to get a token: metadata of a protected resource (RFC 9728) and challenges (RFC 6750)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from server.access.errors import Forbidden

if TYPE_CHECKING:
    from server.access.errors import Unauthenticated
    from server.access.settings import AccessSettings

WELL_KNOWN = "/.well-known/oauth-protected-resource"

_SCOPES = ("read", "sql", "operate")


def metadata(settings: AccessSettings, base: str, path: str) -> dict[str, Any]:
    """What RFC 9728, section 2, has a resource say of itself; `base` is where the server is reached, `path` the resource on it."""
    issuers = [entry.issuer for entry in settings.issuers if not entry.secret and urlsplit(entry.issuer).scheme]
    found: dict[str, Any] = {
        "resource": base + path,
        "resource_name": "Metric Cube",
        "bearer_methods_supported": ["header"],
        "scopes_supported": _scopes(settings, _SCOPES),
    }
    return {**found, "authorization_servers": issuers} if issuers else found


def challenge(settings: AccessSettings, base: str, path: str, error: Unauthenticated | Forbidden) -> str:
    """The value of `WWW-Authenticate` that goes with a refusal; `path` is the resource on the server that was asked for."""
    needed = error.scope if isinstance(error, Forbidden) else "read"
    kind = "insufficient_scope" if isinstance(error, Forbidden) else error.error
    parts = [f'resource_metadata="{base}{WELL_KNOWN}{path}"', f'scope="{" ".join(_scopes(settings, (needed,)))}"']
    if kind is not None:
        parts += [f'error="{kind}"', f'error_description="{_described(error.issues[0].message)}"']
    return "Bearer " + ", ".join(parts)


def _described(message: str) -> str:
    """A message as the parameter may hold it (RFC 6750, section 3)."""
    return message.replace('"', "'").replace("\\", "/").encode("ascii", "replace").decode()


def _scopes(settings: AccessSettings, names: tuple[str, ...]) -> list[str]:
    """Scopes as an issuer calls them."""
    prefixes = dict.fromkeys(entry.scope_prefix for entry in settings.issuers if entry.scopes is None) or {"": None}
    return [prefix + name for prefix in prefixes for name in names]
