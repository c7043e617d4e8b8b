"""Medians and percentiles where the database has none: rows numbered within their group, the one or two at the place interpolated.

Of n values in order, the share p lies at place p * (n - 1), counted from 0; between two places the values are mixed, as by the
PERCENTILE_CONT of the standard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.sql.expressions import is_null
from engine.sql.names import column, identifier
from engine.sql.nodes import kind
from engine.sql.once import Distinctly
from engine.sql.selects import grouped, named

if TYPE_CHECKING:
    from engine.model.members import Measure
    from engine.sql.facts import FactSelect

PERCENTILE_TYPES = frozenset({"median", "percentile"})


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
        share = 0.5 if measure.type == "median" else measure.percentile or 0.5
        return self._interpolated(this.name, share)

    def _interpolated(self, name: str, share: float) -> exp.Expr:
        """The value at the place, or the mixture of the two beside it."""
        lower = exp.EQ(this=column(_rank(name), self.alias), expression=self._floor(name, share))
        above = exp.Add(this=self._floor(name, share), expression=_number("1"))
        upper = exp.EQ(this=column(_rank(name), self.alias), expression=above)
        part = exp.Paren(this=exp.Sub(this=self._place(name, share), expression=self._floor(name, share)))
        rest = exp.Paren(this=exp.Sub(this=_number("1"), expression=part))
        value = column(name, self.alias)
        ifs = [
            exp.If(this=lower, true=exp.Mul(this=value, expression=rest)),
            exp.If(this=upper, true=exp.Mul(this=value.copy(), expression=part.copy())),
        ]
        return exp.Sum(this=exp.Case(ifs=ifs))

    def _place(self, name: str, share: float) -> exp.Expr:
        last = exp.Paren(this=exp.Sub(this=column(_count(name), self.alias), expression=_number("1")))
        return exp.Mul(this=_number(str(share)), expression=last)

    def _floor(self, name: str, share: float) -> exp.Expr:
        return exp.Cast(this=self._place(name, share), to=kind("BIGINT"))

    def body(self, expressions: list[exp.Expr], group_count: int, having: exp.Expr | None = None) -> exp.Select:
        inside = [*self.select.groups(), *self.columns.items()]
        rows = self.rows_of(inside)
        shown: list[exp.Expr] = [column(name, self.source_alias) for name, _ in inside]
        for name in self.ranked:
            shown += [named(self._numbered(name), _rank(name)), named(self._counted(name), _count(name))]
        ranked = exp.Select(expressions=shown, from_=_from(rows, self.source_alias))
        return grouped(expressions, group_count, _from(ranked, self.alias), [], None, having)

    def _numbered(self, name: str) -> exp.Expr:
        order = [
            exp.Ordered(this=is_null(column(name, self.source_alias)), nulls_first=False),
            exp.Ordered(this=column(name, self.source_alias), nulls_first=True),
        ]
        window = exp.Window(this=exp.RowNumber(), partition_by=self._partition(), order=exp.Order(expressions=order))
        return exp.Sub(this=window, expression=_number("1"))

    def _counted(self, name: str) -> exp.Expr:
        return exp.Window(this=exp.Count(this=column(name, self.source_alias)), partition_by=self._partition())

    def _partition(self) -> list[exp.Expr] | None:
        return [column(name, self.source_alias) for name in self.select.group_names] or None


def _from(select: exp.Select, alias: str) -> exp.From:
    return exp.From(this=exp.Subquery(this=select, alias=exp.TableAlias(this=identifier(alias))))


def _rank(name: str) -> str:
    return f"{name}__rank"


def _count(name: str) -> str:
    return f"{name}__count"


def _number(text: str) -> exp.Literal:
    return exp.Literal(this=text, is_string=False)
