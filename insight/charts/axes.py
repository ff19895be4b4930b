"""Axes, scales and headings of the charts: few ticks, room for labels, colours by value."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from math import ceil

import altair as alt
import polars as pl

from insight.charts.look import ACCENT, DIVERGING, PALE, PALETTE
from insight.charts.tidy import WRITTEN, told
from insight.currency import used
from insight.units import Unit, title_of, unit_of

_WIDE = 8  # characters a heading may have on one line
_PIECE = re.compile(  # a number with its sign and measure word, a Latin word, or one character
    r"[（“]*(?:(?:[A-Za-z]+=)?[<>≥≤±-]?(?:[A-Z]{0,3}[¥$€£₩])?\d[\d.,%–~-]*(?:\s?[\u4e00-\u9fff])?|[A-Za-z]+|.)[）”，、：。\s]*",
    re.DOTALL,
)
_HEAT, _GLYPH, _LINE = 470, 12, 15  # pixels: what headings may fill, a character, a line


def down(label: str, order: Sequence[str]) -> alt.Y:
    axis = alt.Axis(labelLimit=240, labelFlush=False, domain=False, ticks=False, grid=False)
    return alt.Y(label, type="nominal", title=None, sort=list(order), axis=axis)


def headings(names: Sequence[str]) -> alt.Axis:
    """Column headings of a heat map, broken into even lines as Chinese may be."""
    fits = _HEAT // (_GLYPH * max(1, len(names)))  # characters a line has room for
    lines = {name: broken(name, room=max(3, min(_WIDE, fits))) for name in names}
    most = max((len(one) for one in lines.values()), default=1)
    return alt.Axis(
        labelExpr=f"{json.dumps(lines, ensure_ascii=False)}[datum.label]",
        labelPadding=8 + _LINE * (most - 1),
        orient="top",
        labelAngle=0,
        labelFlush=False,  # Streamlit's theme would push the first and the last one inwards
        labelLimit=110,
        domain=False,
        ticks=False,
    )


def broken(name: str, *, room: int) -> list[str]:
    """A heading in lines of about one length, never broken inside a number or a Latin word.

    Parameters
    ----------
    room : characters a line has room for; what may not be broken can be longer

    >>> broken("重要价值客户", room=4), broken("18–24 岁的新客", room=5)
    (['重要价', '值客户'], ['18–24 岁', '的新客'])
    """
    wide = ceil(len(name) / max(1, ceil(len(name) / room)))
    lines = [""]
    for piece in _PIECE.findall(name):
        if lines[-1] and len((lines[-1] + piece).strip()) > wide:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def cell_text_size(n_columns: int) -> int:
    """Text size of heat-map cells: "62.5% aFH" fits the narrower cell of many columns."""
    return 12 if n_columns <= 6 else 11 if n_columns <= 8 else 10


def room_for_labels(values: pl.Series) -> alt.Scale:
    """A scale a fifth longer than the longest bar, so that the label beside it is not cut."""
    longest = values.fill_nan(None).max()
    return alt.Scale(domainMax=1.2 * longest) if isinstance(longest, int | float) and longest > 0 else alt.Scale()  # fmt: skip


def time_axis() -> alt.Axis:
    return alt.Axis(format="%Y-%m", grid=False, labelOverlap=True, labelSeparation=10, tickCount=6)


def number_axis(value: str) -> alt.Axis:
    """Few ticks, written as in the tables: 30%, ¥12 万."""
    match unit_of(value):
        case Unit.SHARE:
            return alt.Axis(format=".0%", tickCount=5)
        case Unit.MONEY:
            sign = used().sign
            wan = f"abs(datum.value) >= 10000 ? '{sign}' + format(datum.value / 10000, ',') + ' 万'"
            return alt.Axis(labelExpr=f"{wan} : '{sign}' + format(datum.value, ',')", tickCount=5)
    return alt.Axis(format=",f", tickCount=5)


def few(names: pl.Series) -> alt.Scale:
    known = sorted(names.drop_nulls().unique().to_list())
    if len(known) > len(PALETTE):
        raise ValueError(f"{len(known)} lines; the palette tells {len(PALETTE)} apart")
    return alt.Scale(domain=known, range=list(PALETTE[: len(known)]))


def shades(data: pl.DataFrame, value: str, *, centre: float | None) -> tuple[alt.Scale, str]:
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


def tooltips(table: pl.DataFrame) -> list[alt.Tooltip]:
    """Every column of the row that has a Chinese name, as the reader sees it."""
    return [alt.Tooltip(f"{c}{WRITTEN}:N", title=title_of(c)) for c in told(table)]
