"""What comes back more often than the rest, how soon and why, and what those customers say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.deals import refunds as sums
from insight.deals.refunds import NAMES, TABLES, WHOLE, Dimension
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.narrowing import among_customers
from insight.settings import settings
from insight.text.keyness import keyness
from insight.voices import voices, with_words
from insight.wording import count, decimal, money, percent

LEVEL = 0.05
BACK, KEPT = "退过款", "没有退过款"
MOST_WORDS, MOST_QUOTES, LONGEST_QUOTE = 15, 3, 120
_TEST = f"与其余相比的 Fisher 精确检验（mid-p，双侧，Benjamini–Hochberg 校正，q≤{LEVEL:g}）"


class Params(BaseModel):
    """How many people must say a word before it is compared."""

    min_people: int = Field(default=5, ge=2, le=100, title="至少多少人提到的词", description="只用于退过款的客户常说的词")  # fmt: skip


def run(dataset: Dataset, params: Params) -> Result:
    """Count what came back, test every value against the rest, and hear those who gave back."""
    orders = dataset.orders
    assert orders is not None
    summary = sums.whole(orders)
    if not summary["n_orders"].sum():
        raise TooFewRows("付款订单", 0, 1)
    if summary["refunded_amount"][0] <= 0:
        raise TooFewRows("退款或退货的订单", 0, 1)
    tables = {"summary": summary} | {TABLES[by]: sums.rates(orders, by) for by in sums.dimensions(orders)}  # fmt: skip
    tables |= _told(orders) | _said(dataset, params)
    tables = {name: table for name, table in tables.items() if table.height}
    return Result(tables, _pictures(tables), findings(tables), _notes(tables))


def _told(orders: ledger.Orders) -> dict[str, pl.DataFrame]:
    """How soon and why, as far as the lines tell."""
    tables = {"waits": sums.waits(orders)}
    if "refund_reason" in ledger.columns(orders):
        tables["reasons"] = sums.reasons(sums.told_reasons(orders))
        if "category" in ledger.columns(orders):
            tables["reason_categories"] = sums.crossed(sums.told_reasons(orders, by="category"))
    return tables


def _speakers(dataset: Dataset) -> pl.DataFrame:
    """(n_texts of known buyers) text_id, text [masked], person, words, group: ``BACK`` or ``KEPT``."""
    known = {"customer_id", "text_id", "text"} <= dataset.columns("texts")
    if not known or "customer_id" not in dataset.columns("orders"):
        return pl.DataFrame()
    assert dataset.orders is not None
    assert dataset.texts is not None
    back = ledger.refunders(dataset.orders).select("customer_id", group=pl.lit(BACK))
    buyers = ledger.customer_table(dataset.orders).select("customer_id")
    groups = buyers.join(back, on="customer_id", how="left").with_columns(pl.col("group").fill_null(KEPT))  # fmt: skip
    owners = dataset.texts.select("text_id", "customer_id").join(groups, on="customer_id")
    return with_words(voices(dataset).join(owners.drop("customer_id"), on="text_id"), dataset)


def _said(dataset: Dataset, params: Params) -> dict[str, pl.DataFrame]:
    """What those who gave back say more often than other buyers, and some of their own words."""
    said = _speakers(dataset)
    if said.is_empty():
        return {}
    people = said.group_by("person", "group").agg(pl.col("words").list.explode().unique().sort()).sort("group", "person")  # fmt: skip
    sizes = dict(people.group_by("group").len().iter_rows())
    if min(sizes.get(BACK, 0), sizes.get(KEPT, 0)) < settings().tiny_base:
        return {}
    compared = keyness(people["words"].to_list(), people["group"].to_list(), segments=[BACK], min_people=params.min_people)  # fmt: skip
    more = compared.filter(pl.col("share") > pl.col("share_rest")).head(MOST_WORDS)
    words = more.sort("p_adjusted", maintain_order=True).select(
        "word", "n", "base", "share", "share_rest", "base_rest", "p_adjusted"
    )
    return {"refund_words": words, "refund_quotes": _quotes(said, words["word"].to_list())}


def _quotes(said: pl.DataFrame, words: list[str]) -> pl.DataFrame:
    """(<= 3) quote, text_id: of different people who gave back, the texts with most of their words."""
    of_them = said.filter(pl.col("group") == BACK, pl.col("text").str.len_chars() <= LONGEST_QUOTE)
    ranked = of_them.with_columns(found=pl.col("words").list.set_intersection(words).list.len())
    best = ranked.sort("found", "text_id", descending=[True, False])
    chosen = best.unique("person", keep="first", maintain_order=True).unique("text", keep="first", maintain_order=True)  # fmt: skip
    return chosen.head(MOST_QUOTES).select("text_id", quote="text")


def _pictures(tables: Mapping[str, pl.DataFrame]) -> dict[str, alt.TopLevelMixin]:
    drawn: dict[str, alt.TopLevelMixin] = {}
    for by, table in TABLES.items():
        if table in tables and (bars := _bars(tables[table], by)) is not None:
            drawn[table] = bars
    if "reasons" in tables:
        rows = tables["reasons"].with_row_index("at")
        drawn["reasons"] = charts.bars(rows.select("refund_reason", "share_of_refunds", "n_orders", "at"), label="refund_reason", value="share_of_refunds", title="退款原因")  # fmt: skip
    if "reason_categories" in tables:
        cells = tables["reason_categories"].with_columns(is_small=pl.col("base") < settings().small_base)  # fmt: skip
        heat = charts.heat(cells, row="category", column="refund_reason", value="share")
        drawn["reason_categories"] = heat.properties(title="各品类为什么退")
    return drawn


def _bars(table: pl.DataFrame, by: Dimension) -> alt.LayerChart | None:
    shown = table.with_row_index("at").drop_nulls("refund_order_rate").head(20)
    if shown.is_empty():
        return None
    small = pl.col("n_orders") < settings().small_base
    bars = shown.select("at", by, "refund_order_rate", "ci_low", "ci_high", "n_orders", is_small=small)  # fmt: skip
    return charts.bars(bars, label=by, value="refund_order_rate", title=f"各{NAMES[by]}的退款订单占比")  # fmt: skip


def findings(tables: Mapping[str, pl.DataFrame]) -> tuple[Finding, ...]:
    """How much comes back, which value stands out, why, how soon, and what is said."""
    told = [_overall(tables["summary"].row(0, named=True))]
    for by, name in TABLES.items():
        told += _outstanding(tables[name], by) if name in tables else []
    if "reasons" in tables:
        told.append(_reason(tables["reasons"].row(0, named=True)))
    if "waits" in tables:
        told.append(_wait(tables["waits"].row(0, named=True)))
    if "refund_words" in tables:
        told.append(_word(tables["refund_words"]))
    return tuple(told)


def _overall(row: Mapping[str, Any]) -> Finding:
    columns = ["refunded_amount", "n_refunded", "n_orders"]
    text = f"共退款 {money(row['refunded_amount'])}，涉及 {count(row['n_refunded'])}/{count(row['n_orders'])} 个付款订单"
    if row["refund_order_rate"] is not None:
        columns += ["refund_order_rate", "ci_low", "ci_high", "refund_rate"]
        text += (
            f"（{percent(row['refund_order_rate'])}，95% 区间 {percent(row['ci_low'])}–{percent(row['ci_high'])}），"
            f"占退款前金额的 {percent(row['refund_rate'])}"
        )
    return Finding(f"{text}。", max(row["n_orders"], 1), tuple(Cell("summary", 0, c) for c in columns))  # fmt: skip


def _outstanding(table: pl.DataFrame, by: Dimension) -> list[Finding]:
    """The two values that come back significantly more often than the rest, and bring most refunds."""
    higher = table.with_row_index("at").filter(pl.col("q_value") <= LEVEL, pl.col("refund_order_rate") > pl.col("rest_rate"))  # fmt: skip
    return [
        Finding(
            f"{NAMES[by]}“{row[by]}”的退款显著偏多：{percent(row['refund_order_rate'])} 的订单退款"
            f"（{count(row['n_refunded'])}/{count(row['n_orders'])} 单），其余{NAMES[by]}为 {percent(row['rest_rate'])}；退款 {money(row['refunded_amount'])}。",
            row["n_orders"],
            tuple(Cell(TABLES[by], row["at"], c) for c in ("refund_order_rate", "n_refunded", "n_orders", "rest_rate", "refunded_amount")),
            _TEST,
        ) for row in higher.sort("refunded_amount", by, descending=[True, False]).head(2).iter_rows(named=True)
    ]  # fmt: skip


def _reason(row: Mapping[str, Any]) -> Finding:
    text = (
        f"最常见的退款原因是“{row['refund_reason']}”：{count(row['n_orders'])} 单，占写明原因的 {percent(row['share_of_refunds'])}，"
        f"退款 {money(row['refunded_amount'])}。"
    )
    columns = ("n_orders", "share_of_refunds", "refunded_amount")
    return Finding(text, row["n_orders"], tuple(Cell("reasons", 0, c) for c in columns))


def _wait(row: Mapping[str, Any]) -> Finding:
    text = (
        f"知道时间的 {count(row['n_returns'])} 次退回里，一半在 {decimal(row['median_days'])} 天内，"
        f"九成在 {decimal(row['late_days'])} 天内，{percent(row['share_within_week'])} 在 7 天内。"
    )
    columns = ("n_returns", "median_days", "late_days", "share_within_week")
    return Finding(text, row["n_returns"], tuple(Cell("waits", 0, c) for c in columns))


def _word(table: pl.DataFrame) -> Finding:
    row, test = table.row(0, named=True), "Fisher 精确检验（mid-p，双侧），Benjamini–Hochberg 校正"
    if row["p_adjusted"] > LEVEL:
        text = f"退过款的 {count(row['base'])} 人说的话里，没有哪个词显著多于其他 {count(row['base_rest'])} 位客户。"
        return Finding(text, row["base"], (Cell("refund_words", 0, "base"), Cell("refund_words", 0, "base_rest")), test)  # fmt: skip
    text = (
        f"退过款的客户显著更常提到“{row['word']}”：{percent(row['share'])}（{count(row['n'])}/{count(row['base'])} 人），"
        f"其他客户为 {percent(row['share_rest'])}。"
    )
    columns = ("share", "n", "base", "share_rest")
    return Finding(text, row["base"], tuple(Cell("refund_words", 0, c) for c in columns), test)


def members(dataset: Dataset, _params: Params, result: Result) -> Mapping[str, Members]:
    """The customers who gave back, by what they gave back and why; and who says which word."""
    orders = dataset.orders
    assert orders is not None
    unit, found = ("customer_id",), {}
    if "customer_id" in ledger.columns(orders):
        frames = {TABLES[by]: ledger.refunders(orders, by=by).select("customer_id", pl.col("group").cast(pl.String).alias(by)) for by in sums.dimensions(orders)}  # fmt: skip
        frames["summary"] = ledger.refunders(orders).select("customer_id", refunded_amount=pl.lit(result.tables["summary"]["refunded_amount"][0]))  # fmt: skip
        if "reasons" in result.tables:
            frames["reasons"] = sums.told_reasons(orders).select("customer_id", "refund_reason").drop_nulls()  # fmt: skip
        found = {name: Members(f.lazy(), unit, "n_customers") for name, f in frames.items()}
    if "refund_words" in result.tables:
        found["refund_words"] = Members(later(lambda: _sayers(dataset), "word", "text_id", "person"), ("person",), "n")  # fmt: skip
    return {name: one for name, one in found.items() if name in result.tables}


def _sayers(dataset: Dataset) -> pl.DataFrame:
    said = _speakers(dataset).filter(pl.col("group") == BACK).explode("words")
    return said.select(pl.col("words").alias("word"), "text_id", "person")


def _notes(tables: Mapping[str, pl.DataFrame]) -> tuple[str, ...]:
    alone = tables["summary"]["n_alone"][0]
    notes = [
        "退款订单占比 = 有退款（全部或部分）的付款订单 ÷ 付款订单；退款率 = 退款与退货金额 ÷ 退款前的付款金额。区间为 Wilson 95%。",
        "退货另成一单（负金额）时，算作同一客户之前买同样东西的一单；没有客户编号或找不到原单的只计金额，不计入订单占比"
        + (f"，这样的退货有 {count(alone)} 单。" if alone else "。"),
        "清洗时因“已退款”“交易关闭”整单排除的订单不在这里；需要计入时，请在清洗页关闭该规则或导入退款金额。",
        f"检验：{_TEST}，两边都不少于 {settings().small_base} 单；一单里有几个品类或商品时，各算一次。",
        f"商品只看金额最高的 {sums.MOST['product']} 个；基数不足 {settings().tiny_base} 的不显示占比。最近的订单可能还会退，占比偏低。",
    ]
    if "waits" in tables:
        notes.append(f"多久退回：优先用退款时间；退货另成一单时，从同一客户上一次买同一商品算起。“{WHOLE}”为所有品类合计。")  # fmt: skip
    if "refund_words" in tables:
        notes.append("文字来自退过款的客户说过的所有话，不一定在谈退款；原话已遮盖个人信息。")
    return tuple(notes)


ANALYSIS = among_customers(
    Analysis(
        key="refunds",
        title="退款退货",
        question="什么退得多，多久退、为什么退？",
        needs={"orders": ("order_id", "ordered_at", "amount")},
        params=Params,
        run=run,
        members=members,
        place=38,
        theme="优惠退款",
        reads_words=True,
    )
)
