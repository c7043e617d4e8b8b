"""The rules by which an answer becomes a chart.

    no dimension             a big number for each metric
    a time of several buckets   lines along it: one for each metric, or for each value of the other dimensions; columns where most
                             values have none beside them, so that a line would be single points
    one dimension else       lying bars, in the order of the answer
    several                  the one of most values stands along the chart, the others are series: piled up where the metric adds
                             up, else side by side
    several metrics          a panel for each scale (bugs, shares, points); with series of dimensions, one for each metric
    dimensions of one value  are none of the chart; a note names the value
    more than can be told apart   the first bars, the highest series; the rest is one more series where it can be piled up, and
                             is else left out and named. What does not add up is never summed.

A bucket of time without rows is a gap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.charts.chart import Along, Chart, Panel, Series
from server.charts.frame import dimensions_of, finest_time, is_whole, measures_of
from server.charts.lines import alone_in, buckets_between
from server.charts.series import MOST_SERIES, Groups, series_of
from server.charts.words import listed, source_of, subtitle_of, title_of
from server.labels import label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine import Result
    from server.charts.chart import Kind
    from server.charts.frame import Dimension, Measure, Place
    from server.charts.series import Row

MOST_BARS = 30
MOST_GROUPED = 60
"""Places along a bar chart: of one bar each, and bars in all where several stand side by side."""
MOST_PANELS = 4


def chart_of(result: Result) -> Chart:
    """The chart of an answer; of kind "nothing", with the reason for a title, where there is nothing to draw."""
    dimensions, measures = dimensions_of(result), measures_of(result)
    reason = _why_nothing(result.rows, measures, dimensions)
    if reason is not None:
        return Chart("nothing", reason, subtitle=result.account.explanation, source=source_of(result))
    return _Drawing(result, measures, dimensions).chart()


def _why_nothing(rows: Sequence[Row], measures: Sequence[Measure], dimensions: Sequence[Dimension]) -> str | None:
    numbers = [measure for measure in measures if measure.is_number]
    if not rows:
        return "There are no rows to draw."
    if not numbers:
        return "There is nothing to draw: only metrics that are numbers can be."
    if not any(measure.values(rows) for measure in numbers):
        return "There is nothing to draw: every value is empty."
    if len({tuple(each.place(row) for each in dimensions) for row in rows}) < len(rows):
        return "There is nothing to draw: these are single rows, not groups."
    return None


class _Drawing:
    """One answer on its way to a chart; notes are collected on the way."""

    def __init__(self, result: Result, measures: Sequence[Measure], dimensions: Sequence[Dimension]) -> None:
        self.result, self.dimensions = result, dimensions
        self.title = title_of(measures, dimensions)
        self.measures = [each for each in measures if each.is_number and not (dimensions and each.compared == "delta")]
        texts = [each.title for each in measures if not each.is_number]
        self.notes = [f"Not drawn, for being no number: {listed(texts)}."] if texts else []

    def chart(self) -> Chart:
        """The chart."""
        if not self.dimensions:
            (row,) = self.result.rows
            numbers = [_panel([each], [Series(each.title, (row[each.index],))]) for each in self.measures]
            return self._done("number", None, (), numbers)
        varying = self._varying()
        if not is_whole(self.result):
            self.notes.append(self._of_how_many(varying))
        time = finest_time(varying)
        if time is not None and len({row[time.index] for row in self.result.rows} - {None}) > 1:
            return self._lines(time, [each for each in varying if each is not time])
        return self._bars(varying)

    def _of_how_many(self, varying: Sequence[Dimension]) -> str:
        total, shown = self.result.total_rows, len(self.result.rows)
        told = f"The answer holds {shown} of {total} rows" if total else f"The answer holds {shown} of more rows"
        return f"{told}, so values may be missing here." if len(varying) > 1 else f"{told}."

    def _varying(self) -> list[Dimension]:
        """The dimensions of several values, at least one; notes name the value of the others."""
        rows = self.result.rows
        varying = [each for each in self.dimensions if len(each.places(rows)) > 1] or list(self.dimensions[:1])
        constant = [each for each in self.dimensions if each not in varying]
        self.notes += [f"{each.title} is {each.labels(each.places(rows))[0]} throughout." for each in constant]
        return varying

    def _lines(self, time: Dimension, others: Sequence[Dimension]) -> Chart:
        rows = [row for row in self.result.rows if row[time.index] is not None]
        if len(rows) < len(self.result.rows):
            self.notes.append(f"Rows without a time are not drawn ({time.title}).")
        moments, regular = buckets_between({row[time.index] for row in rows}, time.column.granularity)
        panels = list(self._panels(rows, time, [(None, moment) for moment in moments], others, stacked=False))
        kind: Kind = "column" if regular and _is_scattered(panels) else "line"
        if kind == "line" and regular and any(None in each.values for panel in panels for each in panel.series):
            self.notes.append("A line breaks where there is no value.")
        labels = tuple(label(time.column, moment) for moment in moments)
        covered = {each.period: str(each) for each in self.result.account.partial if each.column == time.column.member}
        partial = tuple(index for index, name in enumerate(labels) if name in covered)
        self.notes += [covered[labels[index]] for index in partial]
        return self._done(kind, Along(time.title, labels, () if regular else tuple(moments), partial), others, panels)

    def _bars(self, dimensions: Sequence[Dimension]) -> Chart:
        axis = max(dimensions, key=lambda each: len(each.places(self.result.rows)))
        others = [each for each in dimensions if each is not axis]
        places = self._in_order(axis, others)
        most = self._most_bars(others)
        shown = set(places[:most])
        if len(shown) < len(places):
            self.notes.append(f"{axis.title}: the first {most} of {len(places)} are drawn.")
        rows = [row for row in self.result.rows if axis.place(row) in shown]
        panels = list(self._panels(rows, axis, places[:most], others, stacked=True))
        return self._done("bar", Along(axis.title, tuple(axis.labels(places)[:most])), others, panels)

    def _in_order(self, axis: Dimension, others: Sequence[Dimension]) -> list[Place]:
        """The places of bars as the answer has them; where it is ordered by a metric that is piled up, by its sums."""
        rows, measure = self.result.rows, self.measures[0]
        places = axis.places(rows)
        first, direction = next(iter(self.result.query.get("order", ())), ("", ""))
        if not others or first != measure.column.member or not measure.adds_up(rows):
            return places
        sums = dict.fromkeys(places, 0.0)
        for row in rows:
            sums[axis.place(row)] += row[measure.index] or 0
        return sorted(places, key=lambda place: -sums[place] if direction == "desc" else sums[place])

    def _most_bars(self, others: Sequence[Dimension]) -> int:
        rows = self.result.rows
        if others and all(each.adds_up(rows) for each in self.measures):
            return MOST_BARS
        groups = {tuple(each.place(row) for each in others) for row in rows}
        side_by_side = len(groups) if others else max(map(len, _by_scale(self.measures)))
        return min(MOST_BARS, max(MOST_GROUPED // min(side_by_side, MOST_SERIES), 1))

    def _panels(
        self,
        rows: Sequence[Row],
        along: Dimension,
        places: Sequence[Place],
        others: Sequence[Dimension],
        *,
        stacked: bool,
    ) -> Iterator[Panel]:
        """A panel for each scale or, with series of `others`, for each measure; `stacked` where that is possible."""
        scales = [[measure] for measure in self.measures] if others else _by_scale(self.measures)
        drawn = scales[:MOST_PANELS]
        beyond = [each for scale in drawn for each in scale[MOST_SERIES:]]
        beyond += [each for scale in scales[MOST_PANELS:] for each in scale]
        if beyond:
            self.notes.append(f"Not drawn, for want of room: {listed([each.title for each in beyond])}.")
        if not others:
            for scale in drawn:
                yield _panel(scale, [series_of(each, rows, along, places) for each in scale[:MOST_SERIES]])
            return
        groups = Groups(rows, others, self.measures[0])
        piled = {measure: stacked and measure.adds_up(rows) for (measure,) in drawn}
        if groups.left_out:
            shown = len(groups.names)
            which = f"{_titles(others)}: the highest {shown} of {shown + len(groups.left_out)}"
            rest = " are told apart, the others are one series." if all(piled.values()) else " are drawn."
            self.notes.append(f"{which}{rest}")
            if not all(piled.values()):
                self.notes.append(f"Left out: {listed(groups.left_out)}.")
        for measure, pile in piled.items():
            yield _panel([measure], groups.series(measure, along, places, with_rest=pile), stacked=pile)

    def _done(self, kind: Kind, along: Along | None, others: Sequence[Dimension], panels: Sequence[Panel]) -> Chart:
        subtitle, source = subtitle_of(self.result, self.title), source_of(self.result)
        return Chart(kind, self.title, subtitle, along, _titles(others), tuple(panels), tuple(self.notes), source)


def _titles(dimensions: Sequence[Dimension]) -> str:
    return ", ".join(each.title for each in dimensions)


def _is_scattered(panels: Sequence[Panel]) -> bool:
    """Whether each panel has one series, and most values of all have none beside them."""
    if any(len(panel.series) > 1 for panel in panels):
        return False
    values = [series.values for panel in panels for series in panel.series]
    alone = sum(len(alone_in(each)) for each in values)
    return 2 * alone > sum(value is not None for each in values for value in each)


def _by_scale(measures: Sequence[Measure]) -> list[list[Measure]]:
    scales: dict[str, list[Measure]] = {}
    for measure in measures:
        scales.setdefault(measure.scale, []).append(measure)
    return list(scales.values())


def _panel(scale: Sequence[Measure], series: Sequence[Series], *, stacked: bool = False) -> Panel:
    """A panel whose axis is named by the one metric of it, or by the unit that its metrics share."""
    column = scale[0].column
    if len(scale) == 1:
        return Panel(scale[0].title, column.unit or "", column.format, tuple(series), stacked)
    shared = "share" if scale[0].is_share else column.unit or ""
    return Panel(shared[:1].upper() + shared[1:], "", column.format, tuple(series), stacked)
