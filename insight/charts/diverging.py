"""Stacked shares that part in the middle: bad answers to the left, good ones to the right, the neutral one split."""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import DIVERGING, INK, LABEL, STEP
from insight.charts.tidy import SAID, WRITTEN, as_met, prepared

_MIDDLE = "#D5D9DE"  # the neutral answer
_WRITTEN_FROM = 0.09  # narrower pieces have no room for their number
_WORST, _BEST, _BESIDE = "__worst", "__best", "__beside"


def diverging(
    table: pl.DataFrame, *, label: str, part: str, value: str, beside: str = "", title: str = ""
) -> alt.LayerChart:
    """One bar a row, its parts around zero.

    Parameters
    ----------
    table : (n_rows x n_parts) ``label``, ``part`` [worst first; of an odd number the middle one is neutral],
        ``value`` [share of the row, 0..1]
    beside : column with a text that is written at the right end, one for each row
    """
    rows, parts = as_met(table[label]), as_met(table[part])
    placed = _placed(table, label=label, part=part, value=value, parts=parts)
    data = prepared(placed)
    left = min([-0.1, *placed[_WORST].drop_nulls()])
    right = max([0.1, *placed[_BEST].drop_nulls()])
    end = right + (0.4 * (right - left) if beside else 0.0)
    row = axes.down(label, rows)
    ticks = [at / 4 for at in range(-4, 5) if left <= at / 4 <= right]
    percent = alt.Axis(labelExpr="format(abs(datum.value), '.0%')", values=ticks, grid=False)
    across = alt.X(f"{_WORST}:Q", title=None, axis=percent, scale=alt.Scale(domain=[left, end], nice=False))  # fmt: skip
    scale = alt.Scale(domain=parts, range=shades(len(parts)))
    legend = alt.Legend(orient="top", columns=min(5, len(parts)), labelLimit=160)
    ink = alt.Color(part, type="nominal", title=None, sort=parts, scale=scale, legend=legend)
    pieces = alt.Chart(data).mark_bar().encode(
        row, across, x2=f"{_BEST}:Q", color=ink, tooltip=axes.tooltips(table), description=alt.Description(f"{SAID}:N"),
    )  # fmt: skip
    wide = data.filter(pl.col(value) >= _WRITTEN_FROM).with_columns(middle=(pl.col(_WORST) + pl.col(_BEST)) / 2)  # fmt: skip
    ends = [parts[0], parts[-1]]
    dark = f"indexof({json.dumps(ends, ensure_ascii=False)}, datum['{part}']) >= 0"
    light = alt.condition(dark, alt.value("white"), alt.value(INK))
    inside = alt.Chart(wide).mark_text(aria=False, fontSize=11).encode(row, x="middle:Q", text=f"{value}{WRITTEN}:N", color=light)  # fmt: skip
    layers: list[Any] = [pieces, inside]
    if beside:
        layers.append(_beside(data, row, label=label, beside=beside, at=end))
    chart = alt.LayerChart(layer=layers).properties(height=alt.Step(STEP))
    return chart.properties(title=title, description=title) if title else chart


def _beside(data: pl.DataFrame, row: alt.Y, *, label: str, beside: str, at: float) -> alt.Chart:
    told = data.unique(label, keep="first", maintain_order=True).select(label, pl.col(beside).alias(_BESIDE), pl.lit(at).alias("end"))  # fmt: skip
    text: alt.Chart = alt.Chart(told).mark_text(aria=False, align="right", color=LABEL, fontSize=12)
    written: alt.Chart = text.encode(row, x="end:Q", text=f"{_BESIDE}:N")
    return written


def _placed(
    table: pl.DataFrame, *, label: str, part: str, value: str, parts: list[str]
) -> pl.DataFrame:
    """Every part with the ends of its piece of the bar."""
    at = {name: place for place, name in enumerate(parts)}
    middle = (len(parts) - 1) / 2
    place, share = pl.col(part).cast(pl.String).replace_strict(at, return_dtype=pl.Float64), pl.col(value)  # fmt: skip
    left = pl.when(place < middle).then(share).when(place == middle).then(share / 2).otherwise(0.0)
    zero = left.sum().over(label)
    ordered = table.with_columns(place.alias("__place")).sort("__place", maintain_order=True)
    ends = ordered.with_columns((share.cum_sum().over(label) - zero).alias(_BEST))
    whole = ends.with_columns((pl.col(_BEST) - share).alias(_WORST)).drop("__place")
    order = {name: place for place, name in enumerate(as_met(table[label]))}
    return whole.sort(pl.col(label).cast(pl.String).replace_strict(order, return_dtype=pl.Int64), maintain_order=True)  # fmt: skip


def shades(n: int) -> list[str]:
    """Colours from worst to best, the middle one of an odd number grey.

    >>> shades(2), shades(3)[1]
    (['#AF3E0C', '#1B63A5'], '#D5D9DE')
    """
    half = n // 2
    fading = [0.75 * at / max(half, 1) for at in range(half)]
    worse, better = ([_mixed(end, by) for by in fading] for end in DIVERGING)
    return [*worse, *([_MIDDLE] if n % 2 else []), *reversed(better)]


def _mixed(colour: str, by: float) -> str:
    """The colour with some white in it (0 = none, 1 = nothing else)."""
    channels = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(c + (255 - c) * by):02X}" for c in channels)
