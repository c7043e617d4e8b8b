"""Files of a Cube project that hold models in JavaScript, or Python for templates: told by name, so that nothing goes missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from engine.errors import Issue, Place

if TYPE_CHECKING:
    from pathlib import Path

_MODELS: Final = re.compile(r"^[ \t]*(cube|view)[ \t]*\(", re.MULTILINE)
_TEMPLATES: Final = re.compile(r"\bTemplateContext\b")
_MOST_BYTES: Final = 1_000_000


def not_yaml(file: Path) -> Issue | None:
    """What is wrong with a file for being no YAML, if it is part of a Cube model."""
    if file.suffix in {".js", ".ts"} and (line := _line(file, _MODELS)):
        message = f"{file.name} declares cubes or views in JavaScript, which is not read."
        return Issue("E_UNSUPPORTED", message, Place(str(file), line, 1), hint="Declare them in YAML.")
    if file.suffix == ".py" and (line := _line(file, _TEMPLATES)):
        message = f"{file.name} gives functions and values to templates in Python, which is not run."
        hint = "Write macros in a template and import them; limit rows and members by an `access_policy`."
        return Issue("E_UNSUPPORTED", message, Place(str(file), line, 1), hint=hint)
    return None


def _line(file: Path, pattern: re.Pattern[str]) -> int | None:
    """The line of the first match in a file, counted from 1."""
    try:
        text = file.read_bytes()[:_MOST_BYTES].decode("utf-8", "replace")
    except OSError:
        return None
    found = pattern.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else None
