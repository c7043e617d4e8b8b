"""A fact aggregated by the keys of its partners, whose labels are looked up once a group.

SELECT tests_by_key.feature_id, features.title AS feature, tests_by_key.test_count
FROM (
  SELECT features.id AS feature_id, COUNT(DISTINCT tests.id) AS test_count
  FROM tests LEFT JOIN … LEFT JOIN features ON test_features.feature_id = features.id GROUP BY 1
) AS tests_by_key
LEFT JOIN features ON tests_by_key.feature_id = features.id
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.sql.names import alias_of, column, identifier
from engine.sql.once import Once
from engine.sql.relations import joined, relation
from engine.sql.selects import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.plan.labels import Labels
    from engine.plan.plan import Leaf
    from engine.sql.facts import FactSelect


class Labelled(Once):
    """The rows are counted once a group in the way of `inner`, which is grouped by all but the labels."""

    def __init__(self, select: FactSelect, labels: Sequence[Labels], inner: Once) -> None:
        super().__init__(select)
        self.labels = labels
        self.inner = inner
        self.alias = f"{select.name}_by_key"
        self.parts: dict[str, exp.Expr] = {}

    def keys(self) -> list[tuple[str, exp.Expr]]:
        first = set(self.inner.select.group_names)
        return [(name, column(name, self.alias) if name in first else this) for name, this in self.select.groups()]

    def value(self, leaf: Leaf) -> exp.Expr:
        name = alias_of(leaf.name)
        self.parts[name] = self.inner.value(leaf)
        return column(name, self.alias)

    def tables(self) -> list[exp.CTE]:
        return self.inner.tables()

    def body(self, expressions: list[exp.Expr], group_count: int, having: exp.Expr | None = None) -> exp.Select:  # noqa: ARG002 - every row is a group already
        keys = self.inner.keys()
        parts = [*keys, *self.parts.items()]
        first = self.inner.body([named(this, name) for name, this in parts], len(keys))
        return exp.Select(
            expressions=expressions,
            from_=exp.From(this=exp.Subquery(this=first, alias=exp.TableAlias(this=identifier(self.alias)))),
            joins=[self._join(each) for each in self.labels],
            where=exp.Where(this=having) if having is not None else None,
        )

    def _join(self, labels: Labels) -> exp.Join:
        """The rows that the labels stand in; a policy has been heeded, or there would be no such key."""
        instance = labels.instance
        assert labels.key.grouping is not None
        assert instance.cube is not None
        theirs = self.select.scope.sql(self.select.fact.dimension(labels.key.grouping.use).sql, instance.path)
        on = exp.EQ(this=column(alias_of(labels.key.name), self.alias), expression=theirs)
        return joined(relation(instance.cube, self.select.aliases[instance.path], self.select.query), on, inner=False)
