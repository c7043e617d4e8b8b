"""Which tests, products and tables of TestIO a query reads, found from the query as it was understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.model.members import Dimension, Measure, Segment
from engine.query.names import find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine import Model, Scope

Column = tuple[str, str]
"""A table and one of its columns."""

_TESTS: dict[Column, str] = {("tests", "id"): "test_ids", ("bugs", "test_id"): "test_ids"}
_PRODUCTS: dict[Column, str] = {("tests", "product_id"): "product_ids", ("products", "id"): "product_ids"}
_TITLES: dict[Column, str] = {("products", "title"): "product_titles"}
_NARROWING = {**_TESTS, **_PRODUCTS, **_TITLES}
_END: Column = ("tests", "end_at")
_ANY = (Dimension, Measure, Segment)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a query reads at most: of these products and tests (empty: of all), ended in this half-open range (UTC, no zone)."""

    tables: frozenset[str]
    product_ids: tuple[int, ...] = ()
    product_titles: tuple[str, ...] = ()
    test_ids: tuple[int, ...] = ()
    ended_from: datetime | None = None
    ended_before: datetime | None = None


def reading_of(scope: Scope, model: Model) -> Reading:
    """What a query reads; a filter that cannot be told in these terms narrows nothing."""
    named: dict[str, tuple[Any, ...]] = {}
    for condition in scope.query.get("filters", ()):
        part = _NARROWING.get(_column_of(model, condition.get("member", ""))) if _is_choice(condition) else None
        if part is not None:
            named[part] = _both(named.get(part), condition["values"])
    start, end = (None, None) if _reads_beyond(scope, model) else _ended(scope, model)
    tables = frozenset(source.table for source in scope.sources if source.table)
    return Reading(tables, **named, ended_from=start, ended_before=end)


def _is_choice(condition: Mapping[str, Any]) -> bool:
    return condition.get("operator") == "equals" and None not in condition["values"]


def _both(before: tuple[Any, ...] | None, values: Sequence[Any]) -> tuple[Any, ...]:
    """Values that two conditions on one column allow; where none does, the query reads nothing and either may stand."""
    common = tuple(value for value in values if before is None or value in before)
    return common or tuple(values)


def _column_of(model: Model, name: str) -> Column:
    """The column that a dimension is; no column at all for an expression or a measure."""
    found = find(model, name, _ANY, "") if name else None
    if found is None or found.axis or not isinstance(found.target, Dimension):
        return ("", "")
    dimension = found.target.key if found.is_key and found.target.key else found.target
    table = model.cubes[dimension.cube].table
    if table is None or not dimension.sql.is_column:
        return ("", "")
    return table[-1], dimension.sql.text.rpartition(".")[2].strip()


def _ended(scope: Scope, model: Model) -> tuple[datetime | None, datetime | None]:
    """The range of ends of tests; the query's days are days of its time zone."""
    zone = ZoneInfo(scope.query.get("time_zone", "UTC"))
    starts, ends = [], []
    for asked in scope.query.get("date_ranges", ()):
        if _column_of(model, asked["member"]) != _END:
            continue
        if "from" in asked:
            starts.append(_utc(asked["from"], zone))
        if "to" in asked:
            ends.append(_utc(asked["to"], zone, days=1))
        if "until" in asked:
            ends.append(_utc(asked["until"], zone))
    return max(starts, default=None), min(ends, default=None)


def _utc(text: str, zone: ZoneInfo, days: int = 0) -> datetime:
    moment = datetime.fromisoformat(text) + timedelta(days=days)
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return local.astimezone(UTC).replace(tzinfo=None)


def _reads_beyond(scope: Scope, model: Model) -> bool:
    """Whether a metric reads rows outside of the range that is asked for, as rolling windows and shifts in time do."""
    metrics = (find(model, name, _ANY, "").target for name in scope.query.get("metrics", ()))
    return any(
        leaf.rolling_window is not None or leaf.time_shift
        for metric in metrics
        if isinstance(metric, Measure)
        for leaf in _tree(metric)
    )


def _tree(measure: Measure) -> Iterator[Measure]:
    yield measure
    for reference in measure.references.values():
        yield from _tree(reference)
