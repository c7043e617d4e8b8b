"""Scopes of other kinds: a join's condition from its far side, a cube's own query, an analyst's own aggregate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.model.binder import LOWER_BOUND, UPPER_BOUND, FilterParam, operand
from engine.model.members import instance_path
from engine.query.resolved import Comparison, Junction
from engine.sql.expressions import Scope, conjunction, disjunction
from engine.sql.names import identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.model.members import Measure, Path
    from engine.plan.plan import Fact
    from engine.query.resolved import Predicate


class ReversedScope(Scope):
    """A join's condition read from its target's side."""

    def __init__(self, scope: Scope, path: Path) -> None:
        super().__init__(**vars(scope))
        self.path = path

    def column(self, node: exp.Expr, place: Path) -> exp.Expr:  # noqa: ARG002 - the place is known already
        own = instance_path(node.args["table"].name)
        table = self.aliases[self.path if own is not None and len(own) == 1 else self.path[:-1]]
        return exp.Column(
            this=identifier(node.this.name, quoted=bool(node.this.args.get("quoted"))), table=identifier(table)
        )


class SourceScope(Scope):
    """A cube's own query, into which filters of the query are put where the analyst said so."""

    def __init__(self, scope: Scope, fact: Fact) -> None:
        super().__init__(**vars(scope))
        self.fact = fact

    def filters(self, nodes: Sequence[FilterParam], place: Path) -> exp.Expr:
        """The query's filters on these members, as conditions on what the analyst names in their place."""
        stand_ins = {node.args["member"]: node for node in nodes}
        every = (*self.fact.where, *(each for existence in self.fact.existences for each in existence.where))
        joined = conjunction([found for each in every if (found := self._pushed(each, stand_ins, place)) is not None])
        return exp.Paren(this=joined) if joined is not None else exp.Boolean(this=True)

    def _pushed(self, predicate: Predicate, stand_ins: Mapping[str, FilterParam], place: Path) -> exp.Expr | None:
        """What a predicate says of the members alone; None where it says nothing: one open part leaves an OR open."""
        if isinstance(predicate, Comparison):
            dimension = predicate.use.at(self.fact.home.name)
            node = stand_ins.get(dimension.full_name)
            # Rows of another time are wanted than the one that is asked for.
            return None if node is None or self.shifts_of(dimension) else self._condition(predicate, node, place)
        if not isinstance(predicate, Junction):
            return None
        parts = [self._pushed(part, stand_ins, place) for part in predicate.parts]
        said = [part for part in parts if part is not None]
        if predicate.kind == "and":
            return conjunction(said)
        return exp.Paren(this=disjunction(said)) if said and len(said) == len(parts) else None

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


class CustomScope(Scope):
    """An analyst's own aggregate: measures that it names are written out, columns perhaps read from an inner statement."""

    def __init__(
        self,
        scope: Scope,
        measure: Measure,
        value: Callable[[Measure], exp.Expr],
        inner: Callable[[exp.Expr, str], exp.Expr] | None = None,
    ) -> None:
        super().__init__(**vars(scope))
        self.measure = measure
        self.value = value
        self.inner = inner

    def column(self, node: exp.Expr, place: Path) -> exp.Expr:
        name = node.this.name
        if node.args.get("table") is None and name in self.measure.references:
            return operand(self.value(self.measure.references[name]))
        this = super().column(node, place)
        return self.inner(this, name) if self.inner is not None else this
