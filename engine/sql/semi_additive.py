"""Measures that must not be summed over time: a stock, not a flow. Each date is aggregated, then one date of a group is taken.

Rows without a date make up no date's value, but their group is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.model.members import COUNTING_TYPES
from engine.sql.expressions import is_null
from engine.sql.names import alias_of, column, identifier
from engine.sql.once import Distinctly
from engine.sql.selects import grouped, named

if TYPE_CHECKING:
    from engine.plan.plan import Leaf
    from engine.sql.facts import FactSelect

_AT = "at_time"
_CHOSEN = "chosen_time"


class OneDate(Distinctly):
    """Of each group, the last or first date counts, or the date of the least or greatest value."""

    def __init__(self, select: FactSelect) -> None:
        super().__init__(select)
        fact = select.fact
        assert fact.over is not None
        if not fact.fanned:
            self.columns.clear()
        # As it is stored: on the wall clock, two times of the hour that clocks repeat would be one.
        self.columns[_AT] = select.scope.member(fact.dimension(fact.over).sql, fact.places[fact.over])
        self.dated = f"{select.name}_dated"
        self.leaves: dict[str, exp.Expr] = {}
        declared = fact.leaves[0].measure.non_additive
        assert declared is not None
        self.choose = declared.choose

    def keys(self) -> list[tuple[str, exp.Expr]]:
        return [(name, column(name, self.dated)) for name in self.select.group_names]

    def value(self, leaf: Leaf) -> exp.Expr:
        name = alias_of(leaf.name)
        self.leaves[name] = self._value(leaf.measure)
        this = column(name, self.dated)
        if self.choose in {"min", "max"}:
            there = exp.Not(this=is_null(column(_AT, self.dated)))
            this_one = exp.Case(ifs=[exp.If(this=there, true=this)])
            return (exp.Min if self.choose == "min" else exp.Max)(this=this_one)
        chosen = exp.EQ(this=column(_AT, self.dated), expression=column(_CHOSEN, self.dated))
        value = exp.Max(this=exp.Case(ifs=[exp.If(this=chosen, true=this)]))
        if leaf.measure.type in COUNTING_TYPES:
            return exp.Coalesce(this=value, expressions=[exp.Literal(this="0", is_string=False)])
        return value

    def body(self, expressions: list[exp.Expr], group_count: int, having: exp.Expr | None = None) -> exp.Select:
        dated = exp.From(this=exp.Subquery(this=self._dated(), alias=exp.TableAlias(this=identifier(self.dated))))
        return grouped(expressions, group_count, dated, [], None, having)

    def _dated(self) -> exp.Select:
        """A row for each group and date, with the date that counts for the group."""
        rows = self.rows_of([*self.select.groups(), *self.columns.items()])
        names = self.select.group_names
        moment = column(_AT, self.alias)
        aggregate = (exp.Max if self.choose == "last" else exp.Min)(this=moment.copy())
        chosen = exp.Window(this=aggregate, partition_by=[column(name, self.alias) for name in names] or None)
        shown: list[exp.Expr] = [*(column(name, self.alias) for name in names), moment]
        shown += [named(this, name) for name, this in self.leaves.items()]
        if self.choose in {"last", "first"}:
            shown.append(named(chosen, _CHOSEN))
        source = exp.From(this=exp.Subquery(this=rows, alias=exp.TableAlias(this=identifier(self.alias))))
        return grouped(shown, len(names) + 1, source, [], None)
