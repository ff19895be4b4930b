"""What differs from a former wave, and what is noise: shares of both tested against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from insight.analysis import Result
from insight.report.blocks import Block, Grid, Head, Heading, Kind, Mark, Slot, plain
from insight.report.facts import Chapter
from insight.report.tints import LEGEND
from insight.settings import settings
from insight.stats.multiple import adjusted
from insight.stats.proportions import pooled_z, two_sided
from insight.wording import count, percent, points

LEVEL = 0.05
MOST_REAL, MOST_NOISE = 20, 8
REAL, NOISE, SMALL = "有变化", "分不出与噪声的差别", "基数不足"
# A share, and what it is a share of: a column of its own, or the sum of a count.
_SHARES = (("share", "effective_base", ""), ("share", "base", ""), ("share_of_customers", "", "n_customers"))  # fmt: skip
_MARKS = frozenset({"letters", "letter", "flag", "top_words", "sources", "unit"})


@dataclass(frozen=True, slots=True)
class Former:
    """A wave before: how it is called, and the result of each chapter of this report then."""

    name: str
    results: Mapping[str, Result] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A share now and then.

    Attributes
    ----------
    title, item : the analysis, and the row of its table
    now, before : shares [0..1]
    n_now, n_before : their bases
    p_adjusted : of the difference, corrected for all shares compared (Benjamini–Hochberg)
    key, table, row, column : the cell of the share now
    """

    title: str
    item: str
    now: float
    before: float
    n_now: float
    n_before: float
    p_adjusted: float
    key: str
    table: str
    row: int
    column: str

    @property
    def verdict(self) -> str:
        """有变化 only where the test passes on two firm bases."""
        if min(self.n_now, self.n_before) < settings().small_base:
            return SMALL
        return REAL if self.p_adjusted < LEVEL else NOISE


def changes(chapters: Sequence[Chapter], former: Former) -> tuple[Change, ...]:
    """Every share that stands in both waves, tested: two-sided z test of two proportions, FDR over all."""
    frames = [
        both.with_columns(title=pl.lit(chapter.title), key=pl.lit(chapter.key), table=pl.lit(name))
        for chapter in chapters
        if chapter.key in former.results
        for name, table in chapter.result.tables.items()
        if name in former.results[chapter.key].tables
        and (both := _both(table, former.results[chapter.key].tables[name])) is not None
    ]
    if not frames:
        return ()
    found = pl.concat(frames).unique(["title", "item"], keep="first", maintain_order=True)
    shares, bases = (found.select(w, f"{w}_before").to_numpy().T for w in ("share", "base"))
    p = two_sided(pooled_z(shares[0], bases[0], against=(shares[1], bases[1])))
    p = np.where(shares[0] == shares[1], 1.0, p)
    rows = found.with_columns(p=pl.Series(adjusted(p, "bh")))
    return tuple(Change(*row) for row in rows.select(_CHANGE).iter_rows())  # fmt: skip


_CHANGE = ("title", "item", "share", "share_before", "base", "base_before", "p", "key", "table", "row", "column")  # fmt: skip


def changed(found: Sequence[Change], former: Former) -> Iterator[Block]:
    """The page that stands first in the report of a later wave."""
    yield Heading(1, "与上期相比")
    yield plain(f"上期：{former.name}。")
    if not found:
        yield plain("两期没有可以逐项比较的占比：需要同样的分析、同样的设定和同样的选项。")
        return
    told = {v: [c for c in found if c.verdict == v] for v in (REAL, NOISE, SMALL)}
    heads = (Head("判断", False, 0.4), Head("占比数", True, 0.2))
    yield Grid("W.1", "逐项比较的结果", heads, tuple((Slot(v), Slot(count(len(held)))) for v, held in told.items()), (_NOTE,))  # fmt: skip
    yield plain(f"后面各表里的占比按同样的判断着色：{LEGEND}")
    real = sorted(told[REAL], key=lambda c: -abs(c.now - c.before))
    noise = sorted(told[NOISE], key=lambda c: -abs(c.now - c.before))
    yield from _listed("W.2", "有变化", real, most=MOST_REAL)
    yield from _listed("W.3", "看起来变了、但分不出与噪声的差别", noise, most=MOST_NOISE)


def marked(chapters: Sequence[Chapter], found: Sequence[Change]) -> tuple[Chapter, ...]:
    """The chapters with a mark on each share that moved; none where a base is too small to tell."""
    marks: dict[str, dict[str, dict[tuple[int, str], Mark]]] = {}
    for one in found:
        if one.now == one.before or one.verdict == SMALL:
            continue
        kind: Kind = "noise" if one.verdict == NOISE else "up" if one.now > one.before else "down"
        tip = f"上期 {percent(one.before)}（{count(one.n_before)} 人）"
        marks.setdefault(one.key, {}).setdefault(one.table, {})[one.row, one.column] = Mark(
            kind, tip
        )
    return tuple(replace(chapter, marks=marks.get(chapter.key, {})) for chapter in chapters)


_NOTE = (
    "检验：两期占比之差的双侧 z 检验，对全部比较过的占比做 Benjamini–Hochberg 校正，p<.05 且两期基数都不少于小样本界限才算“有变化”。"
    "两期按独立样本检验；加权的表用有效基数。同一批人重复受访时检验偏保守。"
)


def _listed(number: str, caption: str, found: Sequence[Change], *, most: int) -> Iterator[Block]:
    if not found:
        return
    heads = (Head("分析", False, 0.2), Head("项目", False, 0.36), Head("上期", True, 0.1), Head("本期", True, 0.1), Head("差", True, 0.14), Head("p（校正后）", True, 0.1))  # fmt: skip
    rows = tuple(
        (
            Slot(c.title), Slot(c.item), Slot(f"{percent(c.before)}\n{count(c.n_before)} 人"), Slot(f"{percent(c.now)}\n{count(c.n_now)} 人"),
            Slot(points(c.now - c.before)), Slot(f"{c.p_adjusted:.3f}" if c.p_adjusted >= 0.001 else "<.001"),
        )
        for c in found[:most]
    )  # fmt: skip
    more = (
        (f"共 {count(len(found))} 项，按差的大小列出前 {most} 项。",) if len(found) > most else ()
    )
    yield Grid(number, caption, heads, rows, more, is_dense=True)


def _both(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame | None:
    """item, share, base, row, column, share_before, base_before: rows of a table that stand in both waves."""
    shape = next((s for s in _SHARES if _has(now, s) and _has(before, s)), None)
    words = [c for c, kind in now.schema.items() if kind == pl.String and c not in _MARKS]
    keys = [c for c in words if before.schema.get(c) == pl.String]
    if shape is None or not keys:
        return None
    first, second = (_shares(table, shape, keys) for table in (now, before))
    if first["item"].is_duplicated().any() or second["item"].is_duplicated().any():
        return None
    joined = first.join(
        second.drop("row", "column"), on="item", suffix="_before", maintain_order="left"
    )
    return joined if joined.height else None


def _has(table: pl.DataFrame, shape: tuple[str, str, str]) -> bool:
    return all(name in table.columns for name in shape if name)


def _shares(table: pl.DataFrame, shape: tuple[str, str, str], keys: Sequence[str]) -> pl.DataFrame:
    share, base, parts = shape
    told = pl.concat_str([pl.col(k).fill_null("") for k in keys], separator=" · ")
    whole = pl.col(base) if base else pl.col(parts).sum()
    kept = table.select(
        item=told, share=pl.col(share).cast(pl.Float64), base=whole.cast(pl.Float64),
        row=pl.int_range(pl.len(), dtype=pl.Int64), column=pl.lit(share),
    )  # fmt: skip
    return kept.filter(pl.col("share").is_between(0, 1), pl.col("base") > 0)
