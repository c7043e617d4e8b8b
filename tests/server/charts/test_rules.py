"""Which chart an answer becomes: a table of answers, and what has to be drawn of each."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from server.charts.chart import Panel, Series
from server.charts.rules import chart_of
from server.charts.scale import scale_of
from tests.server.charts.answers import ANSWERS, BUGS, END, SEVERITY, answer


class Drawn(NamedTuple):
    """What a chart has to be: its kind, its places, and the values of each series, by panel; `stacked` are titles of panels."""

    kind: str
    along: list[str] | None = None
    panels: dict[str, dict[str, list[Any]]] = {}  # noqa: RUF012  a tuple's default is read only
    stacked: tuple[str, ...] = ()
    notes: list[str] = []  # noqa: RUF012


GAPS = "A line breaks where there is no value."
TEN = ["name 9", "name 8", "name 7", "name 6", "name 5", "name 4", "name 3"]

DRAWN = {
    "no rows": Drawn("nothing"),
    "no metrics": Drawn("nothing"),
    "only texts": Drawn("nothing"),
    "all empty": Drawn("nothing"),
    "single rows": Drawn("nothing"),
    "one number": Drawn("number", None, {"Bugs": {"Bugs": [3000]}}),
    "several numbers": Drawn(
        "number",
        None,
        {"Bugs": {"Bugs": [3000]}, "Rejection rate": {"Rejection rate": [0.2]}, "Testers": {"Testers": [None]}},
    ),
    "time": Drawn(
        "column",
        ["2026-09", "2026-10", "2026-11"],
        {"Bugs": {"Bugs": [5, None, 7]}},
        notes=["2026-11 is partial: 23 of 30 days."],
    ),
    "time to come": Drawn(
        "line",
        ["2026-10", "2026-11", "2026-12"],
        {"Bugs": {"Bugs": [5, 7, 1]}},
        notes=["2026-11 is partial: 23 of 30 days.", "2026-12 lies in the future."],
    ),
    "single points": Drawn(
        "column",
        [f"{month // 12}-{month % 12 + 1:02}" for month in range(2016 * 12 + 2, 2027 * 12)],
        {"Bugs": {"Bugs": [5, *[None] * 63, 0, *[None] * 64, 9]}},
        notes=["2026-12 lies in the future."],
    ),
    "single points below nothing": Drawn(
        "column", ["2025-Q4", "2026-Q1", "2026-Q2"], {"Score": {"Score": [-3, None, 2]}}
    ),
    "single points and two in a row": Drawn(
        "line",
        ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"],
        {"Bugs": {"Bugs": [5, None, 2, 2, None, 4]}},
        notes=[GAPS],
    ),
    "single points of two": Drawn(
        "line",
        ["2026-01", "2026-02", "2026-03"],
        {"Bugs": {"high": [None, 9, None], "low": [5, None, 2]}},
        notes=[GAPS],
    ),
    "time unordered, with none": Drawn(
        "line",
        ["2026-01", "2026-02"],
        {"Bugs": {"Bugs": [7, 5]}},
        notes=["Rows without a time are not drawn (End (month))."],
    ),
    "weeks over new year": Drawn("column", ["2025-W52", "2026-W01", "2026-W02"], {"Bugs": {"Bugs": [1, None, 2]}}),
    "hours": Drawn(
        "column",
        ["2026-01-01 23:00", "2026-01-02 00:00", "2026-01-02 01:00"],
        {"Bugs": {"Bugs": [1, None, 2]}},
    ),
    "seconds": Drawn(
        "column",
        ["2026-01-01 23:59:59", "2026-01-02 00:00:00", "2026-01-02 00:00:01"],
        {"Bugs": {"Bugs": [1, None, 2]}},
    ),
    "quarters": Drawn("column", ["2025-Q4", "2026-Q1", "2026-Q2"], {"Bugs": {"Bugs": [1, None, 2]}}),
    "buckets of one's own": Drawn("line", ["2026-01-05", "2026-02-02"], {"Bugs": {"Bugs": [1, 2]}}),
    "moments": Drawn("line", ["2026-01-01 10:30", "2026-01-02 10:00"], {"Bugs": {"Bugs": [2, 1]}}),
    "one month": Drawn("bar", ["2026-02"], {"Bugs": {"Bugs": [5]}}),
    "time and scales": Drawn(
        "line",
        ["2026-01", "2026-02"],
        {"Bugs": {"Bugs": [5, 6], "Critical bugs": [1, 2]}, "Rejection rate": {"Rejection rate": [0.2, None]}},
        notes=[GAPS],
    ),
    "time and category": Drawn(
        "line", ["2026-01", "2026-02"], {"Bugs": {"high": [2, 9], "low": [5, None]}}, notes=[GAPS]
    ),
    "time and many": Drawn(
        "line",
        ["2026-01", "2026-02"],
        {"Bugs": {name: [int(f"{name[-1]}1"), int(f"{name[-1]}2")] for name in TEN}},
        notes=["Feature: the highest 7 of 10 are drawn.", "Left out: name 2, name 1 and name 0."],
    ),
    "time and many rates": Drawn(
        "line",
        ["2026-01", "2026-02"],
        {"Rejection rate": {name: [int(f"{name[-1]}1") / 200, int(f"{name[-1]}2") / 200] for name in TEN}},
        notes=["Feature: the highest 7 of 10 are drawn.", "Left out: name 2, name 1 and name 0."],
    ),
    "month and quarter": Drawn(
        "line",
        ["2026-01", "2026-02", "2026-03", "2026-04"],
        {"Bugs": {"2026-Q2": [None, None, None, 9], "2026-Q1": [5, 2, None, None]}},
        notes=[GAPS],
    ),
    "category": Drawn("bar", ["low", "(none)", "(empty)"], {"Bugs": {"Bugs": [5, 9, 7]}}),
    "yes and no": Drawn("bar", ["yes", "no"], {"Bugs": {"Bugs": [5, 9]}}),
    "names of two": Drawn("bar", ["Login (#7)", "Search", "Login (#9)"], {"Bugs": {"Bugs": [5, 4, 3]}}),
    "values that look alike": Drawn("bar", ["1.00 (1.001)", "1.00 (1.002)", "(none)"], {"Bugs": {"Bugs": [5, 4, 3]}}),
    "a key alone": Drawn("bar", ["7", "8"], {"Bugs": {"Bugs": [5, 4]}}),
    "many categories": Drawn(
        "bar",
        [f"name {number:02}" for number in range(30)],
        {"Bugs": {"Bugs": [1000 - number for number in range(30)]}},
        notes=["Feature: the first 30 of 43 are drawn."],
    ),
    "many categories, two metrics": Drawn(
        "bar",
        [f"name {number:02}" for number in range(30)],
        {"Bugs": {"Bugs": [1000 - number for number in range(30)], "Critical bugs": [1] * 30}},
        notes=["Feature: the first 30 of 43 are drawn."],
    ),
    "category and scales": Drawn(
        "bar", ["low", "high"], {"Bugs": {"Bugs": [5, 9]}, "Rejection rate": {"Rejection rate": [0.25, 0.5]}}
    ),
    "piled up": Drawn("bar", ["B", "A", "C"], {"Bugs": {"low": [5, 6, None], "high": [4, None, 1]}}, stacked=("Bugs",)),
    "piled up, least first": Drawn(
        "bar", ["C", "A", "B"], {"Bugs": {"low": [None, 6, 5], "high": [1, None, 4]}}, stacked=("Bugs",)
    ),
    "piled up, by name": Drawn(
        "bar", ["A", "B", "C"], {"Bugs": {"low": [6, 5, None], "high": [None, 4, 1]}}, stacked=("Bugs",)
    ),
    "side by side": Drawn("bar", ["A", "B"], {"Rejection rate": {"low": [0.5, 0.2], "high": [None, 0.1]}}),
    "below nothing": Drawn("bar", ["A", "B"], {"Bugs": {"low": [6, -5], "high": [None, 4]}}),
    "one series too many": Drawn(
        "bar",
        [f"P{row}" for row in range(9)],
        {"Bugs": {f"name {column}": [row + column for row in range(9)] for column in range(7, -1, -1)}},
        stacked=("Bugs",),
    ),
    "many series of rates": Drawn(
        "bar",
        [f"P{row}" for row in range(8)],
        {"Rejection rate": {f"name {column}": [column / 20] * 8 for column in range(10, 3, -1)}},
        notes=[
            "Product: the first 8 of 12 are drawn.",
            "Severity: the highest 7 of 11 are drawn.",
            "Left out: name 3, name 2, name 1 and name 0.",
        ],
    ),
    "piled up and rates": Drawn(
        "bar",
        ["A", "B"],
        {"Bugs": {"low": [6, 5], "high": [None, 4]}, "Rejection rate": {"low": [0.5, 0.2], "high": [None, 0]}},
        stacked=("Bugs",),
    ),
    "three dimensions": Drawn(
        "bar",
        ["A", "B", "C"],
        {"Bugs": {"low · yes": [6, None, None], "low · no": [None, 5, None], "high · yes": [None, None, 4]}},
        stacked=("Bugs",),
    ),
    "a constant": Drawn("bar", ["low", "high"], {"Bugs": {"Bugs": [6, 5]}}, notes=["Product is A throughout."]),
    "cut": Drawn("bar", ["low", "high"], {"Bugs": {"Bugs": [6, 5]}}, notes=["The answer holds 2 of 6 rows."]),
    "cut series": Drawn(
        "line",
        ["2026-01", "2026-02"],
        {"Bugs": {"low": [6, None], "high": [None, 5]}},
        notes=["The answer holds 2 of 147 rows, so values may be missing here.", GAPS],
    ),
    "a text beside": Drawn(
        "bar", ["low", "high"], {"Bugs": {"Bugs": [6, 5]}}, notes=["Not drawn, for being no number: Latest bug."]
    ),
    "too many scales": Drawn(
        "bar",
        ["low", "high"],
        {f"M{number}": {f"M{number}": [number + 1] * 2} for number in range(4)},
        notes=["Not drawn, for want of room: M4 and M5."],
    ),
    "compared": Drawn(
        "line",
        ["2026-01", "2026-02"],
        {"Bugs": {"Bugs": [5, 6], "Bugs before": [4, 6]}, "Bugs, change": {"Bugs, change": [0.25, 0]}},
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_an_answer_becomes_the_chart_that_fits_it(name: str) -> None:
    chart = chart_of(ANSWERS[name])
    panels = {panel.title: {each.name: list(each.values) for each in panel.series} for panel in chart.panels}
    drawn = Drawn(
        chart.kind,
        None if chart.along is None else list(chart.along.labels),
        panels,
        tuple(panel.title for panel in chart.panels if panel.stacked),
        list(chart.notes),
    )
    assert drawn == DRAWN[name]
    assert [list(each) for each in drawn.panels.values()] == [list(each) for each in DRAWN[name].panels.values()]


def test_what_is_piled_up_and_has_no_colour_of_its_own_is_summed() -> None:
    (panel,) = chart_of(ANSWERS["many series piled up"]).panels
    rest = panel.series[-1]
    assert (rest.name, rest.rest, len(panel.series)) == ("3 more", True, 8)
    rows = ANSWERS["many series piled up"].rows
    drawn = sum(value for each in panel.series for value in each.values if value is not None)
    assert drawn == sum(row[2] for row in rows)


def test_a_stack_is_never_made_of_what_does_not_add_up() -> None:
    for name, result in ANSWERS.items():
        additive = {column.title for column in result.columns if column.additive}
        for panel in chart_of(result).panels:
            assert not panel.stacked or panel.title in additive, name
            assert panel.stacked or not any(each.rest for each in panel.series), name


def test_the_title_is_the_question_and_the_subtitle_what_its_sentence_says_beyond() -> None:
    chart = chart_of(ANSWERS["category"])
    assert (chart.title, chart.subtitle) == ("Bugs by severity", "Most first.")
    other = answer([SEVERITY, BUGS], [["low", 1]], explanation="A sentence of its own.")
    assert chart_of(other).subtitle == "A sentence of its own."
    assert chart_of(ANSWERS["compared"]).title == "Bugs by month"


def test_axes_have_units_and_the_source_says_how_old_the_data_are() -> None:
    chart = chart_of(ANSWERS["category and scales"])
    assert [(panel.unit, panel.format) for panel in chart.panels] == [("bugs", None), ("share of bugs", "percent")]
    assert chart.source == "testio 1.0.0 · bugs as of 2026-11-23 06:00 UTC"
    shared = chart_of(ANSWERS["time and scales"]).panels[0]
    assert (shared.title, shared.unit) == ("Bugs", "")


def test_buckets_that_are_not_over_are_marked_and_moments_keep_their_distances() -> None:
    along = chart_of(ANSWERS["time"]).along
    assert along is not None
    assert (along.partial, along.moments) == ((2,), ())
    along = chart_of(ANSWERS["moments"]).along
    assert along is not None
    assert along.moments == ("2026-01-01T10:30:00", "2026-01-02T10:00:00")


def test_far_more_buckets_than_a_line_can_show_keep_their_distances_instead() -> None:
    rows = [["1000-01-01", 1], ["2026-01-01", 2]]
    days = END.__class__("day", "date", "time", granularity="day")
    along = chart_of(answer([days, BUGS], rows)).along
    assert along is not None
    assert along.labels == ("1000-01-01", "2026-01-01")
    assert along.moments


@pytest.mark.parametrize(
    ("values", "form", "ticks", "written"),
    [
        ([201, 20], None, (0, 50, 100, 150, 200, 250), ",.0f"),
        ([1, 3], None, (0, 1, 2, 3), ",.0f"),
        ([0, 0], None, (0, 1), ",.0f"),
        ([-5, 6], None, (-6, -4, -2, 0, 2, 4, 6), ",.0f"),
        ([0.27, 0.05], "percent", (0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3), ",.0%"),
        ([0.004], "percent", (0, 0.001, 0.002, 0.003, 0.004), ",.1%"),
        ([1.25], None, (0, 0.5, 1, 1.5), ",.1f"),
        ([None], None, (0, 1), ",.0f"),
    ],
)
def test_axes_have_round_numbers_that_hold_every_value(
    values: list[float | None], form: str | None, ticks: tuple[float, ...], written: str
) -> None:
    panel = Panel("Bugs", "bugs", form, (Series("Bugs", tuple(values)),))
    assert scale_of(panel) == (ticks, written)


def test_an_axis_of_piles_ends_above_the_highest() -> None:
    series = (Series("low", (3, 4)), Series("high", (5, None)))
    assert scale_of(Panel("Bugs", "bugs", None, series, stacked=True)).ticks[-1] == 8
