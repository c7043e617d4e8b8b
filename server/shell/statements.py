"""What is typed, cut into parts: commands begin with a backslash and end with their line, questions end with `;`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"""
      (?P<quoted> (?<!\w) '(?:[^']|'')*' | (?<!\w) "(?:[^"]|"")*" )
    | (?P<comment> --[^\n]* | /\*.*?\*/ )
    | (?P<open> (?<!\w)['"] | /\* )
    | (?P<end> ; )
    """,
    re.VERBOSE | re.DOTALL,
)
"""An apostrophe inside a word (`Don't`) opens nothing."""
_COMMAND: Final = re.compile(r"\\|(?:help|\?|exit|quit)[ \t]*;?[ \t]*(?:\n|\Z)", re.IGNORECASE)
"""A backslash, or one of the words that people try first, alone in its line."""


@dataclass(frozen=True, slots=True)
class Part:
    """A command or a question, without the `;` at its end; `line` is where it begins, counted from 1."""

    text: str
    line: int

    @property
    def is_command(self) -> bool:
        return _COMMAND.match(self.text) is not None


def parts_of(text: str) -> tuple[list[Part], str]:
    """The whole parts of a text, and what follows the last one.

    >>> parts, rest = parts_of("bug_count by severity;\\n\\\\timing\\nbug_count where feature = 'a;b'")
    >>> [part.text for part in parts], rest
    (['bug_count by severity', '\\\\timing'], "bug_count where feature = 'a;b'")
    """
    parts: list[Part] = []
    start = 0
    while True:
        start += len(text[start:]) - len(text[start:].lstrip())
        end = _end(text, start)
        if end is None:
            return parts, text[start:]
        part = text[start:end].strip()
        if without_comments(part).strip():
            parts.append(Part(part, text.count("\n", 0, start) + 1))
        start = end + 1


def is_whole(text: str) -> bool:
    """Whether nothing more is needed before the text can be run: what Enter asks."""
    parts, rest = parts_of(f"{text}\n" if _COMMAND.match(text.lstrip()) else text)
    return not rest.strip() and bool(parts or not text.strip())


def _end(text: str, start: int) -> int | None:
    """Where the part that begins at `start` ends: at its `;`, or a command at the end of its line; None where it does not."""
    if _COMMAND.match(text, start):
        end = text.find("\n", start)
        return None if end < 0 else end
    for token in _TOKEN.finditer(text, start):
        if token.lastgroup == "open":
            return None
        if token.lastgroup == "end":
            return token.start()
    return None


def without_comments(text: str) -> str:
    """A text without the comments of SQL."""
    return _TOKEN.sub(lambda token: "" if token.lastgroup == "comment" else token[0], text)
