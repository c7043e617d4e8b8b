"""What a sync brought, and what it could not bring."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ingest.errors import ApiError

Outcome = Literal["complete", "partial", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is missing after the sync: a stable code, what happened, where, and what helps if that is known."""

    code: str
    message: str
    place: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.message}{f' {self.hint}' if self.hint else ''} [{self.code}]"


@dataclass(frozen=True, slots=True)
class SyncReport:
    """The truth about a sync: rows read by kind, calls made, and all that is missing.

    `read` counts rows of products, features, tests and bugs; `removed` what is gone upstream; `missed` tests that earlier syncs
    had not met and a check of the list has.
    """

    read: dict[str, int]
    removed: dict[str, int]
    problems: tuple[Problem, ...]
    calls: int
    retries: int
    seconds: float
    missed: int = 0
    dry_run: bool = False

    @property
    def outcome(self) -> Outcome:
        """Whether everything was read that was to be."""
        return "partial" if self.problems else "complete"

    @property
    def exit_code(self) -> int:
        """0 when complete, 4 when partial."""
        return 4 if self.problems else 0

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return {**asdict(self), "outcome": self.outcome, "exit_code": self.exit_code}


@dataclass(slots=True)
class Tally:
    """What a report is made from, while the sync is under way."""

    read: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    missed: int = 0

    def failed(self, error: ApiError, place: str) -> None:
        """The API did not give what was asked for at this place."""
        self.problems.append(Problem(error.code, error.message, place, error.hint))

    def skipped(self, problems: list[str], place: str) -> None:
        """Records that cannot be kept."""
        self.problems += [Problem("E_BAD_RECORD", f"Skipped {problem}.", place) for problem in problems]
