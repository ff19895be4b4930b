"""What was added and what was taken away: bars to the right and to the left of zero."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import ACCENT, DIVERGING, LABEL, NEUTRAL, STEP
from insight.charts.tidy import SAID, WRITTEN, prepared


def changes(table: pl.DataFrame, *, label: str, value: str, title: str = "") -> alt.LayerChart:
    """Horizontal bars from zero, blue for more and orange for less, each with its number beside it.

    Parameters
    ----------
    table : (n_rows) ``label`` [unique], ``value`` [of either sign]; rows keep their order
    """
    data = prepared(table).with_columns(shown=pl.when(pl.col(value) > 0).then(pl.format("+{}", value + WRITTEN)).otherwise(value + WRITTEN))  # fmt: skip
    row = axes.down(label, table[label].to_list())
    reach = max((abs(v) for v in table[value].drop_nulls()), default=0.0) or 1.0
    across = alt.X(value, type="quantitative", axis=None, scale=alt.Scale(domain=[-1.3 * reach, 1.3 * reach]))  # fmt: skip
    is_more = f"datum['{value}'] >= 0"
    ink = alt.condition(is_more, alt.value(ACCENT), alt.value(DIVERGING[0]))
    bar = alt.Chart(data).mark_bar(height=alt.RelativeBandSize(0.62), cornerRadius=2)
    zero = alt.Chart(pl.DataFrame({"zero": [0.0]})).mark_rule(aria=False, color=NEUTRAL)
    layers: list[Any] = [
        bar.encode(row, across, color=ink, tooltip=axes.tooltips(table), description=alt.Description(f"{SAID}:N")),
        zero.encode(x="zero:Q"),
        *(_beside(data, row, value, is_more=side) for side in (True, False)),
    ]  # fmt: skip
    chart = alt.LayerChart(layer=layers).properties(height=alt.Step(STEP))
    return chart.properties(title=title, description=title) if title else chart


def _beside(data: pl.DataFrame, row: alt.Y, value: str, *, is_more: bool) -> alt.Chart:
    """The numbers of one side, outside of their bars."""
    side = alt.Chart(data.filter(pl.col(value) >= 0 if is_more else pl.col(value) < 0))
    marked = side.mark_text(
        aria=False,
        align="left" if is_more else "right",
        dx=7 if is_more else -7,
        color=LABEL,
        fontSize=12,
    )
    chart: alt.Chart = marked.encode(row, alt.X(value, type="quantitative"), text="shown:N")
    return chart
