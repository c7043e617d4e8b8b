"""A chart as a specification of Vega-Lite, in a light and a dark theme."""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from server.charts.lines import alone_in
from server.charts.scale import scale_of
from server.charts.theme import COLOURS, REST, SHAPES, THEMES, config_of
from server.labels import NO_VALUE, number_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server.charts.chart import Along, Chart, Panel, Series

Spec: TypeAlias = dict[str, Any]

_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
_WIDTH: Final = 680
_CHARACTERS: Final = 96
"""How many letters of the subtitle stand in one line above a chart of that width."""
_LETTER, _BETWEEN, _MOST_LABELS = 7, 10, 12
"""The width of a letter of an axis, the least space between two of its labels, and how many of them can be taken in."""
_BAR: Final = 20
_LONGEST_LABEL: Final = 260
_BELOW: Final = 0.08
"""The room for numbers beside the bars below nothing, as a share of the scale."""
_THIN: Final = 12
"""Columns of fewer points have no room for an outline."""
_DENSE: Final = 80
_FEW_DAYS: Final = 5
"""Along fewer, an axis of time tells hours too."""


def vega_lite(chart: Chart, theme: str = "light") -> Spec:
    """The specification of a chart, with its data in it; it loads nothing."""
    body = _BODIES[chart.kind](chart, theme)
    footer = [line for note in (*chart.notes, chart.source) if note for line in textwrap.wrap(note, _CHARACTERS + 14)]
    below = [_lines_of_text(footer)] if footer else []
    return {
        "$schema": _SCHEMA,
        "title": {
            "text": textwrap.wrap(chart.title, 72),
            **({"subtitle": textwrap.wrap(chart.subtitle, _CHARACTERS)} if chart.subtitle else {}),
            "anchor": "start",
            "frame": "group",
            "offset": 14,
        },
        "vconcat": [body, *below],
        "spacing": 14,
        "config": config_of(theme),
    }


def _lines(chart: Chart, theme: str) -> Spec:
    assert chart.along is not None
    height = 280 if len(chart.panels) == 1 else 190
    last = chart.panels[-1]
    panels = [_line_panel(chart, panel, theme, height, named=panel is last) for panel in chart.panels]
    return {"vconcat": panels, "spacing": 24, "resolve": {"scale": {"color": "independent", "shape": "independent"}}}


def _line_panel(chart: Chart, panel: Panel, theme: str, height: int, *, named: bool) -> Spec:
    along = chart.along
    assert along is not None
    x = _along_axis(along, named=named)
    y = _number_axis(panel)
    hollow = {"filled": False, "fill": THEMES[theme]["ground"]}
    if chart.kind == "column":
        return {"width": _WIDTH, "height": height, "layer": _columns(chart, panel, theme, x, y)}
    colour = _colour(chart, panel, theme)
    shape = {"field": "series", "type": "nominal", "scale": _scale(panel, SHAPES), "legend": colour["legend"]}
    encoding = {"x": x, "y": y, "tooltip": _tooltip(chart, panel)}
    several = len(panel.series) > 1
    shown = {"color": colour, "shape": shape} if several else {}
    points = list(_points(along, panel))
    whole = [{**point, "value": None if point["partial"] else point["value"]} for point in points]
    # Beyond so many places points would be a band, but a value without a neighbour has nothing else to be seen by.
    dense = (
        {"size": {"condition": {"test": "datum.alone", "value": 34}, "value": 8}} if len(along.labels) >= _DENSE else {}
    )
    layers = [
        {
            "data": {"values": whole},
            "mark": {"type": "line"},
            "encoding": {"x": x, "y": y, **({"color": colour} if several else {})},
        },
        {
            "data": {"values": list(_broken(along, panel))},
            "mark": {"type": "line", "strokeDash": [4, 4]},
            "encoding": {"x": x, "y": y, "detail": {"field": "piece"}, **({"color": colour} if several else {})},
        },
        {
            "data": {"values": [point for point in points if not point["partial"] and point["value"] is not None]},
            "mark": {"type": "point", "filled": True, "size": 34, "opacity": 1},
            "encoding": {**encoding, **shown, **dense},
        },
        {
            "data": {"values": [point for point in points if point["partial"] and point["value"] is not None]},
            "mark": {"type": "point", "size": 42, "opacity": 1, **hollow},
            "encoding": {**encoding, **shown},
        },
    ]
    return {"width": _WIDTH, "height": height, "layer": layers}


def _columns(chart: Chart, panel: Panel, theme: str, x: Spec, y: Spec) -> list[Spec]:
    """Columns of the one series of a panel; those of partial buckets are faint."""
    along = chart.along
    assert along is not None
    points = [point for point in _points(along, panel) if point["value"] is not None]
    encoding = {"x": x, "y": y, "tooltip": _tooltip(chart, panel)}
    is_thin = _WIDTH / len(along.labels) < _THIN
    faint = {"fillOpacity": 0.35, **({} if is_thin else {"stroke": COLOURS[theme][0], "strokeDash": [4, 3]})}
    # Every place belongs to the axis, also one without a column.
    x["scale"] = {"domain": list(along.labels), "paddingInner": 0.25, "paddingOuter": 0.15}
    return [
        {
            "data": {"values": [point for point in points if point["partial"] is partial]},
            "mark": {"type": "bar", "minBandSize": 3, **(faint if partial else {})},
            "encoding": encoding,
        }
        for partial in (False, True)
    ]


def _along_axis(along: Along, *, named: bool) -> Spec:
    title = along.title if named else None
    if along.moments:
        days = (datetime.fromisoformat(along.moments[-1]) - datetime.fromisoformat(along.moments[0])).days
        form = "%Y-%m-%d" if days >= _FEW_DAYS else "%m-%d %H:%M"
        return {
            "field": "moment",
            "type": "temporal",
            "scale": {"type": "utc"},
            "title": title,
            "axis": {
                "labels": named,
                "format": form,
                "labelOverlap": True,
                "labelSeparation": 10,
                "grid": False,
                "tickCount": 6,
            },
        }
    room = _WIDTH // (_LETTER * max(map(len, along.labels), default=1) + _BETWEEN)
    every = -(-len(along.labels) // max(min(room, _MOST_LABELS), 1))
    shown = [name for index, name in enumerate(along.labels) if index % every == 0]
    axis = {"labels": named, "labelAngle": 0, "values": shown, "labelOverlap": "greedy", "ticks": named, "grid": False}
    return {"field": "place", "type": "ordinal", "sort": list(along.labels), "title": title, "axis": axis}


def _points(along: Along, panel: Panel) -> Iterator[Spec]:
    for series in panel.series:
        alone = set(alone_in(series.values))
        for index, value in enumerate(series.values):
            yield {**_point(along, panel, series, index, value), **({"alone": True} if index in alone else {})}


def _broken(along: Along, panel: Panel) -> Iterator[Spec]:
    """From the last whole bucket to the partial one beside it, and from a partial one to the first whole bucket."""
    for series in panel.series:
        for partial in along.partial:
            for other in (partial - 1, partial + 1):
                if 0 <= other < len(series.values) and None not in (series.values[other], series.values[partial]):
                    piece = f"{series.name}:{min(partial, other)}"
                    for index in (partial, other):
                        yield {**_point(along, panel, series, index, series.values[index]), "piece": piece}


def _point(along: Along, panel: Panel, series: Series, index: int, value: float | None) -> Spec:
    data: Spec = {
        "place": along.labels[index],
        "series": series.name,
        "value": value,
        "shown": "" if value is None else number_label(value, panel.format),
        "partial": index in along.partial,
    }
    if along.moments:
        moment = along.moments[index]
        data["moment"] = f"{moment}Z" if "T" in moment else moment
    return data


def _bars(chart: Chart, theme: str) -> Spec:
    assert chart.along is not None
    share = max((_WIDTH - 24 * (len(chart.panels) - 1)) // len(chart.panels), 200)
    panels = [_bar_panel(chart, panel, theme, share, named=index == 0) for index, panel in enumerate(chart.panels)]
    return {"hconcat": panels, "spacing": 24, "resolve": {"scale": {"color": "independent", "y": "independent"}}}


def _bar_panel(chart: Chart, panel: Panel, theme: str, width: int, *, named: bool) -> Spec:
    along = chart.along
    assert along is not None
    several, grouped = len(panel.series) > 1, len(panel.series) > 1 and not panel.stacked
    y = {
        "field": "place",
        "type": "nominal",
        "sort": list(along.labels),
        "title": along.title if named else None,
        "axis": {
            "labels": named,
            "labelLimit": _LONGEST_LABEL,
            "maxExtent": _LONGEST_LABEL + 20,
            "ticks": False,
            "domain": False,
            "labelPadding": 8,
            "grid": False,
        },
        "scale": {"paddingInner": 0.22 if grouped else 0.3, "paddingOuter": 0.15},
    }
    x = {
        **_number_axis(panel, lying="top" if len(chart.panels) > 1 else "bottom"),
        "stack": "zero" if panel.stacked and several else None,
    }
    order = {series.name: index for index, series in enumerate(panel.series)}
    values = [{**point, "order": order[point["series"]]} for point in _points(along, panel)]
    encoding: Spec = {"y": y, "x": x, "tooltip": _tooltip(chart, panel)}
    if several:
        encoding |= {"color": _colour(chart, panel, theme), "order": {"field": "order"}}
    if grouped:
        encoding["yOffset"] = {"field": "series", "sort": list(order)}
    step = 12 * len(panel.series) + 10 if grouped else _BAR + 8
    layers: list[Spec] = [{"mark": {"type": "bar"}, "encoding": encoding}]
    if not several:
        values = [{**each, "end": each["value"] or 0, "told": each["shown"] or NO_VALUE} for each in values]
        low, high = x["scale"]["domain"]
        if low < 0:
            # The numbers of what is below nothing stand between its bars and the labels.
            x["scale"]["domain"] = [low - (high - low) * _BELOW, high]
        layers += _values_beside(y, x, theme)
    return {"width": width, "height": step * len(along.labels), "data": {"values": values}, "layer": layers}


def _values_beside(y: Spec, x: Spec, theme: str) -> Iterator[Spec]:
    """The numbers at the outer ends of the bars; a dash where there is no value."""
    for test, align, away in (("datum.end >= 0", "left", 5), ("datum.end < 0", "right", -5)):
        mark = {"type": "text", "align": align, "dx": away, "fontSize": 11, "color": THEMES[theme]["soft"]}
        encoding = {"y": y, "x": {**x, "field": "end"}, "text": {"field": "told"}}
        yield {"transform": [{"filter": test}], "mark": mark, "encoding": encoding}


def _numbers(chart: Chart, theme: str) -> Spec:
    colours = THEMES[theme]
    tiles = []
    for panel in chart.panels:
        value = panel.series[0].values[0]
        texts = (
            (panel.title, 13, 14, colours["soft"], "normal"),
            (NO_VALUE if value is None else number_label(value, panel.format), 40, 48, colours["ink"], "bold"),
            (panel.unit, 12, 84, colours["soft"], "normal"),
        )
        layers = [
            {
                "data": {"values": [{}]},
                "mark": {"type": "text", "fontSize": size, "fontWeight": weight, "color": colour, **_CORNER},
                "encoding": {"x": {"value": 0}, "y": {"value": top}, "text": {"value": textwrap.wrap(text, 28)}},
            }
            for text, size, top, colour, weight in texts
            if text
        ]
        tiles.append({"width": 200, "height": 96, "layer": layers})
    return {"concat": tiles, "columns": 3, "spacing": 24}


def _nothing(_chart: Chart, _theme: str) -> Spec:
    return _lines_of_text([""])


_BODIES: Final = {"line": _lines, "column": _lines, "bar": _bars, "number": _numbers, "nothing": _nothing}
_CORNER: Final = {"align": "left", "baseline": "middle"}


def _lines_of_text(lines: Sequence[str]) -> Spec:
    mark = {"type": "text", "align": "left", "baseline": "top", "fontSize": 11, "lineHeight": 15}
    encoding = {"x": {"value": 0}, "y": {"value": 0}, "text": {"value": list(lines)}}
    return {"width": _WIDTH, "height": 15 * len(lines), "data": {"values": [{}]}, "mark": mark, "encoding": encoding}


def _number_axis(panel: Panel, *, lying: str | None = None) -> Spec:
    """The axis of a panel's values, with its scale; `lying` along bars, at their top where it has to tell the panels apart."""
    scale = scale_of(panel)
    axis: Spec = {
        "values": list(scale.ticks),
        "format": scale.format,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    }
    if lying:
        # Where the numbers stand at the bars, lines through them would only be in the way.
        axis |= {"orient": lying, "grid": len(panel.series) > 1, "labelFlush": False}
    return {
        "field": "value",
        "type": "quantitative",
        "title": panel.axis,
        "axis": axis,
        "scale": {"domain": [scale.ticks[0], scale.ticks[-1]], "nice": False},
    }


def _scale(panel: Panel, choice: Sequence[str], rest: str | None = None) -> Spec:
    names = [series.name for series in panel.series]
    found = [rest if series.rest and rest else choice[index % len(choice)] for index, series in enumerate(panel.series)]
    return {"domain": names, "range": found}


def _colour(chart: Chart, panel: Panel, theme: str) -> Spec:
    legend = {
        "title": chart.legend or None,
        "orient": "top",
        "direction": "horizontal",
        "columns": 4,
        "labelLimit": 150,
    }
    return {
        "field": "series",
        "type": "nominal",
        "scale": _scale(panel, COLOURS[theme], REST[theme]),
        "legend": legend,
    }


def _tooltip(chart: Chart, panel: Panel) -> list[Spec]:
    along = chart.along
    assert along is not None
    named = [{"field": "series", "title": chart.legend or "Metric"}] if len(panel.series) > 1 else []
    return [{"field": "place", "title": along.title}, *named, {"field": "shown", "title": panel.axis}]
