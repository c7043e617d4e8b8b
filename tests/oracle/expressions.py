"""A tiny language of SQL expressions, computed in Python and written as SQL, so that nothing has to be parsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Comparison = Literal["=", "<>", "<", "<=", ">", ">="]
Arithmetic = Literal["+", "-", "*", "/"]


@dataclass(frozen=True)
class Column:
    """A column of the cube's own table."""

    name: str


@dataclass(frozen=True)
class AsDate:
    """A column of dates, said to be one: it has no time of day, and is the same day in every zone."""

    column: Column


@dataclass(frozen=True)
class Member:
    """Another member: of the cube named, or of the place where the expression stands."""

    name: str
    cube: str | None = None


@dataclass(frozen=True)
class Literally:
    """A constant."""

    value: str | float | bool


@dataclass(frozen=True)
class Compare:
    operator: Comparison
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Calculate:
    operator: Arithmetic
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Junction:
    operator: Literal["AND", "OR"]
    left: Expression
    right: Expression


@dataclass(frozen=True)
class IsNull:
    operand: Expression


@dataclass(frozen=True)
class Coalesce:
    first: Expression
    second: Expression


@dataclass(frozen=True)
class NullIf:
    first: Expression
    second: Expression


@dataclass(frozen=True)
class Case:
    """The first branch whose condition is true, else `otherwise`."""

    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression


Expression = AsDate | Column | Member | Literally | Compare | Calculate | Junction | IsNull | Coalesce | NullIf | Case


def compute(expression: Expression, look_up: Callable[[Column | Member], Any]) -> Any:
    """The value of an expression, by SQL's rules for NULL; `look_up` gives the values of columns and members."""

    def value(part: Expression) -> Any:
        return compute(part, look_up)

    match expression:
        case AsDate(column):
            return look_up(column)
        case Column() | Member():
            return look_up(expression)
        case Literally(constant):
            return constant
        case Compare(operator, left, right):
            return compare(operator, value(left), value(right))
        case Calculate(operator, left, right):
            return calculate(operator, value(left), value(right))
        case Junction("AND", left, right):
            sides = value(left), value(right)
            return False if False in sides else None if None in sides else True
        case Junction("OR", left, right):
            sides = value(left), value(right)
            return True if True in sides else None if None in sides else False
        case IsNull(operand):
            return value(operand) is None
        case Coalesce(first, second):
            return value(second) if value(first) is None else value(first)
        case NullIf(first, second):
            return None if compare("=", value(first), value(second)) else value(first)
        case Case(branches, otherwise):
            return next((value(then) for condition, then in branches if value(condition) is True), value(otherwise))
    raise AssertionError(expression)


def leaves(expression: Expression) -> list[Column | Member]:
    """The columns and members that an expression names."""
    match expression:
        case AsDate(column):
            return [column]
        case Column() | Member():
            return [expression]
        case Literally():
            return []
        case IsNull(operand):
            parts: list[Expression] = [operand]
        case Compare(_, left, right) | Calculate(_, left, right) | Junction(_, left, right):
            parts = [left, right]
        case Coalesce(first, second) | NullIf(first, second):
            parts = [first, second]
        case Case(branches, otherwise):
            parts = [otherwise, *(part for branch in branches for part in branch)]
    return [leaf for part in parts for leaf in leaves(part)]


def compare(operator: Comparison, left: Any, right: Any) -> bool | None:
    """A comparison of two values; NULL where one of them is."""
    if left is None or right is None:
        return None
    match operator:
        case "=":
            return bool(left == right)
        case "<>":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case ">=":
            return bool(left >= right)


def calculate(operator: Arithmetic, left: Any, right: Any) -> Any:
    """An arithmetic operation; division is exact, and NULL where the divisor is 0 (rule 9)."""
    if left is None or right is None or (operator == "/" and right == 0):
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right


def as_sql(expression: Expression) -> str:
    """The expression as a snippet of a Cube model."""
    match expression:
        case Column(name):
            return f"{{CUBE}}.{name}"
        case AsDate(column):
            return f"CAST({as_sql(column)} AS DATE)"
        case Member(name, cube):
            return f"{{{cube}.{name}}}" if cube else f"{{{name}}}"
        case Literally(bool() as truth):
            return "TRUE" if truth else "FALSE"
        case Literally(str() as text):
            return "'" + text.replace("'", "''") + "'"
        case Literally(number):
            return str(number)
        case Compare(operator, left, right) | Calculate(operator, left, right) | Junction(operator, left, right):
            return f"({as_sql(left)} {operator} {as_sql(right)})"
        case IsNull(operand):
            return f"({as_sql(operand)} IS NULL)"
        case Coalesce(first, second):
            return f"COALESCE({as_sql(first)}, {as_sql(second)})"
        case NullIf(first, second):
            return f"NULLIF({as_sql(first)}, {as_sql(second)})"
        case Case(branches, otherwise):
            whens = " ".join(f"WHEN {as_sql(condition)} THEN {as_sql(then)}" for condition, then in branches)
            return f"CASE {whens} ELSE {as_sql(otherwise)} END"
    raise AssertionError(expression)
