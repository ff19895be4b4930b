"""After how many days without a purchase a customer counts as lost, and how often that is wrong."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.lifetime.churn import LEAST_SHARE, ChurnPoint, churn_point, returns_after
from insight.narrowing import among_customers
from insight.settings import settings
from insight.stats.survival import kaplan_meier
from insight.wording import count, percent

LIMITS = (30, 45, 60, 90, 120, 150, 180, 270, 365, 540, 730)
MOST_POINTS = 120


class Params(BaseModel):
    """Which share of the repeat purchases must be made, and which line to try."""

    model_config = ConfigDict(frozen=True)

    share: int = Field(
        default=90,
        ge=80,
        le=90,
        title="复购间隔的百分位（%）",
        description="80–90：这么多的再次购买都已发生时，还没来的算流失",
    )
    days: int = Field(
        default=0,
        ge=0,
        le=1095,
        title="试用的流失天数",
        description="0 表示用数据给出的天数；拖动可看判为流失后又回来的比例",
    )
    follow: int = Field(
        default=365,
        ge=30,
        le=1095,
        title="之后观察多少天",
        description="判为流失之后，多少天以内又购买的算回来",
    )


def limits_table(
    counts: pl.DataFrame, *, chosen: int, point: ChurnPoint, follow: int
) -> pl.DataFrame:
    """What would follow from each limit.

    Returns
    -------
    (n_limits) limit_days, n_silences [times somebody stayed away longer], n_back [of them ended by a
        purchase so far], back_share [within ``follow`` days, Kaplan–Meier], ci_low, ci_high, n_away
        [customers who are away longer now], share_away [of all], is_chosen, is_from_data; ascending
    """
    longest = int(counts["time"][-1])
    tried = sorted({chosen, point.days, *(d for d in LIMITS if d < longest)})
    rows = [{"limit_days": d} | returns_after(counts, days=d, follow=follow) for d in tried]
    schema = {"limit_days": pl.Int64, "n_silences": pl.Int64, "n_back": pl.Int64, "back_share": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64, "n_away": pl.Int64}  # fmt: skip
    n = int(counts["n_censored"].sum())
    return pl.DataFrame(rows, schema=schema).with_columns(
        share_away=pl.col("n_away") / n,
        is_chosen=pl.col("limit_days") == chosen,
        is_from_data=pl.col("limit_days") == point.days,
    )


def curve_points(counts: pl.DataFrame, *, until: int) -> pl.DataFrame:
    """The share that has bought again after so many days: days, returned_share, ci_low, ci_high."""
    steps = kaplan_meier(counts).filter(pl.col("time") <= until)
    returned = steps.select(
        days="time", returned_share=1 - pl.col("survival"), ci_low=1 - pl.col("ci_high"), ci_high=1 - pl.col("ci_low")
    )  # fmt: skip
    return returned.gather_every(max(1, -(-returned.height // MOST_POINTS)))


def summary(point: ChurnPoint, counts: pl.DataFrame) -> pl.DataFrame:
    """The recommended limit in one row.

    Returns
    -------
    (1) limit_days, percentile_share, returned_share [bought again within until_days], until_days,
        n_buyers [customers: everybody's last interval is still open], n_intervals, n_repeats [of them ended]
    """
    n_repeats, n_buyers = (int(counts[c].sum()) for c in ("n_events", "n_censored"))
    row = {
        "limit_days": point.days, "percentile_share": point.share, "returned_share": point.returned_share, "until_days": point.until,
        "n_buyers": n_buyers, "n_intervals": n_repeats + n_buyers, "n_repeats": n_repeats,
    }  # fmt: skip
    return pl.DataFrame([row])


def findings(one: pl.DataFrame, limits: pl.DataFrame, point: ChurnPoint, follow: int) -> tuple[Finding, ...]:  # fmt: skip
    """The day, how often it is wrong, and how many are beyond it now."""
    base, n_buyers = (int(one[c][0]) for c in ("n_intervals", "n_buyers"))
    row = limits.with_row_index("at").filter("is_chosen").row(0, named=True)
    told = [_recommended(point, base)]
    if row["back_share"] is not None:
        told.append(_wrong(row, follow))
    text = f"现在有 {count(row['n_away'])} 位客户（{count(n_buyers)} 位的 {percent(row['share_away'])}）已超过 {row['limit_days']} 天没有购买。"
    cells = tuple(Cell("limits", row["at"], c) for c in ("n_away", "share_away", "limit_days"))
    return (*told, Finding(text, n_buyers, (*cells, Cell("recommended", 0, "n_buyers"))))


def _recommended(point: ChurnPoint, base: int) -> Finding:
    cells = [Cell("recommended", 0, c) for c in ("limit_days", "percentile_share", "until_days", "returned_share")]  # fmt: skip
    if point.is_of_all:
        text = f"建议把连续 {point.days} 天没有购买视为流失：{percent(point.share)} 的购买在这之前就有下一次。"
        return Finding(text, base, tuple(cells[:2]))
    text = (
        f"建议把连续 {point.days} 天没有购买视为流失：{count(point.until)} 天内有下一次的购买（占 {percent(point.returned_share)}）里，"
        f"{percent(point.share)} 在这之前发生。"
    )
    return Finding(text, base, tuple(cells))


def _wrong(row: Mapping[str, float], follow: int) -> Finding:
    columns = ["limit_days", "n_silences", "back_share"]
    reach = ""
    if row["ci_low"] is not None and row["ci_high"] is not None:
        reach = f"（95% 区间 {percent(row['ci_low'])}–{percent(row['ci_high'])}）"
        columns += ["ci_low", "ci_high"]
    text = (
        f"按 {row['limit_days']} 天划线，{count(row['n_silences'])} 次超过这么久的沉默里，"
        f"其后 {follow} 天内有 {percent(row['back_share'])}{reach}又回来购买，也就是会被误判的比例。"
    )
    return Finding(text, int(row["n_silences"]), tuple(Cell("limits", int(row["at"]), c) for c in columns))  # fmt: skip


def run(dataset: Dataset, params: Params) -> Result:
    """Find the day from the intervals, and try it and others."""
    assert dataset.orders is not None
    counts = ledger.intervals(dataset.orders)
    n_buyers, least = int(counts["n_censored"].sum()), settings().tiny_base
    if n_buyers < least:
        raise TooFewRows("有付款订单的客户", n_buyers, least)
    point = churn_point(counts, share=params.share / 100)
    chosen = params.days or point.days
    limits = limits_table(counts, chosen=chosen, point=point, follow=params.follow)
    one = summary(point, counts)
    tables = {"recommended": one, "limits": limits}
    points = curve_points(counts, until=point.until)
    picture = charts.curves(
        points.with_columns(group=pl.lit("全部购买")), x="days", value="returned_share", series="group", title="购买之后，再次购买的比例"
    )  # fmt: skip
    tables["curves"] = points
    return Result(tables, {"curves": picture}, findings(one, limits, point, params.follow), _notes(params, point))  # fmt: skip


def _notes(params: Params, point: ChurnPoint) -> tuple[str, ...]:
    how = "曲线能达到的百分位" if point.is_of_all else f"多数购买没有下一次，曲线达不到，因此取 {point.until} 天内会再来的购买的百分位"  # fmt: skip
    return (
        "间隔为两个购买日之间的天数，同一天的多单算一次，付款后退款的也算；到数据最后一天还没有再买的按右删失处理（Kaplan–Meier）。",
        f"流失天数：再次购买的 {percent(point.share, digits=0)} 百分位（设定 {params.share}%，达不到时取 {percent(LEAST_SHARE, digits=0)}），{how}。",
        f"第 {point.until} 天之后仍在观察的间隔不足 {settings().small_base} 个，不再采用。",
        f"又回来的比例：在沉默超过这些天的间隔里，其后 {params.follow} 天内再次购买的比例（Kaplan–Meier，区间为 log–log 变换的 Greenwood 方差）；数据不够长时只看到最后一天，因而是下限。",
        f"一位客户可以有几次这样的沉默，区间按独立计算，会偏窄；不足 {settings().tiny_base} 次的不列比例。",
        "现在超过的客户：每位能识别的客户从最近一次购买到数据最后一天的天数。",
    )  # fmt: skip


ANALYSIS = among_customers(
    Analysis(
        key="churn_point",
        title="流失时点",
        question="多久不买才算流失？",
        needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
        params=Params,
        run=run,
        place=8,
        theme="阶段",
    )
)
