"""What an outcome becomes when one assumption at a time goes from low to high: bars around what was planned."""

from __future__ import annotations

from typing import Any, Literal

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import ACCENT, DIVERGING, LABEL, NEUTRAL, STEP
from insight.charts.tidy import SAID, WRITTEN, prepared


def tornado(table: pl.DataFrame, *, label: str, ends: tuple[str, str], at: float, title: str = "") -> alt.LayerChart:  # fmt: skip
    """Horizontal bars from the outcome at the low end of an assumption to that at its high end.

    Parameters
    ----------
    table : (n_assumptions) ``label`` [unique], the two ``ends``; widest first
    at : the planned outcome, drawn as a line
    """
    low, high = ends
    data = prepared(table).with_columns(start=pl.min_horizontal(ends), end=pl.max_horizontal(ends), rises=pl.col(high) >= pl.col(low))  # fmt: skip
    row = axes.down(label, table[label].to_list())
    values = [*table[low], *table[high], at]
    room = 0.35 * (max(values) - min(values) or 1.0)
    across = alt.X("start", type="quantitative", axis=None, scale=alt.Scale(domain=[min(values) - room, max(values) + room]))  # fmt: skip
    ink = alt.condition("datum.rises", alt.value(ACCENT), alt.value(DIVERGING[0]))
    bar = alt.Chart(data).mark_bar(height=alt.RelativeBandSize(0.62))
    planned = alt.Chart(pl.DataFrame({"planned": [at]})).mark_rule(aria=False, color=NEUTRAL)
    layers: list[Any] = [
        bar.encode(row, across, x2="end:Q", color=ink, tooltip=axes.tooltips(table), description=alt.Description(f"{SAID}:N")),
        planned.encode(x="planned:Q"),
        *(_beside(data, row, at_end=end, ends=ends) for end in ("start", "end")),
    ]  # fmt: skip
    chart = alt.LayerChart(layer=layers).properties(height=alt.Step(STEP))
    return chart.properties(title=title, description=title) if title else chart


def _beside(data: pl.DataFrame, row: alt.Y, *, at_end: str, ends: tuple[str, str]) -> alt.Chart:
    """The outcome at one end, outside of the bar."""
    is_low = pl.col(at_end) == pl.col(ends[0])
    words = pl.when(is_low).then(ends[0] + WRITTEN).otherwise(ends[1] + WRITTEN)
    align: Literal["right", "left"] = "right" if at_end == "start" else "left"
    dx = -7 if at_end == "start" else 7
    marked = alt.Chart(data.with_columns(told=words)).mark_text(aria=False, align=align, dx=dx, color=LABEL, fontSize=12)  # fmt: skip
    chart: alt.Chart = marked.encode(row, alt.X(at_end, type="quantitative"), text="told:N")
    return chart
