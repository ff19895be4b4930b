"""After how many days customers buy again, in each category, and when to remind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.ledger import Start
from insight.members import Members, later
from insight.narrowing import among_customers
from insight.settings import settings
from insight.stats.survival import Time, kaplan_meier, survival_at, time_of
from insight.units import Unit, written
from insight.wording import count, percent

ALL = "全部品类"
MOST_CATEGORIES, MOST_DRAWN, MOST_POINTS = 30, 6, 120
_STARTS: Mapping[str, str] = {"every": "每次购买之后", "first": "首次购买之后"}
QUARTERS = (("first_quarter_days", 0.25), ("median_days", 0.5), ("third_quarter_days", 0.75))


class Params(BaseModel):
    """Where an interval begins."""

    start: Start = Field(
        default="every", title="从哪次购买起算", description="每次购买之后多久再买，或只看首次购买之后", json_schema_extra={"labels": {**_STARTS}}
    )  # fmt: skip


def row_of(category: str, counts: pl.DataFrame, curve: pl.DataFrame) -> dict[str, object]:
    """One category in a row.

    Parameters
    ----------
    counts : time [days], n_events, n_censored
    curve : ``kaplan_meier`` of it

    Returns
    -------
    category, n_intervals, n_events [ended by a purchase], share_censored, first_quarter_days,
        median_days, third_quarter_days [days until so many have bought again; null where not that many
        do within what was observed], median_low_days, median_high_days [95 %], reminder ["18—42 天"]
    """
    n_events, n_censored = (int(counts[c].sum()) for c in ("n_events", "n_censored"))
    times = {name: time_of(curve, share) for name, share in QUARTERS}
    days = {name: time.value for name, time in times.items()}
    middle = times["median_days"]
    return {
        "category": category, "n_intervals": n_events + n_censored, "n_events": n_events, "share_censored": n_censored / (n_events + n_censored),
        **days, "median_low_days": middle.low, "median_high_days": middle.high, "reminder": _window(times["first_quarter_days"], middle),
    }  # fmt: skip


def _window(first: Time, middle: Time) -> str:
    if first.value is None:
        return ""
    if middle.value is None:
        return f"第 {count(first.value)} 天起"
    return f"第 {count(first.value)}—{count(middle.value)} 天"


_FIGURES = ("first_quarter_days", "median_days", "third_quarter_days", "median_low_days", "median_high_days")  # fmt: skip
SCHEMA = {
    "category": pl.String, "reminder": pl.String, "median_days": pl.Float64, "median_low_days": pl.Float64, "median_high_days": pl.Float64,
    "first_quarter_days": pl.Float64, "third_quarter_days": pl.Float64, "n_customers": pl.Int64, "n_intervals": pl.Int64, "n_events": pl.Int64,
    "share_censored": pl.Float64, "flag": pl.String,
}  # fmt: skip


def summary(
    curves: Mapping[str, tuple[pl.DataFrame, pl.DataFrame]], buyers: Mapping[str, int]
) -> pl.DataFrame:
    """One row a category; days only where enough customers stand behind them.

    Parameters
    ----------
    curves : category -> its counts and its curve
    buyers : category -> customers who bought it

    Returns
    -------
    (n_categories) as ``row_of``, with n_customers and flag ["*" small, "**" too small: no days]; all
        categories together first, then by the median, those without one last
    """
    rows = []
    rule = settings()
    for category, (counts, curve) in curves.items():
        n = buyers[category]
        row = row_of(category, counts, curve) | {"n_customers": n}
        if n < rule.tiny_base:
            row |= dict.fromkeys(_FIGURES) | {"reminder": ""}
        flag = "**" if n < rule.tiny_base else "*" if n < rule.small_base else ""
        rows.append(row | {"flag": flag})
    table = pl.DataFrame(rows, schema=SCHEMA)
    order = (pl.col("category") != ALL, "median_days", "category")
    return table.sort(order, nulls_last=True)


def returned(curves: Mapping[str, tuple[pl.DataFrame, pl.DataFrame]], shown: Sequence[str]) -> pl.DataFrame:  # fmt: skip
    """The share that has bought again after so many days, for the chart.

    Returns
    -------
    (n_points) category, days, returned_share; from day 0 to the day up to which at least a tenth of the
        intervals were still followed
    """
    rows: list[tuple[str, int, float]] = []
    for name in shown:
        curve = curves[name][1]
        last = _followed(curve)
        step = max(1, -(-last // MOST_POINTS))
        days = dict.fromkeys([*range(0, last, step), last])
        rows += [(name, day, 1 - survival_at(curve, day)) for day in days]
    schema = {"category": pl.String, "days": pl.Int64, "returned_share": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _followed(curve: pl.DataFrame) -> int:
    enough = curve.filter(pl.col("n_at_risk") >= 0.1 * pl.col("n_at_risk").max())
    return int(enough["time"][-1])


def run(dataset: Dataset, params: Params) -> Result:
    """Count the intervals on the engine, and draw the curve of each category from the counts."""
    orders = dataset.orders
    assert orders is not None
    counts = _counts(dataset, params.start)
    if not int(counts[ALL]["n_events"].sum()):
        raise TooFewRows("买过两天以上的客户", 0, 1)
    curves = {name: (one, kaplan_meier(one)) for name, one in counts.items()}
    people = {name: frame["customer_id"].n_unique() for name, frame in _buyers(orders, counts).items()}  # fmt: skip
    table = summary(curves, people)
    solid = table.filter(pl.col("flag") == "")["category"].to_list()
    ranked = [name for name in counts if name in solid][: MOST_DRAWN + 1]
    tables = {"categories": table}
    pictures = {}
    if ranked:
        tables["curves"] = returned(curves, ranked)
        title = f"{_STARTS[params.start]}，再次购买的比例"
        pictures["curves"] = charts.curves(tables["curves"], x="days", value="returned_share", series="category", title=title)  # fmt: skip
    return Result(tables, pictures, findings(table, params.start), _notes(dataset, params, table))


def _counts(dataset: Dataset, start: Start) -> dict[str, pl.DataFrame]:
    """The intervals of all purchases, then of the categories with most money."""
    orders = dataset.orders
    assert orders is not None
    counts = {ALL: ledger.intervals(orders, start=start)}
    if "category" in dataset.columns("orders"):
        named = ledger.largest(orders, "category", most=MOST_CATEGORIES)
        split = ledger.intervals(orders, by="category", start=start, values=named)
        parts = {str(name): part for (name,), part in split.partition_by("category", as_dict=True).items()}  # fmt: skip
        counts |= {name: parts[name] for name in named if name in parts}
    return counts


def _buyers(orders: ledger.Orders, counts: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The customers of every row."""
    found = {ALL: ledger.customer_table(orders).select("customer_id")}
    if len(counts) > 1:
        bought = ledger.buyers_by(orders, "category", values=tuple(counts))
        found |= {n: bought.filter(pl.col("category") == n).select("customer_id") for n in counts if n != ALL}  # fmt: skip
    return found


def findings(table: pl.DataFrame, start: Start) -> tuple[Finding, ...]:
    """All purchases, then the quickest and the slowest category, with the days to remind on."""
    rows = table.with_row_index("at").filter(pl.col("flag") != "**").to_dicts()
    told = [_told(row, start) for row in rows if row["category"] == ALL]
    others = [r for r in rows if r["category"] != ALL and r["median_days"] is not None]
    chosen = [others[0], others[-1]] if len(others) > 1 else others
    told += [_told(row, start) for row in chosen]
    return tuple(told) or (_too_few(table),)


def _told(row: Mapping[str, object], start: Start) -> Finding:
    at, base = int(str(row["at"])), int(str(row["n_customers"]))
    columns = ["median_days", "median_low_days", "median_high_days", "share_censored", "n_customers"]  # fmt: skip
    days = {c: written(row[c], Unit.DAYS) for c in columns[:3]}
    name = "全部品类" if row["category"] == ALL else f"“{row['category']}”"
    caution = "，样本不足，仅作方向性参考" if row["flag"] else ""
    tail = f"（{count(base)} 位客户，{percent(float(str(row['share_censored'])))} 的间隔到数据结束还没有等到下一次{caution}）"
    if row["median_days"] is None:
        cells = tuple(Cell("categories", at, c) for c in ("share_censored", "n_customers"))
        text = f"{name}：{_STARTS[start]}，观察期内再次购买的不到一半{tail}。"
        return Finding(text, base, cells)
    reach = f"，95% 区间 {days['median_low_days']} 至 {days['median_high_days']} 天" if row["median_high_days"] is not None else ""  # fmt: skip
    text = f"{name}：{_STARTS[start]}，一半的人在 {days['median_days']} 天内再次购买{reach}；补货提醒宜在{row['reminder']}{tail}。"
    if not reach:
        columns = [c for c in columns if c not in ("median_low_days", "median_high_days")]
    return Finding(text, base, tuple(Cell("categories", at, c) for c in columns))


def _too_few(table: pl.DataFrame) -> Finding:
    n = int(table["n_customers"][0])
    text = f"能识别的客户只有 {count(n)} 位，不足 {settings().tiny_base} 位，不给出复购天数。"
    return Finding(text, n, (Cell("categories", 0, "n_customers"),))


def members(dataset: Dataset, _params: Params, result: Result) -> Mapping[str, Members]:
    """The customers who bought each category."""
    orders = dataset.orders
    assert orders is not None
    names = result.tables["categories"]["category"].to_list()

    def listed() -> pl.DataFrame:
        found = _buyers(orders, dict.fromkeys(names, pl.DataFrame()))
        return pl.concat([frame.select(pl.lit(n).alias("category"), "customer_id") for n, frame in found.items()])  # fmt: skip

    return {"categories": Members(later(listed, "category", "customer_id"), ("customer_id",), "n_customers")}  # fmt: skip


def _notes(dataset: Dataset, params: Params, table: pl.DataFrame) -> tuple[str, ...]:
    rule = settings()
    alone = () if "category" in dataset.columns("orders") else ("订单里没有品类，因此只有全部商品合计。",)  # fmt: skip
    dependent = "同一位客户有多个间隔，区间按各间隔独立计算，会偏窄；从首次购买起算时每位客户只有一个。" if params.start == "every" else "每位客户（每个品类）只计首次购买后的一个间隔。"  # fmt: skip
    return (
        f"基数：能识别的客户 {count(table['n_customers'][0])} 人；间隔为两个购买日之间的天数，同一天的多单算一次，付款后退款的也算购买。",
        "品类的间隔指再次购买同一品类；“全部品类”指再次购买任何商品。",
        "到数据最后一天还没有再买的间隔按右删失处理（Kaplan–Meier）；只用已经再买的人会低估天数。",
        f"中位数的区间：log–log 变换的 Greenwood 方差（Brookmeyer 与 Crowley 1982）。{dependent}",
        "补货提醒：从四分之一的人已经再买的那天，到一半的人已经再买的那天。",
        f"** 客户不足 {rule.tiny_base} 人，不显示天数；* 不足 {rule.small_base} 人，仅作方向性参考；只列金额最高的 {MOST_CATEGORIES} 个品类。",
        "图：画到还有十分之一的间隔在观察中的那天为止，只画客户够多的前几个品类。",
        *alone,
    )


ANALYSIS = among_customers(
    Analysis(
        key="intervals",
        title="复购间隔",
        question="客户隔多少天再买，什么时候提醒？",
        needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
        params=Params,
        run=run,
        members=members,
        place=20,
        theme="复购",
    )
)
