"""A result table on the screen: Chinese headings, units, banner tables, and its downloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from insight import pipeline
from insight.schema import TABLES
from insight.units import VARIED, Unit, label_of, table_label, unit_of, written
from insight.wording import NOTHING
from pages.ui import picking
from pages.ui.columns import column, is_p_value, is_part
from pages.ui.picking import Pick

Letters = Mapping[tuple[str, ...], str]
Heads = Mapping[tuple[str, ...], str]
Lines = Mapping[str, Mapping[str, str]]
Frame = Any  # a polars frame; pages pass it on and import no library for it
APART = "｜"  # between a row of a matrix and its answer
LINE, MOST_LINES = 34, 12  # pixels of a row, rows before the table scrolls
TOKEN = 8  # characters shown of a customer's token; the export has all of it
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LETTERED = ("share", "mean")  # what the letters speak of
_MARKS = frozenset({"flag", "is_small"})  # told by the legend below the table
_ASIDE = frozenset({"effective_base", "weighted_base", "across", "up"})


@dataclass(frozen=True, slots=True)
class Banner:
    """A long table read as a banner: which column goes down, which across, what a cell shows.

    ``within`` is the column that parts the groups where several breaks stand side by side.
    """

    down: str
    across: str
    measures: Mapping[str, str]
    within: str = ""

    @property
    def sides(self) -> tuple[str, ...]:
        """What names a cell."""
        return (self.down, self.within, self.across) if self.within else (self.down, self.across)


_TGI = "tgi"
_BANNERS = (
    Banner(
        "need",
        "segment",
        {
            "share": "占比",
            "satisfaction": "满意度",
            "revenue": "消费金额",
            "revenue_at_stake": "可能流失",
            "ras_high": "可能流失上限",
            "sources": "来源印证",
        },
    ),
    Banner(
        "row",
        "column",
        {"share": "占比", "row_share": "行百分比", _TGI: "TGI", "n": "人数"},
        within="break",
    ),
    Banner(
        "row",
        "column",
        {"mean": "均值", "median": "中位数", "top2_share": "最高两分占比"},
        within="break",
    ),
    Banner("row", "column", {"share": "占比"}),
)


def word(value: str) -> str:
    """A word of a result as it is shown: names of canonical tables in Chinese, others as they are."""
    return TABLES[value].label if value in TABLES else value


def n_across(table: Frame) -> int:
    """How many columns the banner of ``table`` has; 0 where it is no banner."""
    banner = next((b for b in _BANNERS if _fits(b, table)), None)
    return len(_groups(table, banner)) if banner else 0


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
    banner = next((b for b in _BANNERS if _fits(b, table)), None)
    if banner is None:
        listed(table, alt=alt, pick=pick)
    else:
        shown = measure or _measure(table, banner)
        heads = _heads(table, banner, letters or {})
        _banner(table, banner, shown, heads=heads, pick=(alt, pick), beneath=_beneath(means, banner, heads))  # fmt: skip
    starred = any(letter.endswith("*") for letter in (letters or {}).values())
    if starred or any(_has_marks(table[mark]) for mark in _MARKS & set(table.columns)):
        st.caption("带 \\* 的基数不足，只作方向性参考；— 表示样本太少，不显示。")


def downloads(tables: Mapping[str, Frame], shown: str, *, stem: str, of: str = "") -> None:
    """Offer all tables of an analysis ``of`` as one workbook, then the shown one as csv."""
    with st.container(horizontal=True):
        st.download_button(
            "导出 xlsx",
            partial(
                pipeline.xlsx, {table_label(name, of=of): table for name, table in tables.items()}
            ),
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
            f"{stem}_{table_label(shown, of=of)}.csv",
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
    if table.is_empty() or not {*banner.sides, next(iter(banner.measures))} <= set(table.columns):
        return False
    return not table.select(banner.sides).is_duplicated().any()


def _banner(
    table: Frame, banner: Banner, measure: str, *, heads: Heads, pick: tuple[str, Pick | None], beneath: Lines
) -> None:  # fmt: skip
    """Draw a banner; ``pick`` is what it is called and what a click on a cell does, ``beneath`` are further lines."""
    first = label_of(banner.down)
    rows: dict[str, dict[str, str]] = {n: {first: n} for n in _in_order(table, banner.down)}
    places: dict[tuple[int, str], int] = {}
    order = _in_lines(list(rows), list(beneath))
    lines = {name: line for line, name in enumerate(order)}
    for at, cell in enumerate(table.to_dicts()):
        down, head = cell[banner.down], heads[tuple(cell[c] for c in banner.sides[1:])]
        rows[down][head] = _cell(cell, measure)
        places[lines[down], head] = at
    right = {head: st.column_config.TextColumn(alignment="right") for head in heads.values()}
    st.dataframe(
        [{first: name} | (rows.get(name) or beneath[name]) for name in order],
        column_config={first: st.column_config.TextColumn(pinned=True)} | right,
        hide_index=True,
        height=_height(len(order)),
        row_height=LINE,
        placeholder="—",
        alt=pick[0],
        **picking.options(pick[0], pick[1] and partial(_pick_cell, places, pick[1])),
    )


def _in_lines(rows: Sequence[str], beneath: Sequence[str]) -> list[str]:
    """The lines of a banner: each of ``beneath`` below the rows of its part (客服｜均值), else below all."""
    parts = [name.rpartition(APART)[0] for name in rows]
    ends = {name: len(parts) - parts[::-1].index(part) if (part := name.rpartition(APART)[0]) in parts else len(rows) for name in beneath}  # fmt: skip
    placed = [(at, name) for at, name in enumerate(rows)] + [(ends[name] - 0.5, name) for name in beneath]  # fmt: skip
    return [name for _, name in sorted(placed, key=lambda line: line[0])]


def _beneath(means: Frame, banner: Banner, heads: Heads) -> Lines:
    """The lines of the means and of their spread: name -> heading -> what stands there."""
    lines: dict[str, dict[str, str]] = {}
    for cell in means.to_dicts() if means is not None else ():
        head = heads[tuple(cell[c] for c in banner.sides[1:])]
        for name, shown in ((cell["row"], "mean"), (cell["row"].replace("均值", "标准差"), "sd")):
            lines.setdefault(name, {})[head] = _cell(cell, shown)
    return lines


def _pick_cell(places: Mapping[tuple[int, str], int], pick: Pick, line: int, head: str) -> None:
    """Pick the cell of a banner; its first column names the row and stands for the first group."""
    own = [n for (one, _), n in places.items() if one == line]
    if own:  # the lines beneath name nobody
        pick(places.get((line, head), min(own)))


def _measure(table: Frame, banner: Banner) -> str:
    """What the cells show, picked where there is a choice."""
    known = {name: label for name, label in banner.measures.items() if name in table.columns}
    if len(known) == 1:
        return next(iter(known))
    picked = st.segmented_control(
        "单元格", list(known), default=next(iter(known)), format_func=known.__getitem__, required=True, key="measure", label_visibility="collapsed"
    )  # fmt: skip
    return str(picked)


def _in_order(table: Frame, column: str) -> list[str]:
    names: list[str] = table[column].unique(maintain_order=True).to_list()
    return names


def _groups(table: Frame, banner: Banner) -> list[tuple[str, ...]]:
    """The columns of a banner: group, or break and group."""
    groups: list[tuple[str, ...]] = table.select(banner.sides[1:]).unique(maintain_order=True).rows()  # fmt: skip
    return groups


def _heads(table: Frame, banner: Banner, letters: Letters) -> Heads:
    """Headings of the columns: break where there are several, name, letter, and base where there is only one."""
    groups = _groups(table, banner)
    breaks = {group[0] for group in groups if banner.within}
    bases: dict[tuple[str, ...], set[int]] = {}
    for cell in table.select(*banner.sides[1:], "base").rows() if "base" in table.columns else ():
        bases.setdefault(cell[:-1], set()).add(cell[-1])
    heads = {}
    for group in groups:
        name = "｜".join(group if len(breaks) > 1 else group[-1:])
        letter = f" {letters[group]}" if letters.get(group) else ""
        own = bases.get(group, set())
        heads[group] = f"{name}{letter}（n={next(iter(own)):,}）" if len(own) == 1 else f"{name}{letter}"  # fmt: skip
    return heads


def _cell(cell: Mapping[str, Any], measure: str) -> str:
    """What a banner shows in one cell: the figure, its letters, the mark of a small base."""
    figure = written(cell[measure], unit_of(measure, beside=cell))
    if figure == NOTHING or measure not in (*_LETTERED, _TGI):
        return figure
    marks = (cell.get("letters"), cell.get("arrow"), cell.get("flag"))
    if measure == _TGI:  # an index that tells nothing stands in brackets
        told = " ".join(filter(None, (figure, *marks, f"n={cell['n']:,}")))
        return told if cell["arrow"] else f"（{told}）"
    return " ".join(filter(None, (figure, *marks)))


def listed(table: Frame, *, alt: str, pick: Pick | None = None, leave: Sequence[str] = ()) -> None:
    """Draw the told columns of a table with their units, but for empty ones and those to ``leave`` out."""
    if table.is_empty():
        st.caption("这张表里没有符合条件的行。")
        return
    known = [c for c in table.columns if table[c].null_count() < table.height]
    names = [c for c in known if _is_told(c) and c not in leave and not _is_idle(table[c])]
    frame = table.select(names)
    st.dataframe(
        spoken(frame),
        column_config={c: column(c, frame) for c in names},
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
