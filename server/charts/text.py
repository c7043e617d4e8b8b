"""A chart as lines of text: bars of blocks for categories, columns and sparklines for time.

low      ███████████████████████████  1,117
high     ██████████████████████         914
(none)   ███                            120
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final, NamedTuple

from server.labels import number_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server.charts.chart import Along, Chart, Panel, Series

_HEIGHT: Final = 8
_LONGEST: Final = 32
_LEAST: Final = 8
"""Letters that a bar has at least, however narrow the screen is."""
_WIDEST_COLUMN: Final = 6
_ALONG_TIME: Final = ("line", "column")


class Glyphs(NamedTuple):
    """The letters that charts are made of: parts of a bar, parts of a column, fills of piles, and an ellipsis."""

    across: str
    up: str
    fills: str
    cut: str


BLOCKS: Final = Glyphs("▏▎▍▌▋▊▉█", "▁▂▃▄▅▆▇█", "█▓▒░▚▞◼◻·", "…")
ASCII: Final = Glyphs("#", "_.-:=+*#", "#=+-:*ox.", "~")


def glyphs_for(encoding: str | None) -> Glyphs:
    """The letters that a stream of this encoding can show."""
    try:
        "".join(BLOCKS).encode(encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return ASCII
    return BLOCKS


def text_of(chart: Chart, width: int, glyphs: Glyphs = BLOCKS) -> list[str]:
    """The lines of a chart, none longer than `width` but where labels alone are."""
    lines = [chart.title]
    for panel in chart.panels:
        if chart.along is None:
            value = panel.series[0].values[0]
            lines += ["", f"{panel.title}  {_told(value, panel)}  {panel.unit}".rstrip()]
            continue
        if len(chart.panels) > 1 or chart.kind in _ALONG_TIME:
            lines += ["", panel.axis]
        else:
            lines.append("")
        draw = _lines if chart.kind in _ALONG_TIME else _bars
        lines += draw(chart.along, panel, width, glyphs)
    if chart.notes:
        lines += ["", *chart.notes]
    return lines


def _bars(along: Along, panel: Panel, width: int, glyphs: Glyphs) -> Iterator[str]:
    if len(panel.series) > 1 and panel.stacked:
        yield from _piles(along, panel, width, glyphs)
        return
    several = len(panel.series) > 1
    names = _fitted(along.labels, glyphs)
    told = [[_told(value, panel) for value in series.values] for series in panel.series]
    beside = max(len(text) for texts in told for text in texts)
    called = _fitted([series.name for series in panel.series], glyphs) if several else [""]
    room = max(width - len(names[0]) - beside - 4 - (len(called[0]) + 2 if several else 0), _LEAST)
    low, high = _range(panel)
    for place, name in enumerate(names):
        for index, series in enumerate(panel.series):
            bar = _bar(series.values[place], low, high, room, glyphs)
            end = f"  {called[index]}" if several else ""
            yield f"{name if index == 0 else ' ' * len(name)}  {bar}  {told[index][place]:>{beside}}{end}".rstrip()


def _piles(along: Along, panel: Panel, width: int, glyphs: Glyphs) -> Iterator[str]:
    """One bar for each place, of one fill for each series; behind it their sum."""
    legend = "  ".join(f"{glyphs.fills[index]} {series.name}" for index, series in enumerate(panel.series))
    yield from textwrap.wrap(legend, max(width, _LONGEST), break_on_hyphens=False)
    names = _fitted(along.labels, glyphs)
    sums = [sum(series.values[place] or 0 for series in panel.series) for place in range(len(names))]
    told = [_told(value, panel) for value in sums]
    beside = max(map(len, told))
    room = max(width - len(names[0]) - beside - 4, _LEAST)
    for place, name in enumerate(names):
        bar, total = "", 0.0
        for index, series in enumerate(panel.series):
            total += series.values[place] or 0
            bar += glyphs.fills[index] * (round(total / (max(sums) or 1) * room) - len(bar))
        yield f"{name}  {bar:{room}}  {told[place]:>{beside}}"


def _bar(value: float | None, low: float, high: float, room: int, glyphs: Glyphs) -> str:
    """A bar from zero to a value, in a room for all from `low` to `high`."""
    if value is None:
        return " " * room
    parts = len(glyphs.across)
    scale = room * parts / ((high - low) or 1)
    if low < 0:
        begin, end = sorted((round(-low * scale / parts), round((value - low) * scale / parts)))
        return f"{' ' * begin}{glyphs.across[-1] * (end - begin)}".ljust(room)[:room]
    whole, rest = divmod(round(value * scale), parts)
    return f"{glyphs.across[-1] * whole}{glyphs.across[rest - 1] if rest else ''}".ljust(room)


def _lines(along: Along, panel: Panel, width: int, glyphs: Glyphs) -> Iterator[str]:
    low, high = _range(panel)
    if len(panel.series) == 1 and low >= 0:
        columns = list(_columns(along, panel, panel.series[0], high, width, glyphs))
        if columns:
            yield from columns
            return
    yield from _sparklines(along, panel, low, high, width, glyphs)


def _columns(along: Along, panel: Panel, series: Series, high: float, width: int, glyphs: Glyphs) -> Iterator[str]:
    """A column for each place, with the scale at their left; nothing where they do not fit."""
    top, bottom = _told(high, panel), _told(0, panel)
    left = max(len(top), len(bottom)) + 2
    each = min((width - left) // len(along.labels), _WIDEST_COLUMN)
    if each < 1:
        return
    body = max(each - 1, 1)
    parts = len(glyphs.up)
    heights = [None if value is None else round(value / (high or 1) * _HEIGHT * parts) for value in series.values]
    for row in range(_HEIGHT - 1, -1, -1):
        cells = (" " if height is None else _cell(height - row * parts, glyphs, lowest=row == 0) for height in heights)
        scale = top if row == _HEIGHT - 1 else bottom if row == 0 else ""
        yield f"{scale:>{left - 2}}  {''.join((cell * body).ljust(each) for cell in cells)}".rstrip()
    yield f"{' ' * left}{_ends(along.labels, each * len(along.labels))}"


def _cell(height: int, glyphs: Glyphs, *, lowest: bool) -> str:
    """What a column of so many parts shows in a row; the lowest shows that there is a value, be it nothing."""
    if height <= 0:
        return glyphs.up[0] if lowest else " "
    return glyphs.up[min(height, len(glyphs.up)) - 1]


def _sparklines(along: Along, panel: Panel, low: float, high: float, width: int, glyphs: Glyphs) -> Iterator[str]:
    """A line for each series, all on one scale, with its last and its highest value."""
    names = _fitted([series.name for series in panel.series], glyphs)
    told = [_last_and_most(series, panel) for series in panel.series]
    room = max(width - len(names[0]) - max(map(len, told)) - 4, _LEAST)
    first = max(len(along.labels) - room, 0)
    shown = len(along.labels) - first
    for name, series, text in zip(names, panel.series, told, strict=True):
        marks = (
            " " if value is None else glyphs.up[round((value - low) / ((high - low) or 1) * (len(glyphs.up) - 1))]
            for value in series.values[first:]
        )
        yield f"{name}  {''.join(marks)}  {text}"
    yield f"{' ' * len(names[0])}  {_ends(along.labels[first:], shown)}"


def _last_and_most(series: Series, panel: Panel) -> str:
    values = [value for value in series.values if value is not None]
    return f"last {_told(values[-1], panel)}, most {_told(max(values), panel)}" if values else ""


def _ends(labels: Sequence[str], room: int) -> str:
    """The first and the last label, at the ends of a room if both fit."""
    gap = room - len(labels[0]) - len(labels[-1])
    return f"{labels[0]}{' ' * gap}{labels[-1]}" if gap > 0 else f"{labels[0]} to {labels[-1]}"


def _range(panel: Panel) -> tuple[float, float]:
    values = [value for series in panel.series for value in series.values if value is not None]
    return min(0, *values, 0), max(0, *values, 0)


def _told(value: float | None, panel: Panel) -> str:
    return "" if value is None else number_label(value, panel.format)


def _fitted(names: Sequence[str], glyphs: Glyphs) -> list[str]:
    """Names of one width, those that are too long cut."""
    short = [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}{glyphs.cut}" for name in names]
    return [name.ljust(max(map(len, short))) for name in short]
