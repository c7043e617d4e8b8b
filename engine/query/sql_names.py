"""Names in a question written in SQL: members of what stands behind FROM, and calls that mean a metric or a bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from engine.errors import QueryError
from engine.model.granularity import PREDEFINED
from engine.model.members import Dimension, Measure, Segment
from engine.query.names import find

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.model import Member, Model
    from engine.query.sql_text import SqlText

_ANY: Final = (Dimension, Measure, Segment)
_AGGREGATES: Final[dict[type[exp.Expr], tuple[str, ...]]] = {
    exp.Sum: ("sum",),
    exp.Avg: ("avg",),
    exp.Min: ("min",),
    exp.Max: ("max",),
    exp.Count: ("count",),
    exp.Median: ("median",),
    exp.ApproxDistinct: ("count_distinct_approx",),
}
_DISTINCT: Final = ("count_distinct", "count_distinct_approx")
_MEASURE: Final = "measure"


@dataclass(frozen=True, slots=True)
class Named:
    """What a part of the SQL means: `name` as a query names it, and the member; `bucket` if it is one of time."""

    name: str
    target: Member
    bucket: bool = False


class Names:
    """The names that can be used behind FROM `owner`, which may have another name there, `alias`."""

    def __init__(self, sql: SqlText, model: Model, owner: str, alias: str | None) -> None:
        self.sql = sql
        self.model = model
        self.owner = owner
        self.alias = alias or owner

    def named(self, node: exp.Expr) -> Named | None:
        """What a column or a call means; None, and the reason noted, if it means no member."""
        if isinstance(node, exp.Paren):
            return self.named(node.this)
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
            return self._bucket(node)
        if isinstance(node, exp.Anonymous) and node.name.lower() == _MEASURE:
            return self._measure(node)
        if type(node) in _AGGREGATES:
            return self._aggregate(node)
        self._no_member(node)
        return None

    def _column(self, node: exp.Column) -> Named | None:
        parts = node.parts
        if any(not isinstance(part, exp.Identifier) for part in parts):
            self.sql.refuse(node, "* stands for no members.", "Name the dimensions and metrics that are wanted.")
            return None
        # SQL reads unquoted names without regard to case; a model's names are usually in lower case.
        plain = [part.name if part.args.get("quoted") else part.name.lower() for part in parts]
        spellings = dict.fromkeys((self._qualified([part.name for part in parts]), self._qualified(plain)))
        error: QueryError | None = None
        for name in spellings:
            try:
                found = find(self.model, name, _ANY, "")
            except QueryError as refused:
                error = error or refused
            else:
                return Named(name, found.target, found.granularity is not None)
        assert error is not None
        self.sql.refused(node, error.issues)
        return None

    def _qualified(self, parts: list[str]) -> str:
        """A name as a query has it: of the owner unless it says otherwise, bare for the default view."""
        own = parts[0] in {self.alias, self.alias.lower()} and len(parts) > 1
        if not own and len(parts) > 1 and (parts[0] in self.model.cubes or parts[0] in self.model.views):
            return ".".join(parts)
        rest = parts[1:] if own else parts
        default = self.model.default_view
        return ".".join(rest if default is not None and default.name == self.owner else [self.owner, *rest])

    def _measure(self, node: exp.Anonymous) -> Named | None:
        arguments = node.expressions
        if len(arguments) != 1 or not isinstance(arguments[0], exp.Column):
            self.sql.refuse(node, "MEASURE takes the name of one metric.", "Write MEASURE(bug_count).")
            return None
        return self._metric(arguments[0])

    def _metric(self, node: exp.Column) -> Named | None:
        found = self._column(node)
        if found is not None and not isinstance(found.target, Measure):
            what = "segment" if isinstance(found.target, Segment) else "dimension"
            hint = "What is counted or summed of it is declared as a measure in the model."
            self.sql.refuse(node, f"{found.name} is a {what}, not a metric.", hint)
            return None
        return found

    def _aggregate(self, node: exp.Expr) -> Named | None:
        """SUM(revenue) where revenue is a sum, COUNT(*) where there is one plain count: what the model declares, and no more."""
        types, inner = _AGGREGATES[type(node)], node.this
        written = self.sql.written(node)
        if node.expressions:
            self.sql.refuse(node, f"{written} has more than one argument.", "Write MEASURE(…) with one metric.")
            return None
        if isinstance(node, exp.Count) and (isinstance(inner, exp.Star) or inner == exp.Literal.number(1)):
            return self._plain_count(node)
        if isinstance(inner, exp.Distinct) and isinstance(node, exp.Count) and len(inner.expressions) == 1:
            types, inner = _DISTINCT, inner.expressions[0]
        if not isinstance(inner, exp.Column):
            self.sql.refuse(node, f"{written} aggregates something other than a metric.", "Write MEASURE(bug_count).")
            return None
        found = self._metric(inner)
        if found is None or not isinstance(found.target, Measure):
            return None
        if found.target.type not in types:
            message = f"{found.name} is a metric of type {found.target.type}; {written} would aggregate it once more."
            self.sql.refuse(node, message, f"Write MEASURE({found.name}).")
            return None
        return found

    def _plain_count(self, node: exp.Expr) -> Named | None:
        counts = [
            name
            for name, each in self._measures()
            if each.type == "count" and each.additive and not (each.sql or each.filters)
        ]
        if len(counts) == 1:
            return self._column(exp.column(exp.to_identifier(counts[0], quoted=True)))
        listed = f"; it has {', '.join(counts)}" if counts else ""
        message = f"COUNT(*) means no one metric of {self.owner}{listed}."
        self.sql.refuse(node, message, f"Write MEASURE({counts[0] if counts else '…'}).")
        return None

    def _measures(self) -> Iterable[tuple[str, Measure]]:
        if self.owner in self.model.views:
            members = self.model.views[self.owner].members.items()
            return [(name, each.target) for name, each in members if isinstance(each.target, Measure)]
        return self.model.cubes[self.owner].measures.items()

    def _bucket(self, node: exp.Expr) -> Named | None:
        inner, unit = node.this, node.args.get("unit")
        if node.args.get("zone") is not None:
            self.sql.refuse(node, "DATE_TRUNC takes no time zone here.", "Buckets are in the zone of the query.")
            return None
        if not isinstance(inner, exp.Column) or not isinstance(unit, exp.Expr):
            self.sql.refuse(
                node, "DATE_TRUNC takes a unit and a time dimension.", "Write DATE_TRUNC('month', created_at)."
            )
            return None
        found = self._column(inner)
        if found is None:
            return None
        if not isinstance(found.target, Dimension) or found.target.type != "time" or found.bucket:
            kind = "in buckets of time already" if found.bucket else "no time dimension"
            self.sql.refuse(inner, f"{found.name} is {kind}.", "Give DATE_TRUNC a time dimension.")
            return None
        known = (*PREDEFINED, *found.target.granularities)
        granularity = next((name for name in known if name.lower() == unit.name.lower()), None)
        if granularity is None:
            message = f"{found.name} has no granularity {unit.name.lower()!r}."
            self.sql.refuse(node, message, f"It has {', '.join(dict.fromkeys(known))}.")
            return None
        return Named(f"{found.name}.{granularity}", found.target, bucket=True)

    def _no_member(self, node: exp.Expr) -> None:
        hint = "Name dimensions and metrics; what is computed is declared as one in the model."
        if isinstance(node, exp.Star):
            hint = "Name the dimensions and metrics that are wanted."
        elif isinstance(node, exp.Extract):
            hint = "For buckets of time write DATE_TRUNC('month', …)."
        self.sql.refuse(node, f"{self.sql.written(node)} is neither a dimension nor a metric.", hint)
