"""Holds each note of an answer against what it is about: none may be missing, none may be there for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.questions.asking import Reply


def trouble_with_notes(replies: Sequence[Reply], declared: Sequence[str]) -> list[str]:
    """What is wrong with the notes of an answer; `declared` are parts of notes that the question itself expects.

    A note is about a filter by default, rows that were cut, rows without a date, a period that is not whole, a group whose name
    is empty, or a column that does not add up; what else there is has to be declared.
    """
    notes = list(replies[0].payload["notes"])
    found = [f"no note says: {part}" for part in (*_due(replies), *declared) if not any(part in note for note in notes)]
    known = [*_due(replies), *_possible(replies[0]), *declared]
    return found + [f"not expected: {note}" for note in notes if not any(part in note for part in known)]


def _due(replies: Sequence[Reply]) -> Iterator[str]:
    """Parts of the notes that there have to be."""
    payload = replies[0].payload
    shown = sum(len(reply.payload["rows"]) for reply in replies)
    if payload["query"].get("default_filters"):
        yield "By default only rows with"
    if len(replies) > 1:
        yield "the rest follows with next_cursor"
    if payload["total_rows"] > shown:
        yield f"{shown} of {payload['total_rows']} rows are shown"
    for period in payload.get("partial", ()):
        whole = f"{period['covered']} of {period['of']} {period['unit']}"
        yield f"{period['period']} {f'is partial: {whole}' if period['covered'] else 'lies in the future'}."
    if payload.get("undated"):
        yield "not counted."
    for name in _with_empty_groups(replies):
        yield f"Where {name.replace('_', ' ')} is empty"
    if payload["dimensions_used"] and shown > 1:
        for column in payload["columns"]:
            if column.get("additive") is False and column["name"] in payload["metrics_used"]:
                yield "add up"


def _possible(reply: Reply) -> Iterator[str]:
    """Parts of notes that there may be, if what they are about is asked."""
    for column in reply.payload["columns"]:
        if column.get("additive") is False:
            yield f"{column['name']} does not add up over the rows"
            yield "so the rows do not add up to the total."
            yield f"{column['name']} is limited in all its parts"


def _with_empty_groups(replies: Sequence[Reply]) -> Iterator[str]:
    for place, column in enumerate(replies[0].payload["columns"]):
        if column["role"] == "dimension" and _has_null(replies, place):
            yield column["name"]


def _has_null(replies: Sequence[Reply], place: int) -> bool:
    rows: list[list[Any]] = [row for reply in replies for row in reply.payload["rows"]]
    return any(row[place] is None for row in rows)
