"""Multi-stage measures: a SELECT over the result of the stage before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.sql.derived import filled, ratio
from engine.sql.expressions import aggregated, conjunction
from engine.sql.names import alias_of, column, identifier
from engine.sql.selects import grouped, named

if TYPE_CHECKING:
    from engine.model.members import Sql
    from engine.plan.plan import Column, Stage
    from engine.sql.dialects import SqlDialect

_STAGE = "stage"
_VALUE = "value"


def stage_select(stage: Stage, groups: tuple[Column, ...], inner: exp.Expr, dialect: SqlDialect) -> exp.Select:
    """The groups of the query with the value of the stage's measure; `inner` is the statement of the stage before."""
    return _StageSelect(stage, groups, inner, dialect).select()


class _StageSelect:
    def __init__(self, stage: Stage, groups: tuple[Column, ...], inner: exp.Expr, dialect: SqlDialect) -> None:
        self.stage = stage
        self.measure = stage.leaf.measure
        self.groups = [alias_of(each.name) for each in groups]
        self.inner = inner
        self.dialect = dialect
        self.names = {
            each.grouping.use.dimension.full_name: alias_of(each.name)
            for each in stage.plan.groups
            if each.grouping is not None
        }

    def select(self) -> exp.Select:
        name = alias_of(self.stage.leaf.name)
        source = exp.From(this=exp.Subquery(this=self.inner, alias=exp.TableAlias(this=identifier(_STAGE))))
        keys: list[exp.Expr] = [column(each, _STAGE) for each in self.groups]
        if self._is_aggregate and self.stage.partition is None:
            value = filled(aggregated(self.measure, self._input(), self.dialect), self.measure)
            return grouped([*keys, named(value, name)], len(keys), source, [], None)
        value = filled(self._in_each_row(), self.measure)
        if not self.stage.finer:
            return exp.Select(expressions=[*keys, named(value, name)], from_=source)
        rows = exp.Select(expressions=[*keys, named(value, _VALUE)], from_=source)
        outer = exp.From(this=exp.Subquery(this=rows, alias=exp.TableAlias(this=identifier(_STAGE))))
        shown = [column(each, _STAGE) for each in self.groups]
        return grouped([*shown, named(exp.Max(this=column(_VALUE, _STAGE)), name)], len(shown), outer, [], None)

    @property
    def _is_aggregate(self) -> bool:
        return self.measure.type not in {"number", "string", "boolean", "time", "rank"}

    def _in_each_row(self) -> exp.Expr:
        """The value in each row of the stage before: of the row itself, or of all rows of its partition."""
        if self.measure.type == "rank":
            order = [
                exp.Ordered(this=self._read(sql), desc=descending, nulls_first=False)
                for sql, descending in self.measure.order_by
            ]
            return self._over(exp.Rank(), exp.Order(expressions=order))
        if self._is_aggregate:
            return self._over(aggregated(self.measure, self._input(), self.dialect), None)
        value = self._input()
        assert value is not None
        return value

    def _over(self, this: exp.Expr, order: exp.Order | None) -> exp.Expr:
        partition = [column(alias_of(each.name), _STAGE) for each in self.stage.partition or ()]
        return exp.Window(this=this, partition_by=partition or None, order=order)

    def _input(self) -> exp.Expr | None:
        this = self._read(self.measure.sql) if self.measure.sql is not None else None
        condition = conjunction([self._read(each) for each in self.measure.filters])
        if condition is None:
            return this
        return exp.Case(ifs=[exp.If(this=condition, true=this or exp.Literal(this="1", is_string=False))])

    def _read(self, sql: Sql) -> exp.Expr:
        """An expression over the columns of the stage before."""

        def put_in(name: str) -> exp.Expr | None:
            if name in self.measure.references:
                return column(alias_of(name), _STAGE)
            return column(self.names[name], _STAGE) if name in self.names else None

        return ratio(sql.tree, put_in, self.dialect)
