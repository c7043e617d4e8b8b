"""Do access policies make sense? The members they name, the rows they limit and the values they compare with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.errors import Issue, did_you_mean
from engine.model.askers import SECURITY_VALUE, ConditionError, parse_test
from engine.model.comparisons import comparison_issues
from engine.model.members import Dimension
from engine.model.paths import NoPath, bound_path, choose_paths, is_valid
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from engine.model.gaps import Gaps, Lost
    from engine.model.model import Condition, Cube, Model, Policy, View, ViewMember

_BRACES = re.compile(r"[{}]")
_TEST_HINT = 'Write a security value, as "{ securityContext.is_manager }", or compare it: "{ securityContext.country == \'DE\' }".'


def cube_policy_issues(cube: Cube, lost: Lost) -> Iterator[Issue]:
    """What is wrong with the access policies of a cube, unless it is with names that are `lost`."""
    keys = {f"{each.name}_id": each.name for each in cube.dimensions.values() if each.key is not None}
    members = {member.name for member in cube.members()}
    yield from _issues(cube, members, {name: base for name, base in keys.items() if name not in members}, lost)
    for condition in _row_filters(cube):
        name = (condition.member or "").removeprefix(cube.name + ".")
        if name not in cube.dimensions:
            if name not in lost:
                yield _no_dimension(cube, name, cube.dimensions, condition)
        elif any(len(path) > 1 for path in cube.dimensions[name].sql.paths):
            message = f"The access policy of {cube.name!r} reads {name!r}, which comes from another cube."
            hint = (
                "Rows are hidden before any join: name a column of the cube's own table, or filter in the cube's `sql`."
            )
            yield Issue("E_POLICY", message, place=condition.place, hint=hint)
        if name in cube.dimensions:
            yield from _value_issues(cube, condition, cube.dimensions[name])


def view_policy_issues(model: Model, view: View, homes: Collection[str], gaps: Gaps) -> Iterator[Issue]:
    """What is wrong with the access policies of a view, whose measures count rows of `homes`."""
    lost = gaps.of(view.name)
    keys = {
        name: name.removesuffix("_id")
        for name, each in view.members.items()
        if each.is_key and _is_key_of(each, view.members.get(name.removesuffix("_id")))
    }
    yield from _issues(view, view.members.keys() - keys.keys(), keys, lost)
    dimensions = {
        name: each for name, each in view.members.items() if isinstance(each.target, Dimension) and not each.granularity
    }
    for condition in _row_filters(view):
        name = (condition.member or "").removeprefix(view.name + ".")
        if name not in dimensions:
            if name not in lost:
                yield _no_dimension(view, name, dimensions, condition)
            continue
        target = dimensions[name].target
        assert isinstance(target, Dimension)
        yield from _value_issues(view, condition, target)
        for home in homes if not gaps.unjoined else ():
            if not _reaches(model, home, dimensions[name], view):
                message = (
                    f"The access policy of {view.name!r} reads {name!r}, which no path joins to the rows of {home!r}."
                )
                hint = f"Limit the rows of {home!r} by a policy of that cube, or leave its measures out of the view."
                yield Issue("E_POLICY", message, place=condition.place, hint=hint)


def _issues(owner: Cube | View, members: Collection[str], keys: dict[str, str], lost: Lost) -> Iterator[Issue]:
    """What policies of cubes and views have in common; `keys` names the dimensions that are shown with a key."""
    for policy in owner.policies:
        yield from _test_issues(owner, policy)
        for written in (*(policy.includes or ()), *policy.excludes):
            name = written.removeprefix(owner.name + ".")
            if name in keys:
                message = f"{name!r} is the key that is shown with {keys[name]!r}, and is seen where that is."
                yield Issue("E_POLICY", message, place=policy.place, hint=f"Name {keys[name]!r} instead.")
            elif name != "*" and name not in members and name not in lost:
                message = f"The access policy of {owner.name!r} names {name!r}, which is no member of it."
                hint = did_you_mean(near(name, members))
                yield Issue("E_NAME_NOT_FOUND", message, place=policy.place, hint=hint)
    for condition in _row_filters(owner):
        for value in condition.values:
            if not isinstance(value, str) or SECURITY_VALUE.fullmatch(value.strip()):
                continue
            if SECURITY_VALUE.search(value) or _BRACES.search(value):
                what = "holds more than" if SECURITY_VALUE.search(value) else "is not"
                message = f"{value!r} {what} a security value, so it would be compared with as it stands."
                hint = 'Write the security value alone: "{ securityContext.customer_id }".'
                yield Issue("E_POLICY", message, place=condition.place, hint=hint)


def _value_issues(owner: Cube | View, condition: Condition, dimension: Dimension) -> Iterator[Issue]:
    """What is wrong with the values that a policy itself names; security values come with a question."""
    known = [each for each in condition.values if not (isinstance(each, str) and _is_filled(each))]
    yield from comparison_issues(condition, dimension, f"The access policy of {owner.name!r}", known=known)


def _is_filled(value: str) -> bool:
    """Whether a value is a security value, or was meant as one, which is told elsewhere."""
    return SECURITY_VALUE.search(value) is not None or _BRACES.search(value) is not None


def _test_issues(owner: Cube | View, policy: Policy) -> Iterator[Issue]:
    for condition in policy.conditions:
        try:
            parse_test(condition)
        except ConditionError as error:
            message = f"A condition in the access policy of {owner.name!r} {error}: {condition!r}."
            yield Issue("E_POLICY", message, place=policy.place, hint=_TEST_HINT)


def _row_filters(owner: Cube | View) -> Iterator[Condition]:
    for policy in owner.policies:
        yield from leaves(policy.row_level or ())


def leaves(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """The conditions on members among these and below them."""
    for condition in conditions:
        if condition.parts:
            yield from leaves(condition.parts)
        elif condition.member is not None:
            yield condition


def _no_dimension(owner: Cube | View, name: str, known: Iterable[str], condition: Condition) -> Issue:
    message = f"The access policy of {owner.name!r} names {name!r}, which is no dimension of it."
    return Issue("E_NAME_NOT_FOUND", message, place=condition.place, hint=did_you_mean(near(name, known)))


def _is_key_of(key: ViewMember, base: ViewMember | None) -> bool:
    return base is not None and isinstance(base.target, Dimension) and base.target.key is key.target


def _reaches(model: Model, home: str, member: ViewMember, view: View) -> bool:
    """Whether rows of a home stand in any relation to a view's member; ties between ways are told elsewhere."""
    target = member.axis[home].cube if member.axis and home in member.axis else member.target.cube
    if target == home:
        return True
    way = bound_path(home, member.path, view.join_paths, target)
    if way is not None:
        return is_valid(model.graph, way)
    return not isinstance(choose_paths(model.graph, home, {target}), NoPath)
