"""What a resolved query says, as plain data and in words: members as they were asked, values as they are compared.

A condition as data is a filter of Cube's REST format, so that it can be asked again:

    {"member": "severity", "operator": "equals", "values": ["critical"]}
    {"or": [{"member": "tester", "operator": "notSet"}, …]}
    {"segment": "executed"}                                      a segment, which stands under `segments` there
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.model.members import Dimension, Measure, Segment
from engine.query.names import find
from engine.query.query import FilterGroup
from engine.query.resolved import Comparison, Junction, MeasureComparison, SegmentUse, Use, uses_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from engine.model.model import Model
    from engine.query.query import Filter, Query
    from engine.query.resolved import Predicate, ResolvedQuery, ResolvedRange

_SYMBOLS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
_NEGATED = {
    "equals": "notEquals",
    "contains": "notContains",
    "startsWith": "notStartsWith",
    "endsWith": "notEndsWith",
    "inDateRange": "notInDateRange",
}
_WORDS = {
    "gt": "above",
    "gte": "at least",
    "lt": "below",
    "lte": "at most",
    "contains": "containing",
    "startsWith": "starting with",
    "endsWith": "ending with",
    "notContains": "not containing",
    "notStartsWith": "not starting with",
    "notEndsWith": "not ending with",
    "set": "present",
    "notSet": "missing",
    "beforeDate": "before",
    "afterOrOnDate": "from",
}
_MOST_VALUES = 5
_ESCAPED = re.compile("!(.)", re.DOTALL)
_DATES_ALONE = re.compile(r"(?:(?:from|until|to|[0-9][0-9T:.+-]*Z?) ?)*")
_ANY = (Dimension, Measure, Segment)


@dataclass(frozen=True, slots=True)
class Describer:
    """Puts the parts of one resolved query into data and words; `names` are the query's own names for what it uses."""

    names: Mapping[Use | SegmentUse, str]
    values: Sequence[Any]
    time_zone: str

    def name(self, use: Use | SegmentUse) -> str:
        """How the query calls a dimension or segment; its full name where it is not the query that names it."""
        if isinstance(use, SegmentUse):
            return self.names.get(use, use.segment.full_name)
        return self.names.get(use, use.dimension.full_name)

    def condition(self, predicate: Predicate) -> dict[str, Any]:
        """A condition as data."""
        if isinstance(predicate, Junction):
            return {predicate.kind: [self.condition(part) for part in predicate.parts]}
        if isinstance(predicate, SegmentUse):
            return {"segment": self.name(predicate)}
        name = predicate.measure.name if isinstance(predicate, MeasureComparison) else self.name(predicate.use)
        return {"member": name, **(self._ranged if predicate.kind == "range" else self._compared)(predicate)}

    def words(self, predicate: Predicate) -> str:
        """A condition in words."""
        return condition_words(self.condition(predicate))

    def clock(self, moment: datetime | date) -> datetime:
        """A moment on the wall clock of the query's zone."""
        return self._local(moment).replace(tzinfo=None)

    def _compared(self, predicate: Comparison | MeasureComparison) -> dict[str, Any]:
        if predicate.kind == "set":
            return {"operator": "notSet" if predicate.null else "set"}
        values = [self.values[slot] for slot in predicate.slots if slot is not None]
        if predicate.kind == "like":
            return _searched(str(values[0]), negative=predicate.negative)
        if predicate.kind == "compare":
            return {"operator": _SYMBOLS[predicate.symbol], "values": values}
        return {
            "operator": "notEquals" if predicate.negative else "equals",
            "values": [*values, None] if predicate.null else values,
        }

    def _ranged(self, predicate: Comparison | MeasureComparison) -> dict[str, Any]:
        ends: list[Any] = [None if slot is None else self.values[slot] for slot in predicate.slots]
        start, end = ends
        if start is None:
            return {"operator": "beforeDate", "values": [self._instant(end)]}
        if end is None:
            return {"operator": "afterOrOnDate", "values": [self._instant(start)]}
        operator = "notInDateRange" if predicate.negative else "inDateRange"
        return {"operator": operator, "values": list(self.bounds(start, end))}

    def bounds(self, start: datetime | date, end: datetime | date) -> tuple[str, str]:
        """A half-open range as Cube's two bounds: its first and last day, or its first and last millisecond."""
        first, last = self._local(start), self._local(end)
        if _is_day(first) and _is_day(last):
            return first.date().isoformat(), (last - timedelta(days=1)).date().isoformat()
        return self._instant(start), self._instant(end, back=timedelta(milliseconds=1))

    def _instant(self, moment: datetime | date, back: timedelta = timedelta()) -> str:
        local = self._local(moment)
        if _is_day(local) and not back:
            return local.date().isoformat()
        exact = local.astimezone(UTC) - back
        return exact.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _local(self, moment: datetime | date) -> datetime:
        """A bound in the query's zone: bounds of times are kept in UTC without a zone, those of dates as days."""
        zone = ZoneInfo(self.time_zone)
        if not isinstance(moment, datetime):
            return datetime(moment.year, moment.month, moment.day, tzinfo=zone)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)


def names_of(query: Query, resolved: ResolvedQuery, model: Model) -> dict[Use | SegmentUse, str]:
    """What the query calls the dimensions and segments that it uses, buckets by the time that they are of."""
    names: dict[Use | SegmentUse, str] = {}
    written = [*_filtered(query.filters), *(each.member for each in resolved.ranges)]
    written += [each.dimension for each in query.time_dimensions if each.dimension]
    for name in (*written, *query.dimensions):
        found = find(model, name, _ANY, "")
        if isinstance(found.target, Dimension):
            names.setdefault(found.use, name)
    for predicate in resolved.shape.where:
        if isinstance(predicate, SegmentUse):
            view = next(
                (name for name in query.segments if find(model, name, _ANY, "").target is predicate.segment), ""
            )
            names[predicate] = view or predicate.segment.full_name
    for default in resolved.shape.defaults:
        for use in uses_of([default.predicate]):
            if isinstance(use, Use):
                names.setdefault(use, default.member or use.dimension.full_name)
    return names


def date_ranges(where: Iterable[Predicate]) -> tuple[Comparison, ...]:
    """The date ranges among the filters of a query, those that every row has to satisfy."""
    return tuple(
        each
        for each in where
        if isinstance(each, Comparison)
        and each.kind == "range"
        and not each.negative
        and each.use.dimension.type == "time"
    )


def asked_ranges(resolved: ResolvedQuery) -> dict[Predicate, ResolvedRange]:
    """The date ranges that were asked as such, and not as filters, by the condition that each became."""
    conditions = (each for each in resolved.shape.where if isinstance(each, Comparison) and each.is_date_range)
    return dict(zip(conditions, resolved.ranges, strict=True))


def range_data(found: ResolvedRange) -> dict[str, Any]:
    """A date range as data: `from` its first day and `to` its last, both included; with a clock time, before `until`."""
    data: dict[str, Any] = {"member": found.member}
    if found.start is not None:
        data["from"] = found.start.date().isoformat() if _is_day(found.start) else found.start.isoformat()
    if found.end is not None and _is_day(found.end):
        data["to"] = (found.end - timedelta(days=1)).date().isoformat()
    elif found.end is not None:
        data["until"] = found.end.isoformat()
    if phrase_of(found):
        data["asked"] = phrase_of(found)
    return data


def phrase_of(found: ResolvedRange) -> str:
    """The words in which a date range was asked for; nothing where it was plain dates.

    >>> from engine.query.resolved import ResolvedRange
    >>> [phrase_of(ResolvedRange("end_at", None, None, text)) for text in ("last quarter", "from 2026-01-01 to 2026-02-01")]
    ['last quarter', '']
    """
    return "" if _DATES_ALONE.fullmatch(found.phrase) else found.phrase


def range_words(found: ResolvedRange) -> str:
    """A date range in words, from its first day to its last.

    >>> from datetime import UTC, datetime
    >>> from engine.query.resolved import ResolvedRange
    >>> days = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
    >>> range_words(ResolvedRange("end_at", *days, "last quarter"))
    'from 2026-07-01 to 2026-09-30'
    """
    data = range_data(found)
    parts = [f"{word} {data[key]}" for key, word in (("from", "from"), ("to", "to"), ("until", "until")) if key in data]
    return " ".join(parts)


def condition_words(data: Mapping[str, Any]) -> str:
    """A condition as data in words.

    >>> condition_words({"member": "severity", "operator": "notEquals", "values": ["low", None]})
    'severity not low or missing'
    """
    for junction in ("and", "or"):
        if junction in data:
            parts = [condition_words(part) for part in data[junction]]
            joined = f" {junction} ".join(parts)
            return f"({joined})" if len(parts) > 1 else joined
    if "segment" in data:
        return str(data["segment"])
    member, operator, values = data["member"], data["operator"], data.get("values", [])
    if operator in {"inDateRange", "notInDateRange"}:
        return f"{member} {'not ' if operator.startswith('not') else ''}from {values[0]} to {values[-1]}"
    if operator in {"equals", "notEquals"}:
        return f"{member} {'not ' if operator == 'notEquals' else ''}{_listed(values)}"
    return " ".join([member, _WORDS[operator], *([_listed(values)] if values else [])])


def _listed(values: Sequence[Any]) -> str:
    words = [_value_words(value) for value in values[:_MOST_VALUES]]
    if len(values) > _MOST_VALUES:
        words.append(f"{len(values) - _MOST_VALUES} more")
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _value_words(value: Any) -> str:
    if value is None:
        return "missing"
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _searched(pattern: str, *, negative: bool) -> dict[str, Any]:
    """The operator and the text that a LIKE pattern was made of."""
    before, after = pattern.startswith("%"), pattern.endswith("%") and not _escaped_end(pattern)
    text = pattern[1 if before else 0 : len(pattern) - (1 if after else 0)]
    text = _ESCAPED.sub(r"\1", text)
    operator = "contains" if before and after else "endsWith" if before else "startsWith"
    return {"operator": _NEGATED[operator] if negative else operator, "values": [text]}


def _escaped_end(pattern: str) -> bool:
    """Whether the last letter is meant as it stands: an odd number of escapes is before it."""
    body = pattern[:-1]
    return (len(body) - len(body.rstrip("!"))) % 2 == 1


def _filtered(filters: Iterable[Filter | FilterGroup]) -> Iterator[str]:
    for each in filters:
        if isinstance(each, FilterGroup):
            yield from _filtered(each.parts)
        else:
            yield each.member


def _is_day(moment: datetime) -> bool:
    return moment.time() == datetime.min.time()
