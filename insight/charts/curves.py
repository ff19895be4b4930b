"""Steps over days: the share that has come back, or is still there, after so many days."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.tidy import SAID, prepared
from insight.units import title_of

HEIGHT = 320  # pixels, with the names above


def curves(table: pl.DataFrame, *, x: str, value: str, series: str, title: str = "") -> alt.LayerChart:  # fmt: skip
    """Step lines over a number, named above; where ci_low and ci_high exist, with bands.

    Parameters
    ----------
    table : (n_points) ``x`` [a number], ``value``, ``series`` [at most eight different]
    """
    data = prepared(table).sort(series, x)
    across = alt.X(x, type="quantitative", title=title_of(x), axis=alt.Axis(grid=False, tickCount=6, format=",d"))  # fmt: skip
    up = alt.Y(value, type="quantitative", title=title_of(value), axis=axes.number_axis(value))
    ink = alt.Color(
        series,
        type="nominal",
        title=None,
        legend=alt.Legend(orient="top", symbolType="stroke", columns=3),
        scale=axes.few(table[series]),
    )
    line = alt.Chart(data).mark_line(aria=False, strokeWidth=2, interpolate="step-after")
    points = alt.Chart(data).mark_circle(size=24, opacity=0)  # to be hit by the pointer
    layers: list[Any] = [
        *_bands(data, across, ink),
        line.encode(across, up, color=ink),
        points.encode(across, up, color=ink, tooltip=axes.tooltips(table), description=alt.Description(f"{SAID}:N")),
    ]  # fmt: skip
    chart = alt.LayerChart(layer=layers).properties(height=HEIGHT)
    return chart.properties(title=title, description=title) if title else chart


def _bands(data: pl.DataFrame, across: alt.X, ink: alt.Color) -> list[alt.Chart]:
    if not {"ci_low", "ci_high"} <= set(data.columns):
        return []
    band = alt.Chart(data.drop_nulls("ci_low")).mark_area(aria=False, opacity=0.12, interpolate="step-after")  # fmt: skip
    return [band.encode(across, alt.Y("ci_low:Q"), y2="ci_high:Q", color=ink)]
