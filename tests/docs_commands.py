"""The page of commands, made from what `--help` prints."""

from __future__ import annotations

import click

from server.cli import commands

_WIDTH = 96


def commands_reference() -> str:
    """What `metric-cube` and each of its commands say of themselves."""
    parts = ["## metric-cube", _help(commands, "metric-cube", None)]
    with click.Context(commands, info_name="metric-cube") as above:
        for name in commands.list_commands(above):
            command = commands.get_command(above, name)
            assert command is not None
            parts += [f"## {name}", _help(command, name, above)]
    return "\n\n".join(parts)


def _help(command: click.Command, name: str, above: click.Context | None) -> str:
    settings = {**commands.context_settings, "terminal_width": _WIDTH, "max_content_width": _WIDTH, "color": False}
    context = click.Context(command, info_name=name, parent=above, **settings)
    return f"```text\n{command.get_help(context)}\n```"
