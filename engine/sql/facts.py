"""One fact as a SELECT: its home joined, filtered, and each row counted once a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.errors import Issue, QueryError
from engine.model.binder import LOWER_BOUND, UPPER_BOUND, FilterParam, operand
from engine.model.members import COUNTING_TYPES, instance_path
from engine.plan.facts import uses_of
from engine.query.resolved import Comparison
from engine.sql.expressions import Scope, aggregated, as_ratio, conjunction, is_null
from engine.sql.names import alias_of, column, identifier
from engine.sql.relations import aliases_for, joined, lookup_condition, relation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from engine.model.members import Measure, Path
    from engine.model.model import Cube
    from engine.plan.plan import Column, Fact, Instance, Leaf, Plan
    from engine.query.resolved import Predicate
    from engine.sql.dialects import SqlDialect
    from engine.sql.parameters import Parameters


_KEY = "key__"


class FactSelect:
    """The SELECT of one fact, taken apart, so that the whole statement can be one SELECT where there is one fact only.

    `name` is what the tables it is made from are called after. `groups` are the expressions to group by, by column name; `values`
    the aggregates, by leaf name. `select` makes the statement of whichever expressions are wanted.
    """

    def __init__(
        self,
        fact: Fact,
        groups: Iterable[Column],
        dialect: SqlDialect,
        time_zone: str,
        parameters: Parameters,
        nested: Callable[[Plan], exp.Expr],
        name: str | None = None,
    ) -> None:
        self.fact = fact
        self.name = name or fact.home.name
        self.columns = tuple(groups)
        self.dialect = dialect
        self.nested = nested
        every = (*fact.instances, *(each for existence in fact.existences for each in existence.instances))
        self.aliases = aliases_for(every)
        self.scope = Scope(
            self.aliases,
            fact.home.name,
            dialect,
            time_zone,
            parameters.node,
            {each.path: key for each in every if not each.inner and (key := _key_of(each)) is not None},
            frozenset(each.path for each in fact.instances if each.lookup is not None and _counts(each.lookup)),
            fact.shift,
        )
        self.keys: tuple[exp.Expr, ...] = tuple(self._key(each) for each in self.columns)
        self.group_names = tuple(alias_of(each.name) for each in self.columns)

    def groups(self) -> list[tuple[str, exp.Expr]]:
        """The groups, by name."""
        return list(zip(self.group_names, self.keys, strict=True))

    def _key(self, group: Column) -> exp.Expr:
        assert group.grouping is not None
        use = group.grouping.use
        this = self.scope.dimension(self.fact.dimension(use), self.fact.places[use], group.grouping.granularity)
        if self.dialect.collation is None or group.type != "string":
            return this
        # Text groups and sorts by code point; the order by the column's name follows the collation given here.
        return exp.Collate(this=operand(this), expression=exp.Identifier(this=self.dialect.collation, quoted=True))

    # FROM and WHERE.

    def source(self, without: Collection[Path] = ()) -> tuple[exp.From, list[exp.Join], exp.Where | None]:
        """The home with its joins, but for those `without`, and the filter."""
        home, *others = self.fact.instances
        assert home.cube is not None
        start = exp.From(this=relation(home.cube, self.aliases[home.path], self.query))
        joins = [self.join(each) for each in others if each.path not in without]
        conditions = [self.scope.predicate(each, self.fact.places) for each in self.fact.where]
        if home.policy is not None:
            conditions.insert(0, self.policy(home.policy, home.path))
        conditions += [self._exists(existence.instances, existence.where) for existence in self.fact.existences]
        condition = conjunction(conditions)
        return start, joins, exp.Where(this=condition) if condition is not None else None

    def join(self, instance: Instance) -> exp.Join:
        """The join of one more instance."""
        if instance.lookup is not None:
            return self._lookup(instance, instance.lookup)
        assert instance.cube is not None
        this = relation(instance.cube, self.aliases[instance.path], self.query)
        return joined(this, self._condition(instance), inner=instance.inner)

    def _condition(self, instance: Instance) -> exp.Expr:
        """What joins an instance to the one before it, and which of its rows may be seen."""
        step = instance.step
        assert step is not None
        condition = step.join.condition
        before = instance.path[:-1]
        # Seen from the other side, the condition's own cube is the last step of the path, and its target the one before.
        on = (
            self.scope.sql(condition, before)
            if step.forward
            else _Reversed(self.scope, instance.path).sql(condition, before)
        )
        on = exp.Paren(this=on) if isinstance(on, exp.Or) else on
        if instance.policy is None:
            return on
        return exp.And(this=on, expression=self.policy(instance.policy, instance.path))

    def policy(self, predicate: Predicate, path: Path) -> exp.Expr:
        """Which rows of an instance may be seen."""
        scope = Scope(self.aliases, path[-1], self.dialect, self.scope.time_zone, self.scope.parameter)
        return scope.predicate(predicate, dict.fromkeys(uses_of([predicate]), path))

    def _exists(self, instances: tuple[Instance, ...], where: tuple[Predicate, ...]) -> exp.Expr:
        """Whether a row has such partners: its key is among theirs, where one key joins them, as that needs no look at each row."""
        first, *others = instances
        assert first.cube is not None
        assert first.step is not None
        keys = first.step.keys or ()
        filters = [self.scope.predicate(each, self.fact.places) for each in where]
        if len(keys) == 1:
            ours, theirs = keys[0]
            shown: exp.Expr = column(theirs, self.aliases[first.path])
            conditions = [] if first.policy is None else [self.policy(first.policy, first.path)]
        else:
            shown = exp.Literal(this="1", is_string=False)
            conditions = [self._condition(first)]
        select = exp.Select(
            expressions=[shown],
            from_=exp.From(this=relation(first.cube, self.aliases[first.path], self.query)),
            joins=[self.join(each) for each in others],
            where=exp.Where(this=conjunction([*conditions, *filters])),
        )
        if len(keys) != 1:
            return exp.Exists(this=select)
        return exp.In(this=column(ours, self.aliases[first.path[:-1]]), query=exp.Subquery(this=select))

    def _lookup(self, instance: Instance, plan: Plan) -> exp.Join:
        """A measure computed for each row of the owner, joined to that row."""
        alias = self.aliases[instance.path]
        owner = next(each for each in self.fact.instances if each.path == instance.path[:-1])
        assert owner.cube is not None
        keys = [(self.scope.sql(key.sql, owner.path), key.name) for key in owner.cube.primary_key]
        this = exp.Subquery(this=self.nested(plan), alias=exp.TableAlias(this=identifier(alias)))
        return joined(this, lookup_condition(keys, alias), inner=False)

    def query(self, cube: Cube) -> exp.Expr:
        """A cube's own query, which stands in a table's place."""
        assert cube.sql is not None
        return _Source(self.scope, self.fact).sql(cube.sql, (cube.name,))


def _key_of(instance: Instance) -> str | None:
    """A column of a joined row that is null only where the row is missing: what it was joined by, or its primary key."""
    if instance.step is None:
        return None
    if instance.step.keys:
        return instance.step.keys[0][1]
    keys = instance.cube.primary_key if instance.cube is not None else ()
    return next((key.sql.tree.name for key in keys if key.sql.is_column), None)


def _counts(lookup: Plan) -> bool:
    return any(leaf.measure.type in COUNTING_TYPES for fact in lookup.facts for leaf in fact.leaves)


class _Reversed(Scope):
    """A join's condition read from its target's side."""

    def __init__(self, scope: Scope, path: Path) -> None:
        super().__init__(
            scope.aliases, scope.home, scope.dialect, scope.time_zone, scope.parameter, scope.absent, scope.counted
        )
        self.path = path

    def column(self, node: exp.Expr, place: Path) -> exp.Expr:  # noqa: ARG002 - the place is known already
        own = instance_path(node.args["table"].name)
        table = self.aliases[self.path if own is not None and len(own) == 1 else self.path[:-1]]
        return exp.Column(
            this=identifier(node.this.name, quoted=bool(node.this.args.get("quoted"))), table=identifier(table)
        )


class _Source(Scope):
    """A cube's own query, into which filters of the query are put where the analyst said so."""

    def __init__(self, scope: Scope, fact: Fact) -> None:
        super().__init__(scope.aliases, scope.home, scope.dialect, scope.time_zone, scope.parameter)
        self.fact = fact

    def filter_param(self, node: FilterParam, place: Path) -> exp.Expr:
        """The query's filters on the member, as conditions on what the analyst names in its place."""
        every = (*self.fact.where, *(each for existence in self.fact.existences for each in existence.where))
        found = [each for each in every if isinstance(each, Comparison) and self._member(each) == node.args["member"]]
        conditions = [self._condition(each, node, place) for each in found]
        joined = conjunction([each for each in conditions if each is not None])
        return exp.Paren(this=joined) if joined is not None else exp.Boolean(this=True)

    def _member(self, comparison: Comparison) -> str:
        return comparison.use.at(self.fact.home.name).full_name

    def _condition(self, comparison: Comparison, node: FilterParam, place: Path) -> exp.Expr | None:
        if not node.args.get("bounds"):
            return self.comparison(comparison, lambda: operand(self._read(node.this, place)))
        start, end = comparison.slots if comparison.kind == "range" and not comparison.negative else (None, None)
        if start is None or end is None:
            return None
        holder = exp.Paren(this=self._read(node.this, place))
        for name, slot in ((LOWER_BOUND, start), (UPPER_BOUND, end)):
            for column_node in list(holder.find_all(exp.Column)):
                if column_node.name == name:
                    column_node.replace(self.parameter(slot, "time"))
        return holder


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
        found: exp.Expr = as_ratio(holder).this.pop()
        return found

    def scope_for(self, measure: Measure) -> Scope:
        """The scope in which the analyst's own aggregate is read."""
        return _Custom(self.select.scope, measure, self._value)

    def input(self, measure: Measure) -> exp.Expr | None:
        """What is aggregated."""
        return self.select.scope.input(measure, (self.select.fact.home.name,))

    def tables(self) -> list[exp.CTE]:
        """What the statement reads from, to stand before it."""
        return []

    def body(self, expressions: list[exp.Expr], group_count: int, having: exp.Expr | None = None) -> exp.Select:
        """The statement that gives `expressions`, of which the first are the groups."""
        start, joins, where = self.select.source()
        return grouped(expressions, group_count, start, joins, where, having)


class Plainly(Once):
    """No join repeats a row, or none of the measures minds."""


class RowByRow(Once):
    """Nothing is aggregated: a measure shows what it would aggregate, a count 1."""

    def _value(self, measure: Measure) -> exp.Expr:
        if measure.aggregate:
            message = f"{measure.full_name} aggregates in its own SQL, so it has no value for a single row."
            raise QueryError(Issue("E_UNGROUPED", message, member=measure.full_name))
        this = self.input(measure)
        if measure.type != "count":
            assert this is not None
            return this
        one = exp.Literal(this="1", is_string=False)
        if this is None:
            return one
        return exp.Case(ifs=[exp.If(this=exp.Not(this=is_null(this)), true=one)])

    def body(self, expressions: list[exp.Expr], group_count: int, having: exp.Expr | None = None) -> exp.Select:  # noqa: ARG002
        if having is not None:
            message = "An ungrouped query filters rows, not groups: it cannot filter on a metric."
            raise QueryError(Issue("E_UNGROUPED", message, member="filters"))
        return super().body(expressions, 0)


class ByKey(Once):
    """Rows are repeated, and only counted: their keys are counted, each once."""

    def _value(self, measure: Measure) -> exp.Expr:
        if measure.type != "count":
            return super()._value(measure)
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
        return _Custom(self.select.scope, measure, self._value, self.inner)

    def body(self, expressions: list[exp.Expr], group_count: int, having: exp.Expr | None = None) -> exp.Select:
        start, joins, where = self.select.source()
        # Keys first: they are short and nearly in order, so that telling rows apart costs the least.
        keys = [each for each in self.columns.items() if each[0].startswith(_KEY)]
        inputs = [each for each in self.columns.items() if not each[0].startswith(_KEY)]
        inside = [*keys, *self.select.groups(), *inputs]
        inner = exp.Select(
            expressions=[named(each, name) for name, each in inside],
            distinct=exp.Distinct(),
            from_=start,
            joins=joins,
            where=where,
        )
        outer = exp.From(this=exp.Subquery(this=inner, alias=exp.TableAlias(this=identifier(self.alias))))
        return grouped(expressions, group_count, outer, [], None, having)


class _Custom(Scope):
    """An analyst's own aggregate: measures that it names are written out, columns perhaps read from an inner statement."""

    def __init__(
        self,
        scope: Scope,
        measure: Measure,
        value: Callable[[Measure], exp.Expr],
        inner: Callable[[exp.Expr, str], exp.Expr] | None = None,
    ) -> None:
        super().__init__(
            scope.aliases, scope.home, scope.dialect, scope.time_zone, scope.parameter, scope.absent, scope.counted
        )
        self.measure = measure
        self.value = value
        self.inner = inner

    def column(self, node: exp.Expr, place: Path) -> exp.Expr:
        name = node.this.name
        if node.args.get("table") is None and name in self.measure.references:
            return operand(self.value(self.measure.references[name]))
        this = super().column(node, place)
        return self.inner(this, name) if self.inner is not None else this


def grouped(
    expressions: list[exp.Expr],
    group_count: int,
    start: exp.From,
    joins: list[exp.Join],
    where: exp.Where | None,
    having: exp.Expr | None = None,
) -> exp.Select:
    """A SELECT grouped by its first expressions."""
    ordinals = [exp.Literal(this=str(index + 1), is_string=False) for index in range(group_count)]
    return exp.Select(
        expressions=expressions,
        from_=start,
        joins=joins,
        where=where,
        group=exp.Group(expressions=ordinals) if ordinals else None,
        having=exp.Having(this=having) if having is not None else None,
    )


def named(this: exp.Expr, name: str) -> exp.Expr:
    """An expression under its name; a column that has that name already stands for itself."""
    # Of a table's column, SQLite takes the bare name in ORDER BY for any table's: it is ambiguous unless it is an alias.
    if isinstance(this, exp.Column) and this.name == name and not this.table:
        return this
    return exp.Alias(this=this, alias=identifier(name))
