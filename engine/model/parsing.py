"""The one place where SQL is parsed: whatever a text makes the parser stumble over, it is one kind of error."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import sqlglot
from sqlglot.errors import ParseError, SqlglotError

if TYPE_CHECKING:
    from sqlglot import exp

_DEEPEST = 250
"""How deeply expressions may be nested: all that walks through a tree has to come back."""

# The parser warns of texts that it takes for commands, which are refused here; without a handler, Python prints that.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())


class UnreadableSql(ParseError):
    """A text that is wrong as a whole, at no place of its own."""


def parsed(text: str, dialect: str) -> list[exp.Expr]:
    """The statements or expressions in a SQL text; raises SqlglotError, whatever is wrong with it."""
    try:
        trees = [tree for tree in sqlglot.parse(text, dialect=dialect) if tree is not None]
    except SqlglotError:
        raise
    except RecursionError as error:
        raise UnreadableSql("it is nested too deeply") from error
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        # Texts that are no SQL reach corners of the parser that count on SQL.
        raise UnreadableSql("it is no SQL") from error
    if any(_is_too_deep(tree) for tree in trees):
        raise UnreadableSql("it is nested too deeply")
    return trees


def in_words(description: str) -> str:
    """What the parser says of a text, in words that do not speak of the parser.

    >>> in_words("Required keyword: 'this' missing for <class 'sqlglot.expressions.Sum'>")
    'something is missing here'
    >>> in_words("Expecting )")
    'expecting )'
    """
    for beginning, words in _WORDS.items():
        if description.startswith(beginning):
            return words
    plain = description.rstrip(". ")
    return plain[:1].lower() + plain[1:]


_WORDS = {
    "Required keyword": "something is missing here",
    "Invalid expression / Unexpected token": "this is not expected here",
    "Expected table name": "the name of a table is expected here",
    "Error tokenizing": "a quote or a comment is never closed",
    "Missing": "a quote or a comment is never closed",
}
"""Beginnings of the parser's messages that name parts of its own, and what they mean."""


def _is_too_deep(tree: exp.Expr) -> bool:
    level: list[exp.Expr] = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in node.iter_expressions()]
        if not level:
            return False
    return True
