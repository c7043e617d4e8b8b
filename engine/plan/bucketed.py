"""Partners by whose time the rows are grouped in buckets: a bucket can be worked out once a partner, not once a row.

Bugs by the month in which their test ended, where rows are looked up one at a time by an index: the tests that the filters leave
are asked for as keys, bugs that have one of them are counted by it, in the order of the index, and the few counts are joined to
the tests and their months. Nothing has to sort all bugs by month. What cannot be added up from counts, as their testers, is read of
all bugs, each with the month that its test was given before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.plan.keyed import asked_by_key
from engine.plan.lateness import late_instances, paths_read, read_by
from engine.query.resolved import Comparison

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.members import Path
    from engine.plan.plan import Column, Fact, Instance


@dataclass(frozen=True, slots=True, eq=False)
class Bucketed:
    """A partner, of which each row of the fact has one at most, and the groups that put its time into buckets."""

    instance: Instance
    columns: tuple[Column, ...]


def bucketed(fact: Fact, groups: Sequence[Column]) -> tuple[Bucketed, ...]:
    """The partners by whose time the rows are grouped in buckets, which read a column of it and nothing else."""
    columns: dict[Path, list[Column]] = {}
    for group in groups:
        path = _bucketed_path(fact, group)
        if path is not None:
            columns.setdefault(path, []).append(group)
    downs = [each.path for each in fact.instances if each.step is not None and each.step.direction == "down"]
    return tuple(
        Bucketed(each, tuple(columns[each.path]))
        for each in fact.instances
        if each.path in columns and not any(each.path[: len(down)] == down for down in downs)
    )


def counted_by_partner(fact: Fact, groups: Sequence[Column]) -> Fact:
    """The fact, the filters on such partners being existences, so that the partners themselves can be joined late."""
    for each in bucketed(fact, groups):
        found = asked_by_key(fact, each.instance)
        if found is not None and each.instance.path in {late.path for late in late_instances(found, groups)}:
            fact = found
    return fact


def reads_every_row(fact: Fact, partner: Bucketed) -> bool:
    """Whether nothing but values of such a partner limits the rows, so that most partners are read whatever way it is done."""
    return not fact.existences and all(
        isinstance(each, Comparison)
        and each.kind in {"in", "set"}
        and paths_read(fact, [each]) == {partner.instance.path}
        for each in fact.where
    )


def _bucketed_path(fact: Fact, group: Column) -> Path | None:
    """The partner whose column a group puts into buckets."""
    assert group.grouping is not None
    use = group.grouping.use
    if group.grouping.granularity is None or not fact.dimension(use).sql.is_column:
        return None
    path, *others = read_by(fact, use)
    return path if len(path) > 1 and not others else None
