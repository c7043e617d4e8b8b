"""The command line: `metric-cube COMMAND`. A command's module is imported when the command is asked for, and not before."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from server.streams import write_every_letter

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["commands", "main"]

_INTERRUPTED = 130
_PIPE_CLOSED = 141
"""As a shell counts them: 128 and the number of the signal (SIGINT, SIGPIPE)."""


class _Entry(NamedTuple):
    """A command: the module and the name it is found under, and the line that the list of commands shows.

    `brief`: it reads no data and ends in a moment, so that nothing has to be collected before the process ends.
    """

    place: str
    help: str
    brief: bool = False


_COMMANDS = {
    "query": _Entry("server.commands.query:query", "Ask for metrics by dimensions."),
    "shell": _Entry("server.commands.shell:shell", "Ask one question after another."),
    "capabilities": _Entry("server.commands.capabilities:capabilities", "List what can be asked.", brief=True),
    "explain": _Entry("server.commands.explain:explain", "Say how a question would be answered."),
    "sql": _Entry("server.commands.sql:sql", "Print the SQL of a question.", brief=True),
    "replay": _Entry("server.commands.replay:replay", "Ask again what a saved answer was asked."),
    "check": _Entry("server.commands.check:check", "Find every mistake in a model.", brief=True),
    "sync": _Entry("server.commands.sync:sync", "Bring TestIO's data into the database."),
    "status": _Entry("server.commands.status:status", "Say what the database holds and how old it is."),
    "backfill": _Entry("server.commands.backfill:backfill", "Link old tests and bugs to features."),
    "load": _Entry("server.commands.load:load", "Load a file into a table of its own."),
    "db": _Entry("server.commands.db:db", "Upgrade TestIO's tables, or undo that."),
    "simulate": _Entry("server.commands.simulate:simulate", "Serve a simulated TestIO API."),
    "serve": _Entry("server.commands.serve:serve", "Answer agents over MCP, or programs over HTTP."),
    "token": _Entry("server.commands.token:token", "Make a token for the HTTP server.", brief=True),
    "completion": _Entry("server.commands.completion:completion", "Complete names in bash, zsh or fish.", brief=True),
    "demo": _Entry("server.commands.demo:demo", "See it work: simulator, sync, three questions."),
}


class _Commands(click.Group):
    """The commands; whatever one of them raises becomes a message and an exit code here."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click names the arguments
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        entry = _COMMANDS[cmd_name]
        module, _, name = entry.place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        if not entry.brief:
            gc.enable()
        if _DEBUG not in command.params:
            command.params.append(_DEBUG)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            ctx.fail(_unknown(args[0]))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (KeyboardInterrupt, click.Abort):
            click.echo("Stopped.", err=True)
            code = _INTERRUPTED
        except BrokenPipeError:
            # Whoever read has what they wanted. Python flushes again when it ends; that has to go nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = _PIPE_CLOSED
        except Exception as error:  # noqa: BLE001  the last line of defence: no traceback reaches a user who did not ask for it
            from server.failures import tell

            code = tell(error, ctx)
        ctx.exit(code or 0)


def _unknown(name: str) -> str:
    from engine.spelling import near

    hits = near(name, _COMMANDS, most=1)
    offer = f" Did you mean {hits[0]!r}?" if hits else f" Commands are {', '.join(_COMMANDS)}."
    return f"There is no command {name!r}.{offer}"


def _version(ctx: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"metric-cube {version('metric-cube')}")
        ctx.exit()


def _debug(ctx: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked:
        ctx.meta["debug"] = True


_DEBUG = click.Option(
    ["--debug"], is_flag=True, expose_value=False, callback=_debug, help="Show tracebacks.", hidden=True
)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
@click.option(
    "--debug",
    is_flag=True,
    expose_value=False,
    callback=_debug,
    help="Show the traceback where something goes wrong that should not.",
)
def commands() -> None:
    """Metrics by dimensions, never inflated by a join: for people here, for agents over MCP, for programs over HTTP.

    \b
    metric-cube demo                                           see it work, without a token
    metric-cube query --metrics bug_count --dimensions feature ask
    metric-cube capabilities                                   what can be asked

    The model comes from --model, METRIC_CUBE_MODEL or the folder semantic/ here, else it is the one for TestIO that is
    installed with the program. The data is at --database, METRIC_CUBE_DATABASE or in your data folder.

    \b
    Completion of commands, options and names, for bash (or zsh, fish):
    eval "$(metric-cube completion bash)"
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0, 1 for the user's mistake, 2 usage, 3 database or API, 4 partly done, 70 our bug."""
    # What is imported stays, and what is left at the end goes with the process: looking through it for garbage takes
    # as long as a quarter of `check`.
    gc.disable()
    atexit.register(gc.freeze)
    write_every_letter()
    if "_METRIC_CUBE_COMPLETE" in os.environ:
        from server.terminal.shells import register

        register()
    commands.main(args=list(arguments) if arguments is not None else None, prog_name="metric-cube")
