"""The chart that hosts of MCP Apps show beside an answer of query_metrics: one page that needs nothing but itself.

rules.js     from the answer to a chart, by the rules of server/charts/rules.py
drawing.js   the chart as SVG, with values on hover and by keyboard
view.js      the page: title, drawing, table, notes
host.js      messages to and from the host (MCP Apps 2026-01-26)
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["SCRIPTS", "chart_page"]

SCRIPTS = ("rules.js", "drawing.js", "view.js", "host.js")
_HERE = Path(__file__).parent


@cache
def chart_page() -> str:
    """The page: HTML with its style and its scripts in it, which loads nothing."""
    scripts = "\n".join(_part(name) for name in SCRIPTS)
    return _part("chart.html").replace("/* style.css */\n", _part("style.css")).replace("/* scripts */\n", scripts)


def _part(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
