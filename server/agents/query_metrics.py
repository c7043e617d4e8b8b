"""The tool `query_metrics`: arguments read and checked, the question answered, the answer cut into pages."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import EngineError, QueryError
from server.agents.correction import asks_less, corrected, right_name
from server.agents.cursor import Cursor, question_of, read_cursor
from server.agents.leniency import lenient
from server.agents.page import holds_nothing, page_of
from server.agents.payload import Payload, compact
from server.agents.periods import with_ranges
from server.agents.recent import Asked
from server.agents.schemas import query_names
from server.agents.search_values import unknown_values
from server.agents.suggestions import hints
from server.agents.tool import Refusal
from server.service.keys import this_second

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine import Issue, Result
    from server.agents.source import Source
    from server.service import Answered

_MOST_READINGS, _LONGEST_READING = 1_000, 4_000
"""How many calls are remembered as they were read, and up to how many characters."""


async def query_metrics(source: Source, arguments: Mapping[str, Any]) -> Payload:
    """The payload that answers a call; raises Refusal with what is wrong and a call that works."""
    began = time.perf_counter()
    reading = _reading(source, arguments)
    query, read = reading.query, reading.told
    cursor = _cursor(source, reading)
    offset, now = (cursor.offset, cursor.now) if cursor is not None else (0, this_second())
    try:
        question = with_ranges(query, now, source.model.settings.time_zone)
        answered = await source.service.answer(question, source.caller, now=now, watch=source.watch)
    except EngineError as error:
        raise refusal(source, error, reading.call, read, reading.known) from error
    source.recent.note(source.caller, Asked(question, now))
    if question.keys() - query.keys():
        read = [*read, "The dates end with today: a range without an end cannot be compared."]
    if is_empty := holds_nothing(answered.result):
        read = [*read, *await _unknown_values(source, answered.result.query.get("filters", ()))]

    def write(result: Result) -> bytes:
        has_hints = not (is_empty or offset)
        return page_of(result, offset, read, hints(source, query, result) if has_hints else {}).encode()

    page = Payload.read(answered.written(reading.form, write))
    after = offset + page.data["row_count"]
    following = Cursor(after, now, question_of(query)) if after < len(answered.result.rows) else None
    return page.extended(_this_time(answered, following, began))


def _this_time(answered: Answered, following: Cursor | None, began: float) -> dict[str, Any]:
    """What differs each time that a page is handed out; `began` is of `time.perf_counter`."""
    cache = answered.cache_data()
    return {
        **({"next_cursor": str(following)} if following is not None else {}),
        **({"cache": cache} if cache else {}),
        "query_time_ms": round((time.perf_counter() - began) * 1000, 3),
    }


@dataclass(frozen=True, slots=True)
class _Reading:
    """A call as it was read: `call` in its right form, and `query` without its cursor; nobody changes them.

    `known` are the arguments that there are, `told` says what was read otherwise than it was written, `form` names its pages.
    """

    call: Mapping[str, Any]
    query: Mapping[str, Any]
    known: tuple[str, ...]
    told: Sequence[str]
    form: str


def _reading(source: Source, arguments: Mapping[str, Any]) -> _Reading:
    """How a call is read, worked out once for all who see the same of the model; raises Refusal."""
    kept: dict[str, _Reading] = source.seen.cache.setdefault("agents: readings", {})
    written = json.dumps(arguments)
    found = kept.get(written)
    if found is None:
        found = _read(source, arguments)
        if len(kept) >= _MOST_READINGS:
            kept.clear()
        if len(written) <= _LONGEST_READING:
            kept[written] = found
    return found


def _read(source: Source, arguments: Mapping[str, Any]) -> _Reading:
    known = query_names(source)
    call, told = asked(source, arguments, known)
    if call.get("limit") == 0:
        unlimited = {name: value for name, value in call.items() if name != "limit"}
        raise Refusal(with_call(source, ["limit is 1 or more."], unlimited, known))
    query = {name: value for name, value in call.items() if name != "cursor"}
    return _Reading(call, query, known, tuple(told), f"agents: {question_of(arguments)}")


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


def _cursor(source: Source, reading: _Reading) -> Cursor | None:
    call, written = reading.call, reading.call.get("cursor")
    if written in (None, ""):
        return None
    try:
        cursor = read_cursor(str(written))
    except ValueError:
        why = "The cursor is none that was given out. Use next_cursor of the page before, or none for the first page."
        raise Refusal(with_call(source, [why], call, reading.known)) from None
    if cursor.question != question_of(reading.query):
        why = "The cursor belongs to another question: repeat the arguments of its first page, or leave it out."
        raise Refusal(with_call(source, [why], call, reading.known))
    return cursor


async def _unknown_values(source: Source, filters: Sequence[Mapping[str, Any]]) -> list[str]:
    """What to say of filters that nothing can pass; nothing if that cannot be found out, for the answer is there without it."""
    try:
        return await unknown_values(source, filters)
    except EngineError:
        return []


def _sentence(issue: Issue) -> str:
    return f"{issue.message} {issue.hint}" if issue.hint else issue.message
