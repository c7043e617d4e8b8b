"""The scale of a panel: from zero or below to the highest value, with ticks at round numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.charts.chart import Panel

_TICKS: Final = 6


class Scale(NamedTuple):
    """The ticks of an axis, the first and the last being its ends, and d3's format of their labels."""

    ticks: tuple[float, ...]
    format: str


def scale_of(panel: Panel) -> Scale:
    """The scale that all values of a panel fit on, piled up where they are."""
    ends = list(_ends(panel))
    percent = isinstance(panel.format, str) and panel.format.startswith("percent")
    least = 1 if all(float(end).is_integer() for end in ends) and not percent else 0
    step = _step(max(0, *ends) - min(0, *ends), least)
    low, high = math.floor(min(0, *ends) / step + 1e-9), math.ceil(max(0, *ends) / step - 1e-9)
    ticks = tuple(round(number * step, 12) for number in range(low, max(high, low + 1) + 1))
    decimals = max(0, -math.floor(math.log10(step * 100 if percent else step) + 1e-9))
    return Scale(ticks, f",.{decimals}{'%' if percent else 'f'}")


def _ends(panel: Panel) -> Iterator[float]:
    if panel.stacked:
        for place in range(len(panel.series[0].values)):
            yield sum(series.values[place] or 0 for series in panel.series)
        return
    for series in panel.series:
        yield from (value for value in series.values if value is not None)
    yield 0


def _step(span: float, least: float) -> float:
    """A round number that goes about six times into a span.

    >>> _step(203, 1), _step(0.27, 0), _step(3, 1), _step(0, 0)
    (50.0, 0.05, 1, 1.0)
    """
    rough = (span or _TICKS) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough * 0.999)
    return max(step, least)
