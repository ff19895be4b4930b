"""Whom to contact with what, and whom to leave alone for comparison: the list of a campaign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from pydantic import Field
from pydantic.config import JsonDict

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import BadCampaign, InsightError, UnknownName
from insight.members import Members
from insight.narrowing import group_of
from insight.parameters import Seed
from insight.stats.sample_size import detectable
from insight.strategy.assigning import ARMS, HELD_OUT, TOUCHED
from insight.strategy.contact import REASONS, ContactRules
from insight.strategy.listing import Called, Listed, Terms, listed, of_actions, of_group
from insight.strategy.people import Customers, customers
from insight.strategy.playbook import Playbook, playbook_of
from insight.wording import count, decimal, money, percent

LOOKED_AT = 90  # days in which the usual share of buyers is counted
_GROUP: JsonDict = {"one_of": "customer_groups"}


class Params(ContactRules):
    """Whom the campaign is for, whom it leaves out, and how the arms are drawn."""

    name: str = Field(default="本期活动", title="活动名称", description="对照组按它和客户编号散列，换一个名称就换一批人", min_length=1, max_length=60)  # fmt: skip
    action: str = Field(default="", title="按哪条建议", description="留空为优先级最高的一条", json_schema_extra={"one_of": "actions"})  # fmt: skip
    only: str = Field(default="", title="只要其中哪一组", description="建议的对象，如“重要价值客户”；留空为这条规则的全部对象")  # fmt: skip
    group: str = Field(default="", title="或按人群", description="选了人群就不按建议", json_schema_extra=_GROUP)  # fmt: skip
    exclude: str = Field(default="", title="排除的人群", json_schema_extra=_GROUP)
    offer: str = Field(default="", title="权益", description="留空为规则库里写的", max_length=60)
    channel: str = Field(
        default="", title="触达渠道", description="留空为规则库里写的", max_length=40
    )
    hold_out: int = Field(default=10, ge=0, le=50, title="对照组（%）", description="随机留下不触达的客户；0 表示不留，之后就读不出效果")  # fmt: skip
    most: int = Field(default=0, ge=0, le=1_000_000, title="最多多少人", description="按预计消费从高到低取；0 表示不限")  # fmt: skip
    seed: Seed = 0


def run(dataset: Dataset, params: Params) -> Result:
    """Make the list."""
    assert dataset.orders is not None
    known = customers(dataset)
    called = called_for(dataset, known, params)
    excluded = group_of(dataset, params.exclude).ids if params.exclude else None
    terms = Terms(params.name, params.hold_out, params.seed, params.most, params.offer, params.channel)  # fmt: skip
    found = listed(dataset, known, called, rules=params, terms=terms, excluded=excluded)
    both = by_arm(found.people)
    tables = {"list": found.people, "arms": both, "left_out": by_reason(found), "suppressed": found.left_out, "totals": totals(dataset, called, found, known)}  # fmt: skip
    shown = both.filter(pl.col("n_customers") > 0)
    drawn = {"arms": charts.bars(shown, label="arm", value="n_customers", order=ARMS, title="触达与对照的人数")}  # fmt: skip
    return Result(tables, drawn, findings(tables), _notes(params, known, called))


def called_for(dataset: Dataset, known: Customers, params: Params) -> Called:
    """The people whom the campaign is for.

    Raises
    ------
    BadCampaign : the suggestion that was asked for, or without one any, holds for nobody in particular now.
    UnknownName : the rule book has no such suggestion.
    """
    if params.group:
        group = group_of(dataset, params.group)
        return of_group(group.ids, name=group.name, rule=group.rule)
    book = playbook_of(dataset.playbook)
    called = of_actions(known, book, rule=params.action, only=params.only)
    if called is None:
        raise _refusal(params, book)
    return called


def _refusal(params: Params, book: Playbook) -> InsightError:
    """Why no suggestion tells whom the campaign is for."""
    rules = {rule.key: rule for rule in book.rules}
    if params.action and params.action not in rules:
        return UnknownName("建议", params.action, tuple(rules))
    if params.only or params.action:
        named = f"“{rules[params.action].in_general}”" if params.action else "优先级最高的建议"
        whom = f"对“{params.only}”" if params.only else ""
        reason, way_out = f"{named}现在{whom}不成立", "请换一条建议，或"
    else:
        reason, way_out = "现在没有针对某一群客户的建议", "请"
    return BadCampaign(
        f"{reason}，定不出名单给谁",
        f"{way_out}在“或按人群”里选一个人群；各条建议为什么不成立见“策略建议”。",
        terminal=f"{way_out}用 -p group=分群=人群 指定一个人群，如 group=value_tier=高消费；各条建议为什么不成立见 insight run STUDY strategy。",
    )


def by_arm(people: pl.DataFrame) -> pl.DataFrame:
    """(2) arm, n_customers, share_of_customers, expected_spend, spend_per_customer, repurchase_rate, median_days_since_last: the arms must be alike."""
    counted = people.sort("customer_id").group_by("arm").agg(
        n_customers=pl.len().cast(pl.Int64), expected_spend=pl.col("expected_spend").sum().round(2),
        spend_per_customer=pl.col("spend").mean().round(4), repurchase_rate=(pl.col("n_orders") >= 2).mean(),
        median_days_since_last=pl.col("days_since_last").median(),
    )  # fmt: skip
    both = pl.DataFrame({"arm": ARMS}).join(counted, on="arm", how="left", maintain_order="left")
    filled = both.with_columns(pl.col("n_customers").fill_null(0), pl.col("expected_spend").fill_null(0.0))  # fmt: skip
    share = pl.col("n_customers") / people.height
    return filled.select("arm", "n_customers", share.alias("share_of_customers"), *filled.columns[2:])  # fmt: skip


def by_reason(found: Listed) -> pl.DataFrame:
    """(n_reasons) reason, n_customers who are left out for it."""
    counted = dict(found.left_out.group_by("reason").len().iter_rows())
    rows = [(reason, counted[reason]) for reason in REASONS if reason in counted]
    return pl.DataFrame(rows, schema={"reason": pl.String, "n_customers": pl.Int64}, orient="row")


def totals(dataset: Dataset, called: Called, found: Listed, known: Customers) -> pl.DataFrame:
    """(1) n_called, n_left_out, n_listed, n_touched, n_held_out, expected_spend, base_share [of the called who bought in the last 90 days], detectable_difference."""
    assert dataset.orders is not None
    people = found.people
    start = (known.until + 1 - LOOKED_AT) * ledger.DAY
    recent = ledger.customer_table(ledger.within(dataset.orders, start=start))["customer_id"]
    base = float(people["customer_id"].is_in(recent.implode()).mean() or 0.0)  # type: ignore[arg-type]
    n_alone = int((people["arm"] == HELD_OUT).sum())
    n_touched = people.height - n_alone
    least = detectable(base, n_alone=n_alone, ratio=n_touched / n_alone) if n_alone and n_touched and base < 1 else None  # fmt: skip
    row = {
        "n_called": called.people.height, "n_left_out": found.left_out.height, "n_listed": people.height,
        "n_touched": n_touched, "n_held_out": n_alone, "expected_spend": round(float(people["expected_spend"].sum()), 2),
        "base_share": base, "detectable_difference": least,
    }  # fmt: skip
    return pl.DataFrame([row], schema=_TOTALS)


_TOTALS = {**dict.fromkeys(("n_called", "n_left_out", "n_listed", "n_touched", "n_held_out"), pl.Int64), **dict.fromkeys(("expected_spend", "base_share", "detectable_difference"), pl.Float64)}  # fmt: skip


def findings(tables: Mapping[str, pl.DataFrame]) -> tuple[Finding, ...]:
    """How many are listed and left out, and what the arms can tell."""
    row = tables["totals"].row(0, named=True)
    text = (
        f"名单 {count(row['n_listed'])} 人：触达 {count(row['n_touched'])} 人，对照 {count(row['n_held_out'])} 人；"
        f"他们预计未来 12 个月消费 {money(row['expected_spend'])}。对象共 {count(row['n_called'])} 人，触达规则排除了 {count(row['n_left_out'])} 人。"
    )
    told = ("n_listed", "n_touched", "n_held_out", "expected_spend", "n_called", "n_left_out")
    first = Finding(text, row["n_listed"], tuple(Cell("totals", 0, c) for c in told))
    return first, *_power(row)


def _power(row: Mapping[str, Any]) -> tuple[Finding, ...]:
    if row["n_listed"] and not row["n_held_out"]:
        text = "名单里没有人落进对照组，之后读不出这次活动的效果；要读出效果，请加大对照组的比例，或把几份名单合成一份。"
        return (Finding(text, row["n_listed"], (Cell("totals", 0, "n_held_out"),)),)
    if row["detectable_difference"] is None:
        return ()
    points = decimal(100 * row["detectable_difference"], digits=1)
    text = (
        f"这样的对照组能检出的最小差异是 {points} 个百分点：名单里最近 {LOOKED_AT} 天有 {percent(row['base_share'])} 的人下过单，"
        f"触达后要再高出这么多，两组的下单比例才有八成机会显出差别。"
    )
    cells = tuple(Cell("totals", 0, c) for c in ("detectable_difference", "base_share"))
    return (Finding(text, int(row["n_held_out"]), cells),)


def members(_dataset: Dataset, _params: Params, result: Result) -> Mapping[str, Members]:
    """The customers of each arm and of each reason to leave somebody out."""
    unit = ("customer_id",)
    people, out = result.tables["list"].lazy(), result.tables["suppressed"].lazy()
    return {
        "arms": Members(people.select("arm", "customer_id"), unit, "n_customers"),
        "left_out": Members(out.select("reason", "customer_id"), unit, "n_customers"),
        "list": Members(people.select("customer_id"), unit),
        "suppressed": Members(out.select("customer_id"), unit),
    }


def _notes(params: Params, known: Customers, called: Called) -> tuple[str, ...]:
    return (
        f"对象：{called.target}；基数为其中有付款订单、能识别的客户 {count(called.people.height)} 人，排除之前。",
        f"触达规则：{params.in_words}。投诉指期限内评分在最高分的四成以下、原话为负面或提到投诉、退款的客户（访谈不计，没有时间的原话按近期算）；时间从订单的最后一天往回数。",
        f"对照组：随机种子、活动名称和客户编号的 SHA-256 散列小于 {params.hold_out}% 的客户不触达（“{TOUCHED}”“{HELD_OUT}”），同样的设定总是同一批人。",
        f"预计消费：{known.basis}。",
        "最佳时间：本人付款最多的星期和时段，不足 3 单的按全部客户；权益和触达渠道取自规则库，也可以自己填写。",
        f"能检出的最小差异按名单里最近 {LOOKED_AT} 天的下单比例计（显著性水平 5%，检出机会 80%）；对象若是按久未购买划出的，这个比例会偏低。",
        "名单只有加密编号；发送前在自己的系统里按编号换回联系方式。",
    )


ANALYSIS = Analysis(
    key="campaign",
    title="活动名单",
    question="这次活动触达谁，留下谁作对照？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=30,
    theme="名单",
    reads_words=True,
)
