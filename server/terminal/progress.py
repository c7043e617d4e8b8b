"""How far a running sync has come: bars on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from ingest import Phase

_LABELS = {"products": "Products", "features": "Features of products", "tests": "Tests", "bugs": "Bugs of tests"}
_LINE_SECONDS = 10.0


class Bars:
    """Shows a sync's progress on stderr as long as the block runs, with the time that each phase will take."""

    def __init__(self) -> None:
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def start(self, phase: Phase, total: int | None) -> None:
        """Show a bar for the phase."""
        self._tasks[phase] = self._progress.add_task(_LABELS.get(phase, phase), total=total)

    def advance(self, phase: Phase, done: int) -> None:
        """Move the phase's bar."""
        self._progress.advance(self._tasks[phase], done)

    def finish(self, phase: Phase) -> None:
        """Fill the bar: what was counted is all there was."""
        task = self._tasks[phase]
        done = next(each.completed for each in self._progress.tasks if each.id == task)
        self._progress.update(task, total=max(done, 1), completed=max(done, 1))

    def note(self, text: str) -> None:
        """Say above the bars what holds the sync up."""
        self._progress.console.print(text, markup=False, highlight=False)


@dataclass(slots=True)
class _Phase:
    total: int | None
    began: float
    told: float
    done: int = 0


@dataclass(slots=True)
class Lines:
    """Tells a sync's progress in lines on stderr, for logs and pipes: at each phase's end, and every ten seconds in it."""

    _phases: dict[str, _Phase] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing is held."""

    def start(self, phase: Phase, total: int | None) -> None:
        """Take the time."""
        now = time.monotonic()
        self._phases[phase] = _Phase(total, now, now)

    def advance(self, phase: Phase, done: int) -> None:
        """Tell how far the phase is, unless that was told just now."""
        state, now = self._phases[phase], time.monotonic()
        state.done += done
        if now - state.told >= _LINE_SECONDS:
            state.told = now
            click.echo(progress_line(phase, state.done, state.total, now - state.began), err=True)

    def finish(self, phase: Phase) -> None:
        """Tell how much there was, if anything."""
        state = self._phases[phase]
        if state.done:
            seconds = time.monotonic() - state.began
            click.echo(f"{_LABELS.get(phase, phase)}: {state.done:,} in {seconds:.1f} s", err=True)

    def note(self, text: str) -> None:
        """Tell what holds the sync up."""
        click.echo(text, err=True)


def progress_line(phase: str, done: int, total: int | None, seconds: float) -> str:
    """How far a phase has come after so many seconds.

    >>> progress_line("bugs", 500, 2000, 40.0)
    'Bugs of tests: 500 of 2,000 in 40 s, about 120 s left'
    >>> progress_line("tests", 500, None, 40.0)
    'Tests: 500 in 40 s'
    """
    label = _LABELS.get(phase, phase)
    if total is None:
        return f"{label}: {done:,} in {seconds:.0f} s"
    left = (total - done) * seconds / done if done else 0.0
    return f"{label}: {done:,} of {total:,} in {seconds:.0f} s, about {left:.0f} s left"
