"""Charts of letters: what stands in them, how wide they are, and what an old terminal gets."""

from __future__ import annotations

import pytest

from server.charts.rules import chart_of
from server.charts.text import ASCII, BLOCKS, glyphs_for, text_of
from tests.server.charts.answers import ANSWERS, BUGS, MONTH, SEVERITY, answer


def test_bars_are_as_long_as_their_values() -> None:
    lines = text_of(chart_of(answer([SEVERITY, BUGS], [["low", 40], ["high", 20], [None, 1]])), 60)
    assert lines[2:] == [
        f"low     {'█' * 48}  40",
        f"high    {'█' * 24}{' ' * 24}  20",
        f"(none)  █▎{' ' * 46}   1",
    ]


def test_piles_have_a_fill_for_each_series_and_their_sum() -> None:
    lines = text_of(chart_of(ANSWERS["piled up"]), 20)
    assert lines[2:] == [
        "█ low  ▓ high",
        "B  ████████▓▓▓▓▓▓  9",
        "A  █████████       6",
        "C  ▓▓              1",
    ]


def test_columns_stand_over_time_and_gaps_are_empty() -> None:
    lines = text_of(chart_of(answer([MONTH, BUGS], [["2026-01-01", 0], ["2026-02-01", 8], ["2026-04-01", 4]])), 40)
    columns = lines[3:12]
    assert columns[0].startswith("8  ")
    assert columns[-2] == "0  ▁▁▁▁▁ █████       █████"
    assert columns[-1].split() == ["2026-01", "2026-04"]
    assert columns[0] == "8        █████"


def test_several_series_become_sparklines_on_one_scale() -> None:
    lines = text_of(chart_of(ANSWERS["time and category"]), 60)
    assert lines[3:5] == ["high  ▃█  last 9, most 9", "low   ▅   last 5, most 5"]


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("width", [40, 100])
def test_every_chart_has_its_title_and_notes_and_fits(name: str, width: int) -> None:
    chart = chart_of(ANSWERS[name])
    lines = text_of(chart, width)
    assert lines[0] == chart.title
    assert lines[len(lines) - len(chart.notes) :] == list(chart.notes)
    drawn = lines[1 : len(lines) - len(chart.notes)]
    assert [line for line in drawn if len(line) > max(width, 60)] == []


@pytest.mark.parametrize("name", ANSWERS)
def test_a_terminal_without_blocks_gets_plain_letters(name: str) -> None:
    chart = chart_of(ANSWERS[name])
    assert "".join(text_of(chart, 80, ASCII)).replace("·", "").isascii()


def test_the_encoding_decides_the_letters() -> None:
    assert (glyphs_for("utf-8"), glyphs_for("latin-1"), glyphs_for(None), glyphs_for("none")) == (
        BLOCKS,
        ASCII,
        ASCII,
        ASCII,
    )
