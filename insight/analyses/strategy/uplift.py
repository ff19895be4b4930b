"""What did the campaign bring: buyers and money of those who were touched beside those who were left alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.currency import with_unit
from insight.dataset import Dataset
from insight.errors import BadCampaign, BadParameter, NotBegun, TooFewRows, UnknownName
from insight.members import Members
from insight.parameters import Seed
from insight.schema.campaigns import Campaign
from insight.segmentation.breaks import break_of
from insight.settings import settings
from insight.stats.balance import NOTABLE, mean_difference
from insight.strategy.assigning import ARMS, HELD_OUT, TOUCHED
from insight.strategy.reading import DIRECT, Side, Window, bought_in, compared, counted, side
from insight.strategy.redeeming import redeemed, redemption, used_by
from insight.wording import count, money, percent, points

_EPOCH = date(1970, 1, 1)
_TEST = "两组下单比例之差，z 检验（双侧），区间为 Newcombe（1998）95%"


class Params(BaseModel):
    """Which campaign, or which two groups, and the days that count."""

    campaign: str = Field(default="", title="活动", description="登记过的活动；留空为最近一次", json_schema_extra={"one_of": "campaigns"})  # fmt: skip
    by: str = Field(default="", title="或比较哪种分组", description="没有登记的活动：用客户属性或其他分组标明谁被触达", json_schema_extra={"one_of": "breaks"})  # fmt: skip
    touched: str = Field(default="", title="触达组叫什么", description="分组里的一个值，如“是”")
    alone: str = Field(default="", title="对照组叫什么", description="留空为其余全部客户")
    start: str = Field(
        default="", title="开始日期", description="如 2025-11-01；登记过的活动可以留空"
    )
    end: str = Field(default="", title="结束日期", description="留空为数据的最后一天")
    used: str = Field(default="", title="谁兑换了优惠券", description="标明兑换的客户属性或人群；留空不看兑换", json_schema_extra={"one_of": "breaks"})  # fmt: skip
    used_as: str = Field(default="", title="兑换的人叫什么", description="分组里的一个值，如“是”；上面选了人群时可以不填")  # fmt: skip
    seed: Seed = 0


def run(dataset: Dataset, params: Params) -> Result:
    """Compare the two arms in the window."""
    assert dataset.orders is not None
    people, name, is_random, first = _arms(dataset, params)
    window = _window(dataset, params, first)
    after, before = (bought_in(dataset.orders, people, w) for w in (window, window.before))
    sides = {arm: side(after, before, arm=arm) for arm in ARMS}
    for arm, own in sides.items():
        if len(own.after) < settings().tiny_base:
            raise TooFewRows(f"“{name}”里{arm}的客户", len(own.after), settings().tiny_base)
    rows = compared(sides[TOUCHED], sides[HELD_OUT], seed=params.seed)
    result = pl.DataFrame([_row(name, window, is_random, sides) | row for row in rows], schema=_RESULT)  # fmt: skip
    told = counted(after)
    tables = {"result": result, "arms": told, "balance": balance(sides)}
    if params.used:
        known = used_by(dataset, params.used, params.used_as)
        tables["redemption"] = redemption(after, before, used=known)
    shown = told.select("arm", "buyer_share")
    drawn = {"arms": charts.bars(shown, label="arm", value="buyer_share", order=ARMS, title="期间下过单的比例")}  # fmt: skip
    return Result(tables, drawn, findings(tables), _notes(window, is_random=is_random))


def _arms(dataset: Dataset, params: Params) -> tuple[pl.DataFrame, str, bool, date | None]:
    """(n) customer_id, arm; what it is called, whether the arms were drawn, and since when."""
    if params.by:
        return _of_break(dataset, params)
    one = registered(dataset, params.campaign)
    return dataset.lists[one.people].select("customer_id", "arm"), one.name, True, one.started


def registered(dataset: Dataset, name: str) -> Campaign:
    """The campaign of that name; "" = the one that started last.

    Raises
    ------
    BadCampaign : none was started.
    UnknownName : there is none of that name.
    """
    if not dataset.campaigns:
        raise NotBegun("还没有登记过活动，没有可以读数的名单", "请先在“活动名单”里登记开始一次活动，或用“或比较哪种分组”指明谁被触达。")  # fmt: skip
    known = {one.name: one for one in sorted(dataset.campaigns, key=lambda one: one.started)}
    if name and name not in known:
        raise UnknownName("登记过的活动", name, tuple(known))
    return known[name] if name else list(known.values())[-1]


def _of_break(dataset: Dataset, params: Params) -> tuple[pl.DataFrame, str, bool, None]:
    made = break_of(dataset, params.by, unit="customer_id")
    for value in filter(None, (params.touched, params.alone)):
        if value not in made.groups:
            raise UnknownName(f"“{made.label}”的值", value, made.groups)
    touched = params.touched or made.groups[0]
    group = pl.col("group")
    is_alone = group == params.alone if params.alone else group != touched
    arm = pl.when(group == touched).then(pl.lit(TOUCHED)).when(is_alone).then(pl.lit(HELD_OUT))
    people = made.members.select("customer_id", arm=arm).drop_nulls("arm")
    return people, f"{made.label}：{touched}", False, None


def _window(dataset: Dataset, params: Params, first: date | None) -> Window:
    assert dataset.orders is not None
    start = _day(params.start, "开始日期（start）") if params.start else first
    if start is None:
        raise BadParameter("开始日期（start）", "按分组比较时要写活动的开始日期")
    last = ledger.span(dataset.orders)[1] // ledger.DAY
    end = (_day(params.end, "结束日期（end）") - _EPOCH).days if params.end else last
    window = Window((start - _EPOCH).days, min(end, last))
    if window.end < window.start:
        raise BadCampaign(f"{start} 之后还没有订单，读不出效果", "请导入更新的订单，或检查开始日期。")  # fmt: skip
    return window


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadParameter(name, "应为 2025-11-01 这样的日期") from error


def _row(name: str, window: Window, is_random: bool, sides: Mapping[str, Side]) -> dict[str, Any]:
    return {
        "campaign": name, "n_touched": len(sides[TOUCHED].after), "n_held_out": len(sides[HELD_OUT].after),
        "start_day": _EPOCH + timedelta(days=window.start), "end_day": _EPOCH + timedelta(days=window.end), "is_random": is_random,
    }  # fmt: skip


_RESULT = {
    "campaign": pl.String, "method": pl.String, "n_touched": pl.Int64, "n_held_out": pl.Int64, "start_day": pl.Date, "end_day": pl.Date,
    "is_random": pl.Boolean,
    **dict.fromkeys((
        "touched_share", "held_out_share", "buyer_difference", "low_buyer_difference", "high_buyer_difference", "p_value",
        "touched_spend", "held_out_spend", "gain_amount", "low_gain_amount", "high_gain_amount", "p_spend",
        "total_gain_amount", "low_total_gain_amount", "high_total_gain_amount",
    ), pl.Float64),
}  # fmt: skip


def balance(sides: Mapping[str, Side]) -> pl.DataFrame:
    """(2) variable, touched_mean, held_out_mean, smd, is_notable: both arms in the days before."""
    first, second = sides[TOUCHED], sides[HELD_OUT]
    pairs = {with_unit("活动前人均消费（元）"): (first.before, second.before), "活动前下单比例": (first.had_bought, second.had_bought)}  # fmt: skip
    rows = [
        (name, float(a.mean()), float(b.mean()), mean_difference(a, b))
        for name, (a, b) in pairs.items()
    ]
    schema = {"variable": pl.String, "touched_mean": pl.Float64, "held_out_mean": pl.Float64, "smd": pl.Float64}  # fmt: skip
    table = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("smd").fill_nan(None))  # fmt: skip
    return table.with_columns(is_notable=(pl.col("smd").abs() > NOTABLE).fill_null(value=False))


def findings(tables: Mapping[str, pl.DataFrame]) -> tuple[Finding, ...]:
    """The difference in buyers, then in money; of arms that were not drawn, less what they differed before."""
    result, is_random = tables["result"], tables["result"]["is_random"][0]
    at = 0 if is_random else 1
    row = result.row(at, named=True)
    unlike = is_random and bool(tables["balance"]["is_notable"].any())
    return (
        _buyers(row, at),
        _money(row, at),
        *([_beforehand(result.row(1, named=True))] if unlike else []),
        *([redeemed(tables["redemption"])] if "redemption" in tables else []),
    )


def _beforehand(row: Mapping[str, Any]) -> Finding:
    """Drawn arms that were not alike by chance."""
    text = (
        f"两组在活动前就有差别；扣除之后，下单比例相差 {points(row['buyer_difference'])}"
        f"（95% 区间 {points(row['low_buyer_difference'])} 至 {points(row['high_buyer_difference'])}）。"
    )
    told = ("buyer_difference", "low_buyer_difference", "high_buyer_difference")
    return Finding(text, min(row["n_touched"], row["n_held_out"]), tuple(Cell("result", 1, c) for c in told))  # fmt: skip


def _buyers(row: Mapping[str, Any], at: int) -> Finding:
    how = "" if row["method"] == DIRECT else "扣除活动前的差别后，"
    verdict = "两组有差别" if (row["p_value"] or 1) <= 0.05 else "看不出两组有差别"
    more = "" if row["is_random"] else "；两组不是随机分的，差别不能全归于活动"
    levels = f"触达组 {percent(row['touched_share'])} 下单，对照组 {percent(row['held_out_share'])}，" if at == 0 else ""  # fmt: skip
    text = (
        f"“{row['campaign']}”（触达 {count(row['n_touched'])} 人，对照 {count(row['n_held_out'])} 人）：{how}{levels}相差 {points(row['buyer_difference'])}"
        f"（95% 区间 {points(row['low_buyer_difference'])} 至 {points(row['high_buyer_difference'])}），{verdict}{more}。"
    )
    told = ["n_touched", "n_held_out", "buyer_difference", "low_buyer_difference", "high_buyer_difference"]  # fmt: skip
    told += ["touched_share", "held_out_share"] if at == 0 else []
    base = min(row["n_touched"], row["n_held_out"])
    return Finding(text, base, tuple(Cell("result", at, c) for c in told), _TEST)


def _money(row: Mapping[str, Any], at: int) -> Finding:
    sure = row["low_gain_amount"] > 0 or row["high_gain_amount"] < 0
    verdict = "" if sure else "，区间包含 0，不能说有增量"
    text = (
        f"人均消费相差 {money(row['gain_amount'])}（95% 区间 {money(row['low_gain_amount'])} 至 {money(row['high_gain_amount'])}），"
        f"触达的全部客户合计 {money(row['total_gain_amount'])}{verdict}。"
    )
    told = ("gain_amount", "low_gain_amount", "high_gain_amount", "total_gain_amount")
    base = min(row["n_touched"], row["n_held_out"])
    return Finding(text, base, tuple(Cell("result", at, c) for c in told), "两组人均消费之差，自助法 95% 区间")  # fmt: skip


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers of both arms."""
    people = _arms(dataset, params)[0]
    return {"arms": Members(people.select("arm", "customer_id").lazy(), ("customer_id",), "n_customers")}  # fmt: skip


def _notes(window: Window, *, is_random: bool) -> tuple[str, ...]:
    days = [(_EPOCH + timedelta(days=d)).isoformat() for d in (window.start, window.end)]
    drawn = "名单登记时按散列随机分出" if is_random else "用现有的分组区分，不是随机分的"
    return (
        f"期间：{days[0]} 至 {days[1]}，共 {window.days} 天；之前的同样天数作为活动前。",
        f"两组：{drawn}；基数为名单上的全部客户，收没收到、买没买都算在内（意向分析）。",
        f"下单比例之差：{_TEST}。金额之差：各组分别重抽 2,000 次的百分位区间，两组都超过 5,000 人时用正态区间。",
        f"活动前差别：标准化均值差的绝对值大于 {NOTABLE:g} 记为明显；两组不是随机分的，结论用每位客户活动后减活动前的变化（双重差分）；随机分的用直接比较，活动前有明显差别时另外给出双重差分。",
        "合计增量 = 人均之差 × 触达人数，未扣除权益和触达成本，成本与回本见“投入产出”。",
    )


ANALYSIS = Analysis(
    key="uplift",
    title="活动读数",
    question="这次活动带来了多少本来不会有的购买？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=60,
    theme="效果",
)
