"""Reads the questions and the wrong calls from the YAML beside this file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
WRONG = "wrong.yml"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool; `finds` are names that its answer has to list, for calls that look for them."""

    tool: str
    arguments: dict[str, Any]
    finds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What an analyst asks; the last call answers it.

    sql       the truth: its columns are compared with those of the answer that have their names
    ordered   whether the rows have to come in the order of the SQL
    empty     nothing is found, and the answer says why
    pages     on how many pages the answer comes
    says      parts of the explanation
    notes     parts of the notes: each is found, and there is no note without one of them
    also      places in the answer ("totals.bug_count") with SQL for the one value there
    """

    theme: str
    question: str
    calls: tuple[Call, ...]
    sql: str
    ordered: bool = True
    empty: bool = False
    pages: int = 1
    says: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    also: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WrongCall:
    """A call with a mistake, and what comes of it: either an answer, or a refusal with a call that works.

    told      parts of the refusal, or of the answer's notes and explanation
    answered  the meaning is so certain that there is an answer at once
    loses     the refusal says that the call it offers leaves something out
    sql       the truth of the answer, or of that to the call that is offered; none where it does not matter
    """

    mistake: str
    call: Call
    told: tuple[str, ...] = ()
    answered: bool = False
    loses: bool = False
    sql: str | None = None


def read_questions() -> list[Question]:
    """All questions, theme by theme."""
    return [
        _question(file.stem, case) for file in sorted(HERE.glob("*.yml")) if file.name != WRONG for case in _read(file)
    ]


def read_wrong_calls() -> list[WrongCall]:
    """All calls that hold a mistake."""
    return list(map(_wrong_call, _read(HERE / WRONG)))


def _read(file: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return cases


def _question(theme: str, case: dict[str, Any]) -> Question:
    texts: dict[str, Any] = {name: tuple(case[name]) for name in ("says", "notes") if name in case}
    return Question(**{**case, **texts, "theme": theme, "calls": tuple(map(_call, case["calls"]))})


def _wrong_call(case: dict[str, Any]) -> WrongCall:
    return WrongCall(**{**case, "call": _call(case["call"]), "told": tuple(case.get("told", ()))})


def _call(written: dict[str, Any]) -> Call:
    """A call, written as its tool with its arguments: `query_metrics: {metrics: [bug_count]}`."""
    finds = tuple(written.get("finds", ()))
    ((tool, arguments),) = ((name, value) for name, value in written.items() if name != "finds")
    return Call(tool, arguments, finds)
