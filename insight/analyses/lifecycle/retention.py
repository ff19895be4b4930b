"""How many of the customers won in each period still buy later, and for how much."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

import altair as alt
import polars as pl
from pydantic import BaseModel, ConfigDict

from insight import charts, ledger, periods
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.ledger import CohortGrain
from insight.members import Members
from insight.narrowing import among_customers
from insight.parameters import picked
from insight.settings import settings
from insight.stats.proportions import wilson
from insight.wording import count, money, percent

GRAINS: Mapping[CohortGrain, str] = {"month": "月", "quarter": "季", "week": "周"}
_SPAN: Mapping[CohortGrain, str] = {"month": "1mo", "quarter": "1q", "week": "1w"}
_STEP: Mapping[CohortGrain, str] = {"month": "{}mo", "quarter": "{}q", "week": "{}w"}
MEASURES = {"rate": "人数", "spend_rate": "金额"}
MOST_COHORTS, MOST_PERIODS = 18, 12  # on the chart
MOST_QUIET = 3  # days at the end that may lack sales, if the shop often does
LEAST_COHORTS = 3  # behind an average that a sentence tells


class Params(BaseModel):
    """How cohorts are cut, and what is drawn."""

    model_config = ConfigDict(frozen=True)

    grain: CohortGrain = picked("month", GRAINS, title="按什么分批", description="按首次购买的月、季或周（周一开始）")  # fmt: skip
    measure: Literal["rate", "spend_rate"] = picked(
        "rate", MEASURES, title="图上看什么", description="还在买的人数，或净消费金额，与首购那一期相比"
    )  # fmt: skip


def cohort_table(
    counted: pl.DataFrame, *, grain: CohortGrain, covered: periods.Observed
) -> pl.DataFrame:
    """Every cohort in every period that has begun, with rates where the period is over.

    Parameters
    ----------
    counted : as ``ledger.cohorts`` gives it
    covered : until when the ledger tells of sales; up to ``MOST_QUIET`` usual days without any more

    Returns
    -------
    (n_cells) cohort ["2025-03", "2025-Q1" or the Monday], period [0 = the one of the first purchase],
        n_customers [of the cohort], n_active, rate [n_active / n_customers], spend [CNY, net], spend_rate
        [spend / spend of period 0], spend_per_customer [CNY, of the cohort up to and with the period],
        is_partial; the rates are null while the period is not over; sorted
    """
    starts = counted.select("cohort").unique().sort("cohort")
    last = covered.last
    n = pl.date_range(starts["cohort"][0], last, _SPAN[grain], eager=True).len()
    numbers = pl.DataFrame({"period": pl.int_range(n, dtype=pl.Int64, eager=True)})
    cells = starts.join(numbers, how="cross").with_columns(begins=_shifted(grain, pl.col("period")))
    begun = cells.filter(pl.col("begins") <= last).join(counted, on=("cohort", "period"), how="left").sort("cohort", "period")  # fmt: skip
    quiet = min(covered.slack, MOST_QUIET)
    over = _shifted(grain, pl.col("period") + 1) <= last + timedelta(1 + quiet)
    filled = begun.with_columns(pl.col("n_active", "n_orders").fill_null(0), pl.col("spend").fill_null(0.0), is_partial=~over)  # fmt: skip
    size, first = (pl.col(c).first().over("cohort") for c in ("n_active", "spend"))
    known = (pl.col("period") == 0) | ~pl.col("is_partial")  # who came first is always all of them
    return filled.select(
        _named(grain),
        "period",
        n_customers=size,
        n_active="n_active",
        rate=pl.when(known).then(pl.col("n_active") / size),
        spend="spend",
        spend_rate=pl.when(known, first > 0).then(pl.col("spend") / first),
        spend_per_customer=(pl.col("spend").cum_sum().over("cohort") / size).round(4),
        is_partial="is_partial",
    )


def _shifted(grain: CohortGrain, n: pl.Expr) -> pl.Expr:
    return pl.col("cohort").dt.offset_by(pl.format(_STEP[grain], n))


def _named(grain: CohortGrain) -> pl.Expr:
    cohort = pl.col("cohort")
    if grain == "quarter":
        return pl.format("{}-Q{}", cohort.dt.year(), cohort.dt.quarter()).alias("cohort")
    return cohort.dt.strftime("%Y-%m" if grain == "month" else "%Y-%m-%d")


def average(cells: pl.DataFrame) -> pl.DataFrame:
    """All cohorts together, each period only from the cohorts that have lived through it.

    Returns
    -------
    (n_periods that are over) period, n_cohorts, base [customers of these cohorts], n_active, rate [of
        base: so larger cohorts weigh more], ci_low, ci_high [95 %, Wilson], spend_rate [spend / their
        spend of period 0], spend_per_customer [CNY, up to and with the period]
    """
    first = pl.col("spend").first().over("cohort")
    mature = cells.with_columns(first_spend=first).filter(~pl.col("is_partial"))
    spent = pl.col("spend_per_customer") * pl.col("n_customers")
    table = mature.group_by("period").agg(
        n_cohorts=pl.len().cast(pl.Int64),
        base=pl.col("n_customers").sum(),
        n_active=pl.col("n_active").sum(),
        spend=pl.col("spend").sum(),
        first_spend=pl.col("first_spend").sum(),
        spent=spent.sum(),
    )
    rated = table.sort("period").with_columns(rate=pl.col("n_active") / pl.col("base"))
    low, high = wilson(rated["rate"].to_numpy(), rated["base"].cast(pl.Float64).to_numpy())
    return rated.select(
        "period", "n_cohorts", "base", "n_active", "rate",
        pl.Series("ci_low", low, pl.Float64), pl.Series("ci_high", high, pl.Float64),
        spend_rate=pl.when(pl.col("first_spend") > 0).then(pl.col("spend") / pl.col("first_spend")),
        spend_per_customer=(pl.col("spent") / pl.col("base")).round(4),
    )  # fmt: skip


def findings(cells: pl.DataFrame, mean: pl.DataFrame, grain: CohortGrain) -> tuple[Finding, ...]:
    """What is left after one period and at the end, and the best and the worst cohort."""
    name = GRAINS[grain]
    solid = mean.with_row_index("at").filter(pl.col("base") >= settings().tiny_base, pl.col("period") > 0)  # fmt: skip
    if solid.is_empty():
        text = f"还没有足够的客户走完首购之后的一个完整的{name}，看不出留存；第一批有 {count(cells['n_customers'][0])} 位客户。"
        return (Finding(text, int(cells["n_customers"][0]), (Cell("cohorts", 0, "n_customers"),)),)
    several = solid.filter(pl.col("n_cohorts") >= LEAST_COHORTS, pl.col("period") > solid["period"][0])  # fmt: skip
    rows = [part.row(-1, named=True) for part in (solid.head(1), several) if part.height]
    return (*(_kept(row, name) for row in rows), *_extremes(cells, name))


def _kept(row: Mapping[str, float], name: str) -> Finding:
    columns = ["rate", "base", "ci_low", "ci_high", "spend_per_customer"]
    worth = ""
    if row["spend_rate"] is not None:
        worth, columns = f"，金额为首购当{name}的 {percent(row['spend_rate'])}", [*columns, "spend_rate"]  # fmt: skip
    text = (
        f"首购后第 {count(row['period'])} 个{name}，{percent(row['rate'])} 的客户（95% 区间 {percent(row['ci_low'])}–{percent(row['ci_high'])}，"
        f"基数 {count(row['base'])} 人）还在购买{worth}；到那时人均累计消费 {money(row['spend_per_customer'])}。"
    )
    return Finding(text, int(row["base"]), tuple(Cell("average", int(row["at"]), c) for c in columns))  # fmt: skip


def _extremes(cells: pl.DataFrame, name: str) -> tuple[Finding, ...]:
    """The cohorts of which most and fewest bought again in the period after."""
    enough = pl.col("n_customers") >= settings().small_base
    next_ = cells.with_row_index("at").filter(pl.col("period") == 1, ~pl.col("is_partial"), enough)
    ranked = next_.sort(["rate", "cohort"], descending=[True, False])
    if ranked.height < 3:
        return ()
    best, worst = ranked.row(0, named=True), ranked.row(-1, named=True)
    said = [f"{r['cohort']}（{percent(r['rate'])}，{count(r['n_customers'])} 人）" for r in (best, worst)]  # fmt: skip
    cells_ = tuple(Cell("cohorts", r["at"], c) for r in (best, worst) for c in ("rate", "n_customers"))  # fmt: skip
    text = f"首购后第 1 个{name}的留存率最高的一批是 {said[0]}，最低的是 {said[1]}；差别未作检验。"
    return (Finding(text, best["n_customers"] + worst["n_customers"], cells_),)


def run(dataset: Dataset, params: Params) -> Result:
    """Count the cohorts on the engine, fill the triangle and average it."""
    orders = dataset.orders
    assert orders is not None
    covered = periods.observed(orders)
    counted = ledger.cohorts(orders, grain=params.grain)
    if counted.is_empty():
        raise TooFewRows("能识别、有付款订单的客户", 0, 1)
    cells = cohort_table(counted, grain=params.grain, covered=covered)
    mean = average(cells)
    pictures: dict[str, alt.TopLevelMixin] = {}
    if (drawn := _drawn(cells, params.measure)).height:
        pictures["cohorts"] = _heat(drawn, params)
        pictures["average"] = _curve(mean, params)
    told = findings(cells, mean, params.grain)
    return Result({"cohorts": cells, "average": mean}, pictures, told, _notes(cells, covered, params))  # fmt: skip


def _drawn(cells: pl.DataFrame, measure: str) -> pl.DataFrame:
    """The newest cohorts and the first periods after the first purchase, as far as they are over."""
    known = cells.with_row_index("at").filter(pl.col("period").is_between(1, MOST_PERIODS), ~pl.col("is_partial"))  # fmt: skip
    newest = known["cohort"].unique().sort().tail(MOST_COHORTS)
    return known.filter(pl.col("cohort").is_in(newest.implode())).drop_nulls(measure)


def _heat(drawn: pl.DataFrame, params: Params) -> alt.LayerChart:
    named = drawn.with_columns(
        pl.format("{}（{} 人）", "cohort", "n_customers").alias("cohort"),
        pl.col("period").cast(pl.String),
        is_small=pl.col("n_customers") < settings().tiny_base,
        shown=pl.col(params.measure).mul(100).round(0, mode="half_away_from_zero").cast(pl.Int64).cast(pl.String),  # a narrow screen has room for two digits
    )  # fmt: skip
    title = f"首购后第几个{GRAINS[params.grain]}：{MEASURES[params.measure]}留存率（%）"
    picture = charts.heat(named, row="cohort", column="period", value=params.measure, text="shown")
    return picture.properties(title=title)


def _curve(mean: pl.DataFrame, params: Params) -> alt.LayerChart:
    label = f"各批加权平均的{MEASURES[params.measure]}留存率"
    after = mean.with_columns(group=pl.lit(label)).filter(pl.col("period") > 0)
    shown = after if params.measure == "rate" else after.drop("ci_low", "ci_high")
    return charts.curves(shown, x="period", value=params.measure, series="group", title=label)


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers of a cohort who bought in a period."""
    orders, grain = dataset.orders, params.grain
    assert orders is not None

    def listed() -> pl.DataFrame:
        found = ledger.cohort_buyers(orders, grain=grain)
        return found.select(_named(grain), "period", "customer_id")

    schema = {"cohort": pl.String(), "period": pl.Int64(), "customer_id": pl.String()}
    return {"cohorts": Members(pl.defer(listed, schema=schema), ("customer_id",), "n_active")}


def _notes(cells: pl.DataFrame, covered: periods.Observed, params: Params) -> tuple[str, ...]:
    name, n = GRAINS[params.grain], int(cells.filter(pl.col("period") == 0)["n_customers"].sum())
    return (
        f"基数：有付款订单且能识别的客户 {count(n)} 人，按首次付款的{name}分批；第 0 期是首购的那个{name}，之后按自然{name}计。",
        "人数留存率 = 那一期有付款订单的客户 ÷ 这一批的全部客户；中间没来、后来又来的客户照算。",
        "金额留存率 = 那一期的净消费（实付减退款，退款计入退款所在的期）÷ 首购那一期的净消费，可以超过 100%。",
        f"数据到 {covered.last}：还没有过完的期不给比率（留空），也不进平均；平均按客户数加权，每一期只用已经过完这一期的各批，因此各期的客户不尽相同。",
        f"数据从 {covered.first} 开始：之前买过的老客户会被算作最早几批的新客，使这几批的留存偏高。",
        f"图只画最近 {MOST_COHORTS} 批、前 {MOST_PERIODS} 期，灰色的批不足 {settings().tiny_base} 人；区间为 Wilson 95% 区间。",
    )


ANALYSIS = among_customers(
    Analysis(
        key="retention",
        title="留存",
        question="新客后来还来不来，各批有没有变好？",
        needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
        params=Params,
        run=run,
        members=members,
        place=10,
        theme="留存",
    )
)
