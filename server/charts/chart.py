"""What is drawn of an answer, before anybody draws it: a kind of chart, what stands along it, and panels of series.

    kind      line: along time · column: standing along time, where a line would be single points · bar: by category, lying, in
              the order of the answer · number: big numbers · nothing: a message
    panels    one for each scale: a rate never shares an axis with a count; panels share what stands along them
    stacked   whether the series of a bar chart's panel may be piled up: only where they add up

The page for agents' hosts (server/agents/app) follows the same rules; a test compares both.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["line", "column", "bar", "number", "nothing"]


@dataclass(frozen=True, slots=True)
class Series:
    """One value for each place along the chart; None is a gap. `rest` marks the sum of all that have no series of their own."""

    name: str
    values: tuple[float | None, ...]
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Series on one scale: `title` of its axis, the `unit` of its values and the `format` that they are written in."""

    title: str
    unit: str
    format: Any
    series: tuple[Series, ...]
    stacked: bool = False

    @property
    def axis(self) -> str:
        """What its axis is called: its title, and the unit where that says more."""
        says_more = self.unit and self.unit.lower() not in self.title.lower()
        return f"{self.title} ({self.unit})" if says_more else self.title


@dataclass(frozen=True, slots=True)
class Along:
    """What stands along a chart: its places in order, by their labels.

    `moments` are ISO times where places have distances of their own; else they stand at equal ones. `partial` are the indices
    of the buckets that are not covered whole.
    """

    title: str
    labels: tuple[str, ...]
    moments: tuple[str, ...] = ()
    partial: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of an answer: `title` and `subtitle` say the question, `notes` what is not drawn, `source` what it is of.

    `legend` is the title of the series, empty where they are metrics. A chart of nothing says why in its title.
    """

    kind: Kind
    title: str
    subtitle: str = ""
    along: Along | None = None
    legend: str = ""
    panels: tuple[Panel, ...] = ()
    notes: tuple[str, ...] = ()
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The chart as plain data."""
        return asdict(self)
