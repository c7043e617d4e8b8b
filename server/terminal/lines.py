"""Texts with lines no longer than the screen is wide, broken between words."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from typing import TextIO

_NARROWEST = 20


def fitted(text: str, stream: TextIO) -> str:
    """The text for a stream: as it is, where that is no screen."""
    if not stream.isatty():
        return text
    return broken_at(text, max(shutil.get_terminal_size().columns, _NARROWEST))


def say_aside(text: str, fg: str | None = None) -> None:
    """A text on stderr, in this colour, broken where that is a screen."""
    told = fitted(text, sys.stderr)
    click.echo(click.style(told, fg=fg) if fg else told, err=True)


def broken_at(text: str, width: int) -> str:
    """The text with every line broken at a width; what is broken off stands a step deeper than its line.

    >>> print(broken_at("a\\n  the second line", 12))
    a
      the second
        line
    """
    broken = []
    for line in text.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        broken += textwrap.wrap(
            line, width, subsequent_indent=f"{indent}  ", break_long_words=False, break_on_hyphens=False
        ) or [""]
    return "\n".join(broken)


def number_of(number: int, things: str) -> str:
    """So many things, whose name is given as of several.

    >>> number_of(1, "tests"), number_of(1200, "tests")
    ('1 test', '1,200 tests')
    """
    return f"{number:,} {things if number != 1 else things.removesuffix('s')}"
