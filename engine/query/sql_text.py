"""Reading a question written in SQL: its one SELECT, where each part stands in the text, and what is refused there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from engine.errors import Issue, Place, QueryError
from engine.model.parsing import UnreadableSql, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable

DIALECT: Final = "postgres"
FILE: Final = "query"
CODE: Final = "E_SEMANTIC_SQL"
FORM: Final = "Write SELECT feature, MEASURE(bug_count) FROM testing WHERE severity = 'critical' GROUP BY 1."
_LONGEST: Final = 50_000


class SqlText:
    """One text, with the mistakes found in it so far; `issues` are raised together."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.issues: list[Issue] = []

    def select(self) -> exp.Select:
        """The tree of the text; raises QueryError unless it is one SELECT."""
        if len(self.text) > _LONGEST:
            raise QueryError(self.issue(0, f"This SQL is longer than {_LONGEST} characters.", "Ask for less at once."))
        try:
            statements = parsed(self.text, DIALECT)
        except SqlglotError as error:
            raise QueryError(self._unread(error)) from error
        if not statements:
            raise QueryError(self.issue(0, "There is no SQL here.", FORM))
        if len(statements) > 1:
            raise QueryError(self.issue(statements[1], "A question is one SELECT; another statement follows.", FORM))
        statement = statements[0]
        while isinstance(statement, exp.Subquery) and not extras(statement, ("this",)):
            statement = statement.this
        if not isinstance(statement, exp.Select):
            raise QueryError(self.issue(0, "A question is one SELECT.", FORM))
        return statement

    def place(self, where: exp.Expr | int) -> Place:
        """Where a node, or a character, stands."""
        offset = where if isinstance(where, int) else _offset(where)
        before = self.text[:offset]
        return Place(FILE, before.count("\n") + 1, offset - before.rfind("\n"))

    def issue(self, where: exp.Expr | int, message: str, hint: str | None = None) -> Issue:
        """A mistake at its place."""
        return Issue(CODE, message, place=self.place(where), hint=hint)

    def refuse(self, where: exp.Expr | int, message: str, hint: str | None = None) -> None:
        """Note a mistake, to be raised with the others."""
        self.issues.append(self.issue(where, message, hint))

    def refused(self, where: exp.Expr, issues: Iterable[Issue]) -> None:
        """Note mistakes that were found elsewhere, at a place of this text."""
        place = self.place(where)
        self.issues += [
            Issue(each.code, each.message, place=place, hint=each.hint, candidates=each.candidates) for each in issues
        ]

    def written(self, node: exp.Expr) -> str:
        """A node as SQL, shortened, for messages."""
        sql = " ".join(node.sql(dialect=DIALECT, comments=False).split())
        return sql if len(sql) <= 40 else sql[:37] + "…"

    def _unread(self, error: SqlglotError) -> Issue:
        if isinstance(error, UnreadableSql):
            return self.issue(0, f"This SQL does not parse: {error}.", FORM)
        details = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
        line, column = details.get("line"), details.get("col")
        shown = str(details.get("highlight") or "").strip()
        if line is None or column is None:
            return self.issue(len(self.text), "This SQL does not end as it should: a quote is open.", FORM)
        place = Place(FILE, line, max(column - max(len(shown), 1) + 1, 1))
        near = f" near {shown[:40]!r}" if shown else ""
        return Issue(CODE, f"This SQL does not parse{near}.", place=place, hint=FORM)


def extras(node: exp.Expr, known: Iterable[str]) -> list[str]:
    """The parts of a node, by sqlglot's names, that are there and not among those known."""
    known = set(known)
    return [key for key, value in node.args.items() if key not in known and not _absent(value)]


def _absent(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, list) and not value)


def _offset(node: exp.Expr) -> int:
    """The first character of a node that the parser kept, else of what the node stands in."""
    around: exp.Expr | None = node
    while around is not None:
        starts = [each.meta["start"] for each in around.walk() if "start" in each.meta]
        if starts:
            return int(min(starts))
        around = around.parent
    return 0
