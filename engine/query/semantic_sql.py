"""A question written in SQL, as the same `Query` that the other forms become.

    SELECT feature, MEASURE(bug_count) FROM testing WHERE severity = 'critical' GROUP BY 1 ORDER BY 2 DESC LIMIT 5

FROM names one view or cube; members of other cubes are written `cube.member`, for the model knows how they join. A metric is
MEASURE(name), or the aggregate that it is declared as: SUM(revenue), COUNT(*) where there is one plain count. DATE_TRUNC puts a
time into buckets. A row is a group, with or without GROUP BY or DISTINCT; columns come dimensions first. What SQL says beyond
that is refused, with its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from engine.errors import Issue, QueryError, did_you_mean
from engine.model.members import Measure, Segment
from engine.query.query import DateRange, Filter, FilterGroup, Query, TimeDimension
from engine.query.sql_conditions import Conditions, SegmentWanted
from engine.query.sql_names import Named, Names
from engine.query.sql_text import CODE, FORM, SqlText, extras
from engine.query.sql_values import is_day
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.model import Model
    from engine.query.query import OrderKey

_CLAUSES: Final = ("expressions", "distinct", "from_", "where", "group", "having", "order", "limit", "offset")
_FOREIGN: Final = {
    "with_": ("WITH", "Ask one view or cube; metrics over several cubes are declared in the model."),
    "joins": ("JOIN", "Name members of other cubes as cube.member; the model knows how they join."),
    "laterals": ("LATERAL", None),
    "windows": ("WINDOW", "Running values are declared in the model as measures with a rolling window."),
    "locks": ("FOR UPDATE", None),
    "into": ("INTO", None),
    "qualify": ("QUALIFY", None),
}
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(?:Z|[+-][0-9:]+)?")
_NULLS_FIRST: Final = re.compile(r"\bnulls\s+first\b", re.IGNORECASE)


def parse_sql(text: str, model: Model) -> Query:
    """The query that a SELECT over a view or cube of `model` states.

    Raises QueryError with every mistake: `E_SEMANTIC_SQL` for what cannot be asked so, `E_NAME_NOT_FOUND` for names, each with its
    line and column.
    """
    sql = SqlText(text)
    try:
        query = _Reader(sql, model).query()
    except RecursionError as error:
        raise QueryError(Issue(CODE, "This SQL is nested too deeply.", place=sql.place(0), hint=FORM)) from error
    if sql.issues:
        raise QueryError(dict.fromkeys(sql.issues))
    return query


class _Reader:
    """Reads one SELECT, clause by clause."""

    def __init__(self, sql: SqlText, model: Model) -> None:
        self.sql = sql
        self.model = model
        self.select = sql.select()
        self.names = self._from()
        self.selected: list[Named | None] = []
        self.aliases: dict[str, Named] = {}

    def query(self) -> Query:
        for key in extras(self.select, _CLAUSES):
            what, hint = _FOREIGN.get(key, (key.strip("_").upper(), None))
            self.sql.refuse(_first(self.select.args[key]) or self.select, f"{what} cannot be asked here.", hint or FORM)
        self._select()
        self._grouped()
        where = self._conditions("where")
        ranges, filters = self._ranges([each for each in where if not isinstance(each, SegmentWanted)])
        chosen = [each for each in self.selected if each is not None]
        return Query(
            measures=tuple(dict.fromkeys(each.name for each in chosen if isinstance(each.target, Measure))),
            dimensions=tuple(dict.fromkeys(each.name for each in chosen if not isinstance(each.target, Measure))),
            time_dimensions=tuple(ranges),
            filters=(*filters, *(each for each in self._conditions("having") if not isinstance(each, SegmentWanted))),
            segments=tuple(dict.fromkeys(each.name for each in where if isinstance(each, SegmentWanted))),
            order=self._order(),
            limit=self._count("limit"),
            offset=self._count("offset") or 0,
            titles=tuple((each.name, title) for title, each in self.aliases.items()),
        )

    # FROM and SELECT.

    def _from(self) -> Names:
        """The names that the question can use; raises QueryError where FROM names nothing that can be asked."""
        start = self.select.args.get("from_")
        table = start.this if isinstance(start, exp.From) else None
        if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
            where = table if isinstance(table, exp.Expr) else self.select
            raise QueryError(self.sql.issue(where, "FROM names one view or cube.", FORM))
        alias = table.args.get("alias")
        if extras(table, ("this", "alias")) or (isinstance(alias, exp.Expr) and extras(alias, ("this",))):
            raise QueryError(self.sql.issue(table, "FROM names one view or cube, and nothing else.", FORM))
        known = set(self.model.owners)
        name = table.name if table.name in known else table.name.lower()
        if name not in known:
            candidates = near(table.name, known)
            hint = did_you_mean(candidates) or f"There are {', '.join(sorted(known)[:40])}."
            message = f"There is no cube or view {table.name!r}."
            place = self.sql.place(table)
            raise QueryError(Issue("E_NAME_NOT_FOUND", message, place=place, hint=hint, candidates=candidates))
        return Names(self.sql, self.model, name, table.alias or None)

    def _select(self) -> None:
        distinct = self.select.args.get("distinct")
        if isinstance(distinct, exp.Distinct) and extras(distinct, ()):
            self.sql.refuse(distinct, "DISTINCT ON cannot be asked.", "A row is a group: leave it out.")
        if not self.select.expressions:
            self.sql.refuse(self.select, "SELECT names at least one dimension or metric.", FORM)
        for node in self.select.expressions:
            inner = node.this if isinstance(node, exp.Alias) else node
            found = self.names.named(inner)
            if found is not None and isinstance(found.target, Segment):
                self.sql.refuse(inner, f"{found.name} is a segment.", f"Write WHERE {found.name} IS TRUE.")
                found = None
            self.selected.append(found)
            if isinstance(node, exp.Alias) and found is not None:
                self._titled(node, found)

    def _titled(self, node: exp.Alias, found: Named) -> None:
        if self.aliases.get(node.alias, found) != found:
            self.sql.refuse(node, f"Two columns are called {node.alias!r}.", "Give them different names.")
        elif found in self.aliases.values() and node.alias not in self.aliases:
            self.sql.refuse(node, f"{found.name} stands here twice.", "Select it once.")
        else:
            self.aliases[node.alias] = found

    def _output(self, node: exp.Expr) -> Named | None:
        """What GROUP BY, HAVING or ORDER BY names: a column of the result by its position or alias, or a member."""
        if isinstance(node, exp.Literal) and not node.is_string:
            if node.this.isdigit() and 0 < int(node.this[:9]) <= len(self.selected):
                return self.selected[int(node.this) - 1]
            self.sql.refuse(node, f"There is no column {node.this[:9]}.", f"SELECT has {len(self.selected)} columns.")
            return None
        called = {title.lower(): each for title, each in self.aliases.items()}
        if isinstance(node, exp.Column) and len(node.parts) == 1 and node.name.lower() in called:
            return called[node.name.lower()]
        return self.names.named(node)

    # GROUP BY, WHERE, HAVING.

    def _grouped(self) -> None:
        """See to it that GROUP BY, where it stands, says what SELECT says."""
        group = self.select.args.get("group")
        if group is None:
            return
        subtotals = any(isinstance(each, exp.Rollup | exp.Cube | exp.GroupingSets) for each in group.expressions)
        if subtotals or extras(group, ("expressions", "all")):
            self.sql.refuse(
                group, "Subtotals cannot be asked in SQL.", "Ask for the dimensions, or for the totals alone."
            )
            return
        if group.args.get("all"):
            return
        found = {node: self._output(node) for node in group.expressions}
        dimensions = [each for each in self.selected if each is not None and not isinstance(each.target, Measure)]
        for node, each in found.items():
            if each is not None and each not in dimensions:
                what = "is a metric" if isinstance(each.target, Measure) else "does not stand in SELECT"
                self.sql.refuse(
                    node, f"{each.name} {what}, so nothing is grouped by it.", "Group by the dimensions of SELECT."
                )
        if None in found.values():
            return
        for each in dimensions:
            if each not in found.values():
                self.sql.refuse(group, f"{each.name} stands in SELECT and not in GROUP BY.", "Group by it too.")

    def _conditions(self, clause: str) -> list[Filter | FilterGroup | SegmentWanted]:
        node = self.select.args.get(clause)
        if node is None:
            return []
        if clause == "where":
            return Conditions(self.sql, "WHERE", self.names.named).all_of(node.this)
        return Conditions(self.sql, "HAVING", self._output).all_of(node.this)

    def _ranges(self, conditions: list[Filter | FilterGroup]) -> tuple[list[TimeDimension], list[Filter | FilterGroup]]:
        """The bounds of a time, one below and one above, as its date range; and the other conditions."""
        bounds: dict[str, list[Filter]] = {}
        for each in conditions:
            if isinstance(each, Filter) and each.operator in {"afterOrOnDate", "beforeDate", "beforeOrOnDate"}:
                bounds.setdefault(each.member, []).append(each)
        ranges = []
        for member, pair in bounds.items():
            found = _range(pair)
            if found is not None:
                ranges.append(TimeDimension(member, date_range=found))
                conditions = [each for each in conditions if each not in pair]
        return ranges, conditions

    # ORDER BY and LIMIT.

    def _order(self) -> tuple[OrderKey, ...] | None:
        order = self.select.args.get("order")
        if order is None:
            return None
        keys = []
        for node in order.expressions:
            if extras(node, ("this", "desc", "nulls_first")):
                self.sql.refuse(node, "An order is a column, ASC or DESC.")
            if node.args.get("nulls_first") and (not node.args.get("desc") or _NULLS_FIRST.search(self.sql.text)):
                self.sql.refuse(node, "Missing values stand last in either direction.", "Leave NULLS FIRST out.")
            found = self._output(node.this)
            if found is not None and self._orderable(found, node):
                keys.append((found.name, bool(node.args.get("desc"))))
        return tuple(keys)

    def _orderable(self, found: Named, node: exp.Expr) -> bool:
        names = {each.name for each in self.selected if each is not None}
        if (
            isinstance(found.target, Measure)
            or found.name in names
            or any(n.startswith(f"{found.name}.") for n in names)
        ):
            return True
        self.sql.refuse(node, f"{found.name} does not stand in SELECT.", "Order by what is selected, or by a metric.")
        return False

    def _count(self, clause: str) -> int | None:
        node = self.select.args.get(clause)
        if node is None:
            return None
        number = node.args.get("expression")
        plain = isinstance(node, exp.Limit | exp.Offset) and isinstance(number, exp.Literal) and number.this.isdecimal()
        if not plain or extras(node, ("expression",)) or number.is_string or len(number.this) > 9:
            self.sql.refuse(node, f"{clause.upper()} is a whole number.", f"Write {clause.upper()} 10.")
            return None
        return int(number.this)


def _range(pair: list[Filter]) -> DateRange | None:
    """Two bounds as one date range, where it says the same to the instant."""
    lower = [each.values[0] for each in pair if each.operator == "afterOrOnDate"]
    upper = [each for each in pair if each.operator != "afterOrOnDate"]
    if len(lower) != 1 or len(upper) != 1 or not isinstance(lower[0], str):
        return None
    last, inclusive = upper[0].values[0], upper[0].operator == "beforeOrOnDate"
    if is_day(last):
        # A day at the end of a range is part of it; the instant at which it starts is not.
        return DateRange("ends", lower[0], last if inclusive else f"{last}T00:00:00")
    instant = isinstance(last, str) and _INSTANT.fullmatch(last) and not inclusive
    return DateRange("ends", lower[0], last) if instant else None


def _first(value: Any) -> exp.Expr | None:
    """A node of a clause, to tell its place by."""
    nodes: Iterable[Any] = value if isinstance(value, list) else [value]
    return next((each for each in nodes if isinstance(each, exp.Expr)), None)
