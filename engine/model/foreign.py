"""Files that declare a model and are not read, for being no YAML or not called so: told by name, so that nothing goes missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from engine.errors import Issue, Place
from engine.spelling import near

if TYPE_CHECKING:
    from pathlib import Path

_MODELS: Final = re.compile(r"^[ \t]*(cube|view)[ \t]*\(", re.MULTILINE)
_TEMPLATES: Final = re.compile(r"\bTemplateContext\b")
_DECLARED: Final = re.compile(r"^(cubes|views)[ \t]*:", re.MULTILINE)
_BESIDE: Final = frozenset({"j2", "jinja", "jinja2", "txt"})
"""What stands behind ".yml" where an editor hides the end of a name, or where templates are called otherwise."""
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


def not_called_yaml(file: Path) -> Issue | None:
    """A warning where a file declares cubes or views, and its name nearly ends as those that are read; copies kept are none."""
    right = _right_name(file.name)
    if right is None or right == file.name or not (line := _line(file, _DECLARED)):
        return None
    message = f"{file.name} declares cubes or views and is not read, for the end of its name."
    place = Place(str(file), line, 1)
    return Issue("W_NOT_READ", message, place, hint=f"Rename it to {right}.", severity="warning")


def _right_name(name: str) -> str | None:
    """What a file was probably meant to be called, with an end that is read; None of names that are not near one.

    >>> _right_name("bugs.yamll"), _right_name("bugs.YML"), _right_name("bugs.yml.txt"), _right_name("bugs.yml.j2")
    ('bugs.yaml', 'bugs.yml', 'bugs.yml', 'bugs.yml.jinja')
    >>> _right_name("bugs.yml.bak"), _right_name("bugs.yml~"), _right_name("README.md"), _right_name("bugs")
    (None, None, None, None)
    """
    stem, *ends = name.split(".")
    behind = ends.pop().lower() if len(ends) > 1 and ends[-1].lower() in _BESIDE else ""
    found = near(ends[-1], ("yml", "yaml"), most=1) if ends and ends[-1].isalpha() else ()
    if not found:
        return None
    template = ".jinja" if behind.startswith("j") else ""
    return f"{'.'.join([stem, *ends[:-1], found[0]])}{template}"


def _line(file: Path, pattern: re.Pattern[str]) -> int | None:
    """The line of the first match in a file, counted from 1."""
    try:
        text = file.read_bytes()[:_MOST_BYTES].decode("utf-8", "replace")
    except OSError:
        return None
    found = pattern.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else None
