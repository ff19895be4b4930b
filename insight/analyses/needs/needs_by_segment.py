"""What does each segment need: mention rates with letters, satisfaction, spending, and what is at stake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import altair as alt
import polars as pl

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.members import Members, later
from insight.needs import UPPER, Raised, labels_of
from insight.needs.asking import Asking, asked, raised_in
from insight.segmentation.breaks import Break, break_of
from insight.stats.banner import TOTAL, cell_words, column_table, headings, higher_pairs
from insight.stats.proportions import Rule
from insight.wording import count, money, percent, points

TITLE = "各人群的需求"
MOST_DRAWN, MOST_FINDINGS = 40, 8


class Params(Asking):
    """Where needs come from, by which groups they are compared, and how they are priced."""


def run(dataset: Dataset, params: Params) -> Result:
    """Needs of all sources against one break of the customers."""
    made = asked(dataset, params, title=TITLE)
    banner, matrix, ranking = made.banner, made.matrix, made.ranking
    tables = {
        "matrix": matrix,
        "needs": ranking,
        "evidence": made.evidence,
        "people": made.people,
        "cards": made.cards,
        "columns": _columns(matrix, banner),
    }
    return Result(
        tables,
        _pictures(matrix, made.raised, banner=banner),
        (*_differences(matrix, banner, made.rule), *_largest(ranking, made.rule)),
        made.notes,
    )


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The customers who raise each need in each segment, and the texts they say it in."""

    def raised_by() -> pl.DataFrame:
        groups = break_of(dataset, params.by, unit="customer_id").members
        told = raised_in(dataset, params, title=TITLE)[0].mentions().join(groups, on="customer_id")
        return told.rename({"group": "segment"}).select(known)

    known = ("need", "source", "segment", "customer_id", "text_id")
    inner, unit = later(raised_by, *known), ("customer_id",)
    everybody = inner.drop("segment")
    matrix = pl.concat([inner, inner.with_columns(segment=pl.lit(TOTAL))])
    return {
        "matrix": Members(matrix, unit, "n"),
        "needs": Members(everybody, unit, "n"),
        "cards": Members(result.tables["cards"].lazy().select("text_id"), ("text_id",)),
    }


def _columns(matrix: pl.DataFrame, banner: Break) -> pl.DataFrame:
    """(n_sources x (1 + n_segments)) source, segment, letter, base, flag."""
    cells = matrix.rename({"segment": "column"})
    tables = [
        column_table(part, banner.groups).select(
            pl.lit(source).alias("source"),
            pl.col("column").alias("segment"),
            "letter",
            "base",
            "flag",
        )
        for (source,), part in cells.group_by("source", maintain_order=True)
    ]
    return pl.concat(tables)


def _pictures(
    matrix: pl.DataFrame, raised: Raised, *, banner: Break
) -> Mapping[str, alt.TopLevelMixin]:
    """The matrix as a heat map: of the shares, and of what is at stake."""
    width = len(matrix) // len(raised.needs)
    names = [name for name in labels_of(raised.needs) for _ in range(width)]
    told = matrix.with_row_index("at").select(
        "at",
        pl.Series("need", names),
        pl.col("segment").replace(headings(banner.groups)),
        *("share", "n", "base", "satisfaction", "revenue", "revenue_at_stake", "ras_low", "ras_high", "sources"),
        cell_words(matrix),
        pl.Series("stake_words", [_stake_words(row) for row in matrix.iter_rows(named=True)]),
        is_small=pl.col("flag") != "",
    ).head(MOST_DRAWN * width)  # fmt: skip
    priced = told.drop("words").with_columns(is_small=pl.col("revenue_at_stake").is_null())
    return {
        "matrix": charts.heat(told.drop("stake_words"), row="need", column="segment", value="share", text="words"),
        "stake": charts.heat(priced, row="need", column="segment", value="revenue_at_stake", text="stake_words"),
    }  # fmt: skip


def _stake_words(cell: Mapping[str, Any]) -> str:
    """What is at stake in a cell, or how far it is known: "¥5,035", "至多 ¥1.2 万", "样本不足"."""
    if cell["revenue_at_stake"] is not None:
        return money(cell["revenue_at_stake"])
    return f"至多 {money(cell['ras_high'])}" if cell["ras_high"] is not None else cell["stake_note"]


def _differences(matrix: pl.DataFrame, banner: Break, rule: Rule) -> Iterator[Finding]:
    """For every need with a letter, the segment that stands out most; solid bases come first."""
    told = matrix.select(pl.col("flag") != "", -pl.col("share_difference").fill_null(-1.0)).rows()
    share, width = matrix["share"].to_list(), len(banner.groups) + 1
    pairs = higher_pairs(matrix["letters"], n_columns=len(banner.groups))
    best: dict[int, tuple[int, int]] = {}
    for high, low in sorted(pairs, key=lambda pair: (told[pair[0]], share[pair[1]], pair)):
        best.setdefault(high // width, (high, low))
    for high, low in list(best.values())[:MOST_FINDINGS]:
        yield _stands_out(matrix, high=high, low=low, rule=rule)


def _verb(source: str) -> str:
    return "选择" if source.startswith("问卷") else "提到"


def _stands_out(matrix: pl.DataFrame, *, high: int, low: int, rule: Rule) -> Finding:
    row, other = matrix.row(high, named=True), matrix.row(low, named=True)
    verb = _verb(row["source"])
    who = f"“{row['segment']}”" + ("" if row["segment"].endswith("客户") else "客户")
    cells = [Cell("matrix", high, c) for c in ("n", "share", "base", "letters", "revenue")]
    from_rest = row["p_value"] is not None and row["p_value"] <= max(rule.levels)
    if from_rest and row["share_difference"] > 0:
        compared = f"比其他客户高 {points(row['share_difference'])}"
        cells += [Cell("matrix", high, "share_difference")]
    else:
        compared = f"高于“{other['segment']}”的 {percent(other['share'])}"
        cells += [Cell("matrix", low, "share")]
    text = (
        f"{who}里 {count(row['n'])} 人（{percent(row['share'])}，基数 {count(row['base'])}）{verb}“{row['need']}”，"
        f"{compared}；{verb}的客户共消费 {money(row['revenue'])}{rule.caution(row['base'])}。"
    )
    return Finding(text, row["base"], tuple(cells), rule.test)


def _largest(ranking: pl.DataFrame, rule: Rule) -> Iterator[Finding]:
    """The need with most at stake, and the one behind which stands most money."""
    yield from _most_at_stake(ranking)
    order = ranking["revenue"].arg_sort(descending=True, nulls_last=True)
    row = ranking.row(order[0], named=True)
    if row["revenue"] is None or not row["n"]:
        return
    text = (
        f"涉及金额最大的需求是“{row['need']}”：{count(row['base'])} 位客户里 {count(row['n'])} 位（{percent(row['share'])}）{_verb(row['source'])}它，"
        f"他们共消费 {money(row['revenue'])}{rule.caution(row['base'])}；一位客户可以有几项需求，各项金额不能相加。"
    )
    cells = tuple(Cell("needs", order[0], c) for c in ("base", "n", "share", "revenue"))
    yield Finding(text, row["base"], cells)


def _most_at_stake(ranking: pl.DataFrame) -> Iterator[Finding]:
    """The largest amount whose interval of the difference does not hold 0; else the largest upper bound."""
    row, at = ranking.row(0, named=True), 0
    warned = "这是相关，不等于解决后就能留住；各项金额不能相加。"
    if row["revenue_at_stake"]:
        text = (
            f"可能流失金额最大的需求是“{row['need']}”：{_verb(row['source'])}它的客户更少再买，按其中不满的人计，未来 12 个月约 {money(row['revenue_at_stake'])}"
            f"（95% 区间 {money(row['ras_low'])}–{money(row['ras_high'])}，{count(row['n'])} 位客户{_verb(row['source'])}）；{warned}"
        )
        cells = ("revenue_at_stake", "ras_low", "ras_high", "n")
        yield Finding(text, row["base"], tuple(Cell("needs", at, c) for c in cells))
        return
    bounded = ranking.with_row_index("at").filter(pl.col("stake_note") == UPPER)
    if bounded.height:
        row = bounded.sort("ras_high", "at", descending=[True, False]).row(0, named=True)
        text = f"没有哪项需求的提及者明显更少再买，可能流失的金额只有上限：最高的是“{row['need']}”，未来 12 个月至多 {money(row['ras_high'])}（{count(row['n'])} 位客户{_verb(row['source'])}）。"
        yield Finding(text, row["base"], (Cell("needs", row["at"], "ras_high"), Cell("needs", row["at"], "n")))  # fmt: skip


ANALYSIS = Analysis(
    key="needs_by_segment",
    title=TITLE,
    question="各人群最需要什么，背后有多少消费？",
    needs={
        "orders": ("customer_id", "order_id", "ordered_at", "amount"),
        "responses|texts": ("customer_id",),
    },
    params=Params,
    run=run,
    members=members,
    place=10,
)
