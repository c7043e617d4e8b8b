"""Who asks: what access policies go by, and what the caller may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Scope = Literal["read", "sql", "operate"]
"""What a caller may do.

read      ask for numbers, and for what can be asked
sql       see the SQL and the tables behind them
operate   see how the server fares
"""

EVERY_SCOPE: frozenset[Scope] = frozenset({"read", "sql", "operate"})


@dataclass(frozen=True, slots=True)
class Caller:
    """One who asks; `security` are the values that access policies go by, `name` is for logs alone."""

    security: Mapping[str, Any] = field(default_factory=dict)
    name: str = "local"
    scopes: frozenset[Scope] = EVERY_SCOPE
