"""The commands of the shell, which begin with a backslash."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from engine import capabilities
from engine.query.access import seen
from engine.spelling import near
from server.shell.session import Mistake, Session
from server.shell.short import FORM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_WIDEST: Final = 110
_NARROWEST: Final = 40


class Leave(Exception):
    """The asker wants to leave."""


class Command(NamedTuple):
    """A command: what may follow its name, what it does in words, and in deed."""

    takes: str
    help: str
    run: Callable[[Session, str], None]


def run_command(session: Session, text: str) -> None:
    """Run a command; raises Mistake for one that is none, EngineError as questions do, and Leave."""
    name, _, rest = text.rstrip("; \t\r").partition(" ")
    name = _ALSO.get(name.lower(), name)
    if name not in COMMANDS:
        hits = near(name, COMMANDS, most=1)
        raise Mistake(f"There is no command {name}.", f"Did you mean {hits[0]}?" if hits else r"\? lists them.")
    COMMANDS[name].run(session, rest.strip())


def _members(session: Session, name: str) -> None:
    from server.terminal.catalogue import print_catalogue

    found = capabilities(session.model, search=name or None, detail=True, security=session.security)
    exact = {kind: [each for each in found.get(kind, ()) if each["name"] == name] for kind in ("metrics", "dimensions")}
    if any(exact.values()):
        print_catalogue(exact, detail=True, narrowed=True)
        return
    if name and not (found.get("metrics") or found.get("dimensions")):
        whole = capabilities(session.model, detail=True, security=session.security)
        names = [each["name"] for kind in ("metrics", "dimensions") for each in whole.get(kind, ())]
        hits = near(name, names, most=1)
        raise Mistake(f"Nothing is known of {name}.", f"Did you mean {hits[0]}?" if hits else r"\d lists what is.")
    print_catalogue(found, detail=False, narrowed=bool(name))


def _views(session: Session, name: str) -> None:
    views = {each.name: each for each in seen(session.model, session.security).views.values() if each.public}
    if name and name not in views:
        raise Mistake(f"There is no view {name}.", f"Views are {', '.join(views) or 'none'}.")
    for view in [views[name]] if name else views.values():
        members = [member for member, each in view.members.items() if each.public and not each.is_key]
        click.echo(f"{click.style(view.name, bold=True)}  {len(members)} members")
        if view.description:
            click.echo(f"    {view.description}")
        if name:
            click.echo(f"    {', '.join(members)}")


def _timing(session: Session, text: str) -> None:
    session.timing = _switch(session.timing, text, "\\timing")
    click.echo(f"Timing is {'on' if session.timing else 'off'}.")


def _chart(session: Session, text: str) -> None:
    if not text:
        from server.terminal.table import print_chart

        if session.result is None:
            raise Mistake("Nothing has been asked yet.", r"\chart on draws every answer.")
        print_chart(session.result)
        return
    session.charts = _switch(session.charts, text, "\\chart")
    click.echo(f"Answers are shown as {'charts' if session.charts else 'tables'}.")


def _output(session: Session, text: str) -> None:
    from server.export.files import PICTURES, ROWS, checked

    if not text:
        session.output = None
        click.echo("Answers are shown here.")
        return
    try:
        session.output = checked(Path(text), {**ROWS, **PICTURES})
    except ValueError as error:
        raise Mistake(str(error)) from error
    click.echo(f"The next answer is written to {text}.")


def _set(session: Session, text: str) -> None:
    name, _, value = text.partition(" ")
    if name and name != "timezone":
        raise Mistake(f"There is no setting {name}.", "Settings are: timezone.")
    if value.strip():
        session.set_time_zone(_zone(value.strip()))
    click.echo(f"timezone = {session.time_zone or f'{session.model.settings.time_zone} (the model’s)'}")


def _unset(session: Session, text: str) -> None:
    if text != "timezone":
        raise Mistake(f"There is no setting {text}." if text else r"\unset needs a setting.", "Settings are: timezone.")
    session.set_time_zone(None)
    _set(session, "timezone")


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Mistake(f"{name!r} is no time zone.", "Write one such as Europe/Berlin or UTC.") from error


def _switch(now: bool, text: str, command: str) -> bool:
    if text not in ("", "on", "off"):
        raise Mistake(f"{command} takes on or off, and {text!r} is neither.")
    return not now if not text else text == "on"


def _help(_session: Session, _text: str) -> None:
    text = click.HelpFormatter(width=max(min(shutil.get_terminal_size().columns, _WIDEST), _NARROWEST))
    text.indent()
    text.write_text("Questions end with ; and are written in short, in SQL or as JSON:")
    text.write_paragraph()
    text.write(f"  {FORM};\n")
    text.write("  SELECT severity, MEASURE(bug_count) FROM testing GROUP BY 1;\n")
    text.write_paragraph()
    text.write_text("Commands end with their line:")
    text.write_paragraph()
    text.write_dl([(f"{name} {command.takes}".strip(), command.help) for name, command in COMMANDS.items()])
    click.echo(textwrap.dedent(text.getvalue()).rstrip())


def _quit(_session: Session, _text: str) -> None:
    raise Leave


_ALSO: Final = {
    **dict.fromkeys(("help", "?", "\\h", "\\help"), "\\?"),
    **dict.fromkeys(("exit", "quit", "\\exit", "\\quit"), "\\q"),
}
"""What people try who do not know the commands yet."""
COMMANDS: Final[Mapping[str, Command]] = {
    "\\d": Command("[NAME]", "list metrics and dimensions, or tell all about one", _members),
    "\\dv": Command("[VIEW]", "list views, or the members of one", _views),
    "\\e": Command("[QUESTION]", "say how a question is answered, by default the last one", Session.explain),
    "\\sql": Command("[QUESTION]", "print the SQL of a question, by default of the last one", Session.show_sql),
    "\\chart": Command("[on|off]", "draw the last answer, or every one", _chart),
    "\\o": Command("[FILE]", "write the next answer to .csv, .json, .parquet, .xlsx, .png, .svg or .html", _output),
    "\\timing": Command("[on|off]", "tell how long each answer takes", _timing),
    "\\set": Command("[timezone ZONE]", "show settings, or set where days begin", _set),
    "\\unset": Command("timezone", "go back to the model's time zone", _unset),
    "\\?": Command("", "show this", _help),
    "\\q": Command("", "leave", _quit),
}
