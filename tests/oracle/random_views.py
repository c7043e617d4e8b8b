"""A random view: one root, to each other cube one chosen way, which need not be the shortest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.expressions import Calculate, Literally, Member, NullIf
from tests.oracle.model import DeclaredFilter, Measure, Model, View, ViewCube
from tests.oracle.paths import Graph, Path

if TYPE_CHECKING:
    from tests.oracle.tape import Tape

_DEFAULTS = (
    ("label", "notEquals", ("a",)),
    ("flag", "equals", ("true",)),
    ("amount", "gte", ("1",)),
)


def random_view(tape: Tape, model: Model) -> View:
    """A view over a random tree of paths, or over all cubes with each as a root of its own.

    The members of all cubes but the first have its name before theirs.
    """
    graph = Graph(model)
    root = tape.one_of(graph.cubes)
    paths = _tree(tape, graph, root)
    chosen: tuple[Path, ...] = ()
    if tape.once_in(2):
        chosen = (tape.one_of(paths),) if tape.once_in(2) else ()
        paths = [(root,), *((cube,) for cube in graph.cubes if cube != root)]
    names = {path[-1]: "" if path == (root,) else f"{path[-1]}_" for path in paths}
    filtered = tape.one_of((None, *names))
    member, operator, values = tape.one_of(_DEFAULTS)
    unless = tape.one_of(((), ("tenant",)))
    default = DeclaredFilter(f"{names.get(filtered or root)}{member}", operator, values, unless)
    other = tape.one_of(tuple(names))
    divisor = NullIf(Member(f"{names[other]}count"), Literally(0))
    measures = (
        Measure("rate_of_all", "number", Calculate("/", Member("total"), divisor)),
        Measure("sum_of_all", "number", Calculate("+", Member("filled"), Member("count", other))),
    )
    cubes = tuple(ViewCube(path, prefix=path != (root,)) for path in paths)
    timed = tape.some_of(tuple(names), len(names)) if tape.once_in(3) else []
    axis = tuple((cube, tape.one_of(("happened_at", "happened_at", "day_on"))) for cube in timed)
    return View("all_of_it", cubes, measures, (default,) if filtered else (), join_paths=chosen, axis=axis)


def _tree(tape: Tape, graph: Graph, root: str) -> list[Path]:
    """Grows paths from the root to every cube that it reaches down and then up, each cube once."""
    paths: dict[str, Path] = {root: (root,)}
    while True:
        longer = [
            (*path, there)
            for path in paths.values()
            for here, there in graph.letters
            if here == path[-1] and there not in paths and graph.down_then_up((*path, there))
        ]
        if not longer:
            return list(paths.values())
        path = tape.one_of(longer)
        paths[path[-1]] = path
