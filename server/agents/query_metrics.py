"""The tool `query_metrics`: arguments checked, the question answered, the answer cut into pages."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine import EngineError, QueryError
from server.agents.correction import asks_less, corrected, right_name
from server.agents.cursor import Cursor, question_of, read_cursor
from server.agents.payload import columns_of, compact, most_rows, shortened
from server.agents.schemas import query_arguments
from server.agents.tool import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine import Issue
    from server.agents.source import Source
    from server.service import Answered

_TOLD = ("totals", "explanation", "query", "freshness", "undated", "partial", "model", "cache")


class QueryMetrics:
    """Answers calls of query_metrics from one source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.known = tuple(query_arguments(source)["properties"])

    async def answer(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The payload that answers a call; raises Refusal with what is wrong and a call that works."""
        began = time.perf_counter()
        self._check_names(arguments)
        query = {name: value for name, value in arguments.items() if name != "cursor" and value is not None}
        cursor = self._cursor(arguments, query)
        start, most = (cursor.offset if cursor else 0), self._most(query)
        now = cursor.now if cursor else datetime.now(UTC)
        try:
            answered = await self.source.service.answer(
                {**query, "limit": max(most - start, 0), "offset": start} if cursor else query,
                self.source.caller,
                now=now,
            )
        except EngineError as error:
            raise self._refusal(error, arguments) from error
        page = _Page(answered, start, most, Cursor(start, now, question_of(query)))
        return page.payload(round((time.perf_counter() - began) * 1000, 1))

    def _check_names(self, arguments: dict[str, Any]) -> None:
        unknown = [name for name in arguments if name not in self.known]
        if not unknown:
            return
        lines = []
        for name in unknown:
            right = right_name(name, self.known)
            lines.append(f"There is no argument {name!r}." + (f" Did you mean {right!r}?" if right else ""))
        lines.append(f"Arguments are {', '.join(self.known)}.")
        raise Refusal(self._with_call(lines, arguments))

    def _cursor(self, arguments: dict[str, Any], query: dict[str, Any]) -> Cursor | None:
        written = arguments.get("cursor")
        if written in (None, ""):
            return None
        try:
            cursor = read_cursor(str(written))
        except ValueError:
            lines = [
                "The cursor is none that was given out. Use next_cursor of the page before, or none for the first page."
            ]
            raise Refusal(self._with_call(lines, arguments)) from None
        if cursor.question != question_of(query):
            lines = ["The cursor belongs to another question: repeat the arguments of its first page, or leave it out."]
            raise Refusal(self._with_call(lines, arguments))
        return cursor

    def _most(self, query: dict[str, Any]) -> int:
        """How many rows all pages together may have."""
        limit = str(query.get("limit", ""))
        return int(limit) if limit.isascii() and limit.isdigit() else self.source.model.settings.limits.default_rows

    def _refusal(self, error: EngineError, arguments: dict[str, Any]) -> Refusal:
        lines = [_sentence(issue) for issue in error.issues]
        if not isinstance(error, QueryError) or any(issue.code == "E_SECURITY_VALUE" for issue in error.issues):
            return Refusal("\n".join(lines))
        return Refusal(self._with_call(lines, arguments))

    def _with_call(self, lines: list[str], arguments: dict[str, Any]) -> str:
        call = corrected(arguments, self.known, self.source)
        if call is None:
            return "\n".join([*lines, "Call get_analytics_capabilities for what can be asked."])
        less = ", but leaves something out" if asks_less(call, arguments, self.known) else ""
        return "\n".join([*lines, f"This call works{less}: {compact(call)}"])


class _Page:
    """One page of an answer: as many of the rows as the budget allows."""

    def __init__(self, answered: Answered, start: int, most: int, here: Cursor) -> None:
        self.data = answered.as_dict(replay=False)
        self.rows, self.texts_cut = shortened(self.data["rows"])
        self.result, self.start, self.most, self.here = answered.result, start, most, here

    def payload(self, milliseconds: float) -> dict[str, Any]:
        """The page as it is sent."""

        def page(rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
            return self._with(rows, milliseconds)

        return page(self.rows[: most_rows(self.rows, page)])

    def _with(self, rows: Sequence[Sequence[Any]], milliseconds: float) -> dict[str, Any]:
        data, more = self.data, len(rows) < len(self.rows)
        shown_to = self.start + len(rows)
        total = data.get("total_rows")
        if total is None and not data["cut"]:
            total = self.start + len(self.rows)
        notes = list(data["notes"])
        if more or self.start:
            rest = "the rest follows with next_cursor" if more else "this is the last page"
            notes.insert(0, f"Rows {self.start + 1} to {shown_to} of {self.start + len(self.rows)}: {rest}.")
        if self.texts_cut:
            notes.append("Long texts are cut; they end in …")
        payload = {
            "columns": columns_of(data["columns"]),
            "rows": rows,
            "row_count": len(rows),
            "total_rows": total,
            "next_cursor": str(Cursor(shown_to, self.here.now, self.here.question)) if more else None,
            **{name: data[name] for name in _TOLD if name in data},
            "notes": notes,
            "metrics_used": [column.member for column in self.result.columns if column.role == "measure"],
            "dimensions_used": [
                column.member for column in self.result.columns if column.role in {"dimension", "time"}
            ],
            "query_time_ms": milliseconds,
        }
        return {name: value for name, value in payload.items() if value is not None}


def _sentence(issue: Issue) -> str:
    return f"{issue.message} {issue.hint}" if issue.hint else issue.message
