"""The steps of a funnel as bars: how many are left, what share of the first step and of the step before."""

from __future__ import annotations

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import ACCENT, LABEL, PALE, STEP
from insight.charts.tidy import SAID, prepared
from insight.wording import count, percent

_ROOM = 1.75  # of the longest bar: "12,345（上一步的 45.6%）" stands beside it


def funnel(table: pl.DataFrame, *, label: str, title: str = "") -> alt.LayerChart:
    """Bars from the first step down, each over the pale bar of the step before.

    Parameters
    ----------
    table : (n_steps) ``label``, n, share_of_previous [null for the first]; steps keep their order
    """
    rows = table.with_columns(
        n_before=pl.col("n").shift(1).fill_null(pl.col("n")),
        words=pl.Series([_told(n, share) for n, share in table.select("n", "share_of_previous").rows()], dtype=pl.String),
    )  # fmt: skip
    data = prepared(rows)
    longest = max(1, int(table["n"].max() or 1))  # type: ignore[arg-type]
    scale = alt.Scale(domain=[0, _ROOM * longest])
    row = axes.down(label, table[label].to_list())
    whole = alt.X("n_before:Q", axis=None, scale=scale)
    across = alt.X("n:Q", axis=None, scale=scale)
    base = alt.Chart(data)
    layers = [
        base.mark_bar(aria=False, color=PALE, cornerRadiusEnd=2).encode(row, whole),
        base.mark_bar(color=ACCENT, cornerRadiusEnd=2).encode(
            row, across, tooltip=axes.tooltips(table), description=alt.Description(f"{SAID}:N")
        ),
        base.mark_text(aria=False, align="left", dx=7, color=LABEL, fontSize=12).encode(
            row, x=alt.X("n_before:Q", axis=None, scale=scale), text="words:N"
        ),
    ]
    drawn = alt.LayerChart(layer=layers).properties(height=alt.Step(STEP))
    return drawn.properties(title=title, description=title) if title else drawn


def _told(n: int, share: float | None) -> str:
    return count(n) if share is None else f"{count(n)}（上一步的 {percent(share)}）"
