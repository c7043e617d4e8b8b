"""Find the place in a YAML file at which a character of a text value stands.

A value is not written as it reads: quoted texts have escapes, folded ones lose their line breaks, blocks are indented.
All of that changes blanks only, or is one escape a character. So the n-th visible character of the value is the n-th
visible character of its source, and blanks stand right after the visible character before them.
"""

from __future__ import annotations

import re

_CHARACTER = re.compile(".", re.DOTALL)
_SINGLE_QUOTED = re.compile("''|.", re.DOTALL)
_DOUBLE_QUOTED = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r\n|.)|.", re.DOTALL)
# https://yaml.org/spec/1.1/#id872840: a space, tab, the line breaks, and a break that is escaped away.
_BLANK_ESCAPES = frozenset(f"\\{letter}" for letter in " \t\n\rntvfrN_LP") | {"\\\r\n"}


def source_position(source: str, start: int, end: int, style: str | None, value: str, offset: int) -> int:
    """The position in `source` of character `offset` of `value`, which is written between `start` and `end`.

    `style` is the sign that opens the value (' " | >) or None for plain text. An offset past the end is the place
    after it.

    >>> source_position('sql: "a \\\\"b\\\\" c"', 5, 16, '"', 'a "b" c', 3)
    10
    """
    first, last, token = _inside(source, start, end, style)
    spans = [match.span() for match in token.finditer(source, first, last) if not _is_blank(match[0])]
    before = sum(not character.isspace() for character in value[:offset])
    if offset < len(value) and not value[offset].isspace():
        return spans[before][0]
    position = spans[before - 1][1] if before else first
    blanks = offset - len(value[:offset].rstrip())
    while blanks and source[position : position + 1] == " ":
        position, blanks = position + 1, blanks - 1
    return min(position, last)


def _inside(source: str, start: int, end: int, style: str | None) -> tuple[int, int, re.Pattern[str]]:
    if style == '"':
        return start + 1, end - 1, _DOUBLE_QUOTED
    if style == "'":
        return start + 1, end - 1, _SINGLE_QUOTED
    if style in ("|", ">"):
        header_end = source.find("\n", start, end)
        return (header_end + 1 if header_end >= 0 else end), end, _CHARACTER
    return start, end, _CHARACTER


def _is_blank(token: str) -> bool:
    if len(token) > 3:
        return chr(int(token.lstrip("\\xuU"), 16)).isspace()
    return token in _BLANK_ESCAPES or token.isspace()
