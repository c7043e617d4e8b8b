"""Partners that only filter: a home row needs one of them, so they need not be joined, and its rows are not repeated.

Where no group reads anything below a one-to-many step, and the filters are untrue of a missing partner, "joined, filtered and
each row counted once" is the same as "there is a partner", which databases answer without repeating the home's rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.plan.plan import Existence
from engine.query.resolved import SegmentUse, uses_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.model.members import Path
    from engine.plan.plan import Instance
    from engine.query.resolved import Predicate, Use


def set_apart(
    instances: tuple[Instance, ...],
    where: tuple[Predicate, ...],
    places: Mapping[Use | SegmentUse, Path],
    home: str,
    grouped: set[Path],
) -> tuple[tuple[Instance, ...], tuple[Existence, ...], tuple[Predicate, ...]]:
    """The instances to join, the existences to ask for, and the filters that remain."""
    branches = [
        each.path
        for each in instances
        if each.step is not None and each.step.direction == "down" and not _below(each.path, instances)
    ]
    existences: list[Existence] = []
    for branch in branches:
        inside = tuple(each for each in instances if each.path[: len(branch)] == branch)
        touching = tuple(each for each in where if _touches(each, branch, places, home))
        alone = all(
            not _touches(each, other, places, home) for each in touching for other in branches if other != branch
        )
        only_filters = not any(path[: len(branch)] == branch for path in grouped)
        if only_filters and alone and inside[0].inner and touching:
            existences.append(Existence(inside, touching))
            where = tuple(each for each in where if each not in touching)
            instances = tuple(each for each in instances if each not in inside)
    return instances, tuple(existences), where


def _below(path: Path, instances: tuple[Instance, ...]) -> bool:
    """Whether another one-to-many step comes before this one."""
    downs = {each.path for each in instances if each.step is not None and each.step.direction == "down"}
    return any(path[:length] in downs for length in range(2, len(path)))


def _touches(predicate: Predicate, branch: Path, places: Mapping[Use | SegmentUse, Path], home: str) -> bool:
    return any(path[: len(branch)] == branch for path in _paths(predicate, places, home))


def _paths(predicate: Predicate, places: Mapping[Use | SegmentUse, Path], home: str) -> Iterator[Path]:
    for use in uses_of([predicate]):
        place = places[use]
        sql = use.segment.sql if isinstance(use, SegmentUse) else use.at(home).sql
        yield place
        yield from ((*place, *path[1:]) for path in sql.paths)
