"""What stands below a table: the question in plain words, the dates it meant, what to know, and the time it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from engine import Result


def account_of(result: Result) -> Iterator[RenderableType]:
    """The parts of the account, from the first to be read to the last."""
    if result.account.explanation:
        yield Padding(Text(result.account.explanation), (0, 0, 1, 0))
    if result.notes:
        yield Padding(_listed(result.notes), (0, 0, 1, 0))
    yield Text(" · ".join(_measures(result)), style="dim")


def _listed(notes: tuple[str, ...]) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=1, style="yellow")
    grid.add_column(overflow="fold")
    for note in notes:
        grid.add_row("•", Text(note))
    return grid


def _measures(result: Result) -> Iterator[str]:
    shown = len(result.rows)
    if result.total_rows is not None and result.total_rows != shown:
        yield f"{shown:,} of {result.total_rows:,} rows"
    else:
        yield "1 row" if shown == 1 else f"{shown:,} rows"
    model = result.account.model
    if model:
        yield f"model {model['name']} {model['release']}"
    yield (
        f"{result.seconds * 1000:,.0f} ms in the database" if result.seconds >= 0.001 else "under 1 ms in the database"
    )
