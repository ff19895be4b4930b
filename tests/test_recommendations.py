"""Recommendations: cosine, NDCG and hit rate by hand, the honest check against popularity, real data, bad input."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from conftest import orders_of, shared
from scipy.sparse import csr_array
from scipy.stats import ttest_rel
from sklearn.metrics import ndcg_score
from sklearn.metrics.pairwise import cosine_similarity

from insight import ledger
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import MissingColumns, TooFewRows
from insight.offers.recommending import evaluated, recommended
from insight.stats.neighbours import Ranked, cosine, judged, liked, paired_interval, popular

ANALYSIS = find("recommendations")
DAY = ledger.DAY
HAS = csr_array(np.array([[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 1, 1], [0, 0, 0, 0]], dtype=float))  # fmt: skip


def test_the_similarity_of_items_is_that_of_scikit_learn():
    expected = cosine_similarity(HAS.toarray().T)
    np.fill_diagonal(expected, 0)
    assert cosine(HAS).toarray() == pytest.approx(expected)


def test_the_best_items_are_those_with_most_neighbours_and_what_is_owned_may_be_left_out():
    near = cosine(HAS)
    new = liked(HAS, near, k=2, only_new=True)
    assert new.items[0].tolist() == [2, -1]  # 2 by item 0; nothing leads to 3
    assert new.scores[0, 0] == pytest.approx(1 / np.sqrt(3 * 2))
    assert new.items[4].tolist() == [-1, -1]  # who has nothing gets nothing
    known = liked(HAS, near, k=2, only_new=False)
    assert set(known.items[0]) == {0, 1}


def test_popularity_recommends_the_same_to_all_but_what_they_have():
    assert popular(HAS, HAS[:1], k=2, only_new=False).items[0].tolist() == [0, 1]
    assert popular(HAS, HAS[:1], k=2, only_new=True).items[0].tolist() == [2, 3]


def test_hits_and_ndcg_by_hand_and_by_scikit_learn():
    ranked = Ranked(np.array([[2, 0, 1], [3, -1, -1]]), np.zeros((2, 3)))
    got = np.array([[True, False, False, True], [False, True, False, False]])
    found = judged(ranked, got)
    assert found.hit.tolist() == [1.0, 0.0]
    assert found.ndcg[0] == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3)))
    assert found.ndcg[0] == pytest.approx(ndcg_score([[1, 0, 0, 1]], [[2, 1, 3, 0]], k=3))


def test_the_interval_of_the_difference_is_that_of_the_paired_t_test():
    rng = np.random.default_rng(1)
    first, second = rng.random(30), rng.random(30)
    expected = ttest_rel(first, second).confidence_interval()
    assert paired_interval(first, second)[1:] == pytest.approx((expected.low, expected.high))


def _planted(n: int, *, seed: int, pairs: bool) -> Dataset:
    """Two tastes: who bought a1 buys of a's again, who bought b1 of b's; without ``pairs`` everybody buys anything."""
    rng, rows = np.random.default_rng(seed), []
    for who in range(n):
        own = [f"{'ab'[who % 2]}{k}" for k in range(1, 7)] if pairs else [f"{c}{k}" for c in "ab" for k in range(1, 7)]  # fmt: skip
        for day in (int(rng.integers(0, 70)), int(rng.integers(70, 100))):
            for item in rng.choice(own, size=3, replace=False):
                rows.append({"customer_id": f"c{who:03}", "order_id": f"{who}-{day}", "ordered_at": day * DAY, "amount": 10.0, "product": str(item)})  # fmt: skip
    return Dataset(orders=orders_of(rows))


def test_planted_tastes_are_found_and_beat_popularity():
    dataset = _planted(200, seed=1, pairs=True)
    result = answer(ANALYSIS, dataset)
    row = result.tables["evaluation"].row(0, named=True)
    assert row["is_better"]
    assert row["low_hit_difference"] > 0
    customers = result.tables["customers"]
    assert customers.group_by("customer_id").len()["len"].max() == 5
    told = customers.filter(rank=1)
    own = pl.col("customer_id").str.slice(1).cast(pl.Int64) % 2
    assert told.select((own == pl.when(pl.col("recommended").str.starts_with("a")).then(0).otherwise(1)).mean()).item() == 1  # fmt: skip
    assert told.select((pl.col("because").str.head(1) == pl.col("recommended").str.head(1)).all()).item()  # fmt: skip


def test_without_a_pattern_no_list_is_shown_and_one_sentence_says_so():
    result = answer(ANALYSIS, _planted(200, seed=2, pairs=False))
    assert not result.tables["evaluation"]["is_better"].item()
    assert result.tables["customers"].is_empty()
    assert result.findings[0].text.startswith(
        "没有推荐名单：相似商品的推荐没有明显优于只推最热门的。"
    )


def test_only_what_was_known_before_the_split_is_learned_from():
    dataset = _planted(60, seed=3, pairs=True)
    items = ledger.values_of(dataset.orders, "product", most=20)
    before = evaluated(dataset.orders, "product", items, only_new=False)
    lines = dataset.orders.collect().to_native()
    late = {"customer_id": "z", "order_id": "z", "ordered_at": 99 * DAY, "amount": 1.0, "product": "a1", "ordered_month": 197004}  # fmt: skip
    more = pl.concat([lines, pl.DataFrame([late], schema=lines.schema)])
    after = evaluated(nw.from_native(more.lazy()), "product", items, only_new=False)
    assert before.equals(after)  # somebody who first buys in the test tells nothing


def test_nobody_gets_what_only_new_forbids():
    dataset = _planted(40, seed=4, pairs=True)
    items = ledger.values_of(dataset.orders, "product", most=20)
    found = recommended(dataset.orders, "product", items, only_new=True)
    had = ledger.spend_by(dataset.orders, "product").select("customer_id", recommended="product")
    assert found.join(had, on=["customer_id", "recommended"], how="semi").is_empty()


def test_few_products_or_none_are_said_in_one_sentence():
    rows = [{"customer_id": "a", "order_id": "1", "ordered_at": 0, "amount": 1.0, "product": "x"}]
    with pytest.raises(TooFewRows):
        answer(ANALYSIS, Dataset(orders=orders_of(rows)))
    del rows[0]["product"]
    with pytest.raises(MissingColumns):
        answer(ANALYSIS, Dataset(orders=orders_of(rows)))


def test_completejourney_beats_popularity_or_is_refused():
    lines = pl.read_parquet(shared("data/completejourney/dev/transactions.parquet"))
    kinds = pl.read_parquet(shared("data/completejourney/products.parquet"))
    told = lines.join(kinds, on="product_id").select(
        customer_id=pl.col("household_id").cast(pl.String), order_id=pl.col("basket_id").cast(pl.String),
        ordered_at=pl.col("transaction_timestamp").dt.epoch("s"), amount="sales_value", product="product_type",
        ordered_month=pl.lit(201_701, pl.Int64),
    )  # fmt: skip
    dataset = Dataset(orders=nw.from_native(told.lazy()))
    params = ANALYSIS.params.model_validate({"most": 300, "only_new": True})
    result = answer(ANALYSIS, dataset, params)
    row = result.tables["evaluation"].row(0, named=True)
    assert row["n_customers"] > 500
    assert row["is_better"] == (row["low_hit_difference"] > 0 and row["ndcg_gain_low"] > 0)
    assert result.tables["customers"].is_empty() != row["is_better"]
