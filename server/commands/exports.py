"""The options that put an answer into files: `--output` its rows, `--chart` its picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.export.files import PICTURES, ROWS, checked, form_of, formulas_in, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine import Result


def _file_in(
    forms: Mapping[str, object],
) -> Callable[[click.Context, click.Parameter, str | None], Path | None]:
    def file(_ctx: click.Context, _parameter: click.Parameter, named: str | None) -> Path | None:
        if named is None:
            return None
        try:
            return checked(Path(named), forms)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error

    return file


output_option = click.option(
    "--output",
    "-o",
    metavar="FILE",
    callback=_file_in(ROWS),
    help="Write the rows to this file, replacing it: .csv, .json, .parquet or .xlsx.",
)
chart_option = click.option(
    "--chart",
    metavar="FILE",
    callback=_file_in(PICTURES),
    help="Draw the answer into this file, replacing it: .png, .svg or .html.",
)


def write_rows(result: Result, path: Path) -> None:
    """Write an answer's rows in the form of the file's name, and say so on stderr."""
    form = form_of(path)
    _put(path, ROWS[form](result))
    rows = "1 row" if len(result.rows) == 1 else f"{len(result.rows):,} rows"
    click.echo(f"{path}: {rows} written.", err=True)
    formulas = formulas_in(result) if form == "csv" else 0
    if formulas:
        one = formulas == 1
        told = f"{formulas} text{'' if one else 's'} in it begin{'s' if one else ''} with =, +, - or @"
        click.echo(f"{told}, which a spreadsheet may run as a formula. In .xlsx they are texts.", err=True)


def write_chart(result: Result, path: Path) -> None:
    """Draw an answer's chart into a file, and say on stderr what is in it."""
    from server.charts.rules import chart_of

    chart = chart_of(result)
    _put(path, PICTURES[form_of(path)](result))
    told = chart.title if chart.kind == "nothing" else "chart written."
    click.echo(f"{path}: {told}", err=True)


def _put(path: Path, data: bytes) -> None:
    try:
        write(path, data)
    except OSError as error:
        raise click.FileError(str(path), hint=error.strerror or str(error)) from error
