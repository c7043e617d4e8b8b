"""Which way a home takes to each cube that a query reads (rule 6), found by trying all ways there are.

A path is the tuple of cubes it passes, its start first. Its word has one letter a step: `u` up (many-to-one), `d` down
(one-to-many), `f` flat (one-to-one).
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tests.oracle.model import Model

T = TypeVar("T")

Path = tuple[str, ...]
Edge = tuple[str, str]

Target = tuple[str, Path | None]
"""A cube to be reached and, where a view or a hint has chosen the way, that way."""

_LETTERS = {"many_to_one": "u", "one_to_many": "d", "one_to_one": "f"}
_BACK = {"u": "d", "d": "u", "f": "f"}


class Refused(Exception):
    """The contract refuses the query; `codes` say why."""

    def __init__(self, *codes: str) -> None:
        self.codes = frozenset(codes)
        super().__init__(*codes)


class Graph:
    """The joins of a model, each in both directions, but for those that a looked-up dimension decides."""

    def __init__(self, model: Model) -> None:
        self.cubes = tuple(cube.name for cube in model.cubes)
        self.letters: dict[Edge, str] = {}
        self.columns: dict[Edge, tuple[tuple[str, str], ...]] = {}
        self.few: dict[Edge, str] = {}
        for cube in model.cubes:
            for join in cube.joins:
                letter = _LETTERS[join.relationship]
                self.letters[cube.name, join.target] = letter
                self.columns[cube.name, join.target] = join.on
                if join.few:
                    self.few[cube.name, join.target] = join.few
                    continue
                self.letters[join.target, cube.name] = _BACK[letter]
                self.columns[join.target, cube.name] = tuple((theirs, ours) for ours, theirs in join.on)

    def word(self, path: Path) -> str:
        """The letters of a path's steps; a step that no join makes is `x`."""
        return "".join(self.letters.get(edge, "x") for edge in itertools.pairwise(path))

    def only_up(self, path: Path) -> bool:
        """Whether each row of the path's start has at most one partner at its end."""
        return bool(re.fullmatch("[uf]*", self.word(path)))

    def down_then_up(self, path: Path) -> bool:
        """Whether a row of the path's end can be attributed to rows of its start."""
        return bool(re.fullmatch("[df]*[uf]*", self.word(path)))

    def all_paths(self, start: Path, end: str) -> Iterator[Path]:
        """Every way to go on from a path to a cube that meets no cube twice."""
        if start[-1] == end:
            yield start
            return
        for here, there in self.letters:
            if here == start[-1] and there not in start:
                yield from self.all_paths((*start, there), end)

    def ways(self, home: str, target: Target) -> list[Path]:
        """The one way that is chosen to a target, or else all there are."""
        cube, bound = target
        return [bound] if bound else list(self.all_paths((home,), cube))

    def choose(self, home: str, targets: Iterable[Target]) -> dict[Target, Path]:
        """The path from `home` to each target."""
        chosen: dict[Target, Path] = {}
        others: dict[Target, list[Path]] = {}
        for target in targets:
            ways = self.ways(home, target)
            upward = [path for path in ways if self.only_up(path)]
            downward = [path for path in ways if self.down_then_up(path)]
            if upward:
                chosen[target] = _only_one(_shortest(upward))
            elif downward:
                others[target] = downward
            else:
                raise Refused("E_NO_PATH")
        return chosen | self._cheapest_tree(others)

    def _cheapest_tree(self, ways: Mapping[Target, list[Path]]) -> dict[Target, Path]:
        """One path for each target so that all form a tree: the fewest one-to-many steps, then the fewest steps."""
        trees: dict[frozenset[Edge], tuple[Path, ...]] = {}
        for paths in itertools.product(*ways.values()):
            edges = _edges(paths)
            if len({child for _, child in edges}) == len(edges):
                trees[edges] = paths
        if not trees:
            raise Refused("E_AMBIGUOUS_PATH")
        costs = {edges: (sum(self.letters[edge] == "d" for edge in edges), len(edges)) for edges in trees}
        cheapest = [paths for edges, paths in trees.items() if costs[edges] == min(costs.values())]
        return dict(zip(ways, _only_one(cheapest), strict=True))

    def choose_root(self, targets: Callable[[str], Iterable[Target]]) -> str:
        """The cube that reaches all targets by the fewest many-to-one steps (rule 2, dimensions alone).

        `targets` are those of a home, as ways that a view has chosen depend on it.
        """
        cost: dict[str, int] = {}
        for root in self.cubes:
            ways = [
                _shortest([path for path in self.ways(root, target) if self.only_up(path)]) for target in targets(root)
            ]
            if all(ways):
                cost[root] = min(len(_edges(paths)) for paths in itertools.product(*ways))
        if not cost:
            raise Refused("E_NO_PATH")
        return _only_one([root for root in cost if cost[root] == min(cost.values())])


def bound_way(home: str, chosen: Iterable[Path]) -> Path | None:
    """What a chosen way prescribes from a home on, if one does.

    >>> bound_way("orders", [("items", "orders", "customers")])
    ('orders', 'customers')
    """
    return next((path[path.index(home) :] for path in chosen if home in path), None)


def _edges(paths: Iterable[Path]) -> frozenset[Edge]:
    return frozenset(edge for path in paths for edge in itertools.pairwise(path))


def _shortest(paths: list[Path]) -> list[Path]:
    return [path for path in paths if len(path) == min(map(len, paths))]


def _only_one(found: Sequence[T]) -> T:
    if len(found) > 1:
        raise Refused("E_AMBIGUOUS_PATH")
    return found[0]
