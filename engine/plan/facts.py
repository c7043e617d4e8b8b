"""One fact: from its home and what is asked to the joins it needs, the filters it gets, and whether they repeat its rows."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError
from engine.model.checks import FAN_SAFE_TYPES
from engine.model.members import Dimension, is_sub_query_step
from engine.model.paths import (
    NoPath,
    Tie,
    any_way,
    bound_path,
    choose_paths,
    is_valid,
    reachable,
    shown,
    steps_of,
    turn_of,
)
from engine.plan.certainty import certain_paths, rejects_null
from engine.plan.existence import set_apart
from engine.plan.lookups import lookup_plan
from engine.plan.plan import Fact, Instance
from engine.plan.windows import before, window_of
from engine.query.resolved import Comparison, SegmentUse, Use, uses_of
from engine.query.security import missing_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from engine.model.members import Path
    from engine.model.model import Model
    from engine.plan.leaves import FactKey
    from engine.plan.plan import Leaf
    from engine.query.resolved import DefaultFilter, Predicate, Shape


def build_fact(
    model: Model, shape: Shape, key: FactKey, leaves: Sequence[Leaf], defaults: Iterable[DefaultFilter]
) -> Fact:
    """The fact of these leaves, which have the key in common; raises QueryError where it cannot be."""
    home = key.home
    window = window_of(shape, key.window, [leaf.name for leaf in leaves]) if key.window is not None else None
    over = _over(model, key)
    applied = tuple(each for each in defaults if _applies(model, home, each.predicate, shape))
    asked = before(shape.where, window) if window is not None else shape.where
    guards = guards_of(model, shape, (home,), key.guard)
    where = (*asked, *(guard for _, guard in guards), *(each.predicate for each in applied))
    where = (*where, *_dated(shape, key, where))
    extra = [use for use in (window.use if window is not None else None, over) if use is not None]
    used = list(dict.fromkeys((*(grouping.use for grouping in shape.groupings), *extra, *uses_of(where))))
    places = _places(model, shape, home, used, [leaf.name for leaf in leaves])
    needed = _needed_paths(home, places, leaves)
    paths = _with_prefixes(model, needed)
    certain = certain_paths(where, places, home)
    instances = tuple(_instance(model, shape, path, inner=path in certain) for path in paths)
    read = [*(grouping.use for grouping in shape.groupings), *extra]
    grouped = {places[use] for use in read}
    grouped |= {(*places[use], *rest) for use in read for _, *rest in use.at(home).sql.paths}
    kept, existences, remaining = set_apart(instances, where, places, home, grouped)
    fanned = any(instance.step is not None and instance.step.direction == "down" for instance in kept)
    cube = model.cubes[home]
    if fanned and not cube.primary_key:
        needy = next((leaf.name for leaf in leaves if leaf.measure.type not in FAN_SAFE_TYPES), None)
        if needy is not None:
            hint = f"Set `primary_key: true` on what identifies a row of {home!r}."
            message = (
                f"{needy} cannot be asked so: {home!r} has no primary key, and its rows would count several times."
            )
            raise QueryError(Issue("E_PRIMARY_KEY_REQUIRED", message, member=needy, hint=hint))
    return Fact(
        cube,
        kept,
        tuple(leaves),
        remaining,
        places,
        fanned,
        existences,
        applied,
        guards,
        window=window,
        shift=key.shift,
        over=over,
    )


def _dated(shape: Shape, key: FactKey, where: Sequence[Predicate]) -> Iterator[Predicate]:
    """What leaves out rows without a date where measures are read at another: they belong to no earlier or later period."""
    known = {each.use for each in where if isinstance(each, Comparison) and rejects_null(each)}
    for use in dict.fromkeys(grouping.use for grouping in shape.groupings):
        if use not in known and any(each.moves(use.at(key.home)) for each in key.shift):
            yield Comparison(use, "set")


def _over(model: Model, key: FactKey) -> Use | None:
    """The time over which the measures of a fact are not summed."""
    if key.non_additive is None:
        return None
    owner, _, name = key.non_additive.dimension.rpartition(".")
    cube = model.cubes.get(owner or key.home)
    dimension = cube.declared(name) if cube is not None else None
    if not isinstance(dimension, Dimension):
        message = (
            f"A measure of {key.home!r} is not additive over {key.non_additive.dimension!r}, which is no dimension."
        )
        raise QueryError(Issue("E_NAME_NOT_FOUND", message, member=key.home))
    return Use(dimension)


def guards_of(
    model: Model, shape: Shape, homes: Iterable[str], own: str | None = None
) -> tuple[tuple[str, Predicate], ...]:
    """What access policies of views ask of rows: of the views that choose them, and of the measures' `own`.

    Raises QueryError where a security value is missing, and where what a policy reads cannot be told of rows of one of `homes`.
    """
    found: list[tuple[str, Predicate]] = []
    for view in dict.fromkeys((*shape.guards, *([own] if own is not None else []))):
        if view in shape.policies.missing:
            raise missing_value(view, shape.policies.missing[view])
        guard = shape.policies.predicates.get(view)
        if guard is None:
            continue
        for home in homes:
            try:
                _places(model, shape, home, list(uses_of([guard])), [])
            except QueryError as error:
                # The reason would name what the policy reads, which the asker may not be allowed to see.
                message = f"Which rows of {home!r} may be seen through the view {view!r} cannot be told."
                hint = f"Ask without members of {view!r}, or for what it counts itself."
                raise QueryError(Issue("E_POLICY", message, member=view, hint=hint)) from error
        found.append((view, guard))
    return tuple(found)


def listing_home(model: Model, shape: Shape) -> str:
    """The cube whose rows a query of dimensions alone lists: it reaches all of them by many-to-one steps, the fewest."""
    guards = [guard for _, guard in guards_of(model, shape, ())]
    used = list(dict.fromkeys((*(grouping.use for grouping in shape.groupings), *uses_of((*shape.where, *guards)))))
    best: dict[int, list[str]] = {}
    tied: dict[int, QueryError] = {}
    for home in model.cubes:
        up = model.graph.up_paths(home)
        owners = {owner_of(use, home) for use in used}
        if not owners <= up.keys():
            continue
        try:
            places = _places(model, shape, home, used, [])
        except QueryError as error:
            if error.issues[0].code == "E_AMBIGUOUS_PATH":
                tied[steps_of(model.graph, [up[owner][0] for owner in owners])] = error
            continue
        paths = _needed_paths(home, places, ())
        if any(_goes_down(model, path) for path in paths):
            continue
        count = steps_of(model.graph, paths)
        best.setdefault(count, []).append(home)
    asked = ", ".join(grouping.name for grouping in shape.groupings)
    if tied and (not best or min(tied) <= min(best)):
        raise tied[min(tied)]
    if not best:
        message = f"No cube reaches all of {asked} by many-to-one joins, so there is nothing to list together."
        raise QueryError(
            Issue("E_NO_PATH", message, member="dimensions", hint="Ask for a metric by them, or for fewer of them.")
        )
    homes = best[min(best)]
    if len(homes) > 1:
        both = " and of ".join(repr(home) for home in homes[:2])
        message = f"{asked} could be listed from the rows of {both}."
        raise QueryError(
            Issue("E_AMBIGUOUS_PATH", message, member="dimensions", hint="Ask for a metric, which decides it.")
        )
    return homes[0]


def owner_of(use: Use | SegmentUse, home: str) -> str:
    """The cube that a dimension or segment belongs to, for facts of `home`."""
    return use.segment.cube if isinstance(use, SegmentUse) else use.at(home).cube


def _applies(model: Model, home: str, predicate: Predicate, shape: Shape) -> bool:
    """Whether a default filter's members are reached by many-to-one steps."""
    for use in uses_of([predicate]):
        owner = owner_of(use, home)
        way = bound_path(home, use.path, shape.hints, owner)
        if way is not None:
            if _goes_down(model, way):
                return False
        elif owner not in model.graph.up_paths(home):
            return False
    return True


def _goes_down(model: Model, path: Path) -> bool:
    steps = model.graph.along(tuple(step for step in path if not is_sub_query_step(step)))
    return steps is None or any(step.direction == "down" for step in steps)


def _places(
    model: Model, shape: Shape, home: str, used: Sequence[Use | SegmentUse], measures: Sequence[str]
) -> dict[Use | SegmentUse, Path]:
    """The instance of its owner for each dimension and segment used."""
    places: dict[Use | SegmentUse, Path] = {}
    free: dict[str, list[Use | SegmentUse]] = {}
    for use in used:
        owner = owner_of(use, home)
        way = (home,) if owner == home else bound_path(home, use.path, shape.hints, owner)
        if way is None:
            free.setdefault(owner, []).append(use)
        elif not is_valid(model.graph, way):
            name = _name(model, shape, use)
            message = (
                f"{name} is read by {'.'.join(way)}, which goes up and down again: nothing can be attributed there."
            )
            raise QueryError(Issue("E_NO_PATH", message, member=name, hint=_offer(model, home, measures)))
        else:
            places[use] = way
    chosen = choose_paths(model.graph, home, free.keys(), tuple(places.values()))
    if isinstance(chosen, NoPath):
        name = _name(model, shape, free[chosen.target][0])
        raise QueryError(_no_path(model, home, chosen, name, measures))
    if isinstance(chosen, Tie):
        raise QueryError(_tie(chosen, _name(model, shape, free[chosen.target][0])))
    places.update({use: chosen[owner] for owner, uses in free.items() for use in uses})
    return places


def _needed_paths(home: str, places: Mapping[Use | SegmentUse, Path], leaves: Sequence[Leaf]) -> set[Path]:
    needed: set[Path] = {(home,)}
    for use, place in places.items():
        needed.add(place)
        member = use.segment.sql if isinstance(use, SegmentUse) else use.at(home).sql
        needed |= {(*place, *path[1:]) for path in member.paths}
    for leaf in leaves:
        for sql in (leaf.measure.sql, *leaf.measure.filters):
            needed |= {(home, *path[1:]) for path in (sql.paths if sql is not None else ())}
    return needed


def _with_prefixes(model: Model, needed: Iterable[Path]) -> list[Path]:
    """All instances in an order in which each comes after those that its join reads."""
    paths: dict[Path, None] = {}
    waiting = sorted(needed, key=lambda each: (len(each), each), reverse=True)
    while waiting:
        path = waiting[-1]
        missing = [each for each in _before(model, path) if each not in paths]
        if missing:
            waiting += missing
        else:
            paths.setdefault(waiting.pop())
    return list(paths)


def _before(model: Model, path: Path) -> list[Path]:
    """The instances that the join of the last one reads."""
    if len(path) == 1:
        return []
    step = model.graph.step(path[-2], path[-1])
    ends = {(path[-2],), (path[-2], path[-1]), (path[-1],), (path[-1], path[-2])}
    others = [each for each in (step.join.condition.paths if step else ()) if each not in ends]
    return [path[:-1], *((*path[:-1], *each[1:]) for each in others)]


def _instance(model: Model, shape: Shape, path: Path, *, inner: bool) -> Instance:
    if is_sub_query_step(path[-1]):
        return Instance(path, None, lookup=lookup_plan(model, shape, path))
    name = path[-1]
    if name in shape.policies.missing:
        raise missing_value(name, shape.policies.missing[name])
    step = model.graph.step(path[-2], name) if len(path) > 1 else None
    return Instance(path, model.cubes[name], step, inner, shape.policies.predicates.get(name))


def _name(model: Model, shape: Shape, use: Use | SegmentUse) -> str:
    """What the asker calls a dimension or segment: as the query or the default view names it, if one does."""
    for grouping in shape.groupings:
        if grouping.use == use and grouping.role != "key":
            return grouping.name
    target = use.segment if isinstance(use, SegmentUse) else use.dimension
    view = model.default_view
    named = (
        (each for each in view.members.values() if each.target is target and not each.granularity) if view else iter(())
    )
    return next((each.name for each in named), target.full_name)


def _no_path(model: Model, home: str, found: NoPath, name: str, measures: Sequence[str]) -> Issue:
    named = ", ".join(measures) or home
    shared = _shared_parents(model, home, found.target)
    why = f"no join leads from {home!r} to {found.target!r}"
    turn = turn_of(any_way(model.graph, home, found.target) or ())
    if shared[:1] == [home]:
        way = model.graph.up_paths(found.target)[home][0]
        source, target = next(pair for pair in pairwise(way) if model.graph.step(pair[1], pair[0]) is None)
        why = f"the join from {source!r} to {target!r} reads more than columns of the two, so it leads one way only"
    elif shared:
        why = f"{home!r} and {found.target!r} meet only in {shared[0]!r}, of which each row has many of both"
    elif turn is not None:
        why = f"the way there goes up to {turn[0]!r} and down to {turn[1]!r}, of which it cannot be said which one a row belongs to"
    message = f"{named} cannot be asked by {name}: {why}."
    return Issue(
        "E_NO_PATH", message, member=name, hint=_offer(model, home, measures), candidates=_offered(model, home)
    )


def _shared_parents(model: Model, home: str, target: str) -> list[str]:
    """The cubes of which both have one, nearest first."""
    ours, theirs = model.graph.up_paths(home), model.graph.up_paths(target)
    return sorted(ours.keys() & theirs.keys(), key=lambda cube: (len(ours[cube][0]) + len(theirs[cube][0]), cube))


def _offer(model: Model, home: str, measures: Sequence[str]) -> str:
    named = measures[0] if measures else home
    return f"{named} can be asked by {', '.join(_offered(model, home))}."


def _offered(model: Model, home: str) -> tuple[str, ...]:
    """The dimensions by which facts of `home` can be asked: of the default view, if there is one."""
    near_by = reachable(model.graph, home)
    view = model.default_view
    if view is not None:
        found = [
            name
            for name, m in view.members.items()
            if isinstance(m.target, Dimension) and not m.is_key and m.target.cube in near_by
        ]
        if found:
            return tuple(found)
    cubes = sorted(near_by, key=lambda cube: (cube != home, cube))
    return tuple(d.full_name for cube in cubes for d in model.cubes[cube].dimensions.values() if d.public)[:60]


def _tie(found: Tie, name: str) -> Issue:
    first, second = found.ways
    message = (
        f"From {found.home!r} to {name} there are two equally good ways: by {shown(first)}, or by {shown(second)}."
    )
    example = [list(first[0])]
    hint = f'Choose one with "joinHints": {example}, or in the model with `join_paths`.'.replace("'", '"')
    return Issue("E_AMBIGUOUS_PATH", message, member=name, hint=hint, candidates=(shown(first), shown(second)))
