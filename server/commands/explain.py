"""`metric-cube explain`: how a question would be answered, for a person."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

import engine
from server.commands.options import format_option, model_option, security_option
from server.terminal.lines import fitted
from server.terminal.question import question_of, question_options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@click.command()
@question_options
@click.option("--dialect", default="sqlite", show_default=True, help="The SQL dialect that it would be written in.")
@format_option("text", "json")
@model_option
@security_option
def explain(model: Path, dialect: str, security: Mapping[str, Any], format_: str, **options: Any) -> None:
    """Say how a question would be answered: from which rows, by which joins and why, and what does not add up.

    `metric-cube sql` prints the statement itself.
    """
    found = engine.explain_query(question_of(options), engine.load_model(model), dialect=dialect, security=security)
    if format_ == "json":
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        click.echo(fitted(str(found).rstrip(), sys.stdout))
