"""What a query gives: columns, rows, and an account of how they were made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.sql.statement import ResultColumn


@dataclass(frozen=True, slots=True)
class Result:
    """An answer.

    `rows` are tuples in the order of `columns`; dates are ISO texts, numbers are int or float, and nothing is NaN. `notes` say in
    words what a reader has to know; `query` is the query as it was understood, as plain data. `total_rows` is the number of
    groups there are, where it was asked for or the limit cut the result; `totals` the measures without dimensions, by name.
    """

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...]
    query: Mapping[str, Any]
    total_rows: int | None = None
    totals: Mapping[str, Any] | None = None
    cut: bool = False
    seconds: float = 0.0
    sql: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)

    def dicts(self) -> list[dict[str, Any]]:
        """The rows as dictionaries by member."""
        names = [column.member for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]
