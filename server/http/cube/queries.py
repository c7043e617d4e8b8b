"""What one request to Cube's API asks: one query, several, or one for each of several date ranges.

A query goes back to the client *normalised*: with lists where it has none, dates instead of phrases, and each time that is
grouped by among `timeDimensions`. Cube's clients pivot and fill by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from engine import Issue, QueryError
from engine.query.comparison import each_range
from engine.query.parser import parse_query
from engine.query.query import Filter
from engine.query.resolver import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine import Model
    from engine.query.query import FilterGroup, Query, TimeDimension
    from engine.query.resolved import ResolvedQuery

QueryType = Literal["regularQuery", "compareDateRangeQuery", "blendingQuery"]
Layout = Literal["default", "compact", "columnar"]
Choice = TypeVar("Choice", bound=str)

_FRESH = ("no-cache", "must-revalidate")
"""Cube's names for asking the database in any case."""
CACHE_MODES = ("stale-if-slow", "stale-while-revalidate", *_FRESH)
LAYOUTS: tuple[Layout, ...] = ("default", "compact", "columnar")
QUERY_TYPES = ("multi", "regularQuery", "compareDateRangeQuery", "blendingQuery")
"""What clients of Cube's say that a request holds; but for the first, the queries themselves say it."""

_MOST_QUERIES = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for; `fresh`: answers that were kept will not do."""

    kind: QueryType
    queries: tuple[Query, ...]
    layout: Layout
    fresh: bool


def read(written: Any, most_rows: int, cache: Any = None) -> Asked:
    """What the `query` of a request asks; raises QueryError with what is wrong with its form.

    A list of queries is blended; one that compares date ranges becomes a query for each. `most_rows` is the model's limit.
    """
    several = written if isinstance(written, list) else [written]
    if not 0 < len(several) <= _MOST_QUERIES:
        message = f"{len(several)} queries are blended; 1 to {_MOST_QUERIES} can be."
        raise QueryError(Issue("E_QUERY", message, member="query"))
    parsed = [parse_query(each, most_rows) for each in several]
    queries = tuple(each for one in parsed for each in each_range(one))
    kind: QueryType = "regularQuery"
    if isinstance(written, list):
        kind = "blendingQuery"
    elif any(each.compare for each in parsed[0].time_dimensions):
        kind = "compareDateRangeQuery"
    modes = [cache, *(each.get(key) for each in several for key in ("cache", "cacheMode"))]
    fresh = any(map(wants_fresh, modes)) or any(each.get("renewQuery") is True for each in several)
    return Asked(kind, queries, _layout(several[0].get("responseFormat")), fresh)


def wants_fresh(mode: Any) -> bool:
    """Whether a mode of Cube's cache asks the database; raises QueryError for what is no mode. None is the usual one."""
    return _one_of(mode, CACHE_MODES, "cache") in _FRESH


def is_multi(query_type: Any) -> bool:
    """Whether a client reads several results even of one query; raises QueryError for what is no type of a query."""
    return _one_of(query_type, QUERY_TYPES, "queryType") == "multi"


def _layout(written: Any) -> Layout:
    return _one_of(written, LAYOUTS, "responseFormat", "The responseFormat") or "default"


def _one_of(written: Any, choices: tuple[Choice, ...], member: str, named: str | None = None) -> Choice | None:
    """What was chosen, None if nothing was; raises QueryError, which calls the member as it is `named`, for what is no choice."""
    if written is None:
        return None
    if written in choices:
        return choices[choices.index(written)]
    message = f"{named or member} is {', '.join(choices[:-1])} or {choices[-1]}, not {written!r}."
    raise QueryError(Issue("E_QUERY", message, member=member))


@dataclass(frozen=True, slots=True)
class Bucket:
    """A time that is grouped by: its dimension, its granularity, and the column of the result that has it."""

    dimension: str
    granularity: str
    column: str


@dataclass(frozen=True, slots=True)
class Normalised:
    """A query as it was understood: names as asked, `buckets` apart from the other dimensions, dates absolute."""

    query: Query
    resolved: ResolvedQuery
    dimensions: tuple[str, ...]
    buckets: tuple[Bucket, ...]
    ranges: Mapping[str, tuple[str, str]]
    layout: Layout = "default"

    @property
    def date_range(self) -> tuple[str, str] | None:
        """The range of its first time dimension that has one, as Cube labels the sides of a comparison."""
        return next(iter(self.ranges.values()), None)

    def as_dict(self, dimensions: Sequence[str] | None = None) -> dict[str, Any]:
        """The query as clients get it back; `dimensions` in place of its own."""
        query, shape = self.query, self.resolved.shape
        data: dict[str, Any] = {
            "measures": list(query.measures),
            "dimensions": list(self.dimensions if dimensions is None else dimensions),
            "timeDimensions": self._time_dimensions(),
            "filters": [_filter(each) for each in query.filters],
            "segments": list(query.segments),
            "order": [{"id": name, "desc": descending} for name, descending in shape.order],
            "limit": shape.limit if shape.limit >= 0 else None,
            "rowLimit": shape.limit if shape.limit >= 0 else None,
            "offset": shape.offset or None,
            "timezone": shape.time_zone,
            "total": query.total or None,
            "ungrouped": query.ungrouped or None,
            "responseFormat": None if self.layout == "default" else self.layout,
            "queryType": "regularQuery",
        }
        return {name: part for name, part in data.items() if part is not None}

    def _time_dimensions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [
            {"dimension": each.dimension, "granularity": each.granularity} for each in self.buckets
        ]
        bucketed = {each.dimension for each in self.buckets}
        found += [{"dimension": name} for name in self.ranges if name not in bucketed]
        return [
            {**each, "dateRange": list(self.ranges[each["dimension"]])} if each["dimension"] in self.ranges else each
            for each in found
        ]


def normalise(query: Query, model: Model, security: Mapping[str, Any], now: datetime, layout: Layout) -> Normalised:
    """The query as it is understood by `model` as the caller sees it; raises QueryError."""
    resolved = resolve(query, model, security=security, now=now)
    zone = ZoneInfo(resolved.shape.time_zone)
    granularities = {each.name: each.granularity for each in resolved.shape.groupings if each.granularity is not None}
    buckets = []
    dimensions = []
    for name in query.dimensions:
        found = granularities.get(name)
        if found is not None and name.endswith(f".{found.name}") and name.count(".") == 2:
            buckets.append(Bucket(name.removesuffix(f".{found.name}"), found.name, name))
        else:
            dimensions.append(name)
    for each in query.time_dimensions:
        if each.granularity is not None:
            name = _named(each, model)
            column = f"{name.removesuffix(f'.{each.granularity}')}.{each.granularity}"
            buckets.append(Bucket(name, each.granularity, column))
    ranges = {
        each.member: (_clock(each.start, zone), _clock(each.end, zone, back=timedelta(milliseconds=1)))
        for each in resolved.ranges
        if each.start is not None and each.end is not None
    }
    return Normalised(query, resolved, tuple(dimensions), tuple(dict.fromkeys(buckets)), ranges, layout)


def pivot_query(kind: QueryType, queries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The query that clients pivot by: the first, with what tells the sides apart among its dimensions."""
    first = {**queries[0], "queryType": kind}
    if kind == "compareDateRangeQuery":
        return {**first, "dimensions": ["compareDateRange", *first["dimensions"]]}
    if kind == "regularQuery":
        return first
    times = [time for each in queries for time in each["timeDimensions"] if "granularity" in time]
    time = {"dimension": "time", **({"granularity": times[0]["granularity"]} if times else {})}
    return {
        "measures": list(dict.fromkeys(name for each in queries for name in each["measures"])),
        "dimensions": list(dict.fromkeys(name for each in queries for name in each["dimensions"])),
        "timeDimensions": [time],
        "queryType": kind,
    }


def _named(entry: TimeDimension, model: Model) -> str:
    view = model.default_view
    return entry.dimension or (view and view.default_time_dimension) or ""


def _clock(moment: datetime, zone: ZoneInfo, back: timedelta = timedelta()) -> str:
    """A moment as Cube writes it: on the clock of the query's zone, to the millisecond, without the zone."""
    return (moment.astimezone(zone).replace(tzinfo=None) - back).isoformat(timespec="milliseconds")


def _filter(part: Filter | FilterGroup) -> dict[str, Any]:
    if not isinstance(part, Filter):
        return {part.junction: [_filter(each) for each in part.parts]}
    data: dict[str, Any] = {"member": part.member, "operator": part.operator}
    return {**data, "values": [_text(each) for each in part.values]} if part.values else data


def _text(value: Any) -> Any:
    return ("true" if value else "false") if isinstance(value, bool) else value if value is None else str(value)
