"""What was promised last time, and what has happened since to the customers whom it was about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl
from pydantic import BaseModel

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import NotBegun, TooFewRows
from insight.members import Members
from insight.schema.campaigns import Promise
from insight.settings import settings
from insight.strategy.assigning import HELD_OUT, TOUCHED
from insight.strategy.reading import Window, bought_in, compared, side
from insight.wording import count, percent, points

_EPOCH = date(1970, 1, 1)
DONE, OPEN, LATE = "已完成", "进行中", "已过期"
BETTER, WORSE, UNCLEAR, NO_DATA = "有增量", "比对照组差", "看不出差别", "还没有新的订单"
ALONE = "没有对照组，只能看前后"


class Params(BaseModel):
    """Nothing is asked: the promises of the study are reviewed."""


def run(dataset: Dataset, _params: Params) -> Result:
    """Review every promise, the oldest first.

    Raises
    ------
    BadCampaign : nothing was promised.
    """
    assert dataset.orders is not None
    if not dataset.promises:
        raise NotBegun("还没有登记过行动，没有可以回顾的", "请在“行动 · 策略”里把要做的建议登记为行动，下一期数据导入后这里会给出结果。")  # fmt: skip
    if ledger.span(dataset.orders) == (0, 0):
        raise TooFewRows("已付款的订单", 0, 1)
    last = ledger.span(dataset.orders)[1] // ledger.DAY
    rows = [_reviewed(dataset, one, last=last) for one in dataset.promises]
    table = pl.DataFrame(rows, schema=_REVIEW)
    shown = table.filter(pl.col("share_after").is_not_null()).with_row_index("at")
    drawn = {}
    if shown.height:
        named = shown.select("at", action=pl.format("{}. {}", pl.col("at") + 1, "action"), share_after="share_after")  # fmt: skip
        drawn["review"] = charts.bars(named, label="action", value="share_after", order=named["action"].to_list(), title="登记以后下过单的比例")  # fmt: skip
    return Result({"review": table}, drawn, tuple(_findings(table)), _NOTES)


_REVIEW: dict[str, Any] = {
    "action": pl.String, "target": pl.String, "owner": pl.String, "kpi": pl.String, "promised_day": pl.Date, "due_day": pl.Date,
    "status": pl.String, "n_customers": pl.Int64, "days": pl.Int64, "share_before": pl.Float64, "share_after": pl.Float64,
    "after_difference": pl.Float64, "before_spend": pl.Float64, "after_spend": pl.Float64, "campaign": pl.String,
    "buyer_difference": pl.Float64, "low_buyer_difference": pl.Float64, "high_buyer_difference": pl.Float64, "verdict": pl.String,
}  # fmt: skip


def _reviewed(dataset: Dataset, one: Promise, *, last: int) -> dict[str, Any]:
    """One promise: the same people in the days since and in as many days before; and against the hold-out, if there is one."""
    assert dataset.orders is not None
    window = Window((one.promised - _EPOCH).days + 1, last)
    row: dict[str, Any] = {
        "action": one.title, "target": one.target, "owner": one.owner, "kpi": one.kpi, "promised_day": one.promised, "due_day": one.due,
        "status": _status(one, last), "n_customers": one.n_customers, "campaign": one.campaign, "days": max(0, window.days), "verdict": NO_DATA,
    }  # fmt: skip
    if window.days < 1:
        return {name: row.get(name) for name in _REVIEW}
    people = dataset.lists[one.people].select("customer_id").with_columns(arm=pl.lit(TOUCHED))
    after, before = (bought_in(dataset.orders, people, w) for w in (window, window.before))
    own = side(after, before, arm=TOUCHED)
    row |= {
        "share_before": float(own.had_bought.mean()), "share_after": float(own.has_bought.mean()),
        "after_difference": float(own.has_bought.mean() - own.had_bought.mean()),
        "before_spend": float(own.before.mean()), "after_spend": float(own.after.mean()), "verdict": ALONE,
    }  # fmt: skip
    row |= _against_hold_out(dataset, one, last=last)
    return {name: row.get(name) for name in _REVIEW}


def _status(one: Promise, last: int) -> str:
    if one.is_done:
        return DONE
    return LATE if one.due is not None and (one.due - _EPOCH).days < last else OPEN


def _against_hold_out(dataset: Dataset, one: Promise, *, last: int) -> dict[str, Any]:
    """The effect of the campaign that carried it out; nothing where there is none, or nobody was left alone."""
    campaign = next((c for c in dataset.campaigns if c.name == one.campaign), None)
    if campaign is None or campaign.n_held_out < settings().tiny_base:
        return {}
    window = Window((campaign.started - _EPOCH).days, last)
    assert dataset.orders is not None
    if window.days < 1:
        return {"verdict": NO_DATA}
    people = dataset.lists[campaign.people].select("customer_id", "arm")
    after, before = (bought_in(dataset.orders, people, w) for w in (window, window.before))
    found = compared(*(side(after, before, arm=arm) for arm in (TOUCHED, HELD_OUT)), seed=0)[0]
    low, high = found["low_buyer_difference"], found["high_buyer_difference"]
    verdict = BETTER if _above(low) else WORSE if _above(high, turned=True) else UNCLEAR
    names = ("buyer_difference", "low_buyer_difference", "high_buyer_difference")
    return {"verdict": verdict} | {name: found[name] for name in names}


def _above(bound: object, *, turned: bool = False) -> bool:
    return isinstance(bound, float) and (bound < 0 if turned else bound > 0)


def _findings(table: pl.DataFrame) -> Iterator[Finding]:
    for at, row in enumerate(table.rows(named=True)):
        yield _finding(at, row)


def _finding(at: int, row: Mapping[str, Any]) -> Finding:
    head = (
        f"行动“{row['action']}”（{row['target']}，{count(row['n_customers'])} 人，{row['status']}）"
    )
    cells = ["n_customers"]
    if row["share_after"] is None:
        text = f"{head}：{NO_DATA}，下一期再看。"
    elif row["buyer_difference"] is None:
        text = (
            f"{head}：登记后 {count(row['days'])} 天里 {percent(row['share_after'])} 下过单，之前同样天数为 {percent(row['share_before'])}；"
            f"{ALONE}，不能说是行动带来的。"
        )
        cells += ["days", "share_after", "share_before"]
    else:
        text = (
            f"{head}：与对照组相比，下单比例相差 {points(row['buyer_difference'])}（95% 区间 {points(row['low_buyer_difference'])} 至 "
            f"{points(row['high_buyer_difference'])}），{row['verdict']}。"
        )
        cells += ["buyer_difference", "low_buyer_difference", "high_buyer_difference"]
    return Finding(text, row["n_customers"], tuple(Cell("review", at, c) for c in cells))


_NOTES = (
    "行动：在“行动 · 策略”里登记的建议，登记时的客户名单原样保留；基数为名单上的全部客户。",
    "前后：登记次日到数据最后一天，与登记日及之前的同样天数比较同一批人；客户本来就会变冷或回暖，前后之差不是效果。",
    "与对照组比：行动由登记过的活动执行、并留了对照组时，用活动开始以来两组下单比例之差，区间为 Newcombe（1998）95%；区间不含 0 才说有增量。",
)


def members(dataset: Dataset, _params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers of each promise."""
    parts = [dataset.lists[one.people].select(action=pl.lit(one.title), target=pl.lit(one.target), customer_id="customer_id") for one in dataset.promises]  # fmt: skip
    return {"review": Members(pl.concat(parts).lazy(), ("customer_id",), "n_customers")}


ANALYSIS = Analysis(
    key="action_review",
    title="行动回顾",
    question="上期答应做的事，做得怎么样？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=20,
    theme="策略",
)
