"""Tidy table → flow chart: how many went from which group on the left to which on the right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import polars as pl

from insight.charts.look import INK, LABEL, MAX_ROWS, NEUTRAL
from insight.charts.tidy import SAID, as_met
from insight.units import in_words, title_of

_GAP, _BAR, _BESIDE, _HEIGHT = (
    0.03,
    0.03,
    0.5,
    420,
)  # of the total; of the width between the sides; pixels
_LEAST_NAMED = 0.012  # share of the total below which a group is not named


def flows(
    table: pl.DataFrame,
    *,
    sides: tuple[str, str],
    value: str,
    kind: str,
    inks: Mapping[str, str],
    title: str = "",
) -> alt.LayerChart:
    """Ribbons between two columns of groups, as wide as ``value``.

    Parameters
    ----------
    table : (n_flows) the two columns of ``sides``, ``value`` [>= 0], ``kind``; groups stand in the order
        in which the table first names them
    inks : ``kind`` -> colour, in the order of the legend
    """
    left, right = sides
    wide = table.filter(pl.col(value) > 0)
    total = float(wide[value].sum()) or 1.0
    starts, ends = (_places(wide, side, value, total, as_met(table[side])) for side in sides)
    ribbons = _ribbons(wide, (starts, ends), sides=sides, value=value, total=total)
    shade = alt.Color(
        f"{kind}:N",
        title=None,
        scale=_scale(wide[kind], inks),
        legend=alt.Legend(orient="top", columns=3),
    )
    tips = [alt.Tooltip(f"{c}:N", title=title_of(c)) for c in (left, right)] + [
        alt.Tooltip("told:N", title=title_of(value))
    ]
    across = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-_BESIDE, 1 + _BESIDE], nice=False))
    up = alt.Y("low:Q", axis=None, scale=alt.Scale(reverse=True, nice=False))
    band = alt.Chart(ribbons).mark_area(opacity=0.6).encode(
        across, up, y2="high:Q", color=shade, detail="flow:N", tooltip=tips, description=alt.Description(f"{SAID}:N")
    )  # fmt: skip
    layers: list[Any] = [band, *_columns(starts, value, at=0.0), *_columns(ends, value, at=1.0)]
    chart = alt.LayerChart(layer=layers).properties(height=_HEIGHT)
    return chart.properties(title=title, description=title) if title else chart


def _scale(kinds: pl.Series, inks: Mapping[str, str]) -> alt.Scale:
    known = [name for name in inks if name in kinds.unique().to_list()]
    return alt.Scale(domain=known, range=[inks[name] for name in known])


def _places(
    table: pl.DataFrame, side: str, value: str, total: float, order: list[str]
) -> pl.DataFrame:
    """Where each group of a side stands: name, size, low, high, from the top down."""
    sizes = dict(table.group_by(side).agg(pl.col(value).sum()).iter_rows())
    rows, low = [], 0.0
    for name in (n for n in order if n in sizes):
        high = low + float(sizes[name]) / total
        rows.append({"name": name, value: sizes[name], "low": low, "high": high})
        low = high + _GAP
    return pl.DataFrame(rows, schema={"name": pl.String, value: table[value].dtype, "low": pl.Float64, "high": pl.Float64})  # fmt: skip


def _ribbons(
    table: pl.DataFrame,
    places: tuple[pl.DataFrame, pl.DataFrame],
    *,
    sides: tuple[str, str],
    value: str,
    total: float,
) -> pl.DataFrame:
    """Points along the edges of every ribbon."""
    used = [dict(zip(p["name"], p["low"], strict=True)) for p in places]
    orders = [{name: at for at, name in enumerate(p["name"])} for p in places]
    along = np.linspace(0, 1, int(max(4, min(16, MAX_ROWS // max(1, table.height)))))
    eased = along**2 * (3 - 2 * along)
    rows = sorted(
        table.iter_rows(named=True),
        key=lambda r: tuple(o[r[s]] for o, s in zip(orders, sides, strict=True)),
    )
    found = []
    for flow, row in enumerate(rows):
        width = float(row[value]) / total
        start, end = (u[row[s]] for u, s in zip(used, sides, strict=True))
        for u, s in zip(used, sides, strict=True):
            u[row[s]] += width
        low = start + (end - start) * eased
        told = in_words(row[value], column=value)
        said = f"从{row[sides[0]]}到{row[sides[1]]}：{told}"
        found.append(pl.DataFrame({"x": along, "low": low, "high": low + width}).with_columns(
            *(pl.lit(v).alias(c) for c, v in row.items() if c != value), flow=pl.lit(str(flow)), told=pl.lit(told), **{SAID: pl.lit(said)}
        ))  # fmt: skip
    return (
        pl.concat(found)
        if found
        else pl.DataFrame(schema={"x": pl.Float64, "low": pl.Float64, "high": pl.Float64})
    )


def _columns(places: pl.DataFrame, value: str, *, at: float) -> list[alt.Chart]:
    """The groups of one side as upright bars with their names and sizes beside them."""
    outwards = -1 if at == 0 else 1
    told = pl.Series(
        "told", [in_words(v, column=value) for v in places[value].to_list()], dtype=pl.String
    )
    data = places.with_columns(told, x=pl.lit(at), x2=pl.lit(at + outwards * _BAR), middle=(pl.col("low") + pl.col("high")) / 2)  # fmt: skip
    named = data.filter(pl.col("high") - pl.col("low") >= _LEAST_NAMED)
    tall = pl.col("high") - pl.col("low") >= 3 * _LEAST_NAMED
    align = "right" if at == 0 else "left"
    beside: dict[str, Any] = {
        "aria": False,
        "align": align,
        "baseline": "middle",
        "dx": outwards * 6,
    }
    bar = (
        alt.Chart(data)
        .mark_rect(aria=False, color=NEUTRAL)
        .encode(x="x:Q", x2="x2:Q", y="low:Q", y2="high:Q")
    )
    name = (
        alt.Chart(named)
        .mark_text(**beside, dy=-6, fontSize=12, color=INK)
        .encode(x="x2:Q", y="middle:Q", text="name:N")
    )
    size = alt.Chart(named.filter(tall)).mark_text(**beside, dy=8, fontSize=11, color=LABEL).encode(x="x2:Q", y="middle:Q", text="told:N")  # fmt: skip
    return [bar, name, size]
