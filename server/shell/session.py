"""One session of the shell: what it asks, how it shows answers, and what it remembers from one question to the next."""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import click

from engine import compile_query, explain_query, run_query
from server.shell.short import parse_short
from server.shell.statements import without_comments
from server.terminal.lines import fitted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine import Database, Freshness, Model, Result


class Mistake(Exception):
    """What was typed cannot be done; the message says why, `hint` what works."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass
class Session:
    """The state of a shell.

    `asked` is the model with the session's time zone; `output` is the file that the next answer is written to, instead of being
    shown; `question` and `result` are the last ones.
    """

    model: Model
    database: Database
    security: Mapping[str, Any]
    freshness: Freshness | None = None
    time_zone: str | None = None
    timing: bool = False
    charts: bool = False
    output: Path | None = None
    question: Any = None
    result: Result | None = None
    asked: Model = field(init=False)

    def __post_init__(self) -> None:
        self.asked = self.model

    def set_time_zone(self, name: str | None) -> None:
        """Let days begin in this zone where a question names none; None is the model's."""
        self.time_zone = name
        settings = replace(self.model.settings, time_zone=name or self.model.settings.time_zone)
        self.asked = replace(self.model, settings=settings, cache={}) if name else self.model

    async def answer(self, text: str) -> None:
        """Answer a question and show the answer; raises EngineError and Mistake."""
        self.question = question_of(text)
        began = time.perf_counter()
        self.result = await run_query(
            self.question, self.asked, self.database, security=self.security, freshness=self.freshness
        )
        self.show()
        if self.timing:
            click.echo(f"Time: {(time.perf_counter() - began) * 1000:,.0f} ms")

    def show(self) -> None:
        """Show the last answer, or write it to the file that was named for it."""
        if self.result is None:
            raise Mistake("Nothing has been asked yet.")
        if self.output is not None:
            path, self.output = self.output, None
            self._write(self.result, path)
            return
        from server.terminal.table import print_answer, print_chart

        if self.charts:
            print_chart(self.result)
        print_answer(self.result, rows=not self.charts)

    def explain(self, text: str) -> None:
        """Say how a question is answered, the last one if none is given."""
        found = explain_query(self._meant(text), self.asked, dialect=self.database.dialect, security=self.security)
        click.echo(fitted(str(found).rstrip(), sys.stdout))

    def show_sql(self, text: str) -> None:
        """Print the statement that answers a question, the last one if none is given."""
        from server.commands.sql import print_statement

        statement = compile_query(self._meant(text), self.asked, dialect=self.database.dialect, security=self.security)
        print_statement(statement)

    def _meant(self, text: str) -> Any:
        if text:
            self.question = question_of(text)
        elif self.question is None:
            raise Mistake("Nothing has been asked yet.", "Put a question behind the command, or ask one first.")
        return self.question

    def _write(self, result: Result, path: Path) -> None:
        from server.commands.exports import write_chart, write_rows
        from server.export.files import PICTURES, form_of

        (write_chart if form_of(path) in PICTURES else write_rows)(result, path)


def question_of(text: str) -> Any:
    """A question as the engine takes it: SQL as it stands, JSON read, one in short as a query of the flat form."""
    bare = without_comments(text).strip()
    if bare.startswith("{"):
        return _json(bare)
    if re.match(r"\(?\s*(?:select|with)\b", bare, re.IGNORECASE):
        return text
    try:
        return parse_short(bare)
    except ValueError as error:
        raise Mistake(str(error), r"Write it in short or in SQL; \? shows how.") from error


def _json(text: str) -> dict[str, Any]:
    try:
        query = json.loads(text)
    except ValueError as error:
        raise Mistake(f"This is no JSON: {error}.") from error
    return dict(query)
