"""How wide a chart must be, so that what is written in it can be read."""

from __future__ import annotations

import altair as alt

LEAST, _NAMES, _CELL = (
    260,
    150,
    70,
)  # pixels: any chart; the names of the rows, a column of a heat map


def least_width(chart: alt.TopLevelMixin) -> int:
    """Pixels below which a chart must rather be scrolled: a heat map needs room for its columns."""
    layers = chart.to_dict(validate=False).get("layer", [])
    mark, across = (layers[0].get(key, {}) for key in ("mark", "encoding")) if layers else ({}, {})
    if not isinstance(mark, dict) or mark.get("type") != "rect":
        return LEAST
    columns = across.get("x", {}).get("sort") or []
    return max(LEAST, _NAMES + _CELL * len(columns))
