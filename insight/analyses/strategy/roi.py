"""Does the campaign pay: profit under assumptions, which of them matters most, and where it breaks even."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows
from insight.narrowing import group_of
from insight.strategy.roi import Plan, swings
from insight.strategy.usual import usual
from insight.wording import count, money, percent, points

CASES = LOW, MIDDLE, HIGH = ("低", "中", "高")
_NAMES = {
    "reach": "触达人数", "uplift": "增量响应", "order_amount": "每单金额", "margin": "毛利率", "discount": "每单优惠", "cost": "每人触达成本",
    "base": "本来就会下单的比例",
}  # fmt: skip


class Params(BaseModel):
    """The assumptions of the campaign."""

    group: str = Field(default="", title="对谁", description="触达人数、本来的下单比例和每单金额按这些客户计", json_schema_extra={"one_of": "customer_groups"})  # fmt: skip
    reach: int = Field(default=0, ge=0, le=100_000_000, title="触达人数", description="0 表示这些客户全部触达")  # fmt: skip
    days: int = Field(default=30, ge=7, le=365, title="算多少天内的下单")
    base: float = Field(default=0.0, ge=0, le=100, title="本来就会下单的比例（%）", description="0 表示用数据里最近这么多天的比例")  # fmt: skip
    uplift: float = Field(default=2.0, ge=0, le=100, title="增量响应（百分点）", description="因为触达才下单的人占触达人数；最好取自上一次活动的读数")  # fmt: skip
    order_amount: float = Field(default=0.0, ge=0, title="每单金额（元）", description="0 表示用数据里最近的客单价")  # fmt: skip
    margin: float = Field(default=40.0, gt=0, le=100, title="毛利率（%）")
    discount: float = Field(default=0.0, ge=0, title="每单优惠（元）", description="下单的人都会用掉，包括本来就会下单的人")  # fmt: skip
    cost: float = Field(default=0.1, ge=0, title="每人触达成本（元）")
    fixed: float = Field(
        default=0.0, ge=0, title="固定成本（元）", description="设计、投放、人工等"
    )
    spread: int = Field(default=30, ge=5, le=90, title="假设的上下浮动（%）", description="敏感性：每个假设单独上下浮动这么多")  # fmt: skip


def run(dataset: Dataset, params: Params) -> Result:
    """Work out three cases and the tornado."""
    plan = planned(dataset, params)
    low, high = 1 - params.spread / 100, 1 + params.spread / 100
    cases = {LOW: replace(plan, uplift=plan.uplift * low), MIDDLE: plan, HIGH: replace(plan, uplift=min(plan.uplift * high, 1 - plan.base))}  # fmt: skip
    table = pl.DataFrame([_case(name, one) for name, one in cases.items()], schema=_CASES)
    storm = tornado(plan, low, high)
    drawn = {"tornado": _picture(storm, plan.profit)} if storm.height else {}
    return Result({"cases": table, "tornado": storm}, drawn, findings(table, storm, params), _notes(params, plan))  # fmt: skip


def planned(dataset: Dataset, params: Params) -> Plan:
    """The assumptions, what was left open taken from the data.

    Raises
    ------
    BadParameter : more people would buy than are reached.
    TooFewRows : the data tell neither how many there are nor what they pay.
    """
    assert dataset.orders is not None
    ids = group_of(dataset, params.group).ids if params.group else None
    known = usual(dataset.orders, days=params.days, ids=ids)
    if not (known.n_customers or params.reach) or not (known.order_amount or params.order_amount):
        raise TooFewRows("有付款订单的客户", 0, 1)
    base, uplift = params.base / 100 or known.share, params.uplift / 100
    if base + uplift > 1:
        raise BadParameter("增量响应（uplift）", f"加上本来就会下单的 {percent(base)} 超过了 100%")
    return Plan(
        params.reach or known.n_customers, base, uplift, params.order_amount or known.order_amount, params.margin / 100,
        params.discount, params.cost, params.fixed,
    )  # fmt: skip


def _case(name: str, plan: Plan) -> dict[str, Any]:
    return {
        "scenario": name, "n_reached": round(plan.reach), "response_share": plan.base + plan.uplift, "uplift_difference": plan.uplift,
        "margin_amount": round(plan.gained, 2), "cost_amount": round(plan.spent, 2), "profit": round(plan.profit, 2),
        "roi": plan.roi, "break_even_difference": plan.break_even,
    }  # fmt: skip


_CASES = {
    "scenario": pl.String, "n_reached": pl.Int64, "response_share": pl.Float64, "uplift_difference": pl.Float64, "margin_amount": pl.Float64,
    "cost_amount": pl.Float64, "profit": pl.Float64, "roi": pl.Float64, "break_even_difference": pl.Float64,
}  # fmt: skip


def tornado(plan: Plan, low: float, high: float) -> pl.DataFrame:
    """(n_assumptions) assumption, from_value, to_value, profit_low, profit_high [CNY, at either end], swing_amount; widest first."""
    ends = {n: (getattr(plan, n) * low, _capped(plan, n, getattr(plan, n) * high)) for n in _NAMES if getattr(plan, n)}  # fmt: skip
    rows = [
        (_NAMES[name], a, b, round(first, 2), round(last, 2), round(abs(last - first), 2))
        for name, a, b, first, last in swings(plan, ends)
    ]
    schema = {"assumption": pl.String, **dict.fromkeys(("from_value", "to_value", "profit_low", "profit_high", "swing_amount"), pl.Float64)}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _capped(plan: Plan, name: str, value: float) -> float:
    """No share of more than everybody."""
    room = {"uplift": 1 - plan.base, "base": 1 - plan.uplift, "margin": 1.0}
    return min(value, room.get(name, value))


def _picture(storm: pl.DataFrame, profit: float) -> alt.TopLevelMixin:
    shown = storm.select("assumption", "profit_low", "profit_high")
    return charts.tornado(shown, label="assumption", ends=("profit_low", "profit_high"), at=profit, title="每个假设上下浮动时的利润（蓝：越高越赚，橙：越高越亏）")  # fmt: skip


def findings(table: pl.DataFrame, storm: pl.DataFrame, params: Params) -> tuple[Finding, ...]:
    """Profit, break-even, and the assumption that matters most."""
    row: Mapping[str, Any] = table.row(1, named=True)
    text = (
        f"触达 {count(row['n_reached'])} 人、增量响应 {points(row['uplift_difference'])}时，增量毛利 {money(row['margin_amount'])}，"
        f"成本 {money(row['cost_amount'])}，利润 {money(row['profit'])}。"
    )
    told = ("n_reached", "uplift_difference", "margin_amount", "cost_amount", "profit")
    base = max(1, row["n_reached"])
    found = [Finding(text, base, tuple(Cell("cases", 1, c) for c in told)), _even(row, base)]
    if storm.height:
        first = storm.row(0, named=True)
        widest = f"最要紧的假设是“{first['assumption']}”：上下浮动 {params.spread}%，利润从 {money(first['profit_low'])} 变到 {money(first['profit_high'])}。"  # fmt: skip
        found.append(Finding(widest, base, tuple(Cell("tornado", 0, c) for c in ("profit_low", "profit_high"))))  # fmt: skip
    return tuple(found)


def _even(row: Mapping[str, Any], base: int) -> Finding:
    if row["break_even_difference"] is None:
        text = f"按这些假设无法回本：每单毛利不够付优惠和成本，{count(row['n_reached'])} 人全部响应也不够。"  # fmt: skip
        return Finding(text, base, (Cell("cases", 1, "n_reached"),))
    text = f"增量响应达到 {points(row['break_even_difference'])}才能回本。"
    return Finding(text, base, (Cell("cases", 1, "break_even_difference"),))


def _notes(params: Params, plan: Plan) -> tuple[str, ...]:
    return (
        "利润 = 触达人数 × 增量响应 × 每单金额 × 毛利率 − 触达人数 × 每人成本 − 固定成本 − 触达人数 ×（本来的比例 + 增量响应）× 每单优惠。",
        "回本的增量响应 =（每人成本 + 固定成本 ÷ 人数 + 本来的比例 × 优惠）÷（每单金额 × 毛利率 − 优惠）。",
        f"基数：触达 {count(plan.reach)} 人，本来就会下单 {percent(plan.base)}（{'自己填写' if params.base else f'数据里最近 {params.days} 天的比例'}），"
        f"每单 {money(plan.order_amount)}（{'自己填写' if params.order_amount else '数据里最近的客单价'}）。",
        f"低、高两种情形的增量响应上下浮动 {params.spread}%；敏感性每次只动一个假设。这些是假设的推算，不是预测。",
    )


ANALYSIS = Analysis(
    key="roi",
    title="投入产出",
    question="这次活动划不划算，响应到多少才回本？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    place=55,
    theme="效果",
)
