"""Which line of a template wrote each line of its output: told by marks that are rendered with the text and taken out again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jinja2.ext import Extension
from jinja2.lexer import Token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2.lexer import TokenStream

_MARK, _END = "\x00", "\x01"
"""Around the number of a template's line, where that line begins in the output; YAML knows neither character."""

_CAPTURING = frozenset({"macro", "call", "filter", "block", "set"})
"""Blocks whose text may become a value, which marks would change: it is counted to the line that uses it."""

_LINE = re.compile(f"{_MARK}([0-9]{{1,9}}){_END}")


def unmarked(marked: str) -> tuple[str, tuple[int, ...]]:
    """A rendered text without its marks, and for each line of it the line of the template that wrote it."""
    lines: list[int] = []
    known = 1
    for line in marked.split("\n"):
        found = [int(number) for number in _LINE.findall(line)]
        # Lines that a macro or a value wrote belong to the statement that put them there: the last line that was marked.
        lines.append(found[0] if found else known)
        known = found[-1] if found else known
    return _LINE.sub("", marked), tuple(lines)


class Lines(Extension):
    """Marks where each line of the main template begins in its output; not in what a macro or a block captures as a value."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        if stream.name != getattr(self.environment, "main", None):
            yield from stream
            return
        captured, statement = 0, ""
        tokens = list(stream)
        for index, read in enumerate(tokens):
            token = read
            if token.type == "block_begin":
                statement = tokens[index + 1].value if index + 1 < len(tokens) else ""
                captured += (statement in _CAPTURING) - (statement.removeprefix("end") in _CAPTURING - {statement})
                captured = max(captured, 0)
            elif token.type == "assign" and statement == "set":
                # A set with a value has no end; only one without captures what follows.
                captured -= 1
                statement = ""
            elif token.type == "data" and not captured:
                token = Token(token.lineno, token.type, _marked(token.value, token.lineno))
            yield token


def _marked(text: str, line: int) -> str:
    first, *rest = text.split("\n")
    head = f"{_MARK}1{_END}{first}" if line == 1 else first
    return "\n".join([head, *(f"{_MARK}{line + at}{_END}{each}" for at, each in enumerate(rest, 1))])
