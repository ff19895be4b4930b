"""Keyness: numbers worked out by hand and against scipy, people instead of tokens, honest findings."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
import pytest
from scipy.stats import (
    chi2_contingency,
    false_discovery_control,
    fisher_exact,
    hypergeom,
    power_divergence,
)

from insight.analyses.text import keyness as page
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import MissingColumns, TooFewRows, UnknownName
from insight.text.keyness import fisher_mid_p, fisher_p, g2, keyness, log_odds, log_ratio


def cells(*values):
    return [np.array([v], dtype=float) for v in values]


def test_log_odds_match_the_formula_worked_out_by_hand():
    # 30 of 100 against 10 of 100: a = 50 * 40 / 200 = 10; ln(40 / 110) - ln(20 / 130) = 0.8602
    n, base, n_rest, base_rest = cells(30, 100, 10, 100)
    delta, z = log_odds(n, base, n_rest=n_rest, base_rest=base_rest)
    assert delta[0] == pytest.approx(0.8602, abs=1e-4)
    assert z[0] == pytest.approx(0.8602 / (1 / 40 + 1 / 20) ** 0.5, abs=1e-3)


@pytest.mark.parametrize(
    "table", [(30, 100, 10, 100), (3, 20, 9, 31), (0, 12, 5, 40), (7, 7, 1, 50)]
)
def test_mid_p_is_fishers_tail_less_half_the_observed_table(table):
    n, base, n_rest, base_rest = table
    square = [[n, base - n], [n_rest, base_rest - n_rest]]
    tails = [fisher_exact(square, alternative=side).pvalue for side in ("greater", "less")]
    half = hypergeom(base + base_rest, n + n_rest, base).pmf(n) / 2
    rest = dict(zip(("n_rest", "base_rest"), cells(n_rest, base_rest), strict=True))
    mid, exact = (p(*cells(n, base), **rest) for p in (fisher_mid_p, fisher_p))
    assert exact[0] == pytest.approx(min(1, 2 * min(tails)), abs=1e-12)
    assert mid[0] == pytest.approx(min(1, 2 * (min(tails) - half)), abs=1e-12)


@pytest.mark.parametrize(
    "table", [(30, 100, 10, 100), (3, 20, 9, 31), (0, 12, 5, 40), (7, 7, 1, 50), (10, 50, 20, 100)]
)
def test_g2_is_the_log_likelihood_ratio_of_scipy(table):
    n, base, n_rest, base_rest = table
    square = np.array([[n, base - n], [n_rest, base_rest - n_rest]])
    expected = chi2_contingency(square, correction=False).expected_freq
    theirs = power_divergence(square.ravel(), expected.ravel(), lambda_="log-likelihood").statistic
    (ours,) = g2(*cells(n, base), n_rest=np.array([n_rest]), base_rest=np.array([base_rest]))
    assert ours == pytest.approx(theirs, abs=1e-9)


def test_log_ratio_is_how_many_times_it_doubles():
    def ratio(n, base, n_rest, base_rest):
        values = cells(n, base, n_rest, base_rest)
        return log_ratio(*values[:2], n_rest=values[2], base_rest=values[3])[0]

    assert ratio(40, 100, 10, 100) == pytest.approx(2)  # 40 % is twice twice 10 %
    assert ratio(10, 100, 20, 50) == pytest.approx(-2)
    assert ratio(8, 100, 0, 100) == pytest.approx(4)  # nobody counts as half a person


def test_mid_p_of_thousands_of_people_is_scipys():
    rng = np.random.default_rng(0)
    base, base_rest = rng.integers(0, 400, 300), rng.integers(1, 9_000, 300)
    n, n_rest = rng.binomial(base, 0.3), rng.binomial(base_rest, rng.uniform(0, 0.7, 300))
    table = hypergeom(base + base_rest, n + n_rest, base)
    half = table.pmf(n) / 2
    theirs = np.minimum(2 * np.minimum(table.sf(n) + half, table.cdf(n) - half), 1).clip(min=0)
    n, base, n_rest, base_rest = (v.astype(float) for v in (n, base, n_rest, base_rest))
    ours = fisher_mid_p(n, base, n_rest=n_rest, base_rest=base_rest)
    assert ours == pytest.approx(theirs, rel=1e-8, abs=1e-12)


def test_words_are_flagged_by_the_exact_test():
    said = [["贵"]] * 5 + [[]] * 15 + [[]] * 60  # 5 of 20 against 0 of 60: 2 C(75, 15) / C(80, 20)
    found = keyness(said, ["a"] * 20 + ["b"] * 60, segments=["a"])
    assert found["p_value"][0] == pytest.approx(2 * fisher_exact([[5, 15], [0, 60]], alternative="greater").pvalue)  # fmt: skip
    assert found["p_adjusted"][0] == found["p_value"][0]


def test_g2_and_log_ratio_stand_beside_every_word():
    row = keyness(*people(400, planted=0.25), segments=["a", "b"]).row(0, named=True)
    assert row["log_ratio"] == pytest.approx(np.log2(row["share"] / row["share_rest"]))
    assert row["g2"] > 10.8  # 0.1 % of chi-square with one degree of freedom
    assert {"g2", "log_ratio"} <= set(run(study(200)).tables["words"].columns)


def people(n, *, planted=0.0, seed=0):
    """Words of n people in two groups; group "a" says 包装 more often by ``planted``."""
    rng = random.Random(seed)
    rates = {f"词{i}": rng.uniform(0.05, 0.5) for i in range(80)}
    groups = ["a" if i % 2 else "b" for i in range(n)]
    words = [{w for w, r in rates.items() if rng.random() < r} for _ in groups]
    for group, said in zip(groups, words, strict=True):
        if rng.random() < 0.2 + (planted if group == "a" else 0):
            said.add("包装")
    return words, groups


def test_a_planted_word_is_found_and_leads_its_segment():
    table = keyness(*people(400, planted=0.25), segments=["a", "b"])
    first = table.row(0, named=True)
    assert (first["segment"], first["word"]) == ("a", "包装")
    assert first["p_adjusted"] < 0.05
    assert first["base"] == first["base_rest"] == 200
    assert first["share"] == first["n"] / 200


def test_random_groups_are_not_told_apart():
    flagged = [
        keyness(*people(300, seed=s), segments=["a", "b"])
        .filter(pl.col("p_adjusted") < 0.05)
        .height
        for s in range(20)
    ]
    assert sum(f > 0 for f in flagged) <= 3


def test_p_adjusteds_are_benjamini_hochberg_over_the_whole_table():
    table = keyness(*people(200, planted=0.2), segments=["a", "b"])
    assert table["p_adjusted"].to_list() == pytest.approx(
        false_discovery_control(table["p_value"].to_numpy()).tolist()
    )


def test_rare_words_and_words_of_everybody_are_left_out():
    words = [{"常", "稀"} if i < 3 else {"常"} for i in range(20)]
    groups = ["a"] * 10 + ["b"] * 10
    assert keyness(words, groups, segments=["a", "b"], min_people=5).is_empty()
    assert set(keyness(words, groups, segments=["a", "b"], min_people=3)["word"]) == {"稀"}


def study(n=80, *, likes_packing=0.5, texts_each=1):
    """n customers, men and women by turns; women speak of 包装 more often."""
    rng = random.Random(1)
    rows = []
    for i in range(n):
        woman = i % 2 == 0
        packing = rng.random() < (0.1 + likes_packing * woman)
        said = f"{'包装很精美' if packing else '味道有点淡'}，{rng.choice(['物流很快', '价格偏贵', '客服耐心'])}"
        rows += [(f"t{i:03}-{j}", said, f"c{i}", "participant") for j in range(texts_each)]
    rows.append(("x", "包装包装包装怎么样？", "c1", "interviewer"))
    texts = pl.DataFrame(rows, schema=["text_id", "text", "customer_id", "role"], orient="row")
    customers = pl.DataFrame(
        {"customer_id": [f"c{i}" for i in range(n)], "gender": ["女", "男"] * (n // 2)}
    )
    return Dataset(texts=texts, customers=customers)


def run(dataset, **params):
    return answer(page.ANALYSIS, dataset, page.Params(by="customers.gender", **params))


def test_a_finding_names_the_word_with_shares_counts_and_test():
    result = run(study(200))
    (finding,) = [f for f in result.findings if f.text.startswith("“女”更常提到“包装”")]
    row = result.tables["words"].row(finding.evidence[0].row, named=True)
    assert (row["segment"], row["word"]) == ("女", "包装")
    assert f"{row['n']}/{row['base']} 人" in finding.text
    assert "个百分点" in finding.text
    assert "Fisher" in finding.test
    assert finding.base == row["base"] == 100


def test_counts_are_of_people_however_often_they_speak():
    once, thrice = run(study(200)), run(study(200, texts_each=3))
    assert once.tables["words"].equals(thrice.tables["words"])


def test_nothing_is_called_significant_in_small_groups():
    result = run(study(50))
    assert all("显著" not in f.text for f in result.findings)
    assert any("不足 150 人" in note for note in result.notes)


def test_without_a_difference_the_finding_says_so():
    result = run(study(200, likes_packing=0.0))
    (finding,) = result.findings
    assert "没有哪个词" in finding.text
    assert finding.evidence


def test_the_order_of_rows_changes_nothing():
    dataset = study(120)
    shuffled = Dataset(
        texts=dataset.texts.sample(fraction=1, shuffle=True, seed=3),
        customers=dataset.customers.reverse(),
    )
    one, other = run(dataset), run(shuffled)
    assert one.findings == other.findings
    assert one.tables["words"].equals(other.tables["words"])


def test_one_group_alone_cannot_be_compared():
    dataset = study(60)
    women = Dataset(
        texts=dataset.texts,
        customers=pl.DataFrame(
            {"customer_id": [f"c{i}" for i in range(60)], "gender": ["女"] * 59 + ["男"]}
        ),
    )
    with pytest.raises(TooFewRows):
        run(
            Dataset(
                texts=dataset.texts.filter(pl.col("customer_id") != "c59"),
                customers=women.customers,
            )
        )


def test_without_orders_the_first_attribute_that_divides_is_compared_and_named():
    found = answer(page.ANALYSIS, study(200), page.Params())
    assert "按“性别”分组" in found.notes[0]
    assert set(found.tables["words"]["segment"]) == {"女", "男"}


def test_texts_that_nothing_divides_say_what_is_missing():
    with pytest.raises(MissingColumns, match="能把人分成两组以上的变量"):
        answer(page.ANALYSIS, Dataset(texts=study(60).texts), page.Params())


def test_an_unknown_question_is_named():
    with pytest.raises(UnknownName, match="没有叫“Q9”的开放题"):
        run(study(60), question="Q9")


def planted(seed, *, n_segments=4, each=200, n_words=300, n_planted=5):
    """People of segments, each of which says five words of its own about three times as often."""
    rng = np.random.default_rng(seed)
    rates = rng.uniform(0.02, 0.3, n_words)
    own = rng.choice(n_words, (n_segments, n_planted), replace=False)
    rates[own] = rng.uniform(0.05, 0.15, own.shape)
    words, groups = [], []
    for segment in range(n_segments):
        odds = rates / (1 - rates)
        odds[own[segment]] *= 3.5
        said = rng.random((each, n_words)) < odds / (1 + odds)
        words += [{f"词{j}" for j in np.flatnonzero(row)} for row in said]
        groups += [f"人群{segment}"] * each
    truth = {(f"人群{s}", f"词{j}") for s in range(n_segments) for j in own[s]}
    return words, groups, truth


def test_planted_words_lead_and_hardly_any_flag_is_false():
    """Over ten draws: precision of the first twenty >= .85, false among all flags <= .05."""
    right, flags, false = 0, 0, 0
    for seed in range(10):
        words, groups, truth = planted(seed)
        table = keyness(words, groups, segments=sorted(set(groups)))
        more = table.filter(pl.col("share") > pl.col("share_rest"))
        first = more.sort("z", descending=True).head(20).select("segment", "word").rows()
        flagged = more.filter(pl.col("p_adjusted") < 0.05).select("segment", "word").rows()
        right += len(truth & set(first))
        flags += len(flagged)
        false += len(set(flagged) - truth)
    assert right / 200 >= 0.85
    assert flags > 100
    assert false / flags <= 0.05


def test_talkative_people_make_no_word_of_a_segment():
    """One person who says a word two hundred times counts as one: G2 on tokens would flag it."""
    words, groups, _ = planted(1, n_segments=2, each=50, n_words=40, n_planted=0)
    words[0] = [*words[0], *["刷屏"] * 200]
    for i in (10, 20, 60, 70):
        words[i] = {*words[i], "刷屏"}
    table = keyness(words, groups, segments=["人群0", "人群1"])
    row = table.filter((pl.col("word") == "刷屏") & (pl.col("segment") == "人群0")).row(
        0, named=True
    )
    assert row["n"] == 3
    assert row["p_adjusted"] > 0.5


def test_the_table_keeps_the_columns_that_others_rely_on():
    table = run(study(200)).tables["words"]
    assert {"segment", "word", "n", "base", "share", "log_odds", "p_adjusted"} <= set(table.columns)
