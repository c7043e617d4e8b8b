"""Who asks: what access policies go by, and what the caller may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from engine.query.access import hashable

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

Scope = Literal["read", "sql", "operate"]
"""What a caller may do.

read      ask for numbers, and for what can be asked
sql       see the SQL and the tables behind them
operate   see how the server fares
"""

EVERY_SCOPE: frozenset[Scope] = frozenset({"read", "sql", "operate"})


@dataclass(frozen=True, slots=True)
class Caller:
    """One who asks; `security` are the values that access policies go by, `name` is for logs alone.

    `identity` is equal for callers who may see and do the same.
    """

    security: Mapping[str, Any] = field(default_factory=dict)
    name: str = "local"
    scopes: frozenset[Scope] = EVERY_SCOPE
    identity: Hashable = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work the identity out once: it is asked for at each question."""
        object.__setattr__(self, "identity", (hashable(self.security), self.scopes))
