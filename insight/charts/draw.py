"""Tidy table → Altair chart: bars, pairs of bars, lines, heat maps and words; labels beside the marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import (
    ACCENT,
    DIVERGING,
    FONT_FAMILY,
    INK,
    LABEL,
    NEUTRAL,
    PAIR_STEP,
    SMALL_FILL,
    STEP,
)
from insight.charts.tidy import SAID, WRITTEN, as_met, checked, days, long, prepared
from insight.units import title_of

_SAID = alt.Description(f"{SAID}:N")


def bars(
    table: pl.DataFrame, *, label: str, value: str, title: str = "", order: Sequence[str] = ()
) -> alt.LayerChart:
    """Horizontal bars with their values written beside them, longest first.

    Parameters
    ----------
    table : (n_bars) ``label``, ``value``; where they exist, ``ci_low`` and ``ci_high`` are drawn as
        a line and ``is_small`` greys a bar whose base is too small
    order : labels from top to bottom, for categories with an order of their own
    """
    data = prepared(table)
    ranked = order or table.sort([value, label], descending=[True, False])[label].to_list()
    row = axes.down(label, ranked)
    reach = table["ci_high"] if "ci_high" in table.columns else table[value]
    across = alt.X(value, type="quantitative", axis=None, scale=axes.room_for_labels(reach))
    ink = alt.condition("datum.is_small", alt.value(SMALL_FILL), alt.value(ACCENT))
    bar = alt.Chart(data).mark_bar(cornerRadiusEnd=2)
    layers: list[Any] = [
        bar.encode(row, across, color=ink, tooltip=axes.tooltips(table), description=_SAID)
    ]
    if "ci_high" in table.columns:
        interval = alt.Chart(data).mark_rule(aria=False, color=NEUTRAL, strokeWidth=2)
        layers.append(interval.encode(row, x="ci_low:Q", x2="ci_high:Q"))
    beside = alt.Chart(data).mark_text(aria=False, align="left", dx=7, color=LABEL, fontSize=12)
    end = alt.X(reach.name, type="quantitative")
    layers.append(beside.encode(row, end, text=f"{value}{WRITTEN}:N"))
    return _layered(layers, title).properties(height=alt.Step(STEP))


def paired_bars(
    table: pl.DataFrame, *, label: str, values: tuple[str, str], title: str = ""
) -> alt.LayerChart:
    """Two measures of each row, one under the other: share of customers, then share of spend.

    Parameters
    ----------
    table : (n_rows) ``label`` and the two columns of ``values``, in one unit; rows keep their order
    """
    data = long(table, label, values=values)
    names = [title_of(value) for value in values]
    row, pair = axes.down(label, table[label].to_list()), alt.YOffset("measure:N", sort=names)
    across = alt.X("value:Q", axis=None, scale=axes.room_for_labels(data["value"]))
    scale = alt.Scale(domain=names, range=[NEUTRAL, ACCENT])
    ink = alt.Color("measure:N", title=None, scale=scale, legend=alt.Legend(orient="top"))
    shown = [alt.Tooltip(f"{label}:N", title=title_of(label)), _tip("measure:N", "指标")]
    bar = alt.Chart(data).mark_bar(cornerRadiusEnd=2)
    beside = alt.Chart(data).mark_text(aria=False, align="left", dx=7, color=LABEL, fontSize=11)
    layers = [
        bar.encode(
            row,
            across,
            pair,
            color=ink,
            tooltip=[*shown, _tip("written:N", "数值")],
            description=_SAID,
        ),
        beside.encode(row, alt.X("value:Q"), pair, text="written:N"),
    ]
    step = alt.Step(PAIR_STEP, **{"for": "offset"})
    return _layered(layers, title).properties(height=step)


def lines(
    table: pl.DataFrame, *, x: str, value: str, series: str = "", title: str = ""
) -> alt.LayerChart:
    """A measure over time, each line named at its end.

    Parameters
    ----------
    table : (n_points) ``x`` as a date, a datetime, "2025-03" or "2025-03-05"; ``value``; ``series``
        names the line, at most eight of them
    """
    data = prepared(table).with_columns(days(table[x])).drop_nulls([x, value]).sort(x)
    across = alt.X(x, type="temporal", title=None, axis=axes.time_axis())
    up = alt.Y(value, type="quantitative", title=title_of(value), axis=axes.number_axis(value))
    line = alt.Chart(data).mark_line(strokeWidth=2, aria=False)
    points = alt.Chart(data).mark_circle(size=30, opacity=1)
    hover = points.encode(across, up, tooltip=axes.tooltips(table), description=_SAID)
    if not series:
        one = alt.value(ACCENT)
        return _layered([line.encode(across, up, color=one), hover.encode(color=one)], title)
    ink = alt.Color(series, type="nominal", legend=None, scale=axes.few(table[series]))
    last = data.group_by(series, maintain_order=True).last()
    name = alt.Chart(last).mark_text(aria=False, align="left", dx=8, fontSize=12)
    named = name.encode(across, up, color=ink, text=f"{series}:N")
    return _layered([line.encode(across, up, color=ink), hover.encode(color=ink), named], title)


def heat(
    table: pl.DataFrame,
    *,
    row: str,
    column: str,
    value: str,
    text: str = "",
    centre: float | None = None,
) -> alt.LayerChart:
    """A labelled heat map; rows and columns keep the order in which the table first names them.

    Parameters
    ----------
    table : (n_cells) ``row``, ``column``, ``value``; ``is_small`` greys a cell with too small a base, as does a
        value that is not shown
    text : column to print in the cells; default: the value
    centre : the value without a colour (100 for an index); worse and better part from it
    """
    data = prepared(table)
    scale, strong = axes.shades(data, value, centre=centre)
    down = axes.down(row, as_met(table[row]))
    columns = as_met(table[column])
    across = alt.X(column, type="nominal", title=None, sort=columns, axis=axes.headings(columns))
    shade = alt.Color(value, type="quantitative", legend=None, scale=scale)
    hidden = f"datum.is_small || !isValid(datum['{value}'])"
    fill = alt.condition(hidden, alt.value(SMALL_FILL), shade)
    ink = alt.condition(strong, alt.value("white"), alt.value(INK))
    shown = alt.Text(text or f"{value}{WRITTEN}", type="nominal")
    cells = alt.Chart(data).mark_rect(stroke="white", strokeWidth=1.5, invalid="show")
    letters = alt.Chart(data).mark_text(aria=False, fontSize=axes.cell_text_size(len(columns)))
    layers = [
        cells.encode(across, down, color=fill, tooltip=axes.tooltips(table), description=_SAID),
        letters.encode(across, down, text=shown, color=ink),
    ]
    return _layered(layers, "").properties(height=alt.Step(STEP))


def gaps(
    table: pl.DataFrame, *, label: str, value: str, bound: float, title: str = ""
) -> alt.LayerChart:
    """Differences as dots left and right of zero, with lines at the bound that matters.

    Parameters
    ----------
    table : (n_rows) ``label``, ``value``; rows keep their order
    bound : differences beyond it stand out
    """
    data = prepared(table)
    row = axes.down(label, table[label].to_list())
    reach = max((abs(v) for v in table[value].drop_nulls()), default=bound)
    ends = alt.Scale(domain=[-1.15 * max(reach, bound), 1.15 * max(reach, bound)])
    across = alt.X(value, type="quantitative", scale=ends, axis=axes.number_axis(value), title=title_of(value))  # fmt: skip
    far = alt.condition(
        f"abs(datum['{value}']) > {bound}", alt.value(DIVERGING[0]), alt.value(NEUTRAL)
    )
    dots = alt.Chart(data).mark_circle(size=90, opacity=1).encode(row, across, color=far, tooltip=axes.tooltips(table), description=_SAID)  # fmt: skip
    marks = pl.DataFrame({"at_line": [-bound, 0.0, bound]})
    lines = alt.Chart(marks).mark_rule(aria=False, color=NEUTRAL, strokeDash=[3, 3]).encode(x="at_line:Q")  # fmt: skip
    beside = alt.Chart(data).mark_text(aria=False, align="left", dx=9, color=LABEL, fontSize=12)
    written = beside.encode(row, alt.X(value, type="quantitative"), text=f"{value}{WRITTEN}:N")
    return _layered([lines, dots, written], title).properties(height=alt.Step(STEP))


def words(table: pl.DataFrame, *, width: int, height: int, title: str = "") -> alt.LayerChart:
    """Words at given places: the layout is made elsewhere, with the metrics of the bundled font.

    Parameters
    ----------
    table : (n_words) word, x and y [px, centre of the word], font_size [px]; where they exist,
        colour [#rrggbb] and angle [degrees, clockwise]; further columns are shown on hover
    width, height : [px] of the picture; it must not be stretched
    """
    placed = {"colour": pl.lit(ACCENT), "angle": pl.lit(0)}
    missing = [made.alias(name) for name, made in placed.items() if name not in table.columns]
    data = checked(table.with_columns(missing))
    hover = table.drop("x", "y", "font_size", "colour", "angle", strict=False)
    mark = alt.Chart(prepared(data)).mark_text(font=FONT_FAMILY, baseline="middle", align="center")
    chart = mark.encode(
        alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False)),
        alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False)),
        text="word:N",
        size=alt.Size("font_size:Q", scale=None, legend=None),
        color=alt.Color("colour:N", scale=None),
        angle=alt.Angle("angle:Q", scale=None),
        tooltip=axes.tooltips(hover),
        description=_SAID,
    )
    return _layered([chart], title).properties(width=width, height=height)


def _layered(layers: Sequence[Any], title: str) -> alt.LayerChart:
    chart = alt.LayerChart(layer=list(layers))
    return chart.properties(title=title, description=title) if title else chart


def _tip(field: str, title: str) -> alt.Tooltip:
    return alt.Tooltip(field, title=title)
