"""A fact aggregated by foreign keys first, and by what these lead to afterwards.

SELECT features.title AS feature, SUM(bugs_by_key.bug_count) AS bug_count
FROM (SELECT bugs.feature_id, COUNT(*) AS bug_count FROM bugs GROUP BY 1) AS bugs_by_key
LEFT JOIN features ON bugs_by_key.feature_id = features.id
GROUP BY 1
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.plan.lateness import read_by
from engine.sql.expressions import conjunction
from engine.sql.names import alias_of, column, identifier
from engine.sql.once import Once
from engine.sql.relations import joined, relation
from engine.sql.selects import grouped, named

if TYPE_CHECKING:
    from engine.plan.plan import Instance, Leaf
    from engine.sql.facts import FactSelect

_AGAIN: dict[str, type[exp.AggFunc]] = {"count": exp.Sum, "sum": exp.Sum, "min": exp.Min, "max": exp.Max}


class Late(Once):
    """The labels of the groups are joined to the aggregates."""

    def __init__(self, select: FactSelect, late: tuple[Instance, ...]) -> None:
        super().__init__(select)
        self.late = late
        self.alias = f"{select.name}_by_key"
        self.paths = {each.path for each in late}
        self.keys_of: dict[tuple[Instance, str], str] = {}
        self.parts: dict[str, exp.Expr] = {}
        self._name_keys()

    def _name_keys(self) -> None:
        """A name for each foreign key that the rows are grouped by first."""
        taken = set(self.select.group_names)
        for instance in self.late:
            if instance.step is None or instance.path[:-1] in self.paths:
                continue
            for ours, _ in instance.step.keys or ():
                name = ours
                while name in taken:
                    name += "_"
                taken.add(name)
                self.keys_of[(instance, ours)] = name

    def keys(self) -> list[tuple[str, exp.Expr]]:
        return [
            (name, this if self._is_late(index) else column(name, self.alias))
            for index, (name, this) in enumerate(self.select.groups())
        ]

    def _is_late(self, index: int) -> bool:
        grouping = self.select.columns[index].grouping
        assert grouping is not None
        return bool(read_by(self.select.fact, grouping.use) & self.paths)

    def value(self, leaf: Leaf) -> exp.Expr:
        name = alias_of(leaf.name)
        self.parts[name] = self._value(leaf.measure)
        return _AGAIN[leaf.measure.type](this=column(name, self.alias))

    def body(self, expressions: list[exp.Expr], group_count: int, having: exp.Expr | None = None) -> exp.Select:
        start, joins, where = self.select.source(without=self.paths)
        first = [
            named(this, name) for index, (name, this) in enumerate(self.select.groups()) if not self._is_late(index)
        ]
        first += [
            named(column(ours, self.select.aliases[instance.path[:-1]]), name)
            for (instance, ours), name in self.keys_of.items()
        ]
        parts = [named(this, name) for name, this in self.parts.items()]
        inner = exp.Subquery(
            this=self.select.settled(grouped([*first, *parts], len(first), start, joins, where)),
            alias=exp.TableAlias(this=identifier(self.alias)),
        )
        return grouped(
            expressions, group_count, exp.From(this=inner), [self._join(each) for each in self.late], None, having
        )

    def _join(self, instance: Instance) -> exp.Join:
        if instance.path[:-1] in self.paths:
            return self.select.join(instance)
        assert instance.step is not None
        assert instance.cube is not None
        alias = self.select.aliases[instance.path]
        conditions: list[exp.Expr] = [
            exp.EQ(this=column(self.keys_of[(instance, ours)], self.alias), expression=column(theirs, alias))
            for ours, theirs in instance.step.keys or ()
        ]
        if instance.policy is not None:
            conditions.append(self.select.policy(instance.policy, instance.path))
        on = conjunction(conditions)
        assert on is not None
        return joined(relation(instance.cube, alias, self.select.query), on, inner=False)
