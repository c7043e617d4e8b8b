"""Which rows of each cube someone may see, from the model's policies and the asker's security values."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.errors import Issue, QueryError
from engine.query.conditions import Conditions, Values
from engine.query.resolved import Junction, Policies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.model.model import Condition, Cube, Model, Policy
    from engine.query.resolved import Predicate

_TEMPLATE = re.compile(
    r"\{?\{?\s*(?:securityContext|security_context|userAttributes|user_attributes)\.([\w.]+)\s*\}?\}?\Z"
)
_NOTHING = Junction("or", ())
_MOST_KEPT = 256


class SharedValues(Values):
    """Values of which equal ones share a slot: the same security value limits many cubes."""

    def slot(self, value: Any) -> int:
        known = next((i for i, each in enumerate(self.items) if type(each) is type(value) and each == value), None)
        return Values.slot(self, value) if known is None else known


class _MissingError(Exception):
    """A security value that a policy needs was not given."""


def policies_for(model: Model, security: Mapping[str, Any] | None) -> tuple[Policies, tuple[Any, ...]]:
    """The policies of all cubes for these security values, and the values in the slots that the policies use."""
    key = ("policies", _hashable(security or {}))
    kept = model.cache.get(key)
    if kept is None:
        kept = _decide(model, security or {})
        if len(model.cache) < _MOST_KEPT * 16:
            model.cache[key] = kept
    policies, values = kept
    return policies, values


def _decide(model: Model, security: Mapping[str, Any]) -> tuple[Policies, tuple[Any, ...]]:
    values = SharedValues()
    conditions = Conditions(model, values, datetime.now(UTC), "UTC")
    predicates: dict[str, Predicate] = {}
    missing: dict[str, str] = {}
    for cube in model.cubes.values():
        if not cube.policies:
            continue
        try:
            predicate = _visible(cube, security, conditions)
        except _MissingError as error:
            missing[cube.name] = str(error)
            continue
        if predicate is not None:
            predicates[cube.name] = predicate
    structure = ("structure", tuple(predicates.items()), tuple(missing.items()))
    policies = model.cache.setdefault(structure, Policies(predicates, missing))
    return policies, tuple(values.items)


def _visible(cube: Cube, security: Mapping[str, Any], conditions: Conditions) -> Predicate | None:
    """What a row of the cube has to satisfy to be seen; None if every row may be. Who is in no listed group sees none."""
    groups = _groups(security)
    parts: list[Predicate] = []
    for policy in cube.policies:
        if not _applies(policy, groups, security):
            continue
        if policy.allow_all or policy.row_level is None:
            return None
        parts.append(Junction("and", tuple(_predicate(each, cube, security, conditions) for each in policy.row_level)))
    if not parts:
        return _NOTHING
    return parts[0] if len(parts) == 1 else Junction("or", tuple(parts))


def _applies(policy: Policy, groups: frozenset[str], security: Mapping[str, Any]) -> bool:
    if not ("*" in policy.groups or groups & set(policy.groups)):
        return False
    return all(bool(_filled(condition, security)) for condition in policy.conditions)


def _predicate(condition: Condition, cube: Cube, security: Mapping[str, Any], conditions: Conditions) -> Predicate:
    if condition.junction:
        return Junction(
            condition.junction, tuple(_predicate(part, cube, security, conditions) for part in condition.parts)
        )
    dimension = cube.dimensions[(condition.member or "").removeprefix(cube.name + ".")]
    values: list[Any] = []
    for written in condition.values:
        value = _filled(written, security)
        values += value if isinstance(value, list | tuple | set | frozenset) else [value]
    if not values and condition.values:
        return _NOTHING
    try:
        return conditions.owned(dimension, condition.operator or "equals", tuple(values))
    except QueryError as error:
        message = f"The security values do not fit the access policy of {cube.name!r}: {error.issues[0].message}"
        raise QueryError(Issue("E_SECURITY", message)) from error


def _filled(written: Any, security: Mapping[str, Any]) -> Any:
    """A declared value, or the security value that it stands for."""
    match = _TEMPLATE.match(written.strip()) if isinstance(written, str) else None
    if match is None:
        return written
    found: Any = security
    for part in match[1].split("."):
        found = found.get(part) if hasattr(found, "get") else None
        if found is None:
            raise _MissingError(match[1])
    return found


def _groups(security: Mapping[str, Any]) -> frozenset[str]:
    found: set[str] = set()
    for key in ("groups", "group", "roles", "role"):
        value = security.get(key)
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, list | tuple | set | frozenset):
            found |= {str(each) for each in value}
    return frozenset(found)


def _hashable(value: Any) -> Any:
    if hasattr(value, "items"):
        return tuple(sorted((str(key), _hashable(each)) for key, each in value.items()))
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(sorted((_hashable(each) for each in value), key=repr))
    return (type(value).__name__, value)
