"""The join graph: which cube stands beside which, and how many rows a step leads to."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.model.members import Join, Path

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
    """Every declared join as a step in both directions; a join declared from both sides is taken as each side declares it."""

    steps: Mapping[str, tuple[Step, ...]]
    _by_pair: Mapping[tuple[str, str], Step]
    _up: dict[str, dict[str, tuple[Path, ...]]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, joins: list[Join]) -> JoinGraph:
        """The graph of the joins that a model declares."""
        pairs = {
            (j.source, j.target): Step(j.source, j.target, _DIRECTIONS[j.relationship], j, forward=True) for j in joins
        }
        for join in joins:
            if any(path not in {(join.source,), (join.source, join.target)} for path in join.condition.paths):
                continue  # The condition reads a third cube, which only the declaring side is joined to.
            back = _REVERSED[_DIRECTIONS[join.relationship]]
            pairs.setdefault((join.target, join.source), Step(join.target, join.source, back, join, forward=False))
        steps: dict[str, list[Step]] = {}
        for step in pairs.values():
            steps.setdefault(step.source, []).append(step)
        return cls({cube: tuple(those) for cube, those in steps.items()}, pairs)

    def step(self, source: str, target: str) -> Step | None:
        """The step between two cubes, if they are joined."""
        return self._by_pair.get((source, target))

    def along(self, path: Path) -> tuple[Step, ...] | None:
        """The steps of a path, or None where two of its cubes are not joined."""
        found = [self._by_pair.get(pair) for pair in itertools.pairwise(path)]
        return tuple(step for step in found if step) if all(found) else None

    def up_paths(self, home: str) -> Mapping[str, tuple[Path, ...]]:
        """For each cube that `home` reaches by many-to-one steps alone: its shortest paths; more than one is a tie."""
        if home not in self._up:
            self._up[home] = self._search_up(home)
        return self._up[home]

    def _search_up(self, home: str) -> dict[str, tuple[Path, ...]]:
        found: dict[str, tuple[Path, ...]] = {home: ((home,),)}
        queue = deque([home])
        while queue:
            cube = queue.popleft()
            for step in self.steps.get(cube, ()):
                longer = tuple((*path, step.target) for path in found[cube])
                if step.direction == "down" or step.target == home:
                    continue
                if step.target not in found:
                    found[step.target] = longer
                    queue.append(step.target)
                elif len(found[step.target][0]) == len(longer[0]):
                    others = tuple(path for path in longer if path not in found[step.target])
                    found[step.target] = (*found[step.target], *others)[:_MOST_TIES]
        return found
