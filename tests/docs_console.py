"""The commands that the README shows, with what it says they print."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Shown:
    """A command line, and the output that is shown below it; empty where none is."""

    arguments: tuple[str, ...]
    output: str


def commands_shown(path: Path) -> list[Shown]:
    """The command lines in the `console` blocks of a page."""
    text = path.read_text(encoding="utf-8")
    return [shown for block in blocks(text, "console") for shown in _commands(block)]


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def settled(output: str) -> str:
    """An output without what differs from run to run: how long the database took, and space at the ends of lines."""
    lines = re.sub(r"\d+ ms", "… ms", output).strip().splitlines()
    return "\n".join(line.rstrip() for line in lines)


def _commands(block: str) -> list[Shown]:
    found = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, output = part.replace("\\\n", " ").partition("\n")
        program, *arguments = shlex.split(line)
        assert program == "metric-cube", line
        found.append(Shown(tuple(arguments), output))
    return found
