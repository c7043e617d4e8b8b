"""What a person sees of a sync: on wide and narrow screens, on those without Unicode, in a pipe, and of an API in trouble."""

from __future__ import annotations

import io
import logging
import re
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from server.terminal.progress import Bars, Lines, on_screen

if TYPE_CHECKING:
    from ingest import Phase

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


def screen(width: int, encoding: str = "utf-8") -> tuple[Console, io.BytesIO]:
    """A screen of this width, and what is written on it."""
    written = io.BytesIO()
    file = io.TextIOWrapper(written, encoding=encoding, errors="strict", write_through=True)
    return Console(file=file, force_terminal=True, width=width, color_system=None, _environ={}), written


def lines_of(written: io.BytesIO, encoding: str = "utf-8") -> list[str]:
    """What was drawn, line by line, also what was drawn over."""
    drawn = CONTROL.sub("\n", written.getvalue().decode(encoding))
    return [line for line in drawn.splitlines() if line.strip()]


def run_a_sync(bars: Bars) -> None:
    """All phases, the last of them in the middle."""
    before: dict[Phase, int | None] = {"products": None, "features": 4, "tests": None}
    with bars:
        for phase, total in before.items():
            bars.start(phase, total)
            bars.advance(phase, 4)
            bars.finish(phase)
        bars.start("bugs", 12_345)
        bars.advance("bugs", 1_234)


@pytest.mark.parametrize("width", [39, 40, 64, 80, 99, 100, 200])
def test_every_number_fits_the_screen_and_says_how_long_the_rest_takes(width: int) -> None:
    console, written = screen(width)
    run_a_sync(Bars(console))
    told = lines_of(written)
    assert max(map(len, told)) <= width
    assert not any("…" in line for line in told)
    assert re.search(r"Bugs.* 1,234 of 12,345 .*\d:\d\d:\d\d left", told[-1])
    assert re.search(r"✓ Products .* 4 of 4 ", told[-4])


def test_columns_stay_where_they_are_while_numbers_grow() -> None:
    console, written = screen(80)
    run_a_sync(Bars(console))
    drawn = [line for line in lines_of(written) if " of " in line]
    assert len({line.index(" 0:") for line in drawn}) == 1


def test_no_time_is_told_to_be_left_of_what_nobody_knows_the_size() -> None:
    console, written = screen(80)
    with Bars(console) as bars:
        bars.start("tests", None)
        bars.advance("tests", 50)
        bars.advance("tests", 50)
    assert re.search(r" 100 0:00:\d\d *$", lines_of(written)[-1])


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_a_screen_without_unicode_shows_what_it_can(encoding: str) -> None:
    console, written = screen(80, encoding)
    run_a_sync(Bars(console))
    assert lines_of(written, encoding)[-4].startswith("+ Products ")


@pytest.mark.parametrize(
    ("term", "columns", "kind"), [("xterm", "80", Bars), ("dumb", "80", Lines), ("xterm", "38", Lines)]
)
def test_a_screen_that_cannot_show_bars_gets_lines(
    monkeypatch: pytest.MonkeyPatch, term: str, columns: str, kind: type[Bars | Lines]
) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("TERM", term), ("COLUMNS", columns), ("LINES", "24")):
        monkeypatch.setenv(name, value)
    assert type(on_screen()) is kind


def test_the_same_trouble_of_many_calls_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    console, written = screen(80)
    with Bars(console) as bars, Lines() as lines:
        for looking_on in (bars, lines):
            for seconds in (2, 3, 5):
                looking_on.note(f"The API failed on bugs (HTTP 503). Asking again in {seconds} s.")
            looking_on.note("Waiting for the lock.")
    wanted = ["The API failed on bugs (HTTP 503). Asking again in 2 s.", "Waiting for the lock."]
    assert lines_of(written) == wanted
    assert capsys.readouterr().err.splitlines() == wanted


def test_what_is_logged_is_kept_off_the_screen_while_it_is_drawn_on(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("ingest.catalogue")
    root = logging.getLogger()
    of_pytest, root.handlers = root.handlers, []
    try:
        with Bars(screen(80)[0]):
            log.warning("not shown")
        log.warning("shown")
    finally:
        root.handlers = of_pytest
    assert capsys.readouterr().err == "shown\n"
