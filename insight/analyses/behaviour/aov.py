"""Why the average order value changed: prices, pieces per order, the mix of categories, refunds."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger, periods
from insight.analysis import Analysis, Cell, Finding, Result
from insight.currency import used
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.narrowing import among_customers
from insight.periods import Months, two_spans
from insight.settings import settings
from insight.stats.divisia import effects
from insight.wording import count, money, percent

By = Literal["category", "product", "channel", "region"]
_BY: Mapping[str, str] = MappingProxyType({"category": "品类", "product": "商品", "channel": "渠道", "region": "地区"})  # fmt: skip
_AGAINST: Mapping[str, str] = MappingProxyType({"year": "上年同期", "previous": "紧接的前一段"})
MOST_GROUPS = 500
PRICE, PIECES, MIX, REFUNDS = "件单价", "每单件数", "构成", "退款"


class Params(BaseModel):
    """Which two periods, and what the mix is made of."""

    month: str = Field(default="", title="截止月份", description="如 2025-11；留空表示最近一个完整的月", pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")  # fmt: skip
    n_months: int = Field(default=1, ge=1, le=12, title="每段几个月")
    against: periods.Against = Field(default="year", title="与什么比", json_schema_extra={"labels": {**_AGAINST}})  # fmt: skip
    by: By = Field(default="category", title="按什么看构成", json_schema_extra={"labels": {**_BY}})


def sides(orders: ledger.Orders, spans: tuple[Months, Months]) -> pl.DataFrame:
    """Both periods in figures.

    Returns
    -------
    (2) period, n_orders, n_pieces, sales_amount [CNY, before refunds], amount [CNY, net],
        average_order_value [net], pieces_per_order, amount_per_piece, order_refund_amount [CNY
        refunded per order]; the earlier first

    Raises
    ------
    TooFewRows : a period without a paid order.
    """
    rows = []
    for span in spans:
        part = span.of(orders)
        sums, sold = ledger.takings(part), ledger.pieces(part)
        n, pieces = sums["n_orders"], float(sold["n_pieces"].sum())
        if not n:
            raise TooFewRows(f"{span.in_words} 的付款订单", 0, 1)
        rows.append({
            "period": span.in_words, "n_orders": n, "n_pieces": pieces, "sales_amount": sums["sales"], "amount": sums["amount"],
            "average_order_value": sums["amount"] / n, "pieces_per_order": pieces / n, "amount_per_piece": sums["sales"] / pieces,
            "order_refund_amount": sums["refunded"] / n,
        })  # fmt: skip
    return pl.DataFrame(rows)


def split(groups: pl.DataFrame, both: pl.DataFrame) -> pl.DataFrame:
    """What price, pieces per order and mix of each group add to what is paid per order.

    Parameters
    ----------
    groups : (n_groups) group, n_pieces_0, n_pieces_1, sales_0, sales_1; 0 where absent
    both : as ``sides`` gives it

    Returns
    -------
    (n_groups) subject, before_share, after_share [of all pieces], before_piece_amount,
        after_piece_amount [CNY per piece; null where absent], price_amount, pieces_amount, mix_amount,
        part_amount [CNY per order: their sum]; largest movement first
    """
    factors = []
    for side in (0, 1):
        pieces, sales = (groups[f"{name}_{side}"].to_numpy() for name in ("n_pieces", "sales"))
        share = pieces / pieces.sum()
        price = np.divide(sales, pieces, out=np.zeros_like(sales), where=pieces > 0)
        factors.append(np.column_stack([price, np.full(pieces.size, both["pieces_per_order"][side]), share]))  # fmt: skip
    before, after = factors
    parts = effects(before, after, carrier=2)
    table = groups.select(subject="group").with_columns(
        pl.Series("before_share", before[:, 2]), pl.Series("after_share", after[:, 2]),
        pl.Series("before_piece_amount", before[:, 0]), pl.Series("after_piece_amount", after[:, 0]),
        pl.Series("price_amount", parts[:, 0]), pl.Series("pieces_amount", parts[:, 1]), pl.Series("mix_amount", parts[:, 2]),
        pl.Series("part_amount", parts.sum(axis=1)),
    )  # fmt: skip
    absent = [pl.when(pl.col(f"{s}_share") > 0).then(pl.col(f"{s}_piece_amount")).alias(f"{s}_piece_amount") for s in ("before", "after")]  # fmt: skip
    return table.with_columns(absent).sort(pl.col("part_amount").abs(), "subject", descending=[True, False])  # fmt: skip


def parts(groups: pl.DataFrame, both: pl.DataFrame, *, has_mix: bool) -> pl.DataFrame:
    """The change of the average order value in its parts, which add up to it.

    Returns
    -------
    (3-4) part, part_amount [CNY per order], share_of_earlier [of the earlier average order value; null
        where that is not above 0]
    """
    earlier = both["average_order_value"][0]
    refunds = float(
        both["order_refund_amount"][0] - both["order_refund_amount"][1]
    )  # -0.0 is written with a sign
    sums = {PRICE: groups["price_amount"].sum(), PIECES: groups["pieces_amount"].sum(), MIX: groups["mix_amount"].sum(), REFUNDS: refunds}  # fmt: skip
    kept = {name: float(value) for name, value in sums.items() if has_mix or name != MIX}
    share = [value / earlier if earlier > 0 else None for value in kept.values()]
    return pl.DataFrame({"part": list(kept), "part_amount": list(kept.values()), "share_of_earlier": share}, schema_overrides={"share_of_earlier": pl.Float64})  # fmt: skip


def _grouped(orders: ledger.Orders, spans: tuple[Months, Months], by: str) -> pl.DataFrame:
    named = ledger.largest(orders, by, most=MOST_GROUPS) if by else ()
    before, after = (ledger.pieces(s.of(orders), by=by, named=named) for s in spans)
    kept = ("group", "n_pieces", "sales")
    both = before.select(kept).join(after.select(kept), on="group", how="full", coalesce=True, suffix="_1")  # fmt: skip
    renamed = both.rename({"n_pieces": "n_pieces_0", "sales": "sales_0"}).fill_null(0.0)
    return renamed.sort("group")


def run(dataset: Dataset, params: Params) -> Result:
    """Compare two periods, and split the change of the average order value."""
    orders = dataset.orders
    assert orders is not None
    earlier, later, against = two_spans(
        periods.observed(orders),
        month=params.month,
        n_months=params.n_months,
        against=params.against,
    )
    spans = (earlier, later)
    both = sides(orders, spans)
    by = params.by if params.by in dataset.columns("orders") else ""
    groups = split(_grouped(orders, spans, by), both)
    table = parts(groups, both, has_mix=bool(by))
    tables = {"parts": table, "periods": both} | ({"groups": groups.head(100)} if by else {})
    assumed = int(ledger.pieces(later.of(orders))["n_assumed"].sum())
    told = findings(tables, by)
    picture = {"parts": _picture(table, both)}
    return Result(tables, picture, told, _notes(params, against, by, assumed))


def _picture(table: pl.DataFrame, both: pl.DataFrame) -> alt.LayerChart:
    """The parts, and what they come to."""
    total = pl.DataFrame({"part": ["合计"], "part_amount": [float(table["part_amount"].sum())]})
    drawn = pl.concat([table.select("part", "part_amount"), total])
    title = f"客单价的变化由哪些部分组成（{both['period'][1]} 比 {both['period'][0]}，{used().name}/单）"
    return charts.changes(drawn, label="part", value="part_amount", title=title)


def findings(tables: Mapping[str, pl.DataFrame], by: str) -> tuple[Finding, ...]:
    """The change and its parts, then the group that moved it most."""
    both, table = tables["periods"], tables["parts"]
    base = min(both["n_orders"].to_list())
    start, end = both["average_order_value"]
    largest = table.with_row_index("at").sort(pl.col("part_amount").abs(), "at", descending=[True, False])  # fmt: skip
    said = "、".join(f"{r['part']} {_signed(r['part_amount'])}" for r in largest.iter_rows(named=True))  # fmt: skip
    few = f"（有一段不足 {settings().small_base} 单，仅作方向性参考）" if base < settings().small_base else ""  # fmt: skip
    text = f"客单价从 {both['period'][0]} 的 {money(start)} 变为 {both['period'][1]} 的 {money(end)}：{said}，合计等于变化{few}。"
    cells = [Cell("periods", i, "average_order_value") for i in (0, 1)]
    cells += [Cell("parts", i, "part_amount") for i in range(table.height)]
    told = [Finding(text, base, tuple(cells))]
    if "groups" in tables and tables["groups"]["part_amount"][0]:
        told.append(_group(tables["groups"].row(0, named=True), by, base))
    return tuple(told)


def _group(row: Mapping[str, object], by: str, base: int) -> Finding:
    before, after, part = (float(str(row[c])) for c in ("before_share", "after_share", "part_amount"))  # fmt: skip
    text = (
        f"变动最大的{_BY[by]}是“{row['subject']}”：每单 {_signed(part)}，"
        f"件数占比从 {percent(before)} 变为 {percent(after)}。"
    )
    cells = tuple(Cell("groups", 0, c) for c in ("part_amount", "before_share", "after_share"))
    return Finding(text, base, cells)


def _signed(amount: float) -> str:
    sign = "" if not round(amount, 2) else "+" if amount > 0 else "-"
    return f"{sign}{money(abs(amount))}"


def _notes(params: Params, against: str, by: str, assumed: int) -> tuple[str, ...]:
    moved = () if against == params.against else ("没有完整的上年同期，因此与紧接的前一段比。",)
    mix = (f"构成：各{_BY[by]}占总件数的比例；构成变化指买的{_BY[by]}换了，价格变化指同一{_BY[by]}的件单价变了（含{_BY[by]}内部的升降级）。",) if by else (f"订单里没有{_BY[params.by]}，因此不分构成。",)  # fmt: skip
    guess = (f"后一段有 {count(assumed)} 行没有数量，按 1 件算。",) if assumed else ()
    return (
        f"比较：与{_AGAINST[against]}比，都只取完整的月。",
        "客单价 = 净额 ÷ 付款订单数 = 每单件数 × Σ(构成 × 件单价) − 每单退款；退款含之前订单在本期的退款。",
        "分解：对数平均迪氏指数（LMDI-I，Ang 2005），各部分之和正好等于变化；只在一段里出现的品类，其变化全部计入构成（Ang 与 Liu 2007 的解析极限）。",
        *mix,
        *moved,
        *guess,
        "分解说明变化由哪些部分组成，不说明是什么引起的。",
    )


ANALYSIS = among_customers(
    Analysis(
        key="aov",
        title="客单价变化",
        question="客单价为什么变了？",
        needs={"orders": ("order_id", "ordered_at", "amount")},
        params=Params,
        run=run,
        place=16,
        theme="趋势",
    )
)
