"""Words that go together as a map: a point for each word, a line for each pair, a colour for each group."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import LABEL, NEUTRAL, PALETTE
from insight.charts.tidy import SAID, prepared

SIZE = 520  # pixels of height
_REACH = 1.05  # of the map beyond its outermost points
_AREAS = [50, 800]  # of the smallest and the largest point [px²]
_WIDTHS = [1, 6]  # of the weakest and the strongest line [px]
_BELOW = 2  # a name stands below its point [px]
_COLUMNS = alt.ExprRef("max(1, floor(width / 150))")  # of the legend, as many as have room
REST = "其余"  # the groups beyond those that the palette tells apart


def network(
    nodes: pl.DataFrame, edges: pl.DataFrame, *, size: str, strength: str, title: str = ""
) -> alt.LayerChart:
    """Named points and the lines between them.

    Parameters
    ----------
    nodes : (n) word, spot_x and spot_y [-1..1], group [a name, ordered as they are first met], ``size``
    edges : (m) spot_x, spot_y, other_x, other_y, ``strength``
    """
    data = prepared(nodes)
    plane = alt.Scale(domain=[-_REACH, _REACH], nice=False)
    across = alt.X("spot_x:Q", axis=None, scale=plane)
    up = alt.Y("spot_y:Q", axis=None, scale=plane)
    ink = alt.Color(
        "group:N", title=None, scale=_inks(nodes), legend=alt.Legend(orient="top", columns=_COLUMNS)
    )
    area = alt.Size(f"{size}:Q", scale=alt.Scale(range=_AREAS), legend=None)
    width = alt.StrokeWidth(f"{strength}:Q", scale=alt.Scale(range=_WIDTHS), legend=None)
    lines = alt.Chart(edges).mark_rule(aria=False, color=NEUTRAL, strokeOpacity=0.45)
    points = alt.Chart(data).mark_point(filled=True, opacity=1, stroke="white", strokeWidth=1)
    names: dict[str, Any] = {
        "aria": False,
        "baseline": "top",
        "dy": {"expr": f"sqrt(scale('size', datum['{size}']) / PI) + {_BELOW}"},
        "fontSize": 12,
        "color": LABEL,
    }
    layers: list[Any] = [
        lines.encode(across, up, x2="other_x:Q", y2="other_y:Q", strokeWidth=width),
        points.encode(across, up, color=ink, size=area, tooltip=axes.tooltips(nodes), description=alt.Description(f"{SAID}:N")),
        alt.Chart(data).mark_text(**names).encode(across, up, text="word:N"),
    ]  # fmt: skip
    chart = alt.LayerChart(layer=layers).properties(height=SIZE)
    return chart.properties(title=title, description=title) if title else chart


def _inks(nodes: pl.DataFrame) -> alt.Scale:
    """The palette for the named groups, grey for the rest where there is one."""
    groups = nodes["group"].unique(maintain_order=True).to_list()
    named = [name for name in groups if name != REST]
    rest = [REST] if REST in groups else []
    return alt.Scale(domain=[*named, *rest], range=[*PALETTE[: len(named)], *[NEUTRAL for _ in rest]])  # fmt: skip
