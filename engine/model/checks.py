"""Does a well-formed model make sense? What a schema cannot see: primary keys, reachability, ties, names that collide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from engine.errors import Issue, did_you_mean
from engine.model.comparisons import comparison_issues
from engine.model.days import day_issues
from engine.model.divisions import division_issues
from engine.model.grains import stage_issues
from engine.model.members import DERIVED_TYPES, Dimension, Measure
from engine.model.paths import NoPath, Tie, bound_path, choose_paths, is_valid, reachable, shown
from engine.model.policies import cube_policy_issues, leaves, view_policy_issues
from engine.model.pre_aggregations import pre_aggregation_issues
from engine.model.relationships import relationship_issues
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.model.gaps import Gaps, Lost
    from engine.model.model import Cube, Model, View, ViewMember

FAN_SAFE_TYPES = frozenset({"min", "max", "count_distinct", "count_distinct_approx"})
"""Measures that a repeated row does not change, so that they need no primary key."""

_HINT_PATH = "Choose one way with the view's `join_paths`, or include the member by a `join_path`."


def check_model(model: Model, gaps: Gaps) -> list[Issue]:
    """Everything that makes no sense in a model, warnings among it; not what may only follow from its `gaps`."""
    issues: list[Issue] = []
    for cube in model.cubes.values():
        issues += _cube_issues(model, cube, gaps)
    for view in model.views.values():
        issues += _view_issues(model, view, gaps)
    default, place = model.settings.default_view, model.settings.default_view_place
    if default is not None and default not in model.views and not gaps.unread:
        hint = did_you_mean(near(default, model.views))
        issues.append(
            Issue("E_NAME_NOT_FOUND", f"The default view {default!r} does not exist.", place=place, hint=hint)
        )
    return issues


def home_measures(measure: Measure) -> Iterator[Measure]:
    """The measures with a home of their own that a measure is computed from; itself, if it has one."""
    if measure.derived or measure.multi_stage:
        for reference in measure.references.values():
            yield from home_measures(reference)
    else:
        yield measure


def _cube_issues(model: Model, cube: Cube, gaps: Gaps) -> Iterator[Issue]:
    if cube.table is None and cube.sql is None and not cube.place.file:
        return
    fans = any(step.direction == "down" for step in model.graph.steps.get(cube.name, ()))
    needy = [
        m
        for m in cube.measures.values()
        if m.type not in FAN_SAFE_TYPES and (m.type not in DERIVED_TYPES or m.aggregate)
    ]
    if fans and needy and not cube.primary_key and cube.name not in gaps.keyed:
        down = next(step.target for step in model.graph.steps[cube.name] if step.direction == "down")
        message = f"The cube {cube.name!r} has no primary key: {needy[0].full_name} would count its rows once for each of {down!r}."
        remedy = "Set `primary_key: true` on the dimension, or dimensions, that identify a row."
        yield Issue("E_PRIMARY_KEY_REQUIRED", message, place=cube.place, hint=remedy)
    yield from cube_policy_issues(cube, gaps.of(cube.name))
    for measure in cube.measures.values():
        yield from stage_issues(model, measure)
    yield from pre_aggregation_issues(model, cube)
    yield from division_issues(cube)
    yield from day_issues(cube)
    yield from relationship_issues(model, cube)
    yield from _drill_issues(model, cube, gaps)
    for hierarchy in cube.hierarchies.values():
        if not hierarchy.levels:
            message = f"The hierarchy {hierarchy.name!r} of {cube.name!r} has no levels."
            remedy = "Name its dimensions, the coarsest first."
            yield Issue("E_INVALID_VALUE", message, place=hierarchy.place or cube.place, hint=remedy)
        for level in hierarchy.levels:
            owner, _, name = level.rpartition(".")
            where = model.cubes.get(owner or cube.name)
            if (where is None or name not in where.dimensions) and name not in gaps.of(owner or cube.name):
                message = (
                    f"The hierarchy {hierarchy.name!r} of {cube.name!r} has the level {level!r}, which is no dimension."
                )
                known = [each.full_name for other in model.cubes.values() for each in other.dimensions.values()]
                hint = did_you_mean(near(level if owner else f"{cube.name}.{name}", known))
                yield Issue("E_NAME_NOT_FOUND", message, place=hierarchy.place or cube.place, hint=hint)
    yield from _key_clashes(cube)
    if not gaps.unjoined:
        yield from _warnings_of_ties(model, cube)


def _drill_issues(model: Model, cube: Cube, gaps: Gaps) -> Iterator[Issue]:
    """Members that a measure offers to drill down to, and there are not."""
    for measure in cube.measures.values():
        for written in measure.drill_members:
            *path, name = written.strip("{} ").split(".")
            owner = path[-1] if path and path[-1] != "CUBE" else cube.name
            where = model.cubes.get(owner)
            if (where is None or where.member(name) is None) and name not in gaps.of(owner):
                known = [each.name for each in where.members()] if where else list(model.cubes)
                message = f"The drill members of {measure.full_name} name {written!r}, which there is not."
                hint = did_you_mean(near(name if where else owner, known))
                yield Issue("E_NAME_NOT_FOUND", message, place=measure.place, hint=hint)


def _key_clashes(cube: Cube) -> Iterator[Issue]:
    for dimension in cube.dimensions.values():
        other = cube.member(f"{dimension.name}_id") if dimension.key else None
        if other is not None and other is not dimension.key:
            message = f"The key of {dimension.full_name} is shown as {dimension.name}_id, which names another member."
            yield Issue("E_DUPLICATE_NAME", message, place=other.place, hint="Rename that member.")


def _warnings_of_ties(model: Model, cube: Cube) -> Iterator[Issue]:
    if not cube.measures:
        return
    up = model.graph.up_paths(cube.name)
    for target in up.forks():
        if _chosen_by_views(model, cube, target):
            continue
        message = f"From {cube.name!r} to {target!r} there are two equally short paths: {shown(up[target][:2])}."
        hint = "A query has to choose one with `joinHints`; a view can, with `join_paths`."
        yield Issue("W_AMBIGUOUS_PATH", message, place=cube.place, hint=hint, severity="warning")


def _chosen_by_views(model: Model, cube: Cube, target: str) -> bool:
    """Whether every view that asks this cube's measures chooses the way to the target, and there is one that does."""
    asking = [
        view
        for view in model.views.values()
        if any(
            isinstance(m.target, Measure) and any(h.cube == cube.name for h in home_measures(m.target))
            for m in view.members.values()
        )
    ]
    return bool(asking) and all(bound_path(cube.name, None, view.join_paths, target) for view in asking)


def _view_issues(model: Model, view: View, gaps: Gaps) -> Iterator[Issue]:
    yield from _filter_issues(view, gaps.of(view.name))
    for member in view.members.values():
        if isinstance(member.target, Measure) and member.place == member.target.place:
            yield from stage_issues(model, member.target)
    homes = {
        home.cube: home
        for each in view.members.values()
        if isinstance(each.target, Measure)
        for home in home_measures(each.target)
    }
    clashes = {
        f"{name}_id": each
        for name, each in view.members.items()
        if isinstance(each.target, Dimension) and each.target.key
    }
    for name, each in clashes.items():
        key = each.target.key if isinstance(each.target, Dimension) else None
        other = view.members.get(name)
        if other is not None and other.target is not key:
            message = f"The key of {each.name!r} is shown as {name!r}, which names another member of the view."
            yield Issue("E_DUPLICATE_NAME", message, place=other.place, hint="Give that member an alias.")
    yield from view_policy_issues(model, view, sorted(homes), gaps)
    if not homes or gaps.unjoined:
        return
    seen: set[tuple[str, str]] = set()
    for member in view.members.values():
        if isinstance(member.target, Measure) or member.axis is not None or _stands_beside(view, member):
            continue
        yield from _path_issues(model, view, member, sorted(homes), seen)


def _path_issues(
    model: Model, view: View, member: ViewMember, homes: Iterable[str], seen: set[tuple[str, str]]
) -> Iterator[Issue]:
    """Ties between a view's measures and one of its dimensions, and dimensions that no measure can be asked by."""
    reached = False
    roots = {each.path[0] for each in view.members.values() if each.path}
    for home in homes:
        target = member.target.cube
        way = bound_path(home, member.path, view.join_paths, target)
        if way is not None:
            reached = reached or is_valid(model.graph, way)
            continue
        if target not in reachable(model.graph, home):
            continue
        chosen = choose_paths(model.graph, home, {target})
        reached = reached or not isinstance(chosen, NoPath)
        if isinstance(chosen, Tie) and (home, target) not in seen:
            seen.add((home, target))
            severity: Literal["error", "warning"] = "error" if home in roots else "warning"
            both = " and ".join(shown(ways) for ways in chosen.ways)
            message = f"In the view {view.name!r}, measures of {home!r} reach {member.name!r} by two equally good paths: {both}."
            yield Issue("E_AMBIGUOUS_PATH", message, place=member.place, hint=_HINT_PATH, severity=severity)
    if not reached:
        message = f"No measure of the view {view.name!r} can be asked by {member.name!r}: no path leads to {member.target.cube!r}."
        yield Issue("E_NO_PATH", message, place=member.place, hint="Declare a join, or leave the member out.")


def _stands_beside(view: View, member: ViewMember) -> bool:
    """Whether it is a key that is shown with what it identifies, of which all is told that there is to tell."""
    return member.is_key and member.name.removesuffix("_id") in view.members


def _filter_issues(view: View, lost: Lost) -> Iterator[Issue]:
    for condition in leaves(view.default_filters):
        for name in (condition.member or "", *condition.unless):
            bare = name.removeprefix(view.name + ".")
            if bare not in view.members and bare not in lost:
                hint = did_you_mean(near(bare, view.members))
                message = f"A default filter of the view {view.name!r} names {bare!r}, which is no member of it."
                yield Issue("E_NAME_NOT_FOUND", message, place=condition.place, hint=hint)
        member = view.members.get((condition.member or "").removeprefix(view.name + "."))
        if member is None:
            continue
        if not isinstance(member.target, Dimension) or member.granularity:
            what = "a bucket of time" if member.granularity else "no dimension"
            hint = (
                "Filter by the time itself."
                if member.granularity
                else "Rows are filtered by default by dimensions alone."
            )
            message = f"A default filter of the view {view.name!r} names {member.name!r}, which is {what}."
            yield Issue("E_FILTER", message, place=condition.place, hint=hint)
        else:
            yield from comparison_issues(condition, member.target, f"A default filter of the view {view.name!r}")
