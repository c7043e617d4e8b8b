"""Multi-stage measures: a SELECT over the result of the stage before.

A value that fewer groups have than are shown is spread over them by a window, in which nulls match nulls on every database:

    SELECT region, product, value FROM (
      SELECT region, product, shown, MAX(value) OVER (PARTITION BY region) AS value FROM (
        SELECT region, product, NULL AS value, 1 AS shown FROM (the groups of the query)
        UNION ALL SELECT region, NULL, value, 0 FROM (the values)))
    WHERE shown = 1
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.model.members import COUNTING_TYPES, DERIVED_TYPES, UNTOLD_TYPES
from engine.sql.derived import filled, ratio
from engine.sql.expressions import aggregated, conjunction
from engine.sql.names import alias_of, column, identifier
from engine.sql.nodes import kind
from engine.sql.percentiles import PERCENTILE_TYPES, percentile, with_places
from engine.sql.selects import grouped, named

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.members import Measure, Sql
    from engine.plan.plan import Column, Plan, Stage
    from engine.query.resolved import Grouping
    from engine.sql.dialects import SqlDialect

_STAGE = "stage"
_RANKED = "ranked"
_SPREAD = "spread"
_SHOWN = "is_shown"


def stage_select(
    stage: Stage, groups: tuple[Column, ...], nested: Callable[[Plan], exp.Expr], dialect: SqlDialect
) -> exp.Select:
    """The groups of the query with the value of the stage's measure; `nested` makes the statement of a plan inside."""
    names = [alias_of(each.name) for each in groups]
    values = _Values(stage, nested(stage.plan), dialect).select()
    return values if stage.grid is None else _spread(stage, names, values, nested(stage.grid), dialect)


class _Values:
    """The values of a stage's measure, by the groups that it has values for."""

    def __init__(self, stage: Stage, inner: exp.Expr, dialect: SqlDialect) -> None:
        self.stage = stage
        self.measure = stage.leaf.measure
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
        keys: list[exp.Expr] = [column(alias_of(each.name), _STAGE) for each in self.stage.kept]
        if self.stage.over is not None:
            shown = [*keys, named(filled(self._over(self.stage.over), self.measure), name)]
            return exp.Select(expressions=shown, from_=source)
        if self.measure.type in DERIVED_TYPES:
            value = self._input()
            assert value is not None
            return exp.Select(expressions=[*keys, named(filled(value, self.measure), name)], from_=source)
        if self.dialect.ranks and self.measure.type in PERCENTILE_TYPES:
            return self._placed(keys, name, source)
        value = filled(aggregated(self.measure, self._input(), self.dialect), self.measure)
        return grouped([*keys, named(value, name)], len(keys), source, [], None)

    def _placed(self, keys: list[exp.Expr], name: str, source: exp.From) -> exp.Select:
        """A percentile of the stage's values, each with its place."""
        this = self._input()
        assert this is not None
        groups = [each.name for each in keys]
        rows = exp.Select(expressions=[*keys, named(this, name)], from_=source)
        placed = with_places(rows, _STAGE, [*groups, name], [name], groups)
        ranked = exp.From(this=exp.Subquery(this=placed, alias=exp.TableAlias(this=identifier(_RANKED))))
        value = filled(percentile(self.measure, name, _RANKED), self.measure)
        return grouped([*(column(each, _RANKED) for each in groups), named(value, name)], len(groups), ranked, [], None)

    def _over(self, groups: tuple[Grouping, ...]) -> exp.Expr:
        """The value of all rows of a group, in each of them."""
        this: exp.Expr
        order = None
        if self.measure.type == "rank":
            keys = [
                exp.Ordered(this=self._read(sql), desc=descending, nulls_first=False)
                for sql, descending in self.measure.order_by
            ]
            this, order = exp.Rank(), exp.Order(expressions=keys)
        else:
            this = aggregated(self.measure, self._input(), self.dialect)
        partition = [column(alias_of(each.name), _STAGE) for each in groups]
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


def _spread(stage: Stage, groups: list[str], values: exp.Expr, grid: exp.Expr, dialect: SqlDialect) -> exp.Select:
    """The groups of the query, from `grid`, each with the value that it belongs to."""
    name = alias_of(stage.leaf.name)
    kept = [alias_of(each.name) for each in stage.kept]

    def one(shown: int) -> exp.Expr:
        return named(exp.Literal(this=str(shown), is_string=False), _SHOWN)

    nothing = _typed_null(stage.leaf.measure, dialect)
    rows = _from(grid, [*(column(each, _STAGE) for each in groups), named(nothing, name), one(1)], _STAGE)
    blank = [column(each, _STAGE) if each in kept else named(exp.Null(), each) for each in groups]
    added = _from(values, [*blank, column(name, _STAGE), one(0)], _STAGE)
    both = exp.Union(this=rows, expression=added, distinct=False)
    value = exp.Window(
        this=exp.Max(this=column(name, _SPREAD)), partition_by=[column(each, _SPREAD) for each in kept] or None
    )
    spread = _from(
        both, [*(column(each, _SPREAD) for each in groups), named(value, name), column(_SHOWN, _SPREAD)], _SPREAD
    )
    final = _from(spread, [*(column(each, _SPREAD) for each in groups), column(name, _SPREAD)], _SPREAD)
    shown = exp.EQ(this=column(_SHOWN, _SPREAD), expression=exp.Literal(this="1", is_string=False))
    final.set("where", exp.Where(this=shown))
    return final


def _from(inner: exp.Expr, shown: list[exp.Expr], alias: str) -> exp.Select:
    source = exp.Subquery(this=inner, alias=exp.TableAlias(this=identifier(alias)))
    return exp.Select(expressions=shown, from_=exp.From(this=source))


def _typed_null(measure: Measure, dialect: SqlDialect) -> exp.Expr:
    """Nothing, of the measure's type, where a database would otherwise guess."""
    if not dialect.typed_nulls or measure.type in UNTOLD_TYPES:
        return exp.Null()
    return exp.Cast(this=exp.Null(), to=kind("BIGINT" if measure.type in {*COUNTING_TYPES, "rank"} else "DOUBLE"))
