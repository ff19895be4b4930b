"""Two ranges of each row on one axis of prices: what is accepted as a band, what is paid as a line with its middle."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import ACCENT, DIVERGING, PALETTE, STEP
from insight.charts.slopes import HEIGHT, slopes
from insight.charts.tidy import SAID, as_met, prepared
from insight.units import title_of

_BAND = PALETTE[3]


def spans(
    table: pl.DataFrame,
    *,
    label: str,
    band: tuple[str, str, str],
    line: tuple[str, str, str],
    title: str = "",
) -> alt.LayerChart:
    """Bands with a tick inside, and a line with a block on each.

    Parameters
    ----------
    table : (n_rows) ``label`` [unique] and the six columns, in one unit; rows keep their order; a null is not drawn
    band, line : the columns of the lower end, the middle and the upper end
    """
    data = prepared(table)
    row = axes.down(label, table[label].to_list())
    across = {name: alt.X(name, type="quantitative", title=title_of("price"), scale=alt.Scale(zero=False), axis=axes.number_axis("price")) for name in (*band, *line)}  # fmt: skip
    said = {"tooltip": axes.tooltips(table), "description": alt.Description(f"{SAID}:N")}
    chart = alt.Chart(data)
    bar = chart.mark_rect(
        height=16, color=_BAND, opacity=0.55
    )  # no bar of a presentation: it begins at no zero
    tick = chart.mark_tick(aria=False, thickness=3, size=18, color=ACCENT)
    rule = chart.mark_rule(aria=False, color=DIVERGING[0], strokeWidth=2)
    dot = chart.mark_tick(aria=False, color=DIVERGING[0], opacity=1, thickness=7, size=11)
    layers: list[Any] = [
        bar.encode(row, across[band[0]], alt.X2(band[2]), **said),
        tick.encode(row, across[band[1]]),
        rule.encode(row, across[line[0]], alt.X2(line[2])),
        dot.encode(row, across[line[1]]),
    ]
    drawn = alt.LayerChart(layer=layers).properties(height=alt.Step(STEP))
    return drawn.properties(title=title, description=title) if title else drawn


def curves_over(
    bins: pl.DataFrame, curves: pl.DataFrame, *, marks: pl.DataFrame, choose: str
) -> alt.LayerChart:
    """Curves over prices as ``slopes`` draws them, above how often each price was paid, of one group at a time.

    Parameters
    ----------
    bins : (n_bins) price_from, price_to, share; their heights have a scale of their own and no axis
    curves : (n_points) price, share, curve
    marks : (n_marks) as for ``slopes``
    choose : the column of all three that names the group; its first value is drawn until another is chosen
    """
    groups = as_met(curves[choose])
    asked = alt.binding_select(options=groups, name=f"{title_of(choose)} ")
    chosen = alt.selection_point(name="shown", fields=[choose], bind=asked, value=groups[0])
    bars = alt.Chart(prepared(bins)).mark_rect(color=_BAND, opacity=0.45).encode(
        alt.X("price_from:Q", title=title_of("price")), alt.X2("price_to:Q"), alt.Y("share:Q", axis=None), alt.Y2Datum(0),
        tooltip=axes.tooltips(bins), description=alt.Description(f"{SAID}:N"),
    )  # fmt: skip
    drawn = slopes(curves, x="price", value="share", series="curve", marks=marks)
    lines = [one.transform_filter(chosen) for one in drawn.layer]  # each has data of its own
    both = alt.LayerChart(layer=[bars.transform_filter(chosen), alt.LayerChart(layer=lines)])
    chart: alt.LayerChart = both.resolve_scale(y="independent").add_params(chosen)
    return chart.properties(height=HEIGHT)
