"""`metric-cube query`: a question answered in the terminal."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any

import click

import engine
from server.commands.exports import chart_option, output_option, write_chart, write_rows
from server.commands.options import (
    database_option,
    format_option,
    model_option,
    read_model,
    refresh_option,
    security_option,
)
from server.export.files import check_packages
from server.settings import may_have_token
from server.terminal.question import question_of, question_options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine import Result


@click.command()
@question_options
@format_option("table", "json", "csv", "markdown", "chart")
@output_option
@chart_option
@model_option
@database_option
@security_option
@refresh_option
def query(
    model: Path,
    database: str,
    security: Mapping[str, Any],
    refresh: bool,
    format_: str,
    output: Path | None,
    chart: Path | None,
    **options: Any,
) -> None:
    """Ask for metrics by dimensions.

    \b
    metric-cube query --metrics bug_count,bugs_per_test --dimensions feature \\
        --filter severity=critical --during "last quarter" --sort -bug_count --limit 10
    metric-cube query --metrics bugs_per_test --granularity month --from "6 months ago"
    metric-cube query --json '{"metrics": ["bug_count"], "dimensions": ["severity"]}'
    metric-cube query --metrics bug_count --dimensions month --output bugs.xlsx --chart bugs.png
    """
    question = question_of(options)
    for file in (output, chart):
        if file is not None:
            check_packages(file)
    result = asyncio.run(answer(question, model, database, security, refresh=refresh))
    if output is not None:
        write_rows(result, output)
    if chart is not None:
        write_chart(result, chart)
    show(result, format_, rows=output is None and chart is None)


async def answer(
    question: Mapping[str, Any], model: Path, database: str, security: Mapping[str, Any], *, refresh: bool = False
) -> Result:
    """The answer to a question from a model and a database that are opened for it; stale data are refreshed if asked."""
    loaded = read_model(model)
    if not (refresh and may_have_token(os.environ)):
        async with engine.open_database(database) as opened:
            return await engine.run_query(question, loaded, opened, security=security)
    from server.freshness.opening import known_customers, open_query_freshness, refresh_settings

    settings = refresh_settings(loaded, database, known_customers(os.environ), security)
    async with (
        engine.open_database(database) as opened,
        open_query_freshness(loaded, settings, stays_open=False) as freshness,
    ):
        return await engine.run_query(question, loaded, opened, security=security, freshness=freshness)


def show(result: Result, format_: str, *, rows: bool = True) -> None:
    """Print an answer: rows and account as a table, a chart or as JSON, rows alone as CSV or Markdown.

    `rows` of False leaves the table out, for rows that are written elsewhere.
    """
    if format_ == "json":
        click.echo(json.dumps(result.as_dict(), ensure_ascii=False))
        return
    from server.terminal.table import csv_of, markdown_of, print_answer, print_chart

    if format_ == "csv":
        click.echo(csv_of(result), nl=False)
    elif format_ == "markdown":
        click.echo(markdown_of(result))
    else:
        if format_ == "chart":
            print_chart(result)
        print_answer(result, rows=rows and format_ == "table")
