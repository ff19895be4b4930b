"""Whom to win back first: customers who are slipping away, by the money that goes with them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from pydantic import Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.lifetime.definition import VARIANT_LABELS, Definition
from insight.lifetime.prediction import alive_before
from insight.lifetime.valuing import Valued, valued
from insight.lifetime.words import basis
from insight.members import Members
from insight.parameters import Seed, picked
from insight.stats.bgnbd import Variant
from insight.wording import count, money, percent

ARMS = TOUCHED, HELD_OUT = ("触达", "对照")
CUTS = (5, 10, 20, 30, 50, 75)  # percent of the list
TOLD = 20
_COLUMNS = (
    "customer_id", "arm", "lost_amount", "p_alive_before", "p_alive", "p_alive_drop", "clv_if_active", "days_since_last", "x", "spend",
)  # fmt: skip


class Params(Definition):
    """Who counts as slipping away, and how many are left alone for comparison."""

    model: Variant = picked(
        "mbg",
        VARIANT_LABELS,
        title="购买模型",
        description="BG/NBD 无法判断只买过一次的客户，他们不会出现在名单里",
    )
    days: int = Field(
        default=90,
        ge=0,
        le=1095,
        title="与多少天前相比",
        description="0 表示与刚买完时相比，包括早已离开的客户",
    )
    least_drop: int = Field(
        default=10, ge=0, le=100, title="概率至少下降（百分点）", description="仍会购买的概率下降不到这个数的客户不列出"
    )  # fmt: skip
    hold_out: int = Field(
        default=10,
        ge=0,
        le=50,
        title="对照组（%）",
        description="随机留下不触达的客户，用来衡量挽回的效果；0 表示不留",
    )
    seed: Seed = 0


def slipping(known: Valued, params: Params) -> pl.DataFrame:
    """The customers whose chance of buying again has fallen, and what goes with it.

    Returns
    -------
    (n) customer_id, arm ["触达" | "对照"], lost_amount [CNY: the drop x clv_if_active], p_alive_before,
        p_alive, p_alive_drop, clv_if_active [CNY], days_since_last, x, spend [CNY so far]; most lost first
    """
    buying = known.models.buying
    ago = params.days / params.unit if params.days else float("inf")
    before = alive_before(known.customers, buying, ago=ago).alias("p_alive_before")
    dropped = pl.col("p_alive_before") - pl.col("p_alive")
    table = (
        known.customers.with_columns(before)
        .drop_nulls("p_alive")
        .with_columns(p_alive_drop=dropped)
        .with_columns(
            lost_amount=(pl.col("p_alive_drop") * pl.col("clv_if_active")).round(4),
            days_since_last=known.until - pl.col("last_day"),
        )
        .filter(pl.col("p_alive_drop") >= params.least_drop / 100, pl.col("lost_amount") > 0)
        .sort(["lost_amount", "customer_id"], descending=[True, False])
    )
    return table.with_columns(arm=arms(table.height, share=params.hold_out, seed=params.seed)).select(_COLUMNS)  # fmt: skip


def arms(n: int, *, share: int, seed: int) -> pl.Series:
    """The arm of each of ``n`` ranked customers: one at random of every 100 / ``share`` in a row.

    Both arms so hold customers of every size.

    Parameters
    ----------
    share : customers to leave alone [percent]
    """
    place = np.arange(n)
    if not share:
        return pl.Series("arm", [TOUCHED] * n, dtype=pl.String)
    block = place * share // 100  # every block has 100 / share customers, give or take one
    draw = np.random.default_rng(seed).random(n)
    order = np.lexsort((draw, block))
    first = np.unique(block[order], return_index=True)[1]
    held = np.zeros(n, dtype=bool)
    whole = np.bincount(block) >= 100 // share if n else np.zeros(0, dtype=bool)
    held[order[first[whole]]] = True
    return pl.Series("arm", np.where(held, HELD_OUT, TOUCHED), dtype=pl.String)


def summary(table: pl.DataFrame) -> pl.DataFrame:
    """(2) arm, n_customers, lost_amount, spend [CNY]; zeros where nobody is."""
    summed = table.group_by("arm").agg(
        n_customers=pl.len().cast(pl.Int64),
        lost_amount=pl.col("lost_amount").sum().round(4),
        spend=pl.col("spend").sum().round(4),
    )
    both = pl.DataFrame({"arm": ARMS}).join(summed, on="arm", how="left", maintain_order="left")
    return both.with_columns(pl.col("n_customers").fill_null(0), pl.col("lost_amount", "spend").fill_null(0.0))  # fmt: skip


def reached(table: pl.DataFrame) -> pl.DataFrame:
    """How much of what is lost the first of the list hold.

    Returns
    -------
    (n_cuts) cut ["前 5%"...], n_customers [rounded down], lost_amount [CNY], share_of_lost [null where
        nobody is on the list]
    """
    total = float(table["lost_amount"].sum())
    rows = []
    for cut in CUTS:
        first = table.head(table.height * cut // 100)
        lost = round(float(first["lost_amount"].sum()), 4)
        rows.append((f"前 {cut}%", first.height, lost, lost / total if total else None))
    schema = {"cut": pl.String, "n_customers": pl.Int64, "lost_amount": pl.Float64, "share_of_lost": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def findings(known: Valued, tables: Mapping[str, pl.DataFrame], params: Params) -> tuple[Finding, ...]:  # fmt: skip
    """How many slip away with how much money, and how much of it the first of the list hold."""
    base = known.customers.height
    table, sides, reach = tables["customers"], tables["arms"], tables["reach"]
    since = f"近 {params.days} 天" if params.days else "从最近一次购买到现在"
    if table.is_empty():
        text = f"{since}，没有客户仍会购买的概率下降 {params.least_drop} 个百分点以上（{count(base)} 位客户中 {count(0)} 位）。"
        return (Finding(text, base, (Cell("arms", 0, "n_customers"),)),)
    touched = sides.row(0, named=True)
    text = (
        f"{since}，仍会购买的概率下降 {params.least_drop} 个百分点以上的客户里，建议触达 {count(touched['n_customers'])} 位，"
        f"{params.horizon}预计损失 {money(touched['lost_amount'])}；另留 {count(sides['n_customers'][1])} 位作对照（共 {count(base)} 位客户）。"
    )
    cells = (Cell("arms", 0, "n_customers"), Cell("arms", 0, "lost_amount"), Cell("arms", 1, "n_customers"))  # fmt: skip
    found = [Finding(text, base, cells)]
    row = CUTS.index(TOLD)
    top = reach.row(row, named=True)
    if top["n_customers"]:
        found.append(
            Finding(
                f"名单的{top['cut']}（{count(top['n_customers'])} 位）占预计损失的 {percent(top['share_of_lost'])}，共 {money(top['lost_amount'])}，人手有限时先联系他们。",
                table.height,
                tuple(
                    Cell("reach", row, c) for c in ("n_customers", "share_of_lost", "lost_amount")
                ),
            )
        )
    return tuple(found)


def run(dataset: Dataset, params: Params) -> Result:
    """List the customers who slip away, most money first, with a group to leave alone."""
    assert dataset.orders is not None
    known = valued(dataset.orders, params)
    table = slipping(known, params)
    tables = {"arms": summary(table), "reach": reached(table), "customers": table}
    pictures = {}
    if tables["reach"]["n_customers"][0]:  # else the first cuts are of nobody
        pictures["reach"] = charts.bars(
            tables["reach"].with_row_index("at"),
            label="cut",
            value="share_of_lost",
            order=tables["reach"]["cut"].to_list(),
            title="联系名单的前多少人，能覆盖多少预计损失",
        )
    return Result(tables, pictures, findings(known, tables, params), _notes(known, params))


def members(_dataset: Dataset, _params: Params, result: Result) -> Mapping[str, Members]:
    """The customers of the list, all together and by arm."""
    customers, unit = result.tables["customers"].lazy(), ("customer_id",)
    return {
        "arms": Members(customers.select("arm", "customer_id"), unit, "n_customers"),
        "customers": Members(customers.select("customer_id"), unit),
    }


def _notes(known: Valued, params: Params) -> tuple[str, ...]:
    then = f"{params.days} 天前（其后买过的客户取刚买完时）" if params.days else "刚买完时"
    trusted = () if known.check.is_better else ("模型没有通过检验（见“未来价值”），概率只作方向性参考。",)  # fmt: skip
    return (
        f"仍会购买的概率由 {VARIANT_LABELS[params.model]} 估计，下降为与{then}的差；只列下降不少于 {params.least_drop} 个百分点的客户。",
        f"预计损失 = 概率下降 × 若仍购买的未来价值（{params.horizon}，{basis(known, params)}）。",
        *trusted,
        f"对照组：按预计损失排序后，每相邻一段里随机留一人，约 {params.hold_out}%，随机种子 {params.seed}；对照组不触达，挽回效果为两组复购率之差。",
        f"基数：有购买且能识别的客户 {count(known.customers.height)} 人。",
    )  # fmt: skip


ANALYSIS = Analysis(
    key="win_back",
    title="挽回名单",
    question="哪些客户正在流失，先挽回谁？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=60,
    theme="价值",
)
