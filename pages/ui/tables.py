"""A result table on the screen: Chinese headings, units, banner tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from insight.schema import TABLES
from insight.units import VARIED, Unit, label_of, unit_of, written
from pages.ui import picking
from pages.ui.banner_tables import LINE, Frame, Letters, banner_of, draw_banner, height
from pages.ui.columns import column, is_p_value, is_part
from pages.ui.picking import Pick

TOKEN = 8  # characters shown of a customer's token; the export has all of it
_MARKS = frozenset({"flag", "is_small"})  # told by the legend below the table
_ASIDE = frozenset({"effective_base", "weighted_base", "across", "up"})


def word(value: str) -> str:
    """A word of a result as it is shown: names of canonical tables in Chinese, others as they are."""
    return TABLES[value].label if value in TABLES else value


def draw(
    table: Frame, *, alt: str, letters: Letters | None = None, pick: Pick | None = None, measure: str = "",
    means: Frame = None,
) -> None:  # fmt: skip
    """Draw one result table: a banner where it is one, else its own columns with units.

    Parameters
    ----------
    letters : group, or break and group -> its letter
    pick : what a click on a cell does, given the row of ``table`` that the cell stands for
    measure : what the cells of a banner show; default: the user chooses
    means : means in the columns of a banner, which stand below its answers with their spread
    """
    banner = banner_of(table)
    if banner is None:
        listed(table, alt=alt, pick=pick)
    else:
        draw_banner(
            table, banner, pick=(alt, pick), letters=letters or {}, measure=measure, means=means
        )
    starred = any(letter.endswith("*") for letter in (letters or {}).values())
    if starred or any(_has_marks(table[mark]) for mark in _MARKS & set(table.columns)):
        st.caption("带 \\* 的基数不足，只作方向性参考；— 表示样本太少，不显示。")


def _has_marks(marks: Frame) -> bool:
    is_text = str(marks.dtype) == "String"
    return bool((marks.is_in(["*", "—"]) if is_text else marks).any())


def listed(table: Frame, *, alt: str, pick: Pick | None = None, leave: Sequence[str] = ()) -> None:
    """Draw the told columns of a table with their units, but for empty ones and those to ``leave`` out."""
    if table.is_empty():
        st.caption("这张表里没有符合条件的行。")
        return
    known = [c for c in table.columns if table[c].null_count() < table.height]
    names = [c for c in known if _is_told(c) and c not in leave and not _is_idle(table[c])]
    frame = table.select(names)
    st.dataframe(
        spoken(frame).to_arrow(),  # a frame would be taken through pandas
        column_config={c: column(c, frame) for c in names},
        hide_index=True,
        height=height(frame.height),
        row_height=LINE,
        placeholder="—",
        alt=alt,
        **picking.options(alt, _whole_row(pick) if frame.height <= picking.MOST_LINES else None),
    )


def _whole_row(pick: Pick | None) -> Callable[[int, str], None] | None:
    return pick and (lambda line, _head: pick(line))


def _is_idle(marks: Frame) -> bool:
    """Whether it would mark what is not whole, and everything is whole."""
    return marks.name == "is_partial" and not marks.any()


def _is_told(column: str) -> bool:
    """Whether the column has a heading that a reader of Chinese understands."""
    told = label_of(column) != column or not column.isascii()
    return told and column not in _MARKS | _ASIDE


def spoken(frame: Frame) -> Frame:
    """Shares as percentages, rounded as the sentences round them; names of tables in Chinese; short tokens."""
    shares = [frame[c] * 100 for c in frame.columns if is_part(c, frame)]
    rounded = [s.round(9).round(1, mode="half_away_from_zero") for s in shares]
    labels = {name: table.label for name, table in TABLES.items()}
    own = [frame[c].replace(labels) for c in frame.columns if c == "table"]
    tokens = [frame[c].str.head(TOKEN) for c in frame.columns if c == "customer_id"]
    return frame.with_columns(*rounded, *own, *tokens, *_p_values(frame), *_each_in_its_unit(frame))


def _p_values(frame: Frame) -> list[Any]:
    """p as text; the blank before <0.001 sorts it before 0.001."""
    names = [c for c in frame.columns if is_p_value(c, frame)]
    told = {c: [None if p is None else written(p, Unit.P_VALUE).replace("<", " <") for p in frame[c]] for c in names}  # fmt: skip
    series: list[Any] = type(frame)(told).get_columns()
    return series


def _each_in_its_unit(frame: Frame) -> list[Any]:
    """The columns of values whose unit stands in their row, written in it."""
    names = [c for c in frame.columns if c in VARIED] if "unit" in frame.columns else []
    rows = frame.to_dicts() if names else []
    told = {c: [written(row[c], unit_of(c, beside=row)) for row in rows] for c in names}
    series: list[Any] = type(frame)(told).get_columns()
    return series
