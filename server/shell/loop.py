"""The loops of the shell: over what is typed at a prompt, and over a script that comes through a pipe."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any

import click

from engine import EngineError
from engine.query.sql_text import FILE
from server.failures import say
from server.shell.commands import Leave, run_command
from server.shell.session import Mistake, Session
from server.shell.statements import Part, parts_of
from server.terminal.lines import say_aside

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from prompt_toolkit import PromptSession

MISTAKE = 1
INTERRUPTED = 130


async def run_prompt(session: Session, prompt: PromptSession[str]) -> None:
    """Ask for one text after the other and run it, until the asker leaves; what goes wrong is told, and it goes on."""
    while True:
        try:
            text = await prompt.prompt_async()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        parts, _ = parts_of(f"{text}\n")
        try:
            for part in parts:
                if await _run(session, part):
                    break
        except Leave:
            return


async def run_script(session: Session, text: str) -> int:
    """Run a script up to its end or to the first mistake; the exit code."""
    parts, rest = parts_of(f"{text}\n")
    if rest.strip():
        parts.append(Part(rest.strip(), text.count("\n", 0, text.rfind(rest.strip())) + 1))
    try:
        for part in parts:
            code = await _run(session, part, script=True)
            if code:
                return code
    except Leave:
        return 0
    return 0


async def _run(session: Session, part: Part, *, script: bool = False) -> int:
    """Run one part and tell what went wrong; the exit code that it would mean. Raises Leave."""
    where = f"line {part.line}: " if script else ""
    try:
        if part.is_command:
            run_command(session, part.text)
        else:
            await _stoppable(session.answer(part.text))
    except Mistake as mistake:
        say(f"{where}{mistake.message}", mistake.hint)
        return MISTAKE
    except EngineError as error:
        _tell(error, part, script=script)
        return error.exit_code
    except click.ClickException as error:
        say(f"{where}{error.format_message()}")
        return error.exit_code
    except asyncio.CancelledError:
        click.echo("Stopped.", err=True)
        return INTERRUPTED
    return 0


async def _stoppable(work: Coroutine[Any, Any, None]) -> None:
    """Wait for a question; Ctrl-C cancels it, which stops its statement in the database."""
    task = asyncio.ensure_future(work)
    with _interrupts(task):
        await task


@contextlib.contextmanager
def _interrupts(task: asyncio.Future[None]) -> Iterator[None]:
    """As long as the block runs, Ctrl-C cancels a task and nothing else."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(task.cancel))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(error: EngineError, part: Part, *, script: bool) -> None:
    """Say what is wrong with a question, and point at the place where it is known."""
    lines = part.text.splitlines()
    for issue in error.issues:
        place = issue.place if issue.place is not None and issue.place.file == FILE else None
        where = f"line {part.line + (place.line - 1 if place is not None else 0)}: " if script else ""
        say(f"{where}{issue.message}", code=issue.code)
        if place is not None:
            click.echo(f"  {lines[place.line - 1]}", err=True)
            click.echo(f"  {' ' * (place.column - 1)}{click.style('^', fg='red', bold=True)}", err=True)
        if issue.hint:
            say_aside(f"  {issue.hint}")
