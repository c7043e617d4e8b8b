"""Takes from a model what no query uses, so that a failing case is short and many cases fit into a second."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.oracle.expressions import Member, leaves
from tests.oracle.model import Measure
from tests.oracle.names import Reference, offered, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.oracle.model import Cube, Model, Query


def lean(model: Model, queries: Iterable[Query]) -> Model:
    """The model with only those members that the queries reach, and all its cubes, joins and primary keys."""
    known = {each.name: each for view in (None, *(v.name for v in model.views)) for each in offered(model, view)}
    texts = {".".join(text.split(".")[:2]) for query in queries for text in _texts(query)}
    texts |= {text.removesuffix("_id") for text in texts}
    texts |= {f"{cube.name}.{each.member}" for cube in model.cubes for each in cube.policy}
    texts |= {f"{cube.name}.{join.few}" for cube in model.cubes for join in cube.joins if join.few}
    used = {(r.owner, r.member.name) for name in texts & known.keys() for r in _reached(model, known[name])}
    views = tuple(view for view in model.views if any(name.startswith(f"{view.name}.") for name in texts))
    for view in views:
        named = [f"{view.name}.{name}" for each in view.default_filters for name in (each.member, *each.unless)]
        named += [f"{view.name}.{measure.name}" for measure in view.measures]
        used |= set(view.axis)
        used |= {(r.owner, r.member.name) for name in named for r in _reached(model, resolve(model, name))}
        used |= {(each.join_path[-1], "count") for each in view.cubes}
    return replace(model, cubes=tuple(_lean_cube(cube, used) for cube in model.cubes), views=views)


def _lean_cube(cube: Cube, used: set[tuple[str, str]]) -> Cube:
    names = {name for owner, name in used if owner == cube.name}
    kept = tuple(d for d in cube.dimensions if d.name in names or d.primary_key)
    return replace(
        cube,
        dimensions=kept or cube.dimensions[:1],
        measures=tuple(measure for measure in cube.measures if measure.name in names),
        segments=tuple(segment for segment in cube.segments if segment.name in names),
    )


def _reached(model: Model, reference: Reference) -> Iterator[Reference]:
    """A member and all that it is made of."""
    yield reference
    member = reference.member
    stock = member.non_additive if isinstance(member, Measure) else None
    grain = member.grain if isinstance(member, Measure) else None
    names = [getattr(member, "key", None), stock.dimension if stock else None]
    names += [*(grain.keep_only or ()), *grain.exclude, *grain.include] if grain else []
    names += [leaf.name if leaf.cube is None else f"{leaf.cube}.{leaf.name}" for leaf in _named_in(reference)]
    for name in filter(None, names):
        yield from _reached(model, resolve(model, name if "." in name else f"{reference.owner}.{name}"))


def _named_in(reference: Reference) -> Iterator[Member]:
    member = reference.member
    filters = member.filters if isinstance(member, Measure) else ()
    for expression in (member.sql, *filters):
        if expression is not None:
            yield from (leaf for leaf in leaves(expression) if isinstance(leaf, Member))


def _texts(part: object) -> Iterator[str]:
    """All texts in a query, keys and values."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _texts(each)
