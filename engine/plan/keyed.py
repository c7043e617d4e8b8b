"""Partners that only filter the rows of a fact, of which each row has one: their keys are asked for first.

Bugs of executed tests are the bugs whose test is among the executed ones. A database that looks rows up one at a time reads the
keys of those tests once, and need not decide in which order to join.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.plan.lateness import early_paths, paths_read, read_by
from engine.plan.plan import Existence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.members import Path
    from engine.plan.plan import Column, Fact, Instance


def filtered_by_keys(fact: Fact, groups: Sequence[Column]) -> Fact:
    """The fact, its partners that only filter asked for as keys; where rows are few for other reasons, that is not worth it."""
    if fact.fanned or fact.window or fact.over or fact.existences:
        return fact
    for instance in fact.instances[1:]:
        found = asked_by_key(fact, instance)
        if found is not None and not found.where and instance.path not in _otherwise_read(found, groups):
            fact = replace(found, instances=tuple(each for each in found.instances if each.path != instance.path))
    return fact


def asked_by_key(fact: Fact, instance: Instance) -> Fact | None:
    """The fact with the filters on a partner of the home asked as an existence; None where they are not all on it alone."""
    touching = [each for each in fact.where if instance.path in paths_read(fact, [each])]
    step = instance.step
    if not touching or not instance.inner or len(instance.path) > 2 or step is None or len(step.keys or ()) != 1:
        return None
    if step.direction == "down" or any(paths_read(fact, [each]) != {instance.path} for each in touching):
        return None
    return replace(
        fact,
        instances=tuple(replace(each, inner=False) if each is instance else each for each in fact.instances),
        where=tuple(each for each in fact.where if each not in touching),
        existences=(*fact.existences, Existence((instance,), tuple(touching))),
    )


def _otherwise_read(fact: Fact, groups: Sequence[Column]) -> set[Path]:
    """The instances that measures, joins and groups read, with all before them."""
    grouped = {path for group in groups if group.grouping is not None for path in read_by(fact, group.grouping.use)}
    return early_paths(fact) | {path[:length] for path in grouped for length in range(1, len(path) + 1)}
