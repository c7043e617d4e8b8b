"""Charts as PNG, SVG and HTML: that they are drawn, hold every label, load nothing and run nothing that came with the data."""

from __future__ import annotations

import json
import re
import sys
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from engine import EngineError, Result
from server.charts.chart import Along, Chart, Panel, Series
from server.charts.picture import picture_of
from server.charts.rules import chart_of
from server.charts.vega import vega_lite
from tests.server.charts.answers import ANSWERS, BUGS, FEATURE, MONTH, SCORE, SEVERITY, answer

BELOW: list[list[Any]] = [["low", 7], ["high", -5], ["critical", None]]
SVG = "{http://www.w3.org/2000/svg}"
PICTURES = [
    "one number",
    "time and scales",
    "time and category",
    "moments",
    "single points",
    "piled up",
    "side by side",
    "no rows",
]


def texts(name: str) -> list[str]:
    """The texts of a chart's SVG."""
    picture = ET.fromstring(picture_of(chart_of(ANSWERS[name]), "svg"))  # noqa: S314  our own
    return ["".join(each.itertext()) for each in picture.iter(f"{SVG}text")]


def page(result: Result) -> str:
    """The page of an answer's chart without its last script, which is Vega."""
    return picture_of(chart_of(result), "html").decode().rpartition("<script>")[0]


@pytest.mark.parametrize("name", PICTURES)
def test_every_label_title_unit_and_note_stands_in_the_picture(name: str) -> None:
    chart, drawn = chart_of(ANSWERS[name]), texts(name)
    wanted = [chart.title, chart.source, *chart.notes]
    for panel in chart.panels:
        wanted += [each.name for each in panel.series] if len(panel.series) > 1 else []
    if chart.kind == "bar" and chart.along is not None:
        wanted += chart.along.labels
    assert [text for text in wanted if not any(text in each for each in drawn)] == []


@pytest.mark.parametrize("letters", [4, 7, 10, 30])
def test_labels_along_the_time_have_room_beside_each_other(letters: int) -> None:
    along = Along("Day", tuple(f"{index:0{letters}}" for index in range(731)))
    series = Series("Bugs", tuple(float(index) for index in range(731)))
    spec = vega_lite(Chart("line", "Bugs by day", "", along, "", (Panel("Bugs", "bugs", None, (series,)),)))
    shown = spec["vconcat"][0]["vconcat"][0]["layer"][0]["encoding"]["x"]["axis"]["values"]
    assert 2 <= len(shown) <= 12
    assert 680 / len(shown) > 7 * letters


def test_a_png_is_one() -> None:
    assert picture_of(chart_of(ANSWERS["category"]), "png").startswith(b"\x89PNG\r\n")


def test_rates_are_written_in_percent_and_counts_whole() -> None:
    drawn = texts("category and scales")
    assert {"5", "9", "25.0%", "50.0%", "Bugs", "Rejection rate (share of bugs)"} <= set(drawn)


def test_numbers_at_bars_and_on_hover_are_those_of_the_answer() -> None:
    spec = vega_lite(chart_of(ANSWERS["category and scales"]))
    panels = spec["vconcat"][0]["hconcat"]
    assert [[each["value"] for each in panel["data"]["values"]] for panel in panels] == [[5, 9], [0.25, 0.5]]


def test_several_panels_of_bars_are_told_apart_above_them() -> None:
    panels = vega_lite(chart_of(ANSWERS["category and scales"]))["vconcat"][0]["hconcat"]
    axes = [panel["layer"][0]["encoding"]["x"] for panel in panels]
    assert [(axis["title"], axis["axis"]["orient"]) for axis in axes] == [
        ("Bugs", "top"),
        ("Rejection rate (share of bugs)", "top"),
    ]


def test_the_values_of_a_page_tell_a_metric_without_one_from_a_group_without_one() -> None:
    html = page(ANSWERS["time and scales"])
    assert '<td title="no value">–</td>' in html


def test_a_page_loads_nothing_from_anywhere() -> None:
    html = page(ANSWERS["piled up"])
    assert "default-src 'none'" in html
    assert re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=", html) == []
    assert 'scope="row">B</th><td>5</td><td>4</td>' in html


def test_no_text_of_the_data_leaves_its_place_in_a_page() -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    rows = [[evil, evil, 1], [evil + "2", evil, 2], [evil + "2", "x", 2]]
    html = page(answer([FEATURE, SEVERITY, BUGS], rows, explanation=evil))
    assert "<script>" not in html
    assert "<img" not in html
    data = re.search(r'<script id="charts" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert data is not None
    charts = json.loads(data[1])
    values = charts["dark"]["vconcat"][0]["hconcat"][0]["data"]["values"]
    assert {each["place"] for each in values} == {evil, evil + "2"}


def test_without_the_package_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(EngineError, match="vl-convert-python") as error:
        picture_of(chart_of(ANSWERS["category"]), "png")
    assert error.value.issues[0].hint == 'Install it with: pip install "metric-cube[charts]"'


def test_numbers_stand_at_the_outer_ends_of_bars_and_a_dash_where_there_is_none() -> None:
    drawn = ET.fromstring(picture_of(chart_of(answer([SEVERITY, SCORE], BELOW)), "svg"))  # noqa: S314  our own
    ends = {
        "".join(each.itertext()): each.get("text-anchor")
        for each in drawn.iter(f"{SVG}text")
        if each.get("font-size") == "11px"
    }
    assert {text: ends[text] for text in ("7", "-5", "–")} == {"7": "start", "-5": "end", "–": "start"}


def test_a_value_without_neighbours_is_seen_among_very_many_places() -> None:
    rows: list[list[Any]] = [
        [f"{2000 + year}-{month:02}-01", name, 1] for year in range(20) for month in (1, 2) for name in "ab"
    ]
    rows.append(["2020-06-01", "a", 3])
    spec = vega_lite(chart_of(answer([MONTH, SEVERITY, BUGS], rows)))
    points = spec["vconcat"][0]["vconcat"][0]["layer"][2]
    assert points["encoding"]["size"] == {"condition": {"test": "datum.alone", "value": 34}, "value": 8}
    assert [each["place"] for each in points["data"]["values"] if each.get("alone")] == ["2020-06"]
