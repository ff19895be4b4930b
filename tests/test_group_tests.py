"""Tests of groups: the numbers of R, scipy, statsmodels and other libraries; the choice and its reasons."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from insight.analyses.survey import group_test
from insight.analysis import answer
from insight.clean import clean, propose
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, TooFewRows, UnknownName
from insight.readers import read
from insight.schema import Option, Question, Questionnaire
from insight.stats import group_tests
from insight.stats.choosing import Facts, choose, facts_of
from insight.stats.effects import Effect, cliff, matched, noncentrality, size_of
from insight.stats.group_tests import Samples, paired
from insight.stats.post_hoc import comparisons
from tests.conftest import shared

# R's datasets: sleep (Student 1908) and PlantGrowth (Dobson 1983).
FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
CONTROL = np.array([4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14])
ONE = np.array([4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69])
TWO = np.array([6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26])


def samples(*values, weights=None):
    ones = tuple(np.ones(len(v)) for v in values)
    return Samples(values, tuple(weights or ones), weights is not None)


SLEEP, PLANTS = samples(FIRST, SECOND), samples(CONTROL, ONE, TWO)


def told(outcome):
    return outcome.statistic, outcome.df, outcome.p_value


def test_the_sleep_data_give_the_figures_of_r():
    assert told(group_tests.tested(SLEEP, "welch")) == pytest.approx((-1.8608, 17.776, 0.07939), abs=5e-5, rel=5e-5)  # fmt: skip
    assert told(group_tests.tested(SLEEP, "student")) == pytest.approx(
        (-1.8608, 18, 0.07919), abs=5e-5
    )
    found = paired(FIRST - SECOND, np.ones(10), "paired_t")
    assert told(found) == pytest.approx((-4.0621, 9, 0.002833), abs=5e-5)


def test_plant_growth_gives_the_figures_of_r():
    anova, welch, ranks = (
        group_tests.tested(PLANTS, m) for m in ("anova", "welch_anova", "kruskal")
    )
    assert told(anova) == pytest.approx((4.846, 2, 0.01591), abs=5e-4)
    assert (welch.statistic, welch.df2, welch.p_value) == pytest.approx((5.181, 17.128, 0.01739), abs=5e-4)  # fmt: skip
    assert told(ranks) == pytest.approx((7.9882, 2, 0.01842), abs=5e-5)
    assert anova.effect.value == pytest.approx(3.76634 / (3.76634 + 10.49209), abs=1e-5)
    assert anova.omega == pytest.approx((3.76634 - 2 * 0.38860) / (14.25843 + 0.38860), abs=1e-5)


def test_the_pairs_of_plant_growth_differ_as_in_r_pingouin_and_scikit_posthocs():
    p = {m: [c.p_adjusted for c in comparisons(PLANTS, m)] for m in ("anova", "welch_anova", "kruskal")}  # fmt: skip
    assert p["anova"] == pytest.approx([0.3908711, 0.1979960, 0.0120064], abs=1e-6)
    assert p["welch_anova"] == pytest.approx([0.474555, 0.112889, 0.023703], abs=1e-6)
    assert p["kruskal"] == pytest.approx([0.263684, 0.182328, 0.015001], abs=1e-6)
    ours = comparisons(PLANTS, "welch_anova")[2]
    bound = stats.tukey_hsd(CONTROL, ONE, TWO, equal_var=False).confidence_interval()
    assert (ours.low, ours.high) == pytest.approx((bound.low[1, 2], bound.high[1, 2]), abs=1e-6)


def test_ranks_with_ties_are_those_of_scipy_and_of_scikit_posthocs():
    tied = samples(*(np.array(v, float) for v in ([1, 2, 2, 3, 3], [2, 3, 4, 4, 5], [3, 4, 5, 5, 5])))  # fmt: skip
    p = [c.p_adjusted for c in comparisons(tied, "kruskal")]
    assert p == pytest.approx([0.1903951920872853, 0.02180702699150863, 0.309788106672806])
    found = stats.mannwhitneyu(*tied.values[:2])
    assert group_tests.tested(tied.pick((0, 1)), "mann_whitney").p_value == pytest.approx(
        found.pvalue
    )


def test_the_standardised_difference_is_that_of_pingouin_and_its_interval_inverts_noncentral_t():
    effect = group_tests.tested(SLEEP, "student").effect
    assert effect.value == pytest.approx(-0.7970185, abs=1e-4)  # pingouin takes 1 - 3 / (4n - 9)
    low, high = noncentrality(-1.8608, 18)
    assert stats.nct.cdf(-1.8608, 18, [low, high]) == pytest.approx([0.975, 0.025], abs=1e-6)
    assert effect.low / effect.value == pytest.approx(low / -1.8608, abs=1e-4)
    assert effect.high / effect.value == pytest.approx(high / -1.8608, abs=1e-4)


@pytest.mark.parametrize("df", [1.0, 3.0, 17.7, 60.0, 998.0, 4_999.0, 50_000.0])
def test_any_t_has_an_interval_around_it(df):
    for t in (0.0, 0.3, 2.0, 5.0, 12.0, 29.9, 400.0, -5.0, -29.9):
        low, high = noncentrality(t, df)
        assert low < t < high


def test_the_rank_effect_counts_pairs():
    a, b = np.array([3.0, 4, 5, 5, 1]), np.array([1.0, 2, 4, 4, 3, 2])
    d = np.sign(a[:, None] - b[None, :])
    found = cliff(a, b)
    assert found.value == pytest.approx(d.mean())
    n, m, mean = 5, 6, d.mean()
    spread = m**2 * ((d.mean(1) - mean) ** 2).sum() + n**2 * ((d.mean(0) - mean) ** 2).sum() - ((d - mean) ** 2).sum()  # fmt: skip
    variance = max(spread / (n * m * (n - 1) * (m - 1)), (1 - mean**2) / (n * m - 1))
    half = 1.959964 * np.sqrt(variance * ((1 - mean**2) ** 2 + 1.959964**2 * variance))
    down = 1 - mean**2 + 1.959964**2 * variance
    assert found.low == pytest.approx((mean - mean**3 - half) / down, abs=1e-6)
    assert found.high == pytest.approx(min((mean - mean**3 + half) / down, 1.0), abs=1e-6)


def test_groups_that_do_not_overlap_have_the_largest_effect_and_a_lower_bound():
    found = cliff(np.arange(10.0) + 20, np.arange(12.0))
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx((10 - 1.959964**2) / (10 + 1.959964**2), abs=1e-6)


def test_the_paired_rank_effect_is_worked_out_by_hand():
    assert matched(np.array([1.0, -2, 3, 0])).value == pytest.approx((1 - 2 + 3) / 6)


@pytest.mark.parametrize(("name", "value", "word"), [("Hedges g", -0.6, "中"), ("ε²", 0.2, "大"), ("秩二列相关", 0.1, "可忽略"), ("V", 0.2, "小")])  # fmt: skip
def test_a_size_has_a_word(name, value, word):
    assert size_of(Effect(name, value)) == word


def test_weights_of_one_change_nothing_and_their_scale_never_does():
    rng = np.random.default_rng(5)
    weights = tuple(rng.uniform(0.5, 3, len(v)) for v in PLANTS.values)
    doubled = tuple(2 * w for w in weights)
    for method in ("anova", "welch_anova", "kruskal"):
        a, b = (
            group_tests.tested(samples(*PLANTS.values, weights=w), method)
            for w in (weights, doubled)
        )
        assert told(a) == pytest.approx(told(b))
    plain = samples(FIRST, SECOND, weights=(np.ones(10), np.ones(10)))
    assert told(group_tests.tested(plain, "welch")) == pytest.approx(
        told(group_tests.tested(SLEEP, "welch"))
    )
    effect = group_tests.tested(plain, "mann_whitney").effect.value
    assert effect == pytest.approx(group_tests.tested(SLEEP, "mann_whitney").effect.value)


def test_weighted_ranks_are_tested_as_a_weighted_regression_with_robust_errors():
    import statsmodels.api as sm

    rng = np.random.default_rng(8)
    weights = tuple(rng.uniform(0.5, 3, len(v)) for v in PLANTS.values)
    groups = samples(*PLANTS.values, weights=weights)
    design = np.kron(np.eye(3), np.ones((10, 1)))
    fitted = sm.WLS(np.concatenate(groups.ranks), design, weights=np.concatenate(weights)).fit(cov_type="HC0")  # fmt: skip
    contrast = np.array([[-1, 1, 0], [-1, 0, 1]])
    wald = float(np.squeeze(fitted.f_test(contrast).fvalue)) * 29 / 30
    assert group_tests.tested(groups, "kruskal").statistic == pytest.approx(wald)
    pair = groups.pick((0, 1))
    fitted = sm.WLS(np.concatenate(pair.ranks), design[:20, :2], weights=np.concatenate(pair.weights)).fit(cov_type="HC0")  # fmt: skip
    t = float(np.squeeze(fitted.t_test([1, -1]).tvalue)) * np.sqrt(19 / 20)
    assert group_tests.tested(pair, "mann_whitney").statistic == pytest.approx(t)


def test_weighted_ranks_of_groups_that_do_not_vary_still_have_an_error():
    values = np.full(12, 2.0), np.full(12, 4.0), np.arange(12.0)
    groups = samples(*values, weights=tuple(np.linspace(1, 2, 12) for _ in values))
    found = group_tests.tested(groups, "kruskal")
    assert 0 < found.p_value < 1
    assert all(np.isfinite(c.p_adjusted) for c in comparisons(groups, "kruskal"))


def facts(**changed):
    usual = {"n_groups": 2, "smallest": 80, "is_paired": False, "is_weighted": False, "n_points": 0,
             "normal_p": 0.5, "equal_p": 0.5, "has_constant": False}  # fmt: skip
    return Facts(**(usual | changed))


@pytest.mark.parametrize(
    ("changed", "method", "said"),
    [
        ({}, "student", "80 人，均值的分布已接近正态，各组方差没有显著差别"),
        ({"equal_p": 0.01}, "welch", "各组方差显著不等"),
        ({"is_weighted": True}, "welch", "加权后各组方差一般不等"),
        ({"n_points": 5}, "mann_whitney", "5 个等级只有高低之分"),
        ({"n_points": 11}, "student", "接近正态"),
        ({"smallest": 12, "normal_p": 0.01}, "mann_whitney", "只有 12 人，数据又不像正态分布"),
        ({"smallest": 12}, "student", "只有 12 人，但数据与正态分布没有显著差别"),
        ({"n_groups": 4}, "anova", "比较的是 4 组独立的人"),
        ({"n_groups": 4, "equal_p": 0.01}, "welch_anova", "Welch 方差分析"),
        ({"n_groups": 4, "n_points": 3}, "kruskal", "Kruskal–Wallis"),
        ({"n_groups": 3, "has_constant": True}, "kruskal", "方差为 0"),
        ({"is_paired": True}, "paired_t", "同一批人的两个答案"),
        ({"is_paired": True, "n_points": 5}, "wilcoxon", "5 个等级"),
        ({"is_paired": True, "n_points": 5, "is_weighted": True}, "paired_t", "符号秩检验不能加权"),
    ],
)
def test_the_test_is_chosen_from_the_facts_and_says_why(changed, method, said):
    chosen, why = choose(facts(**changed))
    assert chosen == method
    assert said in why


def test_the_facts_are_those_of_scipy():
    found = facts_of(PLANTS, n_points=0)
    left = np.concatenate([v - v.mean() for v in PLANTS.values])
    assert found.equal_p == pytest.approx(stats.levene(CONTROL, ONE, TWO, center="median").pvalue)
    assert found.normal_p == pytest.approx(stats.shapiro(left).pvalue)
    assert found.smallest == 10


QUESTIONS = Questionnaire(
    questions=(
        Question(id="Q1", wording="花了多少钱", kind="number", columns=("Q1",)),
        Question(id="Q2", wording="满意吗", kind="scale", columns=("Q2",)),
        Question(id="Q3", wording="各方面", kind="matrix", columns=("Q3a", "Q3b"), rows=("物流", "客服")),
        Question(id="Q4", wording="都一样", kind="scale", columns=("Q4",)),
        Question(id="G", wording="人群", kind="single", columns=("G",), options=tuple(Option(label=g) for g in "甲乙丙")),
    )
)  # fmt: skip


@pytest.fixture
def study():
    """甲 and 乙 30 people each, 丙 five; 乙 spends ten more than 甲."""
    rng = np.random.default_rng(1)
    n = 65
    spent = rng.normal(50, 4, n) + np.array([0] * 30 + [10] * 30 + [0] * 5)
    answers = pl.DataFrame({
        "respondent_id": [f"r{i:02}" for i in range(n)], "G": ["甲"] * 30 + ["乙"] * 30 + ["丙"] * 5, "Q1": spent,
        "Q2": [3.0, 4.0, 5.0, 2.0, 4.0] * 13, "Q3a": [4.0, 5.0, 3.0, 4.0, 5.0] * 13, "Q3b": [3.0, 4.0, 3.0, 2.0, 5.0] * 13, "Q4": [5.0] * n,
    })  # fmt: skip
    return Dataset(responses=answers, questionnaire=QUESTIONS)


def ask(study, **params):
    return answer(group_test.ANALYSIS, study, group_test.Params(**params))


def test_two_groups_are_compared_and_the_sentence_says_why(study):
    result = ask(study, question="Q1", by="G")
    a, b = study.responses["Q1"][:30].to_numpy(), study.responses["Q1"][30:60].to_numpy()
    chosen = result.tables["tests"].row(0, named=True)
    assert (chosen["method"], chosen["is_chosen"]) == ("独立样本 t 检验", True)
    assert chosen["p_value"] == pytest.approx(stats.ttest_ind(a, b).pvalue)
    assert result.tables["tests"]["method"].to_list() == ["独立样本 t 检验", "Welch t 检验", "Mann–Whitney U 检验"]  # fmt: skip
    assert result.tables["groups"]["mean"].to_list() == pytest.approx([a.mean(), b.mean()])
    text = result.findings[0].text
    assert "有显著差异（p<0.001）" in text
    assert "最小一组有 30 人，均值的分布已接近正态" in text
    assert any("丙（5 人）" in note for note in result.notes)


def test_the_method_can_be_named_and_the_note_says_what_would_have_been_chosen(study):
    result = ask(study, question="Q2", by="G", method="welch")
    assert result.tables["tests"]["method"][0] == "Welch t 检验"
    assert any("自动选择会是 Mann–Whitney U 检验" in note for note in result.notes)


def test_two_questions_of_the_same_people_are_paired(study):
    result = ask(study, question="Q3_1", paired_with="Q3_2")
    gaps = (study.responses["Q3a"] - study.responses["Q3b"]).to_numpy()
    chosen = result.tables["tests"].row(0, named=True)
    assert chosen["method"] == "Wilcoxon 符号秩检验"
    assert chosen["p_value"] == pytest.approx(stats.wilcoxon(gaps).pvalue)
    other = result.tables["tests"].row(1, named=True)
    assert other["p_value"] == pytest.approx(stats.ttest_1samp(gaps, 0).pvalue)


def test_weights_go_into_means_and_effective_bases(study):
    weight = pl.Series("weight", [1.0, 3.0] * 32 + [1.0])
    weighted = Dataset(responses=study.responses.with_columns(weight), questionnaire=QUESTIONS)
    result = ask(weighted, question="Q1", by="G")
    first = result.tables["groups"].row(0, named=True)
    values, w = study.responses["Q1"][:30].to_numpy(), weight[:30].to_numpy()
    assert first["mean"] == pytest.approx(np.average(values, weights=w))
    assert first["effective_base"] == pytest.approx(60**2 / (15 * 10))
    assert result.tables["tests"]["method"][0] == "Welch t 检验"
    assert any("有效基数" in note for note in result.notes)


@pytest.mark.parametrize(
    ("params", "error", "said"),
    [
        ({"question": "Q4", "by": "G"}, BadParameter, "所有人的答案都是 5"),
        ({"question": "Q3", "by": "G"}, BadParameter, "请选其中一行，例如 Q3_1"),
        ({"question": "Q2", "by": "Q2"}, BadParameter, "不能和自己比较"),
        ({"question": "Q2", "paired_with": "Q2"}, BadParameter, "不能和自己比较"),
        ({"question": "G", "by": "Q2"}, BadParameter, "没有可以当作分数的答案"),
        ({"question": "Q9", "by": "G"}, UnknownName, "Q9"),
        ({"question": "Q2", "by": "G", "method": "anova"}, BadParameter, "不适用于这里的比较（2 组）"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_said_in_one_sentence(params, error, said, study):
    with pytest.raises(error, match=said):
        ask(study, **params)


def test_one_group_alone_cannot_be_compared(study):
    alone = Dataset(responses=study.responses.filter(pl.col("G") != "乙"), questionnaire=QUESTIONS)
    with pytest.raises(TooFewRows, match="不少于 10 人的组只有 1 个"):
        ask(alone, question="Q2", by="G")


def test_a_questionnaire_without_scores_says_so(study):
    bare = Questionnaire(questions=(QUESTIONS.find("G"),))
    with pytest.raises(MissingColumns, match="评分、NPS 或数值题"):
        ask(Dataset(responses=study.responses, questionnaire=bare))


def test_a_group_in_which_all_answer_alike_is_compared_by_ranks(study):
    same = study.responses.with_columns(Q2=pl.when(pl.col("G") == "甲").then(3.0).otherwise(pl.col("Q1").round(0)))  # fmt: skip
    result = ask(Dataset(responses=same, questionnaire=QUESTIONS), question="Q2", by="G")
    assert result.tables["tests"]["method"][0] == "Mann–Whitney U 检验"
    with pytest.raises(BadParameter, match="方差为 0"):
        ask(Dataset(responses=same, questionnaire=QUESTIONS), question="Q2", by="G", method="welch")


def test_groups_that_answer_alike_within_need_no_test(study):
    alike = study.responses.with_columns(Q2=pl.when(pl.col("G") == "甲").then(3.0).otherwise(5.0))
    with pytest.raises(BadParameter, match="每一组里所有人答案都相同"):
        ask(Dataset(responses=alike, questionnaire=QUESTIONS), question="Q2", by="G")


def test_the_satisfaction_of_phone_users_is_compared_as_scipy_does():
    path = shared("data/mobiles_nps/mobiles_nps_dev.sav")
    raw = read(path.read_bytes(), path.name)[0]
    cleaned = clean(raw, propose(raw), secret=b"s" * 32)
    data = Dataset(responses=cleaned.frame, questionnaire=cleaned.questionnaire)
    by = next(q for q in data.questionnaire.questions if q.kind == "single" and 3 <= len(q.options) <= 6)  # fmt: skip
    result = answer(group_test.ANALYSIS, data, group_test.Params(question="Q8", by=by.id))
    held = data.responses.select("Q8", by.columns[0]).drop_nulls()
    parts = [part["Q8"].to_numpy() for part in held.partition_by(by.columns[0]) if len(part) >= 10]
    tests = dict(result.tables["tests"].select("method", "p_value").rows())
    assert len(parts) > 2
    assert tests["Kruskal–Wallis 检验"] == pytest.approx(stats.kruskal(*parts).pvalue)
    assert tests["单因素方差分析"] == pytest.approx(stats.f_oneway(*parts).pvalue)
    assert tests["Welch 方差分析"] == pytest.approx(stats.f_oneway(*parts, equal_var=False).pvalue)
