"""One fact as a SELECT: its home joined, filtered, and each row counted once a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.model.members import COUNTING_TYPES, as_written
from engine.plan.bucketed import bucketed, reads_every_row
from engine.query.resolved import uses_of
from engine.sql.bucketed import bucket_before_joining
from engine.sql.expressions import Scope, by_code_point, conjunction
from engine.sql.names import alias_of, column, identifier
from engine.sql.relations import aliases_for, joined, lookup_condition, relation
from engine.sql.scopes import ReversedScope, SourceScope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from engine.model.members import Path
    from engine.model.model import Cube
    from engine.plan.plan import Column, Fact, Instance, Plan
    from engine.query.resolved import Predicate
    from engine.sql.dialects import SqlDialect
    from engine.sql.parameters import Parameters


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
        self.time_zone = time_zone
        self.parameters = parameters
        self.nested = nested
        every = (*fact.instances, *(each for existence in fact.existences for each in existence.instances))
        self.aliases = aliases_for(every)
        self.cubes = {each.path: each.cube for each in every if each.cube is not None}
        self.scope = Scope(
            self.aliases,
            fact.home.name,
            dialect,
            time_zone,
            parameters.node,
            {each.path: key for each in every if not each.inner and (key := _key_of(each)) is not None},
            frozenset(each.path for each in every if each.lookup is not None and _counts(each.lookup)),
            fact.shift,
        )
        self.keys: tuple[exp.Expr, ...] = tuple(self._key(each) for each in self.columns)
        self.group_names = tuple(alias_of(each.name) for each in self.columns)

    def groups(self) -> list[tuple[str, exp.Expr]]:
        """The groups, by name."""
        return list(zip(self.group_names, self.keys, strict=True))

    def without(self, columns: Collection[Column]) -> FactSelect:
        """The same fact, not grouped by these columns."""
        rest = [each for each in self.columns if each not in columns]
        return FactSelect(self.fact, rest, self.dialect, self.time_zone, self.parameters, self.nested, self.name)

    def _key(self, group: Column) -> exp.Expr:
        assert group.grouping is not None
        use = group.grouping.use
        this = self.scope.dimension(self.fact.dimension(use), self.fact.places[use], group.grouping.granularity)
        # The order by the column's name follows the collation given here.
        return by_code_point(this, self.dialect) if group.type == "string" else this

    def settled(self, select: exp.Select) -> exp.Select:
        """A statement over the rows of the fact, buckets of its partners worked out where the database does it soonest."""
        for each in bucketed(self.fact, self.columns):
            if self.dialect.hashes or (self.dialect.looks_up and reads_every_row(self.fact, each)):
                names = [alias_of(column.name) for column in each.columns]
                bucket_before_joining(select, self.aliases[each.instance.path], names, self.dialect)
        return select

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
            else ReversedScope(self.scope, instance.path).sql(condition, before)
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
        owner = self.cubes[instance.path[:-1]]
        keys = [(self.scope.sql(key.sql, instance.path[:-1]), key.name) for key in owner.primary_key]
        this = exp.Subquery(this=self.nested(plan), alias=exp.TableAlias(this=identifier(alias)))
        return joined(this, lookup_condition(keys, alias), inner=False)

    def query(self, cube: Cube) -> exp.Expr:
        """A cube's own query, which stands in a table's place."""
        assert cube.sql is not None
        return SourceScope(self.scope, self.fact).sql(cube.sql, (cube.name,))


def _key_of(instance: Instance) -> str | None:
    """A column of a joined row that is null only where the row is missing: what it was joined by, or its primary key."""
    if instance.step is None:
        return None
    if instance.step.keys:
        return instance.step.keys[0][1]
    keys = instance.cube.primary_key if instance.cube is not None else ()
    return next((as_written(key.sql.tree) for key in keys if isinstance(key.sql.tree, exp.Column)), None)


def _counts(lookup: Plan) -> bool:
    return any(leaf.measure.type in COUNTING_TYPES for fact in lookup.facts for leaf in fact.leaves)
