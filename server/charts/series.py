"""Series: the values of a metric at the places along a chart, one series for each value of the other dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from server.charts.chart import Series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.charts.frame import Dimension, Measure, Place

MOST_SERIES = 7
"""As many colours can be told apart, also by people who see fewer of them; one more, before one alone is left out."""

Row: TypeAlias = "Sequence[Any]"
Group: TypeAlias = "tuple[Place, ...]"


class Groups:
    """The combinations of the other dimensions, those first that a metric is highest in.

    They go by the sum of the metric's values where it adds up, else by the highest. `shown` have a series of their own;
    `left_out` are the names of the others.
    """

    def __init__(self, rows: Sequence[Row], dimensions: Sequence[Dimension], measure: Measure) -> None:
        self.rows, self.dimensions = rows, dimensions
        weights: dict[Group, float] = {}
        adds_up = measure.adds_up(rows)
        for row in rows:
            group, value = self._group(row), row[measure.index] or 0
            before = weights.get(group)
            weights[group] = value if before is None else before + value if adds_up else max(before, value)
        ranked = sorted(weights, key=lambda group: -weights[group])
        self.shown = ranked[: MOST_SERIES + (len(ranked) == MOST_SERIES + 1)]
        names = self._names(ranked)
        self.names = {group: names[group] for group in self.shown}
        self.left_out = [names[group] for group in ranked[len(self.shown) :]]

    def series(self, measure: Measure, along: Dimension, places: Sequence[Place], *, with_rest: bool) -> list[Series]:
        """A series for each group that is shown, and `with_rest` one more for the sum of all others."""
        values: dict[tuple[Group, Place], Any] = {}
        rest: dict[Place, float] = {}
        for row in self.rows:
            group, place, value = self._group(row), along.place(row), row[measure.index]
            if group in self.names:
                values[group, place] = value
            elif value is not None:
                rest[place] = rest.get(place, 0) + value
        found = [
            Series(name, tuple(values.get((group, place)) for place in places)) for group, name in self.names.items()
        ]
        if with_rest and self.left_out:
            found.append(Series(f"{len(self.left_out)} more", tuple(rest.get(place) for place in places), rest=True))
        return found

    def _group(self, row: Row) -> Group:
        return tuple(dimension.place(row) for dimension in self.dimensions)

    def _names(self, groups: Sequence[Group]) -> dict[Group, str]:
        labels = []
        for index, dimension in enumerate(self.dimensions):
            places = list(dict.fromkeys(group[index] for group in groups))
            labels.append(dict(zip(places, dimension.labels(places), strict=True)))
        return {group: " · ".join(named[place] for named, place in zip(labels, group, strict=True)) for group in groups}


def series_of(measure: Measure, rows: Sequence[Row], along: Dimension, places: Sequence[Place]) -> Series:
    """The one series of a metric that nothing but `along` divides."""
    values = {along.place(row): row[measure.index] for row in rows}
    return Series(measure.title, tuple(values.get(place) for place in places))
