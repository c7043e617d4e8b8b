"""A measure over the rows of one group."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.oracle.model import NonAdditive, Row
    from tests.oracle.names import Reference
    from tests.oracle.rows import Rows


def aggregate(data: Rows, reference: Reference, rows: list[Row]) -> Any:
    """The value of a measure with a home over some of its rows: over none, 0 for counts and NULL for all others."""
    measure, cube = reference.measure, data.model.cube(reference.owner)
    if measure.non_additive:
        return _at_one_date(data, reference, measure.non_additive, rows)
    kept = [row for row in rows if all(data.at(cube, row, each) is True for each in measure.filters)]
    values = [value for row in kept if (value := data.at(cube, row, measure.expression)) is not None]
    match measure.type:
        case "count":
            return len(values)
        case "count_distinct" | "count_distinct_approx":
            # Sketches are exact for as few values as the tests have.
            return len(set(values))
        case "sum":
            return sum(values) if values else None
        case "avg":
            return sum(values) / len(values) if values else None
        case "min":
            return min(values, default=None)
        case "max":
            return max(values, default=None)
        case "median" | "percentile":
            return interpolated(sorted(values), 0.5 if measure.percentile is None else measure.percentile)
    raise AssertionError(measure)


def _at_one_date(data: Rows, reference: Reference, chosen: NonAdditive, rows: list[Row]) -> Any:
    """A measure of a stock: over the rows of one date, or the least or greatest of all dates' values."""
    cube = data.model.cube(reference.owner)
    flow = replace(reference, member=replace(reference.measure, non_additive=None))
    dates: dict[Any, list[Row]] = {}
    for row in rows:
        dates.setdefault(data.of_dimension(cube, row, cube.dimension(chosen.dimension)), []).append(row)
    dates.pop(None, None)
    values = [aggregate(data, flow, dates[date]) for date in sorted(dates)] or [aggregate(data, flow, [])]
    known = [value for value in values if value is not None]
    match chosen.choose:
        case "last":
            return values[-1]
        case "first":
            return values[0]
        case "min":
            return min(known, default=None)
        case "max":
            return max(known, default=None)


def interpolated(values: list[Any], share: float) -> float | None:
    """The value below which a share of the values lies, interpolated between two where it lies between them."""
    if not values:
        return None
    place = share * (len(values) - 1)
    low, high = values[math.floor(place)], values[math.ceil(place)]
    return float(low + (high - low) * (place - math.floor(place)))
