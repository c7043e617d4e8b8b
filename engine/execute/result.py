"""What a query gives: columns, rows, and an account of how they were made.

The payload, `Result.as_dict()`, is what the command line prints as JSON and what MCP and HTTP send; keys that would be empty are
left out:

    columns      [{"name", "title", "type", "role", "unit"?, "format"?, "granularity"?, "additive"?, "why_not_additive"?}]
    rows         [[value, …]], in the order of the columns
    row_count    how many rows there are here; `total_rows` how many there are in all, `cut` whether a limit cut them
    totals       {metric: value} over all rows, if they were asked for
    explanation  the query in a sentence
    notes        what a reader has to know, in words
    query        the query as it was understood
    model        {"name", "release", "digest"}
    sql_digest   identifies the SQL, without its values
    freshness    how old the rows are, by source
    undated      {cube: rows left out for having no date}
    partial      [{"period", "covered", "of", "unit"}]
    seconds      what the databases took
    replay       {"query", "now"}: with the model of that digest, this gives the same statement again
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.execute.arrow import arrow_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.execute.periods import PartialPeriod
    from engine.sql.statement import ResultColumn


@dataclass(frozen=True, slots=True)
class Account:
    """How an answer was made, beside its notes; see this module's payload for the parts."""

    explanation: str = ""
    model: Mapping[str, str] = field(default_factory=dict)
    sql_digest: str = ""
    freshness: Mapping[str, Any] = field(default_factory=dict)
    undated: Mapping[str, int] = field(default_factory=dict)
    partial: tuple[PartialPeriod, ...] = ()
    replay: Mapping[str, Any] = field(default_factory=dict)


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
    account: Account = field(default_factory=Account)

    def dicts(self) -> list[dict[str, Any]]:
        """The rows as dictionaries by member."""
        names = [column.member for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def to_arrow(self) -> Any:
        """The result as a `pyarrow.Table`, dates and times as such; raises EngineError if pyarrow is not installed."""
        return arrow_table(self)

    def as_dict(self, *, replay: bool = True) -> dict[str, Any]:
        """The answer as plain data, ready for JSON; `replay` of False leaves out what only a replay needs."""
        account = self.account
        parts: dict[str, Any] = {
            "columns": [column_data(column) for column in self.columns],
            "rows": [list(row) for row in self.rows],
            "row_count": len(self.rows),
            "total_rows": self.total_rows,
            "cut": self.cut,
            "totals": self.totals,
            "explanation": account.explanation,
            "notes": list(self.notes),
            "query": self.query,
            "model": account.model,
            "sql_digest": account.sql_digest,
            "freshness": account.freshness,
            "undated": account.undated,
            "partial": [period.as_dict() for period in account.partial],
            "seconds": round(self.seconds, 6),
            "replay": account.replay if replay else None,
        }
        return {name: part for name, part in parts.items() if name in _ALWAYS or part not in _NOTHING}


_ALWAYS = frozenset({"columns", "rows", "row_count", "cut", "notes", "seconds"})
_NOTHING: tuple[Any, ...] = (None, "", [], {})


def column_data(column: ResultColumn) -> dict[str, Any]:
    """A column as plain data, without what it does not have."""
    data = {
        "name": column.member,
        "title": column.title,
        "type": column.type,
        "role": column.role,
        "unit": column.unit,
        "format": column.format,
        "granularity": column.granularity,
        "additive": column.additive,
        "why_not_additive": column.why_not_additive,
    }
    return {name: value for name, value in data.items() if value not in (None, "")}
