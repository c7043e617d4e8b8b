"""A query as it was asked: names, texts and numbers, in one form whichever form it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

OrderKey = tuple[str, bool]
"""A member's name, and whether it is ordered descending."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """A range of dates as it was written.

    kind `phrase`: all of it in `first` ("last quarter"); `bounds`: Cube's two ends, of which an instant at the end is inclusive;
    `ends`: two ends that may each be missing and may each be a phrase.
    """

    kind: Literal["phrase", "bounds", "ends"]
    first: str | None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class TimeDimension:
    """A time to group or to limit by; `dimension` of None means the default one."""

    dimension: str | None
    granularity: str | None = None
    date_range: DateRange | None = None
    compare: tuple[DateRange, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on a member; `where` says which part of the query it is."""

    member: str
    operator: str
    values: tuple[Any, ...] = ()
    where: str = "filters"


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """Conditions that hold together: all of them, or one of them."""

    junction: Literal["and", "or"]
    parts: tuple[Filter | FilterGroup, ...]
    where: str = "filters"


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked; `order` of None means the usual order, `()` the order of the dimensions alone.

    `descending` turns the first column of the usual order; None leaves it as it is.
    `titles` are what the asker calls columns of the result, by their names. `flat` says in which form it came.
    """

    measures: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    time_dimensions: tuple[TimeDimension, ...] = ()
    filters: tuple[Filter | FilterGroup, ...] = ()
    segments: tuple[str, ...] = ()
    order: tuple[OrderKey, ...] | None = None
    descending: bool | None = None
    limit: int | None = None
    offset: int = 0
    time_zone: str | None = None
    total: bool = False
    totals: bool = False
    fill: bool = False
    ungrouped: bool = False
    join_hints: tuple[tuple[str, ...], ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    flat: bool = field(default=False, compare=False)
