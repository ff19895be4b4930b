"""Curves over prices: several shares against one number, straight between the points, with marked crossings."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import LABEL, NEUTRAL
from insight.charts.tidy import SAID, prepared
from insight.units import title_of

HEIGHT = 320  # pixels, with the names above


def slopes(
    table: pl.DataFrame, *, x: str, value: str, series: str, marks: pl.DataFrame | None = None
) -> alt.LayerChart:
    """Straight lines over a number, named above; named vertical lines where ``marks`` says.

    Parameters
    ----------
    table : (n_points) ``x`` [a number], ``value``, ``series`` [at most eight different]
    marks : (n_marks) ``x``, name
    """
    data = prepared(table).sort(series, x)
    across = alt.X(x, type="quantitative", title=title_of(x), axis=alt.Axis(grid=False, tickCount=8), scale=alt.Scale(zero=False))  # fmt: skip
    up = alt.Y(value, type="quantitative", title=title_of(value), axis=axes.number_axis(value))
    ink = alt.Color(
        series,
        type="nominal",
        title=None,
        sort=None,
        legend=alt.Legend(orient="top", symbolType="stroke", columns=4),
        scale=axes.few(table[series]),
    )
    line = alt.Chart(data).mark_line(aria=False, strokeWidth=2)
    points = alt.Chart(data).mark_circle(size=24, opacity=0)  # to be hit by the pointer
    layers: list[Any] = [
        line.encode(across, up, color=ink),
        points.encode(across, up, color=ink, tooltip=axes.tooltips(table), description=alt.Description(f"{SAID}:N")),
    ]  # fmt: skip
    if marks is not None and marks.height:
        rule = alt.Chart(marks).mark_rule(aria=False, color=NEUTRAL, strokeDash=[4, 4])
        name = alt.Chart(marks).mark_text(aria=False, align="left", dx=4, baseline="top", color=LABEL)  # fmt: skip
        staggered = alt.Y("height:Q")
        layers += [rule.encode(x=f"{x}:Q"), name.encode(alt.X(f"{x}:Q"), staggered, text="name:N")]
    return alt.LayerChart(layer=layers).properties(height=HEIGHT)
