"""An answer as agents get it: one compact object, the same in text and as structured content, within a budget of characters.

Hosts cut or drop what is too long, and differ in which of the two channels they show, so each holds all of it. Rows that do not
fit come on the next page.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

BUDGET = 24_000
"""Characters of one answer in one channel; a host that forwards both stays below 50,000."""

_LONGEST_TEXT = 300
_COLUMN_PARTS = ("name", "type", "role", "title", "unit", "format", "granularity", "additive", "why_not_additive")


def compact(data: Mapping[str, Any]) -> str:
    """The text of a payload."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


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


def most_rows(rows: Sequence[Sequence[Any]], page: Callable[[Sequence[Sequence[Any]]], Mapping[str, Any]]) -> int:
    """How many of the rows fit into the budget, on the page that `page` makes of them; at least one of any."""
    if len(compact(page(rows))) <= BUDGET:
        return len(rows)
    fits, fails = 1, len(rows)
    while fails - fits > 1:
        middle = (fits + fails) // 2
        if len(compact(page(rows[:middle]))) <= BUDGET:
            fits = middle
        else:
            fails = middle
    return fits


def shortened(rows: Sequence[Sequence[Any]]) -> tuple[list[list[Any]], bool]:
    """The rows with long texts cut, and whether any was."""
    cut = any(isinstance(value, str) and len(value) > _LONGEST_TEXT for row in rows for value in row)
    return [[_short(value) for value in row] for row in rows] if cut else [list(row) for row in rows], cut


def _short(value: Any) -> Any:
    return f"{value[: _LONGEST_TEXT - 1]}…" if isinstance(value, str) and len(value) > _LONGEST_TEXT else value
