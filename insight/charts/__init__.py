"""Tidy table → Altair chart, and chart → picture: one look, one bundled Chinese font."""

from insight.charts.cascade import cascade
from insight.charts.draw import bars, gaps, heat, lines, paired_bars, words
from insight.charts.image import missing_glyphs, to_png, to_svg
from insight.charts.look import ACCENT, DIVERGING, FONT_FAMILY, FONT_FILE, NEUTRAL, PALETTE
from insight.charts.picking import PICKED, pickable

__all__ = [
    "ACCENT",
    "DIVERGING",
    "FONT_FAMILY",
    "FONT_FILE",
    "NEUTRAL",
    "PALETTE",
    "PICKED",
    "bars",
    "can_be_picked",
    "cascade",
    "gaps",
    "heat",
    "lines",
    "missing_glyphs",
    "paired_bars",
    "pickable",
    "to_png",
    "to_svg",
    "words",
]
