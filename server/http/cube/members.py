"""The members of a model as Cube's API describes them, in `/meta` and beside the rows of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from engine.model.granularity import PREDEFINED
from engine.model.members import Dimension, Measure
from engine.model.nodes import title_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.granularity import Granularity
    from engine.model.model import Cube, Member, Model, View, ViewMember

_MONTHS = {12: "year", 3: "quarter", 1: "month"}
_SECONDS = {604_800: "week", 86_400: "day", 3_600: "hour", 60: "minute", 1: "second"}
_CUBE_TYPES = {"count_distinct": "countDistinct", "count_distinct_approx": "countDistinctApprox"}


class Offered(NamedTuple):
    """A member as a cube or view offers it; `alias_of` is the cube's member that a view shows."""

    owner: str
    owner_title: str
    name: str
    target: Member
    title: str
    description: str | None
    format: Any
    meta: Any
    alias_of: str | None = None

    @property
    def full_name(self) -> str:
        """How a query calls it."""
        return f"{self.owner}.{self.name}"


def of_cube(cube: Cube) -> Iterator[Offered]:
    """The public members of a cube."""
    return (in_cube(cube, each) for each in cube.members() if each.public)


def of_view(view: View, model: Model) -> Iterator[Offered]:
    """The public members of a view, without the keys that only tell equal labels apart."""
    return (in_view(view, each, model) for each in view.members.values() if each.public and not each.is_key)


def in_cube(cube: Cube, target: Member) -> Offered:
    """A member as its cube offers it."""
    return Offered(
        cube.name,
        cube.title,
        target.name,
        target,
        target.title,
        target.description,
        getattr(target, "format", None),
        target.meta,
    )


def in_view(view: View, member: ViewMember, model: Model) -> Offered:
    """A member as a view offers it; what the view does not say of it, its cube says."""
    target = member.target
    return Offered(
        view.name,
        view.title,
        member.name,
        target,
        member.title or target.title,
        member.description or target.description,
        member.format if member.format is not None else getattr(target, "format", None),
        member.meta if member.meta is not None else target.meta,
        None if model.is_hidden(target) or target.cube not in model.cubes else target.full_name,
    )


def described(offered: Offered, model: Model) -> dict[str, Any]:
    """A member as an entry of `/meta`, without what it does not have."""
    target = offered.target
    data: dict[str, Any] = {
        "name": offered.full_name,
        "title": f"{offered.owner_title} {offered.title}",
        "shortTitle": offered.title,
        "description": offered.description,
        "format": offered.format,
        "meta": offered.meta,
        "aliasMember": offered.alias_of,
        "isVisible": True,
        "public": True,
    }
    if isinstance(target, Measure):
        data |= _measure(target, offered, model)
    elif isinstance(target, Dimension):
        data |= _dimension(target)
    return {name: value for name, value in data.items() if value is not None}


def _measure(measure: Measure, offered: Offered, model: Model) -> dict[str, Any]:
    rolling = measure.rolling_window
    drill = list(_drill_members(measure, offered, model))
    return {
        "type": measure.type if measure.type in {"string", "boolean", "time"} else "number",
        "aggType": _CUBE_TYPES.get(measure.type, measure.type),
        "unit": measure.unit,
        "cumulative": rolling is not None,
        "cumulativeTotal": rolling is not None and rolling.trailing == "unbounded",
        "drillMembers": [name for name, _ in drill],
        "drillMembersGrouped": {
            "measures": [name for name, is_measure in drill if is_measure],
            "dimensions": [name for name, is_measure in drill if not is_measure],
        },
    }


def _drill_members(measure: Measure, offered: Offered, model: Model) -> Iterator[tuple[str, bool]]:
    """The members behind a measure by the names that its owner has for them, each with whether it is a measure."""
    view = model.views.get(offered.owner)
    for written in measure.drill_members:
        cube, _, name = written.strip("{}").replace("CUBE.", "").rpartition(".")
        owner = model.cubes.get(cube.rpartition(".")[2] or measure.cube)
        target = owner.member(name) if owner is not None else None
        if target is None or not target.public:
            continue
        names = [target.full_name]
        if view is not None:
            names = [f"{view.name}.{each.name}" for each in view.members.values() if each.target is target]
        for each in names[:1]:
            yield each, isinstance(target, Measure)


def _dimension(dimension: Dimension) -> dict[str, Any]:
    data: dict[str, Any] = {
        "type": dimension.type,
        "suggestFilterValues": True,
        "primaryKey": dimension.primary_key,
    }
    if dimension.type == "time":
        known = {**PREDEFINED, **dimension.granularities}
        data["granularities"] = [
            granularity_data(each) for each in known.values() if not (each.months and each.seconds)
        ]
    return data


def granularity_data(granularity: Granularity) -> dict[str, Any]:
    """Buckets of time as Cube describes them: by an interval, and where they begin."""
    data = {
        "name": granularity.name,
        "type": "built-in" if granularity.predefined else "custom",
        "title": granularity.title or title_of(granularity.name),
        "interval": _interval(granularity),
        "origin": granularity.origin and granularity.origin.isoformat(timespec="milliseconds"),
    }
    return {name: value for name, value in data.items() if value is not None}


def _interval(granularity: Granularity) -> str:
    units, length = (_MONTHS, granularity.months) if granularity.months else (_SECONDS, granularity.seconds)
    size, unit = next((size, unit) for size, unit in units.items() if length % size == 0)
    count = length // size
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
