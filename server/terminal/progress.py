"""The bars of a running sync: one for each phase; a counter where nobody knows how much there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from ingest import Phase

_LABELS = {"products": "Products", "features": "Features of products", "tests": "Tests", "bugs": "Bugs of tests"}


class Bars:
    """Shows a sync's progress on stderr as long as the block runs."""

    def __init__(self) -> None:
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
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
