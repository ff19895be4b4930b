"""Tidy table → Altair chart: bars, pairs of bars, lines, heat maps and words; labels beside the marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from insight.charts.look import (
    ACCENT,
    DIVERGING,
    FONT_FAMILY,
    INK,
    LABEL,
    NEUTRAL,
    PAIR_STEP,
    PALE,
    PALETTE,
    SMALL_FILL,
    STEP,
)
from insight.charts.tidy import WRITTEN, as_met, checked, days, long, measures, prepared
from insight.units import Unit, title_of, unit_of

_WIDE = 6  # characters a heading may have on one line


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
    row = _down(label, ranked)
    reach = table["ci_high"] if "ci_high" in table.columns else table[value]
    across = alt.X(value, type="quantitative", axis=None, scale=_room_for_labels(reach))
    ink = alt.condition("datum.is_small", alt.value(SMALL_FILL), alt.value(ACCENT))
    bar = alt.Chart(data).mark_bar(cornerRadiusEnd=2)
    layers: list[Any] = [bar.encode(row, across, color=ink, tooltip=_tooltips(table))]
    if "ci_high" in table.columns:
        interval = alt.Chart(data).mark_rule(color=NEUTRAL, strokeWidth=2)
        layers.append(interval.encode(row, x="ci_low:Q", x2="ci_high:Q"))
    beside = alt.Chart(data).mark_text(align="left", dx=7, color=LABEL, fontSize=12)
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
    data = long(table, label, values)
    names = [title_of(value) for value in values]
    row, pair = _down(label, table[label].to_list()), alt.YOffset("measure:N", sort=names)
    across = alt.X("value:Q", axis=None, scale=_room_for_labels(data["value"]))
    scale = alt.Scale(domain=names, range=[NEUTRAL, ACCENT])
    ink = alt.Color("measure:N", title=None, scale=scale, legend=alt.Legend(orient="top"))
    shown = [alt.Tooltip(f"{label}:N", title=title_of(label)), _tip("measure:N", "指标")]
    bar = alt.Chart(data).mark_bar(cornerRadiusEnd=2)
    beside = alt.Chart(data).mark_text(align="left", dx=7, color=LABEL, fontSize=11)
    layers = [
        bar.encode(row, across, pair, color=ink, tooltip=[*shown, _tip("written:N", "数值")]),
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
    data = prepared(table.with_columns(days(table[x])).drop_nulls([x, value]).sort(x))
    across = alt.X(x, type="temporal", title=None, axis=_time_axis())
    up = alt.Y(value, type="quantitative", title=title_of(value), axis=_number_axis(value))
    drawn = alt.Chart(data).mark_line(strokeWidth=2, point={"size": 26, "filled": True})
    if not series:
        one = drawn.encode(across, up, color=alt.value(ACCENT), tooltip=_tooltips(table))
        return _layered([one], title)
    ink = alt.Color(series, type="nominal", legend=None, scale=_few(table[series]))
    last = data.group_by(series, maintain_order=True).last()
    name = alt.Chart(last).mark_text(align="left", dx=8, fontSize=12)
    many = drawn.encode(across, up, color=ink, tooltip=_tooltips(table))
    return _layered([many, name.encode(across, up, color=ink, text=f"{series}:N")], title)


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
    table : (n_cells) ``row``, ``column``, ``value``; ``is_small`` greys a cell with too small a base
    text : column to print in the cells; default: the value
    centre : the value without a colour (100 for an index); worse and better part from it
    """
    data = prepared(table)
    scale, strong = _shades(data, value, centre)
    down = _down(row, as_met(table[row]))
    columns = as_met(table[column])
    across = alt.X(column, type="nominal", title=None, sort=columns, axis=_headings(columns))
    shade = alt.Color(value, type="quantitative", legend=None, scale=scale)
    fill = alt.condition("datum.is_small", alt.value(SMALL_FILL), shade)
    ink = alt.condition(strong, alt.value("white"), alt.value(INK))
    shown = alt.Text(text or f"{value}{WRITTEN}", type="nominal")
    cells = alt.Chart(data).mark_rect(stroke="white", strokeWidth=1.5)
    letters = alt.Chart(data).mark_text(fontSize=12)
    layers = [
        cells.encode(across, down, color=fill, tooltip=_tooltips(table)),
        letters.encode(across, down, text=shown, color=ink),
    ]
    return _layered(layers, "").properties(height=alt.Step(STEP))


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
        tooltip=_tooltips(hover),
    )
    return _layered([chart], title).properties(width=width, height=height)


def _layered(layers: Sequence[Any], title: str) -> alt.LayerChart:
    chart = alt.LayerChart(layer=list(layers))
    return chart.properties(title=title, description=title) if title else chart


def _tooltips(table: pl.DataFrame) -> list[alt.Tooltip]:
    """Every column with a Chinese name; marks and texts made for drawing stay out."""
    numbers = set(measures(table))
    shown = [name for name in table.columns if title_of(name) != name or not name.isascii()]
    return [_tip(f"{c}{WRITTEN}:N" if c in numbers else f"{c}:N", title_of(c)) for c in shown]


def _tip(field: str, title: str) -> alt.Tooltip:
    return alt.Tooltip(field, title=title)


def _down(label: str, order: Sequence[str]) -> alt.Y:
    axis = alt.Axis(labelLimit=240, domain=False, ticks=False, grid=False)
    return alt.Y(label, type="nominal", title=None, sort=list(order), axis=axis)


def _headings(names: Sequence[str]) -> alt.Axis:
    """Column headings of a heat map; a long one is broken in the middle, as Chinese may be."""
    half = "ceil(length(datum.label) / 2)"
    broken = f"[slice(datum.label, 0, {half}), slice(datum.label, {half})]"
    return alt.Axis(
        labelExpr=f"length(datum.label) > {_WIDE} ? {broken} : datum.label",
        labelPadding=24 if any(len(name) > _WIDE for name in names) else 8,
        orient="top",
        labelAngle=0,
        labelLimit=110,
        domain=False,
        ticks=False,
    )


def _room_for_labels(values: pl.Series) -> alt.Scale:
    """A scale a fifth longer than the longest bar, so that the label beside it is not cut."""
    longest = values.fill_nan(None).max()
    return alt.Scale(domainMax=1.2 * longest) if isinstance(longest, int | float) and longest > 0 else alt.Scale()  # fmt: skip


def _time_axis() -> alt.Axis:
    return alt.Axis(format="%Y-%m", grid=False, labelOverlap=True, labelSeparation=10, tickCount=6)


def _number_axis(value: str) -> alt.Axis:
    """Few ticks, written as in the tables: 30%, ¥12 万."""
    match unit_of(value):
        case Unit.SHARE:
            return alt.Axis(format=".0%", tickCount=5)
        case Unit.MONEY:
            wan = "abs(datum.value) >= 10000 ? '¥' + format(datum.value / 10000, ',') + ' 万'"
            return alt.Axis(labelExpr=f"{wan} : '¥' + format(datum.value, ',')", tickCount=5)
    return alt.Axis(format=",", tickCount=5)


def _few(names: pl.Series) -> alt.Scale:
    known = sorted(names.drop_nulls().unique().to_list())
    if len(known) > len(PALETTE):
        raise ValueError(f"{len(known)} lines; the palette tells {len(PALETTE)} apart")
    return alt.Scale(domain=known, range=list(PALETTE[: len(known)]))


def _shades(data: pl.DataFrame, value: str, centre: float | None) -> tuple[alt.Scale, str]:
    """The colour scale, and the expression that is true where a cell is too dark for dark ink."""
    trusted = data.filter(~pl.col("is_small"))[value].cast(pl.Float64).fill_nan(None).drop_nulls()
    middle = 0.0 if centre is None else centre
    reach = max((abs(v - middle) for v in trusted), default=1.0) or 1.0
    strong = f"!datum.is_small && isValid(datum['{value}']) && abs(datum['{value}'] - {middle}) > {0.6 * reach}"
    if centre is None:
        return alt.Scale(domain=[0, reach], range=[PALE, ACCENT], interpolate="lab"), strong
    ends = [DIVERGING[0], "#F4F5F6", DIVERGING[1]]
    around = [middle - reach, middle, middle + reach]
    return alt.Scale(domain=around, range=ends, interpolate="lab"), strong
