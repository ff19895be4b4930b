"""How much is sold on discount, who buys only so, and whether a discount wins customers who come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger, periods
from insight.analysis import Analysis, Cell, Finding, Result
from insight.currency import with_unit
from insight.dataset import Dataset
from insight.deals import buyers as people
from insight.deals import discounts as sums
from insight.errors import TooFewRows
from insight.members import Members
from insight.parameters import picked
from insight.segmentation.breaks import Break, break_of
from insight.settings import settings
from insight.stats.differences import ShareDifference, shares_differ, size_of_share
from insight.wording import count, money, percent, points

LEVEL = 0.05
_TEST = f"两个比例的 z 检验（双侧，p≤{LEVEL:g}）"
_BH = f"与其余客户比较的 Fisher 精确检验（mid-p，双侧，Benjamini–Hochberg 校正，q≤{LEVEL:g}）"


class Params(BaseModel):
    """What counts as a discount, and which groups are compared."""

    by: str = Field(default="rfm", title="分层方式", json_schema_extra={"one_of": "breaks"})
    written: sums.Written = picked("auto", sums.WRITTEN, title="折扣列怎么写", description="只用于“折扣”一列；标价和优惠券另行判断")  # fmt: skip
    least: int = Field(default=1, ge=0, le=50, title="至少便宜百分之几才算优惠", description="低于它的差额当作抹零")  # fmt: skip
    days: int = Field(default=90, ge=1, le=730, title="首单后多少天内再购")


def run(dataset: Dataset, params: Params) -> Result:
    """Find what was on discount, and sum it by month, festival, depth, segment and customer."""
    orders = dataset.orders
    assert orders is not None
    told = sums.tells_of(orders, written=params.written, least=params.least / 100)
    whole = ledger.discounts(orders, told)
    if whole.is_empty():
        raise TooFewRows("付款订单", 0, 1)
    months = periods.marked(sums.by_month(orders, told), "month", covered=periods.observed(orders))
    tables = {"summary": sums.rated(whole).drop("group"), "months": months, "festivals": sums.by_festival(orders, told), "depths": sums.by_depth(orders, told)}  # fmt: skip
    kinds, segments = _people(dataset, params, told), None
    if not kinds.is_empty():
        segments = break_of(dataset, params.by, unit="customer_id")
        last_day = ledger.span(orders)[1] // ledger.DAY
        tables |= {
            "dependence": people.dependence(kinds), "segments": people.by_segment(kinds, segments.members, segments.groups),
            "won": people.won(kinds, days=params.days, last_day=last_day), "acquisition": people.acquisition(kinds),
        }  # fmt: skip
    return Result(tables, _pictures(tables), findings(tables, params), _notes(told, params, segments))  # fmt: skip


def _people(dataset: Dataset, params: Params, told: ledger.Tells) -> pl.DataFrame:
    """Each known customer with what was bought on discount, and its group; nobody where ids are lacking."""
    assert dataset.orders is not None
    return people.kinds_of(ledger.discount_buyers(dataset.orders, told, within_days=params.days))


def _pictures(tables: Mapping[str, pl.DataFrame]) -> dict[str, alt.TopLevelMixin]:
    drawn: dict[str, alt.TopLevelMixin] = {}
    shown = tables["months"].drop_nulls("deal_rate").select("month", "deal_rate", "is_partial")
    if shown.height > 1:
        drawn["months"] = charts.timeline(shown, x="month", value="deal_rate", title="每月优惠订单占比")  # fmt: skip
    for name, label, value, title in _BARS:
        if name in tables:
            known = tables[name].with_row_index("at").drop_nulls(value)
            bars = known.select(
                label, value, *(("ci_low", "ci_high") if name == "won" else ()), "at"
            )
            if order := bars[label].to_list():
                drawn[name] = charts.bars(bars, label=label, value=value, order=order, title=title)
    return drawn


_BARS = (
    ("dependence", "group", "share_of_customers", "客户怎么用优惠"),
    ("segments", "segment", "deal_rate", "各层的优惠订单占比"),
    ("won", "group", "repurchase_rate", "首单有无优惠的再购率"),
    ("festivals", "festival", "deal_rate", "节日与平日的优惠订单占比"),
    ("depths", "depth", "share_of_orders", "优惠订单便宜了多少"),
)  # fmt: skip


def findings(tables: Mapping[str, pl.DataFrame], params: Params) -> tuple[Finding, ...]:
    """How much is on discount, whether it wins customers, who depends on it, and when it is given."""
    told = [_overall(tables["summary"].row(0, named=True))]
    if "won" in tables:
        told += _won(tables["won"], params.days) + _first(tables["acquisition"])
        told += _depends(tables["dependence"]) + _segments(tables["segments"])
    return (*told, *_festival(tables["festivals"]))


def _overall(row: Mapping[str, Any]) -> Finding:
    if row["deal_rate"] is None:
        text = f"只有 {count(row['n_orders'])} 个付款订单，不足 {settings().tiny_base} 个，不给出占比。"
        return Finding(text, row["n_orders"], (Cell("summary", 0, "n_orders"),))
    text = (
        f"{percent(row['deal_rate'])} 的订单有优惠（{count(row['n_deals'])}/{count(row['n_orders'])} 单），"
        f"正价卖出的占销售额的 {percent(row['full_price_share'])}"
    )
    columns = ["deal_rate", "n_deals", "n_orders", "full_price_share"]
    if row["off_share"] is not None:
        text += f"；有优惠的商品平均便宜 {percent(row['off_share'])}，共让利 {money(row['saved_amount'])}"
        columns += ["off_share", "saved_amount"]
    return Finding(f"{text}。", row["n_orders"], tuple(Cell("summary", 0, c) for c in columns))


def _won(table: pl.DataFrame, days: int) -> list[Finding]:
    rows = {r["group"]: r for r in table.with_row_index("at").iter_rows(named=True) if r["repurchase_rate"] is not None}  # fmt: skip
    if set(rows) != {people.WON, people.FULL}:
        return []
    deal, full = rows[people.WON], rows[people.FULL]
    found = shares_differ((deal["n_again"], deal["n_mature"]), (full["n_again"], full["n_mature"]))
    text = (
        f"首单有优惠的客户，{days} 天内再购率为 {percent(deal['repurchase_rate'])}"
        f"（95% 区间 {percent(deal['ci_low'])}–{percent(deal['ci_high'])}，{count(deal['n_mature'])} 人），"
        f"首单原价的为 {percent(full['repurchase_rate'])}（{count(full['n_mature'])} 人），{_judged(found, (deal, full))}；"
        f"首单有优惠的客户里 {percent(deal['full_again_rate'])} 以原价再买过，人均再消费 {money(deal['later_amount'])}。"
    )
    columns = (
        "repurchase_rate",
        "ci_low",
        "ci_high",
        "n_mature",
        "full_again_rate",
        "later_amount",
    )
    cells = [Cell("won", deal["at"], c) for c in columns]
    cells += [Cell("won", full["at"], c) for c in ("repurchase_rate", "n_mature")]
    return [Finding(text, deal["n_mature"] + full["n_mature"], tuple(cells), _TEST)]


def _judged(found: ShareDifference, rows: tuple[Mapping[str, Any], ...]) -> str:
    if min(row["n_mature"] for row in rows) < settings().small_base:
        return "人数太少，只作方向性参考"
    if found.p_value <= LEVEL:
        side = "高" if found.difference > 0 else "低"
        return (
            f"前者{side} {points(abs(found.difference))}，差异显著（{size_of_share(found.effect)}）"
        )
    return "差异不显著"


def _depends(table: pl.DataFrame) -> list[Finding]:
    rows = [
        r for r in table.with_row_index("at").iter_rows(named=True) if r["group"] == people.ONLY
    ]
    return [
        Finding(
            f"{count(row['n_customers'])} 位客户买过两单以上、每一单都有优惠，占全部客户的 {percent(row['share_of_customers'])}、"
            f"销售额的 {percent(row['share_of_sales'])}。",
            int(table["n_customers"].sum()),
            tuple(Cell("dependence", row["at"], c) for c in ("n_customers", "share_of_customers", "share_of_sales")),
        ) for row in rows
    ]  # fmt: skip


def _segments(table: pl.DataFrame) -> list[Finding]:
    enough = table.with_row_index("at").filter(pl.col("n_customers") >= settings().small_base).drop_nulls("deal_rate")  # fmt: skip
    if enough.height < 2:
        return []
    ranked = enough.sort("deal_rate", "segment", descending=[True, False])
    most, least = ranked.row(0, named=True), ranked.row(-1, named=True)
    text = (
        f"“{most['segment']}”最依赖优惠：{percent(most['deal_rate'])} 的订单有优惠；"
        f"“{least['segment']}”最少，为 {percent(least['deal_rate'])}。"
    )
    cells = (Cell("segments", most["at"], "deal_rate"), Cell("segments", least["at"], "deal_rate"))
    return [Finding(text, int(table["n_customers"].sum()), cells)]


def _first(table: pl.DataFrame) -> list[Finding]:
    if table["first_rate"].null_count():
        return []
    deal, full = table.rows(named=True)
    text = (
        f"有优惠的订单里 {percent(deal['first_rate'])} 是客户的首单（{count(deal['n_first_orders'])} 单），"
        f"原价订单里为 {percent(full['first_rate'])}（{count(full['n_first_orders'])} 单）。"
    )
    cells = tuple(Cell("acquisition", at, c) for at in (0, 1) for c in ("first_rate", "n_first_orders"))  # fmt: skip
    return [Finding(text, deal["n_orders"] + full["n_orders"], cells)]


def _festival(table: pl.DataFrame) -> list[Finding]:
    known = table.with_row_index("at").filter(pl.col("n_orders") >= settings().small_base).drop_nulls("deal_rate")  # fmt: skip
    usual = known.filter(festival=sums.USUAL).rows(named=True)
    best = known.filter(pl.col("festival") != sums.USUAL).sort("deal_rate", "festival", descending=[True, False])  # fmt: skip
    if not usual or best.is_empty():
        return []
    top = best.row(0, named=True)
    text = (
        f"“{top['festival']}”期间 {percent(top['deal_rate'])} 的订单有优惠（{count(top['n_orders'])} 单），"
        f"平日为 {percent(usual[0]['deal_rate'])}。"
    )
    cells = (*(Cell("festivals", top["at"], c) for c in ("deal_rate", "n_orders")), Cell("festivals", usual[0]["at"], "deal_rate"))  # fmt: skip
    return [Finding(text, top["n_orders"], cells)]


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The customers of every segment, of every way to use discounts, and of both kinds of first order."""
    if "won" not in result.tables:
        return {}
    assert dataset.orders is not None
    told = sums.tells_of(dataset.orders, written=params.written, least=params.least / 100)
    kinds, groups = _people(dataset, params, told), break_of(dataset, params.by, unit="customer_id").members  # fmt: skip
    first = (
        pl.when(pl.col("first_deal") == 1).then(pl.lit(people.WON)).otherwise(pl.lit(people.FULL))
    )
    frames = {
        "segments": kinds.select("customer_id").join(groups.rename({"group": "segment"}), on="customer_id"),
        "dependence": kinds.select("customer_id", "group"), "won": kinds.select("customer_id", group=first),
    }  # fmt: skip
    return {n: Members(f.lazy(), ("customer_id",), "n_customers") for n, f in frames.items()}


def _notes(told: ledger.Tells, params: Params, segments: Break | None) -> tuple[str, ...]:
    by = [f"“折扣”列（写的是{with_unit(sums.MEANT[told.discount])}）"] if told.discount else []
    by += ["标价 × 数量高于实付"] if told.list_price else []
    by += ["写有优惠券或活动的名称"] if told.promotion else []
    grouped = [f"分层方式：{segments.label}{segments.note}。"] if segments else ["没有客户编号，不按客户看。"]  # fmt: skip
    return (
        f"有优惠：{'，或'.join(by)}；便宜不到 {params.least}% 的不算。一单里有一件商品有优惠，就算优惠订单。",
        "金额为退款前的实付；优惠幅度 = 让利 ÷（让利 + 实付），只看有优惠的商品；正价占比 = 没有优惠的商品 ÷ 销售额。平台补贴若不在这些列里，就看不到。",
        f"再购率：首单之后 {params.days} 天内（不含当天）又下过单的客户 ÷ 首单已满 {params.days} 天的客户，区间为 Wilson 95%；{_TEST}。首单是数据里的第一单。",
        "首单有无优惠的两组客户本来就不同（渠道、时间、商品），再购率之差不等于优惠的效果；要知道效果，请随机发券。",
        *grouped,
        f"只在优惠时买：两单以上、每单都有优惠；只买过一单的客户不计入这一比例。检验：{_BH}，两边都不少于 {settings().small_base} 人。",
        f"基数不足 {settings().tiny_base} 的不显示占比；节日的日期见“趋势”，同一天属于两个节日时归大促。",
    )


ANALYSIS = Analysis(
    key="promotions",
    title="优惠依赖",
    question="多少生意靠优惠，优惠带来的客户会回来吗？",
    needs={"orders": ("order_id", "ordered_at", "amount", "discount|list_price|promotion")},
    params=Params,
    run=run,
    members=members,
    place=36,
    theme="优惠退款",
)
