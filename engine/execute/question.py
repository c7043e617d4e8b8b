"""A query on its way to an answer: resolved, compiled, and with words for its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.model.model import Model
    from engine.plan.plan import Plan
    from engine.query.description import Describer
    from engine.query.query import Query
    from engine.query.resolved import ResolvedQuery, Shape
    from engine.sql.dialects import SqlDialect
    from engine.sql.statement import Statement, Template


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in every form that answering needs."""

    query: Query
    resolved: ResolvedQuery
    model: Model
    dialect: SqlDialect
    template: Template
    describer: Describer

    @property
    def shape(self) -> Shape:
        """What decides the SQL."""
        return self.resolved.shape

    @property
    def plan(self) -> Plan:
        """How the query is answered."""
        return self.template.plan

    @property
    def statement(self) -> Statement:
        """The statement that gives the rows."""
        return self.template.bind(self.resolved.values, self.resolved.titles)

    def bound(self, template: Template) -> Statement:
        """Another statement about the same rows, with the query's values."""
        return template.bind(self.resolved.values)
