"""What a path needs of whoever asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.access.resource import WELL_KNOWN

if TYPE_CHECKING:
    from server.service.caller import Scope

AGENTS_PATH = "/mcp"
METRICS_PATH = "/metrics"

_PROBES = frozenset({"/livez", "/readyz"})
_DESCRIPTIONS = frozenset({"/", "/docs", "/openapi.json", WELL_KNOWN, WELL_KNOWN + AGENTS_PATH})
"""What is the same for every server: nothing of the model is in it."""


def is_probe(path: str) -> bool:
    """Whether load balancers ask for this path: they know neither the server's name nor a token."""
    return path in _PROBES


def needed_scope(path: str) -> Scope | None:
    """The scope without which nothing at a path can be had; None where no token is needed.

    Paths are compared as they are: whatever is spelt otherwise needs a token.
    """
    if path in _PROBES or path in _DESCRIPTIONS:
        return None
    return "operate" if path == METRICS_PATH else "read"


def resource_of(path: str) -> str:
    """The part of the server that a token for a path is for: what agents ask has metadata of its own (RFC 9728, section 3.1)."""
    return AGENTS_PATH if path == AGENTS_PATH or path.startswith(AGENTS_PATH + "/") else ""
