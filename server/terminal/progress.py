"""How far a running sync has come: bars on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Self

    from rich.console import RenderableType
    from rich.table import Table

    from ingest import Phase

_LOG = logging.getLogger("ingest")
_LABELS = {"products": "Products", "features": "Features of products", "tests": "Tests", "bugs": "Bugs of tests"}
_LINE_SECONDS = 10.0
_NARROWEST = 39
"""Columns of a screen that a line with a count and a time needs."""


def on_screen() -> Bars | Lines:
    """Progress as the screen behind stderr can show it: lines where it cannot draw over what it has drawn, or is too narrow."""
    screen = Console(stderr=True)
    return Lines() if screen.is_dumb_terminal or screen.width < _NARROWEST else Bars(screen)


class _Notes:
    """When each kind of note was last told: many calls meet the same trouble, and each of them says so."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def are_due(self, text: str) -> bool:
        """Whether to tell this: nothing was told for a while that differs in numbers alone."""
        kind, now = re.sub(r"\d+", "", text), time.monotonic()
        due = kind not in self._told or now - self._told[kind] >= _LINE_SECONDS
        if due:
            self._told[kind] = now
        return due


class _Count(ProgressColumn):
    """How much is done: "1,234 of 12,345", or "1,234" where nobody knows of how much."""

    def __init__(self, width: int) -> None:
        super().__init__(Column(justify="right", min_width=width, no_wrap=True))

    def render(self, task: Task) -> Text:
        of_all = "" if task.total is None else f" of {task.total:,.0f}"
        return Text(
            "" if task.total is None and not task.completed else f"{task.completed:,.0f}{of_all}", "progress.download"
        )


class _Elapsed(ProgressColumn):
    """How long the phase has taken."""

    def render(self, task: Task) -> Text:
        return Text(_clock(task.finished_time if task.finished else task.elapsed), "progress.elapsed")


class _Left(ProgressColumn):
    """How long the phase will still take; while nobody knows, and afterwards, what `otherwise` shows."""

    def __init__(self, otherwise: ProgressColumn | None = None) -> None:
        super().__init__(Column(min_width=12, no_wrap=True))
        self._otherwise = otherwise

    def render(self, task: Task) -> RenderableType:
        if not task.finished and task.total and task.completed and task.elapsed:
            left = seconds_left(task.completed, task.total, task.elapsed)
            return Text(f"{_clock(left)} left", "progress.remaining")
        return self._otherwise.render(task) if self._otherwise else Text()


class _Label(TextColumn):
    """What the phase is about."""

    def __init__(self, name: str, width: int) -> None:
        super().__init__(name, table_column=Column(min_width=width, no_wrap=True))


class _Drawn(Progress):
    """Bars whose columns stay where they are while numbers grow; on narrower screens there are fewer."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen
        plain = screen.options.ascii_only
        turning = SpinnerColumn("line" if plain else "dots", finished_text="+" if plain else "[green]✓[/]")
        label, count, elapsed = _Label("{task.description}", 20), _Count(18), _Elapsed()
        self._forms: dict[int, tuple[ProgressColumn, ...]] = {
            100: (turning, label, BarColumn(36), count, elapsed, _Left()),
            80: (turning, label, BarColumn(15), count, elapsed, _Left()),
            64: (turning, label, count, elapsed, _Left()),
            0: (turning, _Label("{task.fields[short]}", 8), _Count(14), _Left(otherwise=elapsed)),
        }
        super().__init__(console=screen)

    def make_tasks_table(self, tasks: Iterable[Task]) -> Table:
        """The lines of the phases."""
        self.columns = next(columns for least, columns in self._forms.items() if self._screen.width >= least)
        return super().make_tasks_table(tasks)


def _clock(seconds: float | None) -> str:
    return str(timedelta(seconds=int(seconds or 0)))


class Bars:
    """Shows a sync's progress on a screen as long as the block runs, with the time that each phase will take.

    What a sync logs meanwhile is kept off the screen: what a person has to know of it is told at the end.
    """

    def __init__(self, screen: Console) -> None:
        self._tasks: dict[str, TaskID] = {}
        self._progress = _Drawn(screen)
        self._unlogged = logging.NullHandler()
        self._notes = _Notes()

    def __enter__(self) -> Self:
        _LOG.addHandler(self._unlogged)
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()
        _LOG.removeHandler(self._unlogged)

    def start(self, phase: Phase, total: int | None) -> None:
        """Show a bar for the phase."""
        label = _LABELS.get(phase, phase)
        self._tasks[phase] = self._progress.add_task(label, total=total, short=label.split()[0])

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
        if self._notes.are_due(text):
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
    _notes: _Notes = field(default_factory=_Notes)

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
        if self._notes.are_due(text):
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
    left = f", about {seconds_left(done, total, seconds):.0f} s left" if done else ""
    return f"{label}: {done:,} of {total:,} in {seconds:.0f} s{left}"


def seconds_left(done: float, total: float, seconds: float) -> float:
    """How long the rest takes if it goes on like all before: calls answered side by side come in bursts.

    >>> seconds_left(500, 2000, 40.0)
    120.0
    """
    return max(total - done, 0) * seconds / done
