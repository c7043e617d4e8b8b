"""The ways of counting each row of a home once in each of its groups (DESIGN rule 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.errors import Issue, QueryError
from engine.model.binder import operand
from engine.model.members import COUNTING_TYPES
from engine.sql.expressions import Scope, aggregated, as_ratio, conjunction, is_null
from engine.sql.names import alias_of, column, identifier
from engine.sql.scopes import CustomScope
from engine.sql.selects import grouped, named

if TYPE_CHECKING:
    from engine.model.members import Measure
    from engine.plan.plan import Leaf
    from engine.sql.facts import FactSelect


_KEY = "key__"


class Once:
    """A way of counting each row once: the aggregates, and the statement around what is wanted of them."""

    def __init__(self, select: FactSelect) -> None:
        self.select = select

    def keys(self) -> list[tuple[str, exp.Expr]]:
        """The expressions to group by."""
        return self.select.groups()

    def value(self, leaf: Leaf) -> exp.Expr:
        """The aggregate of a leaf."""
        return self._value(leaf.measure)

    def _value(self, measure: Measure) -> exp.Expr:
        if measure.aggregate:
            return self._custom(measure)
        return aggregated(measure, self.input(measure), self.select.dialect)

    def _custom(self, measure: Measure) -> exp.Expr:
        """An aggregate that the analyst wrote."""
        assert measure.sql is not None
        scope = self.scope_for(measure)
        holder = exp.Paren(this=scope.sql(measure.sql, (self.select.fact.home.name,)))
        found: exp.Expr = as_ratio(holder, self.select.dialect).this.pop()
        return found

    def scope_for(self, measure: Measure) -> Scope:
        """The scope in which the analyst's own aggregate is read."""
        return CustomScope(self.select.scope, measure, self._value)

    def input(self, measure: Measure) -> exp.Expr | None:
        """What is aggregated."""
        return self.select.scope.input(measure, (self.select.fact.home.name,))

    def tables(self) -> list[exp.CTE]:
        """What the statement reads from, to stand before it."""
        return []

    def body(self, expressions: list[exp.Expr], group_count: int, having: exp.Expr | None = None) -> exp.Select:
        """The statement that gives `expressions`, of which the first are the groups."""
        start, joins, where = self.select.source()
        return self.select.settled(grouped(expressions, group_count, start, joins, where, having))


class Plainly(Once):
    """No join repeats a row, or none of the measures minds."""


class RowByRow(Once):
    """Nothing is aggregated: a measure shows what it would aggregate, a count of what is there 1."""

    def _value(self, measure: Measure) -> exp.Expr:
        if measure.aggregate:
            message = f"{measure.full_name} aggregates in its own SQL, so it has no value for a single row."
            raise QueryError(Issue("E_UNGROUPED", message, member=measure.full_name))
        this = self.input(measure)
        if measure.type not in COUNTING_TYPES:
            assert this is not None
            return this
        one = exp.Literal(this="1", is_string=False)
        if this is None:
            return one
        return exp.Case(ifs=[exp.If(this=exp.Not(this=is_null(this)), true=one)])

    def body(self, expressions: list[exp.Expr], group_count: int, having: exp.Expr | None = None) -> exp.Select:  # noqa: ARG002
        return super().body(expressions, 0, having)


class ByKey(Once):
    """Rows are repeated, and only counted: their keys are counted, each once."""

    def _value(self, measure: Measure) -> exp.Expr:
        (key,) = self.select.fact.home.primary_key
        home = (self.select.fact.home.name,)
        this = self.select.scope.sql(key.sql, home)
        if measure.filters:
            condition = conjunction([operand(self.select.scope.sql(each, home)) for each in measure.filters])
            this = exp.Case(ifs=[exp.If(this=condition, true=this)])
        return exp.Count(this=exp.Distinct(expressions=[this]), big_int=True)


class Distinctly(Once):
    """Rows are repeated: groups, keys and what is aggregated are taken once, and aggregated from there."""

    def __init__(self, select: FactSelect) -> None:
        super().__init__(select)
        self.alias = f"{select.name}_once"
        self.columns: dict[str, exp.Expr] = {}
        for key in select.fact.home.primary_key:
            self.columns[f"{_KEY}{key.name}"] = select.scope.sql(key.sql, (select.fact.home.name,))

    def keys(self) -> list[tuple[str, exp.Expr]]:
        return [(name, column(name, self.alias)) for name in self.select.group_names]

    def input(self, measure: Measure) -> exp.Expr | None:
        this = super().input(measure)
        return None if this is None else self.inner(this, alias_of(measure.name))

    def inner(self, this: exp.Expr, name: str) -> exp.Expr:
        """A column of the inner statement, and how the outer one reads it."""
        known = next((alias for alias, each in self.columns.items() if each == this), None)
        if known is None:
            known = name
            while known in self.columns or known in self.select.group_names:
                known += "_"
            self.columns[known] = this
        return column(known, self.alias)

    def scope_for(self, measure: Measure) -> Scope:
        return CustomScope(self.select.scope, measure, self._value, self.inner)

    def rows_of(self, inside: list[tuple[str, exp.Expr]]) -> exp.Select:
        """The rows of the home with these columns, each row once where joins repeat it."""
        start, joins, where = self.select.source()
        rows = exp.Select(
            expressions=[named(each, name) for name, each in inside],
            distinct=exp.Distinct() if self.select.fact.fanned else None,
            from_=start,
            joins=joins,
            where=where,
        )
        return self.select.settled(rows)

    def body(self, expressions: list[exp.Expr], group_count: int, having: exp.Expr | None = None) -> exp.Select:
        # Keys first: they are short and nearly in order, so that telling rows apart costs the least.
        keys = [each for each in self.columns.items() if each[0].startswith(_KEY)]
        inputs = [each for each in self.columns.items() if not each[0].startswith(_KEY)]
        inner = self.rows_of([*keys, *self.select.groups(), *inputs])
        outer = exp.From(this=exp.Subquery(this=inner, alias=exp.TableAlias(this=identifier(self.alias))))
        return grouped(expressions, group_count, outer, [], None, having)


class RowsOnce(RowByRow, Distinctly):
    """Nothing is aggregated, and partners that only filter repeat rows: they are told apart by their key."""
