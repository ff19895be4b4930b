"""In which price bands customers buy, which segment and category stands where, and who trades up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import MissingColumns, TooFewRows
from insight.members import Members
from insight.parameters import picked
from insight.segmentation import price_bands, price_moves
from insight.segmentation.breaks import Break, break_of
from insight.settings import settings
from insight.wording import count, percent, points

MOST_CATEGORIES, MOST_TOLD = 15, 2
_OF = {"piece": "件单价", "order": "每单金额"}
_TEST = f"两比例 z 检验（各层与其余各层，双侧，q≤{price_bands.LEVEL:g}，Benjamini–Hochberg 校正）"
_SIGN_TEST = f"精确符号检验（双侧，p≤{price_bands.LEVEL:g}）"


class Params(BaseModel):
    """What has a price, where the bands are cut, and who is compared."""

    of: Literal["piece", "order"] = picked("piece", _OF, title="看什么价格", description="件单价为每行金额 ÷ 件数")  # fmt: skip
    by: str = Field(default="rfm", title="分层方式", json_schema_extra={"one_of": "breaks"})
    category: str = Field(
        default="", title="只看一个品类", description="留空表示全部品类", json_schema_extra={"one_of": "categories"}
    )  # fmt: skip
    n_bands: int = Field(
        default=5, ge=2, le=10, title="几个价格带", description="每个价格带卖出的数量大致相同；写了分界时不用"
    )  # fmt: skip
    edges: str = Field(default="", title="分界（元）", description="如 50、100、200；留空时按数量等分")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sold:
    """The orders that count, the bands they fall into, and who bought in which."""

    orders: ledger.Orders
    edges: tuple[int, ...]
    names: tuple[str, ...]
    bought: pl.DataFrame
    counts: pl.DataFrame


def _sold(dataset: Dataset, params: Params) -> _Sold:
    assert dataset.orders is not None
    orders = dataset.orders
    if params.category:
        if "category" not in dataset.columns("orders"):
            raise MissingColumns("价格带：按品类", ("订单：品类",))
        orders = ledger.among(orders, "category", [params.category])
    asked = price_bands.edges_asked(params.edges)
    counts = ledger.price_counts(orders, params.of)
    if counts.is_empty():
        raise TooFewRows(f"{params.category}付款的订单行", 0, 1)
    edges = asked or price_bands.edges_of(counts, params.n_bands)
    bought = ledger.price_bands(orders, params.of, edges=edges, by="customer_id")
    if bought["customer_id"].is_null().all():
        raise TooFewRows("有付款订单的客户", 0, 1)
    return _Sold(orders, edges, price_bands.names_of(edges), bought, counts)


def _journeys(sold: _Sold, params: Params) -> pl.DataFrame:
    prices = ledger.first_and_last_prices(sold.orders, params.of)
    return price_moves.journeys(prices, sold.edges, sold.names)


def run(dataset: Dataset, params: Params) -> Result:
    """Cut the prices into bands, and follow the customers from their first band to their last."""
    sold = _sold(dataset, params)
    segments = break_of(dataset, params.by, unit="customer_id")
    n_orders = int(ledger.takings(sold.orders)["n_orders"])
    made = _journeys(sold, params)
    tables = {
        "bands": price_bands.overview(sold.bought, sold.names, n_orders=n_orders),
        "segment_bands": price_bands.by_segment(sold.bought, segments.members, groups=segments.groups, names=sold.names),
        "moves": price_moves.moves(made),
        "paths": price_moves.paths(made, sold.names),
    }  # fmt: skip
    if "category" in dataset.columns("orders") and not params.category:
        tables["ladder"] = _ladder(sold, params)
    n_people = sold.bought["customer_id"].drop_nulls().n_unique()
    told = findings(tables, of=params.of, n_people=n_people)
    return Result(tables, _pictures(tables, params), told, _notes(sold, segments, params))


def _ladder(sold: _Sold, params: Params) -> pl.DataFrame:
    """The categories that brought most, in the same bands."""
    most = ledger.largest(sold.orders, "category", most=MOST_CATEGORIES)
    own = ledger.among(sold.orders, "category", most)
    bought = ledger.price_bands(own, params.of, edges=sold.edges, by="category")
    return price_bands.ladder(bought, sold.names)


def findings(tables: Mapping[str, pl.DataFrame], *, of: str, n_people: int) -> tuple[Finding, ...]:
    """The band that brings most, the segments that stand out, and whether people trade up."""
    bands = tables["bands"].with_row_index("at")
    told = [_largest(bands.sort("sales_amount", "at", descending=[True, False]).row(0, named=True), of, n_people)]  # fmt: skip
    solid = (pl.col("reading") != "") & (pl.col("base") >= settings().small_base)
    unusual = tables["segment_bands"].with_row_index("at").filter(solid)
    unusual = unusual.sort(pl.col("share_difference").abs(), "at", descending=[True, False])
    told += [_segment(row) for row in unusual.head(MOST_TOLD).iter_rows(named=True)]
    told.append(_traded(tables["moves"], n_people))
    return (*told, *_risen(tables["paths"]))


def _largest(row: Mapping[str, Any], of: str, base: int) -> Finding:
    amount, what = ("share_of_pieces", "件数") if of == "piece" else ("share_of_orders", "订单")
    text = (
        f"金额最高的价格带是“{row['band']}”：占金额的 {percent(row['share_of_spend'])}、{what}的 {percent(row[amount])}，"
        f"有 {count(row['n_customers'])} 位客户买过。"
    )
    columns = ("share_of_spend", amount, "n_customers")
    return Finding(text, base, tuple(Cell("bands", row["at"], c) for c in columns))


def _segment(row: Mapping[str, Any]) -> Finding:
    text = (
        f"“{row['segment']}”里 {percent(row['share'])} 的人主要买“{row['band']}”，显著{row['reading']}其余各层的 "
        f"{percent(row['rest_share'])}，相差 {points(abs(row['share_difference']))}。"
    )
    columns = ("share", "rest_share", "share_difference")
    cells = tuple(Cell("segment_bands", row["at"], c) for c in columns)
    return Finding(text, row["base"], cells, _TEST)


def _traded(moves: pl.DataFrame, n_people: int) -> Finding:
    up, _, down = moves.iter_rows(named=True)
    base = up["base"]
    if base < settings().tiny_base:
        text = f"只有 {count(base)} 位客户在两天以上买过，不到 {settings().tiny_base} 人，看不出是买得更贵还是更便宜。"
        return Finding(text, n_people, (Cell("moves", 0, "base"),))
    is_real = up["p_value"] is not None and up["p_value"] <= price_bands.LEVEL
    more = "更贵" if up["n_customers"] > down["n_customers"] else "更便宜"
    verdict = f"往{more}走的显著更多" if is_real else "两个方向的人数没有显著差别"
    caution = "（人数不足，仅作方向性参考）" if base < settings().small_base else ""
    text = (
        f"在两天以上买过的 {count(base)} 位客户里，最近一次比首次到了更贵的价格带的占 {percent(up['share'])}"
        f"（95% 区间 {percent(up['ci_low'])}–{percent(up['ci_high'])}），更便宜的占 {percent(down['share'])}，{verdict}{caution}。"
    )
    told = ("base", "share", "ci_low", "ci_high")
    cells = (*(Cell("moves", 0, c) for c in told), Cell("moves", 2, "share"))
    return Finding(text, base, cells, _SIGN_TEST)


def _risen(paths: pl.DataFrame) -> tuple[Finding, ...]:
    """The way up that most people took."""
    is_up, solid = pl.col("direction") == price_moves.UP, pl.col("base") >= settings().small_base
    rose = paths.with_row_index("at").filter(is_up, solid, pl.col("n_customers") > 0)
    most = rose.sort("n_customers", "at", descending=[True, False]).head(1)
    return tuple(_path(row) for row in most.iter_rows(named=True))


def _path(row: Mapping[str, Any]) -> Finding:
    text = (
        f"走得最多的升级路径是“{row['first_band']}”→“{row['last_band']}”：{count(row['n_customers'])} 人，"
        f"占首次在“{row['first_band']}”的 {count(row['base'])} 人的 {percent(row['share'])}"
        f"（95% 区间 {percent(row['ci_low'])}–{percent(row['ci_high'])}）。"
    )
    columns = ("n_customers", "base", "share", "ci_low", "ci_high")
    return Finding(text, row["base"], tuple(Cell("paths", row["at"], c) for c in columns))


def _pictures(tables: Mapping[str, pl.DataFrame], params: Params) -> dict[str, alt.TopLevelMixin]:
    share = "share_of_pieces" if params.of == "piece" else "share_of_orders"
    drawn: dict[str, alt.TopLevelMixin] = {
        "bands": charts.paired_bars(
            tables["bands"].with_row_index("at"), label="band", values=(share, "share_of_spend"), title=f"各价格带（{_OF[params.of]}）的占比"
        ),
        "segment_bands": charts.heat(_marked(tables["segment_bands"]), row="segment", column="band", value="share", text="words").properties(
            title="各层客户主要买哪个价格带（↑↓ 为显著高于、低于其余各层）"
        ),
    }  # fmt: skip
    if "ladder" in tables:
        drawn["ladder"] = charts.heat(tables["ladder"].with_row_index("at"), row="category", column="band", value="share_of_pieces").properties(
            title="各品类的件数落在哪些价格带（由便宜到贵）"
        )  # fmt: skip
    if tables["paths"].height:
        drawn["paths"] = charts.heat(_based(tables["paths"]), row="first_band", column="last_band", value="share").properties(
            title="首次的价格带（行）到最近的价格带（列）"
        )  # fmt: skip
    return drawn


def _based(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_row_index("at").with_columns(is_small=pl.col("base") < settings().small_base)


def _marked(table: pl.DataFrame) -> pl.DataFrame:
    arrow = pl.col("reading").replace_strict({"高于": " ↑", "低于": " ↓", "": ""})
    written = pl.Series("words", [percent(share, digits=0) for share in table["share"]])
    marked = _based(table).with_columns(written)
    return marked.with_columns(words=pl.concat_str("words", arrow))


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers of every band, of every main band of every segment, of every direction and every path."""
    sold = _sold(dataset, params)
    known = sold.bought.drop_nulls("customer_id")
    bought = known.select("customer_id", price_bands.named(sold.names))
    mainly = price_bands.main_bands(known).select("customer_id", price_bands.named(sold.names))
    found = break_of(dataset, params.by, unit="customer_id").members
    placed = mainly.join(found.select("customer_id", segment="group"), on="customer_id")
    made = _journeys(sold, params).lazy()
    frames = {
        "bands": bought.lazy(), "segment_bands": placed.lazy(), "moves": made.select("customer_id", "direction"),
        "paths": made.select("customer_id", "first_band", "last_band"),
    }  # fmt: skip
    return {name: Members(frame, ("customer_id",), "n_customers") for name, frame in frames.items()}


def _notes(sold: _Sold, segments: Break, params: Params) -> tuple[str, ...]:
    cut = "由使用者划定" if params.edges.strip() else "按卖出的数量等分，再取两位有效数字"
    assumed = int(sold.counts["n_assumed"].sum())
    price = "每行付款金额 ÷ 件数" if params.of == "piece" else "每单付款金额"
    lacking = f"；{count(assumed)} 行没有件数，按一件计" if assumed else ""
    n_known = sold.bought["customer_id"].drop_nulls().n_unique()
    where = f"，只看“{params.category}”" if params.category else ""
    return (
        f"价格：{price}，为退款前金额，金额为 0 的行不计{lacking}{where}；价格带{cut}，含下限，不含上限。",
        "一单里有几个价格带的商品时，每个价格带各算一单，所以件单价的订单占比之和可超过 100%；没有客户编号的订单算在订单、件数和金额里。",
        f"客户基数：能识别的付款客户 {count(n_known)} 人；分层方式：{segments.label}{segments.note}；一位客户可以买过几个价格带，主要买的是花钱最多的一个（相同时取便宜的）。",
        f"高于、低于：{_TEST}。",
        f"升降：在两天以上买过的客户，首个购买日与最近购买日的平均价格各在哪一带；{_SIGN_TEST}只比较升与降的人数。",
        "从最便宜的一带出发只会升，从最贵的一带出发只会降（回归均值），所以单看一带的升降率不说明趋势，要看升与降的总数。",
        f"基数不足 {settings().tiny_base} 人不显示占比、不检验；不足 {settings().small_base} 人的标灰，不写入结论。",
    )


ANALYSIS = Analysis(
    key="price_bands",
    title="价格带",
    question="各层客户买什么价位，谁越买越贵？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=65,
    theme="价值",
)
