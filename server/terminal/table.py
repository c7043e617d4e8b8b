"""An answer's rows as a table on a screen, as Markdown and as CSV."""

from __future__ import annotations

import csv
import io
import shutil
import sys
from typing import TYPE_CHECKING

import click
from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from server.labels import NO_VALUE, NONE, label
from server.streams import is_writable
from server.terminal.account import account_of

if TYPE_CHECKING:
    from engine import Result

LINES = Box("    \n    \n ── \n    \n ── \n    \n    \n    ")
"""A line below the header, and one above the totals."""

_PIPE_WIDTH = 1000
"""Where nobody looks on, no line is broken."""
_GAP, _BREAKABLE, _RULE = 3, 12, 60
"""Spaces between two columns, how wide a text's column is at least, and how long a line between records is at most."""
_CHART_WIDTH = 100
"""A chart has to end somewhere."""


def print_answer(result: Result, *, rows: bool = True) -> None:
    """Print an answer's table, unless its `rows` are not wanted, and below it its account."""
    looked_at = sys.stdout.isatty()
    console = screen()
    if result.rows and rows:
        if looked_at and _least_width(result) > console.width:
            print_records(result, console)
        else:
            print_table(table_of(result))
        click.echo()
    for style, line in account_of(result, console.width if looked_at else None):
        console.print(Text(line, style=style, no_wrap=not looked_at), soft_wrap=True)


def print_records(result: Result, console: Console) -> None:
    """Print row after row, each with a line for every column: for screens on which a table would lose letters."""
    names = [column.member for column in result.columns]
    width, rule = max(map(cell_len, names)), "─" if is_writable("─") else "-"
    totals = [_totals(result)] if result.totals else []
    for number, row in enumerate([*_labels(result), *totals], start=1):
        title = "total" if number > len(result.rows) else f"row {number:,}"
        console.print(Text(f"{title} {rule * max(min(console.width, _RULE) - len(title) - 1, 0)}", style="dim"))
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="cyan", width=min(width, console.width // 2), overflow="fold")
        grid.add_column(overflow="fold")
        for name, text in zip(names, row, strict=True):
            grid.add_row(Text(name), _cell(text))
        console.print(grid)


def _least_width(result: Result) -> int:
    """The columns of the screen that a table needs to show every letter; texts can be broken, and little by little."""
    needed, rows = 0, _labels(result)
    for index, column in enumerate(result.columns):
        cells = max((cell_len(row[index]) for row in rows), default=0)
        cells = max(min(cells, _BREAKABLE) if column.type == "string" else cells, cell_len(column.member))
        needed += cells + _GAP
    return needed - _GAP


def _labels(result: Result) -> list[list[str]]:
    return [[label(column, value) for column, value in zip(result.columns, row, strict=True)] for row in result.rows]


def print_chart(result: Result) -> None:
    """Print an answer as a chart of letters, as wide as the screen."""
    from server.charts.rules import chart_of
    from server.charts.text import glyphs_for, text_of

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _CHART_WIDTH
    for line in text_of(chart_of(result), width, glyphs_for(sys.stdout.encoding)):
        click.echo(line)
    click.echo()


def print_table(table: Table) -> None:
    """Print a table; into a pipe without the spaces that fill its lines up."""
    console = screen()
    if sys.stdout.isatty():
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    console.print(Text("\n".join(line.rstrip() for line in captured.get().splitlines())), soft_wrap=True)


def screen() -> Console:
    """The terminal, or a pipe wide enough for any row."""
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(file=sys.stdout, width=width, highlight=False, emoji=False, markup=False)


def table_of(result: Result) -> Table:
    """The rows with their values as people read them: numbers to the right, totals below a line."""
    table = Table(box=LINES, show_edge=False, pad_edge=False)
    for column in result.columns:
        measured = column.role == "measure"
        table.add_column(
            column.member,
            justify="right" if column.type == "number" else "left",
            style="bold" if measured else "dim" if column.role == "key" else "",
            header_style="bold cyan" if measured else "cyan",
            overflow="fold",
            no_wrap=column.type != "string",
        )
    for row in _labels(result):
        table.add_row(*map(_cell, row))
    if result.totals:
        table.add_section()
        table.add_row(*_totals(result), style="bold")
    return table


def _totals(result: Result) -> list[str]:
    """The cells below the line, the first that names what stands in the rows says what they are."""
    totals = result.totals or {}
    named = next((column for column in result.columns if column.role in {"dimension", "time"}), None)
    return [
        label(column, totals[column.member]) if column.member in totals else "Total" if column is named else ""
        for column in result.columns
    ]


def markdown_of(result: Result) -> str:
    """The same table in Markdown."""
    names = [column.member for column in result.columns]
    sides = ["---:" if column.type == "number" else "---" for column in result.columns]
    return "\n".join(_markdown_row(cells) for cells in (names, sides, *_labels(result)))


def csv_of(result: Result) -> str:
    """The rows as RFC 4180 has it: plain values, dates in ISO form, nothing for NULL.

    Texts stay as they are, for programs read this: what a spreadsheet would run as a formula is told when a file is written, and
    is a text in a workbook.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.member for column in result.columns])
    writer.writerows(
        ["" if value is None else str(value).lower() if isinstance(value, bool) else value for value in row]
        for row in result.rows
    )
    return text.getvalue()


def _cell(text: str) -> Text:
    return Text(text, style="dim italic" if text in {NONE, NO_VALUE} else "")


def _markdown_row(cells: list[str]) -> str:
    escaped = (cell.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"
