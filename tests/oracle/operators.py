"""The filter operators of Cube's REST format, on one value; a negative filter keeps what its positive twin does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tests.oracle.times import half_open

if TYPE_CHECKING:
    from datetime import datetime

Values = Sequence[Any]

NEGATIONS = {
    "notEquals": "equals",
    "notIn": "in",
    "notContains": "contains",
    "notStartsWith": "startsWith",
    "notEndsWith": "endsWith",
    "notInDateRange": "inDateRange",
    "notSet": "set",
}


def passes(operator: str, value: Any, values: Values, kind: str) -> bool:
    """Whether a value of a member of type `kind` passes; values asked may be texts."""
    if operator in NEGATIONS:
        return not passes(NEGATIONS[operator], value, values, kind)
    if kind == "time":
        return _passes_time(operator, value, [str(each) for each in values])
    return _POSITIVE[operator](value, [as_type(each, kind) for each in values])


def as_type(asked: Any, kind: str) -> Any:
    """A value of a filter in the type of its member.

    >>> as_type("2.5", "number"), as_type("true", "boolean"), as_type(None, "string")
    (2.5, True, None)
    """
    if asked is None:
        return None
    match kind:
        case "number":
            return float(asked)
        case "boolean":
            return str(asked).lower() == "true"
    return str(asked)


def _text(test: Callable[[str, str], bool]) -> Callable[[Any, Values], bool]:
    def operator(value: Any, values: Values) -> bool:
        return value is not None and any(test(str(value).lower(), asked.lower()) for asked in values)

    return operator


def _number(test: Callable[[Any, Any], bool]) -> Callable[[Any, Values], bool]:
    def operator(value: Any, values: Values) -> bool:
        return value is not None and test(value, values[0])

    return operator


_POSITIVE: dict[str, Callable[[Any, Values], bool]] = {
    "equals": lambda value, values: value in values,
    "in": lambda value, values: value in values,
    "contains": _text(lambda value, asked: asked in value),
    "startsWith": _text(str.startswith),
    "endsWith": _text(str.endswith),
    "gt": _number(lambda value, asked: bool(value > asked)),
    "gte": _number(lambda value, asked: bool(value >= asked)),
    "lt": _number(lambda value, asked: bool(value < asked)),
    "lte": _number(lambda value, asked: bool(value <= asked)),
    "set": lambda value, values: value is not None,
}


def _passes_time(operator: str, value: datetime | None, values: Sequence[str]) -> bool:
    if value is None or operator == "set":
        return value is not None
    start, end = half_open(values[0], values[-1])
    match operator:
        case "inDateRange" | "onTheDate":
            return start <= value < end
        case "beforeDate":
            return value < start
        case "afterOrOnDate":
            return value >= start
        case "beforeOrOnDate":
            return value < end
        case "afterDate":
            return value >= end
    raise AssertionError(operator)
