"""A chart as one HTML page: light or dark as the reader's screen is, values on hover, and the same values as a table."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any, Final

from server.charts.vega import vega_lite
from server.labels import NO_VALUE, number_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.charts.chart import Chart

SHOW: Final = """
const charts = JSON.parse(document.getElementById("charts").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const show = () =>
  vegaEmbed("#chart", dark.matches ? charts.dark : charts.light, {
    renderer: "svg",
    actions: { export: true, source: false, compiled: false, editor: false },
    tooltip: { theme: dark.matches ? "dark" : "light" },
  });
dark.addEventListener("change", show);
show();
"""
"""What the page runs, bundled with the libraries that it uses."""

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ --ground: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #e4e7eb; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ground: #14171b; --ink: #e8eaed; --soft: #a2abb5; --line: #2f353c; }}
}}
body {{ margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 14px/1.5 Inter, "Helvetica Neue", Helvetica, Arial, sans-serif; }}
#chart {{ width: fit-content; max-width: 100%; }}
#chart svg {{ max-width: 100%; height: auto; }}
summary {{ cursor: pointer; color: var(--soft); padding: 0 20px; }}
.values {{ overflow-x: auto; padding: 0 20px; }}
table {{ border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }}
th, td {{ padding: 0.25rem 0.75rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }}
th {{ font-weight: 600; }}
th:first-child {{ text-align: left; }}
thead th {{ color: var(--soft); font-weight: normal; }}
</style>
</head>
<body>
<div id="chart" role="img" aria-label="{label}"></div>
{table}
<script id="charts" type="application/json">{charts}</script>
<script>{script}</script>
</body>
</html>
"""
_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:"
)
"""Nothing is loaded from anywhere. Vega compiles its expressions, hence `unsafe-eval`."""


def page(chart: Chart, script: str) -> str:
    """The page of a chart; `script` is `SHOW`, bundled with Vega-Lite."""
    charts = json.dumps({theme: vega_lite(chart, theme) for theme in ("light", "dark")})
    return _PAGE.format(
        policy=_POLICY,
        title=html.escape(chart.title),
        label=html.escape(f"{chart.title}. {chart.subtitle}".strip()),
        table="\n".join(_table(chart)),
        charts=_inside_script(charts),
        script=script.replace("</script", "<\\/script"),
    )


def _inside_script(data: str) -> str:
    """JSON that cannot end the element it stands in, whatever texts it holds."""
    return data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _table(chart: Chart) -> Iterator[str]:
    """The values that are drawn, one row for each place along the chart."""
    if chart.along is None:
        return
    columns = [(panel, series) for panel in chart.panels for series in panel.series]
    names = [series.name if len(panel.series) > 1 else panel.axis for panel, series in columns]
    yield "<details><summary>Values</summary><div class=values><table><thead><tr>"
    yield "".join(f'<th scope="col">{html.escape(name)}</th>' for name in (chart.along.title, *names))
    yield "</tr></thead><tbody>"
    for index, place in enumerate(chart.along.labels):
        cells = "".join(_cell(series.values[index], panel.format) for panel, series in columns)
        yield f'<tr><th scope="row">{html.escape(place)}</th>{cells}</tr>'
    yield "</tbody></table></div></details>"


def _cell(value: float | None, form: Any) -> str:
    if value is None:
        return f'<td title="no value">{NO_VALUE}</td>'
    return f"<td>{html.escape(number_label(value, form))}</td>"
