"""The map of a correspondence analysis: named rows and columns on two axes of equal scale."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import NEUTRAL
from insight.charts.tidy import SAID, prepared
from insight.units import title_of

SIZE = 460  # pixels of height
WIDER = 1.7  # a page is so much wider: one unit is about as long across as up


def biplot(
    table: pl.DataFrame, *, label: str, x: str, y: str, side: str, titles: tuple[str, str]
) -> alt.LayerChart:
    """Named points of several sides, each with its own colour and shape, around the centre.

    Parameters
    ----------
    table : (n_points) ``label``, ``x``, ``y``, ``side`` [at most four different]
    titles : of the two axes, with what they show
    """
    data = prepared(table)
    farthest = table.select(pl.max_horizontal(pl.col(x).abs().max() / WIDER, pl.col(y).abs().max()))
    reach = 1.15 * max(float(farthest.item() or 0), 1e-3)
    up_to, across_to = (
        alt.Scale(domain=[-reach, reach], nice=False),
        alt.Scale(domain=[-WIDER * reach, WIDER * reach], nice=False),
    )
    axis = alt.Axis(grid=False, tickCount=5)
    across = alt.X(x, type="quantitative", title=titles[0], scale=across_to, axis=axis)
    up = alt.Y(y, type="quantitative", title=titles[1], scale=up_to, axis=axis)
    legend = alt.Legend(orient="top")
    ink = alt.Color(
        side, type="nominal", title=None, sort=None, legend=legend, scale=axes.few(table[side])
    )
    form = alt.Shape(side, type="nominal", title=None, sort=None, legend=legend)
    zero = alt.Chart(pl.DataFrame({"zero": [0.0]}))
    rule: dict[str, Any] = {"aria": False, "color": NEUTRAL, "strokeDash": [4, 4], "opacity": 0.6}
    points = alt.Chart(data).mark_point(filled=True, size=80, opacity=1)
    names = alt.Chart(data).mark_text(aria=False, align="left", dx=8, dy=-5, fontSize=12)
    layers: list[Any] = [
        points.encode(across, up, color=ink, shape=form, tooltip=axes.tooltips(table), description=alt.Description(f"{SAID}:N")),
        zero.mark_rule(**rule).encode(x="zero:Q"),
        zero.mark_rule(**rule).encode(y="zero:Q"),
        names.encode(across, up, color=ink, text=f"{label}:N"),
    ]  # fmt: skip
    chart = alt.LayerChart(layer=layers).properties(height=SIZE)
    drawn = f"{title_of(label)}的对应图"
    return chart.properties(description=drawn)
