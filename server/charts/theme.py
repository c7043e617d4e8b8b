"""How charts look, in light and in dark: colours, shapes and type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FONT: Final = "Inter, Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"

COLOURS: Final = {
    "light": ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#4d4d4d", "#8c5a2b"),
    "dark": ("#4aa8e0", "#f0b429", "#2fc49a", "#e39cc4", "#9ad4f5", "#f2803a", "#d0d0d0", "#c39a6b"),
}
"""Okabe and Ito's colours, which people who see fewer of them can tell apart; brown for their yellow, which white swallows."""
REST: Final = {"light": "#b8bcc2", "dark": "#6b7178"}
SHAPES: Final = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "triangle-down",
    "triangle-right",
    "triangle-left",
)

THEMES: Final = {
    "light": {"ground": "#ffffff", "ink": "#1f2328", "soft": "#59636e", "line": "#e4e7eb"},
    "dark": {"ground": "#14171b", "ink": "#e8eaed", "soft": "#a2abb5", "line": "#2f353c"},
}


def config_of(theme: str) -> dict[str, Any]:
    """The configuration of Vega-Lite for a theme: "light" or "dark"."""
    colours: Mapping[str, str] = THEMES[theme]
    text = {"labelColor": colours["soft"], "titleColor": colours["soft"], "labelFontSize": 11, "titleFontSize": 11}
    first = COLOURS[theme][0]
    return {
        "background": colours["ground"],
        "padding": 20,
        "font": FONT,
        "view": {"stroke": None},
        "title": {
            "color": colours["ink"],
            "subtitleColor": colours["soft"],
            "fontSize": 16,
            "fontWeight": 600,
            "subtitleFontSize": 12,
            "subtitleLineHeight": 16,
            "lineHeight": 20,
            "subtitlePadding": 6,
        },
        "axis": {
            **text,
            "titleFontWeight": "normal",
            "titlePadding": 10,
            "gridColor": colours["line"],
            "domainColor": colours["line"],
            "tickColor": colours["line"],
        },
        "legend": {**text, "titleFontWeight": "normal", "symbolStrokeWidth": 2, "offset": 10},
        "line": {"stroke": first, "strokeWidth": 2, "strokeJoin": "round"},
        "point": {"color": first, "fill": first},
        "bar": {"color": first, "cornerRadiusEnd": 2},
        "text": {"color": colours["soft"]},
    }
