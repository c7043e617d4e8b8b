"""Writes a model as the YAML that an analyst would write, and its tables as SQL."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tests.oracle.expressions import as_sql
from tests.oracle.model import (
    Cube,
    DeclaredFilter,
    Dimension,
    Grain,
    Join,
    Measure,
    Model,
    Rolling,
    Security,
    Segment,
    View,
    ViewCube,
)
from tests.oracle.times import CUSTOM

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]


def to_yaml(model: Model) -> str:
    """The whole model as one YAML document."""
    document: Document = {"cubes": [_cube(cube) for cube in model.cubes]}
    if model.views:
        document["views"] = [_view(view) for view in model.views]
    return "\n".join(_lines(document)) + "\n"


def _lines(part: Any) -> Iterator[str]:
    """A mapping or a list in block style; what it holds at last as JSON, which YAML reads too."""
    entries = [("-", each) for each in part] if isinstance(part, list) else [(f"{key}:", part[key]) for key in part]
    for head, value in entries:
        if not isinstance(value, dict | list) or not any(isinstance(each, dict | list) for each in _values(value)):
            yield f"{head} {json.dumps(value, ensure_ascii=False)}"
        else:
            yield head
            yield from (f"  {line}" for line in _lines(value))


def _values(part: dict[str, Any] | list[Any]) -> list[Any]:
    return list(part.values()) if isinstance(part, dict) else part


def _cube(cube: Cube) -> Document:
    document: Document = {"name": cube.name, "sql_table": cube.table}
    if cube.joins:
        document["joins"] = [_join(join) for join in cube.joins]
    document["dimensions"] = [_dimension(dimension) for dimension in cube.dimensions]
    if cube.measures:
        document["measures"] = [_measure(measure) for measure in cube.measures]
    if cube.segments:
        document["segments"] = [_segment(segment) for segment in cube.segments]
    if cube.policy:
        row_level = {"filters": [_declared_filter(each) for each in cube.policy]}
        document["access_policy"] = [{"group": "*", "row_level": row_level}]
    return document


def _join(join: Join) -> Document:
    on = " AND ".join(f"{{CUBE}}.{here} = {{{join.target}}}.{there}" for here, there in join.on)
    if join.few:
        on += f" AND {{CUBE.{join.few}}} < 2"
    document: Document = {"name": join.target, "relationship": join.relationship, "sql": on}
    return document | ({"enforced": True} if join.enforced else {})


def _dimension(dimension: Dimension) -> Document:
    document: Document = {"name": dimension.name, "type": dimension.type, "sql": as_sql(dimension.sql)}
    if dimension.primary_key:
        document |= {"primary_key": True, "public": True}
    if dimension.type == "time":
        document["granularities"] = [
            {"name": name, "interval": length, "origin": f"{origin}"} for name, (length, origin) in CUSTOM.items()
        ]
    if dimension.sub_query:
        document["sub_query"] = True
    return document | ({"key": dimension.key} if dimension.key else {})


def _measure(measure: Measure) -> Document:
    document: Document = {"name": measure.name, "type": measure.type}
    if measure.type == "rank" and measure.sql is not None:
        document["order_by"] = [{"sql": as_sql(measure.sql), "dir": "desc"}]
    elif measure.sql is not None:
        document["sql"] = as_sql(measure.sql)
    if measure.grain:
        document |= {"multi_stage": True, "grain": _grain(measure.grain)}
    if measure.filters:
        document["filters"] = [{"sql": as_sql(each)} for each in measure.filters]
    if measure.fill_nulls_with is not None:
        document["fill_nulls_with"] = measure.fill_nulls_with
    if not measure.default_filters:
        document["default_filters"] = False
    if measure.percentile is not None:
        document["percentile"] = measure.percentile
    if measure.rolling:
        document["rolling_window"] = _rolling(measure.rolling)
    if measure.time_shift:
        shifts = [{"interval": shift.interval, "type": shift.type} for shift in measure.time_shift]
        document |= {"multi_stage": True, "time_shift": shifts}
    if measure.non_additive:
        document["non_additive"] = asdict(measure.non_additive)
    return document


def _grain(grain: Grain) -> Document:
    names = {"exclude": list(grain.exclude), "include": list(grain.include)}
    kept = {} if grain.keep_only is None else {"keep_only": list(grain.keep_only)}
    return kept | {name: value for name, value in names.items() if value}


def _rolling(rolling: Rolling) -> Document:
    if rolling.to_date:
        return {"type": "to_date", "granularity": rolling.to_date}
    reaches = {"trailing": rolling.trailing, "leading": rolling.leading, "offset": rolling.offset}
    return {name: value for name, value in reaches.items() if value is not None}


def _segment(segment: Segment) -> Document:
    return {"name": segment.name, "sql": as_sql(segment.sql)}


def _declared_filter(declared: DeclaredFilter) -> Document:
    document: Document = {"member": declared.member, "operator": declared.operator}
    if declared.values:
        document["values"] = [_security(v) if isinstance(v, Security) else v for v in declared.values]
    return document | ({"unless": list(declared.unless)} if declared.unless else {})


def _security(value: Security) -> str:
    return f"{{securityContext.{value.name}}}"


def _view(view: View) -> Document:
    document: Document = {"name": view.name, "cubes": [_view_cube(each) for each in view.cubes]}
    if view.measures:
        document["measures"] = [_measure(measure) for measure in view.measures]
    if view.default_filters:
        document["default_filters"] = [_declared_filter(each) for each in view.default_filters]
    if view.default_time_dimension:
        document["default_time_dimension"] = view.default_time_dimension
    if view.axis:
        document["time"] = dict(view.axis)
    if view.join_paths:
        document["join_paths"] = [".".join(path) for path in view.join_paths]
    return document


def _view_cube(each: ViewCube) -> Document:
    document: Document = {"join_path": ".".join(each.join_path)}
    if each.includes is None:
        document["includes"] = "*"
    else:
        document["includes"] = [{"name": i.name, "alias": i.alias} if i.alias else i.name for i in each.includes]
    if each.excludes:
        document["excludes"] = list(each.excludes)
    return document | ({"prefix": True} if each.prefix else {})
