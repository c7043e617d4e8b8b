"""What a person or a program is told when a command fails, and the exit code that goes with it."""

from __future__ import annotations

import json
import sys
import traceback
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from engine import EngineError
    from ingest import IngestError

OUR_BUG = 70


def tell(error: Exception, context: click.Context) -> int:
    """Say on stderr (on stdout where JSON was asked for) what went wrong; the exit code."""
    if context.meta.get("debug"):
        traceback.print_exception(error)
    from engine import EngineError

    if isinstance(error, EngineError):
        return _refusal(error, context)
    from ingest import IngestError

    if isinstance(error, IngestError):
        return _failed_sync(error, context)
    return _bug(error, context)


def as_data(error: EngineError) -> dict[str, Any]:
    """A refusal as plain data: what JSON shows in place of an answer."""
    return {"error": {"kind": type(error).__name__, "issues": [issue.as_dict() for issue in error.issues]}}


def _refusal(error: EngineError, context: click.Context) -> int:
    if context.meta.get("format") == "json":
        click.echo(json.dumps(as_data(error), ensure_ascii=False))
    else:
        for issue in error.issues:
            where = f"{issue.place}: " if issue.place else ""
            say(f"{where}{issue.message}", issue.hint, issue.code)
    return error.exit_code


def as_issue(error: IngestError) -> dict[str, Any]:
    """A failed sync as plain data."""
    return {"code": error.code, "message": error.message, "hint": error.hint}


def say_failure(error: IngestError) -> None:
    """Say on stderr why a sync failed."""
    say(error.message, error.hint, error.code)


def _failed_sync(error: IngestError, context: click.Context) -> int:
    if context.meta.get("format") == "json":
        failure = {"kind": type(error).__name__, "issues": [as_issue(error)]}
        click.echo(json.dumps({"error": failure}, ensure_ascii=False))
    else:
        say_failure(error)
    return error.exit_code


def _bug(error: Exception, context: click.Context) -> int:
    kind = f"{type(error).__module__}.{type(error).__name__}".removeprefix("builtins.")
    message = f"This is a bug in metric-cube. {kind}: {str(error).splitlines()[0] if str(error) else 'no message'}"
    hint = "Please report it, with your command and what it prints when you add --debug."
    if context.meta.get("debug"):
        hint = "Please report it, with your command and the traceback above."
    if context.meta.get("format") == "json":
        issue = {"code": "E_BUG", "message": message, "hint": hint}
        click.echo(json.dumps({"error": {"kind": "Bug", "issues": [issue]}}, ensure_ascii=False))
    else:
        say(message, hint, "E_BUG")
    return OUR_BUG


def say(message: str, hint: str | None = None, code: str | None = None) -> None:
    """Say on stderr what is wrong, and below it what helps."""
    from server.terminal.lines import fitted, say_aside

    named = f" [{code}]" if code else ""
    told = fitted(f"Error: {message}{named}", sys.stderr).removeprefix("Error:")
    if named and told.endswith(named[1:]):
        told = f"{told.removesuffix(named[1:])}{click.style(named[1:], dim=True)}"
    click.echo(f"{click.style('Error:', fg='red', bold=True)}{told}", err=True)
    if hint:
        say_aside(f"  {hint}")
