"""Which products do those who raise a need buy: what they say, joined to their own orders of the days around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.needs import Need, Raised, heard, labels_of, said_by, worth_of
from insight.needs.bought import Around, around, need_items
from insight.needs.cards import CARDS, cards_of
from insight.offers import items
from insight.parameters import Correcting, NumberOfTopics, picked
from insight.settings import settings
from insight.stats.banner import SUPPRESSED
from insight.stats.multiple import CORRECTION_LABELS
from insight.wording import count, decimal, money, percent, points

TITLE = "需求与商品"
LEVEL, MOST_TOLD, MOST_CARDED = 0.05, 3, 6
MOST_NEEDS, MOST_COLUMNS = 20, 10  # of the picture


class Params(BaseModel):
    """Where needs come from, and which purchases count as made around them."""

    of: items.Of = picked("category", items.NAMES, title="看品类还是商品")
    days: int = Field(
        default=90, ge=1, le=730, title="前后多少天", description="只看说话或答卷那天前后这些天里的购买"
    )  # fmt: skip
    most: int = Field(
        default=20, ge=2, le=100, title="最多看几个品类或商品", description="取说话的人里买的人最多的"
    )  # fmt: skip
    questions: list[str] = Field(
        default_factory=list,
        title="需求题（多选）",
        description="留空时自动选题干谈到需要、看重、不满等的多选题；没有这样的题就用全部多选题",
        json_schema_extra={"one_of": "multi_questions"},
    )
    use_topics: bool = Field(
        default=True, title="使用开放文本", description="把开放题、评论和访谈里的话也归入需求"
    )
    n_topics: NumberOfTopics = 0
    correction: Correcting = "bh"


def run(dataset: Dataset, params: Params) -> Result:
    """Compare what those who raise each need bought with what the other speakers bought."""
    column: items.Of = items.column_of(dataset, params.of, title=TITLE)
    raised, notes = _heard(dataset, params)
    if not raised.needs:
        raise TooFewRows("有人提到的需求", 0, 1)
    found = around(dataset, raised, of=column, days=params.days, most=params.most)
    bought = found.bought.filter("does")["customer_id"].n_unique()
    if bought < settings().tiny_base:
        what = f"说话或答卷前后 {params.days} 天里买过东西、并且日期可知的客户"
        raise TooFewRows(what, bought, settings().tiny_base)
    pairs = need_items(raised, found, correction=params.correction)
    tables = {"pairs": pairs, "cards": _cards(dataset, raised, found, pairs=pairs)}
    told = (*_notes(found, params, column=column), *notes)
    return Result(tables, {"pairs": _picture(pairs)}, tuple(_findings(pairs, params, items.NAMES[column])), told)  # fmt: skip


def _heard(dataset: Dataset, params: Params) -> tuple[Raised, tuple[str, ...]]:
    return heard(
        dataset, title=TITLE, questions=params.questions, use_topics=params.use_topics, n_topics=params.n_topics
    )  # fmt: skip


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The customers who raise each need and bought each item, and the texts on the cards."""

    def behind() -> pl.DataFrame:
        column = items.column_of(dataset, params.of, title=TITLE)
        raised = _heard(dataset, params)[0]
        found = around(dataset, raised, of=column, days=params.days, most=params.most)
        named = pl.DataFrame(
            [(str(at), n.label, n.source) for at, n in enumerate(raised.needs)], schema=["at", "need", "source"], orient="row"
        )  # fmt: skip
        own = found.bought.filter("does").drop_nulls("item").join(named, on="at")
        return own.select("need", "source", "item", "customer_id")

    frame = later(behind, "need", "source", "item", "customer_id")
    quoted = result.tables["cards"].lazy().select("text_id")
    return {
        "pairs": Members(frame, ("customer_id",), "n"),
        "cards": Members(quoted, ("text_id",)),
    }


def _clear(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that those who raise the need buy more than the others, with their row."""
    more = (pl.col("p_adjusted") < LEVEL) & (pl.col("share_difference") > 0)
    return pairs.with_row_index("at").filter(more)


def _cards(dataset: Dataset, raised: Raised, found: Around, *, pairs: pl.DataFrame) -> pl.DataFrame:
    """The words in which the buyers of the clearest pairs raise the need: columns of CARDS and item."""
    schema = {"item": pl.String, **CARDS}
    if not {"text_id", "text", "customer_id"} <= dataset.columns("texts"):
        return pl.DataFrame(schema=schema)
    chosen = _clear(pairs).head(MOST_CARDED).select("need", "source", "item").rows()
    place = {(n.label, n.source): str(at) for at, n in enumerate(raised.needs)}
    said = [_said(raised, found, at=place[need, source], item=item, to=str(to)) for to, (need, source, item) in enumerate(chosen)]  # fmt: skip
    if not said:
        return pl.DataFrame(schema=schema)
    assert dataset.orders is not None
    told = Raised(tuple(Need(need, item) for need, _, item in chosen), raised.people, pl.concat(said))  # fmt: skip
    cards = cards_of(dataset, told, texts=said_by(dataset), worth=worth_of(dataset.orders, "lately"), by="rfm")  # fmt: skip
    sources = {(need, item): source for need, source, item in chosen}
    own = [sources[pair] for pair in cards.select("need", "source").rows()]
    named = cards.rename({"source": "item"}).with_columns(pl.Series("source", own, dtype=pl.String))
    return named.select(*schema)


def _said(raised: Raised, found: Around, *, at: str, item: str, to: str) -> pl.DataFrame:
    """What the buyers of an item say of a need, as the need number ``to``."""
    buyers = found.bought.filter("does", pl.col("at") == at, pl.col("item") == item)
    own = raised.said.filter(pl.col("at") == at).join(buyers, on="customer_id", how="semi")
    return own.with_columns(at=pl.lit(to))


def _picture(pairs: pl.DataFrame) -> alt.TopLevelMixin:
    """How many times as often: needs by items, those of the clearest pairs first."""
    told = pairs.with_row_index("at").filter(pl.col("n") + pl.col("n_rest") > 0)
    needs = told.select("need", "source").unique(maintain_order=True).head(MOST_NEEDS)
    columns = told["item"].unique(maintain_order=True).head(MOST_COLUMNS)
    shown = told.join(needs, on=("need", "source"), how="semi", maintain_order="left").filter(pl.col("item").is_in(columns.implode()))  # fmt: skip
    names = dict(zip(needs.rows(), labels_of(Need(*row) for row in needs.rows()), strict=True))
    labels = [names[row] for row in shown.select("need", "source").rows()]
    table = shown.with_columns(
        pl.Series("need", labels), is_small=pl.col("flag") != "", words=_words(shown)
    )
    kept = ("at", "need", "item", "lift", "share", "speakers_share", "n", "base", "p_adjusted", "revenue")  # fmt: skip
    return charts.heat(table.select(*kept, "words", "is_small"), row="need", column="item", value="lift", text="words", centre=1.0)  # fmt: skip


def _words(shown: pl.DataFrame) -> pl.Series:
    told = [
        SUPPRESSED if lift is None else f"{decimal(lift, digits=2)} {mark}".strip()
        for lift, mark in shown.select("lift", "arrow").rows()
    ]
    return pl.Series("words", told, dtype=pl.String)


def _findings(pairs: pl.DataFrame, params: Params, what: str) -> Iterator[Finding]:
    test = (
        f"Fisher 精确检验（mid-p，双侧，p≤{LEVEL:g}，校正：{CORRECTION_LABELS[params.correction]}）"
    )
    clear = _clear(pairs)
    for row in clear.head(MOST_TOLD).to_dicts():
        yield _told(row, params, test)
    known = pairs.with_row_index("at").drop_nulls("p_adjusted")
    if clear.is_empty() and known.height:
        row = known.row(0, named=True)
        text = (
            f"没有哪项需求的提及者更常买某个{what}：最接近的是“{row['need']}”与“{row['item']}”"
            f"（{count(row['n'])} 人买过，占 {percent(row['share'])}；其他说话的人 {percent(row['rest_share'])}，差别在随机波动之内）。"
        )
        yield Finding(text, row["base"], _cells(row, "n", "share", "rest_share"), test)


def _told(row: Mapping[str, Any], params: Params, test: str) -> Finding:
    small = "（人数少，仅作方向性参考）" if row["flag"] else ""
    text = (
        f"提到“{row['need']}”的客户里，{count(row['n'])} 人在前后 {params.days} 天买过“{row['item']}”，占 {percent(row['share'])}，"
        f"是全部说话的人（{percent(row['speakers_share'])}）的 {decimal(row['lift'], digits=2)} 倍，比没提到的人高 {points(row['share_difference'])}；"
        f"他们为它花了 {money(row['revenue'])}{small}。"
    )
    cells = ("n", "share", "speakers_share", "lift", "share_difference", "revenue")
    return Finding(text, row["base"], _cells(row, *cells), test)


def _cells(row: Mapping[str, Any], *columns: str) -> tuple[Cell, ...]:
    return tuple(Cell("pairs", row["at"], column) for column in columns)


def _notes(found: Around, params: Params, *, column: items.Of) -> Sequence[str]:
    what = items.NAMES[column]
    instead = f"订单里没有{items.NAMES[params.of]}，改看{what}。" if column != params.of else ""
    left = f"，另有 {count(found.n_items - len(found.items))} 个较少人买的没有列出" if found.n_items > len(found.items) else ""  # fmt: skip
    return (
        f"{instead}对应：每位客户取一个时间窗——提到者从第一次提到该需求那天、没提到的人从第一次说话或答卷那天算起，前后各 {params.days} 天；窗一样长，才能相比。没有日期的话和没有订单的人不计（有日期的客户 {count(found.n_speakers)} 人）。",
        f"{what}：取说话的人里买的人最多的 {count(len(found.items))} 个{left}；按付款订单算，退款已从金额扣除。",
        f"占比：窗内买过任何东西的提及者里，买过该{what}的占比；提升度 = 它 ÷ 全部说话的人（提到与没提到的）里的占比；都不加权。",
        f"检验：提到者与没提到者比较（Fisher 精确检验，mid-p），整张表为一族，校正：{CORRECTION_LABELS[params.correction]}；↑↓ 为 p≤0.05，两个箭头为 p≤0.01。",
        f"任一边不足 {settings().tiny_base} 人的不显示，不足 {settings().small_base} 人的标 *；金额是这些人在窗内为该{what}付的钱，一人可有几项需求，不能相加。",
        "买和说同时出现不等于因为需要才买：评论多写在买了之后。",
    )


ANALYSIS = Analysis(
    key="need_products",
    title=TITLE,
    question="提到某项需求的人，前后买了什么？",
    needs={
        "orders": ("customer_id", "order_id", "ordered_at", "amount"),
        "responses|texts": ("customer_id",),
    },
    params=Params,
    run=run,
    members=members,
    place=60,
)
