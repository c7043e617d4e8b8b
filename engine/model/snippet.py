"""An analyst's SQL snippet, parsed once: braces become marks, sqlglot reads the rest.

    "{CUBE}.amount / {rate}"   ->   a sqlglot tree with two marked identifiers, and the two references they stand for

A mark is an identifier as long as the braces it replaces, so that a mistake found by the parser keeps its place in the snippet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError

from engine.errors import Issue, ModelError, Place
from engine.model.members import MARK
from engine.model.parsing import in_words, parsed

_COLUMN = re.compile(r"(?:\{([A-Za-z_]\w*)\}\.)?([A-Za-z_]\w*)\Z")
_MEMBER = re.compile(r"\{([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\}\Z")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\Z")
_SOURCE = re.compile(r"([A-Za-z_]\w*)\.sql\(\s*\)\Z")
_TYPOGRAPHIC = re.compile("[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]")
_WORD = re.compile(r"\w")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_EXPRESSIONS = (exp.Condition, exp.Subquery, exp.Star, exp.WithinGroup, exp.Filter, exp.Interval, exp.AtTimeZone)
_CONSTANTS = frozenset(
    [
        "null",
        "true",
        "false",
        "current_date",
        "current_time",
        "current_timestamp",
        "localtime",
        "localtimestamp",
        "current_user",
        "session_user",
        "user",
        "now",
    ]
)


@dataclass(frozen=True, slots=True)
class Reference:
    """What stands between braces: a dotted name as `parts`, or the SQL of another cube if `source`; `offset` is where.

    `call` keeps the text of a context function (`FILTER_PARAMS…`), which is not a name.
    """

    parts: tuple[str, ...]
    offset: int
    source: bool = False
    call: str | None = None

    def __str__(self) -> str:
        return "{" + (self.call or ".".join(self.parts)) + "}"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A parsed snippet: the tree with its marks, and what each mark stands for, by the mark's text."""

    text: str
    tree: exp.Expr
    references: dict[str, Reference]


class SnippetError(ModelError):
    """A snippet cannot be read; `offset` of the first mistake counts characters of the snippet."""

    def __init__(self, code: str, message: str, offset: int, hint: str | None = None) -> None:
        super().__init__(Issue(code, message, hint=hint))
        self.offset = offset

    def at(self, place: Place) -> Issue:
        """The mistake as an issue at its place in the file."""
        issue = self.issues[0]
        return Issue(issue.code, issue.message, place=place, hint=issue.hint)


def parse_snippet(text: str, dialect: str) -> Snippet:
    """Parse an expression.

    Raises SnippetError if it does not parse or holds something other than one expression.

    >>> parse_snippet("{CUBE}.amount", "postgres").tree.sql()
    'ǃ0ǃǃǃǃ.amount'
    """
    return _simple(text) or _parsed(text, dialect, query=False)


def parse_source(text: str, dialect: str) -> Snippet:
    """Parse a query that stands in a table's place."""
    return _parsed(text.strip().rstrip(";"), dialect, query=True)


def _simple(text: str) -> Snippet | None:
    """The two most frequent forms, a column and a reference, without the parser: a model holds thousands of them."""
    stripped = text.strip()
    offset = len(text) - len(text.lstrip())
    if match := _COLUMN.match(stripped):
        cube, column = match.groups()
        if column.lower() in _CONSTANTS:
            return None
        if cube is None:
            return Snippet(text, exp.Column(this=exp.Identifier(this=column, quoted=False)), {})
        mark = _mark(0, len(cube) + 2)
        tree = exp.Column(this=exp.Identifier(this=column, quoted=False), table=exp.Identifier(this=mark, quoted=False))
        return Snippet(text, tree, {mark: Reference((cube,), offset)})
    if match := _MEMBER.match(stripped):
        mark = _mark(0, len(stripped))
        tree = exp.Column(this=exp.Identifier(this=mark, quoted=False))
        return Snippet(text, tree, {mark: Reference(tuple(match[1].split(".")), offset)})
    return None


def _parsed(text: str, dialect: str, *, query: bool) -> Snippet:
    marked, references = _marked(text)
    try:
        trees = parsed(marked, dialect)
    except SqlglotError as error:
        raise _refused(error, text, marked) from error
    tree = trees[0] if len(trees) == 1 else None
    if query and not isinstance(tree, exp.Query):
        raise SnippetError("E_SQL", "This has to be one SELECT, whose rows are the rows of the cube.", 0)
    while isinstance(tree, exp.Subquery) and query and not tree.args.get("alias"):
        tree = tree.this
    if isinstance(tree, exp.Query) and not isinstance(tree, exp.Subquery) and not query:
        tree = exp.Subquery(this=tree)
    if tree is None or (not query and not isinstance(tree, _EXPRESSIONS)):
        raise SnippetError("E_SQL", "This has to be one SQL expression.", 0)
    for identifier in tree.find_all(exp.Identifier):
        if not identifier.quoted and (odd := _TYPOGRAPHIC.search(identifier.name)):
            hint = "Write ' around texts; in YAML put the whole snippet in \"."
            raise SnippetError("E_SQL", f"{odd[0]} is no quote that SQL knows.", text.index(odd[0]), hint)
    for literal in tree.find_all(exp.Literal):
        if MARK in literal.this:
            reference = next(ref for mark, ref in references.items() if mark in literal.this)
            message = f"{reference} stands inside a quoted text, where it would not be replaced."
            raise SnippetError(
                "E_SQL_REFERENCE", message, reference.offset, r"Write \{ and \} for literal braces, or use ||."
            )
    return Snippet(text, tree, references)


_REFUSED = {
    "SECURITY_CONTEXT": (
        "values of the security context are not put into SQL text",
        "Limit rows by an `access_policy`: its values are parameters.",
    ),
    "SQL_UTILS": (
        "functions of Cube's SQL_UTILS are not run",
        "Write the column alone: times are put into the zone of the query wherever they are shown.",
    ),
    "COMPILE_CONTEXT": ("a model is not made for one asker", "Limit rows and members by an `access_policy`."),
}
"""What Cube puts between braces besides names, why it is refused, and what to do instead."""


def _marked(text: str) -> tuple[str, dict[str, Reference]]:
    """The text with a mark for each pair of braces, and what the marks stand for."""
    references: dict[str, Reference] = {}
    out: list[str] = []
    position = 0
    while position < len(text):
        letter = text[position]
        if letter == "\\" and text[position + 1 : position + 2] in {"{", "}"}:
            out.append(text[position + 1])
            position += 2
        elif letter == "{":
            end = _closing(text, position)
            if text[position - 1 : position] == "$":
                message = f"${text[position : end + 1]} is JavaScript's way of writing."
                raise SnippetError("E_SQL_REFERENCE", message, position - 1, "Write it without the dollar sign.")
            mark = _mark(len(references), end - position + 1)
            references[mark] = _reference(text[position + 1 : end], position)
            if (
                _WORD.match(text[position - 1 : position])
                or _WORD.match(text[end + 1 : end + 2])
                or text[end + 1 : end + 2] == "{"
            ):
                message = f"{references[mark]} touches a name, with which it would make up one."
                raise SnippetError("E_SQL_REFERENCE", message, position, "Put a space between, or an operator.")
            out.append(mark)
            position = end + 1
        elif letter == MARK:
            raise SnippetError("E_SQL", f"The letter {MARK} cannot be used in SQL here.", position)
        elif letter == "}":
            raise SnippetError("E_SQL_REFERENCE", "A } closes no {.", position, r"Write \} for a literal brace.")
        else:
            out.append(letter)
            position += 1
    return "".join(out), references


def _closing(text: str, start: int) -> int:
    depth = 0
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise SnippetError("E_SQL_REFERENCE", "A { is never closed.", start, r"Write \{ for a literal brace.")


def _reference(inside: str, offset: int) -> Reference:
    name = inside.strip()
    if _DOTTED.match(name):
        return Reference(tuple(name.split(".")), offset)
    if match := _SOURCE.match(name):
        return Reference((match[1],), offset, source=True)
    if name.startswith(("FILTER_PARAMS.", "FILTER_GROUP(")):
        return Reference((), offset, call=name)
    for word, (what, instead) in _REFUSED.items():
        if name.startswith(word):
            raise SnippetError("E_UNSUPPORTED", f"{{{name}}}: {what}.", offset, instead)
    hint = (
        r"Between braces stands a name: {CUBE}.column, {member} or {cube.member}. Write \{ and \} for literal braces."
    )
    raise SnippetError("E_SQL_REFERENCE", f"{{{inside}}} is not a reference.", offset, hint)


def _mark(index: int, length: int) -> str:
    digits = _DIGITS[index] if index < len(_DIGITS) else _DIGITS[index // 36 % 36] + _DIGITS[index % 36]
    return (MARK + digits).ljust(length, MARK)


def _refused(error: SqlglotError, text: str, marked: str) -> SnippetError:
    details = getattr(error, "errors", None) or [{}]
    line, column = details[0].get("line"), details[0].get("col")
    highlight = str(details[0].get("highlight") or "").strip()
    what = in_words(str(details[0].get("description") or str(error).split("\n", 1)[0]))
    offset = 0
    if line and column:
        lines = marked.split("\n")
        before = sum(len(each) + 1 for each in lines[: line - 1])
        offset = min(max(before + column - max(len(highlight), 1), 0), max(len(text) - 1, 0))
    shown = f" near {highlight!r}" if highlight and MARK not in highlight else ""
    return SnippetError("E_SQL", f"This SQL does not parse{shown}: {what}.", offset)
