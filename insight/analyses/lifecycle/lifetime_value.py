"""What customers will still buy and be worth, and whether the prediction can be believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import polars as pl

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.lifetime.definition import UNIT_LABELS, VARIANT_LABELS, Definition
from insight.lifetime.fitting import Models
from insight.lifetime.holdout import groups
from insight.lifetime.valuing import Valued, valued
from insight.lifetime.words import basis
from insight.members import Members, later
from insight.narrowing import among_customers
from insight.segmentation.profile import share_of_total
from insight.wording import count, decimal, money, percent

NOTABLE = 0.3  # correlation of frequency and order value from which the Gamma-Gamma model misleads
GROUPS = ("最高 20%", "20%–40%", "40%–60%", "60%–80%", "最低 20%")
_COLUMNS = ("customer_id", "x", "t_x", "T", "p_alive", "expected_orders", "expected_spend", "clv")


def parameters(models: Models) -> pl.DataFrame:
    """The fitted models.

    Returns
    -------
    (8) parameter [r, alpha, a, b, log_likelihood of the purchases; p, q, v of their value], value,
        standard_error [null where it is unknown]
    """
    buying, spending = models.buying, models.spending
    rows = [
        *zip(("r", "alpha", "a", "b"), (buying.r, buying.alpha, buying.a, buying.b), buying.errors, strict=True),
        ("log_likelihood", buying.log_likelihood, None),
        *zip(("p", "q", "v"), (spending.p, spending.q, spending.v), spending.errors, strict=True),
    ]  # fmt: skip
    schema = {"parameter": pl.String, "value": pl.Float64, "standard_error": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").fill_nan(None)


def totals(customers: pl.DataFrame) -> pl.DataFrame:
    """All customers in one line.

    Returns
    -------
    (1) n_customers, n_repeat_customers, n_likely_active [sum of p_alive where the model tells it: not of
        one-time buyers by the BG/NBD, who have 1],
        expected_orders, clv [CNY], value_correlation [Pearson, of x and the mean value of repeat
        purchases; null where either does not vary]
    """
    came_back = customers.filter(pl.col("mean_value") > 0)
    return customers.select(
        n_customers=pl.len().cast(pl.Int64),
        n_repeat_customers=(pl.col("x") > 0).sum().cast(pl.Int64),
        n_likely_active=pl.col("p_alive")
        .filter((pl.col("x") > 0) | (pl.col("p_alive") < 1))
        .sum()
        .round()
        .cast(pl.Int64),
        expected_orders=pl.col("expected_orders").sum().round(9),
        clv=pl.col("clv").sum().round(4),
        value_correlation=pl.lit(_correlation(came_back), pl.Float64),
    )


def _correlation(came_back: pl.DataFrame) -> float | None:
    found = came_back.select(pl.corr("x", "mean_value").fill_nan(None).round(9)).item()
    return None if found is None else float(found)


def grouped(customers: pl.DataFrame) -> pl.DataFrame:
    """(n_customers) customer_id, value_group: fifths of the customers by clv, highest first."""
    ranked = customers.sort(["clv", "customer_id"], descending=[True, False])
    fifth = pl.int_range(pl.len()) * len(GROUPS) // pl.len()
    return ranked.select("customer_id", value_group=fifth.replace_strict(dict(enumerate(GROUPS)), return_dtype=pl.String))  # fmt: skip


def tiers(customers: pl.DataFrame) -> pl.DataFrame:
    """Fifths of the customers by what they will be worth.

    Returns
    -------
    (<= 5) value_group, n_customers, spend [CNY so far], share_of_spend, clv, share_of_clv,
        clv_per_customer; highest first
    """
    placed = customers.join(grouped(customers), on="customer_id").sort("value_group", "customer_id")
    summed = placed.group_by("value_group").agg(
        n_customers=pl.len().cast(pl.Int64),
        spend=pl.col("spend").sum().round(4),
        clv=pl.col("clv").sum().round(4),
    )
    order = pl.DataFrame({"value_group": GROUPS})
    table = order.join(summed, on="value_group", maintain_order="left")
    return table.select(
        "value_group",
        "n_customers",
        "spend",
        share_of_spend=share_of_total(pl.col("spend")),
        clv="clv",
        share_of_clv=share_of_total(pl.col("clv")),
        clv_per_customer=pl.col("clv") / pl.col("n_customers"),
    )


def findings(known: Valued, tables: Mapping[str, pl.DataFrame], definition: Definition) -> Iterator[Finding]:  # fmt: skip
    """Whether the model stood its test; what all will be worth; who holds most of it; what disturbs it."""
    yield _tested(known, tables["check"], definition)
    total, top = tables["totals"].row(0, named=True), tables["tiers"].row(0, named=True)
    n = total["n_customers"]
    yield Finding(
        f"{definition.horizon}，{count(n)} 位客户的价值合计 {money(total['clv'])}（{basis(known, definition)}）。",
        n,
        (Cell("totals", 0, "n_customers"), Cell("totals", 0, "clv")),
    )
    if top["share_of_clv"] is not None:
        yield Finding(
            f"价值最高的一组（{count(top['n_customers'])} 人）占未来价值的 {percent(top['share_of_clv'])}，人均 {money(top['clv_per_customer'])}；"
            f"他们过去的消费占 {percent(top['share_of_spend'])}。",
            n,
            tuple(Cell("tiers", 0, c) for c in ("n_customers", "share_of_clv", "clv_per_customer", "share_of_spend")),
        )  # fmt: skip
    if abs(total["value_correlation"] or 0) >= NOTABLE:
        yield Finding(
            f"注意：复购次数与每次金额的相关系数为 {decimal(total['value_correlation'], digits=2)}，"
            f"绝对值不小于 {NOTABLE}，金额模型假定两者无关，未来价值可能有偏（复购过的客户 {count(total['n_repeat_customers'])} 人）。",
            total["n_repeat_customers"],
            (Cell("totals", 0, "value_correlation"), Cell("totals", 0, "n_repeat_customers")),
        )  # fmt: skip


def _tested(known: Valued, check: pl.DataFrame, definition: Definition) -> Finding:
    miss, people = check.row(0, named=True), known.check.n_customers
    verdict = (
        "模型不差于按过去的速度推算，可以使用"
        if known.check.is_better
        else f"模型不如按过去的速度推算，所以下面的价值改用最近 {definition.months} 个月的实际消费"
    )
    text = (
        f"用前 {definition.calibration}% 的时间拟合、后 {count(known.check.days)} 天检验（{count(people)} 位客户）："
        f"每位客户复购次数的平均误差，模型为 {decimal(miss['by_model'], digits=2)} 次，按过去的速度为 {decimal(miss['by_naive'], digits=2)} 次，{verdict}。"
    )
    return Finding(text, people, (Cell("check", 0, "by_model"), Cell("check", 0, "by_naive")))


def run(dataset: Dataset, params: Definition) -> Result:
    """Fit, check on later data, predict and value every customer."""
    assert dataset.orders is not None
    known = valued(dataset.orders, params)
    checked = known.check
    tables = {
        "totals": totals(known.customers),
        "tiers": tiers(known.customers),
        "check": checked.errors,
        "expectation": checked.expectation,
        "tracking": checked.tracking,
        "model": parameters(known.models),
        "customers": known.customers.select(_COLUMNS),
    }
    pictures = {
        "tracking": charts.tracked(
            checked.tracking,
            x="until",
            values=("n_repeat", "n_repeat_expected"),
            since=date(1970, 1, 1) + timedelta(checked.cut + 1),
            title="累计复购次数：实际与模型",
        ),
        "expectation": charts.compared(
            checked.expectation.with_row_index("at"),
            label="bought_before",
            values=("actual", "by_model", "by_naive"),
            beside="n_customers",
            title=f"后 {checked.days} 天人均复购次数（按前段的复购次数分组）",
        ),
        "tiers": charts.paired_bars(
            tables["tiers"].with_row_index("at"),
            label="value_group",
            values=("share_of_spend", "share_of_clv"),
            title="按未来价值分五组：过去消费与未来价值的占比",
        ),
    }
    return Result(tables, pictures, tuple(findings(known, tables, params)), _notes(known, params))


def members(dataset: Dataset, params: Definition, result: Result) -> Mapping[str, Members]:
    """Every customer, the fifths by value, and the groups by purchases of the first part."""
    customers, unit = result.tables["customers"], ("customer_id",)
    orders = dataset.orders
    assert orders is not None

    def by_purchases() -> pl.DataFrame:
        return groups(orders, params).select("bought_before", "customer_id")

    return {
        "customers": Members(customers.lazy().select("customer_id"), unit),
        "tiers": Members(grouped(customers).lazy(), unit, "n_customers"),
        "expectation": Members(later(by_purchases, "bought_before", "customer_id"), unit, "n_customers"),
    }  # fmt: skip


def _notes(known: Valued, params: Definition) -> tuple[str, ...]:
    unit, model = UNIT_LABELS[params.time_unit], VARIANT_LABELS[params.model]
    never = (
        "；BG/NBD 假定首次复购之前不会流失，所以只买过一次的客户概率为 1，不计入活跃人数"
        if params.model == "bg"
        else ""
    )
    regular = known.models.buying.is_regularised or known.models.spending.is_regularised
    return (
        f"统计日 {date(1970, 1, 1) + timedelta(known.until)}；基数为有购买且能识别的客户 {count(known.customers.height)} 人；同一天的多单算一次购买，"
        f"{'零金额订单也算' if params.counting == 'all' else '零金额订单不算'}，纯退货不算；金额扣退款。",
        f"购买次数：{model}（时间单位：{unit}）；x 为复购次数，t_x 为首单到最近一次的时长，T 为首单到统计日的时长{never}。",
        "每次金额：Gamma–Gamma，只用复购金额大于 0 的客户拟合，每次金额为首日之后的净消费 ÷ 复购次数；假定金额与次数无关。",
        f"未来价值：{basis(known, params)}，逐月累加，年折现率 {decimal(params.discount)}%。",
        f"检验：前 {params.calibration}% 的时间拟合，后 {count(known.check.days)} 天比较；“按过去的速度”为前段复购次数 ÷ 时长 × 后段时长；平均绝对误差不大于它才使用模型。",
        *(("似然函数没有内部极大值，参数用弱先验（对数的标准差为 2）估计。",) if regular else ()),
        "方法：Fader, Hardie & Lee (2005) Marketing Science 24；Batislam 等 (2007)；Fader & Hardie (2013) Gamma-Gamma。",
    )  # fmt: skip


ANALYSIS = among_customers(
    Analysis(
        key="lifetime_value",
        title="未来价值",
        question="每位客户以后还会买多少、值多少钱？",
        needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
        params=Definition,
        run=run,
        members=members,
        place=40,
        theme="价值",
    )
)
