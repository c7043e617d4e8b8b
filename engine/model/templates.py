"""Render the Jinja of a model file into YAML, and remember which line of the template each line came from.

Templates have loops, conditions, `set`, macros and imports of other files below the model's folder. They have no Python: neither
functions of `globals.py` nor a `COMPILE_CONTEXT`.
"""

from __future__ import annotations

import re
import traceback
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import FunctionLoader
from jinja2.exceptions import TemplateNotFound, TemplateRuntimeError, TemplateSyntaxError, UndefinedError

from engine.errors import Issue, ModelError, Place
from engine.model.template_lines import unmarked
from engine.model.template_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_OFFSET = re.compile(r" at \d+\Z")
_SUFFIXES = frozenset({".jinja", ".yml", ".yaml"})
_MOST_SOURCE = 1_000_000
_PYTHON = (
    "A template uses what it sets, its macros and those it imports. Functions and variables of globals.py (TemplateContext) are"
    " Python and are not run."
)
_SECURITY = "A security value stands in single braces: { securityContext.customer_id }."
_SECURITY_NAMES = ("securityContext", "security_context", "userAttributes", "user_attributes", "SECURITY_CONTEXT")


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text of a rendered template; `lines` has, for each line of it, the line of the template that wrote it."""

    text: str
    lines: tuple[int, ...]


def render(file: Path, folder: Path) -> Rendered:
    """The YAML that the template `file` below `folder` stands for.

    Raises ModelError (`E_TEMPLATE`) at the line of the template where it cannot be rendered.
    """
    root = folder.resolve()
    name = file.resolve().relative_to(root).as_posix() if file.resolve().is_relative_to(root) else file.name
    opened: dict[str, str] = {}
    environment = Sandbox(FunctionLoader(_opener(folder, name, file, opened)), name)
    try:
        with warnings.catch_warnings():
            # Python warns of odd comparisons in the code that a template becomes.
            warnings.simplefilter("ignore", SyntaxWarning)
            marked = environment.get_template(name).render()
    except Exception as error:  # whatever a template does to Python's types is its mistake
        raise ModelError(_issue(error, str(file), opened)) from error
    return Rendered(*unmarked(marked))


def _opener(
    folder: Path, main: str, file: Path, opened: dict[str, str]
) -> Callable[[str], tuple[str, str, Callable[[], bool]]]:
    """A loader of templates that never leaves the model's folder."""

    def load(name: str) -> tuple[str, str, Callable[[], bool]]:
        path = (
            file
            if name == main
            else next((at for at in (folder / name, file.parent / name) if at.is_file()), folder / name)
        )
        allowed = path.suffix in _SUFFIXES and path.resolve().is_relative_to(folder.resolve())
        if name != main and not (allowed and path.is_file()):
            raise TemplateNotFound(name)
        text = path.read_text(encoding="utf-8")
        if len(text) > _MOST_SOURCE:
            raise TemplateRuntimeError(f"{name!r} is longer than {_MOST_SOURCE} characters.")
        opened[str(path)] = text
        return text, str(path), lambda: True

    return load


def _issue(error: Exception, file: str, opened: dict[str, str]) -> Issue:
    """What went wrong with a template, at the line of it that the error tells, or that was rendered last."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in opened]
    place = Place(frames[-1].filename, frames[-1].lineno or 1, 1) if frames else Place(file, 1, 1)
    if isinstance(error, TemplateSyntaxError):
        where = error.filename if error.filename in opened else file
        message = _sentence(_OFFSET.sub("", error.message or ""))
        hint = "Is a {{ or {% above it not closed?" if message.startswith("unexpected char") else None
        return Issue("E_TEMPLATE", message, Place(where or file, error.lineno, 1), hint=hint)
    if isinstance(error, TemplateNotFound):
        hint = "A template imports .jinja and .yml files below the model's folder, by their path from there."
        return Issue("E_TEMPLATE", f"There is no template {str(error.name)!r}.", place, hint=hint)
    if isinstance(error, UndefinedError):
        message = str(error.message or error)
        hint = _SECURITY if any(name in message for name in _SECURITY_NAMES) else _PYTHON
        if message.startswith("'CUBE'"):
            hint = "A reference stands in single braces: {CUBE}.column."
        return Issue("E_TEMPLATE", _sentence(message), place, hint=hint)
    if isinstance(error, RecursionError):
        return Issue("E_TEMPLATE", "The template calls itself without an end, or is nested too deep.", place)
    return Issue("E_TEMPLATE", _sentence(str(error) or type(error).__name__), place)


def _sentence(message: str | None) -> str:
    plain = " ".join((message or "The template is wrong").split())
    return plain if plain.endswith(".") else f"{plain}."
