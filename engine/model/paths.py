"""Which way a measure's home takes to the cubes that a query names (DESIGN rule 6).

What many-to-one steps alone reach is reached by its own shortest such path, whatever else is asked. The rest is chosen jointly: one
tree of paths that go down (one-to-many) and then up (many-to-one), with the fewest steps down, then the fewest steps.

    tests ─down→ test_features ─up→ features        test_count by feature
    tests ─down→ bugs ─up→ test_features ─up→ features
                   └──up→ testers                   test_count by feature, tester: one step down, not two

A one-to-one step multiplies nothing, so it may stand anywhere. Up and then down, through a shared parent to its other children, is
never taken: a number could be attributed to nothing there.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from engine.model.graph import JoinGraph, Step
    from engine.model.members import Path

_MOST_PATHS = 256
_MOST_TREES = 20_000

Cost = tuple[int, int]
"""Steps down, then steps in all."""


@dataclass(frozen=True, slots=True)
class NoPath:
    """`home` has no valid path to `target`."""

    home: str
    target: str


@dataclass(frozen=True, slots=True)
class Tie:
    """Two equally good choices; each is the paths that the other does not take."""

    home: str
    target: str
    ways: tuple[tuple[Path, ...], tuple[Path, ...]]


def choose_paths(
    graph: JoinGraph, home: str, targets: Collection[str], bound: Collection[Path] = ()
) -> dict[str, Path] | NoPath | Tie:
    """The path from `home` to each of the cubes `targets`; `bound` are paths that are taken anyway."""
    up = graph.up_paths(home)
    chosen: dict[str, Path] = {}
    rest = []
    for target in sorted(targets):
        ways = up.get(target, ())
        if len(ways) > 1:
            return Tie(home, target, ((ways[0],), (ways[1],)))
        if ways:
            chosen[target] = ways[0]
        else:
            rest.append(target)
    if rest:
        joint = _joint(graph, home, rest, bound)
        if not isinstance(joint, dict):
            return joint
        chosen.update(joint)
    return chosen


def is_valid(graph: JoinGraph, path: Path) -> bool:
    """Whether a path exists and never goes down after it went up."""
    steps = graph.along(path)
    if steps is None:
        return False
    gone_up = False
    for step in steps:
        if step.direction == "down" and gone_up:
            return False
        gone_up = gone_up or step.direction == "up"
    return True


def reachable(graph: JoinGraph, home: str) -> frozenset[str]:
    """All cubes that `home` reaches by a valid path."""
    down = _closure(graph, {home}, {"down", "level"})
    return frozenset(_closure(graph, down, {"up", "level"}))


def turn_of(steps: Sequence[Step]) -> tuple[str, str] | None:
    """Where a path goes up and then down: the cube at the top, and the one below it; None if it does not."""
    top = None
    for step in steps:
        if step.direction == "up":
            top = step.target
        elif step.direction == "down" and top is not None:
            return top, step.target
    return None


def any_way(graph: JoinGraph, home: str, target: str) -> tuple[Step, ...] | None:
    """The steps of a shortest path in whatever directions, valid or not."""
    ways: dict[str, tuple[Step, ...]] = {home: ()}
    level = [home]
    while level and target not in ways:
        found: list[str] = []
        for step in (step for cube in level for step in graph.steps.get(cube, ())):
            if step.target not in ways:
                ways[step.target] = (*ways[step.source], step)
                found.append(step.target)
        level = found
    return ways.get(target)


def _closure(graph: JoinGraph, start: Iterable[str], directions: Collection[str]) -> set[str]:
    found = set(start)
    queue = list(found)
    while queue:
        for step in graph.steps.get(queue.pop(), ()):
            if step.direction in directions and step.target not in found:
                found.add(step.target)
                queue.append(step.target)
    return found


def _joint(
    graph: JoinGraph, home: str, targets: Sequence[str], bound: Collection[Path]
) -> dict[str, Path] | NoPath | Tie:
    candidates: list[list[Path]] = []
    for target in targets:
        paths = sorted(_simple_paths(graph, home, target), key=lambda path: (_cost(graph, [path]), path))
        if not paths:
            return NoPath(home, target)
        candidates.append(paths[:_MOST_PATHS])
    least: Cost | None = None
    best: list[tuple[Path, ...]] = []
    for count, tree in enumerate(product(*candidates)):
        if count > _MOST_TREES:
            break
        cost = _cost(graph, [*bound, *tree])
        if least is None or cost < least:
            least, best = cost, [tree]
        elif cost == least:
            best.append(tree)
    if len(best) > 1:
        differing = next(index for index in range(len(targets)) if best[0][index] != best[1][index])
        first = tuple(path for path in best[0] if path not in best[1])
        second = tuple(path for path in best[1] if path not in best[0])
        return Tie(home, targets[differing], (first, second))
    return dict(zip(targets, best[0], strict=True))


def _cost(graph: JoinGraph, paths: Iterable[Path]) -> Cost:
    """What a tree of paths costs, a shared beginning counted once."""
    edges = {path[:length] for path in paths for length in range(2, len(path) + 1)}
    down = 0
    for edge in edges:
        step = graph.step(edge[-2], edge[-1])
        down += step is not None and step.direction == "down"
    return down, len(edges)


def _simple_paths(graph: JoinGraph, home: str, target: str) -> Iterator[Path]:
    """All paths without a repeated cube that go down and then up."""
    above = _ancestors_of(graph, target)
    stack: list[tuple[Path, bool]] = [((home,), False)]
    while stack:
        path, gone_up = stack.pop()
        for step in graph.steps.get(path[-1], ()):
            if step.target in path or (gone_up and step.direction == "down"):
                continue
            up = gone_up or step.direction == "up"
            longer = (*path, step.target)
            if step.target == target:
                yield longer
            elif not up or step.target in above:
                stack.append((longer, up))


def _ancestors_of(graph: JoinGraph, target: str) -> set[str]:
    """The cubes from which `target` is reached by steps that do not go down."""
    found = {target}
    queue = [target]
    while queue:
        for step in graph.steps_to.get(queue.pop(), ()):
            if step.direction != "down" and step.source not in found:
                found.add(step.source)
                queue.append(step.source)
    return found


def bound_path(home: str, path: Path | None, chosen: Iterable[Path], target: str) -> Path | None:
    """The path that a view or a hint prescribes from `home` to `target`, or None.

    A view's `path` binds from wherever `home` stands in it; so does each of the `chosen` ways that ends at the target.

    >>> bound_path("bugs", ("tests", "bugs", "testers"), (), "testers")
    ('bugs', 'testers')
    """
    for way in (path, *chosen):
        if way and way[-1] == target and home in way:
            return way[way.index(home) :]
    return None


def shown(ways: Sequence[Path]) -> str:
    """Paths as an analyst writes them."""
    return " and ".join(".".join(way) for way in ways)


def steps_of(graph: JoinGraph, paths: Iterable[Path]) -> int:
    """How many different steps the paths take in all."""
    return _cost(graph, paths)[1]
