"""Behavioural clusters: k-means as good as scikit-learn's, stability that can fail, names, and a break for all."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from conftest import orders_of
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from insight import pipeline
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows
from insight.schema import Definitions
from insight.segmentation import clusters
from insight.segmentation.breaks import available, break_of
from insight.segmentation.cluster_names import proposed_names
from insight.segmentation.clusters_definition import Definition, own_names
from insight.stats import kmeans, partitions

DAY = 86_400


def _points(n: int, centres: list[tuple[float, float]], *, spread: float, seed: int = 0):
    rng = np.random.default_rng(seed)
    at = np.arange(n) % len(centres)
    return np.array(centres)[at] + rng.normal(scale=spread, size=(n, 2)), at


def test_a_sample_and_one_full_run_are_as_good_as_ten_full_runs():
    points, _ = _points(30_000, [(0, 0), (2, 1), (0, 3), (4, 4)], spread=0.9)
    full = KMeans(4, n_init=10, random_state=0).fit(points)
    assert kmeans.fit(points, 4, seed=0).inertia == pytest.approx(full.inertia_, rel=1e-3)


def test_jaccard_similarity_counts_the_shared_points():
    # group 0 = {0,1,2,3}, best match {0,1,2}: 3/4; group 1 = {4,5}, best match {3,4,5}: 2/3
    found = partitions.most_similar(np.array([0, 0, 0, 0, 1, 1]), np.array([1, 1, 1, 0, 0, 0]), k=2)
    assert found.tolist() == [3 / 4, 2 / 3]


def test_real_groups_are_stable_and_an_arbitrary_cut_is_not():
    points, at = _points(300, [(0, 0), (9, 0), (0, 9)], spread=0.5)
    assert partitions.stability(points, at, seed=0).min() > 0.99
    cloud = np.random.default_rng(1).normal(size=(300, 2))
    labels = KMeans(7, n_init=5, random_state=0).fit(cloud).labels_.astype(np.int64)
    assert partitions.stability(cloud, labels, seed=0).mean() < partitions.STABLE


def test_the_silhouette_is_that_of_the_points():
    points, at = _points(90, [(0, 0), (3, 0)], spread=1.0)
    found = partitions.silhouette(partitions.distances(points), at)
    assert found == pytest.approx(silhouette_score(points, at))
    assert partitions.silhouette(partitions.distances(points), at * 0) == -1


def _buyers(n: int) -> list[dict[str, object]]:
    """Three kinds: one cheap order long ago, many cheap ones until now, few dear ones of two categories."""
    lines = []
    for i in range(n):
        kind, who = i % 3, f"c{i:04}"
        times = {0: [i % 40], 1: [200 + 9 * k + i % 8 for k in range(14)], 2: [150, 240 + i % 30]}[kind]  # fmt: skip
        for k, day in enumerate(times):
            amount = {0: 40, 1: 50, 2: 3_000}[kind] * (1 + (i % 7) / 10)
            category = "甲" if kind == 0 or (kind == 2 and k == 0) else "乙"
            lines.append({"customer_id": who, "order_id": f"{who}-{k}", "ordered_at": day * DAY, "amount": amount, "category": category})  # fmt: skip
    return lines


@pytest.fixture(scope="module")
def three_kinds() -> Dataset:
    return Dataset(orders=orders_of(_buyers(240)))


def test_three_kinds_of_buyers_are_three_clusters(three_kinds):
    result = answer(find("clusters"), three_kinds)
    people = result.tables["customers"].with_columns(
        kind=pl.col("customer_id").str.slice(1).cast(int) % 3
    )
    assert people.group_by("segment", "kind").len()["len"].to_list() == [80, 80, 80]
    chosen = result.tables["candidates"].filter("is_chosen")
    assert chosen["k"].item() == 3
    assert chosen["stability"].item() == pytest.approx(1, abs=0.01)
    spend = result.tables["profiles"]["spend_per_customer"].to_list()
    assert spend == sorted(spend, reverse=True)
    first = result.tables["profiles"].row(0, named=True)
    assert (first["n_customers"], first["orders_per_customer"]) == (80, 2)
    assert "大单" in first["segment"]


def test_features_are_those_of_the_orders(three_kinds):
    table = clusters.features(three_kinds.orders)
    assert table.filter(customer_id="c0002").row(0, named=True) == {
        "customer_id": "c0002", "n_orders": 2, "spend": 7_200.0, "days_since_last": 82, "average_order_value": 3_600.0,
        "n_categories": 2,
    }  # fmt: skip  # last order on day 242, the last of all on day 324 (200 + 9 x 13 + 7)


def test_a_feature_that_says_nothing_new_is_left_out():
    z = clusters.standard_scores(np.array([[1.0, 1, 5], [2, 2, 5], [9, 9, 5], [4, 4, 5]]))
    assert clusters.telling(z) == [0]
    assert np.abs(clusters.standard_scores(np.array([[0.0]] * 500 + [[1e9]]))).max() == 3


def _judged(*rows):
    schema = ("k", "silhouette", "stability", "least_stability", "smallest_share", "is_stable")
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_the_stable_number_with_the_best_silhouette_is_taken():
    two, three = (2, 0.6, 0.9, 0.9, 0.4, True), (3, 0.3, 0.9, 0.9, 0.2, True)
    four, five = (4, 0.35, 0.8, 0.7, 0.1, True), (5, 0.5, 0.9, 0.9, 0.01, False)
    assert clusters.best(_judged(two, three, four, five)) == 4
    assert clusters.best(_judged(two, five)) == 2
    shaky = (2, 0.6, 0.5, 0.4, 0.4, False), (3, 0.3, 0.7, 0.5, 0.2, False)
    assert clusters.best(_judged(*shaky, five)) == 3


def test_a_small_cluster_is_no_stable_number():
    points, _ = _points(1_000, [(0, 0)], spread=0.3)
    points[:10] += 60  # 1 % far away: a cluster of its own that always comes back
    found = clusters.Points(pl.DataFrame(), ("spend", "n_orders"), points)
    judged = clusters.candidates(found, seed=0)
    row = judged.row(0, named=True)
    assert (row["smallest_share"], row["is_stable"]) == (0.01, False)


def test_names_come_from_the_largest_scores_and_are_never_the_same():
    assert proposed_names([
        {"days_since_last": -0.4, "n_orders": 2.0, "spend": 1.5}, {"days_since_last": -0.2, "n_orders": 2.0, "spend": 1.5},
        {"days_since_last": 1.0, "n_orders": -0.1, "spend": 0.2}, {"days_since_last": 0.1, "n_orders": 0.1, "spend": 0.1},
        {"days_since_last": 0.0, "n_orders": 0.0, "spend": 0.0},
    ]) == ("近期活跃·高频·高消费", "高频·高消费", "久未购买", "中间型1", "中间型2")  # fmt: skip


def test_own_names_follow_the_profile(three_kinds):
    table = answer(find("clusters"), three_kinds).tables["profiles"]
    proposed = table["proposed"][0]
    recorded = Definitions(clusters={"names": f"{proposed}=核心客户；没有的名称=别的"})
    named = replace(three_kinds, definitions=recorded)
    made = break_of(named, "clusters", unit="customer_id")
    assert made.groups[0] == "核心客户"
    assert made.members.filter(group="核心客户").height == 80
    with pytest.raises(BadParameter, match="建议的名称=新的名称"):
        own_names("核心客户")
    with pytest.raises(BadParameter, match="两个分群"):
        own_names("甲=好；乙=好")


def test_the_clusters_are_a_break_of_other_analyses(three_kinds):
    assert available(three_kinds)["clusters"] == "行为分群"
    table = answer(find("segment_profile"), three_kinds, find("segment_profile").params(by="clusters")).tables["profile"]  # fmt: skip
    own = answer(find("clusters"), three_kinds).tables["profiles"]
    assert table.select("segment", "n_customers").rows() == own.select("segment", "n_customers").rows()  # fmt: skip


def test_the_number_of_clusters_that_the_study_records_is_used_everywhere(demo_study, tmp_path):
    dataset = pipeline.load(demo_study)
    four = replace(dataset, definitions=Definitions(clusters={"n_clusters": 4}))
    assert len(break_of(four, "clusters", unit="customer_id").groups) == 4
    assert len(break_of(dataset, "clusters", unit="customer_id").groups) == 3


def test_the_example_has_its_three_planted_kinds(demo_study):
    table = pipeline.run(demo_study, "clusters").tables["profiles"]
    shares = sorted(round(s, 1) for s in table["share_of_customers"])
    assert shares == [0.2, 0.3, 0.5]  # planted: 20 % dear, 25 % regular, 55 % tasters


def test_row_order_changes_no_cluster(three_kinds):
    turned = three_kinds.orders.collect().to_native().reverse().lazy()
    again = answer(find("clusters"), replace(three_kinds, orders=nw.from_native(turned)))
    assert again.tables["customers"].equals(answer(find("clusters"), three_kinds).tables["customers"])  # fmt: skip


def test_too_few_or_equal_buyers_are_said_in_one_sentence():
    few = orders_of(_buyers(29))
    with pytest.raises(TooFewRows, match="有付款订单的客户只有 29 个"):
        answer(find("clusters"), Dataset(orders=few))
    same = [{"customer_id": f"c{i}", "order_id": f"{i}", "ordered_at": 0, "amount": 10} for i in range(50)]  # fmt: skip
    with pytest.raises(TooFewRows, match="买法不同的客户只有 1 个"):
        answer(find("clusters"), Dataset(orders=orders_of(same)))


def test_more_clusters_than_kinds_and_a_feature_without_its_column_are_refused(three_kinds):
    params = find("clusters").params
    lines = [{k: v for k, v in line.items() if k != "category"} for line in _buyers(60)]
    with pytest.raises(BadParameter, match="买过的品类数"):
        answer(find("clusters"), Dataset(orders=orders_of(lines)), params(features=["n_categories"]))  # fmt: skip
    rows = [{"customer_id": f"c{i}", "order_id": f"{i}", "ordered_at": 0, "amount": 10 ** (i % 3)} for i in range(60)]  # fmt: skip
    with pytest.raises(BadParameter, match="分成几群"):
        answer(find("clusters"), Dataset(orders=orders_of(rows)), params(n_clusters=4))


def test_a_broken_record_is_named():
    broken = Dataset(
        orders=orders_of(_buyers(60)), definitions=Definitions(clusters={"n_clusters": 99})
    )
    with pytest.raises(BadParameter, match=r"clusters\.n_clusters"):
        break_of(broken, "clusters", unit="customer_id")


def test_a_window_counts_its_own_orders_only(three_kinds):
    found = clusters.points(three_kinds.orders, Definition(window_days=120))
    assert found.customers.height == 160  # the buyers of long ago are outside
