"""Intervals, tests, letters, corrections and weights, against other libraries and hand calculation."""

from __future__ import annotations

import doctest
from itertools import combinations
from math import isnan, nan, sqrt

import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2_contingency, false_discovery_control
from statsmodels.stats.proportion import proportion_confint, proportions_ztest
from statsmodels.stats.weightstats import DescrStatsW

from insight.stats import letters, proportions, scores, weights
from insight.stats.banner import TOTAL, column_table, count_choices, higher_pairs, tabulate
from insight.stats.letters import letter
from insight.stats.multiple import adjusted
from insight.stats.pairs import compare_shares, letters_of
from insight.stats.proportions import (
    Rule,
    cell_vs_rest,
    pooled_z,
    two_sided,
    wilson,
)
from insight.stats.scores import mean_of, net_promoter

# Marital status by education, N = 300: the worked example of spss-tutorials.com on SPSS's column
# proportions test, which publishes chi-square(12) = 23.57, p = .023.
# Columns: middle school, high school, bachelor, master, PhD.
MARITAL = np.array([[18, 36, 21, 9, 6], [12, 36, 45, 36, 21], [6, 9, 9, 3, 3], [3, 9, 9, 6, 3]])
EDUCATION = MARITAL.sum(axis=0)


def letters_for(counts, bases, rule=Rule()):  # noqa: B008
    counts, bases = np.atleast_2d(np.asarray(counts, float)), np.asarray(bases, float)
    grid = np.broadcast_to(bases, counts.shape).astype(float)
    pairs = compare_shares(counts / grid, grid, tested=grid >= rule.tiny_base, rule=rule)
    return letters_of(pairs, n_columns=grid.shape[1], rule=rule)


@pytest.mark.parametrize("module", [proportions, letters, weights])
def test_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module, extraglobs={"pl": pl}).failed == 0


def test_example_of_the_net_promoter_score_holds():
    assert doctest.testmod(scores, optionflags=doctest.ELLIPSIS).failed == 0


def test_wilson_interval_of_nobody_in_ten():
    low, high = wilson(np.array([0.0]), np.array([10.0]))
    z2 = 1.959963984540054**2
    assert low[0] == pytest.approx(0, abs=1e-12)
    assert high[0] == pytest.approx(z2 / (10 + z2))  # by hand: p = 0 leaves z2 / (n + z2)


def test_wilson_interval_equals_newcombe_1998():
    # Newcombe (1998), Stat Med 17, table I, method 3: 81 of 263 gives 0.2553 to 0.3662
    low, high = wilson(np.array([81 / 263]), np.array([263.0]))
    assert (round(low[0], 4), round(high[0], 4)) == (0.2553, 0.3662)


def test_wilson_interval_takes_fractional_bases_and_leaves_out_missing_ones():
    low, high = wilson(np.array([0.3, nan, 0.3]), np.array([12.5, 10.0, 0.0]))
    expected = proportion_confint(0.3 * 12.5, 12.5, method="wilson")
    assert (low[0], high[0]) == pytest.approx(expected)
    assert isnan(low[1])
    assert isnan(high[2])


def test_z_equals_the_pooled_test_of_statsmodels():
    for first, second in combinations(range(5), 2):
        pair = [first, second]
        z, p = proportions_ztest(MARITAL[0, pair], EDUCATION[pair])
        shares, bases = MARITAL[0, pair] / EDUCATION[pair], EDUCATION[pair].astype(float)
        ours = pooled_z(shares[:1], bases[:1], against=(shares[1:], bases[1:]))
        assert ours[0] == pytest.approx(z, abs=1e-12)
        assert two_sided(ours)[0] == pytest.approx(p, abs=1e-12)


def test_published_table_is_the_one_we_test():
    chi2, p, df, _ = chi2_contingency(MARITAL)
    assert (round(chi2, 2), round(p, 3), df) == (23.57, 0.023, 12)


def test_bonferroni_letters_follow_the_rules_of_spss_and_stand_in_the_higher_column():
    assert letters_for(MARITAL, EDUCATION) == [
        ["d", "d", "", "", ""],  # 46.2 % and 40.0 % never married against 16.7 % of masters
        ["", "", "", "Ab", ""],  # 66.7 % married against 30.8 % (p = .006) and 40.0 % (p = .0195)
        ["", "", "", "", ""],
        ["", "", "", "", ""],
    ]


def test_letters_without_correction_equal_every_single_test_of_statsmodels():
    found = letters_for(MARITAL, EDUCATION, Rule(correction="none"))
    for row, counts in enumerate(MARITAL):
        for high, low in ((a, b) for a in range(5) for b in range(5) if a != b):
            z, p = proportions_ztest(counts[[high, low]], EDUCATION[[high, low]])
            mark = letter(low).lower() if p > 0.01 else letter(low)
            assert (mark in found[row][high]) == (z > 0 and p <= 0.05)


def test_columns_of_nobody_and_of_everybody_are_neither_tested_nor_counted():
    # 0/50, 20/50, 30/50, 50/50: only 40 % against 60 % is left, one comparison, p = .0455
    assert letters_for([0, 20, 30, 50], [50] * 4) == [["", "", "b", ""]]
    # with a fifth column in between there are three comparisons and the same p is too large
    assert letters_for([0, 20, 30, 50, 25], [50] * 5) == [["", "", "", "", ""]]


def test_a_base_of_nine_is_not_tested_and_one_of_ten_is():
    assert letters_for([1, 90], [9, 100]) == [["", ""]]
    assert letters_for([1, 90], [10, 100]) == [["", "A"]]


def test_levels_decide_between_small_and_capital_letters():
    counts, bases = [40, 60], [100, 100]  # p = .0047
    assert letters_for(counts, bases) == [["", "A"]]
    assert letters_for(counts, bases, Rule(levels=(0.05, 0.001))) == [["", "a"]]
    assert letters_for([44, 56], bases) == [["", ""]]  # p = .0897
    assert letters_for([44, 56], bases, Rule(levels=(0.1, 0.05))) == [["", "a"]]


def test_holm_finds_what_bonferroni_misses():
    p = np.array([0.0117, 0.02, 0.91])
    assert adjusted(p, "bonferroni") == pytest.approx([0.0351, 0.06, 1.0])
    assert adjusted(p, "holm") == pytest.approx([0.0351, 0.04, 0.91])


def test_false_discovery_correction_equals_scipy_and_ignores_tests_not_made():
    p = np.array([[0.01, 0.02, nan], [0.03, 0.6, 0.04]])
    ours = adjusted(p, "bh")
    assert isnan(ours[0, 2])
    assert ours[~np.isnan(p)] == pytest.approx(false_discovery_control(p[~np.isnan(p)]))


def test_false_discovery_family_is_the_whole_table():
    weak, strong = [40, 54], [20, 80]  # of 100 each: p = .0477 and far below .001
    assert letters_for(weak, [100, 100], Rule(correction="bh")) == [["", "a"]]
    many = letters_for([weak, [30, 31], [30, 31]], [100, 100], Rule(correction="bh"))
    assert many[0] == ["", ""]
    assert letters_for([weak, strong], [100, 100], Rule(correction="bh"))[0] == ["", "a"]


def test_letters_of_the_28th_column_are_two_and_parted_by_spaces():
    counts = [50] * 28
    counts[0], counts[26], counts[27] = 90, 10, 10
    row = letters_for(counts, [100] * 28)[0]
    assert row[0].split()[-2:] == ["AA", "AB"]
    assert row[1] == "AA AB"


def test_rest_is_everybody_outside_the_column_and_not_the_total():
    counts, bases = np.array([[63.0, 20.0, 10.0]]), np.array([[214.0, 100.0, 80.0]])
    rest = cell_vs_rest(counts / bases, bases, weighted_bases=bases)
    _, p = proportions_ztest([63, 30], [214, 180])
    assert rest.share[0, 0] == pytest.approx(30 / 180)
    assert rest.difference[0, 0] == pytest.approx(63 / 214 - 30 / 180)
    assert rest.p_value[0, 0] == pytest.approx(p)


def test_rest_of_weighted_columns_has_the_effective_base_of_its_people():
    # columns: weights (1, 1), (2, 2), (1, 3); everybody in column 2 and 3 forms the rest of 1
    bases, sums = np.array([[2.0, 2.0, 16 / 10]]), np.array([[2.0, 4.0, 4.0]])
    rest = cell_vs_rest(np.array([[0.5, 0.25, 0.75]]), bases, weighted_bases=sums)
    assert rest.share[0, 0] == pytest.approx((0.25 * 4 + 0.75 * 4) / 8)
    base = 8**2 / (4 + 4 + 1 + 9)
    pooled = (0.5 * 2 + 0.5 * base) / (2 + base)
    z = 0 / sqrt(pooled * (1 - pooled))
    assert rest.p_value[0, 0] == pytest.approx(two_sided(np.array([z]))[0])
    z2 = (0.25 - rest.share[0, 1]) / _spread(0.25, 2, rest.share[0, 1], 6**2 / (1 + 1 + 1 + 9))
    assert rest.p_value[0, 1] == pytest.approx(two_sided(np.array([z2]))[0])


def _spread(p1, n1, p2, n2):
    pooled = (p1 * n1 + p2 * n2) / (n1 + n2)
    return sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))


def test_a_single_column_has_no_rest():
    ones = np.array([[100.0]])
    assert isnan(cell_vs_rest(ones / 200, ones, weighted_bases=ones).p_value[0, 0])


def test_mean_and_spread_equal_statsmodels_and_the_sample_variance():
    x, w = pl.Series([1, 2, 2, 5, None]), pl.Series([1.0, 1.0, 1.0, 1.0, 1.0])
    plain = mean_of(x, weight=w)
    assert (plain.mean, plain.sd) == pytest.approx((2.5, x.std()))
    weighted = mean_of(x, weight=pl.Series([0.5, 1.0, 1.5, 2.0, 9.0]))
    other = DescrStatsW([1, 2, 2, 5], weights=[0.5, 1.0, 1.5, 2.0])
    base = 5**2 / (0.25 + 1 + 2.25 + 4)
    assert weighted.mean == pytest.approx(other.mean)
    assert weighted.sd == pytest.approx(sqrt(other.var * base / (base - 1)))


def test_mean_of_nobody_is_nothing_and_of_one_has_no_spread():
    assert isnan(mean_of(pl.Series([None], dtype=pl.Int64), weight=pl.Series([1.0])).mean)
    alone = mean_of(pl.Series([4]), weight=pl.Series([1.0]))
    assert alone.mean == 4
    assert isnan(alone.sd)


def test_net_promoter_score_and_margin_by_hand():
    net = net_promoter(0.5, 0.2, base=100)
    assert net.score == pytest.approx(30)
    assert net.margin == pytest.approx(1.959963984540054 * sqrt((0.7 - 0.09) / 100) * 100)
    assert isnan(net_promoter(nan, nan, base=0).score)


def people(*groups):
    """(column, chosen, weight, how many) per group as the arguments of tabulate."""
    rows = [g[:3] for g in groups for _ in range(g[3])]
    frame = pl.DataFrame(rows, schema=["column", "row", "weight"], orient="row")
    return {"chosen": frame.select("row"), "column": frame["column"], "weight": frame["weight"]}


def test_weighted_table_shows_plain_counts_weighted_shares_and_tests_on_the_effective_base():
    told = people(
        ("甲", True, 1.0, 30), ("甲", False, 3.0, 30), ("乙", True, 1.0, 30), ("乙", False, 1.0, 30)
    )  # fmt: skip
    table = tabulate(told.pop("chosen"), columns=("甲", "乙"), rule=Rule(), **told)
    first, second = table.row(1, named=True), table.row(2, named=True)
    assert (first["n"], first["base"], first["share"]) == (30, 60, 0.25)
    assert first["effective_base"] == pytest.approx(120**2 / 300)  # 48, by hand
    z = (0.5 - 0.25) / _spread(0.5, 60, 0.25, 48)
    assert z == pytest.approx(2.65, abs=0.01)
    assert second["letters"] == "A"  # p = .008
    assert table.row(0, named=True)["share"] == pytest.approx(60 / 180)


def test_total_comes_first_is_never_tested_and_holds_only_the_columns_shown():
    told = people(
        ("甲", True, 1.0, 20), ("乙", False, 1.0, 20), (None, True, 1.0, 7), ("丙", True, 1.0, 5)
    )
    table = tabulate(told.pop("chosen"), columns=("甲", "乙"), rule=Rule(), **told)
    assert table["column"].to_list() == [TOTAL, "甲", "乙"]
    assert table.row(0, named=True)["base"] == 40
    assert table["letters"][0] == ""
    assert table["p_value"][0] is None


def test_small_bases_are_marked_and_tiny_ones_hidden():
    told = people(("甲", True, 1.0, 9), ("乙", True, 1.0, 29), ("丙", False, 1.0, 30))
    table = tabulate(told.pop("chosen"), columns=("甲", "乙", "丙"), rule=Rule(), **told)
    assert table["flag"].to_list() == ["", "—", "*", ""]
    assert table.row(1, named=True) | {"share": None, "letters": "—", "p_value": None} == table.row(
        1, named=True
    )
    assert table["n"][1] == 9


def test_the_order_of_people_never_changes_a_weighted_share():
    rng = np.random.default_rng(3)
    frame = pl.DataFrame({
        "row": rng.random(500) < 0.3, "column": rng.choice(["甲", "乙"], 500), "weight": rng.random(500),
    })  # fmt: skip
    tables = []
    for seed in (None, 1, 2):
        f = frame if seed is None else frame.sample(fraction=1, shuffle=True, seed=seed)
        tables.append(
            tabulate(
                f.select("row"),
                column=f["column"],
                columns=("甲", "乙"),
                weight=f["weight"],
                rule=Rule(),
            )
        )
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


def test_rows_and_columns_without_anybody_are_kept():
    chosen = pl.DataFrame(
        {"有": [True] * 12, "无": [None] * 12}, schema={"有": pl.Boolean, "无": pl.Boolean}
    )
    column = pl.Series(["甲"] * 12)
    ones = pl.Series([1.0] * 12)
    table = tabulate(chosen, column=column, columns=("甲", "乙"), weight=ones, rule=Rule())
    assert table["base"].to_list() == [12, 12, 0, 0, 0, 0]
    assert count_choices(chosen, weight=ones)["base"].to_list() == [12, 0]


def test_table_without_rows_or_columns_is_empty_and_no_crash():
    ones, column = pl.Series([1.0] * 12), pl.Series(["甲"] * 12)
    chosen = pl.DataFrame({"有": [True] * 12})
    assert len(tabulate(chosen, column=column, columns=(), weight=ones, rule=Rule())) == 1
    assert tabulate(
        pl.DataFrame(), column=column, columns=("甲",), weight=ones, rule=Rule()
    ).is_empty()


def test_columns_are_named_with_letters_and_pairs_lead_from_letters_to_cells():
    told = people(
        ("甲", True, 1.0, 10), ("甲", False, 1.0, 50), ("乙", True, 1.0, 40), ("乙", False, 1.0, 20)
    )
    table = tabulate(told.pop("chosen"), columns=("甲", "乙"), rule=Rule(), **told)
    assert column_table(table, ("甲", "乙")).rows() == [
        (TOTAL, "", 120, 120.0, ""), ("甲", "A", 60, 60.0, ""), ("乙", "B", 60, 60.0, ""),
    ]  # fmt: skip
    assert list(higher_pairs(table["letters"], n_columns=2)) == [(2, 1)]


def test_footnotes_name_test_levels_correction_and_small_bases():
    notes = "".join(Rule(correction="bh", levels=(0.1, 0.05), small_base=50, tiny_base=5).footnotes)
    for said in ("z 检验", "p≤0.1", "p≤0.05", "Benjamini–Hochberg", "整张表", "50", "小于 5"):
        assert said in notes
