"""A result table on the screen: Chinese headings, units, banner tables, and its downloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from insight import pipeline
from insight.schema import TABLES
from insight.units import Unit, label_of, table_label, title_of, unit_of, written
from insight.wording import NOTHING
from pages.ui import picking
from pages.ui.picking import Pick

Frame = Any  # a polars frame; pages pass it on and import no library for it
LINE, MOST_LINES = 34, 12  # pixels of a row, rows before the table scrolls
TOKEN = 8  # characters shown of a customer's token; the export has all of it
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MARKS = frozenset({"flag", "is_small"})  # told by the legend below the table
_ASIDE = frozenset({"effective_base", "weighted_base"})


@dataclass(frozen=True, slots=True)
class Banner:
    """A long table read as a banner: which column goes down, which across, what a cell shows."""

    down: str
    across: str
    measures: Mapping[str, str]


_BANNERS = (
    Banner("need", "segment", {"share": "占比", "revenue": "消费金额"}),
    Banner("row", "column", {"share": "占比"}),
)


def word(value: str) -> str:
    """A word of a result as it is shown: names of canonical tables in Chinese, others as they are."""
    return TABLES[value].label if value in TABLES else value


def n_across(table: Frame) -> int:
    """How many columns the banner of ``table`` has; 0 where it is no banner."""
    banner = next((b for b in _BANNERS if _fits(b, table)), None)
    return len(_in_order(table, banner.across)) if banner else 0


def draw(
    table: Frame, *, alt: str, letters: Mapping[str, str] | None = None, pick: Pick | None = None
) -> None:
    """Draw one result table: a banner where it is one, else its own columns with units.

    Parameters
    ----------
    pick : what a click on a cell does, given the row of ``table`` that the cell stands for
    """
    banner = next((b for b in _BANNERS if _fits(b, table)), None)
    if banner is None:
        listed(table, alt=alt, pick=pick)
    else:
        _banner(table, banner, alt=alt, letters=letters or {}, pick=pick)
    starred = any(letter.endswith("*") for letter in (letters or {}).values())
    if starred or any(_has_marks(table[mark]) for mark in _MARKS & set(table.columns)):
        st.caption("带 \\* 的基数不足，只作方向性参考；— 表示样本太少，不显示。")


def downloads(tables: Mapping[str, Frame], shown: str, *, stem: str) -> None:
    """Offer all tables as one workbook, then the shown one as csv."""
    with st.container(horizontal=True):
        st.download_button(
            "导出 xlsx",
            partial(pipeline.xlsx, {table_label(name): table for name, table in tables.items()}),
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
            f"{stem}_{table_label(shown)}.csv",
            "text/csv",
            key=f"csv:{stem}",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
            help="只含当前表格，Excel 和 WPS 可以直接打开",
        )


def _has_marks(marks: Frame) -> bool:
    is_text = str(marks.dtype) == "String"
    return bool((marks.is_in(["*", "—"]) if is_text else marks).any())


def _fits(banner: Banner, table: Frame) -> bool:
    sides = (banner.down, banner.across)
    if table.is_empty() or not {*sides, "share"} <= set(table.columns):
        return False
    return not table.select(sides).is_duplicated().any()


def _banner(
    table: Frame, banner: Banner, *, alt: str, letters: Mapping[str, str], pick: Pick | None
) -> None:
    measure = _measure(table, banner)
    groups = _in_order(table, banner.across)
    heads = {group: _head(table, banner, group=group, letters=letters) for group in groups}
    first = label_of(banner.down)
    rows: dict[str, dict[str, str]] = {n: {first: n} for n in _in_order(table, banner.down)}
    places: dict[tuple[int, str], int] = {}
    lines = {name: line for line, name in enumerate(rows)}
    for at, cell in enumerate(table.to_dicts()):
        down, head = cell[banner.down], heads[cell[banner.across]]
        rows[down][head] = _cell(cell, measure)
        places[lines[down], head] = at
    right = {head: st.column_config.TextColumn(alignment="right") for head in heads.values()}
    st.dataframe(
        list(rows.values()),
        column_config={first: st.column_config.TextColumn(pinned=True)} | right,
        hide_index=True,
        height=_height(len(rows)),
        row_height=LINE,
        placeholder="—",
        alt=alt,
        **picking.options(alt, pick and partial(_pick_cell, places, pick)),
    )


def _pick_cell(places: Mapping[tuple[int, str], int], pick: Pick, line: int, head: str) -> None:
    """Pick the cell of a banner; its first column names the row and stands for the first group."""
    at = places.get((line, head))
    pick(min(n for (one, _), n in places.items() if one == line) if at is None else at)


def _measure(table: Frame, banner: Banner) -> str:
    """What the cells show, picked where there is a choice."""
    known = {name: label for name, label in banner.measures.items() if name in table.columns}
    if len(known) == 1:
        return "share"
    picked = st.segmented_control(
        "单元格", list(known), default="share", format_func=known.__getitem__, required=True, key="measure", label_visibility="collapsed"
    )  # fmt: skip
    return str(picked)


def _in_order(table: Frame, column: str) -> list[str]:
    names: list[str] = table[column].unique(maintain_order=True).to_list()
    return names


def _head(table: Frame, banner: Banner, *, group: str, letters: Mapping[str, str]) -> str:
    """Heading of a banner column: its name, its letter, and its base where it has only one."""
    letter = f" {letters[group]}" if letters.get(group) else ""
    if "base" not in table.columns:
        return f"{group}{letter}"
    bases = table["base"].filter(table[banner.across] == group).unique().to_list()
    return f"{group}{letter}（n={bases[0]:,}）" if len(bases) == 1 else f"{group}{letter}"


def _cell(cell: Mapping[str, Any], measure: str) -> str:
    """What a banner shows in one cell: the figure, its letters, the mark of a small base."""
    figure = written(cell[measure], unit_of(measure, beside=cell))
    if measure != "share" or figure == NOTHING:
        return figure
    mark = cell.get("flag") or ""
    return " ".join(filter(None, (figure, cell.get("letters"), mark)))


def listed(table: Frame, *, alt: str, pick: Pick | None = None, leave: Sequence[str] = ()) -> None:
    """Draw the told columns of a table with their units, but for those to ``leave`` out."""
    names = [c for c in table.columns if _is_told(c) and c not in leave]
    frame = table.select(names)
    st.dataframe(
        spoken(frame),
        column_config={c: _column(c, frame) for c in names},
        hide_index=True,
        height=_height(frame.height),
        row_height=LINE,
        placeholder="—",
        alt=alt,
        **picking.options(alt, _whole_row(pick) if frame.height <= picking.MOST_LINES else None),
    )


def _whole_row(pick: Pick | None) -> Callable[[int, str], None] | None:
    return pick and (lambda line, _head: pick(line))


def _height(n_rows: int) -> int:
    return (min(n_rows, MOST_LINES) + 1) * LINE + 2


def _is_told(column: str) -> bool:
    """Whether the column has a heading that a reader of Chinese understands."""
    told = label_of(column) != column or not column.isascii()
    return told and column not in _MARKS | _ASIDE


def _is_part(column: str, frame: Frame) -> bool:
    """Whether the numbers are parts of one, which the screen shows times a hundred."""
    unit = unit_of(column, beside=frame.columns)
    return unit in {Unit.SHARE, Unit.POINTS} and frame.schema[column].is_numeric()


def spoken(frame: Frame) -> Frame:
    """Shares as percentages, rounded as the sentences round them; names of tables in Chinese; short tokens."""
    shares = [frame[c] * 100 for c in frame.columns if _is_part(c, frame)]
    rounded = [s.round(9).round(1, mode="half_away_from_zero") for s in shares]
    labels = {name: table.label for name, table in TABLES.items()}
    own = [frame[c].replace(labels) for c in frame.columns if c == "table"]
    tokens = [frame[c].str.head(TOKEN) for c in frame.columns if c == "customer_id"]
    return frame.with_columns(*rounded, *own, *tokens)


def _column(column: str, frame: Frame) -> Any:  # noqa: ANN401 (Streamlit's column)
    kind, unit = frame.schema[column], unit_of(column, beside=frame.columns)
    label = title_of(column)
    if _is_part(column, frame):
        form = "%.1f" if unit is Unit.POINTS else "%.1f%%"
        return st.column_config.NumberColumn(label, format=form)
    if unit is Unit.TIME and kind.is_numeric():
        return st.column_config.DatetimeColumn(label, format="YYYY-MM-DD")
    if kind.is_temporal():
        day = "YYYY-MM" if column == "month" else "YYYY-MM-DD"
        return st.column_config.DateColumn(label, format=day)
    if kind.is_numeric():
        form = _money(frame[column]) if unit is Unit.MONEY else _number(unit, frame[column])
        return st.column_config.NumberColumn(label, format=form)
    return st.column_config.Column(label)


def _money(values: Frame) -> str:
    return "¥%,.2f" if abs(values.max() or 0) < 100 else "¥%,.0f"


def _number(unit: Unit, values: Frame) -> str:
    """As many decimals as the values need."""
    if unit is Unit.P_VALUE:
        return "%.3f"
    if values.dtype.is_integer() or (values == values.round(0)).all():
        return "%,d"
    return "%,.1f" if (values.abs().max() or 0) >= 100 else "%,.2f"
