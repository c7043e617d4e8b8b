"""From filters to predicates: operators looked up, values typed and put into slots."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import Issue, QueryError, did_you_mean
from engine.model.members import Dimension, Measure, Segment
from engine.model.operators import OPERATORS, Operator, operator_named
from engine.model.values import like_pattern, number_of, typed_value
from engine.query.dates import parse_bounds, parse_phrase, parse_range
from engine.query.names import find
from engine.query.query import Filter, FilterGroup
from engine.query.resolved import Asked, Comparison, Junction, MeasureComparison, SegmentUse, Use
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.model import Condition, Model, View
    from engine.query.names import Found
    from engine.query.resolved import Predicate

_ALL_OPERATORS = ", ".join(OPERATORS)


@dataclass(slots=True)
class Values:
    """The values of a query in the order of their slots."""

    items: list[Any] = field(default_factory=list)

    def slot(self, value: Any) -> int:
        """The new slot of a value."""
        self.items.append(value)
        return len(self.items) - 1

    def shared(self, value: Any) -> int:
        """The slot of an equal value, or a new one: ranges of the same moments are the same range."""
        known = next((i for i, each in enumerate(self.items) if type(each) is type(value) and each == value), None)
        return self.slot(value) if known is None else known


@dataclass(slots=True)
class Conditions:
    """Makes predicates; remembers what was filtered, for default filters and for the account of the answer, and by which measures.

    `views` are those through which rows were chosen: by the filters made here, and by what the resolver adds.
    """

    model: Model
    values: Values
    now: datetime
    time_zone: str
    told: list[tuple[str, str, tuple[Any, ...]]] = field(default_factory=list)
    filtered: list[Dimension] = field(default_factory=list)
    measures: list[Asked] = field(default_factory=list)
    views: set[str] = field(default_factory=set)

    def predicate(self, written: Filter | FilterGroup) -> Predicate:
        """The predicate of a filter or group; raises QueryError for what cannot be compared."""
        if isinstance(written, FilterGroup):
            if not written.parts:
                raise QueryError(
                    Issue("E_FILTER", f"This {written.junction!r} holds no filters.", member=written.where)
                )
            return Junction(written.junction, tuple(self.predicate(part) for part in written.parts))
        hit = find(self.model, written.member, (Dimension, Measure), f"{written.where}.member")
        operator = _operator(written)
        if isinstance(hit.target, Measure):
            self.measures.append(Asked(written.member, hit.target, hit.view))
            return self._on_measure(self.measures[-1], operator, written)
        self.through(hit)
        self.filtered.append(hit.target)  # type: ignore[arg-type]
        self.told.append((written.member, operator.name, written.values))
        if hit.granularity is not None:
            message = f"{written.member!r} is a bucket of time; filter on the time itself."
            raise QueryError(Issue("E_FILTER", message, member=written.where, hint="Give a date range instead."))
        return self._compare(hit.use, operator, written.values, written.where, written.member)

    def declared(self, condition: Condition, view: View) -> Predicate:
        """The predicate of a view's declared condition."""
        member = view.declared((condition.member or "").removeprefix(view.name + "."))
        assert isinstance(member.target, Dimension)
        use = Use(member.target, member.path, tuple((member.axis or {}).items()))
        operator = operator_named(condition.operator or "equals") or OPERATORS["equals"]
        return self._compare(use, operator, condition.values, view.name)

    def included(self, condition: Condition, dimension_of: Callable[[str], Dimension]) -> Predicate:
        """The predicate of a condition that a multi-stage measure adds; `dimension_of` gives what it names."""
        if condition.junction:
            return Junction(condition.junction, tuple(self.included(part, dimension_of) for part in condition.parts))
        return self.owned(Use(dimension_of(condition.member or "")), condition.operator or "equals", condition.values)

    def owned(self, use: Use, operator: str, values: tuple[Any, ...]) -> Predicate:
        """The predicate of a policy, or of a measure's own filter, on a dimension."""
        return self._compare(use, operator_named(operator) or OPERATORS["equals"], values, use.dimension.full_name)

    def through(self, hit: Found) -> None:
        """Remember that a dimension or segment is read through its view, whose row-level policy then holds for the query."""
        if hit.view is not None:
            self.views.add(hit.view.name)

    def segment(self, name: str, where: str) -> Predicate:
        """The predicate of a segment."""
        hit = find(self.model, name, (Segment,), where)
        assert isinstance(hit.target, Segment)
        self.through(hit)
        return SegmentUse(hit.target, hit.path)

    def between(self, use: Use, start: datetime | None, end: datetime | None) -> Comparison:
        """Whether a time lies in [start, end), where an end of None is open."""
        found = self._between(use, start, end)
        assert isinstance(found, Comparison)
        return found

    def _between(
        self, timed: Use | Asked, start: datetime | None, end: datetime | None, *, negative: bool = False
    ) -> Comparison | MeasureComparison:
        day = isinstance(timed, Use) and timed.is_date
        ends = [None if moment is None else _bound(moment, day=day) for moment in (start, end)]
        exact = any(isinstance(each, datetime) and each.time() != datetime.min.time() for each in ends)
        slots = tuple(None if each is None else self.values.shared(each) for each in ends)
        return _compared(timed, "range", slots, negative=negative, exact=exact)

    def _compare(
        self, use: Use, operator: Operator, values: tuple[Any, ...], where: str, asked: str | None = None
    ) -> Predicate:
        dimension = use.dimension
        name = asked or dimension.full_name
        if dimension.type not in operator.types:
            fitting = [row.name for row in OPERATORS.values() if dimension.type in row.types]
            message = f"{operator.name} cannot be used on {name}, which is a {dimension.type}."
            raise QueryError(Issue("E_OPERATOR", message, member=where, hint=f"Use one of {', '.join(fitting)}."))
        values = _counted(operator, values, where)
        if operator.kind == "set":
            return Comparison(use, "set", null=not operator.negative)
        if dimension.type == "time":
            return self._time(use, operator, values, where)
        if operator.kind == "like":
            return self._like(use, operator, values)
        typed = [typed_value(dimension, value, where, name) for value in values]
        if operator.kind == "compare":
            if typed[0] is None:
                raise QueryError(
                    Issue("E_VALUE", f"{operator.name} compares with a value, not with null.", member=where)
                )
            return Comparison(use, "compare", (self.values.slot(typed[0]),), symbol=operator.symbol)
        slots = tuple(self.values.slot(value) for value in dict.fromkeys(typed) if value is not None)
        return Comparison(use, "in", slots, null=None in typed, negative=operator.negative)

    def _like(self, use: Use, operator: Operator, values: tuple[Any, ...]) -> Predicate:
        parts: list[Predicate] = []
        for value in values:
            if value is None:
                parts.append(Comparison(use, "set", null=not operator.negative))
                continue
            slot = self.values.slot(like_pattern(value, operator.prefix, operator.suffix))
            parts.append(Comparison(use, "like", (slot,), negative=operator.negative))
        return _together(parts, operator, Comparison(use, "set") if None in values else None)

    def _time(self, timed: Use | Asked, operator: Operator, values: tuple[Any, ...], where: str) -> Predicate:
        if any(value is not None and not isinstance(value, str) for value in values):
            name = timed.dimension.full_name if isinstance(timed, Use) else timed.name
            raise QueryError(Issue("E_VALUE", f"{name} is a time; write dates as texts.", member=where))
        try:
            return self._times(timed, operator, values)
        except QueryError as error:
            raise QueryError(
                [
                    Issue(each.code, each.message, member=where, hint=each.hint, candidates=each.candidates)
                    for each in error.issues
                ]
            ) from error

    def _times(self, timed: Use | Asked, operator: Operator, values: tuple[Any, ...]) -> Predicate:
        options = {"now": self.now, "time_zone": self.time_zone}
        if operator.kind == "range":
            both = len(values) == 2
            start, end = parse_bounds(values[0], values[1], **options) if both else parse_range(values[0], **options)  # type: ignore[arg-type]
            return self._between(timed, start, end, negative=operator.negative)
        if operator.kind == "compare":
            span = parse_phrase(values[0], **options)  # type: ignore[arg-type]
            after_instant = span.start + timedelta(milliseconds=1) if span.is_instant else span.end
            if operator.symbol == "<":
                return self._between(timed, None, span.start)
            if operator.symbol == "<=":
                return self._between(timed, None, after_instant)
            return self._between(timed, span.start if operator.symbol == ">=" else after_instant, None)
        parts: list[Predicate] = []
        for value in values:
            if value is None:
                parts.append(_compared(timed, "set", null=not operator.negative))
                continue
            span = parse_phrase(value, **options)  # type: ignore[arg-type]
            end = span.start + timedelta(milliseconds=1) if span.is_instant else span.end
            parts.append(self._between(timed, span.start, end, negative=operator.negative))
        return _together(parts, operator, _compared(timed, "set") if None in values else None)

    def _on_measure(self, asked: Asked, operator: Operator, written: Filter) -> Predicate:
        self.told.append((written.member, operator.name, written.values))
        values = _counted(operator, written.values, written.where)
        if operator.kind == "set":
            return MeasureComparison(asked, "set", null=not operator.negative)
        value_type = asked.measure.type if asked.measure.type in {"string", "boolean", "time"} else "number"
        if value_type not in operator.types or operator.kind == "like":
            fitting = [row.name for row in OPERATORS.values() if value_type in row.types and row.kind != "like"]
            message = f"{operator.name} cannot be used on the metric {written.member!r}, which is a {value_type}."
            hint = f"Use one of {', '.join(fitting)}."
            raise QueryError(Issue("E_OPERATOR", message, member=written.where, hint=hint))
        if value_type == "time":
            return self._time(asked, operator, values, written.where)
        textual = value_type == "string"
        typed = [
            None if v is None else str(v) if textual else number_of(v, written.member, written.where) for v in values
        ]
        slots = tuple(self.values.slot(value) for value in dict.fromkeys(typed) if value is not None)
        if operator.kind == "compare" and not slots:
            raise QueryError(
                Issue("E_VALUE", f"{operator.name} compares with a value, not with null.", member=written.where)
            )
        return MeasureComparison(
            asked, operator.kind, slots, null=None in typed, negative=operator.negative, symbol=operator.symbol
        )


def _operator(written: Filter) -> Operator:
    operator = operator_named(written.operator)
    if written.operator == "measureFilter":
        message = "measureFilter, which filters rows by what a metric counts, is not run."
        hint = "Filter on the dimensions that the metric's own filters read."
        raise QueryError(Issue("E_OPERATOR", message, member=written.where, hint=hint))
    if operator is None:
        candidates = near(written.operator, OPERATORS)
        hint = f"{did_you_mean(candidates) or ''} Operators are {_ALL_OPERATORS}.".strip()
        message = f"There is no operator {written.operator!r}."
        raise QueryError(Issue("E_OPERATOR", message, member=written.where, hint=hint, candidates=candidates))
    return operator


def _compared(
    timed: Use | Asked,
    kind: Literal["set", "range"],
    slots: tuple[int | None, ...] = (),
    *,
    null: bool = False,
    negative: bool = False,
    exact: bool = False,
) -> Comparison | MeasureComparison:
    """A condition on a time, which is a dimension or a metric."""
    if isinstance(timed, Use):
        return Comparison(timed, kind, slots, null=null, negative=negative, exact=exact)
    return MeasureComparison(timed, kind, slots, null=null, negative=negative, exact=exact)


def _together(parts: list[Predicate], operator: Operator, given: Predicate | None) -> Predicate:
    """One of several values, or, for a negative operator, none of them; `given` is that there is a value, where null is listed.

    A negative filter keeps rows without a value; a listed null is taken out by its own part, and the others must not bring it back.
    """
    if operator.negative and given is not None:
        parts = [Junction("and", (part, given)) for part in parts]
    return parts[0] if len(parts) == 1 else Junction("and" if operator.negative else "or", tuple(parts))


def _counted(operator: Operator, values: tuple[Any, ...], where: str) -> tuple[Any, ...]:
    if operator.arity == "none":
        return ()
    if not values:
        raise QueryError(
            Issue("E_VALUE", f"{operator.name} needs a value.", member=where, hint='Give it as "values": ["…"].')
        )
    most = {"one": 1, "range": 2}.get(operator.arity)
    if most is not None and len(values) > most:
        message = f"{operator.name} takes {most} value{'s' if most > 1 else ''}, not {len(values)}."
        raise QueryError(Issue("E_VALUE", message, member=where))
    return values


def _bound(moment: datetime, *, day: bool) -> datetime | date:
    """An end of a range as it is compared: UTC without a zone, or, for dates, the first day that is not before it."""
    if not day:
        return moment.astimezone(UTC).replace(tzinfo=None)
    whole = moment.time() == datetime.min.time()
    return moment.date() if whole else moment.date() + timedelta(days=1)
