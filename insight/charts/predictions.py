"""Tidy table → chart of a prediction beside what happened: over time, and group by group."""

from __future__ import annotations

from datetime import date

import altair as alt
import polars as pl

from insight.charts import axes
from insight.charts.look import ACCENT, DIVERGING, LABEL, NEUTRAL, STEP
from insight.charts.tidy import AT, SAID, checked
from insight.units import in_words, title_of

_INKS = (NEUTRAL, ACCENT, DIVERGING[0])
_SHAPES = ("circle", "diamond", "triangle")


def tracked(
    table: pl.DataFrame, *, x: str, values: tuple[str, str], since: date, title: str = ""
) -> alt.LayerChart:
    """What happened and what was predicted over time, with a line where the prediction begins.

    Parameters
    ----------
    table : (n_points) ``x`` [date] and both ``values`` in one unit, what happened first
    since : first day that was predicted
    """
    data = _long(table, x, values=values)
    across = alt.X(x, type="temporal", title=None, axis=axes.time_axis())
    up = alt.Y("value", type="quantitative", title=None, axis=axes.number_axis(values[0]))
    ink = _ink([title_of(v) for v in values])
    line = alt.Chart(data).mark_line(strokeWidth=2, aria=False).encode(across, up, color=ink)
    points = (
        alt.Chart(data).mark_circle(size=12, opacity=1).encode(across, up, color=ink, **_told(x))
    )
    begins = pl.DataFrame({x: [since], "said": ["由此开始预测"]})
    at = alt.X(x, type="temporal")
    rule = alt.Chart(begins).mark_rule(aria=False, color=NEUTRAL, strokeDash=[3, 3]).encode(at)
    word = alt.Chart(begins).mark_text(
        aria=False, align="right", dx=-5, y=6, color=LABEL, fontSize=12
    )
    layers = [line, points, rule, word.encode(at, text="said:N")]
    return _titled(alt.LayerChart(layer=layers), title)


def compared(
    table: pl.DataFrame, *, label: str, values: tuple[str, ...], beside: str = "", title: str = ""
) -> alt.LayerChart:
    """Up to three measures of each row as marks on one line: what happened, then the predictions.

    Parameters
    ----------
    table : (n_rows) ``label`` and ``values`` in one unit; rows keep their order
    beside : a count to write behind each label
    """
    named = _with_count(table, label, beside) if beside else table
    data = _long(named, label, values=values)
    row = axes.down(label, named[label].to_list())
    across = alt.X("value:Q", title=None, axis=axes.number_axis(values[0]))
    names = [title_of(v) for v in values]
    shape = alt.Shape("measure:N", title=None, scale=alt.Scale(domain=names, range=list(_SHAPES[: len(names)])))  # fmt: skip
    marks = alt.Chart(data).mark_point(size=90, filled=True, opacity=1)
    layer = marks.encode(row, across, color=_ink(names), shape=shape, **_told(label))
    return _titled(alt.LayerChart(layer=[layer]), title).properties(height=alt.Step(STEP))


def _long(table: pl.DataFrame, label: str, *, values: tuple[str, ...]) -> pl.DataFrame:
    """(n_values x n_rows) label, measure, value, and the row in words."""
    parts = [
        table.select(
            label,
            *([AT] if AT in table.columns else []),
            pl.lit(title_of(name)).alias("measure"),
            pl.col(name).cast(pl.Float64).alias("value"),
            pl.Series("written", [in_words(v, column=name) for v in table[name]], dtype=pl.String),
        )
        for name in values
    ]
    said = pl.format("{}；{}：{}", label, "measure", "written").alias(SAID)
    return checked(pl.concat(parts)).with_columns(said)


def _with_count(table: pl.DataFrame, label: str, beside: str) -> pl.DataFrame:
    counts = pl.Series(
        "written", [in_words(n, column=beside) for n in table[beside]], dtype=pl.String
    )
    return table.with_columns(pl.format("{}（{} 人）", label, counts).alias(label))


def _ink(names: list[str]) -> alt.Color:
    scale = alt.Scale(domain=names, range=list(_INKS[: len(names)]))
    return alt.Color("measure:N", title=None, scale=scale, legend=alt.Legend(orient="top"))


def _told(label: str) -> dict[str, object]:
    tips = [alt.Tooltip(label, title=title_of(label)), alt.Tooltip("measure:N", title="指标"), alt.Tooltip("written:N", title="数值")]  # fmt: skip
    return {"tooltip": tips, "description": alt.Description(f"{SAID}:N")}


def _titled(chart: alt.LayerChart, title: str) -> alt.LayerChart:
    return chart.properties(title=title, description=title) if title else chart
