"""Figures from wave to wave: one line a series over named waves, with the significant changes marked."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import ACCENT, NEUTRAL
from insight.charts.tidy import SAID, as_met, prepared
from insight.units import title_of

HEIGHT = 300  # pixels


def trends(
    table: pl.DataFrame, *, wave: str, value: str, series: str, mark: str, title: str = ""
) -> alt.LayerChart:
    """Lines over waves in the order in which the table first names them.

    Parameters
    ----------
    table : (n_points) ``wave`` [text], ``value``, ``series`` [at most eight different], ``mark`` [a short text that is
        written above the point, "" = none]; ``is_small`` draws a hollow point
    """
    data = prepared(table)
    waves = as_met(table[wave])
    across = alt.X(wave, type="nominal", title=None, sort=waves, axis=alt.Axis(labelAngle=0, labelOverlap=True, grid=False), scale=alt.Scale(padding=0.3))  # fmt: skip
    up = alt.Y(value, type="quantitative", title=title_of(value), axis=axes.number_axis(value), scale=alt.Scale(zero=False, padding=18))  # fmt: skip
    alone = table[series].n_unique() == 1
    legend = None if alone else alt.Legend(orient="top", columns=2, labelLimit=260, symbolType="stroke")  # fmt: skip
    ink = alt.Color(series, type="nominal", title=None, sort=None, legend=legend, scale=axes.few(table[series]))  # fmt: skip
    colour: Any = alt.value(ACCENT) if alone else ink
    line = alt.Chart(data).mark_line(aria=False, strokeWidth=2).encode(across, up, color=colour)
    dots = alt.Chart(data).mark_circle(opacity=1, size=60)
    points = dots.encode(
        across, up, color=alt.condition("datum.is_small", alt.value(NEUTRAL), colour),
        tooltip=axes.tooltips(table), description=alt.Description(f"{SAID}:N"),
    )  # fmt: skip
    marks = alt.Chart(data.filter(pl.col(mark) != "")).mark_text(aria=False, dy=-13, fontSize=13)
    written = marks.encode(across, up, text=f"{mark}:N", color=colour)
    chart = alt.LayerChart(layer=[line, points, written]).properties(height=HEIGHT)
    return chart.properties(title=title, description=title) if title else chart
