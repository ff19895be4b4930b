"""Kinds of respondents beside their purchases, in sentences and in a picture."""

from __future__ import annotations

from collections.abc import Iterator

import altair as alt
import polars as pl

from insight import charts
from insight.analysis import Cell, Finding
from insight.segmentation.crossing import LEVEL
from insight.settings import settings
from insight.stats.rand_index import PERMUTED
from insight.wording import count, decimal, percent

MOST_TOLD = 4
_TEST = f"置换检验 {PERMUTED} 次（单侧），Benjamini–Hochberg 校正，q≤{LEVEL:g}"
_CELL_TEST = f"调整残差（双侧，q≤{LEVEL:g}，Benjamini–Hochberg 校正，以整张表为一族）"


def shares(cross: pl.DataFrame, label: str) -> alt.TopLevelMixin:
    """The heat map of ``kinds_beside.crossed``; ``label`` is what the columns are."""
    arrow = pl.col("reading").replace_strict({"高于": " ↑", "低于": " ↓", "": ""})
    written = (pl.col("share") * 100).round(0).cast(pl.Int64).cast(pl.String)
    cells = cross.with_columns(
        is_small=pl.col("base") < settings().small_base, words=pl.format("{}%{}", written, arrow)
    )
    return charts.heat(
        cells, row="row_group", column="column_group", value="share", text="words"
    ).properties(title=f"每一群里{label}的占比（箭头：经检验高于或低于全体）")


def agree(table: pl.DataFrame) -> Finding:
    """Whether what matters and what is bought part people alike: the first row of ``agreement``."""
    row = table.row(0, named=True)
    index, related = row["adjusted_rand"], (row["q_value"] or 1.0) <= LEVEL
    if not related:
        said = "看不出有关联，要分开看"
    elif index < 0.5:
        said = "有关联但不是同一种分法，只看购买会漏掉需求上的差异"
    else:
        said = "大体是同一种分法"
    text = (
        f"{row['variable']}：{count(row['base'])} 位客户，调整兰德指数 {decimal(index, digits=2)}（0 为碰巧，1 为完全一致），"
        f"克莱姆 V {decimal(row['cramers_v'], digits=2)}，{said}。"
    )
    cells = tuple(Cell("agreement", 0, c) for c in ("base", "adjusted_rand", "cramers_v") if row[c] is not None)  # fmt: skip
    return Finding(text, row["base"], cells, _TEST)


def standing_out(cross: pl.DataFrame) -> Iterator[Finding]:
    """The pairs that are met oftener than the test explains by chance, the clearest first."""
    solid = (pl.col("base") >= settings().small_base) & (pl.col("reading") == "高于")
    ranked = cross.with_row_index("at").filter(solid).sort(pl.col("z").abs(), "at", descending=[True, False])  # fmt: skip
    for row in ranked.head(MOST_TOLD).iter_rows(named=True):
        text = (
            f"“{row['row_group']}”里“{row['column_group']}”有 {count(row['n_customers'])} 位客户，占 {percent(row['share'])}，"
            f"{row['reading']}全体的 {percent(row['share_all'])}。"
        )
        cells = tuple(Cell("cross", row["at"], c) for c in ("n_customers", "share", "share_all"))
        yield Finding(text, row["base"], cells, _CELL_TEST)
