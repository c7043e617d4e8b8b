"""Which joins can wait until the rows are aggregated: those that only name what the rows are grouped by.

Bugs by the title of their feature need not be joined to features one by one: they are counted by the foreign key that leads there,
and the few counts are joined to the titles. Since several keys may lead to one title, or to nothing, what comes out is grouped once
more; so only measures can wait whose parts add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.query.resolved import SegmentUse, uses_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.members import Path
    from engine.plan.plan import Column, Fact, Instance
    from engine.query.resolved import Predicate, Use

REGROUPABLE_TYPES = frozenset({"count", "sum", "min", "max"})
"""Measures that can be aggregated in two steps."""


def late_instances(fact: Fact, groups: Iterable[Column]) -> tuple[Instance, ...]:
    """The instances of a fact to be joined after it is aggregated; none where that could change a number."""
    plain = not (fact.fanned or fact.window or fact.over or fact.shift)
    if not plain or not fact.leaves or any(leaf.measure.type not in REGROUPABLE_TYPES for leaf in fact.leaves):
        return ()
    early = early_paths(fact)
    read = [read_by(fact, group.grouping.use) for group in groups if group.grouping is not None]
    mixed = [paths for paths in read if paths & early and paths - early]
    while mixed:
        # A group that reads both sides of the cut is worked out before it.
        early |= {path[:length] for paths in mixed for path in paths for length in range(1, len(path) + 1)}
        mixed = [paths for paths in read if paths & early and paths - early]
    late = [each for each in fact.instances if each.path not in early]
    return tuple(late)


def early_paths(fact: Fact) -> set[Path]:
    """The instances that filters and measures read, or that cannot be joined by a foreign key alone, with all before them."""
    home = (fact.home.name,)
    needed: set[Path] = {home}
    needed |= paths_read(fact, fact.where)
    for existence in fact.existences:
        apart = {each.path for each in existence.instances}
        needed |= {existence.instances[0].path[:-1]} | (paths_read(fact, existence.where) - apart)
    for leaf in fact.leaves:
        for own in (leaf.measure.sql, *leaf.measure.filters):
            needed |= {(*home, *path[1:]) for path in (own.paths if own is not None else ())}
    needed |= {each.path for each in fact.instances if each.inner or each.lookup is not None}
    early = {path[:length] for path in needed for length in range(1, len(path) + 1)}
    for instance in fact.instances:
        first = instance.path not in early and instance.path[:-1] in early
        if first and not _by_foreign_key(instance):
            # It has to be joined at once, and what is joined to it may yet wait.
            early.add(instance.path)
    return early | _beside_conditions(fact.instances, early)


def read_by(fact: Fact, use: Use | SegmentUse) -> set[Path]:
    """The instances whose columns a dimension or segment reads."""
    sql = use.segment.sql if isinstance(use, SegmentUse) else use.at(fact.home.name).sql
    read = {(*fact.places[use], *path[1:]) for path in sql.paths}
    # What is not null by itself where its row is missing is asked about that row as well.
    return read if sql.is_strict else read | {fact.places[use]}


def paths_read(fact: Fact, predicates: Iterable[Predicate]) -> set[Path]:
    """The instances that predicates are about, and those whose columns they read."""
    return {path for use in uses_of(predicates) for path in (fact.places[use], *read_by(fact, use))}


def _by_foreign_key(instance: Instance) -> bool:
    step = instance.step
    return step is not None and step.direction == "up" and bool(step.keys)


def _beside_conditions(instances: Iterable[Instance], early: set[Path]) -> set[Path]:
    """The instances beside which a condition reads a third cube: they all stand where they stood."""
    found: set[Path] = set()
    for instance in instances:
        paths = instance.step.join.condition.paths if instance.step is not None and instance.step.forward else ()
        others = {(*instance.path[:-1], *path[1:]) for path in paths if len(path) > 1 and path[-1] != instance.path[-1]}
        if others:
            found |= {instance.path, *others}
            found |= {path[:length] for path in (instance.path, *others) for length in range(1, len(path))}
    return found - early
