"""The charts of the report: without their own titles, and the needs in one small picture for the summary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from insight import charts
from insight.report.blocks import Figure
from insight.report.outline import NEEDS
from insight.report.selection import Printed
from insight.units import in_words

MOST_NEEDS = 8
_COLUMNS = {"need", "segment", "share", "letters", "flag"}


def titled(chart: alt.TopLevelMixin) -> tuple[alt.TopLevelMixin, str]:
    """The chart without its title, and the title: in the report the caption says it."""
    spec: dict[str, Any] = chart.to_dict(validate=False)
    title = spec.pop("title", "")
    text = title if isinstance(title, str) else title.get("text", "")
    return charts.kept(spec), text if isinstance(text, str) else "".join(text)


def thumbnail(chapters: Sequence[Printed]) -> Figure | None:
    """The needs most people raise, by segment; None where needs were not analysed."""
    found = (
        (one, name, table)
        for one in chapters
        if one.chapter.room == NEEDS
        for name, table in one.chapter.result.tables.items()
        if name in one.sheets and set(table.columns) >= _COLUMNS
    )
    one, name, table = next(found, (None, "", pl.DataFrame()))
    if one is None:
        return None
    caption = (
        f"各人群最常提到的 {MOST_NEEDS} 项需求（提及率；完整的矩阵见表 {one.sheets[name].number}）"
    )
    chart = charts.heat(
        _most_raised(table), row="need", column="segment", value="share", text="words"
    )
    return Figure("", caption, chart, caption)


def _most_raised(table: pl.DataFrame) -> pl.DataFrame:
    """The needs with the highest share anywhere a base allows it, the strongest first."""
    firm = table.filter(pl.col("share").is_not_null() & (pl.col("flag") == ""))
    peaks = firm.group_by("need").agg(pl.col("share").max()).sort(["share", "need"], descending=[True, False])  # fmt: skip
    needs = peaks["need"].head(MOST_NEEDS)
    told = table.filter(pl.col("share").is_not_null())["segment"].unique()
    words = [
        f"{in_words(share, column='share')} {letters or ''}".strip()
        for share, letters in table.select("share", "letters").iter_rows()
    ]
    drawn = table.with_columns(
        words=pl.Series(words, dtype=pl.String), is_small=pl.col("flag") != ""
    )
    rank = pl.col("need").replace_strict({n: i for i, n in enumerate(needs)}, default=None, return_dtype=pl.Int64)  # fmt: skip
    kept = drawn.filter(
        pl.col("need").is_in(needs.implode()), pl.col("segment").is_in(told.implode())
    )
    return kept.sort(rank, maintain_order=True).select(
        "need", "segment", "share", "words", "is_small"
    )
