"""`metric-cube token`: makes a token, and the lines of the access file that let in whoever holds it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from server.settings import security_values

if TYPE_CHECKING:
    from collections.abc import Mapping


def _as_security(_ctx: click.Context, _parameter: click.Parameter, pairs: tuple[str, ...]) -> dict[str, Any]:
    try:
        values = security_values(pairs, {})
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    for name, value in values.items():
        if value is None or isinstance(value, dict):
            raise click.BadParameter(f"{name} is not a value or a list of values.")
    return values


@click.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(["read", "sql", "operate"]),
    multiple=True,
    default=["read"],
    show_default=True,
    help="What it may be used for: questions, the SQL behind them, metrics of the server. Repeatable.",
)
@click.option(
    "--security",
    "security",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_as_security,
    help="A value that access policies go by, such as customer_id=7. Repeatable.",
)
def token(name: str, scopes: tuple[str, ...], security: Mapping[str, Any]) -> None:
    """Make a token for NAME, and print what to add to the access file.

    The token itself is shown this once and kept nowhere: the file holds its SHA-256.

    \b
    metric-cube token dashboards --security customer_id=7 >> access.toml
    """
    from server.access.tokens import digest_of, new_token

    made = new_token()
    click.echo(f"The token of {name}, shown this once: {click.style(made, bold=True)}", err=True)
    click.echo("\n".join(_entry(name, digest_of(made), scopes, security)))


def _entry(name: str, digest: str, scopes: tuple[str, ...], security: Mapping[str, Any]) -> list[str]:
    """The lines of TOML; its texts, numbers and lists are written as those of JSON are."""
    values = ", ".join(f"{_toml(each)} = {_toml(value)}" for each, value in security.items())
    return [
        "",
        "[[tokens]]",
        f"name = {_toml(name)}",
        f'token_sha256 = "{digest}"',
        f"scopes = {_toml(scopes)}",
        *([f"security = {{ {values} }}"] if values else []),
    ]


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
