"""What customers do not buy yet: gaps beside what they own, and whom to offer what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.offers.advice import METHODS, SIMILAR, Advice, advice, offered, summed, worth
from insight.offers.items import NAMES, Of, column_of
from insight.offers.ownership import (
    EVERYBODY,
    Owned,
    gaps,
    lacking,
    lacking_beside,
    matrix,
    owned,
    segments_of,
)
from insight.parameters import picked
from insight.segmentation.breaks import break_of
from insight.settings import settings
from insight.stats.proportions import Flags
from insight.wording import count, decimal, money, percent

LEVEL, DRAWN = 0.05, 8
RARE = 0.05  # items that a customer has on average; below it hardly anybody has any
LEAST_SPAN = 0.001  # between the shares of two segments; below it both are written alike
_PAIR_TEST = f"Fisher 精确检验（单侧，校正后 p≤{LEVEL:g}，Benjamini–Hochberg 校正，以整张表为一族）"
_HIT_TEST = f"McNemar 精确检验（双侧，p≤{LEVEL:g}）"


class Params(BaseModel):
    """What is owned, by whom, and how far ahead is looked."""

    by: str = Field(default="value_tier", title="人群", json_schema_extra={"one_of": "breaks"})
    of: Of = picked("category", NAMES, title="看什么")
    most: int = Field(default=10, ge=2, le=30, title="看前多少种", description="按金额从高到低取")
    days: int = Field(default=90, ge=14, le=365, title="看多远（天）", description="推荐给出未来这么多天内首次购买的概率，并用最近同样长的一段检验")  # fmt: skip


def held(dataset: Dataset, params: Params) -> tuple[Owned, Mapping[str, Flags], tuple[str, ...]]:
    """Everybody at the end of the ledger, the items, and who is in which segment.

    Raises
    ------
    TooFewRows : fewer than two items were bought, so nothing can be missing beside another.
    """
    assert dataset.orders is not None
    column = column_of(dataset, params.of, title=ANALYSIS.title)
    items = ledger.values_of(dataset.orders, column, most=params.most)
    if len(items) < 2:
        raise TooFewRows(f"有客户购买的{NAMES[column]}", len(items), 2)
    end = ledger.span(dataset.orders)[1] + 1
    now = owned(dataset.orders, column, items, at=end, days=params.days)
    if now.people.is_empty():
        raise TooFewRows("有付款订单的客户", 0, 1)
    return now, segments_of(now.people, break_of(dataset, params.by, unit="customer_id")), items


def run(dataset: Dataset, params: Params) -> Result:
    """Count the gaps, then recommend what similar owners went on to buy, after checking that it helps."""
    assert dataset.orders is not None
    now, segments, items = held(dataset, params)
    column = column_of(dataset, params.of, title=ANALYSIS.title)
    found = advice(dataset.orders, column, items, now=now, days=params.days)
    tables = {
        "matrix": matrix(now.has, segments, items, worth(found) if found else None),
        "gaps": gaps(now.has, segments, items),
        "totals": _totals(now, found),
    }
    if found:
        customers = offered(found, items, segments)
        tables |= {"offers": summed(customers), "hits": found.check, "customers": customers}
    told = findings(tables, params, found)
    return Result(tables, _pictures(tables, items, params), told, _notes(tables, params, NAMES[column], found))  # fmt: skip


def _totals(now: Owned, found: Advice | None) -> pl.DataFrame:
    learned = (found.n_rules, found.p_value, found.calibration) if found else (None, None, None)
    row = (now.people.height, float(now.has.sum(axis=1).mean()), *learned)
    return pl.DataFrame([row], schema=_TOTALS, orient="row").with_columns(pl.col("p_value").fill_nan(None))  # fmt: skip


_TOTALS = {"n_buyers": pl.Int64, "n_categories": pl.Float64, "n_rules": pl.Int64, "p_value": pl.Float64, "calibration": pl.Float64}  # fmt: skip


def _pictures(tables: Mapping[str, pl.DataFrame], items: Sequence[str], params: Params) -> dict[str, alt.TopLevelMixin]:  # fmt: skip
    names = items[:DRAWN]
    small = pl.col("base") < settings().small_base
    order = pl.Enum(names)
    cells = tables["matrix"].with_row_index("at").filter(pl.col("missing").is_in(names)).with_columns(is_small=small)  # fmt: skip
    drawn: dict[str, alt.TopLevelMixin] = {
        "matrix": charts.heat(
            cells.select("at", "segment", "missing", "owned_share", "is_small"), row="segment", column="missing", value="owned_share"
        ).properties(title="各人群里买过的比例：颜色浅的是缺口")
    }  # fmt: skip
    pairs = tables["gaps"].with_row_index("at").filter(pl.col("segment") == EVERYBODY, pl.col("owned").is_in(names), pl.col("missing").is_in(names))  # fmt: skip
    pairs = pairs.with_columns(pl.col("owned", "missing").cast(order), is_small=small)
    shown = pairs.select("at", "owned", "missing", "n_customers", "is_small")
    drawn["gaps"] = charts.heat(shown, row="owned", column="missing", value="n_customers").properties(title="买过左边、还没买过上方的客户数")  # fmt: skip
    if "offers" in tables and tables["offers"].height:
        offers = tables["offers"].with_row_index("at").with_columns(is_small=pl.col("n_customers") < settings().small_base)  # fmt: skip
        title = f"推荐后未来 {params.days} 天的预计金额"
        drawn["offers"] = charts.bars(offers, label="recommended", value="expected_amount", order=offers["recommended"].to_list(), title=title)  # fmt: skip
        hits = tables["hits"].select("method", "hit_share", "ci_low", "ci_high")
        drawn["hits"] = charts.bars(hits, label="method", value="hit_share", order=METHODS, title="推荐命中的比例（线为 95% 区间）")  # fmt: skip
    return drawn


def findings(tables: Mapping[str, pl.DataFrame], params: Params, found: Advice | None) -> tuple[Finding, ...]:  # fmt: skip
    """The largest gap, the segment that lacks most, whether recommending helps, and what it may bring."""
    told = [_widest(tables["gaps"], tables["totals"]), *_segments(tables["matrix"])]
    if found is None:
        n = tables["totals"]["n_buyers"][0]
        text = f"没有推荐名单：{count(n)} 位客户在最近两段 {params.days} 天里首次购买新品类的太少，推荐无从检验；可以缩短“看多远”。"
        return (*told, Finding(text, n, (Cell("totals", 0, "n_buyers"),)))
    told.append(_check(tables["hits"], tables["totals"], params, found.method))
    best = tables["offers"].with_row_index("at").head(2).rows(named=True)
    return (*told, *(_offer(row, params) for row in best))


def _widest(pairs: pl.DataFrame, totals: pl.DataFrame) -> Finding:
    """The gap beside an item whose owners surely buy the other one more than everybody does."""
    gained = pl.col("n_customers") * (pl.col("both_share") - pl.col("share_all"))
    real = pairs.with_row_index("at").filter(
        pl.col("segment") == EVERYBODY, pl.col("p_adjusted") <= LEVEL, pl.col("lift") > 1, pl.col("base") >= settings().small_base
    )  # fmt: skip
    if real.is_empty():
        row = totals.row(0, named=True)
        why = "没有哪两种的购买者明显重合，看不出该向谁补什么" if row["n_categories"] >= RARE else "分得太细，看不出该向谁补什么，请换成更粗的品类再看"  # fmt: skip
        text = f"{count(row['n_buyers'])} 位客户平均买过金额最高的这些里的 {decimal(row['n_categories'], digits=2)} 种；{why}。"
        return Finding(text, row["n_buyers"], tuple(Cell("totals", 0, c) for c in ("n_buyers", "n_categories")), _PAIR_TEST)  # fmt: skip
    row = real.sort(gained, "at", descending=[True, False]).row(0, named=True)
    text = (
        f"买过“{row['owned']}”的 {count(row['base'])} 位客户里，{count(row['n_customers'])} 位（{percent(row['share'])}）还没买过“{row['missing']}”；"
        f"而买过前者的人有 {percent(row['both_share'])} 买过后者，是全部客户（{percent(row['share_all'])}）的 {decimal(row['lift'], digits=2)} 倍。"
    )
    told = ("base", "n_customers", "share", "both_share", "share_all", "lift")
    return Finding(text, row["base"], tuple(Cell("gaps", row["at"], c) for c in told), _PAIR_TEST)


def _segments(cells: pl.DataFrame) -> list[Finding]:
    """The item whose owners are spread most unevenly over the segments."""
    solid = cells.with_row_index("at").filter(pl.col("segment") != EVERYBODY, pl.col("base") >= settings().small_base)  # fmt: skip
    span = (pl.col("owned_share").max() - pl.col("owned_share").min()).over("missing")
    widest = solid.with_columns(span=span).filter(pl.col("span") >= LEAST_SPAN).sort("span", "missing", "owned_share", "at", descending=[True, False, True, False])  # fmt: skip
    if widest.is_empty():
        return []
    rows = widest.filter(pl.col("missing") == widest["missing"][0]).rows(named=True)
    first, last = rows[0], rows[-1]
    text = (
        f"各人群差得最多的是“{first['missing']}”：{first['segment']}里 {percent(first['owned_share'])} 买过，{last['segment']}里 {percent(last['owned_share'])}，"
        f"后者还有 {count(last['n_customers'])} 位没买过。"
    )
    cells_ = (Cell("matrix", first["at"], "owned_share"), Cell("matrix", last["at"], "owned_share"), Cell("matrix", last["at"], "n_customers"))  # fmt: skip
    return [Finding(text, first["base"] + last["base"], cells_)]


def _check(hits: pl.DataFrame, totals: pl.DataFrame, params: Params, method: str) -> Finding:
    at, last = METHODS.index(method), len(METHODS) - 1
    row, p_value = hits.row(at, named=True), totals["p_value"][0]
    sure = "差别显著" if p_value is not None and p_value <= LEVEL else "差别不显著"
    used = "" if method == SIMILAR else "；相似客户的购买没有让推荐更准，名单不用它"
    text = (
        f"检验：只用 {params.days} 天前的数据给每人推荐一种，其后 {params.days} 天首次买了新东西的 {count(row['n_adopters'])} 位客户里，按“{method}”推荐命中 "
        f"{percent(row['hit_share'])}（{count(row['n_hits'])} 位，原本预计 {count(row['n_expected'])} 位），都推荐最热门的命中 {percent(hits['hit_share'][last])}，{sure}{used}。"
    )
    cells = (*(Cell("hits", at, c) for c in ("n_adopters", "hit_share", "n_hits", "n_expected")), Cell("hits", last, "hit_share"))  # fmt: skip
    return Finding(text, row["n_adopters"], cells, _HIT_TEST)


def _offer(row: Mapping[str, Any], params: Params) -> Finding:
    text = (
        f"最该推荐“{row['recommended']}”的客户有 {count(row['n_customers'])} 位，未来 {params.days} 天平均 {percent(row['chance_share'])} 会首次购买，"
        f"预计共 {money(row['expected_amount'])}（不推荐时也会发生的部分在内）。"
    )
    told = ("n_customers", "chance_share", "expected_amount")
    return Finding(text, row["n_customers"], tuple(Cell("offers", row["at"], c) for c in told))


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The customers who lack something, and those to whom something is offered."""
    unit = ("customer_id",)
    lack = later(lambda: lacking(*held(dataset, params)), "segment", "missing", "customer_id")  # fmt: skip
    beside = later(lambda: lacking_beside(*held(dataset, params)), "segment", "owned", "missing", "customer_id")  # fmt: skip
    known = {"matrix": Members(lack, unit, "n_customers"), "gaps": Members(beside, unit, "n_customers")}  # fmt: skip
    if "customers" not in result.tables:
        return known
    customers = result.tables["customers"].lazy()
    offers = Members(customers.select("recommended", "customer_id"), unit, "n_customers")
    return known | {"offers": offers, "customers": Members(customers.select("customer_id"), unit)}


def _notes(tables: Mapping[str, pl.DataFrame], params: Params, name: str, found: Advice | None) -> tuple[str, ...]:  # fmt: skip
    n, small = tables["totals"]["n_buyers"][0], settings()
    told = (
        f"基数：有付款订单、能识别的客户 {count(n)} 人；买过指在全部数据里付过款（后来退款的也算）；只看金额最高的 {params.most} 种{name}，人群按今天的定义。",
        f"提升度：买过前者的人里买过后者的比例 ÷ 该人群里买过后者的比例；检验：{_PAIR_TEST}。相关不等于因果。",
        f"基数不足 {small.tiny_base} 的不显示比例、不检验，不足 {small.small_base} 的标灰、不写入结论。",
    )
    if found is None:
        return told
    return (
        *told,
        f"推荐：每人推荐未来 {params.days} 天里首次购买概率最高的一种。概率 = 同样活跃（订单数、最近一单）而没买过的客户在最近 {params.days} 天里首次购买的比例 × 相似客户的倍数；"
        "倍数取自他买过的东西里最有利和最不利的规则：买过前者的人实际首次购买后者的人数 ÷ 按活跃程度预计的人数（向 1 收缩）。",
        f"规则：{count(found.n_rules)} 条（Poisson 检验，双侧，校正后 p≤{LEVEL:g}，Benjamini–Hochberg 校正）；没有规则的客户只按活跃程度推荐，“依据”为空；这份名单按“{found.method}”。",
        f"检验：从倒数第二段 {params.days} 天学习，用最后一段判断；最热门指他没买过的里面买过的人最多的一种；{_HIT_TEST}，比例用 Wilson 区间；命中比预计少时，概率乘以 {decimal(found.calibration, digits=2)}。",
        f"预计金额 = 概率 × 首次购买者在 {params.days} 天里平均花在它上面的钱（实付减退款），不是推荐带来的增量；增量要留对照组才能知道。",
    )


ANALYSIS = Analysis(
    key="cross_sell",
    title="交叉销售",
    question="谁还缺什么，该向谁推荐什么？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=32,
    theme="连带",
)
