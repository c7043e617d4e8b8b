"""`metric-cube completion`: the script by which a shell completes commands, options and the names of the model."""

from __future__ import annotations

import os
from pathlib import PurePath

import click

from server.terminal.shells import script_of

_SHELLS = ("bash", "zsh", "fish")
_PROGRAM = "metric-cube"


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS), required=False)
@click.pass_context
def completion(ctx: click.Context, shell: str | None) -> None:
    """Print the script by which SHELL completes commands, options, and names of metrics, dimensions and their values.

    \b
    bash  echo 'eval "$(metric-cube completion bash)"' >> ~/.bashrc
    zsh   echo 'eval "$(metric-cube completion zsh)"' >> ~/.zshrc
    fish  metric-cube completion fish > ~/.config/fish/completions/metric-cube.fish

    Without SHELL it is the one that you use.
    """
    used = shell or PurePath(os.environ.get("SHELL", "")).name
    if used not in _SHELLS:
        raise click.UsageError(f"Which shell is it? Name one of {', '.join(_SHELLS)}.")
    click.echo(script_of(used, ctx.find_root().command, _PROGRAM, "_METRIC_CUBE_COMPLETE"))
