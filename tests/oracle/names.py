"""What the names in a query stand for: members of cubes, or of views that offer them under names of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.oracle.model import Dimension, Measure, Model, Segment, Shift, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.paths import Path


@dataclass(frozen=True)
class Reference:
    """A member of a cube as a query names it.

    `owner` is the cube or view that declares it, `paths` are the ways that a view has chosen to its cube, `shifts` the times
    at which a measure is read. `axis`, for the one time of a view, are the cubes that have a time of their own there.
    """

    name: str
    owner: str
    member: Dimension | Measure | Segment
    view: str | None = None
    paths: tuple[Path, ...] = ()
    granularity: str | None = None
    shifts: tuple[Shift, ...] = ()
    axis: tuple[tuple[str, Dimension], ...] = ()

    def at(self, home: str) -> Reference:
        """What is read for the rows of a home: its own time where this is an axis."""
        own = dict(self.axis).get(home)
        return replace(self, owner=home, member=own) if own else self

    @property
    def dimension(self) -> Dimension:
        assert isinstance(self.member, Dimension)
        return self.member

    @property
    def measure(self) -> Measure:
        assert isinstance(self.member, Measure)
        return self.member

    @property
    def segment(self) -> Segment:
        assert isinstance(self.member, Segment)
        return self.member


def resolve(model: Model, name: str) -> Reference:
    """What `owner.member`, `owner.member.granularity` or `owner.dimension_id` stands for."""
    owner, member, *granularity = name.split(".")
    view = model.view(owner)
    known = {each.name: each for each in (_offered(model, view) if view else _members(model, owner))}
    reference = known.get(f"{owner}.{member}") or _key(model, known[f"{owner}.{member.removesuffix('_id')}"])
    return replace(reference, granularity=granularity[0] if granularity else None)


def offered(model: Model, view: str | None) -> Iterator[Reference]:
    """All members that a query may name: those of a view, or those of all cubes."""
    if view:
        yield from (each for of_view in model.views if of_view.name == view for each in _offered(model, of_view))
    else:
        yield from (each for cube in model.cubes for each in _members(model, cube.name))


def key_of(model: Model, reference: Reference) -> Reference | None:
    """The dimension that identifies what a dimension shows, named `<dimension>_id`, if it has one."""
    return _key(model, reference) if reference.dimension.key else None


def _key(model: Model, reference: Reference) -> Reference:
    of_cube = model.cube(reference.owner)
    key = next(each for each in of_cube.dimensions if each.name == reference.dimension.key)
    return replace(reference, name=f"{reference.name}_id", member=key)


def _members(model: Model, cube: str) -> Iterator[Reference]:
    of_cube = model.cube(cube)
    members: list[Dimension | Measure | Segment] = [*of_cube.dimensions, *of_cube.measures, *of_cube.segments]
    for member in members:
        yield Reference(f"{cube}.{member.name}", cube, member)


def _offered(model: Model, view: View) -> Iterator[Reference]:
    if view.axis:
        axis = tuple((cube, model.cube(cube).dimension(name)) for cube, name in view.axis)
        yield Reference(f"{view.name}.time", *axis[0], view.name, axis=axis)
    for measure in view.measures:
        yield Reference(f"{view.name}.{measure.name}", view.name, measure, view.name)
    for each in view.cubes:
        cube = each.join_path[-1]
        paths = (each.join_path, *(path for path in view.join_paths if path[-1] == cube))
        includes = None if each.includes is None else {i.name: i.alias or i.name for i in each.includes}
        for reference in _members(model, cube):
            member = reference.member.name
            if member in each.excludes or (includes is not None and member not in includes):
                continue
            alias = includes[member] if includes else member
            name = f"{view.name}.{cube}_{alias}" if each.prefix else f"{view.name}.{alias}"
            yield replace(reference, name=name, view=view.name, paths=paths)
