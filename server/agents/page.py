"""One page of an answer: as many of its rows as fit, and beside them what a reader has to know.

Rows that do not fit come on the next page. A page is written once and kept beside the answer; what differs each time that it is
handed out (`next_cursor`, how long it took, how old the answer is) is added then.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from server.agents.payload import BUDGET, compact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine import Result

TAIL = 400
"""Characters that are left for what is added to a page when it is handed out."""

_TOLD = ("totals", "explanation", "query", "freshness", "undated", "partial", "model", "sql_digest")
_COLUMN_PARTS = ("name", "type", "role", "title", "unit", "format", "granularity", "additive")
_LONGEST_TEXT, _LONGEST_SENTENCE = 300, 1_500
_ACCOUNT = BUDGET // 2
"""Characters that may stand beside the rows; a question may name more values than an answer can repeat."""

_SPARE = ("query", "partial", "suggested", "can_add")
"""What is left out first where there is no room."""


def holds_nothing(result: Result) -> bool:
    """Whether there is no row or, without dimensions, one in which every metric is null or 0."""
    if any(column.role != "measure" for column in result.columns):
        return not result.rows
    return not any(value for row in result.rows for value in row)


def page_of(result: Result, start: int, read: Sequence[str], more: Mapping[str, Any]) -> str:
    """The page that begins at row `start`, as text.

    `read` are notes on how the question was read, `more` is what stands beside the rows.
    """
    data = result.as_dict(replay=False)
    rows, are_cut = _shortened(data["rows"][start:])
    notes = [_short(each, _LONGEST_SENTENCE) for each in (*read, *data["notes"])]
    notes += ["Long texts are cut; they end in …"] if are_cut else []
    if "explanation" in data:
        data["explanation"] = _short(data["explanation"], _LONGEST_SENTENCE)
    page: dict[str, Any] = {
        "columns": columns_of(data["columns"]),
        "rows": [],
        "row_count": 0,
        "total_rows": data.get("total_rows", None if data["cut"] else len(data["rows"])),
        **{name: data[name] for name in _TOLD if name in data},
        "metrics_used": list(data["query"].get("metrics", ())),
        "dimensions_used": [column.member for column in result.columns if column.role in {"dimension", "time"}],
        **{name: value for name, value in more.items() if value},
        "notes": [_position(start, len(data["rows"]), len(data["rows"])), *notes],
    }
    for name in _SPARE:
        if len(compact(page)) > _ACCOUNT and page.pop(name, None):
            notes.append(f"{name} is too long to be told here.")
            page["notes"] = [*page["notes"], notes[-1]]
    fit = _fitting(rows, BUDGET - TAIL - len(compact(page)))
    page |= {"rows": rows[:fit], "row_count": fit, "notes": notes}
    if start or fit < len(rows):
        page["notes"] = [_position(start, start + fit, len(data["rows"])), *notes]
    return compact({name: value for name, value in page.items() if value is not None})


def columns_of(written: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What an agent needs to know of each column."""
    return [
        {
            part: column[part]
            for part in _COLUMN_PARTS
            if part in column and (part != "format" or column[part] == "percent")
        }
        for column in written
    ]


def _position(start: int, end: int, count: int) -> str:
    if start >= count:
        return f"There are {count} rows by now, so none is left for this page: the data have changed since the page before."
    rest = "the rest follows with next_cursor" if end < count else "this is the last page"
    return f"Rows {start + 1} to {end} of {count}: {rest}."


def _fitting(rows: Sequence[Sequence[Any]], room: int) -> int:
    """How many of the rows fit into so many characters; at least one of any."""
    sizes = accumulate(len(compact(row)) + 1 for row in rows)
    return max(sum(size <= room for size in sizes), min(len(rows), 1))


def _shortened(rows: Sequence[Sequence[Any]]) -> tuple[list[list[Any]], bool]:
    """The rows with long texts cut, and whether any was."""
    cut = any(isinstance(value, str) and len(value) > _LONGEST_TEXT for row in rows for value in row)
    return [[_short(value) for value in row] for row in rows] if cut else [list(row) for row in rows], cut


def _short(value: Any, most: int = _LONGEST_TEXT) -> Any:
    return f"{value[: most - 1]}…" if isinstance(value, str) and len(value) > most else value
