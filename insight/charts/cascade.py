"""Tidy table → waterfall chart: where a figure starts, what each step takes or adds, where it ends."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import ACCENT, DIVERGING, LABEL, NEUTRAL, STEP
from insight.charts.tidy import SAID, checked
from insight.units import in_words, title_of

_INKS = {"level": ACCENT, "less": DIVERGING[0], "more": NEUTRAL}


def cascade(table: pl.DataFrame, *, label: str, value: str, title: str = "") -> alt.LayerChart:
    """Horizontal bars from the first level over each change to the last level.

    Parameters
    ----------
    table : (n_steps) ``label`` [unique] and ``value``, the level after each step; the first and the
        last are drawn from zero, the others from the level before
    """
    data = _steps(table, label=label, value=value)
    row = axes.down(label, table[label].to_list())
    reach = data.select(pl.max_horizontal("low", "high").alias(value)).to_series()
    across = alt.X("low:Q", axis=None, scale=axes.room_for_labels(reach))
    ink = alt.Color("kind:N", legend=None, scale=alt.Scale(domain=list(_INKS), range=list(_INKS.values())))  # fmt: skip
    tips = [alt.Tooltip(f"{label}:N", title=title_of(label)), alt.Tooltip("change:N", title="变化"), alt.Tooltip("after:N", title=title_of(value))]  # fmt: skip
    bar = alt.Chart(data).mark_bar(cornerRadius=2, height=alt.RelativeBandSize(0.62))
    beside = alt.Chart(data).mark_text(aria=False, align="left", dx=7, color=LABEL, fontSize=12)
    said = alt.Description(f"{SAID}:N")
    layers: list[Any] = [
        bar.encode(row, across, x2="high:Q", color=ink, tooltip=tips, description=said),
        beside.encode(row, alt.X("high:Q"), text="shown:N"),
    ]
    chart = alt.LayerChart(layer=layers).properties(height=alt.Step(STEP))
    return chart.properties(title=title, description=title) if title else chart


def _steps(table: pl.DataFrame, *, label: str, value: str) -> pl.DataFrame:
    """Ends of each bar, what kind it is, and what stands beside it."""
    levels = checked(table)[value].cast(pl.Float64).to_list()
    whole = table[value].dtype.is_integer()
    rows = []
    for at, (name, level) in enumerate(zip(table[label], levels, strict=True)):
        before = levels[at - 1] if 0 < at < len(levels) - 1 else 0.0
        is_level = at in (0, len(levels) - 1)
        change, after = (in_words(int(x) if whole else x, column=value) for x in (level - before, level))  # fmt: skip
        kind = "level" if is_level else "less" if level < before else "more"
        shown = change if is_level or change.startswith("-") else f"+{change}"
        ends = {"low": min(before, level), "high": max(before, level)}
        told = f"{name}：{shown}，{title_of(value)} {after}"
        rows.append({label: name, **ends, "kind": kind, "change": shown, "after": after, "shown": shown, SAID: told})  # fmt: skip
    return pl.DataFrame(rows)
