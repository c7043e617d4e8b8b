"""What differs between databases, as data: one row a dialect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from engine.errors import Issue, QueryError, did_you_mean
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SqlDialect:
    """One database's habits.

    `typed_nulls`: a bare NULL in the first branch of a UNION fixes the column's type, so measures are cast. `text_times`: times are
    stored as text, in the form `YYYY-MM-DD HH:MM:SS`. `like`: `nocase` if LIKE ignores case by itself, `ilike` if there is ILIKE,
    else `lower`. `escape`: LIKE takes ESCAPE, else a backslash escapes. `collation` orders text by code point where that is not the
    default; `folds`: without it, equal means equal but for case. `ranks`: it has no exact percentile as an aggregate, so values are
    ranked instead. `loses_rows_by_having`: HAVING over an outer join to an empty table removes rows that pass it (seen in
    DuckDB 2.0), so measures are filtered outside. `rounds`: averages and ratios of decimals keep few digits, so they are
    computed as doubles. `nulls`: NULLS LAST is understood, or nulls stand first. `buckets`: how a row for each bucket of time is
    made. How it joins, where that was measured: it `looks_up` rows one at a time by an index, so that partners are asked for
    as keys, and joined to what is counted by these; or it `hashes` them, so that buckets of a partner's time are carried along.
    `settings` make the whole statement mean what the standard says.

    Of its driver: `parameter` marks one, `?` where they have places and no names; `percent` tells when `%%` is a percent sign;
    `untyped_times`: times are sent as texts, which become whatever type of time they are compared with.

    `missing` names functions that it lacks, with the reason.
    """

    name: str
    typed_nulls: bool = True
    text_times: bool = False
    like: str = "lower"
    escape: bool = True
    collation: str | None = None
    folds: bool = False
    ranks: bool = False
    loses_rows_by_having: bool = False
    rounds: bool = False
    nulls: Literal["by words", "first"] = "by words"
    buckets: Literal["recursion", "sequence", "array"] = "recursion"
    looks_up: bool = False
    hashes: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    parameter: str = "%({})s"
    percent: Literal["plain", "doubled", "doubled beside parameters"] = "plain"
    untyped_times: bool = False
    missing: Mapping[str, str] = field(default_factory=dict)


# Without these a missing partner's columns are 0, and so is a sum of nothing.
_CLICKHOUSE = {"join_use_nulls": "1", "aggregate_functions_null_for_empty": "1"}

DIALECTS = {
    row.name: row
    for row in (
        SqlDialect(
            "sqlite",
            typed_nulls=False,
            text_times=True,
            like="nocase",
            ranks=True,
            looks_up=True,
            parameter=":{}",
        ),
        SqlDialect(
            "duckdb",
            typed_nulls=False,
            like="ilike",
            loses_rows_by_having=True,
            hashes=True,
            parameter="${}",
        ),
        SqlDialect("postgres", like="ilike", collation="C", percent="doubled"),
        SqlDialect("clickhouse", like="ilike", escape=False, percent="doubled beside parameters", settings=_CLICKHOUSE),
        SqlDialect("spark", like="ilike", rounds=True, parameter=":{}", buckets="sequence"),
        SqlDialect("trino", ranks=True, rounds=True, parameter="?", buckets="sequence"),
        SqlDialect("snowflake", like="ilike", rounds=True, percent="doubled beside parameters"),
        SqlDialect("bigquery", escape=False, ranks=True, percent="doubled", untyped_times=True, buckets="array"),
        SqlDialect(
            "mysql", collation="utf8mb4_bin", ranks=True, percent="doubled", nulls="first", folds=True, rounds=True
        ),
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
