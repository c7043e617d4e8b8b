"""Identifiers: written bare where every database reads them so, quoted where one might not."""

from __future__ import annotations

import re
from functools import lru_cache

from sqlglot import exp

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# Words that at least one of our dialects reserves, and that a model may well use as a name.
_RESERVED = frozenset(
    [
        "all",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "asymmetric",
        "authorization",
        "between",
        "binary",
        "both",
        "by",
        "case",
        "cast",
        "check",
        "collate",
        "column",
        "constraint",
        "create",
        "cross",
        "cube",
        "current",
        "current_date",
        "current_role",
        "current_time",
        "current_timestamp",
        "current_user",
        "database",
        "default",
        "deferrable",
        "delete",
        "desc",
        "describe",
        "distinct",
        "div",
        "do",
        "drop",
        "else",
        "end",
        "escape",
        "except",
        "exclude",
        "exists",
        "explain",
        "extract",
        "false",
        "fetch",
        "filter",
        "final",
        "following",
        "for",
        "foreign",
        "from",
        "full",
        "fulltext",
        "function",
        "global",
        "glob",
        "grant",
        "group",
        "grouping",
        "groups",
        "having",
        "high_priority",
        "if",
        "ignore",
        "ilike",
        "in",
        "index",
        "inner",
        "insert",
        "intersect",
        "interval",
        "into",
        "is",
        "isnull",
        "join",
        "key",
        "keys",
        "kill",
        "lateral",
        "leading",
        "left",
        "like",
        "limit",
        "load",
        "local",
        "localtime",
        "localtimestamp",
        "lock",
        "match",
        "merge",
        "minus",
        "mod",
        "natural",
        "new",
        "no",
        "not",
        "nothing",
        "notnull",
        "null",
        "nulls",
        "of",
        "off",
        "offset",
        "old",
        "on",
        "only",
        "or",
        "order",
        "outer",
        "over",
        "overlaps",
        "partition",
        "percent",
        "placing",
        "pragma",
        "preceding",
        "prewhere",
        "primary",
        "procedure",
        "proc",
        "qualify",
        "range",
        "rank",
        "read",
        "recursive",
        "references",
        "regexp",
        "rename",
        "replace",
        "require",
        "returning",
        "right",
        "rlike",
        "row",
        "rows",
        "sample",
        "schema",
        "select",
        "semi",
        "separator",
        "session_user",
        "set",
        "settings",
        "show",
        "similar",
        "some",
        "sql",
        "start",
        "struct",
        "symmetric",
        "system",
        "table",
        "tablesample",
        "then",
        "to",
        "top",
        "trailing",
        "trigger",
        "true",
        "truncate",
        "unbounded",
        "union",
        "unique",
        "unknown",
        "unnest",
        "update",
        "usage",
        "user",
        "using",
        "values",
        "variadic",
        "verbose",
        "view",
        "virtual",
        "when",
        "where",
        "window",
        "with",
        "within",
        "without",
        "year_month",
    ]
)


@lru_cache(maxsize=8192)
def needs_quotes(name: str) -> bool:
    """Whether some database would not read the bare name as an identifier.

    >>> needs_quotes("bug_count"), needs_quotes("order"), needs_quotes("orders.count")
    (False, True, True)
    """
    return not _PLAIN.match(name) or name.lower() in _RESERVED


def identifier(name: str, *, quoted: bool = False) -> exp.Identifier:
    """An identifier node; `quoted` if the analyst quoted it."""
    return exp.Identifier(this=name, quoted=quoted or needs_quotes(name))


def column(name: str, table: str | None = None, *, quoted: bool = False) -> exp.Column:
    """A column node, of `table` if that is given."""
    if table is None:
        return exp.Column(this=identifier(name, quoted=quoted))
    return exp.Column(this=identifier(name, quoted=quoted), table=identifier(table))


def alias_of(name: str) -> str:
    """The column name in SQL for a member as the query named it.

    >>> alias_of("orders.created_at.month")
    'orders__created_at__month'
    """
    return name.replace(".", "__")
