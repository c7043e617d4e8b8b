"""`metric-cube shell`: questions one after another, at a prompt or from a script."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import click

import engine
from server.commands.options import database_option, model_option, read_model, refresh_option, security_option
from server.settings import data_folder, may_have_token

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from server.shell.session import Session


@click.command()
@model_option
@database_option
@security_option
@refresh_option
def shell(model: Path, database: str, security: Mapping[str, Any], refresh: bool) -> int:
    """Ask one question after another, in short or in SQL, with completion, history and charts.

    \b
    metric-cube shell
    > bug_count by severity where product = "Aurora Shop" during last month sort -bug_count;
    > SELECT feature, MEASURE(bug_count) FROM testing GROUP BY 1 LIMIT 5;
    > \\chart
    echo "bug_count by month;" | metric-cube shell

    Questions end with ; and \\? lists the commands. Ctrl-C stops a question in the database, Ctrl-D leaves. A script that
    comes through a pipe ends at its first mistake, with the exit code that `metric-cube query` has for it.
    """
    return asyncio.run(_run(model, database, security, refresh=refresh))


async def _run(model: Path, database: str, security: Mapping[str, Any], *, refresh: bool) -> int:
    from server.shell.session import Session

    loaded = read_model(model)
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(engine.open_database(database))
        freshness = None
        if refresh and may_have_token(os.environ):
            from server.freshness.opening import known_customers, open_query_freshness, refresh_settings

            settings = refresh_settings(loaded, database, known_customers(os.environ), security)
            freshness = await stack.enter_async_context(open_query_freshness(loaded, settings, stays_open=True))
        session = Session(loaded, opened, security, freshness)
        if sys.stdin.isatty():
            await _talk(session)
            return 0
        from server.shell.loop import run_script

        return await run_script(session, sys.stdin.read())


async def _talk(session: Session) -> None:
    from server.shell.loop import run_prompt
    from server.shell.prompt import open_prompt
    from server.shell.vocabulary import vocabulary_of

    settings = session.model.settings
    click.echo(f"Model {settings.name} {settings.release}, {session.database.url}.")
    click.echo("Questions end with ;  \\? helps, \\q leaves.")
    history = data_folder(sys.platform, os.environ) / "shell_history"
    vocabulary = vocabulary_of(session.model, session.security)
    await run_prompt(session, open_prompt(settings.name, vocabulary, history))
