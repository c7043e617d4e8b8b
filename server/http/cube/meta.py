"""`/cubejs-api/v1/meta`: the cubes and views that a caller sees, as Cube's clients and BI tools read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.model.members import Dimension, Measure, Segment
from server.http.cube.members import described, of_cube, of_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.model.model import Cube, Model, View
    from server.http.cube.members import Offered


def meta(model: Model, *, only_views: bool = False, extended: bool = False) -> dict[str, Any]:
    """What the caller of `model` sees; `extended` tells the SQL and the joins behind it too."""
    components = _components(model)
    cubes = [] if only_views else [cube for cube in model.cubes.values() if cube.public and any(of_cube(cube))]
    views = [view for view in model.views.values() if view.public]
    return {
        "cubes": [
            *(_cube(each, model, components, extended=extended) for each in cubes),
            *(_view(each, model, components) for each in views),
        ]
    }


def _cube(cube: Cube, model: Model, components: Mapping[str, int], *, extended: bool) -> dict[str, Any]:
    data = _owner(cube, "cube", cube.title, list(of_cube(cube)), model)
    data |= {
        "connectedComponent": components[cube.name],
        "hierarchies": _hierarchies(cube, model),
        "folders": [],
        "nestedFolders": [],
    }
    return data | _behind(cube, model) if extended else data


def _view(view: View, model: Model, components: Mapping[str, int]) -> dict[str, Any]:
    members = list(of_view(view, model))
    shown = {each.name for each in members}
    folders = [
        {"name": name, "members": [f"{view.name}.{each}" for each in includes if each in shown]}
        for name, includes in view.folders
    ]
    reached = (components[each.target.cube] for each in members if each.target.cube in components)
    return _owner(view, "view", view.title, members, model) | {
        "connectedComponent": next(reached, 0),
        "hierarchies": [],
        "folders": folders,
        "nestedFolders": folders,
    }


def _owner(owner: Cube | View, kind: str, title: str, members: Iterable[Offered], model: Model) -> dict[str, Any]:
    sections: dict[type, list[dict[str, Any]]] = {Measure: [], Dimension: [], Segment: []}
    for each in members:
        sections[type(each.target)].append(described(each, model))
    data = {
        "name": owner.name,
        "type": kind,
        "title": title,
        "description": owner.description,
        "meta": owner.meta,
        "isVisible": True,
        "public": True,
        "viewGroups": [],
        "measures": sections[Measure],
        "dimensions": sections[Dimension],
        "segments": sections[Segment],
    }
    return {name: value for name, value in data.items() if value is not None}


def _hierarchies(cube: Cube, model: Model) -> list[dict[str, Any]]:
    """The ways to drill down, of those levels that the caller sees."""
    found = []
    for each in cube.hierarchies.values():
        levels = [level if "." in level else f"{cube.name}.{level}" for level in each.levels]
        seen = [level for level in levels if ".".join(level.split(".")[-2:]) not in model.hidden]
        if each.public and seen:
            data = {"name": f"{cube.name}.{each.name}", "title": each.title, "levels": seen, "public": True}
            found.append(data)
    return found


def _behind(cube: Cube, model: Model) -> dict[str, Any]:
    """The table and the joins of a cube, for callers who may see SQL."""
    joins = [
        {"name": join.target, "relationship": join.relationship, "sql": join.condition.text}
        for join in cube.joins.values()
        if join.target in model.cubes
    ]
    source = {"sqlTable": ".".join(cube.table)} if cube.table else {"sql": cube.sql.text if cube.sql else ""}
    return {**source, "joins": joins}


def _components(model: Model) -> dict[str, int]:
    """For each cube the number of the island of joined cubes that it belongs to, from 1."""
    found: dict[str, int] = {}
    for start in model.cubes:
        if start in found:
            continue
        number, waiting = len(set(found.values())) + 1, [start]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = number
                waiting += [step.target for step in model.graph.steps.get(name, ())]
    return found
