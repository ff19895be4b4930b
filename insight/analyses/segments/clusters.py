"""Which kinds of buyers there are: clusters of behaviour, how sure they are, and what sets each apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.members import Members
from insight.segmentation.clusters import (
    LEAST_SHARE,
    Clusters,
    Points,
    best,
    candidates,
    divided,
    points,
    windowed,
)
from insight.segmentation.clusters_definition import FEATURES, Definition
from insight.segmentation.profile import profile
from insight.settings import settings
from insight.stats.partitions import DRAWS, REPORTED, STABLE
from insight.units import in_words
from insight.wording import count, decimal, money, percent


def profiles(made: Clusters, orders: ledger.Orders) -> pl.DataFrame:
    """Describe the buying of each cluster.

    Returns
    -------
    (k) the columns of ``segmentation.profile.profile``, highest spend first; stability [mean bootstrap
        Jaccard], is_stable [from .75], proposed [name, before the user's]
    """
    members = made.customers.select("customer_id", group="segment")
    table = profile(ledger.customer_table(orders), members, last_at=ledger.span(orders)[1])
    sure = pl.DataFrame(
        {"segment": made.names, "stability": made.stability, "proposed": made.proposed}
    )
    joined = table.join(sure, on="segment", how="left", maintain_order="left")
    return joined.with_columns(is_stable=pl.col("stability") >= STABLE)


def traits(made: Clusters, features: tuple[str, ...]) -> pl.DataFrame:
    """How far each cluster is from everybody, feature by feature.

    Returns
    -------
    (n_features x k) feature [in Chinese], segment, z [mean standard score], typical [median, written]
    """
    rows = []
    for at, feature in enumerate(features):
        for one, name in enumerate(made.names):
            median = made.customers.filter(segment=name)[feature].median()
            typical = (
                f"{in_words(median, column=feature)}{' 天' if feature == 'days_since_last' else ''}"
            )
            rows.append((FEATURES[feature], name, float(made.z[one, at]), typical))
    return pl.DataFrame(rows, schema=["feature", "segment", "z", "typical"], orient="row")


def findings(table: pl.DataFrame, judged: pl.DataFrame) -> tuple[Finding, ...]:
    """Into how many clusters, how sure that is, and what each that can be trusted is worth."""
    base = int(table["n_customers"].sum())
    row = judged.with_row_index("at").filter("is_chosen").row(0, named=True)
    sure = "" if row["is_stable"] else "；这样的分法不够稳定，只作探索"
    lead = Finding(
        f"按购买行为，客户分成 {row['k']} 群：轮廓系数 {decimal(row['silhouette'], digits=2)}，"
        f"换一批客户重分的平均相似度 {decimal(row['stability'], digits=2)}{sure}。",
        base,
        tuple(Cell("candidates", row["at"], c) for c in ("k", "silhouette", "stability")),
    )
    trusted = table.with_row_index("at").filter(pl.col("stability") >= REPORTED)
    return (lead, *(_worth(cluster, base) for cluster in trusted.iter_rows(named=True)))


def _worth(cluster: Mapping[str, Any], base: int) -> Finding:
    n = cluster["n_customers"]
    caution = "（人数不足，仅作方向性参考）" if n < settings().small_base else ""
    text = (
        f"“{cluster['segment']}”{count(n)} 人，占客户的 {percent(cluster['share_of_customers'])}，"
        f"贡献 {money(cluster['spend'])}，占消费金额的 {percent(cluster['share_of_spend'])}；"
        f"客单价 {money(cluster['average_order_value'])}，人均 {decimal(cluster['orders_per_customer'], digits=2)} 单{caution}。"
    )
    return Finding(text, base, tuple(Cell("profiles", cluster["at"], c) for c in _TOLD))


_TOLD = (
    "n_customers", "share_of_customers", "spend", "share_of_spend", "average_order_value", "orders_per_customer",
)  # fmt: skip


def run(dataset: Dataset, params: Definition) -> Result:
    """Cluster the customers of the window."""
    assert dataset.orders is not None
    found = points(dataset.orders, params)
    judged = candidates(found, seed=params.seed)
    k = params.n_clusters or best(judged)
    made = divided(found, k, params)
    judged = judged.with_columns(is_chosen=pl.col("k") == k)
    table = profiles(made, windowed(dataset.orders, params))
    tables = {
        "profiles": table, "traits": traits(made, found.features), "candidates": judged,
        "customers": made.customers,
    }  # fmt: skip
    return Result(tables, _pictures(tables), findings(table, judged), _notes(found, judged, params))


def _pictures(tables: Mapping[str, pl.DataFrame]) -> dict[str, alt.TopLevelMixin]:
    shares = ("share_of_customers", "share_of_spend")
    judged = tables["candidates"]
    tried = judged.select(
        "silhouette", "stability", is_small=~pl.col("is_stable"), k=pl.format("{} 群", "k")
    )
    return {
        "profiles": charts.paired_bars(
            tables["profiles"].with_row_index("at"), label="segment", values=shares, title="各群的人数与金额占比"
        ),
        "traits": charts.heat(
            tables["traits"], row="feature", column="segment", value="z", text="typical", centre=0.0
        ).properties(title="各群的特征：数字为中位数，蓝色高于全体，橙色低于全体"),
        "candidates": charts.bars(
            tried, label="k", value="silhouette", order=tried["k"].to_list(),
            title="分成几群的轮廓系数（灰色：不稳定，或有不足 2% 的群）",
        ),
    }  # fmt: skip


def members(_dataset: Dataset, _params: Definition, result: Result) -> Mapping[str, Members]:
    """The customers of every cluster, and every customer."""
    customers = result.tables["customers"].lazy()
    unit = ("customer_id",)
    return {
        "profiles": Members(customers.select("segment", "customer_id"), unit, "n_customers"),
        "customers": Members(customers.select("customer_id"), unit),
    }


def _notes(found: Points, judged: pl.DataFrame, params: Definition) -> tuple[str, ...]:
    used = "、".join(FEATURES[f] for f in found.features)
    left = "、".join(
        FEATURES[f] for f in FEATURES if f in found.customers.columns and f not in found.features
    )
    unused = f"；没有使用{left}（未选，或不能区分客户）" if left else ""
    k = judged.filter("is_chosen")["k"].item()
    how = (
        "由使用者指定"
        if params.n_clusters
        else "取 3 群以上稳定的分法里轮廓系数最高的；没有时才看 2 群"
    )
    return (
        f"基数：{params.period}里有付款订单且能识别的客户 {count(found.customers.height)} 人；金额为实付减退款。",
        f"特征：{used}{unused}；取对数后标准化，超过 ±3 个标准差的按 3 个计。",
        f"方法：k 均值聚类（k-means++，10 次起点，随机种子 {params.seed}），群数 {k}，{how}。",
        f"稳定：{DRAWS} 次自助抽样重新分群，与原来各群的平均 Jaccard 相似度不低于 {STABLE:g}、每群不低于 {REPORTED:g}，"
        f"且最小的一群不少于客户的 {percent(LEAST_SHARE, digits=0)}（Hennig 2007）；低于 {REPORTED:g} 的群不写入结论。",
        "名称取与全体差距最大的两项特征，可以在“调整”里改；各页的“行为分群”分组都用这里记录的设定。",
        f"不足 {settings().small_base} 人的群只作方向性参考。",
    )


ANALYSIS = Analysis(
    key="clusters",
    title="行为分群",
    question="按购买行为，客户自然分成哪几类人？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Definition,
    run=run,
    members=members,
    place=30,
    theme="分层",
)
