"""At which grain, and by which filters, the inside of a multi-stage measure is computed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import Issue, did_you_mean
from engine.model.askers import SECURITY_VALUE
from engine.model.comparisons import comparison_issues
from engine.model.conditions import conditions
from engine.model.granularity import PREDEFINED
from engine.model.members import DERIVED_TYPES, Dimension, FilterContext, Grain, Segment
from engine.model.policies import leaves
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.errors import Place
    from engine.model.members import Measure
    from engine.model.model import Condition, Member, Model
    from engine.model.nodes import Node


def grain_of(node: Node, full_name: Callable[[str], str]) -> Grain | None:
    """The grain of a multi-stage measure, if it declares one; `full_name` gives that of a dimension as written.

    `group_by` is a fixed grain: what the measure aggregates is computed by exactly these dimensions, asked or not. A measure that
    aggregates nothing has a value only for those that are asked.
    """
    written = node.get("grain") or node
    aggregates = node.value("type") not in {*DERIVED_TYPES, "rank"}

    def names(*keys: str) -> tuple[str, ...]:
        return tuple(full_name(name) for key in keys for name in written.texts(key))

    keep_only = next((key for key in ("keep_only", "group_by") if written.value(key) is not None), None)
    grain = Grain(
        names(keep_only) if keep_only else None,
        names("exclude", "reduce_by"),
        names("include", "add_group_by", *(["group_by"] if aggregates and keep_only == "group_by" else [])),
    )
    return None if grain == Grain() else grain


def context_of(node: Node, full_name: Callable[[str], str]) -> FilterContext | None:
    """By which filters the inside of a multi-stage measure is computed, if it says so."""
    written = node.get("filter")
    if written is None:
        return None

    def names(key: str) -> tuple[str, ...]:
        return tuple(full_name(name) for name in written.texts(key))

    included = tuple(_named_in_full(each, full_name) for each in conditions(written.items("include")))
    keep_only = names("keep_only") if written.value("keep_only") is not None else None
    return FilterContext(names("exclude"), keep_only, included, written.value("mode") == "fixed")


def _named_in_full(condition: Condition, full_name: Callable[[str], str]) -> Condition:
    if condition.junction is not None:
        return replace(condition, parts=tuple(_named_in_full(part, full_name) for part in condition.parts))
    return replace(condition, member=full_name(condition.member or ""))


def grain_dimension(model: Model, name: str) -> tuple[Dimension, str | None] | None:
    """The dimension that a grain names, and the granularity if the name ends with one."""
    found = member_named(model, name)
    if isinstance(found, Dimension):
        return found, None
    head, _, granularity = name.rpartition(".")
    found = member_named(model, head)
    if isinstance(found, Dimension) and granularity in {*PREDEFINED, *found.granularities} and found.type == "time":
        return found, granularity
    return None


def member_named(model: Model, name: str) -> Member | None:
    """The member that a multi-stage measure names: its cube may stand at the end of a path of cubes."""
    path, _, member = name.rpartition(".")
    cube = model.cubes.get(path.rpartition(".")[2])
    return cube.declared(member) if cube is not None else None


def stage_issues(model: Model, measure: Measure) -> Iterator[Issue]:
    """What a multi-stage measure names and there is not."""
    grain, context = measure.grain or Grain(), measure.context or FilterContext()
    for name in (*(grain.keep_only or ()), *grain.exclude, *grain.include):
        found = grain_dimension(model, name)
        if found is None or (found[1] is not None and name not in grain.include):
            message = f"The grain of {measure.full_name} names {name!r}, which is no dimension."
            yield _no(message, measure.place, name, _dimensions(model))
    for name in (*(context.keep_only or ()), *context.exclude):
        if not isinstance(member_named(model, name), Dimension | Segment):
            message = f"The filter of {measure.full_name} names {name!r}, which is no dimension or segment."
            yield _no(message, measure.place, name, [*_dimensions(model), *_segments(model)])
    for condition in leaves(context.include):
        dimension = member_named(model, condition.member or "")
        if not isinstance(dimension, Dimension):
            message = f"The filter of {measure.full_name} includes one on {condition.member!r}, which is no dimension."
            yield _no(message, condition.place or measure.place, condition.member or "", _dimensions(model))
        secrets = [value for value in condition.values if isinstance(value, str) and SECURITY_VALUE.search(value)]
        if isinstance(dimension, Dimension) and not secrets:
            yield from comparison_issues(condition, dimension, f"The filter of {measure.full_name}")
        for value in secrets:
            message = f"The filter of {measure.full_name} includes the security value {value!r}; it can hold fixed values only."
            hint = "Limit rows by an `access_policy`."
            yield Issue("E_POLICY", message, place=condition.place, hint=hint)


def _dimensions(model: Model) -> list[str]:
    return [each.full_name for cube in model.cubes.values() for each in cube.dimensions.values()]


def _segments(model: Model) -> list[str]:
    return [each.full_name for cube in model.cubes.values() for each in cube.segments.values()]


def _no(message: str, place: Place, name: str, known: list[str]) -> Issue:
    return Issue("E_NAME_NOT_FOUND", message, place=place, hint=did_you_mean(near(name, known)))
