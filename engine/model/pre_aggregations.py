"""Pre-aggregations as declared: which measures a table holds that somebody builds, by which dimensions and buckets of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import Issue, did_you_mean
from engine.model.granularity import PREDEFINED
from engine.model.members import Dimension, Measure, Segment
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.errors import Place
    from engine.model.model import Cube, Member, Model
    from engine.model.nodes import Node


@dataclass(frozen=True, slots=True)
class PreAggregation:
    """A declared pre-aggregation, its members by full name; `times` are pairs of a time dimension and a granularity.

    One of the kind `original_sql` holds the rows of its cube, and no members.
    """

    name: str
    cube: str
    kind: str
    measures: tuple[str, ...]
    dimensions: tuple[str, ...]
    segments: tuple[str, ...]
    times: tuple[tuple[str, str], ...]
    place: Place

    @property
    def full_name(self) -> str:
        return f"{self.cube}.{self.name}"


def pre_aggregations_of(cube: str, nodes: Mapping[str, Node]) -> tuple[PreAggregation, ...]:
    """The pre-aggregations of a cube, in the order in which they are declared."""
    return tuple(_pre_aggregation(cube, name, node) for name, node in nodes.items())


def _pre_aggregation(cube: str, name: str, node: Node) -> PreAggregation:
    def full(written: str) -> str:
        parts = written.strip("{} ").replace("CUBE.", f"{cube}.").split(".")
        return ".".join(parts[-2:]) if len(parts) > 1 else f"{cube}.{parts[0]}"

    lone = node.text("time_dimension")
    times = [(lone, node.text("granularity") or "day")] if lone else []
    times += [(each.text("dimension") or "", each.text("granularity") or "") for each in node.items("time_dimensions")]
    return PreAggregation(
        name=name,
        cube=cube,
        kind=node.text("type") or "rollup",
        measures=tuple(map(full, node.texts("measures"))),
        dimensions=tuple(map(full, node.texts("dimensions"))),
        segments=tuple(map(full, node.texts("segments"))),
        times=tuple((full(dimension), granularity) for dimension, granularity in times),
        place=node.place,
    )


def pre_aggregation_issues(model: Model, cube: Cube) -> Iterator[Issue]:
    """What the pre-aggregations of a cube name and there is not."""
    for found in cube.pre_aggregations:
        kinds: tuple[tuple[tuple[str, ...], type[Member], str], ...] = (
            (found.measures, Measure, "measure"),
            (found.dimensions, Dimension, "dimension"),
            (found.segments, Segment, "segment"),
            (tuple(name for name, _ in found.times), Dimension, "dimension"),
        )
        for names, kind, word in kinds:
            for name in names:
                if not isinstance(_member(model, name), kind):
                    known = [
                        each.full_name
                        for other in model.cubes.values()
                        for each in other.members()
                        if isinstance(each, kind)
                    ]
                    message = f"The pre-aggregation {found.full_name} names {name!r}, which is no {word}."
                    yield Issue("E_NAME_NOT_FOUND", message, place=found.place, hint=did_you_mean(near(name, known)))
        for name, granularity in found.times:
            dimension = _member(model, name)
            if isinstance(dimension, Dimension) and granularity not in {*PREDEFINED, *dimension.granularities}:
                message = f"The pre-aggregation {found.full_name} holds {name} by {granularity!r}, which is no granularity of it."
                hint = did_you_mean(near(granularity, [*PREDEFINED, *dimension.granularities]))
                yield Issue("E_GRANULARITY", message, place=found.place, hint=hint)


def _member(model: Model, name: str) -> Member | None:
    cube, _, member = name.rpartition(".")
    return model.cubes[cube].declared(member) if cube in model.cubes else None
