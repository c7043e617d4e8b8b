"""Times, and tables of them."""

from __future__ import annotations

import gc
import math
import statistics
from time import perf_counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_CONSOLE = Console(width=120)


def times(work: Callable[[int], object], rounds: int) -> list[float]:
    """How long `work` takes, in seconds, for each round, which it is told the number of."""
    gc.collect()
    found = []
    for number in range(rounds):
        start = perf_counter()
        work(number)
        found.append(perf_counter() - start)
    return found


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def geometric_mean(values: Iterable[float]) -> float:
    return math.exp(statistics.fmean(math.log(value) for value in values))


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], note: str = "") -> None:
    """A table on the terminal: the first column names, the others are numbers."""
    table = Table(title=title, title_justify="left", caption=note, caption_justify="left")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    _CONSOLE.print(table)
    _CONSOLE.print()


def milliseconds(seconds: float) -> str:
    """A time, with as many digits as mean something."""
    value = seconds * 1000
    return f"{value:.3f}" if value < 10 else f"{value:,.0f}"
