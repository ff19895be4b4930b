"""Customers who buy alike: behavioural clusters, how many, how stable, and what sets each apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from insight import ledger
from insight.errors import BadParameter, TooFewRows
from insight.segmentation.cluster_names import proposed_names
from insight.segmentation.clusters_definition import FEATURES, MOST_CLUSTERS, Definition, own_names
from insight.stats import kmeans, partitions
from insight.stats.proportions import Floats

LEAST_CUSTOMERS, LEAST_SHARE, LEAST_CLUSTERS = 30, 0.02, 3
CAP = 3.0  # standard deviations; beyond them a customer is as far as that
JUDGED = 2_000  # customers that silhouette and stability are worked out on
_SAME = 0.999  # correlation from which two features say the same


@dataclass(frozen=True, slots=True)
class Points:
    """The customers of the window as points.

    Attributes
    ----------
    customers : (n_customers) customer_id and every feature the data have; sorted by customer_id
    features : those that part the customers, in the order of ``FEATURES``
    z : (n_customers x n_features) standard scores of ln(1 + x), at most 3 away from the mean
    """

    customers: pl.DataFrame
    features: tuple[str, ...]
    z: Floats


@dataclass(frozen=True, slots=True)
class Clusters:
    """Every customer in its cluster; clusters are numbered from the highest spend a head on.

    Attributes
    ----------
    customers : (n_customers) customer_id, segment, features
    names, proposed : (k) what each is called, and what its profile proposes
    z : (k x n_features) mean standard score
    stability : (k) mean bootstrap Jaccard
    """

    customers: pl.DataFrame
    names: tuple[str, ...]
    proposed: tuple[str, ...]
    z: Floats
    stability: Floats


def points(orders: ledger.Orders, definition: Definition) -> Points:
    """The behaviour of every customer of the window.

    Raises
    ------
    BadParameter : a feature is asked for that the data do not have.
    TooFewRows : fewer than 30 customers, or they all buy alike.
    """
    table = features(windowed(orders, definition))
    if table.height < LEAST_CUSTOMERS:
        raise TooFewRows("有付款订单的客户", table.height, LEAST_CUSTOMERS)
    wanted = [f for f in FEATURES if f in (definition.features or table.columns)]
    if absent := [FEATURES[f] for f in wanted if f not in table.columns]:
        raise BadParameter("按哪些行为分（clusters.features）", f"订单里没有{absent[0]}需要的列")
    z = standard_scores(table.select(wanted).to_numpy())
    kept = telling(z)
    n_different = len(np.unique(z[:, kept].round(9), axis=0)) if kept else 1
    if n_different < LEAST_CLUSTERS:
        raise TooFewRows("买法不同的客户", n_different, LEAST_CLUSTERS)
    return Points(table, tuple(wanted[at] for at in kept), z[:, kept])


def windowed(orders: ledger.Orders, definition: Definition) -> ledger.Orders:
    """The lines of the window that ends with the last day of the ledger."""
    if not definition.window_days:
        return orders
    end = ledger.span(orders)[1] // ledger.DAY * ledger.DAY + ledger.DAY
    return ledger.within(orders, start=end - definition.window_days * ledger.DAY, end=end)


def features(orders: ledger.Orders) -> pl.DataFrame:
    """What each customer's buying is like.

    Returns
    -------
    (n_customers) customer_id, days_since_last [days before the last order of all], n_orders, spend
        [CNY, net], average_order_value [CNY], and n_categories [bought] where orders have categories
    """
    customers = ledger.customer_table(orders)
    last = pl.col("last_at") // ledger.DAY
    table = customers.select(
        "customer_id",
        "n_orders",
        "spend",
        days_since_last=last.max() - last,
        average_order_value=(pl.col("spend") / pl.col("n_orders")).round(4),
    )
    if "category" not in ledger.columns(orders):
        return table
    bought = ledger.spend_by(orders, "category").filter(pl.col("n_orders") > 0)
    counted = bought.group_by("customer_id").agg(n_categories=pl.len().cast(pl.Int64))
    joined = table.join(counted, on="customer_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("n_categories").fill_null(0))


def standard_scores(values: Floats) -> Floats:
    """z of sign(x) ln(1 + |x|), cut at 3 from the mean; a column without spread is 0."""
    scaled = np.sign(values) * np.log1p(np.abs(values))
    spread = scaled.std(axis=0)
    away = scaled - scaled.mean(axis=0)
    z = np.divide(away, spread, out=np.zeros_like(away), where=spread > 1e-9)
    return np.asarray(np.clip(z, -CAP, CAP))


def telling(z: Floats) -> list[int]:
    """The columns that part the rows and are no copy of one before."""
    kept: list[int] = []
    for at in range(z.shape[1]):
        spread = z[:, at].std() > 0
        if spread and all(abs(np.corrcoef(z[:, at], z[:, k])[0, 1]) < _SAME for k in kept):
            kept.append(at)
    return kept


def candidates(found: Points, *, seed: int) -> pl.DataFrame:
    """Every number of clusters that can be tried, judged.

    Returns
    -------
    (n_candidates) k, silhouette [-1 to 1], stability [mean of its clusters], least_stability [of the
        least stable cluster], smallest_share [of customers], is_stable: no cluster below 2 % of the
        customers, mean stability from .75, every cluster from .6
    """
    z = found.z[kmeans.sampled(len(found.z), kmeans.SAMPLE, seed=seed)]
    most = min(MOST_CLUSTERS, len(np.unique(z.round(9), axis=0)) - 1)
    at = kmeans.sampled(len(z), JUDGED, seed=seed)
    apart = partitions.distances(z[at])
    rows = []
    for k in range(2, most + 1):
        labels = kmeans.fit(z, k, seed=seed).labels
        again = np.nan_to_num(partitions.stability(z[at], labels[at], seed=seed))
        smallest = np.bincount(labels, minlength=k).min() / len(labels)
        width = partitions.silhouette(apart, labels[at])
        rows.append((k, width, float(again.mean()), float(again.min()), float(smallest)))
    judged = pl.DataFrame(rows, schema=_CANDIDATES, orient="row")
    return judged.with_columns(is_stable=_is_stable())


_CANDIDATES = {
    "k": pl.Int64, "silhouette": pl.Float64, "stability": pl.Float64, "least_stability": pl.Float64,
    "smallest_share": pl.Float64,
}  # fmt: skip


def _is_stable() -> pl.Expr:
    is_large = pl.col("smallest_share") >= LEAST_SHARE
    is_trusted = pl.col("least_stability") >= partitions.REPORTED
    return is_large & is_trusted & (pl.col("stability") >= partitions.STABLE)


def best(judged: pl.DataFrame) -> int:
    """The number of clusters to take: of the stable ones from 3 on the one with the highest silhouette.

    Two clusters only part large from small buyers, so they are taken only where nothing more is stable;
    where nothing is, the most stable number without a cluster below 2 %, else 2.
    """
    stable = judged.filter("is_stable")
    more = stable.filter(pl.col("k") >= LEAST_CLUSTERS)
    for part, by in ((more, "silhouette"), (stable, "silhouette"), (_large(judged), "stability")):
        if not part.is_empty():
            return int(part.sort([by, "k"], descending=[True, False])["k"][0])
    return 2


def _large(judged: pl.DataFrame) -> pl.DataFrame:
    return judged.filter(pl.col("smallest_share") >= LEAST_SHARE)


def divided(found: Points, k: int, definition: Definition) -> Clusters:
    """Put every customer into one of k clusters and name them.

    Raises
    ------
    BadParameter : fewer than k kinds of customers exist, or the user's names cannot be used.
    """
    if not 2 <= k <= len(np.unique(found.z.round(9), axis=0)):
        raise BadParameter(
            "分成几群（clusters.n_clusters）", "应为 0（由数据决定），或 2 到买法不同的客户数"
        )
    seed = definition.seed
    labels = _by_spend(kmeans.fit(found.z, k, seed=seed).labels, found.customers["spend"], k)
    at = kmeans.sampled(len(labels), JUDGED, seed=seed)
    stable = np.nan_to_num(partitions.stability(found.z[at], labels[at], seed=seed))
    z = np.array([found.z[labels == one].mean(axis=0) for one in range(k)])
    proposed = proposed_names([dict(zip(found.features, row, strict=True)) for row in z.tolist()])
    own = own_names(definition.names)
    names = tuple(own.get(name, name) for name in proposed)
    if len(set(names)) < k:
        raise BadParameter("改名（clusters.names）", "两个分群不能叫同一个名称")
    segment = pl.Series("segment", [names[label] for label in labels.tolist()], dtype=pl.String)
    told = [f for f in FEATURES if f in found.customers.columns]
    customers = found.customers.select("customer_id", segment, *told)
    return Clusters(customers, names, proposed, z, stable)


def _by_spend(labels: kmeans.Labels, spend: pl.Series, k: int) -> kmeans.Labels:
    """The labels renumbered from the highest mean spend on."""
    sums = np.bincount(labels, weights=spend.to_numpy(), minlength=k)
    sizes = np.bincount(labels, minlength=k)
    means = np.divide(sums, sizes, out=np.full(k, -np.inf), where=sizes > 0)
    rank = np.empty(k, dtype=np.int64)
    rank[np.argsort(-means, kind="stable")] = np.arange(k)
    return rank[labels]


def clustered(orders: ledger.Orders, definition: Definition) -> Clusters:
    """The clusters that the definition means."""
    found = points(orders, definition)
    k = definition.n_clusters or best(candidates(found, seed=definition.seed))
    return divided(found, k, definition)
