"""From a plan to one SELECT: one fact directly, several stacked by UNION ALL and grouped once more.

    WITH bugs_facts AS (…), tests_facts AS (…),
    merged AS (
      SELECT month, COALESCE(MAX(bug_count), 0) AS bug_count, COALESCE(MAX(test_count), 0) AS test_count
      FROM (SELECT month, bug_count, CAST(NULL AS BIGINT) AS test_count FROM bugs_facts UNION ALL …) AS facts
      GROUP BY 1
    )
    SELECT month, CAST(bug_count AS DOUBLE PRECISION) / NULLIF(test_count, 0) AS bugs_per_test FROM merged ORDER BY month

Nulls match nulls in a GROUP BY, on every database, and at the speed of a sort; no form of outer join offers both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from engine.model.members import COUNTING_TYPES, UNTOLD_TYPES
from engine.plan.bucketed import counted_by_partner
from engine.plan.keyed import filtered_by_keys
from engine.query.resolved import Junction, MeasureComparison
from engine.sql.derived import derived_value, filled
from engine.sql.expressions import conjunction, disjunction, is_null, range_comparison, values_comparison
from engine.sql.facts import FactSelect
from engine.sql.names import alias_of, column, identifier
from engine.sql.nodes import kind
from engine.sql.parameters import Parameters
from engine.sql.selects import grouped, named
from engine.sql.spine import BUCKET, present, spine
from engine.sql.stages import stage_select
from engine.sql.ways import once, ungrouped

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.members import Measure
    from engine.plan.plan import Column, Fact, Fill, Leaf, Plan
    from engine.query.resolved import Predicate
    from engine.sql.dialects import SqlDialect

_FACTS = "facts"
_MERGED = "merged"
_BUCKETS = "buckets"


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """A statement as a tree, with the slots of its parameters as (name, slot, form)."""

    select: exp.Select
    slots: tuple[tuple[str, int, str], ...]


def build_select(plan: Plan, dialect: SqlDialect) -> Built:
    """The statement of a plan."""
    parameters = Parameters()
    select = _Statement(plan, dialect, parameters).select()
    return Built(select, tuple((name, slot, form) for (slot, form), name in parameters.names.items()))


class _Statement:
    def __init__(self, plan: Plan, dialect: SqlDialect, parameters: Parameters) -> None:
        self.plan = plan
        self.dialect = dialect
        self.parameters = parameters
        self.unseen: dict[str, exp.Expr] = {}

    def select(self) -> exp.Select:
        facts = self.plan.facts
        alone = len(facts) == 1 and not self.plan.stages and self.plan.fill is None
        if self.plan.having and self.dialect.loses_rows_by_having:
            alone = False
        if alone and facts[0].window is None and not (self.plan.having and not self.plan.groups):
            return self._finished(self._direct(self.plan.facts[0]))
        return self._finished(self._merged())

    def _fact(self, fact: Fact, name: str | None = None) -> FactSelect:
        groups, zone = self.plan.groups, self.plan.time_zone
        if self.dialect.looks_up:
            fact = filtered_by_keys(counted_by_partner(fact, groups), groups)
        return FactSelect(fact, groups, self.dialect, zone, self.parameters, self._nested, name)

    def _nested(self, plan: Plan) -> exp.Expr:
        """A plan inside this one, its columns named as the inner plan names them."""
        return _Statement(plan, self.dialect, self.parameters).select()

    # One fact.

    def _direct(self, fact: Fact) -> exp.Select:
        way = (ungrouped if self.plan.ungrouped else once)(self._fact(fact))
        values: dict[str, Callable[[], exp.Expr]] = {leaf.name: _later(way.value, leaf) for leaf in fact.leaves}
        measures = {leaf.name: leaf.measure for leaf in fact.leaves}
        keys = way.keys()
        expressions = [named(this, name) for name, this in keys]
        expressions += [
            named(self._value(each, values, measures), alias_of(each.name))
            for each in self.plan.measures
            if not each.hidden
        ]
        having = self._having(values, measures)
        self._order_hidden(values, measures)
        return way.body(expressions, len(keys), having)

    def _value(
        self, measure: Column, values: dict[str, Callable[[], exp.Expr]], measures: dict[str, Measure]
    ) -> exp.Expr:
        """The value of a measure of the result, from its leaves'."""
        if isinstance(measure.value, str):
            return filled(values[measure.value](), measures[measure.value])
        assert measure.value is not None
        return derived_value(measure.value, lambda name: filled(values[name](), measures[name]), self.dialect)

    def _having(self, values: dict[str, Callable[[], exp.Expr]], measures: dict[str, Measure]) -> exp.Expr | None:
        asked = {each.asked: each for each in self.plan.measures if each.asked is not None}

        def compared(predicate: Predicate) -> exp.Expr:
            if isinstance(predicate, Junction):
                parts = [compared(part) for part in predicate.parts]
                joined = conjunction(parts) if predicate.kind == "and" else disjunction(parts)
                assert joined is not None
                return exp.Paren(this=joined)
            assert isinstance(predicate, MeasureComparison)
            measure = asked[predicate.measure]

            def operand() -> exp.Expr:
                this = self._value(measure, values, measures)
                return exp.Paren(this=this) if isinstance(this, exp.Binary) else this

            if predicate.kind == "set":
                null = is_null(operand())
                return null if predicate.null else exp.Not(this=null)
            if predicate.kind == "range":
                return range_comparison(predicate, operand, self.parameters.node, self.dialect)
            return values_comparison(predicate.kind, predicate.slots, operand, self.parameters.node, predicate)

        return conjunction([compared(predicate) for predicate in self.plan.having])

    # Several facts.

    def _merged(self) -> exp.Select:
        sources = self._sources()
        tables = [table for source in sources for table in source.tables]
        leaves = [leaf for source in sources for leaf in source.leaves]
        names = [source.name for source in sources]
        groups = [alias_of(each.name) for each in self.plan.groups]
        stacked = self._stacked(sources, groups)
        if self.plan.fill is not None:
            tables.append(self._buckets(self.plan.fill, names))
            stacked = exp.Union(this=stacked, expression=self._filling(self.plan.fill, sources), distinct=False)
        source = exp.From(this=exp.Subquery(this=stacked, alias=exp.TableAlias(this=identifier(_FACTS))))
        merged = grouped(
            [*(column(name) for name in groups), *(named(self._taken(leaf), alias_of(leaf.name)) for leaf in leaves)],
            len(groups),
            source,
            [],
            None,
        )
        tables.append(_cte(_MERGED, merged))
        values: dict[str, Callable[[], exp.Expr]] = {leaf.name: _later(column, alias_of(leaf.name)) for leaf in leaves}
        measures = {leaf.name: leaf.measure for leaf in leaves}
        condition = self._having(values, measures)
        self._order_hidden(values, measures)
        shown: list[exp.Expr] = [column(name) for name in groups]
        shown += [
            named(self._value(each, values, measures), alias_of(each.name))
            for each in self.plan.measures
            if not each.hidden
        ]
        return exp.Select(
            with_=exp.With(expressions=tables, recursive=self._recursive()),
            expressions=shown,
            from_=exp.From(this=exp.Table(this=identifier(_MERGED))),
            where=exp.Where(this=condition) if condition is not None else None,
        )

    def _recursive(self) -> bool:
        if self.dialect.buckets != "recursion":
            return False
        windows = (fact.window for fact in self.plan.facts)
        return self.plan.fill is not None or any(window is not None and window.finest is not None for window in windows)

    def _sources(self) -> list[_Source]:
        """Every fact and stage as a table of groups and leaves."""
        names = _source_names(self.plan)
        found = [self._aggregated(name, fact) for name, fact in zip(names, self.plan.facts, strict=False)]
        for name, stage in zip(names[len(self.plan.facts) :], self.plan.stages, strict=True):
            select = stage_select(stage, self.plan.groups, self._nested, self.dialect)
            found.append(_Source(name, [_cte(name, select)], (stage.leaf,)))
        return found

    def _aggregated(self, name: str, fact: Fact) -> _Source:
        way = once(self._fact(fact, name.replace("_facts", "", 1)))
        leaves = [named(self._cast(way.value(leaf), leaf.measure), alias_of(leaf.name)) for leaf in fact.leaves]
        keys = way.keys()
        select = way.body([*(named(this, key) for key, this in keys), *leaves], len(keys))
        return _Source(name, [*way.tables(), _cte(name, select)], fact.leaves)

    def _stacked(self, sources: list[_Source], groups: list[str]) -> exp.Expr:
        parts: list[exp.Expr] = []
        for source in sources:
            values = [
                column(alias_of(leaf.name)) if each is source else self._nothing(leaf, each)
                for each in sources
                for leaf in each.leaves
            ]
            parts.append(_select([*(column(group) for group in groups), *values], source.name))
        return _union(parts)

    def _buckets(self, fill: Fill, names: list[str]) -> exp.CTE:
        """All buckets that are to be shown."""
        key = alias_of(fill.column.name)

        def of_data(aggregate: type[exp.AggFunc]) -> exp.Expr:
            parts = [_select([column(key)], name) for name in names]
            every = exp.Subquery(this=_union(parts), alias=exp.TableAlias(this=identifier(_FACTS)))
            return exp.Subquery(this=exp.Select(expressions=[aggregate(this=column(key))], from_=exp.From(this=every)))

        return spine(_BUCKETS, fill.granularity, self.dialect, fill.bounds, self.parameters.node, of_data)

    def _filling(self, fill: Fill, sources: list[_Source]) -> exp.Expr:
        """Each bucket with each combination of the other groups that any fact has, and no measures."""
        key = alias_of(fill.column.name)
        groups = [alias_of(each.name) for each in self.plan.groups]
        others = [name for name in groups if name != key]
        shown = [named(column(BUCKET, _BUCKETS), key) if name == key else column(name) for name in groups]
        shown += [self._nothing(leaf, each) for each in sources for leaf in each.leaves]
        joins = []
        if others:
            found = [_select([column(name) for name in others], each.name) for each in sources]
            every = exp.Subquery(
                this=_union(found, distinct=True), alias=exp.TableAlias(this=identifier("combinations"))
            )
            joins.append(exp.Join(this=every, kind="CROSS"))
        source = exp.From(this=exp.Table(this=identifier(_BUCKETS)))
        zone = None if fill.use.is_date else self.plan.time_zone
        where = present(_BUCKETS, fill.granularity, self.dialect, fill.bounds, zone)
        return exp.Select(expressions=shown, from_=source, joins=joins, where=where)

    def _nothing(self, leaf: Leaf, source: _Source) -> exp.Expr:
        """A null of the type that a leaf has in its source."""
        name = alias_of(leaf.name)
        if not self.dialect.typed_nulls or leaf.measure.type not in UNTOLD_TYPES:
            return named(self._cast(exp.Null(), leaf.measure), name)
        none = _select([column(name, source.name)], source.name)
        none.set("where", exp.Where(this=exp.Boolean(this=False)))
        return named(exp.Subquery(this=none), name)

    def _cast(self, this: exp.Expr, measure: Measure) -> exp.Expr:
        """A measure as the type that every part of the stack gives it, where the database would otherwise guess."""
        if measure.type in COUNTING_TYPES:
            return exp.Cast(this=this, to=kind("BIGINT")) if self.dialect.typed_nulls else this
        if not self.dialect.typed_nulls or measure.type in UNTOLD_TYPES:
            return this
        return exp.Cast(this=this, to=kind("DOUBLE"))

    def _taken(self, leaf: Leaf) -> exp.Expr:
        """The one value that a group has of a measure; a count that has none is 0."""
        value: exp.Expr = exp.Max(this=column(alias_of(leaf.name)))
        if leaf.measure.type in COUNTING_TYPES and leaf.measure.rolling_window is None:
            return exp.Coalesce(this=value, expressions=[exp.Literal(this="0", is_string=False)])
        return value

    # Order and limit.

    def _finished(self, select: exp.Select) -> exp.Select:
        """The statement with its order and limit; one row needs neither."""
        one_row = not self.plan.groups and not self.plan.ungrouped
        if self.plan.order and not one_row:
            order = [
                each
                for name, descending in self.plan.order
                for each in self._nulls_last(name, select, descending=descending)
            ]
            select.set("order", exp.Order(expressions=order))
        limit = self.plan.limit
        if limit is not None and limit >= 0 and not (one_row and limit):
            select.set("limit", exp.Limit(expression=exp.Literal(this=str(limit), is_string=False)))
        if self.plan.offset:
            select.set("offset", exp.Offset(expression=exp.Literal(this=str(self.plan.offset), is_string=False)))
        return select

    def _nulls_last(self, name: str, select: exp.Select, *, descending: bool) -> list[exp.Expr]:
        """A key of the order, and before it, where the database has no words for that, whether it is null."""
        if self.dialect.nulls == "by words":
            return [exp.Ordered(this=self._ordered(name), desc=descending, nulls_first=False, explicit=True)]
        key = exp.Ordered(this=self._ordered(name), desc=descending, nulls_first=not descending)
        # In an expression, the name would be a table's column before it is one of the result.
        shown = next((each for each in select.expressions if each.alias_or_name == alias_of(name)), key.this)
        this = shown.this if isinstance(shown, exp.Alias) else shown
        if descending or isinstance(this, exp.Count | exp.Coalesce):
            return [key]
        return [exp.Ordered(this=is_null(this.copy()), nulls_first=True), key]

    def _order_hidden(self, values: dict[str, Callable[[], exp.Expr]], measures: dict[str, Measure]) -> None:
        """Work out what the result is ordered by and does not show."""
        ordered = {name for name, _ in self.plan.order}
        for each in self.plan.measures:
            if each.hidden and each.name in ordered:
                self.unseen[each.name] = self._value(each, values, measures)

    def _ordered(self, name: str) -> exp.Expr:
        if name in self.unseen:
            return self.unseen[name]
        return column(alias_of(name))


@dataclass(frozen=True, slots=True)
class _Source:
    """A table of the groups and some leaves, and the tables that it is made from."""

    name: str
    tables: list[exp.CTE]
    leaves: tuple[Leaf, ...]


def _source_names(plan: Plan) -> list[str]:
    names: list[str] = []
    homes = [fact.home.name for fact in plan.facts]
    for home in (*homes, *(stage.leaf.measure.cube for stage in plan.stages)):
        name = f"{home}_facts"
        while name in names:
            name += "_"
        names.append(name)
    return names


def _select(expressions: list[exp.Expr], table: str) -> exp.Expr:
    return exp.Select(expressions=expressions, from_=exp.From(this=exp.Table(this=identifier(table))))


def _union(parts: list[exp.Expr], *, distinct: bool = False) -> exp.Expr:
    stacked = parts[0]
    for part in parts[1:]:
        stacked = exp.Union(this=stacked, expression=part, distinct=distinct)
    if distinct and len(parts) == 1 and isinstance(stacked, exp.Select):
        stacked.set("distinct", exp.Distinct())
    return stacked


def _cte(name: str, select: exp.Expr) -> exp.CTE:
    return exp.CTE(this=select, alias=exp.TableAlias(this=identifier(name)))


def _later(make: Callable[[Any], exp.Expr], argument: Any) -> Callable[[], exp.Expr]:
    """`make` of an argument, when it is wanted: a node stands in one place only, so each use is made anew."""
    return lambda: make(argument)
