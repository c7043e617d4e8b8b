"""What can go wrong between a model, a query and a database, and how it is told.

    EngineError                 everything the engine raises on purpose
    ├── ModelError              the analyst's: the YAML is wrong                    exit code 1
    ├── QueryError              the asker's: the question cannot be answered so     exit code 1
    └── DatabaseError           the database refused, is missing or is not ours     exit code 3
        └── QueryTimeout        the time limit of the model was reached

Mistakes are collected and raised once: each error carries all issues found. Whatever else escapes is a bug of ours (exit code 70).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Issue:
    """One mistake: a stable code, a sentence in the reader's terms, where it is, and how to fix it.

    `place` is set for mistakes in a model, `member` for mistakes in a query: the member or the part of the query meant.
    `candidates` are valid names near the wrong one, nearest first.
    """

    code: str
    message: str
    place: Place | None = None
    member: str | None = None
    hint: str | None = None
    candidates: tuple[str, ...] = ()
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{where}{self.message}{hint} [{self.code}]"

    def as_dict(self) -> dict[str, Any]:
        """The issue as plain data, without what is not set."""
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}


class EngineError(Exception):
    """Base of all errors that the engine raises on purpose."""

    exit_code = 70

    def __init__(self, issues: Issue | Iterable[Issue]) -> None:
        self.issues: tuple[Issue, ...] = (issues,) if isinstance(issues, Issue) else tuple(issues)
        super().__init__("\n".join(str(issue) for issue in self.issues))


class ModelError(EngineError):
    """The model is wrong; every mistake found is in `issues`."""

    exit_code = 1


class QueryError(EngineError):
    """The query cannot be answered as asked; `issues` says why and what would work."""

    exit_code = 1


class DatabaseError(EngineError):
    """The database refused the statement, cannot be reached or holds something else."""

    exit_code = 3


class QueryTimeout(DatabaseError):
    """The statement ran into the time limit and was stopped in the database."""


def did_you_mean(candidates: Sequence[str]) -> str | None:
    """A hint that offers `candidates`, or None.

    >>> did_you_mean(["bug_count", "test_count"])
    'Did you mean "bug_count" or "test_count"?'
    """
    if not candidates:
        return None
    quoted = [f'"{name}"' for name in candidates]
    return f"Did you mean {' or '.join([', '.join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)}?"
