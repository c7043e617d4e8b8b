"""`metric-cube sql`: the statement that would answer a question."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

import engine
from server.commands.options import format_option, model_option, security_option
from server.terminal.question import question_of, question_options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine import Statement

dialect_option = click.option(
    "--dialect", default="sqlite", show_default=True, help="The SQL dialect: sqlite, duckdb, postgres, …"
)


@click.command()
@question_options
@dialect_option
@format_option("text", "json")
@model_option
@security_option
def sql(model: Path, dialect: str, security: Mapping[str, Any], format_: str, **options: Any) -> None:
    """Print the SQL of a question, with its parameters as a comment below."""
    statement = engine.compile_query(question_of(options), engine.load_model(model), dialect=dialect, security=security)
    if format_ == "json":
        columns = [{"name": column.member, "type": column.type, "role": column.role} for column in statement.columns]
        parts = {"sql": statement.sql, "parameters": statement.parameters, "dialect": dialect, "columns": columns}
        click.echo(json.dumps(parts, ensure_ascii=False, default=str))
        return
    print_statement(statement)


def print_statement(statement: Statement) -> None:
    """Print a statement, and its parameters as comments below."""
    click.echo(statement.sql)
    for name, value in _named(statement.parameters):
        click.echo(f"-- {name} = {value!r}")


def _named(parameters: Any) -> list[tuple[str, Any]]:
    """Parameters by name, or by position where the driver takes a list."""
    if hasattr(parameters, "items"):
        return list(parameters.items())
    return [(str(index), value) for index, value in enumerate(parameters, start=1)]
