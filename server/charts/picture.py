"""A chart as a file: PNG, SVG, or an HTML page that needs no network; drawn by Vega-Lite, which vl-convert-python brings along."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from engine import EngineError, Issue
from server.charts.page import SHOW, page
from server.charts.vega import vega_lite

if TYPE_CHECKING:
    from server.charts.chart import Chart

FORMATS: Final = ("png", "svg", "html")
_SCALE: Final = 2
"""Pixels for each point: sharp on the screens of today."""


def picture_of(chart: Chart, form: str) -> bytes:
    """A chart as the bytes of a file in one of `FORMATS`; raises EngineError if vl-convert-python is not installed."""
    vega = renderer()
    if form == "png":
        png: bytes = vega.vegalite_to_png(vega_lite(chart), scale=_SCALE, allowed_base_urls=[])
        return png
    if form == "svg":
        svg: str = vega.vegalite_to_svg(vega_lite(chart), allowed_base_urls=[])
        return svg.encode()
    return page(chart, vega.javascript_bundle(SHOW)).encode()


def renderer() -> Any:
    """The package that draws; raises EngineError if it is not installed."""
    try:
        return importlib.import_module("vl_convert")
    except ImportError as error:
        hint = 'Install it with: pip install "metric-cube[charts]"'
        raise EngineError(
            Issue("E_PACKAGE_MISSING", "Pictures of charts need vl-convert-python.", hint=hint)
        ) from error
