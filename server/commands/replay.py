"""`metric-cube replay`: a saved answer's question asked again, and what has changed since."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import engine
from server.commands.options import database_option, format_option, model_option, security_option
from server.commands.query import show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine import Model, Result


@click.command()
@click.argument("saved", metavar="ANSWER")
@format_option("table", "json", "csv", "markdown")
@model_option
@database_option
@security_option
def replay(saved: str, model: Path, database: str, security: Mapping[str, Any], format_: str) -> None:
    """Ask again what a saved answer was asked.

    ANSWER is what `query --format json` printed: a file, or - for stdin. Its dates stay what they meant then, so that only
    the data and the model can differ; stderr says whether they do.

    \b
    metric-cube query --metrics bug_count --during "last month" --format json > answer.json
    metric-cube replay answer.json
    """
    before = _read(saved)
    loaded = engine.load_model(model)
    result = asyncio.run(_again(before["replay"], loaded, database, security))
    show(result, format_)
    for line in changes(before, result, loaded):
        click.echo(line, err=True)


def changes(before: Mapping[str, Any], result: Result, model: Model) -> list[str]:
    """What is different from the saved answer, in sentences."""
    after = result.as_dict()
    lines = []
    if before.get("model", {}).get("digest") != after.get("model", {}).get("digest"):
        lines.append(f"The model is another one than the answer's: now {model.settings.name} {model.settings.release}.")
    if before.get("sql_digest") != after.get("sql_digest"):
        lines.append("The SQL is another one than the answer's.")
    old, new = [_row(row) for row in before["rows"]], [_row(row) for row in after["rows"]]
    if old == new:
        return [*lines, "The rows are the same as in the saved answer."]
    gone, come = len(set(old) - set(new)), len(set(new) - set(old))
    if not gone and not come:
        return [*lines, "The rows are the same as in the saved answer, in another order."]
    return [*lines, f"The rows are not those of the saved answer: {gone} of {len(old)} are gone, {come} are new."]


def _row(row: Any) -> str:
    return json.dumps(row, sort_keys=True)


def _read(saved: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if saved == "-" else Path(saved).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{saved} cannot be read: {error}.") from error
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("replay"), dict) or "rows" not in answer:
        name = "What came from stdin" if saved == "-" else saved
        raise click.BadParameter(f"{name} is no answer that was saved with `metric-cube query --format json`.")
    return answer


async def _again(question: Mapping[str, Any], model: Model, database: str, security: Mapping[str, Any]) -> Result:
    now = datetime.fromisoformat(question["now"])
    async with engine.open_database(database) as opened:
        return await engine.run_query(question["query"], model, opened, security=security, now=now)
