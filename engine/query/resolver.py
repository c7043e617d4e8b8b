"""From names to members: what a query means in a model, with dates resolved, values checked and limits held."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from engine.errors import Issue, QueryError, did_you_mean
from engine.model.grains import member_named
from engine.model.lineage import every_part
from engine.model.members import Dimension, Measure, Segment
from engine.query.access import seen
from engine.query.conditions import Conditions, Values
from engine.query.dates import parse_bounds, parse_end, parse_range, parse_start, zone_of
from engine.query.flat_places import in_flat_form
from engine.query.names import find, granularity_of
from engine.query.query import DateRange, FilterGroup
from engine.query.resolved import (
    Asked,
    DefaultFilter,
    Grouping,
    Predicate,
    ResolvedQuery,
    ResolvedRange,
    Shape,
    Use,
)
from engine.query.security import policies_for
from engine.spelling import near

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from engine.model.model import Condition, Model, View
    from engine.query.query import Filter, Query, TimeDimension
    from engine.query.resolved import Role

P = ParamSpec("P")
T = TypeVar("T")


def resolve(
    query: Query, model: Model, *, security: Mapping[str, Any] | None = None, now: datetime | None = None
) -> ResolvedQuery:
    """What `query` means in `model`, for someone with these security values, at the moment `now`.

    Raises QueryError with every mistake found: names that do not exist, values that cannot be, limits that are exceeded.
    """
    try:
        return _Resolver(query, model, security, now or datetime.now(UTC)).resolve()
    except QueryError as error:
        if not query.flat:
            raise
        raise QueryError([in_flat_form(issue, query) for issue in error.issues]) from error


class _Resolver:
    def __init__(self, query: Query, model: Model, security: Mapping[str, Any] | None, now: datetime) -> None:
        self.query = query
        self.model = seen(model, security)
        self.now = now if now.tzinfo else now.replace(tzinfo=UTC)
        self.time_zone = query.time_zone or model.settings.time_zone
        self.issues: list[Issue] = []
        self.ranges: list[ResolvedRange] = []
        self.ordering: list[Asked] = []
        self.policies, secrets = policies_for(self.model, security)
        self.values = Values(list(secrets))
        self.conditions = Conditions(self.model, self.values, self.now, self.time_zone)

    def resolve(self) -> ResolvedQuery:
        query = self.query
        if query.time_zone is not None:
            self._try(zone_of, self.time_zone)
            self._stop()
        measures = self._measures()
        groupings = self._groupings()
        where, having = self._filters()
        where += self._ranges()
        where += [
            self.conditions.segment(name, "segments")
            for name in query.segments
            if self._known(name, (Segment,), "segments")
        ]
        defaults = self._defaults(measures)
        self._limits(measures, groupings)
        order = self._order(groupings, measures)
        hints = [hint for hint in query.join_hints if self._hint(hint)]
        hints += [path for view in self._views(measures) for path in view.join_paths]
        self._stop()
        limits = self.model.settings.limits
        shape = Shape(
            ordering=tuple(self.ordering),
            groupings=tuple(groupings),
            measures=tuple(measures),
            where=tuple(where),
            having=tuple(having),
            defaults=tuple(defaults),
            policies=self.policies,
            order=tuple(order),
            limit=limits.default_rows if query.limit is None else query.limit,
            offset=query.offset,
            time_zone=self.time_zone,
            hints=tuple(hints),
            ungrouped=query.ungrouped,
            fill=query.fill,
            guards=tuple(name for name in sorted(self.conditions.views) if self.model.views[name].policies),
            included=tuple(self._included([*measures, *self.conditions.measures, *self.ordering])),
        )
        self._stop()
        return ResolvedQuery(
            shape=shape,
            values=tuple(self.values.items),
            ranges=tuple(self.ranges),
            filters=tuple(self.conditions.told),
            now=self.now,
            limit_asked=query.limit,
            total=query.total,
            totals=query.totals,
            titles=query.titles,
        )

    def _measures(self) -> list[Asked]:
        found = []
        for index, name in enumerate(self.query.measures):
            hit = self._try(find, self.model, name, (Measure,), f"measures[{index}]")
            if hit is not None and isinstance(hit.target, Measure):
                found.append(Asked(name, hit.target, hit.view))
        return found

    def _groupings(self) -> list[Grouping]:
        groupings: dict[str, Grouping] = {}
        for index, name in enumerate(self.query.dimensions):
            hit = self._try(find, self.model, name, (Dimension,), f"dimensions[{index}]")
            if hit is None or not isinstance(hit.target, Dimension):
                continue
            self.conditions.through(hit)
            role: Role = "key" if hit.is_key else "time" if hit.granularity else "dimension"
            grouping = Grouping(name, hit.use, role, hit.granularity)
            key = hit.target.key
            if key is not None and hit.granularity is None and not hit.is_key:
                # The key comes first: rows are grouped by it, the label goes with it.
                use = Use(key, hit.use.path, hit.use.axis)
                groupings.setdefault(f"{name}_id", Grouping(f"{name}_id", use, "key", label_of=name))
            groupings.setdefault(name, grouping)
        for index, entry in enumerate(self.query.time_dimensions):
            if entry.granularity is None and entry.date_range is None and entry.dimension is not None:
                self._try(self._is_time, entry.dimension, f"timeDimensions[{index}].dimension")
            if entry.granularity is not None:
                self._try(self._bucketed, entry, index, groupings)
        return list(groupings.values())

    def _is_time(self, name: str, where: str) -> None:
        """Refuse what is no time, though nothing is asked of it."""
        hit = find(self.model, name, (Dimension,), where)
        if isinstance(hit.target, Dimension) and hit.target.type != "time":
            message = f"{name!r} is no time."
            raise QueryError(Issue("E_TIME_DIMENSION", message, member=where, hint="Name it among the dimensions."))

    def _bucketed(self, entry: TimeDimension, index: int, groupings: dict[str, Grouping]) -> None:
        name = entry.dimension or self._default_time_dimension(f"timeDimensions[{index}]")
        hit = find(self.model, name, (Dimension,), f"timeDimensions[{index}].dimension")
        assert isinstance(hit.target, Dimension)
        self.conditions.through(hit)
        granularity = granularity_of(hit.target, entry.granularity or "", f"timeDimensions[{index}].granularity")
        # The name of a bucket is its dimension's with the granularity, whatever bucket the view shows it in.
        base = name.removesuffix(f".{entry.granularity}")
        bucket = f"{base}.{granularity.name}"
        groupings.setdefault(bucket, Grouping(bucket, hit.use, "time", granularity))

    def _default_time_dimension(self, where: str) -> str:
        views = {each.view.name: each.view for each in self._asked_views() if each.view}
        if not views and self.model.default_view is not None:
            views = {self.model.default_view.name: self.model.default_view}
        for view in views.values():
            if view.default_time_dimension:
                flat = view is self.model.default_view
                return view.default_time_dimension if flat else f"{view.name}.{view.default_time_dimension}"
        hint = "Name it as `time_dimension`, or in `timeDimensions`; a view can set `default_time_dimension`."
        raise QueryError(
            Issue(
                "E_TIME_DIMENSION",
                "A date range needs a time dimension, and there is no default one.",
                member=where,
                hint=hint,
            )
        )

    def _asked_views(self) -> Iterable[Asked]:
        for name in self.query.measures:
            hit = self._quiet(name, (Measure,))
            if hit is not None and isinstance(hit.target, Measure):
                yield Asked(name, hit.target, hit.view)

    def _quiet(self, name: str, kinds: tuple[type[Any], ...]) -> Any:
        try:
            return find(self.model, name, kinds, "")
        except QueryError:
            return None

    def _filters(self) -> tuple[list[Predicate], list[Predicate]]:
        where: list[Predicate] = []
        having: list[Predicate] = []
        for each in self.query.filters:
            kinds = self._kinds(each)
            if kinds == {Measure}:
                having += self._predicate(each)
            elif Measure in kinds:
                message = "One group of filters names metrics and dimensions; rows and groups are filtered at different times."
                self.issues.append(Issue("E_FILTER", message, member=each.where, hint="Put them into separate groups."))
            else:
                where += self._predicate(each)
        return where, having

    def _predicate(self, each: Filter | FilterGroup) -> list[Predicate]:
        found = self._try(self.conditions.predicate, each)
        return [found] if found is not None else []

    def _kinds(self, each: Filter | FilterGroup) -> set[type[Any]]:
        if isinstance(each, FilterGroup):
            return set().union(*(self._kinds(part) for part in each.parts)) if each.parts else set()
        hit = self._quiet(each.member, (Dimension, Measure))
        return {type(hit.target)} if hit else {Dimension}

    def _ranges(self) -> list[Predicate]:
        """The date ranges, each once, however many buckets of its time are asked."""
        found: list[Predicate] = []
        for index, entry in enumerate(self.query.time_dimensions):
            if entry.date_range is None:
                continue
            ranged = self._try(self._range, entry, f"timeDimensions[{index}].dateRange")
            if ranged is not None and ranged[0] not in found:
                found.append(ranged[0])
                self.ranges.append(ranged[1])
        return found

    def _range(self, entry: TimeDimension, where: str) -> tuple[Predicate, ResolvedRange]:
        assert entry.date_range is not None
        name = entry.dimension or self._default_time_dimension(where)
        hit = find(self.model, name, (Dimension,), where)
        assert isinstance(hit.target, Dimension)
        self.conditions.through(hit)
        if hit.target.type != "time":
            message = f"{name!r} is no time, so it has no date range."
            raise QueryError(Issue("E_TIME_DIMENSION", message, member=where))
        start, end = self._ends(entry.date_range, where)
        told = ResolvedRange(name, start, end, _phrase(entry.date_range))
        return replace(self.conditions.between(hit.use, start, end), is_date_range=True), told

    def _ends(self, written: DateRange, where: str) -> tuple[datetime | None, datetime | None]:
        now, zone = self.now, self.time_zone
        try:
            if written.kind == "phrase":
                return parse_range(written.first or "", now=now, time_zone=zone)
            if written.kind == "bounds":
                return parse_bounds(written.first or "", written.last or "", now=now, time_zone=zone)
        except QueryError as error:
            raise QueryError([_at(issue, where) for issue in error.issues]) from error
        start = self._end(parse_start, written.first, f"{where}[0]")
        end = self._end(parse_end, written.last, f"{where}[1]")
        if start is not None and end is not None and end <= start:
            message = f"The range ends before it starts: from {written.first!r} to {written.last!r}."
            raise QueryError(Issue("E_DATE", message, member=where, hint="Exchange the two."))
        return start, end

    def _end(self, parse: Callable[..., datetime], written: str | None, where: str) -> datetime | None:
        """One of two ends that stand by themselves."""
        try:
            return parse(written, now=self.now, time_zone=self.time_zone) if written else None
        except QueryError as error:
            raise QueryError([_at(issue, where) for issue in error.issues]) from error

    def _defaults(self, measures: list[Asked]) -> list[DefaultFilter]:
        """The default filters of the views asked, less those that the query's own filters lift."""
        found = []
        filtered = self.conditions.filtered
        for view in self._views(measures):
            for condition in view.default_filters:
                named = [condition.member, *condition.unless] if condition.member else [*condition.unless]
                targets = [view.declared(name.removeprefix(view.name + ".")).target for name in named]
                if any(target is each for target in targets for each in filtered):
                    continue
                predicate = self._try(self.conditions.declared, condition, view)
                if predicate is not None:
                    found.append(
                        DefaultFilter(view.name, condition.member or "", predicate, _names_hidden(condition, view))
                    )
        return found

    def _included(self, asked: Iterable[Asked]) -> Iterable[tuple[Measure, Predicate]]:
        """The filters that multi-stage measures among these, and among those that they are computed from, add by themselves."""
        for measure in every_part(each.measure for each in asked):
            for condition in measure.context.include if measure.context is not None else ():
                predicate = self._try(self.conditions.included, condition, self._dimension_of)
                if predicate is not None:
                    yield measure, predicate

    def _dimension_of(self, name: str) -> Dimension:
        found = member_named(self.model, name)
        assert isinstance(found, Dimension)
        return found

    def _views(self, measures: list[Asked]) -> Iterable[View]:
        """The views that the query is asked through: those of its measures, or of its dimensions if it has none."""
        views: dict[str, View] = {each.view.name: each.view for each in measures if each.view}
        if not measures:
            timed = [each.dimension for each in self.query.time_dimensions if each.dimension and each.granularity]
            hits = [self._quiet(name, (Dimension,)) for name in (*self.query.dimensions, *timed)]
            views = {hit.view.name: hit.view for hit in hits if hit is not None and hit.view}
        return views.values()

    def _limits(self, measures: list[Asked], groupings: list[Grouping]) -> None:
        limits = self.model.settings.limits
        dimensions = [each for each in groupings if each.role != "key" or each.label_of is None]
        self._limit("dimensions", len(dimensions), limits.dimensions, "dimensions (time buckets count)")
        self._limit("metrics", len(measures), limits.measures, "metrics")
        if self.query.limit is not None:
            self._limit("limit", self.query.limit, limits.rows, "rows")

    def _limit(self, where: str, asked: int, most: int | None, what: str) -> None:
        if most is not None and asked > most:
            message = f"{asked} {what} are asked for; this model allows at most {most}."
            self.issues.append(
                Issue(
                    "E_LIMIT",
                    message,
                    member=where,
                    hint="Ask for fewer; `limits` in model.yml says how many there may be.",
                )
            )

    def _order(self, groupings: list[Grouping], measures: list[Asked]) -> list[tuple[str, bool]]:
        """The columns to order by, each with whether it descends; ties are broken by every dimension, by label, then key."""
        order: dict[str, bool] = {}
        if self.query.order is None:
            order |= self._usual(groupings, measures)
        else:
            for name, descending in self.query.order:
                column = self._column(name, groupings, measures)
                if column is not None:
                    order.setdefault(column, descending)
        keys = {each.label_of: each.name for each in groupings if each.label_of}
        for each in groupings:
            if each.label_of is None:
                order.setdefault(each.name, False)
                if each.name in keys:
                    order.setdefault(keys[each.name], False)
        return list(order.items())

    def _usual(self, groupings: list[Grouping], measures: list[Asked]) -> dict[str, bool]:
        """The first column where none is named: time ascends, without it the first measure descends, else a dimension ascends."""
        times = [each.name for each in groupings if each.role == "time"]
        usual = [
            *((name, False) for name in times),
            *((each.name, True) for each in measures),
            *((each.name, False) for each in groupings if each.label_of is None),
        ]
        asked = self.query.descending
        return {name: usually if asked is None else asked for name, usually in usual[:1]}

    def _column(self, name: str, groupings: list[Grouping], measures: list[Asked]) -> str | None:
        """The column of the result that an order means; a time may be named without its granularity."""
        names = [*(each.name for each in groupings), *(each.name for each in measures)]
        if name in names:
            return name
        timed = [
            each.name
            for each in groupings
            if each.granularity and name in {each.name.rpartition(".")[0], f"{each.name}"}
        ]
        hit = self._quiet(name, (Dimension, Measure))
        if not timed and hit is not None:
            timed = [each.name for each in groupings if each.use.dimension is hit.target]
            timed += [each.name for each in measures if each.measure is hit.target]
        if timed:
            return timed[0]
        if hit is not None and isinstance(hit.target, Measure):
            self.ordering.append(Asked(name, hit.target, hit.view))
            return name
        candidates = near(name, names)
        hint = did_you_mean(candidates) or f"Order by one of {', '.join(names)}."
        message = f"The result has no column {name!r} to order by."
        self.issues.append(Issue("E_ORDER", message, member="order", hint=hint, candidates=candidates))
        return None

    def _hint(self, hint: tuple[str, ...]) -> bool:
        for cube in hint:
            if cube not in self.model.cubes:
                candidates = near(cube, self.model.cubes)
                issue = Issue(
                    "E_NAME_NOT_FOUND", f"There is no cube {cube!r}.", member="joinHints", hint=did_you_mean(candidates)
                )
                self.issues.append(issue)
                return False
        if self.model.graph.along(hint) is None:
            message = f"{'.'.join(hint)} is no path: two of its cubes are not joined."
            self.issues.append(Issue("E_NO_PATH", message, member="joinHints"))
            return False
        return True

    def _known(self, name: str, kinds: tuple[type[Any], ...], where: str) -> bool:
        return self._try(find, self.model, name, kinds, where) is not None

    def _try(self, part: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T | None:
        """What `part` gives, or None if it refuses; then its issues are kept."""
        try:
            return part(*arguments, **options)
        except QueryError as error:
            self.issues.extend(error.issues)
            return None

    def _stop(self) -> None:
        if self.issues:
            raise QueryError(dict.fromkeys(self.issues))


def _names_hidden(condition: Condition, view: View) -> bool:
    """Whether a default filter reads a member that the asker may not see."""
    name = (condition.member or "").removeprefix(view.name + ".")
    return name in view.hidden or any(_names_hidden(part, view) for part in condition.parts)


def _phrase(written: DateRange) -> str:
    """A date range in the words in which it was asked for."""
    first, last = written.first, written.last
    if written.kind != "ends":
        return " to ".join(each for each in (first, last) if each)
    if first and first == last:
        return first
    return " ".join([*([f"from {first}"] if first else []), *([f"until {last}"] if last else [])])


def _at(issue: Issue, where: str) -> Issue:
    return Issue(issue.code, issue.message, member=where, hint=issue.hint, candidates=issue.candidates)
