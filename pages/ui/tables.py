"""A result table on the screen: Chinese headings, units, banner tables, and its downloads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import streamlit as st

from insight import pipeline
from insight.units import Unit, label_of, unit_of, written

_MARKS = frozenset({"flag", "is_small"})  # told by the legend below the table
_HIDDEN = frozenset({"effective_base", "weighted_base"})
_FORMATS: Mapping[Unit, str] = MappingProxyType(
    {Unit.COUNT: "%,d", Unit.NUMBER: "%,.2f", Unit.P_VALUE: "%.3f"}
)
_BANNERS = (("need", "segment"), ("row", "column"))  # long tables that are read as a banner
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
    if sides := _sides(table):
        _banner(table, sides, alt, letters or {})
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


def _sides(table: Any) -> tuple[str, str] | None:  # noqa: ANN401
    """The columns that become rows and columns of a banner; None where the table is no banner."""
    names = set(table.columns)
    sides = next((pair for pair in _BANNERS if {*pair, "share"} <= names), None)
    if sides is None or table.is_empty():
        return None
    return None if table.select(sides).is_duplicated().any() else sides


def _banner(table: Any, sides: tuple[str, str], alt: str, letters: Mapping[str, str]) -> None:  # noqa: ANN401
    down, across = sides
    cells = table.to_dicts()
    heads = {group: _head(table, sides, group, letters) for group in _in_order(table, across)}
    rows: dict[str, dict[str, str]] = {name: {} for name in _in_order(table, down)}
    for cell in cells:
        rows[cell[down]][heads[cell[across]]] = _cell(cell)
    first = label_of(down)
    config = {first: st.column_config.TextColumn(first, pinned=True)}
    config |= {
        head: st.column_config.TextColumn(head, alignment="right") for head in heads.values()
    }
    has_money = "revenue" in table.columns
    st.dataframe(
        [{first: name, **row} for name, row in rows.items()],
        column_config=config,
        hide_index=True,
        row_height=LINE + 20 * has_money,
        height=min(len(rows), 12) * (LINE + 20 * has_money) + HEAD,
        placeholder="—",
        alt=alt,
    )


def _in_order(table: Any, column: str) -> list[str]:  # noqa: ANN401
    return table[column].unique(maintain_order=True).to_list()


def _head(table: Any, sides: tuple[str, str], group: str, letters: Mapping[str, str]) -> str:  # noqa: ANN401
    """Heading of a banner column: its name, its letter, and its base where it has only one."""
    letter = f" {letters[group]}" if letters.get(group) else ""
    if "base" not in table.columns:
        return f"{group}{letter}"
    bases = table.filter(table[sides[1]] == group)["base"].unique().to_list()
    return f"{group}{letter}（n={bases[0]:,}）" if len(bases) == 1 else f"{group}{letter}"


def _cell(cell: Mapping[str, Any]) -> str:
    """What a banner shows in one cell: the share, its letters, the mark of a small base, the money."""
    mark = cell.get("flag") or ""
    share = written(cell["share"], Unit.SHARE)
    first = " ".join(
        filter(None, (share, cell.get("letters") or "", mark if mark != share else ""))
    )
    return f"{first}\n{written(cell['revenue'], Unit.MONEY)}" if cell.get("revenue") else first


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
