"""Do customers buy what they say matters: the order of the same attributes by words and by deeds, in every segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members
from insight.needs import weights_of
from insight.needs.doing import done, words_of
from insight.needs.gaps import LEAST_ATTRIBUTES, Both, Deed, gap_tables
from insight.needs.pairing import BY_SATISFACTION, by_satisfaction, by_spending
from insight.needs.saying import Stated, stated
from insight.parameters import Correcting, Seed, picked
from insight.segmentation.breaks import break_of
from insight.settings import settings
from insight.stats.banner import TOTAL
from insight.stats.multiple import CORRECTION_LABELS
from insight.wording import count, decimal

TITLE = "说与做"
LEVEL, MOST_TOLD = 0.05, 4
Way = Literal["auto", "spend", "buying", "overall"]
WAYS: Mapping[Way, str] = {
    "auto": "自动", "spend": "钱花在哪里：消费里属于该项的占比", "buying": "满意与消费：对该项的满意度与消费额的相关",
    "overall": "满意与总体评价：对该项的满意度与总体评价的相关",
}  # fmt: skip


class Params(BaseModel):
    """What is said, what is done, and by which groups."""

    by: str = Field(default="high_ticket", title="人群", json_schema_extra={"one_of": "breaks"})
    importance: list[str] = Field(
        default_factory=list,
        title="重要性题",
        description="不选时按题干里的“重要”“看重”识别；没有评分题就用多选题",
        json_schema_extra={"one_of": "items"},
    )
    question: str = Field(
        default="",
        title="改用多选题",
        description="选了它，“说”就是每个选项被选的占比",
        json_schema_extra={"one_of": "multi_questions"},
    )
    way: Way = picked("auto", WAYS, title="“做”怎么算", description=f"自动：至少 {LEAST_ATTRIBUTES} 项能在订单里找到时看钱花在哪里，否则看满意与消费")  # fmt: skip
    words: str = Field(
        default="",
        title="属性对应的词",
        description="写成“属性=词、词；属性=词”，在品类和商品名里找；不写的按名称找，价格、优惠类看打折的明细",
    )
    n_draws: int = Field(default=2000, ge=200, le=10_000, title="置换次数")
    seed: Seed = 0
    correction: Correcting = "bh"
    use_weight: bool = Field(default=True, title="使用权重")


def run(dataset: Dataset, params: Params) -> Result:
    """Put words and deeds side by side."""
    said, both = _both(dataset, params)
    banner = break_of(dataset, params.by, unit="customer_id")
    attributes, agreement = gap_tables(both, banner, n_draws=params.n_draws, seed=params.seed, correction=params.correction)  # fmt: skip
    findings = (*_orders(attributes, agreement, params), *_people(attributes, params))
    notes = _notes(params, both, (said.note, f"人群：按“{banner.label}”{banner.note}划分。"))
    return Result({"attributes": attributes, "agreement": agreement}, _pictures(attributes), findings, notes)  # fmt: skip


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers whose words and deeds are both known, by segment."""
    _, both = _both(dataset, params)
    groups = break_of(dataset, params.by, unit="customer_id").members
    everybody = both.customers.select("customer_id", segment=pl.lit(TOTAL))
    own = both.customers.join(groups, on="customer_id").select("customer_id", segment="group")
    there = ~(np.isnan(both.says) | np.isnan(both.does))
    told = [both.customers.select("customer_id", attribute=pl.lit(label)).filter(pl.Series(there[:, at])) for at, label in enumerate(both.labels)]  # fmt: skip
    people = pl.concat([everybody, own])
    return {
        "attributes": Members(people.join(pl.concat(told), on="customer_id").lazy(), ("customer_id",), "n"),
        "agreement": Members(people.lazy(), ("customer_id",), "n"),
    }  # fmt: skip


def _both(dataset: Dataset, params: Params) -> tuple[Stated, Both]:
    """What customers say beside what they do."""
    assert dataset.orders is not None
    said = stated(dataset, title=TITLE, importance=params.importance, question=params.question)
    did = done(dataset.orders, said.labels, words_of(params.words, said.labels))
    is_spend = params.way == "spend" or (params.way == "auto" and len(did.told) >= LEAST_ATTRIBUTES)
    if is_spend and len(did.told) < LEAST_ATTRIBUTES:
        raise TooFewRows("能在订单里找到的属性", len(did.told), LEAST_ATTRIBUTES)
    weights = weights_of(dataset) if params.use_weight else None
    if is_spend:
        return said, by_spending(said, did, weights)
    deed: Deed = "overall" if params.way == "overall" else "buying"
    return said, by_satisfaction(dataset, said, did, deed=deed, weights=weights, title=TITLE)


def _pictures(attributes: pl.DataFrame) -> Mapping[str, alt.TopLevelMixin]:
    """How far the places differ, attribute by segment."""
    unclear = (pl.col("gap_low") <= 0) & (pl.col("gap_high") >= 0)
    shown = attributes.with_columns(is_small=pl.col("rank_gap").is_null() | unclear)
    columns = ("attribute", "segment", "rank_gap", "stated_rank", "revealed_rank", "n", "is_small")
    return {"attributes": charts.heat(shown.select(columns), row="attribute", column="segment", value="rank_gap", centre=0.0)}  # fmt: skip


def _orders(attributes: pl.DataFrame, agreement: pl.DataFrame, params: Params) -> Iterator[Finding]:
    """How far both orders agree, and where they part most."""
    for at, row in enumerate(agreement.head(1 + MOST_TOLD).to_dicts()):
        own = attributes.with_row_index("at").filter(pl.col("segment") == row["segment"])
        is_noise = own["tagged_by"][0] == BY_SATISFACTION and _is_noise(own)
        clear = own.filter((pl.col("gap_low") > 0) | (pl.col("gap_high") < 0), not is_noise)
        far = clear.sort(pl.col("rank_gap").abs(), "at", descending=[True, False])
        if row["rho"] is not None:
            yield _order(at, row, far.row(0, named=True) if far.height else None, params)


def _is_noise(own: pl.DataFrame) -> bool:
    """Whether no correlation of a segment is farther from 0 than two standard errors."""
    far = pl.col("revealed_score").abs() * (pl.col("n") - 1).sqrt() > 2
    return not own.select(far.any()).item()


def _order(at: int, row: Mapping[str, Any], far: Mapping[str, Any] | None, params: Params) -> Finding:  # fmt: skip
    who = "全部客户" if row["segment"] == TOTAL else f"“{row['segment']}”"
    is_clear = row["p_adjusted"] < LEVEL and not row["flag"]
    tone = (
        ("显著一致" if row["rho"] > 0 else "显著相反") if is_clear else "没有查到明显的一致或相反"
    )
    text = f"{who}说的和做的名次{tone}：{count(row['n_attributes'])} 项属性的 ρ={decimal(row['rho'], digits=2)}（{count(row['n'])} 人）"
    cells = [Cell("agreement", at, c) for c in ("n_attributes", "rho", "n")]
    if far:
        text += f"；落差最大的是“{far['attribute']}”，说的排第 {far['stated_rank']}，做的排第 {far['revealed_rank']}"
        cells += [Cell("attributes", far["at"], c) for c in ("stated_rank", "revealed_rank")]
    how = f"Spearman 秩相关，名次置换检验，{CORRECTION_LABELS[params.correction]}，p<{LEVEL:g}"
    return Finding(f"{text}。", row["n"], tuple(cells), how)


def _people(attributes: pl.DataFrame, params: Params) -> Iterator[Finding]:
    """Of all customers: attributes on which those who say more clearly do more, or less."""
    own = attributes.with_row_index("at").filter(
        pl.col("segment") == TOTAL, pl.col("p_adjusted") < LEVEL, pl.col("n") >= settings().small_base
    )  # fmt: skip
    for row in own.sort("people_rho", "at").head(MOST_TOLD).to_dicts():
        more = "更多" if row["people_rho"] > 0 else "反而更少"
        text = f"越说“{row['attribute']}”重要的客户，消费里属于它的占比显著{more}：ρ={decimal(row['people_rho'], digits=2)}（{count(row['n'])} 人）。"
        how = f"Spearman 秩相关，置换检验，{CORRECTION_LABELS[params.correction]}，p<{LEVEL:g}"
        yield Finding(text, row["n"], (Cell("attributes", row["at"], "people_rho"), Cell("attributes", row["at"], "n")), how)  # fmt: skip


def _notes(params: Params, both: Both, told: tuple[str, ...]) -> tuple[str, ...]:
    found = "；".join(f"{label}：{by}" for label, by in zip(both.labels, both.told, strict=True))
    does = {
        "spend": f"做：消费金额（退款前）里属于该项的占比，按金额加总；各项在订单里这样找：{found}。一行可以属于几项。",
        "buying": "做：对该项的满意度与消费金额的 Spearman 相关，即满意的人是不是买得多；它是间接推断，不是直接看到的购买，也不说明谁影响谁。",
        "overall": "做：对该项的满意度与总体评价的 Spearman 相关，即满意的人是不是总体评价也高；它是间接推断，不是购买，也不说明谁影响谁。",
    }
    return (
        *told,
        does[both.deed],
        "名次差 = 做的名次 − 说的名次：正数是说得多做得少，负数是做得多说得少；并列取靠前的名次。区间来自对客户的 300 次重复抽样；区间含 0 的落差在图上是灰色，也不写进结论；满意度与消费或总体评价的相关都在两倍标准误以内时不写。",
        f"ρ 是两列名次的 Spearman 相关，p 由打乱属性的名次得到（属性少时穷举全部排列，否则 {count(params.n_draws)} 次，种子 {params.seed}），各人群一起按 {CORRECTION_LABELS[params.correction]} 校正；属性少于 4 项时 p 不可能小于 0.05。",
        f"个人层面的相关：同一人群里，说得更重要的客户是否也在该项上花得更多；p 由打乱客户得到（{count(params.n_draws)} 次）。只在“做”看钱花在哪里时计算。",
        f"基数：既答了题又有订单的客户；不足 {settings().tiny_base} 人的人群不计算。重要性和占比按研究的权重加权（有权重时），相关系数不加权。",
    )  # fmt: skip


ANALYSIS = Analysis(
    key="stated_revealed",
    title=TITLE,
    question="客户说看重的，和实际买的一致吗？",
    needs={
        "orders": ("customer_id", "order_id", "ordered_at", "amount"),
        "responses": ("customer_id", "respondent_id"),
    },
    params=Params,
    run=run,
    members=members,
    place=40,
)
