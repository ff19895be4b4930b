"""Things between two measures: points with their names, cut into four quarters or by slanting lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import ACCENT, LABEL, NEUTRAL, SMALL_FILL
from insight.charts.tidy import SAID, prepared
from insight.units import title_of

HEIGHT = 400  # pixels
_FAR = 0.75  # of the width: names of points beyond it stand to their left
Ends = tuple[float, float]
_Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the points lie on.

    Attributes
    ----------
    across, up : first and last value of each axis; the first may be the larger one
    cross : where the quarters meet
    corners : what the quarters are called: upper left, upper right, lower left, lower right
    slants : name -> ends of a straight line, (x, y) twice
    """

    across: Ends
    up: Ends
    cross: tuple[float, float] | None = None
    corners: Sequence[str] = ()
    slants: Mapping[str, tuple[Ends, Ends]] | None = None


def around(values: pl.Series, *, margin: float = 0.15) -> Ends:
    """Ends of an axis that leave some room around the values.

    >>> around(pl.Series([2.0, 4.0]), margin=0.5)
    (1.0, 5.0)
    """
    known = values.drop_nulls().drop_nans().to_list() or [0.0]
    low, high = min(known), max(known)
    room = margin * (high - low) or 0.5
    return low - room, high + room


def quadrants(
    table: pl.DataFrame, *, label: str, x: str, y: str, ground: Ground, title: str = ""
) -> alt.LayerChart:
    """Named points over two measures.

    Parameters
    ----------
    table : (n_points) ``label``, ``x``, ``y``; where it exists, ``is_small`` greys a point
    """
    data = prepared(table.drop_nulls([x, y]))
    across = _axis(alt.X, x, ground.across)
    up = _axis(alt.Y, y, ground.up)
    ink = alt.condition("datum.is_small", alt.value(SMALL_FILL), alt.value(ACCENT))
    said = alt.Description(f"{SAID}:N")
    points = alt.Chart(data).mark_circle(size=110, opacity=1).encode(across, up, color=ink, tooltip=axes.tooltips(table), description=said)  # fmt: skip
    first, last = ground.across
    is_far = (pl.col(x) - first) / (last - first) > _FAR
    sides: tuple[tuple[_Side, int, pl.DataFrame], ...] = (
        ("left", 9, data.filter(~is_far)),
        ("right", -9, data.filter(is_far)),
    )
    names = [
        alt.Chart(part)
        .mark_text(aria=False, align=align, dx=shift, dy=-7, color=LABEL, fontSize=12)
        .encode(across, up, text=f"{label}:N")
        for align, shift, part in sides
        if part.height
    ]
    layers: list[Any] = [points, *_lines(ground), *_corners(ground), *names]
    chart = alt.LayerChart(layer=layers).properties(height=HEIGHT)
    return chart.properties(title=title, description=title) if title else chart


def _axis(channel: Any, name: str, ends: Ends) -> Any:  # noqa: ANN401 (alt.X or alt.Y)
    scale = alt.Scale(domain=list(ends), nice=False, zero=False, clamp=True)
    return channel(name, type="quantitative", title=title_of(name), scale=scale, axis=alt.Axis(grid=False, tickCount=5))  # fmt: skip


def _lines(ground: Ground) -> list[alt.Chart]:
    """The cross-hair, and the slanting lines with their names at the upper end."""
    rule: dict[str, Any] = {"aria": False, "color": NEUTRAL, "strokeDash": [4, 4]}
    layers: list[Any] = []
    if ground.cross:
        at = pl.DataFrame({"x_line": [ground.cross[0]], "y_line": [ground.cross[1]]})
        layers += [alt.Chart(at).mark_rule(**rule).encode(x="x_line:Q"), alt.Chart(at).mark_rule(**rule).encode(y="y_line:Q")]  # fmt: skip
    for name, (start, end) in (ground.slants or {}).items():
        ends = pl.DataFrame({"x_line": [start[0], end[0]], "y_line": [start[1], end[1]]})
        layers.append(alt.Chart(ends).mark_line(**rule).encode(x="x_line:Q", y="y_line:Q"))
        told = ends.head(1).with_columns(said=pl.lit(name))
        word = alt.Chart(told).mark_text(aria=False, align="left", dx=4, dy=10, color=LABEL, fontSize=11)  # fmt: skip
        layers.append(word.encode(x="x_line:Q", y="y_line:Q", text="said:N"))
    return layers


def _corners(ground: Ground) -> list[alt.Chart]:
    if not ground.corners:
        return []
    (left, right), (bottom, top) = ground.across, ground.up
    places: tuple[tuple[float, float, _Side, int], ...] = ((left, top, "left", 14), (right, top, "right", 14), (left, bottom, "left", -10), (right, bottom, "right", -10))  # fmt: skip
    layers = []
    for (x, y, align, shift), name in zip(places, ground.corners, strict=True):
        at = pl.DataFrame({"x_line": [x], "y_line": [y], "said": [name]})
        dx = 6 if align == "left" else -6
        mark = alt.Chart(at).mark_text(aria=False, align=align, dx=dx, dy=shift, color=NEUTRAL, fontSize=13, fontWeight="bold")  # fmt: skip
        layers.append(mark.encode(x="x_line:Q", y="y_line:Q", text="said:N"))
    return layers
