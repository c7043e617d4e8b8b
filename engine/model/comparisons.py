"""Can a declared condition be compared at all? Its operator on its dimension's type, how many values, and each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import Issue, QueryError
from engine.model.operators import OPERATORS, operator_named
from engine.model.values import typed_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.model.members import Dimension
    from engine.model.model import Condition

_MOST = {"one": 1, "range": 2}


def comparison_issues(
    condition: Condition, dimension: Dimension, whose: str, *, known: Sequence[Any] | None = None
) -> Iterator[Issue]:
    """What a query would refuse of a condition on a dimension; `whose` begins the sentence, as "A default filter of …".

    `known` are those of its values that are known before anybody asks, if not all are.
    """
    checked = condition.values if known is None else tuple(known)
    operator = operator_named(condition.operator or "equals")
    if operator is None:
        return  # The schema lists the operators there are.
    about = f"{whose} compares {dimension.full_name}"
    if dimension.type not in operator.types:
        fitting = [row.name for row in OPERATORS.values() if dimension.type in row.types]
        message = f"{about}, which is a {dimension.type}, by {operator.name}."
        yield Issue("E_OPERATOR", message, place=condition.place, hint=f"Use one of {', '.join(fitting)}.")
        return
    if operator.arity == "none":
        return
    if not condition.values:
        hint = 'Give it as `values: ["…"]`.'
        yield Issue("E_VALUE", f"{about} by {operator.name}, which needs a value.", place=condition.place, hint=hint)
    most = _MOST.get(operator.arity)
    if most is not None and len(condition.values) > most and len(checked) == len(condition.values):
        message = f"{about} by {operator.name}, which takes {most}, with {len(condition.values)} values."
        yield Issue("E_VALUE", message, place=condition.place)
    for value in checked if operator.kind != "like" else ():
        if dimension.type == "time" and value is not None and not isinstance(value, str):
            message = f"{about} with {value!r}; write dates as texts, in quotes."
            yield Issue("E_VALUE", message, place=condition.place)
            continue
        try:
            typed_value(dimension, value, "", dimension.full_name)
        except QueryError as error:
            for issue in error.issues:
                message = f"{whose}: {issue.message}"
                yield Issue(issue.code, message, place=condition.place, hint=issue.hint, candidates=issue.candidates)
