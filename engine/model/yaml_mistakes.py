"""Say in an analyst's words what a YAML parser did not understand, and where.

The parsers tell where they stumbled, in terms of their grammar. The mistake is mostly one of a dozen, often some
characters before that place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import yaml


class UnreadableError(Exception):
    """The text is no YAML that we read: what is wrong, at which position in the text, and how to put it right."""

    def __init__(self, message: str, position: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.position, self.hint = message, position, hint


class _Mistake(NamedTuple):
    """`told_as` stands in the parser's message; `at_start`: the mistake is where the parser began what it read."""

    told_as: str
    message: str
    hint: str | None = None
    at_start: bool = False


_NEVER_CLOSED = "The quote that opens here is never closed."
_MISPLACED = "This line does not continue what stands above it."
_CHECK_ABOVE = "Check its indentation, and quotes and brackets before it."
_MISTAKES = (
    _Mistake(
        "mapping values are not allowed",
        'A ":" stands where no new key can begin.',
        "If it belongs to a text, put the text in quotes; else check the indentation of this line.",
    ),
    _Mistake("alphabetic or numeric character", 'A text cannot begin with "*" or "&".', 'Put it in quotes: "*".'),
    _Mistake("that cannot start any token", "A text cannot begin with this character.", "Put the text in quotes."),
    _Mistake("unexpected end of stream", _NEVER_CLOSED, "Close it.", at_start=True),
    _Mistake("unexpected document indicator", _NEVER_CLOSED, "Close it.", at_start=True),
    _Mistake(
        "unknown escape",
        "A backslash in double quotes begins an escape that YAML does not know.",
        "Use single quotes, or write the backslash twice.",
    ),
    _Mistake(
        "expected ',' or ']'",
        'The list that opens with "[" here is not closed.',
        'Close it with "]", with a comma between its items.',
        at_start=True,
    ),
    _Mistake(
        "expected ',' or '}'",
        'The mapping that opens with "{" here is not closed.',
        'If it is a text, put it in quotes; else close it with "}".',
        at_start=True,
    ),
    _Mistake(
        "expected ':'",
        'This line is neither "key: value" nor part of a text.',
        'Is a ":" missing, or the indentation wrong?',
    ),
    _Mistake(
        "expected '-' indicator",
        'An item of this list does not begin with "- ".',
        'Begin it with "- " in the same column as the others.',
    ),
    _Mistake("expected key", _MISPLACED, _CHECK_ABOVE),
    _Mistake("expected <block end>", _MISPLACED, _CHECK_ABOVE),
    _Mistake("expected <document start>", "Something stands here that belongs to nothing above it.", _CHECK_ABOVE),
)
_TAB = _Mistake("a tab", "A tab stands where YAML wants spaces.", "Indent with spaces.")
_UNQUOTED_BRACE = re.compile(r"^\s*(?:-\s+)?(?:\w+:\s+)?(?=\{)\{[^{}]*\}\s*[^\s,#\]}]")


def explained(error: yaml.MarkedYAMLError, text: str) -> UnreadableError:
    """The parser's `error` about `text`, in words that say what to do."""
    problem = error.problem or str(error)
    mistake = next((known for known in _MISTAKES if known.told_as in problem), None)
    mark = error.context_mark if mistake and mistake.at_start else error.problem_mark
    mark = mark or error.context_mark
    position = min(mark.index if mark else 0, len(text))
    brace = _unquoted_brace(text, position)
    if brace is not None:
        return UnreadableError(
            'A text that begins with "{" must stand in quotes.', brace, 'Write it so: "{CUBE}.column".'
        )
    if text[position : position + 1] == "\t":
        mistake = _TAB
    if mistake is None:
        return UnreadableError(f"This is not YAML: {problem}.", position)
    return UnreadableError(mistake.message, position, mistake.hint)


def _unquoted_brace(text: str, position: int) -> int | None:
    """Where `sql: {CUBE}.id` stands without quotes, in the line of `position` or the one before, or None."""
    starts = [text.rfind("\n", 0, position) + 1]
    if starts[0] > 0:
        starts.append(text.rfind("\n", 0, starts[0] - 1) + 1)
    for start in starts:
        line = text[start:].partition("\n")[0]
        if _UNQUOTED_BRACE.match(line):
            return start + line.index("{")
    return None
