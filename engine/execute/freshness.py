"""What the engine asks about the age of the rows that a query is about to read; whoever fills the database answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.model.model import Freshness as Requirement


@dataclass(frozen=True, slots=True)
class Source:
    """One cube that a query reads: its table, and how fresh the model wants it (None: it does not say).

    `name` is the cube's; `table` is None for a cube that is a query in place of a table.
    """

    name: str
    table: str | None
    requirement: Requirement | None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a query is about to read: `query` is the query as it was understood, with its filters and absolute dates.

    `seconds` is what is left of the model's time limit; refreshing has to stay well below it. With 0 nothing is to be refreshed.
    """

    sources: tuple[Source, ...]
    query: Mapping[str, Any]
    now: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class SourceState:
    """How fresh one source is: `as_of` is the oldest sync among the rows in scope, in UTC; None if it was never synced.

    Of the parts that were too old, `refreshed` were brought up to date just now, `failed` could not be, and `pending` are still
    on their way: the answer has them as they were.
    """

    name: str
    as_of: datetime | None
    refreshed: int = 0
    failed: int = 0
    pending: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The state as plain data, without zeros."""
        counts = {"refreshed": self.refreshed, "failed": self.failed, "pending": self.pending}
        as_of = None if self.as_of is None else self.as_of.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
        return {"as_of": as_of, **{name: count for name, count in counts.items() if count}}


@dataclass(frozen=True, slots=True)
class FreshnessReport:
    """What is known of the sources of a query, and what its reader has to be warned of, in sentences."""

    sources: tuple[SourceState, ...] = ()
    warnings: tuple[str, ...] = ()


class Freshness(Protocol):
    """Knows how fresh the rows of a database are, and may bring them up to date before they are read."""

    async def ensure(self, scope: Scope) -> FreshnessReport:
        """Bring what is in scope up to date as far as time allows, and say how fresh it is.

        What cannot be refreshed is reported and never raised: an old answer that says so is better than none.
        """
