"""Tidy table → Lorenz curve: how far an even spread is from the real one."""

from __future__ import annotations

import altair as alt
import polars as pl

from insight.charts.look import ACCENT, LABEL, NEUTRAL
from insight.charts.tidy import checked

PEOPLE, HELD = "share_of_customers", "share_of_spend"


def lorenz(table: pl.DataFrame, *, title: str = "") -> alt.LayerChart:
    """The Lorenz curve over the line of an even spread.

    Parameters
    ----------
    table : (n_points) share_of_customers, share_of_spend, both from 0 to 1 and ascending
    """
    data = alt.Chart(checked(table))
    scale = alt.Scale(domain=[0, 1], nice=False)
    percent = alt.Axis(format=".0%", tickCount=5)
    across = alt.X(PEOPLE, type="quantitative", title="客户累计占比", scale=scale, axis=percent)
    up = alt.Y(HELD, type="quantitative", title="金额累计占比", scale=scale, axis=percent)
    tips = [alt.Tooltip(f"{PEOPLE}:Q", title="客户累计占比", format=".0%"), alt.Tooltip(f"{HELD}:Q", title="金额累计占比", format=".1%")]  # fmt: skip
    even = alt.Chart(pl.DataFrame({PEOPLE: [0.0, 1.0], HELD: [0.0, 1.0]}))
    name = alt.Chart(pl.DataFrame({PEOPLE: [0.5], HELD: [0.5], "name": ["人人一样多"]}))
    layers = [
        data.mark_area(aria=False, color=ACCENT, opacity=0.12).encode(across, up),
        data.mark_line(aria=False, color=ACCENT, strokeWidth=2).encode(across, up),
        even.mark_line(aria=False, color=NEUTRAL, strokeDash=[4, 4]).encode(across, up),
        name.mark_text(aria=False, align="right", dx=-8, dy=-6, color=LABEL).encode(across, up, text="name:N"),
        data.mark_circle(size=60, opacity=0).encode(across, up, tooltip=tips),
    ]  # fmt: skip
    chart = alt.LayerChart(layer=layers).properties(height=320)
    return chart.properties(title=title, description=title) if title else chart
