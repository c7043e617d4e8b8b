"""What differs between databases, as data: one row a dialect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError, did_you_mean, near

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SqlDialect:
    """One database's habits.

    `typed_nulls`: a bare NULL in the first branch of a UNION fixes the column's type, so measures are cast. `text_times`: times are
    stored as text, in the form `YYYY-MM-DD HH:MM:SS`. `like`: `nocase` if LIKE ignores case by itself, `ilike` if there is ILIKE,
    else `lower`. `collation` orders text by code point where that is not the default. `ranks`: it has no exact
    percentile as an aggregate, so values are ranked instead.
    `loses_rows_by_having`: HAVING over an outer join to an empty table removes rows that pass it (seen in DuckDB 2.0), so measures
    are filtered outside. `missing` names functions that it lacks, with the reason.
    """

    name: str
    typed_nulls: bool = True
    text_times: bool = False
    like: str = "lower"
    escape: bool = True
    collation: str | None = None
    ranks: bool = False
    loses_rows_by_having: bool = False
    missing: Mapping[str, str] = field(default_factory=dict)


DIALECTS = {
    row.name: row
    for row in (
        SqlDialect("sqlite", typed_nulls=False, text_times=True, like="nocase", ranks=True),
        SqlDialect("duckdb", typed_nulls=False, like="ilike", loses_rows_by_having=True),
        SqlDialect("postgres", like="ilike", collation="C"),
        SqlDialect("clickhouse", like="ilike", escape=False),
        SqlDialect("spark", like="ilike"),
        SqlDialect("trino", ranks=True),
        SqlDialect("snowflake", like="ilike"),
        SqlDialect("bigquery", escape=False, ranks=True),
        SqlDialect("mysql", collation="utf8mb4_bin", ranks=True),
    )
}

_ALIASES = {"postgresql": "postgres", "databricks": "spark", "mariadb": "mysql", "sqlite3": "sqlite"}


def dialect_named(name: str) -> SqlDialect:
    """The dialect of that name; raises QueryError with the names there are."""
    found = DIALECTS.get(_ALIASES.get(name.lower(), name.lower()))
    if found is None:
        candidates = near(name, DIALECTS)
        hint = did_you_mean(candidates) or f"There are {', '.join(DIALECTS)}."
        raise QueryError(
            Issue("E_DIALECT", f"There is no SQL dialect {name!r}.", member="dialect", hint=hint, candidates=candidates)
        )
    return found
