"""The conditions that a model declares on dimensions: default filters, row-level policies, filters of multi-stage measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.model.askers import SECURITY_VALUE
from engine.model.grains import member_named
from engine.model.members import Dimension
from engine.model.policies import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.model import Condition, Cube, Model, View


class Declared(NamedTuple):
    """A condition, the dimension that it is on, and whose it is, as the beginning of a sentence."""

    condition: Condition
    dimension: Dimension
    whose: str

    @property
    def constants(self) -> tuple[object, ...]:
        """The values that are known before anybody asks."""
        return tuple(
            each
            for each in self.condition.values
            if not (isinstance(each, str) and SECURITY_VALUE.fullmatch(each.strip()))
        )


def declared_conditions(model: Model) -> Iterator[Declared]:
    """Every condition of which the dimension is known."""
    for view in model.views.values():
        found = [(each, f"A default filter of the view {view.name!r}") for each in leaves(view.default_filters)]
        found += [(each, f"The access policy of {view.name!r}") for each in _of_rows(view)]
        for condition, whose in found:
            member = view.members.get((condition.member or "").removeprefix(view.name + "."))
            if member is not None and isinstance(member.target, Dimension):
                yield Declared(condition, member.target, whose)
    for cube in model.cubes.values():
        for condition in _of_rows(cube):
            dimension = cube.dimensions.get((condition.member or "").removeprefix(cube.name + "."))
            if dimension is not None:
                yield Declared(condition, dimension, f"The access policy of {cube.name!r}")
        for measure in cube.measures.values():
            for condition in leaves(measure.context.include if measure.context else ()):
                target = member_named(model, condition.member or "")
                if isinstance(target, Dimension):
                    yield Declared(condition, target, f"The filter of {measure.full_name}")


def _of_rows(owner: Cube | View) -> Iterator[Condition]:
    """The conditions by which a policy shows rows."""
    return (each for policy in owner.policies for each in leaves(policy.row_level or ()))
