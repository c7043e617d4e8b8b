"""The filter operators, as rows of a table: how each is spelled, how many values it takes, on which types it makes sense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Arity = Literal["none", "one", "many", "range"]

_TEXT = frozenset({"string"})
_ORDERED = frozenset({"number", "time", "string"})
_TIME = frozenset({"time"})
_ANY = frozenset({"string", "number", "boolean", "time"})


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: what it does (`kind`), whether it keeps what it does not match (`negative`), and its other spellings."""

    name: str
    kind: Literal["in", "like", "compare", "set", "range"]
    arity: Arity
    types: frozenset[str] = _ANY
    negative: bool = False
    prefix: str = ""
    suffix: str = ""
    symbol: str = ""
    aliases: tuple[str, ...] = ()


_ROWS = (
    Operator("equals", "in", "many", aliases=("in", "eq", "=", "==", "is", "equal")),
    Operator(
        "notEquals",
        "in",
        "many",
        negative=True,
        aliases=("notIn", "not_in", "neq", "ne", "!=", "<>", "not_equals", "not"),
    ),
    Operator("contains", "like", "many", _TEXT, prefix="%", suffix="%", aliases=("like", "ilike", "includes")),
    Operator("notContains", "like", "many", _TEXT, negative=True, prefix="%", suffix="%", aliases=("not_contains",)),
    Operator("startsWith", "like", "many", _TEXT, suffix="%", aliases=("starts_with", "prefix")),
    Operator("notStartsWith", "like", "many", _TEXT, negative=True, suffix="%", aliases=("not_starts_with",)),
    Operator("endsWith", "like", "many", _TEXT, prefix="%", aliases=("ends_with", "suffix")),
    Operator("notEndsWith", "like", "many", _TEXT, negative=True, prefix="%", aliases=("not_ends_with",)),
    Operator("gt", "compare", "one", _ORDERED, symbol=">", aliases=(">", "greaterThan", "greater_than", "above")),
    Operator("gte", "compare", "one", _ORDERED, symbol=">=", aliases=(">=", "ge", "atLeast", "at_least")),
    Operator("lt", "compare", "one", _ORDERED, symbol="<", aliases=("<", "lessThan", "less_than", "below")),
    Operator("lte", "compare", "one", _ORDERED, symbol="<=", aliases=("<=", "le", "atMost", "at_most")),
    Operator(
        "set",
        "set",
        "none",
        negative=True,
        aliases=("is_set", "exists", "notNull", "not_null", "isNotNull", "is_not_null"),
    ),
    Operator("notSet", "set", "none", aliases=("not_set", "isNull", "is_null", "null")),
    Operator(
        "inDateRange", "range", "range", _TIME, aliases=("in_date_range", "between", "onTheDate", "on_the_date", "on")
    ),
    Operator("notInDateRange", "range", "range", _TIME, negative=True, aliases=("not_in_date_range", "notBetween")),
    Operator("beforeDate", "compare", "one", _TIME, symbol="<", aliases=("before_date", "before")),
    Operator("beforeOrOnDate", "compare", "one", _TIME, symbol="<=", aliases=("before_or_on_date", "until")),
    Operator("afterDate", "compare", "one", _TIME, symbol=">", aliases=("after_date", "after")),
    Operator("afterOrOnDate", "compare", "one", _TIME, symbol=">=", aliases=("after_or_on_date", "since")),
)

OPERATORS = {row.name: row for row in _ROWS}
"""By Cube's name for each."""

_SPELLINGS = {spelling.lower(): row for row in _ROWS for spelling in (row.name, *row.aliases)}


def operator_named(spelling: str) -> Operator | None:
    """The operator of that name or alias, in any case.

    >>> operator_named("EQ").name, operator_named("nearly")
    ('equals', None)
    """
    return _SPELLINGS.get(spelling.lower())
