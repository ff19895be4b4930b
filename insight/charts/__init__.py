"""Tidy table → Altair chart, and chart → picture: one look, one bundled Chinese font."""

from insight.charts.biplot import biplot
from insight.charts.cascade import cascade
from insight.charts.changes import changes
from insight.charts.curves import curves
from insight.charts.diverging import diverging
from insight.charts.draw import bars, gaps, heat, lines, paired_bars, words
from insight.charts.flows import flows
from insight.charts.funnel import funnel
from insight.charts.image import missing_glyphs, to_png, to_svg
from insight.charts.inequality import lorenz
from insight.charts.kept import Kept, kept
from insight.charts.look import ACCENT, DIVERGING, FONT_FAMILY, FONT_FILE, NEUTRAL, PALETTE
from insight.charts.network import REST, network
from insight.charts.picking import PICKED, pickable
from insight.charts.predictions import compared, tracked
from insight.charts.quadrants import Ground, around, quadrants
from insight.charts.room import least_width
from insight.charts.slopes import slopes
from insight.charts.spans import curves_over, spans
from insight.charts.timeline import MOST_NAMED, forecast, timeline
from insight.charts.tornado import tornado
from insight.charts.trends import trends

__all__ = [
    "ACCENT",
    "DIVERGING",
    "FONT_FAMILY",
    "FONT_FILE",
    "MOST_NAMED",
    "NEUTRAL",
    "PALETTE",
    "PICKED",
    "REST",
    "Ground",
    "Kept",
    "around",
    "bars",
    "biplot",
    "cascade",
    "changes",
    "compared",
    "curves",
    "curves_over",
    "diverging",
    "flows",
    "forecast",
    "funnel",
    "gaps",
    "heat",
    "kept",
    "least_width",
    "lines",
    "lorenz",
    "missing_glyphs",
    "network",
    "paired_bars",
    "pickable",
    "quadrants",
    "slopes",
    "spans",
    "timeline",
    "to_png",
    "to_svg",
    "tornado",
    "tracked",
    "trends",
    "words",
]
