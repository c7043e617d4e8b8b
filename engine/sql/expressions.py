"""Expressions of one fact: member snippets with their instances' aliases put in, predicates, and aggregates.

Nodes are made directly. Nothing is parsed here, and a snippet's tree is never changed: it is read into new nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from engine.errors import Issue, QueryError
from engine.model.binder import FilterGroup, FilterParam, operand
from engine.model.granularity import PREDEFINED
from engine.model.members import instance_path
from engine.query.resolved import Comparison, Junction, SegmentUse
from engine.sql.moves import as_time, shifted
from engine.sql.names import column, identifier
from engine.sql.nodes import call, kind, text
from engine.sql.times import bucket, local_time
from engine.sql.trees import rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.model.granularity import Granularity
    from engine.model.members import Dimension, Measure, Path, Sql, TimeShift
    from engine.query.resolved import MeasureComparison, Predicate, Use
    from engine.sql.dialects import SqlDialect


class Scope:
    """Where one fact's columns come from: the alias of each instance, the place of each member, and the dialect.

    `parameter` gives the node of a value's slot; its second argument says in which form the value is compared. `absent` names, for
    each instance whose row may be missing, a column that is null only then; `counted` are the
    looked-up counts, which are 0 where there was nothing to count.
    """

    def __init__(
        self,
        aliases: Mapping[Path, str],
        home: str,
        dialect: SqlDialect,
        time_zone: str,
        parameter: Callable[[int, str], exp.Expr],
        absent: Mapping[Path, str] | None = None,
        counted: frozenset[Path] = frozenset(),
        shift: tuple[TimeShift, ...] = (),
    ) -> None:
        self.aliases = aliases
        self.absent = absent or {}
        self.counted = counted
        self.shift = shift
        self.home = home
        self.dialect = dialect
        self.time_zone = time_zone
        self.parameter = parameter

    # Snippets.

    def sql(self, sql: Sql, place: Path) -> exp.Expr:
        """A member's expression, its owner standing at `place`."""
        if sql.is_column:
            return self.column(sql.tree, place)
        return self._read(sql.tree, place)

    def member(self, sql: Sql, place: Path) -> exp.Expr:
        """A dimension's expression; null where its owner's row is missing, whatever it makes of nulls."""
        tree = self.sql(sql, place)
        if sql.is_strict or place not in self.absent:
            return tree
        there = exp.Not(this=is_null(column(self.absent[place], self.aliases[place])))
        return exp.Case(ifs=[exp.If(this=there, true=tree)])

    def _read(self, node: exp.Expr, place: Path) -> exp.Expr:
        def replace(each: exp.Expr) -> exp.Expr | None:
            if isinstance(each, exp.Column):
                return self.column(each, place)
            if isinstance(each, exp.TimestampTrunc | exp.DateTrunc):
                return self._truncated(each, place)
            if isinstance(each, FilterGroup):
                return self.filters(each.expressions, place)
            return self.filters([each], place) if isinstance(each, FilterParam) else None

        return rebuilt(node, replace, self.dialect)

    def filters(self, nodes: Sequence[FilterParam], place: Path) -> exp.Expr:  # noqa: ARG002 - for scopes that have filters
        """The condition that stands in for filters of the query's; true where there are none to speak of."""
        return exp.Boolean(this=True)

    def column(self, node: exp.Expr, place: Path) -> exp.Expr:
        """A column of a snippet, read from its instance."""
        table = node.args.get("table")
        name = node.this
        quoted = bool(isinstance(name, exp.Identifier) and name.args.get("quoted"))
        this = identifier(name.name, quoted=quoted) if isinstance(name, exp.Identifier) else exp.Star()
        if table is None:
            return exp.Column(this=this)
        instance = instance_path(table.name)
        if instance is None:
            return exp.Column(this=this, table=identifier(table.name, quoted=bool(table.args.get("quoted"))))
        path = (*place, *instance[1:])
        found = exp.Column(this=this, table=identifier(self.aliases[path]))
        if path in self.counted:
            return exp.Coalesce(this=found, expressions=[exp.Literal(this="0", is_string=False)])
        return found

    def _truncated(self, node: exp.Expr, place: Path) -> exp.Expr:
        """DATE_TRUNC in a snippet: the engine writes it for each database."""
        unit = node.args.get("unit")
        name = (unit.name if isinstance(unit, exp.Expr) else str(unit)).lower()
        granularity = PREDEFINED.get(name)
        inner = self._read(node.this, place)
        if granularity is None:
            message = f"DATE_TRUNC to {name!r} cannot be written for {self.dialect.name}."
            raise QueryError(Issue("E_UNSUPPORTED", message))
        return bucket(inner, granularity, self.dialect)

    # Dimensions.

    def dimension(self, dimension: Dimension, place: Path, granularity: Granularity | None = None) -> exp.Expr:
        """A dimension's value; a time in local time, or the bucket that it lies in."""
        tree = self.member(dimension.sql, place)
        if dimension.type != "time":
            return tree
        if not dimension.is_date:
            tree = local_time(tree, self.time_zone, self.dialect)
        tree = self._at_another_time(tree, dimension)
        if granularity is None:
            return tree
        if dimension.is_date and not granularity.whole_days and not self.dialect.text_times:
            # PostgreSQL truncates a date to an hour of the session's zone.
            tree = as_time(tree)
        return bucket(tree, granularity, self.dialect)

    def _at_another_time(self, tree: exp.Expr, dimension: Dimension) -> exp.Expr:
        """The time at which a row is shown where the measures are read at another: last year's rows stand in this year."""
        for each in self.shifts_of(dimension):
            tree = shifted(tree, -each.count, each.unit, self.dialect, day=dimension.is_date)
        return tree

    def shifts_of(self, dimension: Dimension) -> tuple[TimeShift, ...]:
        """By what a time is moved here."""
        return tuple(each for each in self.shift if each.moves(dimension))

    # Predicates.

    def predicate(self, predicate: Predicate, places: Mapping[Use | SegmentUse, Path]) -> exp.Expr:
        """A predicate on rows."""
        if isinstance(predicate, Junction):
            parts = [self.predicate(part, places) for part in predicate.parts]
            if not parts:
                return exp.Boolean(this=predicate.kind == "and")
            joined = conjunction(parts) if predicate.kind == "and" else disjunction(parts)
            assert joined is not None
            return exp.Paren(this=joined) if isinstance(joined, exp.Or) else joined
        if isinstance(predicate, SegmentUse):
            tree = self.sql(predicate.segment.sql, places[predicate])
            return exp.Paren(this=tree) if isinstance(tree, exp.Connector) else tree
        assert isinstance(predicate, Comparison)
        dimension = predicate.use.at(self.home)
        place = places[predicate.use]

        def value() -> exp.Expr:
            tree = operand(self.member(dimension.sql, place))
            if dimension.type == "string" and (predicate.kind == "compare" or self.dialect.folds):
                return by_code_point(tree, self.dialect)
            # A time that is moved is null where it was.
            moves = dimension.type == "time" and predicate.kind != "set"
            return self._at_another_time(tree, dimension) if moves else tree

        return self.comparison(predicate, value, is_date=dimension.is_date)

    def comparison(self, found: Comparison, value: Callable[[], exp.Expr], *, is_date: bool = False) -> exp.Expr:
        """A comparison of whatever `value` makes anew each time it is called."""
        if found.kind == "set":
            null = is_null(value())
            return null if found.null else exp.Not(this=null)
        if found.kind == "range":
            return range_comparison(found, value, self.parameter, self.dialect, is_date=is_date)
        if found.kind == "like":
            return self._like(found, value)
        return values_comparison(found.kind, found.slots, value, self.parameter, found)

    def _like(self, found: Comparison, value: Callable[[], exp.Expr]) -> exp.Expr:
        assert found.slots[0] is not None
        form = "wide" if self.dialect.like == "nocase" else "plain" if self.dialect.escape else "backslash"
        pattern: exp.Expr = self.parameter(found.slots[0], form)
        this = value()
        if self.dialect.like == "lower":
            this, pattern = exp.Lower(this=this), exp.Lower(this=pattern)
        like: exp.Expr = (exp.ILike if self.dialect.like == "ilike" else exp.Like)(this=this, expression=pattern)
        if self.dialect.escape:
            like = exp.Escape(this=like, expression=text("!"))
        if self.dialect.like == "nocase":
            # LIKE ignores the case of a to z alone: it is asked first, as it is quick, and GLOB of what it finds.
            like = exp.And(
                this=like, expression=exp.Glob(this=value(), expression=self.parameter(found.slots[0], "glob"))
            )
        if not found.negative:
            return like
        return exp.Paren(this=exp.Or(this=exp.Not(this=exp.Paren(this=like)), expression=is_null(value())))

    # Aggregates.

    def input(self, measure: Measure, place: Path) -> exp.Expr | None:
        """What a measure aggregates of one row, null where its own filters exclude the row; None for a plain count."""
        this = self.sql(measure.sql, place) if measure.sql is not None and not measure.aggregate else None
        if not measure.filters:
            return this
        condition = conjunction([_grouped(self.sql(each, place)) for each in measure.filters])
        assert condition is not None
        return exp.Case(ifs=[exp.If(this=condition, true=this or exp.Literal(this="1", is_string=False))])


def by_code_point(this: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """A text as one that is compared and sorted by code point."""
    if dialect.collation is None:
        return this
    return exp.Collate(this=operand(this), expression=exp.Identifier(this=dialect.collation, quoted=True))


def values_comparison(
    how: str,
    slots: tuple[int | None, ...],
    value: Callable[[], exp.Expr],
    parameter: Callable[[int, str], exp.Expr],
    found: object,
) -> exp.Expr:
    """Equality with one or several values, null perhaps among them, or a relation to one value."""
    negative, null, symbol = (getattr(found, name) for name in ("negative", "null", "symbol"))
    values = [parameter(slot, "plain") for slot in slots if slot is not None]
    if how == "compare":
        return _RELATIONS[symbol](this=value(), expression=values[0])
    if not values:
        return exp.Not(this=is_null(value())) if negative else is_null(value())
    if len(values) == 1:
        equal: exp.Expr = (exp.NEQ if negative else exp.EQ)(this=value(), expression=values[0])
    else:
        equal = exp.In(this=value(), expressions=values)
        equal = exp.Not(this=equal) if negative else equal
    # A negative filter keeps rows without a value, unless null itself is among what is excluded.
    if negative == null:
        return equal
    return exp.Paren(this=exp.Or(this=equal, expression=is_null(value())))


def range_comparison(
    found: Comparison | MeasureComparison,
    value: Callable[[], exp.Expr],
    parameter: Callable[[int, str], exp.Expr],
    dialect: SqlDialect,
    *,
    is_date: bool = False,
) -> exp.Expr:
    """Whether a time lies in a range, half-open."""
    start, end = found.slots
    parts: list[exp.Expr] = []
    form = "date" if is_date else "time"
    exact_text = dialect.text_times and found.exact and not is_date
    if start is not None:
        parts.append(exp.GTE(this=value(), expression=parameter(start, "day" if exact_text else form)))
    if end is not None:
        parts.append(exp.LT(this=value(), expression=parameter(end, "day after" if exact_text else form)))
    if exact_text:
        # Stored texts differ in form below the day ("T" or a blank, with or without a fraction): the days serve the index,
        # the exact moments are compared in one form.
        moment = "%Y-%m-%d %H:%M:%f"
        if start is not None:
            parts.append(exp.GTE(this=call("STRFTIME", text(moment), value()), expression=parameter(start, "moment")))
        if end is not None:
            parts.append(exp.LT(this=call("STRFTIME", text(moment), value()), expression=parameter(end, "moment")))
    inside = conjunction(parts)
    assert inside is not None
    if not found.negative:
        return inside
    return exp.Paren(this=exp.Or(this=exp.Not(this=exp.Paren(this=inside)), expression=is_null(value())))


_RELATIONS: dict[str, type[exp.Binary]] = {">": exp.GT, ">=": exp.GTE, "<": exp.LT, "<=": exp.LTE}


def aggregated(measure: Measure, this: exp.Expr | None, dialect: SqlDialect) -> exp.Expr:
    """A measure's aggregate over what `Scope.input` gave."""
    if measure.type == "count":
        return exp.Count(this=this if this is not None else exp.Star(), big_int=True)
    assert this is not None
    if dialect.folds and measure.type in {"count_distinct", "count_distinct_approx"}:
        this = exp.Cast(this=this, to=kind("BINARY"))
    if measure.type == "count_distinct":
        return exp.Count(this=exp.Distinct(expressions=[this]), big_int=True)
    if measure.type == "count_distinct_approx":
        if dialect.name in {"sqlite", "postgres", "mysql"}:
            return exp.Count(this=exp.Distinct(expressions=[this]), big_int=True)
        return exp.ApproxDistinct(this=this)
    if measure.type in {"median", "percentile"}:
        return _percentile(this, 0.5 if measure.type == "median" else measure.percentile or 0.5, measure, dialect)
    if dialect.rounds and measure.type == "avg":
        this = exp.Cast(this=this, to=kind("DOUBLE"))
    simple: dict[str, type[exp.AggFunc]] = {"sum": exp.Sum, "avg": exp.Avg, "min": exp.Min, "max": exp.Max}
    if measure.type not in simple:
        message = f"{measure.full_name} is of type {measure.type!r}, which cannot be aggregated."
        raise QueryError(Issue("E_UNSUPPORTED", message, member=measure.full_name))
    return simple[measure.type](this=this)


def _percentile(this: exp.Expr, fraction: float, measure: Measure, dialect: SqlDialect) -> exp.Expr:
    if dialect.ranks:
        message = f"{measure.full_name} is a {measure.type}, which {dialect.name} does not compute of windows."
        raise QueryError(Issue("E_UNSUPPORTED", message, member=measure.full_name))
    share = exp.Literal(this=str(fraction), is_string=False)
    if dialect.name == "duckdb":
        return call("QUANTILE_CONT", this, share)
    if dialect.name == "clickhouse":
        return exp.Anonymous(this=f"quantileExactInclusive({fraction})", expressions=[this])
    order = exp.Order(expressions=[exp.Ordered(this=this, nulls_first=False)])
    return exp.WithinGroup(this=exp.PercentileCont(this=share), expression=order)


def as_ratio(node: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """Every division in the expression as a division of reals that is null where the divisor is 0 (DESIGN rule 9)."""
    for division in list(node.find_all(exp.Div)):
        divisor = division.expression
        if not isinstance(divisor, exp.Nullif) and not _is_certain(divisor):
            division.set(
                "expression",
                exp.Nullif(
                    this=divisor.unnest() if isinstance(divisor, exp.Paren) else divisor,
                    expression=exp.Literal(this="0", is_string=False),
                ),
            )
        left = division.this
        if not isinstance(left, exp.Cast) and (dialect.rounds or not _is_real(left)):
            division.set(
                "this", exp.Cast(this=left.unnest() if isinstance(left, exp.Paren) else left, to=kind("DOUBLE"))
            )
        # The casts are ours: told that the division is typed already, sqlglot adds none.
        division.set("typed", True)
        division.set("safe", False)
    return node


def _is_certain(divisor: exp.Expr) -> bool:
    """Whether a divisor is a number other than 0; a count of nothing stands as a plain 0."""
    return isinstance(divisor, exp.Literal) and divisor.name.strip("0.") != ""


def _is_real(node: exp.Expr) -> bool:
    """Whether a number is certainly no integer: it has a literal with a decimal point as a factor."""
    if isinstance(node, exp.Paren):
        return _is_real(node.this)
    if isinstance(node, exp.Mul | exp.Add | exp.Sub):
        return _is_real(node.this) or _is_real(node.expression)
    return isinstance(node, exp.Literal) and "." in node.this


def conjunction(parts: list[exp.Expr]) -> exp.Expr | None:
    """The parts joined by AND."""
    joined: exp.Expr | None = None
    for part in parts:
        joined = part if joined is None else exp.And(this=joined, expression=part)
    return joined


def disjunction(parts: list[exp.Expr]) -> exp.Expr | None:
    """The parts joined by OR."""
    joined: exp.Expr | None = None
    for part in parts:
        grouped = exp.Paren(this=part) if isinstance(part, exp.And) else part
        joined = grouped if joined is None else exp.Or(this=joined, expression=grouped)
    return joined


def is_null(node: exp.Expr) -> exp.Expr:
    """Whether a value is null."""
    return exp.Is(this=node, expression=exp.Null())


def _grouped(node: exp.Expr) -> exp.Expr:
    return exp.Paren(this=node) if isinstance(node, exp.Or) else node
