"""Which groups are told by a primary key that the rows are grouped by as well: they can be looked up once a group.

Features tested by product have the product's id and its title, and the id decides the title: rows grouped by the id alone fall
into the same groups, and a number is told apart faster than a number and a text. That holds for every measure, since
nothing is aggregated again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.plan.lateness import read_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.plan.plan import Column, Fact, Instance


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """The `columns` that read nothing but `instance`, whose primary key is the column `key`."""

    instance: Instance
    key: Column
    columns: tuple[Column, ...]


def labels_of(fact: Fact, groups: Sequence[Column]) -> tuple[Labels, ...]:
    """The labels that can be looked up after the rows of a fact are aggregated; the home's own are at hand already."""
    if fact.window or fact.over or not fact.leaves:
        return ()
    keys = dict(_keys(fact, groups))
    found = []
    for instance, key in keys.items():
        told = tuple(each for each in groups if each not in keys.values() and _reads_only(fact, each, instance))
        if told:
            found.append(Labels(instance, key, told))
    return tuple(found)


def _keys(fact: Fact, groups: Sequence[Column]) -> Iterator[tuple[Instance, Column]]:
    """The partners whose primary key, a single column, is grouped by."""
    for group in groups:
        assert group.grouping is not None
        dimension, place = fact.dimension(group.grouping.use), fact.places[group.grouping.use]
        if place == (fact.home.name,) or group.grouping.granularity is not None or not dimension.sql.is_column:
            continue
        instance = next((each for each in fact.instances if each.path == place), None)
        if instance is None or instance.cube is None or not _reads_only(fact, group, instance):
            continue
        if instance.cube.primary_key == (dimension,):
            yield instance, group


def _reads_only(fact: Fact, group: Column, instance: Instance) -> bool:
    assert group.grouping is not None
    return read_by(fact, group.grouping.use) == {instance.path}
