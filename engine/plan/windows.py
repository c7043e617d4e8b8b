"""Rolling windows and time shifts: which time they go by, and which buckets they are shown in (DESIGN rule 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Issue, QueryError
from engine.model.granularity import PREDEFINED
from engine.plan.plan import Window
from engine.query.resolved import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.model.granularity import Granularity
    from engine.model.members import RollingWindow
    from engine.query.resolved import Grouping, Predicate, Shape, Use

_ORDER = tuple(PREDEFINED)


def window_of(shape: Shape, rolling: RollingWindow, named: Sequence[str]) -> Window:
    """The window of rolling measures in a query; `named` are the measures, for messages.

    Raises QueryError where there is no time to roll over, or where the query's buckets do not nest.
    """
    bucketed = [grouping for grouping in shape.groupings if grouping.granularity is not None]
    use = bucketed[0].use if bucketed else _ranged(shape.where)
    if use is None:
        if rolling.trailing == "unbounded" and not rolling.to_date:
            return Window(rolling, None, None, (), None)
        hint = "Group by a time dimension with a granularity, or give a date range."
        message = f"{named[0]} is rolling: it needs a time to roll over."
        raise QueryError(Issue("E_WINDOW", message, member=named[0], hint=hint))
    groupings = tuple(grouping for grouping in bucketed if grouping.use == use)
    finest = _finest(groupings) if groupings else None
    return Window(rolling, use, finest, groupings, range_on(shape.where, use))


def before(where: Iterable[Predicate], window: Window) -> tuple[Predicate, ...]:
    """The filters of what a window reads: all but the range, which picks the buckets that are shown."""
    return tuple(each for each in where if each is not window.bounds)


def range_on(where: Iterable[Predicate], use: Use) -> Comparison | None:
    """The date range that the query gives for a time."""
    return next((each for each in _ranges(where) if each.use == use), None)


def _ranged(where: Iterable[Predicate]) -> Use | None:
    return next((each.use for each in _ranges(where)), None)


def _ranges(where: Iterable[Predicate]) -> Iterator[Comparison]:
    return (each for each in where if isinstance(each, Comparison) and each.is_date_range)


def _finest(groupings: Sequence[Grouping]) -> Granularity:
    """The granularity of which the buckets of all the others are made up."""
    granularities = [grouping.granularity for grouping in groupings if grouping.granularity is not None]
    finest = min(granularities, key=_length)
    for other in granularities:
        if other is not finest and not nests(finest, other):
            message = f"Buckets of {finest.name} do not make up whole buckets of {other.name}."
            hint = "Ask a rolling metric by one of them, or by day as well."
            raise QueryError(Issue("E_WINDOW", message, member=other.name, hint=hint))
    return finest


def _length(granularity: Granularity) -> float:
    return granularity.seconds or granularity.months * 30 * 86_400


def nests(fine: Granularity, coarse: Granularity) -> bool:
    """Whether whole buckets of one granularity make up each bucket of another."""
    if not fine.predefined or fine.name == "week":
        return False
    if coarse.predefined:
        return _ORDER.index(fine.name) <= _ORDER.index(coarse.name)
    return coarse.whole_days and fine.name in {"second", "minute", "hour", "day"}
