"""What a query has to compute before anything is derived: each measure with a home once, in each way that it is asked.

A derived measure is a formula over leaves; a leaf is a measure of one home, with the filters of the view it is asked through, read
at another time if a time shift says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.plan.plan import Formula, Leaf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.members import Measure, NonAdditive, RollingWindow, TimeShift
    from engine.model.model import Model
    from engine.query.resolved import Asked

_UNTOLD = "part"
"""What a leaf is called that the asker may not know by name."""


@dataclass(frozen=True, slots=True)
class FactKey:
    """What leaves have in common that are aggregated together.

    `view` names the view whose default filters apply, `guard` the one whose access policy does, if any do.
    """

    home: str
    view: str | None = None
    guard: str | None = None
    window: RollingWindow | None = None
    shift: tuple[TimeShift, ...] = ()
    non_additive: NonAdditive | None = None
    stage: Measure | None = None


@dataclass(slots=True)
class Leaves:
    """The leaves of a query by the fact they belong to, and for each measure asked the leaf or formula that gives it."""

    model: Model
    facts: dict[FactKey, list[Leaf]] = field(default_factory=dict)
    _names: dict[tuple[FactKey, Measure], str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, asked: Iterable[Asked], model: Model, shift: tuple[TimeShift, ...] = ()
    ) -> tuple[Leaves, dict[Asked, str | Formula]]:
        """The leaves that these need, all of them read at another time by `shift`; those asked for by name keep their names."""
        found = cls(model)
        values: dict[Asked, str | Formula] = {}
        asked = list(asked)
        for each in sorted(asked, key=lambda each: each.measure.derived):
            values[each] = found._value(each.measure, each, filtered=True, shift=shift, name=each.name)
        return found, values

    def _value(
        self, measure: Measure, asked: Asked, *, filtered: bool, shift: tuple[TimeShift, ...], name: str | None = None
    ) -> str | Formula:
        filtered = filtered and measure.default_filters
        if measure.derived:
            moved = (*shift, *measure.time_shift)
            parts = {
                key: self._value(reference, asked, filtered=filtered, shift=moved)
                for key, reference in measure.references.items()
            }
            return Formula(measure, parts)
        view = asked.view.name if asked.view is not None and asked.view.default_filters and filtered else None
        stage = measure if measure.staged else None
        guard = asked.view.name if asked.view is not None and asked.view.policies else None
        key = FactKey(measure.cube, view, guard, measure.rolling_window, shift, measure.non_additive, stage)
        known = self._names.get((key, measure))
        if known is None:
            hidden = name is None and self.model.is_hidden(measure)
            known = self._free(_UNTOLD if hidden else name or shown_name(measure, asked))
            self._names[(key, measure)] = known
            leaf = Leaf(known, replace(measure, name=known) if hidden else measure)
            self.facts.setdefault(key, []).append(leaf)
        return known

    def _free(self, wanted: str) -> str:
        while wanted in self._taken:
            wanted += "_"
        self._taken.add(wanted)
        return wanted


def shown_name(measure: Measure, asked: Asked) -> str:
    """The name of a leaf that nobody asked for: the view's for it, where it has one."""
    if asked.view is not None:
        for member in asked.view.members.values():
            if member.target is measure:
                return member.name
    return measure.full_name
