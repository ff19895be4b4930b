"""A long result table drawn as a banner: rows down, groups across with their letters and bases, means beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from insight.units import label_of, unit_of, written
from insight.wording import NOTHING
from pages.ui import picking
from pages.ui.picking import Pick

Frame = Any  # a polars frame; pages pass it on and import no library for it
Letters = Mapping[tuple[str, ...], str]


Heads = Mapping[tuple[str, ...], str]


Lines = Mapping[str, Mapping[str, str]]


APART = "｜"  # between a row of a matrix and its answer


LINE, MOST_LINES = 34, 12  # pixels of a row, rows before the table scrolls


_LETTERED = ("share", "mean")  # what the letters speak of


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
    written = [{first: name} | (rows.get(name) or beneath[name]) for name in order]
    right = {head: st.column_config.TextColumn(alignment="right") for head in heads.values()}
    st.dataframe(
        type(table)(written, infer_schema_length=None).to_arrow(),
        column_config={first: st.column_config.TextColumn(pinned=True)} | right,
        hide_index=True,
        height=height(len(order)),
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


def height(n_rows: int) -> int:
    return (min(n_rows, MOST_LINES) + 1) * LINE + 2


def banner_of(table: Frame) -> Banner | None:
    """How the table is read as a banner; None where it is none."""
    return next((b for b in _BANNERS if _fits(b, table)), None)


def draw_banner(
    table: Frame, banner: Banner, *, pick: tuple[str, Pick | None], letters: Letters, measure: str = "", means: Frame = None
) -> None:  # fmt: skip
    """Draw a banner; see ``tables.draw``.

    Parameters
    ----------
    pick : what the banner is called, and what a click on a cell does
    """
    shown = measure or _measure(table, banner)
    heads = _heads(table, banner, letters)
    _banner(table, banner, shown, heads=heads, pick=pick, beneath=_beneath(means, banner, heads))
