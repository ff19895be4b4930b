"""A result table on the screen: Chinese headings, units, banner tables, and its downloads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import streamlit as st

from insight import pipeline
from insight.report.layout import PIVOTS, lay
from insight.units import Unit, label_of, unit_of

_MARKS = frozenset({"flag", "is_small"})  # told by the legend below the table
_HIDDEN = frozenset({"effective_base", "weighted_base"})
_FORMATS: Mapping[Unit, str] = MappingProxyType(
    {Unit.COUNT: "%,d", Unit.NUMBER: "%,.2f", Unit.P_VALUE: "%.3f"}
)
LINE, HEAD = 35, 38  # pixels
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Name of a result table -> what it is called on the screen; other names are column labels or wordings.
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "segments": "各层汇总", "customers": "客户明细", "profile": "各层画像", "cross": "交叉表", "months": "每月明细",
        "overview": "总计", "summary": "各题一览", "table": "交叉表", "columns": "各列基数", "matrix": "需求矩阵",
        "needs": "需求排序", "topics": "主题", "quotes": "原话", "words": "词频", "keyness": "特征词", "texts": "每段话的主题",
        "coverage": "覆盖", "keys": "按标识", "documents": "每段话的主题",
    }
)  # fmt: skip


def title_of(name: str) -> str:
    """What the result table called ``name`` is called on the screen."""
    return TITLES.get(name, label_of(name))


def draw(table: Any, *, alt: str, letters: Mapping[str, str] | None = None) -> None:  # noqa: ANN401 (a frame)
    """Draw one result table: a banner where it is one, else its own columns with units."""
    if _is_banner(table):
        _banner(table, alt, letters or {})
    else:
        _plain(table, alt)
    if _MARKS & set(table.columns):
        st.caption("带 * 的基数不足，只作方向性参考；— 表示样本太少，不显示。")


def downloads(tables: Mapping[str, Any], shown: str, *, stem: str) -> None:
    """Offer all tables as one workbook, then the shown one as csv."""
    with st.container(horizontal=True):
        st.download_button(
            "导出 xlsx",
            partial(pipeline.xlsx, dict(tables)),
            f"{stem}.xlsx",
            XLSX,
            key=f"xlsx:{stem}",
            on_click="ignore",
            icon=":material/download:",
            help="全部表格，一表一页，数字保持为数字",
        )
        st.download_button(
            "导出 csv",
            partial(pipeline.csv, tables[shown]),
            f"{stem}_{shown}.csv",
            "text/csv",
            key=f"csv:{stem}",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
            help="只含当前表格，Excel 和 WPS 可以直接打开",
        )


def _is_banner(table: Any) -> bool:  # noqa: ANN401
    names = set(table.columns)
    return any({p.rows, p.columns, p.lines[0][0]} <= names for p in PIVOTS) and table.height > 0


def _banner(table: Any, alt: str, letters: Mapping[str, str]) -> None:  # noqa: ANN401
    laid = lay(table, letters=letters)
    heads = [head.text.replace("\n", " ") for head in laid.heads]
    rows = [dict(zip(heads, texts, strict=True)) for texts in laid.texts]
    lines = max(text.count("\n") for texts in laid.texts for text in texts) + 1
    right = {h: st.column_config.TextColumn(h, alignment="right") for h in heads[1:]}
    first = {heads[0]: st.column_config.TextColumn(heads[0], pinned=True)}
    st.dataframe(
        rows,
        column_config=first | right,
        hide_index=True,
        row_height=LINE + 20 * (lines - 1),
        height="auto" if len(rows) > 15 else "content",
        alt=alt,
    )


def _plain(table: Any, alt: str) -> None:  # noqa: ANN401
    names = [c for c in table.columns if _is_told(c)]
    frame = table.select(names)
    config = {c: _column(c, frame) for c in names}
    st.dataframe(
        _in_percent(frame),
        column_config=config,
        hide_index=True,
        placeholder="—",
        height=min(frame.height, 12) * LINE + HEAD,
        alt=alt,
    )


def _is_told(column: str) -> bool:
    """Whether the column has a heading that a reader of Chinese understands."""
    told = label_of(column) != column or not column.isascii()
    return told and column not in _MARKS | _HIDDEN


def _shares(frame: Any) -> list[str]:  # noqa: ANN401
    return [c for c in frame.columns if _is_share(c, frame)]


def _is_share(column: str, frame: Any) -> bool:  # noqa: ANN401
    numeric = frame.schema[column].is_numeric()
    is_change = column.startswith("change_on")
    return numeric and (is_change or unit_of(column, beside=frame.columns) is Unit.SHARE)


def _in_percent(frame: Any) -> Any:  # noqa: ANN401
    """Shares as percentages, because the screen shows one decimal of them."""
    return frame.with_columns(frame[c] * 100 for c in _shares(frame))


def _column(column: str, frame: Any) -> Any:  # noqa: ANN401
    kind, unit = frame.schema[column], unit_of(column, beside=frame.columns)
    label = label_of(column)
    if _is_share(column, frame):
        return st.column_config.NumberColumn(label, format="%.1f%%")
    if unit is Unit.MONEY and kind.is_numeric():
        return st.column_config.NumberColumn(
            label.removesuffix("（元）"), format=_money(frame[column])
        )
    if unit is Unit.TIME and kind.is_numeric():
        return st.column_config.DatetimeColumn(label, format="YYYY-MM-DD HH:mm")
    if kind.is_temporal():
        return st.column_config.DateColumn(
            label, format="YYYY-MM" if column == "month" else "YYYY-MM-DD"
        )
    if kind.is_numeric():
        return st.column_config.NumberColumn(label, format=_number(unit, frame[column]))
    return st.column_config.Column(label)


def _money(values: Any) -> str:  # noqa: ANN401
    return "¥%,.2f" if abs(values.max() or 0) < 100 else "¥%,.0f"


def _number(unit: Unit, values: Any) -> str:  # noqa: ANN401
    return "%,d" if values.dtype.is_integer() else _FORMATS.get(unit, "%,.2f")
