"""`metric-cube check`: every mistake of a model with its place, for people, programs and annotations in CI."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from engine.errors import ModelError
from engine.model.loader import build_model, has_errors, in_order, read_documents
from server.commands.options import format_option, model_option
from server.settings import model_path
from server.terminal.completion import complete_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from engine import Issue
    from engine.model.model import Model


@click.command()
@click.argument("path", required=False, shell_complete=complete_path)
@model_option
@click.option(
    "--database",
    "database",
    metavar="URL",
    help="Compare with this database too: do tables and columns exist, and are keys unique? [default: look at no data]",
)
@format_option("text", "json", "github")
def check(path: str | None, model: Path, database: str | None, format_: str) -> int:
    """Find every mistake in a model: in the folder or file PATH, else in --model.

    Exits with 0 if there are none, or warnings alone; with 1 if there are errors.
    """
    place = model_path(path) if path else model
    issues, contents, found = _checked(place)
    if found is not None and not has_errors(issues):
        issues = in_order((*issues, *_dates(found)))
    if database is not None and found is not None and not has_errors(issues):
        issues = in_order((*issues, *_compared(found, database)))
    errors = [issue for issue in issues if issue.severity == "error"]
    if format_ == "json":
        click.echo(json.dumps(_as_data(place, issues, contents), ensure_ascii=False))
    elif format_ == "github":
        for issue in issues:
            click.echo(annotation(issue))
    else:
        _print(place, issues, contents)
    return 1 if errors else 0


def annotation(issue: Issue) -> str:
    """The issue as a line that GitHub shows beside the code.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    where = {"title": issue.code}
    if issue.place:
        where = {"file": issue.place.file, "line": str(issue.place.line), "col": str(issue.place.column), **where}
    properties = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in where.items())
    return f"::{issue.severity} {properties}::{_escaped(_sentence(issue))}"


def _dates(model: Model) -> Sequence[Issue]:
    """The dates in declared conditions that no question could be answered with."""
    from engine.model.declared import declared_conditions

    timed = [each for each in declared_conditions(model) if each.dimension.type == "time"]
    if not timed:
        # The grammar of dates is loaded for them alone.
        return ()
    from engine.query.declared import date_issues

    return tuple(date_issues(model, timed))


def _compared(model: Model, url: str) -> Sequence[Issue]:
    """What the model says of the database and is not so."""
    import asyncio

    from engine.execute.agreement import disagreements
    from engine.execute.database import open_database

    async def compared() -> Sequence[Issue]:
        async with open_database(url) as database:
            return await disagreements(model, database)

    return asyncio.run(compared())


def _checked(place: Path) -> tuple[Sequence[Issue], dict[str, int], Model | None]:
    """Everything that is wrong, how much of each there is, and the model where it can be built."""
    try:
        documents, unread = read_documents(place)
    except ModelError as error:
        return error.issues, {}, None
    model, found = build_model(documents, unread=has_errors(unread))
    wrong = {issue.place.file for issue in unread if issue.place and issue.severity == "error"}
    contents = {"files": len(documents) + len(wrong)}
    if model is not None:
        members = sum(1 for cube in model.cubes.values() for _ in cube.members())
        contents |= {"cubes": len(model.cubes), "members": members, "views": len(model.views)}
    return in_order((*unread, *found)), contents, model


def _as_data(place: Path, issues: Sequence[Issue], contents: dict[str, int]) -> dict[str, object]:
    counts = {f"{severity}s": sum(issue.severity == severity for issue in issues) for severity in ("error", "warning")}
    return {"model": str(place), **contents, **counts, "issues": [issue.as_dict() for issue in issues]}


def _print(place: Path, issues: Sequence[Issue], contents: dict[str, int]) -> None:
    for issue in issues:
        colour = "red" if issue.severity == "error" else "yellow"
        where = f"{click.style(str(issue.place), bold=True)}: " if issue.place else ""
        code = click.style(f"[{issue.code}]", dim=True)
        click.echo(f"{where}{click.style(issue.severity, fg=colour)}: {issue.message} {code}")
        if issue.hint:
            click.echo(f"    {issue.hint}")
    errors = sum(issue.severity == "error" for issue in issues)
    warnings = len(issues) - errors
    if issues:
        files = len({issue.place.file for issue in issues if issue.place})
        told = [_count(errors, "error"), *([_count(warnings, "warning")] if warnings else [])]
        where = f" in {_count(files, 'file')}" if files else ""
        click.echo(f"\n{' and '.join(told)}{where}.")
    if not errors:
        click.echo(f"{place}: {', '.join(_count(number, what[:-1]) for what, number in contents.items())}, no errors.")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _sentence(issue: Issue) -> str:
    return f"{issue.message} {issue.hint}" if issue.hint else issue.message


def _escaped(text: str, also: str = "") -> str:
    for letter in f"%\r\n{also}":
        text = text.replace(letter, f"%{ord(letter):02X}")
    return text
