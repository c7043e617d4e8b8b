"""`metric-cube capabilities`: what can be asked of a model, for a person and for a program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

import engine
from server.commands.options import format_option, model_option, read_model, security_option

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@click.command()
@click.argument("search", required=False)
@click.option(
    "--detail", is_flag=True, help="Everything that is known of each: with synonyms, examples and all of the text."
)
@format_option("table", "json")
@model_option
@security_option
def capabilities(search: str | None, detail: bool, model: Path, security: Mapping[str, Any], format_: str) -> None:
    """List what can be asked: metrics, dimensions, what goes with what, dates and limits.

    SEARCH keeps what has these words in its name, description, synonyms or values: metric-cube capabilities acceptance
    """
    loaded = read_model(model)
    if format_ == "json":
        found = engine.capabilities(loaded, search=search, detail=detail, security=security)
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    from server.terminal.catalogue import print_catalogue

    found = engine.capabilities(loaded, search=search, detail=True, security=security)
    print_catalogue(found, detail=detail, narrowed=bool(search))
