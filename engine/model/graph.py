"""The join graph: which cube stands beside which, and how many rows a step leads to."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Literal

from engine.model.members import Path

if TYPE_CHECKING:
    from engine.model.members import Join

Direction = Literal["up", "down", "level"]
"""up: many-to-one; down: one-to-many; level: one-to-one, which multiplies nothing in either direction."""

_MOST_TIES = 4
"""How many tied paths are kept: two say that there is a tie, and a net of diamonds has exponentially many."""

_DIRECTIONS: dict[str, Direction] = {"many_to_one": "up", "one_to_many": "down", "one_to_one": "level"}
_REVERSED: dict[Direction, Direction] = {"up": "down", "down": "up", "level": "level"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step from a cube to a cube beside it; `forward` if the join was declared in that direction."""

    source: str
    target: str
    direction: Direction
    join: Join
    forward: bool

    @property
    def keys(self) -> tuple[tuple[str, str], ...] | None:
        """The join's equalities as (column of this step's source, column of its target)."""
        if self.join.keys is None or self.forward:
            return self.join.keys
        return tuple((theirs, ours) for ours, theirs in self.join.keys)


@dataclass(frozen=True, slots=True, eq=False)
class JoinGraph:
    """Every declared join as a step in both directions; a join declared from both sides is taken as each side declares it.

    A join whose condition reads more than its two cubes leads forward alone. `steps` are those from a cube, `steps_to` those to it.
    """

    steps: Mapping[str, tuple[Step, ...]]
    steps_to: Mapping[str, tuple[Step, ...]]
    _by_pair: Mapping[tuple[str, str], Step]
    _up: dict[str, UpPaths] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, joins: list[Join]) -> JoinGraph:
        """The graph of the joins that a model declares."""
        pairs = {
            (j.source, j.target): Step(j.source, j.target, _DIRECTIONS[j.relationship], j, forward=True) for j in joins
        }
        for join in joins:
            if any(path not in {(join.source,), (join.source, join.target)} for path in join.condition.paths):
                continue  # The condition reads a third cube, or a value looked up, which only the declaring side is joined to.
            back = _REVERSED[_DIRECTIONS[join.relationship]]
            pairs.setdefault((join.target, join.source), Step(join.target, join.source, back, join, forward=False))
        return cls(_grouped(pairs.values(), "source"), _grouped(pairs.values(), "target"), pairs)

    def step(self, source: str, target: str) -> Step | None:
        """The step between two cubes, if they are joined."""
        return self._by_pair.get((source, target))

    def along(self, path: Path) -> tuple[Step, ...] | None:
        """The steps of a path, or None where two of its cubes are not joined."""
        found = [self._by_pair.get(pair) for pair in itertools.pairwise(path)]
        return tuple(step for step in found if step) if all(found) else None

    def up_paths(self, home: str) -> UpPaths:
        """For each cube that `home` reaches by many-to-one steps alone: its shortest paths; more than one is a tie."""
        if home not in self._up:
            self._up[home] = UpPaths(home, self._search_up(home))
        return self._up[home]

    def _search_up(self, home: str) -> dict[str, tuple[str, ...]]:
        """For each cube reached, the cubes before it on a shortest path."""
        before: dict[str, tuple[str, ...]] = {home: ()}
        level = [home]
        while level:
            found: dict[str, list[str]] = {}
            for cube in level:
                for step in self.steps.get(cube, ()):
                    if step.direction != "down" and step.target not in before:
                        found.setdefault(step.target, []).append(cube)
            before.update({target: tuple(cubes) for target, cubes in found.items()})
            level = list(found)
        return before


def _grouped(steps: Iterable[Step], end: Literal["source", "target"]) -> dict[str, tuple[Step, ...]]:
    """Steps by the cube at one of their ends."""
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(getattr(step, end), []).append(step)
    return {cube: tuple(those) for cube, those in found.items()}


class UpPaths(Mapping[str, tuple[Path, ...]]):
    """The shortest paths from one cube, spelled out when they are looked at: most never are, and there may be many."""

    def __init__(self, home: str, before: Mapping[str, tuple[str, ...]]) -> None:
        self.home = home
        self._before = before
        self._paths: dict[str, tuple[Path, ...]] = {home: ((home,),)}

    def __contains__(self, target: object) -> bool:
        return target in self._before

    def __iter__(self) -> Iterator[str]:
        return iter(self._before)

    def __len__(self) -> int:
        return len(self._before)

    def __getitem__(self, target: str) -> tuple[Path, ...]:
        waiting = [target]
        while waiting:
            before = self._before[waiting[-1]]
            missing = [cube for cube in before if cube not in self._paths]
            if missing:
                waiting += missing
                continue
            cube = waiting.pop()
            if cube not in self._paths:
                paths = ((*path, cube) for each in before for path in self._paths[each])
                self._paths[cube] = tuple(islice(paths, _MOST_TIES))
        return self._paths[target]

    def forks(self) -> Iterator[str]:
        """The cubes at which two equally short paths meet."""
        return (target for target, cubes in self._before.items() if len(cubes) > 1)
