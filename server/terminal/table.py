"""An answer's rows as a table on a screen, as Markdown and as CSV."""

from __future__ import annotations

import csv
import io
import sys
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from server.terminal.labels import NONE, label

if TYPE_CHECKING:
    from engine import Result

_PIPE_WIDTH = 1000
"""Where nobody looks on, no line is broken."""


def screen() -> Console:
    """The terminal, or a pipe wide enough for any row."""
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(file=sys.stdout, width=width, highlight=False, emoji=False, markup=False)


def table_of(result: Result) -> Table:
    """The rows with their values as people read them: numbers to the right, totals below a line."""
    table = Table(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, show_footer=bool(result.totals), footer_style="bold"
    )
    for index, column in enumerate(result.columns):
        measured = column.role == "measure"
        totals = result.totals or {}
        footer = label(column, totals[column.member]) if column.member in totals else "Total" if index == 0 else ""
        table.add_column(
            column.member,
            footer=footer,
            justify="right" if column.type == "number" else "left",
            style="bold" if measured else "dim" if column.role == "key" else "",
            header_style="bold cyan" if measured else "cyan",
            overflow="fold",
            no_wrap=column.type != "string",
        )
    for row in result.rows:
        table.add_row(*(_cell(label(column, value)) for column, value in zip(result.columns, row, strict=True)))
    return table


def markdown_of(result: Result) -> str:
    """The same table in Markdown."""
    names = [column.member for column in result.columns]
    sides = ["---:" if column.type == "number" else "---" for column in result.columns]
    rows = ([label(column, value) for column, value in zip(result.columns, row, strict=True)] for row in result.rows)
    return "\n".join(_markdown_row(cells) for cells in (names, sides, *rows))


def csv_of(result: Result) -> str:
    """The rows as RFC 4180 has it: plain values, dates in ISO form, nothing for NULL."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.member for column in result.columns])
    writer.writerows(
        ["" if value is None else str(value).lower() if isinstance(value, bool) else value for value in row]
        for row in result.rows
    )
    return text.getvalue()


def _cell(text: str) -> Text:
    return Text(text, style="dim italic" if text == NONE else "")


def _markdown_row(cells: list[str]) -> str:
    escaped = (cell.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"
