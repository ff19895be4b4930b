"""What is bought together: published rules of Groceries, mlxtend, tests by hand, and what makes a basket."""

from __future__ import annotations

import csv
from math import comb

import numpy as np
import polars as pl
import pytest
from conftest import orders_of, shared

from insight import cli, ledger, pipeline
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BasketsTooLarge, MissingColumns, TooFewRows, TooManySets
from insight.settings import settings
from insight.stats import baskets
from insight.stats.basket_rules import rules
from insight.stats.baskets import Holdings, frequent_sets, memory_mb

ANALYSIS = find("basket_rules")


def _lines(held: list[list[str]]) -> list[dict[str, object]]:
    return [
        {"customer_id": f"c{n % 7}", "order_id": str(n), "ordered_at": n * 60, "amount": 1.0, "product": item}
        for n, items in enumerate(held)
        for item in items
    ]  # fmt: skip


def _asked(held: list[list[str]], **params):
    dataset = Dataset(orders=orders_of(_lines(held)))
    return answer(ANALYSIS, dataset, ANALYSIS.params.model_validate(params))


@pytest.fixture(scope="module")
def groceries() -> list[list[str]]:
    path = shared("data/groceries/groceries.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return [[item for item in row if item] for row in csv.reader(file)]


def test_groceries_give_the_463_rules_of_the_book(groceries):
    # Lantz, Machine Learning with R: apriori(groceries, support .006, confidence .25, minlen 2)
    result = _asked(groceries, min_support=0.006, min_confidence=0.25, max_length=8, prune=False)
    table = result.tables["rules"]
    assert table.height == result.tables["totals"]["n_rules"][0] == 463
    items = table["antecedent"].str.count_matches(r" \+ ") + 2
    assert items.value_counts().sort("antecedent").rows() == [(2, 150), (3, 297), (4, 16)]
    told = table.select("antecedent", "consequent", "support", "confidence", "lift").rows()
    published = [
        ("herbs", "root vegetables", 0.007015760, 0.4312500, 3.956477),
        ("berries", "whipped/sour cream", 0.009049314, 0.2721713, 3.796886),
        ("other vegetables + tropical fruit + whole milk", "root vegetables", 0.007015760, 0.4107143, 3.768074),
        ("beef + other vegetables", "root vegetables", 0.007930859, 0.4020619, 3.688693),
        ("other vegetables + tropical fruit", "pip fruit", 0.009456024, 0.2634561, 3.482649),
    ]  # fmt: skip
    for row, expected in zip(told, published, strict=False):
        assert row[:2] == expected[:2]
        assert row[2:] == pytest.approx(expected[2:], rel=1e-6)


def test_groceries_give_the_410_rules_of_high_confidence(groceries):
    # arules: apriori(Groceries, parameter = list(supp = .001, conf = .8)), lengths 3 to 6: 29 229 140 12
    held = _holdings(groceries)
    levels = frequent_sets(held, least=10, max_length=8)
    found = rules(levels, n_baskets=held.n_baskets).filter(pl.col("confidence") >= 0.8)
    lengths = (found["antecedent"].list.len() + 1).cast(pl.Int64)
    assert np.bincount(lengths)[3:].tolist() == [29, 229, 140, 12]
    assert found["lift"].max() == pytest.approx(11.23527, rel=1e-6)


def _holdings(held: list[list[str]]) -> Holdings:
    names = sorted({item for items in held for item in items})
    pairs = [(n, names.index(item)) for n, items in enumerate(held) for item in sorted(set(items))]
    basket, item = np.array(pairs).T
    return Holdings(basket, item, len(held))


def test_sets_and_rules_are_those_of_mlxtend():
    import pandas as pd
    from mlxtend.frequent_patterns import association_rules, fpgrowth

    rng = np.random.default_rng(4)
    table = rng.random((400, 12)) < rng.uniform(0.2, 0.7, 12)
    basket, item = np.nonzero(table)
    levels = frequent_sets(Holdings(basket, item, 400), least=12, max_length=5)
    peer = fpgrowth(pd.DataFrame(table), min_support=12 / 400, max_len=5)
    ours = {tuple(row): n for s in levels for row, n in zip(s.items, s.n_baskets, strict=True)}
    assert ours == {tuple(sorted(s)): round(v * 400) for s, v in zip(peer["itemsets"], peer["support"], strict=True)}  # fmt: skip
    assert len(levels) == 5
    told = association_rules(peer, metric="confidence", min_threshold=0)
    told = {(r["antecedents"], r["consequents"]): r for r in told.to_dict("records") if len(r["consequents"]) == 1}  # fmt: skip
    measured = rules(levels, n_baskets=400)
    assert measured.height == len(told)
    for row in measured.iter_rows(named=True):
        same = told[frozenset(row["antecedent"]), frozenset([row["consequent"]])]
        for name in ("support", "confidence", "lift", "leverage"):
            assert row[name] == pytest.approx(same[name])
        assert (row["conviction"] or np.inf) == pytest.approx(same["conviction"])


def test_a_rule_is_tested_by_fishers_exact_test_and_corrected():
    # 10 baskets: a in 4, b in 4, both in 4: P(4 of 4) = C(4,4) / C(10,4); both directions are one family
    result = _asked([["a", "b"]] * 4 + [["c"]] * 6, min_support=0.1)
    (first, second) = result.tables["rules"].rows(named=True)
    assert first["p_adjusted"] == second["p_adjusted"] == pytest.approx(1 / comb(10, 4))
    assert (first["lift"], first["confidence"], first["leverage"]) == pytest.approx((2.5, 1, 0.24))
    assert first["conviction"] is None


HELD = [["a", "b", "c"]] * 4 + [["a", "b"]] * 4 + [["b", "c"]] * 2 + [["a", "c"]] * 4 + [["d"]] * 6


def test_a_rule_that_a_shorter_one_already_tells_is_left_out():
    # c given a, b: 4/8 = c alone 10/20 < c given a: 8/12; b given a: 8/12 > b alone 10/20
    every = _asked(HELD, min_support=0.1, prune=False).tables["rules"]
    pruned = _asked(HELD, min_support=0.1).tables["rules"]
    named = {(r["antecedent"], r["consequent"]): r["improvement_difference"] for r in every.rows(named=True)}  # fmt: skip
    assert named["a + b", "c"] == pytest.approx(4 / 8 - 8 / 12)
    assert named["a", "b"] == pytest.approx(8 / 12 - 10 / 20)
    kept = set(pruned.select("antecedent", "consequent").rows())
    assert kept == {rule for rule, gained in named.items() if gained > 0}
    assert ("a + b", "c") not in kept


def test_a_basket_is_a_paid_order_and_very_large_ones_are_left_out_and_counted():
    rows = _lines([["a", "b"], ["a", "b"], [f"p{n}" for n in range(51)], ["a"]])
    rows += _lines([["a", "a", "b"]])  # the same order number and customer: one basket
    rows.append(rows[0] | {"order_id": "9", "amount": 0.0})
    dataset = Dataset(orders=orders_of(rows))
    totals = answer(ANALYSIS, dataset).tables["totals"].row(0, named=True)
    assert (totals["n_baskets"], totals["n_large_baskets"]) == (3, 1)
    assert ledger.basket_sizes(dataset.orders, "product").rows() == [(1, 1), (2, 2), (51, 1)]


def test_all_orders_of_a_customer_can_be_one_basket():
    held = [
        ["a"],
        ["b"],
        ["c"],
    ] * 7  # seven customers in turn: each buys a, b and c in three orders
    with pytest.raises(TooFewRows, match="含 2 至 50 种商品的订单一个也没有"):
        _asked(held)
    totals = _asked(held, basket="customer").tables["totals"]
    assert totals.select("n_baskets", "n_items").row(0) == (7, 3)


def test_categories_stand_in_for_products_and_without_both_one_sentence_says_so():
    rows = [{k: v for k, v in row.items() if k != "product"} for row in _lines(HELD)]
    with pytest.raises(MissingColumns, match="商品或品类"):
        answer(ANALYSIS, Dataset(orders=orders_of(rows)))
    named = [row | {"category": was["product"]} for row, was in zip(rows, _lines(HELD), strict=True)]  # fmt: skip
    result = answer(ANALYSIS, Dataset(orders=orders_of(named)))
    assert "不同品类" in result.notes[0]
    assert result.tables["totals"]["n_baskets"][0] == 20


def test_a_search_that_would_not_fit_is_refused_before_it_begins(monkeypatch):
    assert memory_mb(n_holdings=0, n_baskets=8 * 2**20, n_items=1) == pytest.approx(1, abs=0.01)
    monkeypatch.setenv("INSIGHT_WORKER_MEMORY_MB", "0")
    settings.cache_clear()
    with pytest.raises(BasketsTooLarge, match="预计要用 1 MB 内存，超过允许的 0 MB"):
        _asked(HELD)
    monkeypatch.undo()
    settings.cache_clear()


def test_more_sets_than_anybody_reads_are_refused(monkeypatch):
    monkeypatch.setattr(baskets, "MOST_SETS", 3)
    with pytest.raises(TooManySets, match="超过 3 个"):
        _asked([["a", "b", "c", "d"]] * 5)


def test_the_example_study_tells_the_pair_that_was_planted(demo_study, tmp_path, capsys):
    asked = ["run", str(demo_study.path), "basket_rules", "--out", str(tmp_path)]
    assert cli.main([*asked, "-p", "basket_rules.min_support=0.01"]) == 0
    assert "最低支持度 1.00%" in capsys.readouterr().out
    result = pipeline.run(demo_study, "basket_rules")
    assert "“云南小粒 500g”" in result.findings[1].text
    top = result.tables["rules"].row(0, named=True)
    assert {top["antecedent"], top["consequent"]} == {"曼特宁 250g", "云南小粒 500g"}
    assert top["lift"] > 1.4
    assert top["p_adjusted"] < 0.001
