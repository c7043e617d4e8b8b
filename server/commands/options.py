"""The options that commands share, and what they become: a model, a database, a question."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from server.settings import CUSTOMER, DATABASE, MODEL, database_url, model_path, security_values
from server.terminal.completion import complete_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine import Model

Command = TypeVar("Command", bound="Callable[..., Any]")


def read_model(path: Path) -> Model:
    """The model at a path; who sits at a terminal is told that it has warnings, on stderr. Raises ModelError."""
    import engine

    model = engine.load_model(path)
    if model.warnings and is_watched():
        from server.terminal.lines import number_of

        count = len(model.warnings)
        them = "it" if count == 1 else "them"
        told = f"{number_of(count, 'warnings')} in the model; `metric-cube check {path}` shows {them}."
        click.secho(told, err=True, dim=True)
    return model


def is_watched() -> bool:
    """Whether what is written to stderr is read as it comes, and not kept in the log of a script."""
    return sys.stderr.isatty()


def _as_model(_ctx: click.Context, _parameter: click.Parameter, named: str | None) -> Path:
    return model_path(named)


def _as_database(_ctx: click.Context, _parameter: click.Parameter, named: str | None) -> str:
    return database_url(named)


def _as_security(_ctx: click.Context, _parameter: click.Parameter, pairs: Sequence[str]) -> dict[str, Any]:
    try:
        return security_values(pairs, os.environ)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _remember_format(ctx: click.Context, _parameter: click.Parameter, chosen: str) -> str:
    ctx.meta["format"] = chosen
    return chosen


model_option = click.option(
    "--model",
    "model",
    metavar="PATH",
    envvar=MODEL,
    callback=_as_model,
    shell_complete=complete_path,
    help="The folder or file of the model [default: ./semantic, else the one for TestIO].",
)
database_option = click.option(
    "--database",
    "database",
    metavar="URL",
    envvar=DATABASE,
    callback=_as_database,
    shell_complete=complete_path,
    help="The URL or path of the database [default: a SQLite file in your data folder].",
)
security_option = click.option(
    "--security",
    "security",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_as_security,
    help="A value that access policies go by; customer_id comes from TESTIO_CUSTOMER_ID. Repeatable.",
)
refresh_option = click.option(
    "--refresh/--no-refresh",
    default=True,
    help="Read stale bugs and features from TestIO first, if there is a token [default], or ask what is there.",
)
customer_option = click.option(
    "--customer",
    "customer",
    type=int,
    metavar="ID",
    envvar=CUSTOMER,
    show_envvar=True,
    required=True,
    help="The TestIO customer whose data it is.",
)
customers_option = click.option(
    "--customers",
    "customers",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Sync each customer of this TOML file, which says where their tokens are, and how often a server syncs.",
)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """`--format`, of these; the first is the default. Failures are told in JSON where JSON was asked for."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        callback=_remember_format,
        is_eager=True,
        help="How it is printed.",
    )
