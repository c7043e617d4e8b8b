"""`metric-cube load`: a file becomes a table, for analysts whose data are not TestIO's."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest import load_table
from server.commands.options import database_option, format_option
from server.terminal.lines import fitted, number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest import LoadReport


def _columns(_ctx: click.Context, _parameter: click.Parameter, given: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for text in given for name in text.split(",") if name.strip())


_KIND_WIDTH = len("boolean")


@click.command()
@click.argument("table")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    metavar="COLUMNS",
    multiple=True,
    callback=_columns,
    help="What identifies a row: rows that are there are updated. Separated by commas, or repeated.",
)
@click.option(
    "--dates",
    type=click.Choice(["day-first", "month-first"]),
    help="What 1/2/2026 is, where its column leaves it open.",
)
@click.option("--decimal", type=click.Choice(["comma", "point"]), help="What parts the decimals of 1,234 and 1.234.")
@click.option("--dry-run", is_flag=True, help="Show the types of the columns; write nothing.")
@database_option
@format_option("text", "json")
def load(table: str, file: Path, database: str, format_: str, **options: Any) -> None:
    """Load FILE (.csv, .jsonl, .ndjson, .parquet) into TABLE, which is made if it is missing.

    \b
    metric-cube load orders orders.csv --dry-run       see the types
    metric-cube load orders orders.csv --key id        make it, or update it

    The types of columns are inferred from all rows, also of dates like 31.01.2026 and numbers like 1.234,50 where the column
    leaves no doubt; what is read so is told, and so are names that are changed to need no quotes (Order Date: order_date). All of
    the file is loaded, or nothing. Without --key, the table must be empty.
    TestIO's own tables belong to the sync and are refused.
    """
    try:
        report = asyncio.run(load_table(database, table, file, **options))
    except KeyboardInterrupt:
        click.echo("Nothing was loaded.", err=True)
        raise
    if format_ == "json":
        click.echo(json.dumps(asdict(report), ensure_ascii=False))
    else:
        _tell(report, file)


def _tell(report: LoadReport, file: Path) -> None:
    width = max(map(len, report.columns))
    headers = {name: header for header, name in report.renamed.items()}
    for name, kind in report.columns.items():
        called = f'  from "{headers[name]}"' if name in headers else ""
        click.echo(f"  {name:{width}}  {kind:{_KIND_WIDTH if called else 0}}{called}")
    rows = number_of(report.rows, "rows")
    told = f"Loaded {rows} into table {report.table}{', which is new' if report.created else ''}."
    if report.dry_run:
        told = f"Nothing was written. {file} has {rows} for table {report.table}."
    click.echo(fitted("\n".join((*report.notes, told)), sys.stdout))
