"""Which rows of each cube and view someone may see, from the model's policies and the asker's security values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.errors import Issue, QueryError
from engine.model.askers import SECURITY_VALUE, security_value
from engine.model.members import Dimension
from engine.query.access import applicable, hashable
from engine.query.conditions import Conditions, Values
from engine.query.resolved import Junction, Policies, Use

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.model.model import Condition, Cube, Model, View
    from engine.query.resolved import Predicate

_NOTHING = Junction("or", ())
_MOST_KEPT = 4096


class SharedValues(Values):
    """Values of which equal ones share a slot: the same security value limits many cubes."""

    def slot(self, value: Any) -> int:
        known = next((i for i, each in enumerate(self.items) if type(each) is type(value) and each == value), None)
        return Values.slot(self, value) if known is None else known


class _MissingError(Exception):
    """A security value that a policy needs was not given."""


def policies_for(model: Model, security: Mapping[str, Any] | None) -> tuple[Policies, tuple[Any, ...]]:
    """The policies of all cubes and views for these security values, and the values in the slots that the policies use."""
    key = ("policies", hashable(security or {}))
    kept = model.cache.get(key)
    if kept is None:
        kept = _decide(model, security or {})
        if len(model.cache) < _MOST_KEPT:
            model.cache[key] = kept
    policies, values = kept
    return policies, values


def missing_value(owner: str, value: str) -> QueryError:
    """The refusal of a question about rows that nobody may see without a security value."""
    message = f"Rows of {owner!r} are shown by {value!r} only, and no {value!r} is given."
    hint = f"Give it: --security {value}=…, `security` in Python, or for a token in the access file."
    return QueryError(Issue("E_SECURITY_VALUE", message, member=owner, hint=hint))


def _decide(model: Model, security: Mapping[str, Any]) -> tuple[Policies, tuple[Any, ...]]:
    values = SharedValues()
    conditions = Conditions(model, values, datetime.now(UTC), "UTC")
    predicates: dict[str, Predicate] = {}
    missing: dict[str, str] = {}
    owners: tuple[Cube | View, ...] = (*model.cubes.values(), *model.views.values())
    for owner in owners:
        if not owner.policies:
            continue
        try:
            predicate = _visible(owner, security, conditions)
        except _MissingError as error:
            missing[owner.name] = str(error)
            continue
        if predicate is not None:
            predicates[owner.name] = predicate
    structure = ("structure", tuple(predicates.items()), tuple(missing.items()))
    policies = model.cache.setdefault(structure, Policies(predicates, missing))
    return policies, tuple(values.items)


def _visible(owner: Cube | View, security: Mapping[str, Any], conditions: Conditions) -> Predicate | None:
    """What a row has to satisfy to be seen; None if every row may be. Who is in no listed group sees none."""
    holding = applicable(owner.policies, security)
    if any(policy.allow_all or policy.row_level is None for policy in holding):
        return None
    parts = [
        Junction("and", tuple(_predicate(each, owner, security, conditions) for each in policy.row_level or ()))
        for policy in holding
    ]
    if not parts:
        return _NOTHING
    return parts[0] if len(parts) == 1 else Junction("or", tuple(parts))


def _predicate(
    condition: Condition, owner: Cube | View, security: Mapping[str, Any], conditions: Conditions
) -> Predicate:
    if condition.junction:
        return Junction(
            condition.junction, tuple(_predicate(part, owner, security, conditions) for part in condition.parts)
        )
    values: list[Any] = []
    for written in condition.values:
        value = _filled(written, security)
        values += value if isinstance(value, list | tuple | set | frozenset) else [value]
    if not values and condition.values:
        return _NOTHING
    use = _use(owner, (condition.member or "").removeprefix(owner.name + "."))
    try:
        return conditions.owned(use, condition.operator or "equals", tuple(values))
    except QueryError as error:
        message = f"The security values do not fit the access policy of {owner.name!r}: {error.issues[0].message}"
        raise QueryError(Issue("E_SECURITY", message)) from error


def _use(owner: Cube | View, name: str) -> Use:
    """The dimension that a policy reads: of a cube its own, of a view by the way that the view takes to it."""
    declared = owner.declared(name)
    target = getattr(declared, "target", declared)
    assert isinstance(target, Dimension)
    return Use(target, getattr(declared, "path", None), tuple((getattr(declared, "axis", None) or {}).items()))


def _filled(written: Any, security: Mapping[str, Any]) -> Any:
    """A declared value, or the security value that it stands for."""
    match = SECURITY_VALUE.fullmatch(written.strip()) if isinstance(written, str) else None
    if match is None:
        return written
    found = security_value(security, tuple(match[1].split(".")))
    if found is None:
        raise _MissingError(match[1])
    return found
