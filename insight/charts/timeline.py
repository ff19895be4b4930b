"""Sales over time with the festivals marked and the periods that are not whole in grey."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import ACCENT, DIVERGING, LABEL, NEUTRAL
from insight.charts.tidy import SAID, checked, prepared
from insight.units import title_of

MOST_POINTS = 400  # marks a reader can still tell apart
MOST_NAMED = 14
Mark = tuple[date, str]


def timeline(
    table: pl.DataFrame, *, x: str, value: str, marks: Sequence[Mark] = (), title: str = ""
) -> alt.LayerChart:
    """A line over time; partial periods are hollow and grey, festivals are thin upright lines.

    Parameters
    ----------
    table : (n_periods) ``x`` [date], ``value`` and, where it exists, is_partial
    marks : (day, name) of festivals; of many only as many as can be read
    """
    data = prepared(table).drop_nulls(x).sort(x)
    partial = "datum.is_partial" if "is_partial" in table.columns else "false"
    across = alt.X(x, type="temporal", title=None, axis=axes.time_axis())
    room = axes.room_for_labels(table[value]) if marks else alt.Scale()
    up = alt.Y(value, type="quantitative", title=title_of(value), axis=axes.number_axis(value), scale=room)  # fmt: skip
    whole = data.filter(~pl.col("is_partial")) if "is_partial" in data.columns else data
    line = alt.Chart(whole).mark_line(aria=False, strokeWidth=2, color=ACCENT).encode(across, up)
    points = alt.Chart(data).mark_circle(size=36 if data.height <= MOST_POINTS else 8, opacity=1)
    dots = points.encode(
        across,
        up,
        color=alt.condition(partial, alt.value(NEUTRAL), alt.value(ACCENT)),
        tooltip=axes.tooltips(table),
        description=alt.Description(f"{SAID}:N"),
    )
    layers: list[Any] = [*_festivals(marks, x), line, dots]
    chart = alt.LayerChart(layer=layers)
    return chart.properties(title=title, description=title) if title else chart


def _festivals(marks: Sequence[Mark], x: str) -> list[alt.Chart]:
    """Upright lines with their names along them; none where there are too many to read."""
    if not marks or len(marks) > MOST_NAMED:
        return []
    data = pl.DataFrame({x: [day for day, _ in marks], "name": [name for _, name in marks]})
    at = alt.X(x, type="temporal")
    rule = alt.Chart(data).mark_rule(aria=False, color=NEUTRAL, strokeDash=[2, 3], opacity=0.7)
    name = alt.Chart(data).mark_text(
        aria=False,
        angle=270,
        align="right",
        baseline="bottom",
        dx=-2,
        dy=-2,
        fontSize=11,
        color=LABEL,
    )
    return [rule.encode(at), name.encode(at, y=alt.value(0), text="name:N")]


def forecast(past: pl.DataFrame, future: pl.DataFrame, *, x: str, value: str, title: str = "") -> alt.LayerChart:  # fmt: skip
    """What was sold, and what is expected with the intervals around it.

    Parameters
    ----------
    past : (n) ``x`` [date], ``value``
    future : (n_ahead) ``x`` and, each behind ``value`` and "_": forecast, low_80, high_80, low_95, high_95
    """
    known, ahead = checked(past), prepared(future)
    across = alt.X(x, type="temporal", title=None, axis=axes.time_axis())
    up = alt.Y(value, type="quantitative", title=title_of(value), axis=axes.number_axis(value))
    expected = alt.Y(f"{value}_forecast", type="quantitative")
    bands = [
        alt.Chart(ahead).mark_area(aria=False, opacity=shade, color=DIVERGING[0])
        .encode(across, alt.Y(f"{value}_{low}:Q"), y2=f"{value}_{high}:Q")
        for low, high, shade in (("low_95", "high_95", 0.14), ("low_80", "high_80", 0.22))
    ]  # fmt: skip
    line = alt.Chart(known).mark_line(aria=False, strokeWidth=2, color=ACCENT).encode(across, up)
    dashes = alt.Chart(ahead).mark_line(aria=False, strokeWidth=2, strokeDash=[5, 4], color=DIVERGING[0])  # fmt: skip
    dots = alt.Chart(ahead).mark_circle(size=44, opacity=1, color=DIVERGING[0])
    said = alt.Description(f"{SAID}:N")
    layers: list[Any] = [
        *bands,
        line,
        dashes.encode(across, expected),
        dots.encode(across, expected, tooltip=axes.tooltips(future), description=said),
    ]
    chart = alt.LayerChart(layer=layers)
    return chart.properties(title=title, description=title) if title else chart
