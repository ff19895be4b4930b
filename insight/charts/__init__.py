"""Tidy table → Altair chart, and chart → picture: one look, one bundled Chinese font."""

from insight.charts.draw import bars, heat, lines, paired_bars, words
from insight.charts.image import missing_glyphs, to_png, to_svg
from insight.charts.look import ACCENT, DIVERGING, FONT_FAMILY, FONT_FILE, NEUTRAL, PALETTE

__all__ = [
    "ACCENT",
    "DIVERGING",
    "FONT_FAMILY",
    "FONT_FILE",
    "NEUTRAL",
    "PALETTE",
    "bars",
    "heat",
    "lines",
    "missing_glyphs",
    "paired_bars",
    "to_png",
    "to_svg",
    "words",
]
