"""Medians and percentiles of rows, where the database has none: each row knows its value's place in its group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.sql.names import identifier
from engine.sql.once import Distinctly
from engine.sql.percentiles import PERCENTILE_TYPES, percentile, with_places
from engine.sql.selects import grouped

if TYPE_CHECKING:
    from engine.model.members import Measure
    from engine.sql.facts import FactSelect


class Ranked(Distinctly):
    """Each value knows its place in its group, and how many there are."""

    def __init__(self, select: FactSelect) -> None:
        super().__init__(select)
        if not select.fact.fanned:
            self.columns.clear()
        self.source_alias = f"{select.name}_rows"
        self.alias = f"{select.name}_ranked"
        self.ranked: dict[str, None] = {}

    def _value(self, measure: Measure) -> exp.Expr:
        if measure.type not in PERCENTILE_TYPES:
            return super()._value(measure)
        this = self.input(measure)
        assert isinstance(this, exp.Column)
        self.ranked[this.name] = None
        return percentile(measure, this.name, self.alias)

    def body(self, expressions: list[exp.Expr], group_count: int, having: exp.Expr | None = None) -> exp.Select:
        inside = [*self.select.groups(), *self.columns.items()]
        names = [name for name, _ in inside]
        placed = with_places(self.rows_of(inside), self.source_alias, names, self.ranked, self.select.group_names)
        source = exp.Subquery(this=placed, alias=exp.TableAlias(this=identifier(self.alias)))
        return grouped(expressions, group_count, exp.From(this=source), [], None, having)
