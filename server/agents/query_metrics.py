"""The tool `query_metrics`: arguments read and checked, the question answered, the answer cut into pages."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine import EngineError, QueryError
from server.agents.correction import asks_less, corrected, right_name
from server.agents.cursor import Cursor, question_of, read_cursor
from server.agents.leniency import lenient
from server.agents.payload import columns_of, compact, most_rows, shortened
from server.agents.periods import with_ranges
from server.agents.recent import Asked
from server.agents.schemas import query_names
from server.agents.search_values import unknown_values
from server.agents.suggestions import addable, suggested
from server.agents.tool import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine import Issue
    from server.agents.source import Source
    from server.service import Answered

_TOLD = ("totals", "explanation", "query", "freshness", "undated", "partial", "model", "cache")


async def query_metrics(source: Source, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The payload that answers a call; raises Refusal with what is wrong and a call that works."""
    began = time.perf_counter()
    call, read = asked(source, arguments, query_names(source))
    if call.get("limit") == 0:
        unlimited = {name: value for name, value in call.items() if name != "limit"}
        raise Refusal(with_call(source, ["limit is 1 or more."], unlimited, query_names(source)))
    query = {name: value for name, value in call.items() if name != "cursor"}
    cursor = _cursor(source, call, query)
    start, most = (cursor.offset if cursor else 0), _most(source, query)
    now = cursor.now if cursor else datetime.now(UTC)
    try:
        question = with_ranges(query, now, source.model.settings.time_zone)
        if question.keys() - query.keys():
            read = [*read, "The dates end with today: a range without an end cannot be compared."]
        answered = await source.service.answer(
            {**question, "limit": max(most - start, 0), "offset": start} if cursor else question,
            source.caller,
            now=now,
            watch=source.watch,
        )
    except EngineError as error:
        raise refusal(source, error, call, read, query_names(source)) from error
    source.recent.note(source.caller, Asked(question, now))
    page = _Page(answered, start, most, Cursor(start, now, question_of(query)), read)
    if page.holds_nothing():
        page.read = [*read, *await _unknown_values(source, page.data["query"].get("filters", ()))]
    elif not cursor:
        page.more = {"can_add": addable(source, query), "suggested": suggested(source, query, page.first())}
    return page.payload(began)


def asked(source: Source, arguments: Mapping[str, Any], known: tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
    """A call in its right form, and what was read otherwise than it was written; raises Refusal for names that do not exist."""
    call, read = lenient(arguments, known)
    unknown = [name for name in call if name not in known]
    if not unknown:
        return call, read
    lines = []
    for name in unknown:
        right = right_name(name, known)
        lines.append(f"There is no argument {name!r}." + (f" Did you mean {right!r}?" if right else ""))
    lines.append(f"Arguments are {', '.join(known)}.")
    raise Refusal(with_call(source, [*read, *lines], call, known))


def refusal(
    source: Source, error: EngineError, call: Mapping[str, Any], read: Sequence[str], known: tuple[str, ...]
) -> Refusal:
    """What a caller is told of a question that was not answered: why, and where that helps, a call that works."""
    lines = [*read, *map(_sentence, error.issues)]
    if not isinstance(error, QueryError) or any(issue.code == "E_SECURITY_VALUE" for issue in error.issues):
        return Refusal("\n".join(lines))
    return Refusal(with_call(source, lines, call, known))


def with_call(source: Source, lines: Sequence[str], call: Mapping[str, Any], known: tuple[str, ...]) -> str:
    """Lines that say what is wrong, and after them the nearest call that works."""
    found = corrected(call, known, source)
    if found is None:
        return "\n".join([*lines, "Call get_analytics_capabilities for what can be asked."])
    less = ", but leaves something out" if asks_less(found, call, known) else ""
    return "\n".join([*lines, f"This call works{less}: {compact(found)}"])


def _cursor(source: Source, call: Mapping[str, Any], query: Mapping[str, Any]) -> Cursor | None:
    written = call.get("cursor")
    if written in (None, ""):
        return None
    try:
        cursor = read_cursor(str(written))
    except ValueError:
        why = "The cursor is none that was given out. Use next_cursor of the page before, or none for the first page."
        raise Refusal(with_call(source, [why], call, query_names(source))) from None
    if cursor.question != question_of(query):
        why = "The cursor belongs to another question: repeat the arguments of its first page, or leave it out."
        raise Refusal(with_call(source, [why], call, query_names(source)))
    return cursor


async def _unknown_values(source: Source, filters: Sequence[Mapping[str, Any]]) -> list[str]:
    """What to say of filters that nothing can pass; nothing if that cannot be found out, for the answer is there without it."""
    try:
        return await unknown_values(source, filters)
    except EngineError:
        return []


def _most(source: Source, query: Mapping[str, Any]) -> int:
    """How many rows all pages together may have."""
    limit = query.get("limit")
    known = isinstance(limit, int) and not isinstance(limit, bool)
    return int(limit or 0) if known else source.model.settings.limits.default_rows


class _Page:
    """One page of an answer: as many of the rows as the budget allows. `more` is what stands beside the rows of a first page."""

    def __init__(self, answered: Answered, start: int, most: int, here: Cursor, read: Sequence[str]) -> None:
        self.data = answered.as_dict(replay=False)
        self.rows, self.texts_cut = shortened(self.data["rows"])
        self.result, self.start, self.most, self.here, self.read = answered.result, start, most, here, read
        self.more: dict[str, Any] = {}

    def holds_nothing(self) -> bool:
        """Whether there is no row or, without dimensions, one in which every metric is null or 0."""
        if any(column.role != "measure" for column in self.result.columns):
            return not self.result.rows
        return not any(value for row in self.result.rows for value in row)

    def first(self) -> dict[str, Any]:
        """The first row, by column."""
        names = [column.member for column in self.result.columns]
        return dict(zip(names, self.result.rows[0], strict=True)) if self.result.rows else {}

    def payload(self, began: float) -> dict[str, Any]:
        """The page as it is sent; the time it took counts from `began` (of `time.perf_counter`)."""
        fixed, milliseconds = self._fixed(), round((time.perf_counter() - began) * 1000, 3)

        def page(rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
            return self._with(rows, fixed, milliseconds)

        return page(self.rows[: most_rows(self.rows, page)])

    def _fixed(self) -> dict[str, Any]:
        """What is the same however many rows fit."""
        columns = self.result.columns
        return {
            **{name: self.data[name] for name in _TOLD if name in self.data},
            "metrics_used": list(self.data["query"].get("metrics", ())),
            "dimensions_used": [column.member for column in columns if column.role in {"dimension", "time"}],
            **{name: value for name, value in self.more.items() if value},
        }

    def _with(self, rows: Sequence[Sequence[Any]], fixed: Mapping[str, Any], milliseconds: float) -> dict[str, Any]:
        data, more = self.data, len(rows) < len(self.rows)
        shown_to = self.start + len(rows)
        total = data.get("total_rows")
        if total is None and not data["cut"]:
            total = self.start + len(self.rows)
        notes = [*self.read, *data["notes"]]
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
            **fixed,
            "notes": notes,
            "query_time_ms": milliseconds,
        }
        return {name: value for name, value in payload.items() if value is not None}


def _sentence(issue: Issue) -> str:
    return f"{issue.message} {issue.hint}" if issue.hint else issue.message
