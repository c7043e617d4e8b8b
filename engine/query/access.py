"""What someone may see of a model: the policies that hold for their security values, and the model without what they hide.

A hidden member does not exist for whoever may not see it: `seen` takes it out of its cube and of every view, so that it cannot be
named, is suggested nowhere and listed nowhere. It stays in `hidden`, because what may be seen is computed from it: a visible ratio
of hidden sums can be asked.

A member of a cube may be seen if a policy that holds shows it; if the cube has policies and none holds, nothing may be seen. A
member of a view may be seen if a policy of the view that holds includes it, which replaces what the cube says; where the view says
nothing of members, the cube decides. The key that is shown beside a dimension belongs to that dimension.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.model.askers import holds
from engine.model.members import Dimension

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.model.model import Cube, Member, Model, Policy, View, ViewMember

_MOST_KEPT = 4096
_GROUP_VALUES = ("groups", "group", "roles", "role")


def seen(model: Model, security: Mapping[str, Any] | None) -> Model:
    """The model as someone with these security values sees it: the same one where nothing is hidden from them."""
    key = ("seen", hashable(security or {}))
    found: Model | None = model.cache.get(key)
    if found is None:
        found = _seen(model, security or {})
        if len(model.cache) < _MOST_KEPT:
            model.cache[key] = found
    return found


def applicable(policies: Iterable[Policy], security: Mapping[str, Any]) -> tuple[Policy, ...]:
    """The policies that hold for someone: of one of their groups, with every condition true."""
    groups = groups_of(security)
    return tuple(
        policy
        for policy in policies
        if ("*" in policy.groups or groups & set(policy.groups))
        and all(holds(condition, security) for condition in policy.conditions)
    )


def groups_of(security: Mapping[str, Any]) -> frozenset[str]:
    """The groups that someone is in: a text or a list under `groups`, `group`, `roles` or `role`."""
    found: set[str] = set()
    for key in _GROUP_VALUES:
        value = security.get(key)
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, list | tuple | set | frozenset):
            found |= {str(each) for each in value}
    # "*" in a policy is everybody; a group of that name would be in none.
    return frozenset(found)


def hashable(value: Any) -> Any:
    """Security values as a key: equal for equal values of equal types."""
    if hasattr(value, "items"):
        # Marked, or a mapping of nothing would be a list of nothing.
        return "mapping", tuple(sorted((str(key), hashable(each)) for key, each in value.items()))
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(sorted((hashable(each) for each in value), key=repr))
    return (type(value).__name__, value)


def _seen(model: Model, security: Mapping[str, Any]) -> Model:
    cubes = {name: _cube(cube, security) for name, cube in model.cubes.items()}
    views = {name: _view(view, cubes, security) for name, view in model.views.items()}
    hidden = frozenset(
        (
            *(f"{cube.name}.{name}" for cube in cubes.values() for name in cube.hidden),
            *(full for view in views.values() for full in _hidden_names(view, cubes)),
        )
    )
    if hidden == model.hidden:
        return model
    known: Model | None = model.cache.get(("without", hidden))
    if known is None:
        left = {name: view for name, view in views.items() if view.members or not view.hidden}
        known = replace(model, cubes=cubes, views=left, hidden=hidden, cache={})
        model.cache["without", hidden] = known
    return known


def _cube(cube: Cube, security: Mapping[str, Any]) -> Cube:
    if not cube.policies:
        return cube
    holding = applicable(cube.policies, security)
    gone = {each.name: each for each in cube.members() if not any(_shows(policy, each.name) for policy in holding)}
    if not gone:
        return cube
    hierarchies = {
        name: replace(each, levels=tuple(level for level in each.levels if level.rpartition(".")[2] not in gone))
        for name, each in cube.hierarchies.items()
    }
    return replace(
        cube,
        dimensions=_without(cube.dimensions, gone),
        measures=_without(cube.measures, gone),
        segments=_without(cube.segments, gone),
        hierarchies={name: each for name, each in hierarchies.items() if each.levels},
        hidden={**cube.hidden, **gone},
    )


def _view(view: View, cubes: Mapping[str, Cube], security: Mapping[str, Any]) -> View:
    holding = applicable(view.policies, security)
    saying = [policy for policy in holding if policy.member_level]
    # Who is in no group that the view names sees nothing of it, whatever its cubes say.
    silent = not view.policies or len(saying) < len(holding)
    gone = {
        name: member
        for name, member in view.members.items()
        if not any(_shows(policy, _listed_as(member, view)) for policy in saying)
        and not (silent and _may_be_seen(member, cubes))
    }
    if not gone:
        return view
    time = view.default_time_dimension
    folders = ((name, tuple(each for each in members if each not in gone)) for name, members in view.folders)
    return replace(
        view,
        members=_without(view.members, gone),
        folders=tuple((name, members) for name, members in folders if members),
        default_time_dimension=None if time in gone else time,
        hidden={**view.hidden, **gone},
    )


def _shows(policy: Policy, name: str) -> bool:
    bare = {each.rpartition(".")[2] for each in policy.includes} if policy.includes is not None else {"*"}
    excluded = {each.rpartition(".")[2] for each in policy.excludes}
    return not bare.isdisjoint({name, "*"}) and excluded.isdisjoint({name, "*"})


def _listed_as(member: ViewMember, view: View) -> str:
    """The name under which a policy shows a member: a key goes with the dimension that it is the key of."""
    base = (view.members.get(member.name.removesuffix("_id")) or member) if member.is_key else member
    target = base.target
    return base.name if isinstance(target, Dimension) and target.key is member.target else member.name


def _may_be_seen(member: ViewMember, cubes: Mapping[str, Cube]) -> bool:
    """Whether the cubes let a view's member be seen: of a time axis, all of its columns."""
    targets: tuple[Member, ...] = tuple(member.axis.values()) if member.axis else (member.target,)
    if member.is_key:
        # As with a cube's own names, the key is there where a dimension that it is the key of is.
        owner = cubes.get(member.target.cube)
        return owner is None or any(each.key is member.target for each in owner.dimensions.values())
    return not any(each.cube in cubes and cubes[each.cube].hidden.get(each.name) is each for each in targets)


def _hidden_names(view: View, cubes: Mapping[str, Cube]) -> Iterable[str]:
    """The names of what is hidden in a view: as the view has them, and those of members of the view's own."""
    for name, member in view.hidden.items():
        yield f"{view.name}.{name}"
        owner = cubes.get(member.target.cube)
        if owner is None or owner.declared(member.target.name) is not member.target:
            yield member.target.full_name


def _without(members: Mapping[str, Any], gone: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in members.items() if name not in gone}
