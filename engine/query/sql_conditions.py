"""WHERE and HAVING of a question written in SQL, as filters that say exactly the same.

In SQL no comparison holds for a missing value, nor does its opposite; of the filters, the negative ones keep rows without a value.
So `x <> 'a'` is `notEquals a` together with `set`, and NOT is carried down to the comparisons:

    NOT (x = 'a' OR y > 5)      x notEquals a, x set, y lte 5

Two things are read as the filters have them: LIKE does not mind case, and a day is compared with as a whole (`<= '2025-03-31'`
includes that day, `> '2025-03-31'` starts after it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlglot import exp

from engine.model.members import Dimension, Measure, Segment
from engine.query.query import Filter, FilterGroup
from engine.query.sql_values import NotAValue, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.query.sql_names import Named
    from engine.query.sql_text import SqlText

Clause = Literal["WHERE", "HAVING"]
Condition = Filter | FilterGroup

_OPPOSITES: Final = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_MIRRORED: Final = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_SYMBOLS: Final[dict[type[exp.Expr], str]] = {exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}
_COMPARED: Final = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
_DATED: Final = {">": "afterDate", ">=": "afterOrOnDate", "<": "beforeDate", "<=": "beforeOrOnDate"}
_EQUALITIES: Final = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)
_NULL: Final = "No comparison with NULL holds for any row."
_PATTERN: Final = "A pattern is 'text%' (starts with), '%text' (ends with) or '%text%' (contains)."


@dataclass(frozen=True, slots=True)
class SegmentWanted:
    """A segment that stands among the conditions."""

    name: str


class Conditions:
    """Reads one clause; `named` tells what a column or call means there."""

    def __init__(self, sql: SqlText, clause: Clause, named: Callable[[exp.Expr], Named | None]) -> None:
        self.sql = sql
        self.clause = clause
        self._named = named

    def all_of(self, node: exp.Expr) -> list[Condition | SegmentWanted]:
        """The conditions of which all have to hold; mistakes are noted, and what they stand in left out."""
        found: list[Condition | SegmentWanted] = []
        for part in _parts(node, exp.And):
            segment = self._segment(part)
            condition = segment or self._condition(part, negate=False)
            if isinstance(condition, FilterGroup) and condition.junction == "and":
                found += condition.parts
            elif condition is not None:
                found.append(condition)
        return found

    def _condition(self, node: exp.Expr, *, negate: bool) -> Condition | None:
        while isinstance(node, exp.Paren | exp.Not):
            negate ^= isinstance(node, exp.Not)
            node = node.this
        if isinstance(node, exp.And | exp.Or):
            both = isinstance(node, exp.And) ^ negate
            parts = [self._condition(part, negate=negate) for part in _parts(node, type(node))]
            return self._group("and" if both else "or", [part for part in parts if part is not None], node)
        try:
            return self._leaf(node, negate=negate ^ bool(node.args.get("negate")))
        except NotAValue:
            return None

    def _leaf(self, node: exp.Expr, *, negate: bool) -> Condition | None:
        if isinstance(node, _EQUALITIES):
            return self._equal(node, negate=negate)
        if type(node) in _SYMBOLS:
            return self._compared(node, negate=negate)
        if isinstance(node, exp.In):
            return self._listed(node, negate=negate)
        if isinstance(node, exp.Between) and not node.args.get("symmetric"):
            return self._between(node, negate=negate)
        if isinstance(node, exp.Like | exp.ILike | exp.Escape):
            return self._like(node, negate=negate)
        if isinstance(node, exp.Is):
            return self._is(node, negate=negate)
        if isinstance(node, exp.Column):
            return self._true(node, value=not negate)
        hint = "Compare members with values by =, <>, <, >, IN, BETWEEN, LIKE, IS NULL, joined by AND, OR, NOT."
        self.sql.refuse(node, f"{self.sql.written(node)} is no condition that can be asked.", hint)
        return None

    # Comparisons.

    def _equal(self, node: exp.Expr, *, negate: bool) -> Condition | None:
        left, right, _ = self._sides(node)
        member, value = self._member(left), value_of(right, self.sql)
        negate ^= isinstance(node, exp.NEQ | exp.NullSafeNEQ)
        if member is None:
            return None
        if isinstance(node, exp.NullSafeEQ | exp.NullSafeNEQ):
            # IS DISTINCT FROM is what the filters mean by notEquals: rows without a value stay.
            return self._filter(member, "notEquals" if negate else "equals", (value,), left)
        if value is None:
            self.sql.refuse(node, _NULL, "Write IS NULL or IS NOT NULL.")
            return None
        return self._equals(member, (value,), left, negate=negate)

    def _compared(self, node: exp.Expr, *, negate: bool) -> Condition | None:
        left, right, mirrored = self._sides(node)
        symbol = _SYMBOLS[type(node)]
        symbol = _MIRRORED[symbol] if mirrored else symbol
        member = self._member(left)
        return self._bound(member, _OPPOSITES[symbol] if negate else symbol, right, left)

    def _between(self, node: exp.Expr, *, negate: bool) -> Condition | None:
        member = self._member(node.this)
        lower = self._bound(member, "<" if negate else ">=", node.args["low"], node.this)
        upper = self._bound(member, ">" if negate else "<=", node.args["high"], node.this)
        parts = [part for part in (lower, upper) if part is not None]
        return self._group("or" if negate else "and", parts, node)

    def _bound(self, member: Named | None, symbol: str, value: exp.Expr, where: exp.Expr) -> Condition | None:
        found = value_of(value, self.sql)
        if member is None:
            return None
        if found is None:
            self.sql.refuse(value, _NULL, "Write IS NULL or IS NOT NULL.")
            return None
        operators = _DATED if _is_time(member) else _COMPARED
        return self._filter(member, operators[symbol], (found,), where)

    def _listed(self, node: exp.In, *, negate: bool) -> Condition | None:
        if node.args.get("query") is not None or not node.expressions:
            self.sql.refuse(node, "IN takes a list of values here.", "Write severity IN ('critical', 'high').")
            return None
        member = self._member(node.this)
        values = tuple(value_of(each, self.sql) for each in node.expressions)
        if None in values:
            self.sql.refuse(node, _NULL, "Leave NULL out of the list and write … OR x IS NULL.")
            return None
        return self._equals(member, values, node.this, negate=negate) if member is not None else None

    def _like(self, node: exp.Expr, *, negate: bool) -> Condition | None:
        escape = "\\"
        if isinstance(node, exp.Escape):
            escape, node = str(value_of(node.expression, self.sql)), node.this
            negate ^= bool(node.args.get("negate"))
        member, pattern = self._member(node.this), value_of(node.expression, self.sql)
        if member is None:
            return None
        operator, value = _operator(pattern, escape) if isinstance(pattern, str) and len(escape) == 1 else ("", "")
        if not operator or (operator == "equals" and isinstance(node, exp.ILike)):
            self.sql.refuse(node.expression, f"{self.sql.written(node.expression)} cannot be searched for.", _PATTERN)
            return None
        if operator == "set":
            return self._filter(member, "notSet" if negate else "set", (), node.this)
        if operator == "equals":
            return self._equals(member, (value,), node.this, negate=negate)
        if not negate:
            return self._filter(member, operator, (value,), node.this)
        opposite = f"not{operator[0].upper()}{operator[1:]}"
        return self._present(member, self._filter(member, opposite, (value,), node.this), node.this)

    def _is(self, node: exp.Is, *, negate: bool) -> Condition | None:
        member = self._member(node.this)
        if member is None:
            return None
        if isinstance(node.expression, exp.Null):
            return self._filter(member, "set" if negate else "notSet", (), node.this)
        if isinstance(node.expression, exp.Boolean):
            # IS NOT TRUE holds where nothing is known, as notEquals does.
            value = bool(node.expression.this)
            return self._filter(member, "notEquals" if negate else "equals", (value,), node.this)
        self.sql.refuse(node, "IS is followed by NULL, TRUE or FALSE.", "Write IS NULL or IS NOT NULL.")
        return None

    def _true(self, node: exp.Column, *, value: bool) -> Condition | None:
        """A column that stands for itself: true, or with NOT before it, false."""
        member = self._member(node)
        if member is None:
            return None
        if not isinstance(member.target, Dimension) or member.target.type != "boolean":
            self.sql.refuse(node, f"{member.name} is neither true nor false.", "Compare it with a value.")
            return None
        return self._filter(member, "equals", (value,), node)

    # Parts.

    def _sides(self, node: exp.Expr) -> tuple[exp.Expr, exp.Expr, bool]:
        """The member's side, the value's, and whether they stood the other way round."""
        left, right = node.this, node.expression
        constant = (exp.Literal, exp.Neg, exp.Boolean, exp.Null)
        mirrored = isinstance(left, constant) and not isinstance(right, constant)
        return (right, left, True) if mirrored else (left, right, False)

    def _member(self, node: exp.Expr) -> Named | None:
        """The member that is compared; None, and the reason noted, if this is none or does not belong into the clause."""
        while isinstance(node, exp.Paren):
            node = node.this
        if isinstance(node, exp.Cast) and node.args["to"].this == exp.DType.DATE and isinstance(node.this, exp.Column):
            # A time is compared with days as days anyway.
            node = node.this
        found = self._named(node)
        if found is None:
            return None
        if found.bucket:
            self.sql.refuse(node, f"{found.name} is a bucket of time; filter on the time itself.", "Give it a range.")
        elif isinstance(found.target, Segment):
            hint = f"Write {found.name} IS TRUE, joined to the rest by AND."
            self.sql.refuse(node, f"The segment {found.name} can only be asked to hold.", hint)
        elif isinstance(found.target, Measure) and self.clause == "WHERE":
            message = f"{found.name} is a metric; WHERE filters rows, before anything is counted."
            self.sql.refuse(node, message, "Filter on it in HAVING.")
        elif isinstance(found.target, Dimension) and self.clause == "HAVING":
            message = f"{found.name} is a dimension; HAVING filters groups by their metrics."
            self.sql.refuse(node, message, "Filter on it in WHERE.")
        else:
            return found
        return None

    def _segment(self, node: exp.Expr) -> SegmentWanted | None:
        """A segment as a condition of its own: `seg`, `seg IS TRUE` or `seg = TRUE`."""
        while isinstance(node, exp.Paren):
            node = node.this
        if isinstance(node, exp.Is | exp.EQ) and node.expression == exp.true() and not node.args.get("negate"):
            node = node.this
        if self.clause != "WHERE" or not isinstance(node, exp.Column):
            return None
        known = len(self.sql.issues)
        found = self._named(node)
        # What is wrong with the name is told by whoever reads it as a condition.
        del self.sql.issues[known:]
        return SegmentWanted(found.name) if found is not None and isinstance(found.target, Segment) else None

    def _equals(self, member: Named, values: tuple[Any, ...], where: exp.Expr, *, negate: bool) -> Condition:
        if not negate:
            return self._filter(member, "equals", values, where)
        return self._present(member, self._filter(member, "notEquals", values, where), where)

    def _present(self, member: Named, condition: Filter, where: exp.Expr) -> FilterGroup:
        """A negative filter without the rows that have no value."""
        return FilterGroup("and", (condition, self._filter(member, "set", (), where)), self._where(where))

    def _filter(self, member: Named, operator: str, values: tuple[Any, ...], where: exp.Expr) -> Filter:
        return Filter(member.name, operator, values, self._where(where))

    def _group(self, junction: Literal["and", "or"], parts: list[Condition], where: exp.Expr) -> Condition | None:
        flat: list[Condition] = []
        for part in parts:
            flat += part.parts if isinstance(part, FilterGroup) and part.junction == junction else (part,)
        return FilterGroup(junction, tuple(flat), self._where(where)) if len(flat) > 1 else next(iter(flat), None)

    def _where(self, node: exp.Expr) -> str:
        return str(self.sql.place(node))


def _parts(node: exp.Expr, junction: type[exp.Expr]) -> list[exp.Expr]:
    """What a chain of one connective joins, without recursion: chains may be long."""
    found: list[exp.Expr] = []
    waiting = [node]
    while waiting:
        each = waiting.pop()
        while isinstance(each, exp.Paren) and isinstance(each.this, junction | exp.Paren):
            each = each.this
        if isinstance(each, junction):
            waiting += [each.args["expression"], each.args["this"]]
        else:
            found.append(each)
    return found


def _is_time(member: Named) -> bool:
    return isinstance(member.target, Dimension) and member.target.type == "time"


def _operator(pattern: str, escape: str) -> tuple[str, str]:
    """The operator that searches as a pattern of LIKE does, with its text; an empty operator if none does.

    >>> _operator("crash%", "\\\\"), _operator("%50!%%", "!"), _operator("a_b", "!")
    (('startsWith', 'crash'), ('contains', '50%'), ('', ''))
    """
    letters: list[tuple[str, bool]] = []
    position = 0
    while position < len(pattern):
        escaped = pattern[position] == escape and position + 1 < len(pattern)
        position += escaped
        letters.append((pattern[position], not escaped and pattern[position] in "%_"))
        position += 1
    wild = ("%", True)
    if letters and all(each == wild for each in letters):
        return "set", ""
    start = next((index for index, each in enumerate(letters) if each != wild), 0)
    end = next((index for index in range(len(letters), 0, -1) if letters[index - 1] != wild), 0)
    inside = letters[start:end]
    if any(is_wild for _, is_wild in inside):
        return "", ""
    names = {(True, True): "contains", (False, True): "startsWith", (True, False): "endsWith", (False, False): "equals"}
    return names[start > 0, end < len(letters)], "".join(letter for letter, _ in inside)
