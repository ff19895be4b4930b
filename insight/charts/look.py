"""The colours, the font and the sizes that every chart shares."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

FONT_FILE = Path(__file__).parents[1] / "fonts" / "NotoSansSC-Regular.otf"
FONT_FAMILY = "Noto Sans SC"
FONT_STACK = f"{FONT_FAMILY}, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"

# Any two differ by more than 20 (CIE76) to normal eyes and in the three dichromacies of Machado,
# Oliveira & Fernandes (2009), against 16 for Okabe & Ito (2008), and stand out on white and black.
PALETTE = ("#1B63A5", "#DD863F", "#169965", "#69B9F7", "#AF3E0C", "#DBAD0B", "#B89DA9", "#565971")
ACCENT = PALETTE[0]
NEUTRAL = "#9AA1AC"  # what is not the point of the chart
DIVERGING = ("#AF3E0C", "#1B63A5")  # worse, better
INK = "#1F2733"  # on a coloured or white ground
LABEL = "#6E7683"  # on the page's own ground, light or dark
PALE = "#EAF1F8"  # the low end of a heat map
SMALL_FILL = "#E3E6EA"  # cells with too small a base

MAX_ROWS = 5_000
STEP = 30  # pixels a bar or a heat-map row takes
PAIR_STEP = 17

# For pictures only: on screen Streamlit's own theme rules.
CONFIG: Mapping[str, Any] = MappingProxyType({
    "font": FONT_STACK,
    "background": "white",
    "view": {"stroke": None, "continuousWidth": 520, "continuousHeight": 260, "discreteWidth": 520},
    "title": {"anchor": "start", "fontSize": 15, "fontWeight": "normal", "color": INK, "offset": 14},
    "axis": {
        "aria": False, "domain": False, "ticks": False, "gridColor": "#E6E9ED", "labelColor": "#4A5260", "labelFontSize": 12,
        "titleColor": LABEL, "titleFontSize": 12, "titleFontWeight": "normal", "labelPadding": 8, "titlePadding": 10,
    },
    "legend": {
        "aria": False,        "labelColor": "#4A5260", "labelFontSize": 12, "titleColor": LABEL, "titleFontSize": 12,
        "titleFontWeight": "normal", "symbolType": "square",
    },
    "range": {"category": list(PALETTE)},
})  # fmt: skip
