"""Scales: published values of R's examples and of pingouin, planted factors, and what cannot be measured."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from insight.analyses.survey import reliability
from insight.analysis import answer
from insight.clean import clean, propose
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing, TooFewRows, UnknownName
from insight.readers import read
from insight.schema import Question, Questionnaire
from insight.stats import factors, scales
from tests.conftest import shared

# R's ability.cov (Bartholomew & Knott 1999): general, picture, blocks, maze, reading, vocab; 112 people.
ABILITY = np.array([
    [24.641, 5.991, 33.520, 6.023, 20.755, 29.701], [5.991, 6.700, 18.137, 1.782, 4.936, 7.204],
    [33.520, 18.137, 149.831, 19.424, 31.430, 50.753], [6.023, 1.782, 19.424, 12.711, 4.757, 9.075],
    [20.755, 4.936, 31.430, 4.757, 52.604, 66.762], [29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
])  # fmt: skip
SPREAD = np.sqrt(np.diag(ABILITY))
RELATED = ABILITY / np.outer(SPREAD, SPREAD)
TEN = np.array([[4, 5, 3, 4], [2, 3, 2, 1], [5, 5, 4, 5], [3, 2, 3, 3], [1, 2, 2, 1], [4, 4, 5, 3], [2, 1, 3, 2],
                [5, 4, 4, 4], [3, 3, 2, 3], [4, 5, 5, 4]], float)  # fmt: skip


def test_one_factor_of_the_ability_tests_is_that_of_r():
    found = factors.maximum_likelihood(RELATED, 1)
    assert found.uniqueness == pytest.approx([0.535, 0.853, 0.748, 0.910, 0.232, 0.280], abs=6e-4)
    assert found.loadings[:, 0] == pytest.approx([0.682, 0.384, 0.502, 0.300, 0.877, 0.849], abs=6e-4)  # fmt: skip
    fit = factors.fit_of(RELATED, found, 112)
    assert fit.df == 9
    assert fit.chi2 * (111 - 17 / 6 - 2 / 3) / 111 == pytest.approx(75.18, abs=5e-3)  # R corrects it as Bartlett  # fmt: skip


def test_two_factors_of_the_ability_tests_are_turned_as_by_r():
    found = factors.maximum_likelihood(RELATED, 2)
    varimax, promax = (factors.rotated(found, r).loadings for r in ("varimax", "promax"))
    assert varimax == pytest.approx(np.array([[0.499, 0.543], [0.156, 0.622], [0.206, 0.860], [0.109, 0.468], [0.956, 0.182], [0.785, 0.225]]), abs=4e-3)  # fmt: skip
    assert promax[:, 0] == pytest.approx([0.364, -0.058, -0.092, -0.054, 1.023, 0.811], abs=3e-3)
    assert promax[:, 1] == pytest.approx([0.470, 0.671, 0.932, 0.508, -0.095, 0.009], abs=3e-3)
    assert factors.rotated(found, "promax").between[0, 1] == pytest.approx(0.557, abs=2e-3)
    fit = factors.fit_of(RELATED, found, 112)
    assert fit.chi2 * (111 - 17 / 6 - 4 / 3) / 111 == pytest.approx(6.11, abs=5e-3)


def test_the_likelihood_is_as_high_as_that_of_statsmodels():
    from statsmodels.multivariate.factor import Factor

    correlation = np.corrcoef(_two_factors(300, seed=8).T)
    for m in (1, 2):
        theirs = Factor(corr=correlation, n_factor=m, method="ml", nobs=300).fit()
        ours = factors.maximum_likelihood(correlation, m)
        ours_fits, theirs_fits = (
            _discrepancy(correlation, loadings=one.loadings, uniqueness=one.uniqueness)
            for one in (ours, theirs)
        )
        assert ours_fits <= theirs_fits + 1e-6


def _discrepancy(correlation, *, loadings, uniqueness):
    """What maximum likelihood makes small (Jöreskog 1967): log |Σ| + tr(S Σ⁻¹)."""
    implied = loadings @ loadings.T + np.diag(uniqueness)
    return np.linalg.slogdet(implied)[1] + np.trace(np.linalg.solve(implied, correlation))


def test_an_item_that_would_be_explained_wholly_keeps_a_little_of_its_own():
    heywood = np.array([[1, 0.9, 0.9], [0.9, 1, 0.62], [0.9, 0.62, 1]])
    found = factors.maximum_likelihood(heywood, 1)
    assert found.uniqueness[0] == pytest.approx(factors.LEAST_UNIQUE)
    assert found.uniqueness.max() <= 1


def test_rotation_keeps_what_is_explained():
    found = factors.maximum_likelihood(RELATED, 2)
    for rotation in ("varimax", "promax"):
        turned = factors.rotated(found, rotation)
        explained = turned.loadings @ turned.between @ turned.loadings.T
        assert explained == pytest.approx(found.loadings @ found.loadings.T, abs=1e-6)


def test_alpha_and_its_interval_are_those_of_pingouin():
    scale = scales.scale_of(TEN, np.ones(10))
    assert scale.covariance == pytest.approx(np.cov(TEN.T))
    value = scales.alpha(scale.covariance)
    assert value == pytest.approx(0.92013201320132)
    assert scales.alpha_interval(value, base=10, n_items=4) == pytest.approx((0.790, 0.978), abs=5e-4)  # fmt: skip


def test_omega_of_standardised_items_follows_from_the_published_loadings():
    scale = scales.Scale(np.zeros(6), RELATED, 112)
    loadings = np.array([0.682, 0.384, 0.502, 0.300, 0.877, 0.849])
    unique = np.array([0.535, 0.853, 0.748, 0.910, 0.232, 0.280])
    expected = loadings.sum() ** 2 / (loadings.sum() ** 2 + unique.sum())
    assert scales.omega(scale, scales.one_factor_of(scale)) == pytest.approx(expected, abs=5e-4)


def test_omega_is_alpha_where_all_items_are_alike():
    same = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    scale = scales.Scale(np.zeros(4), 4 * same, 100)
    assert scales.alpha(same) == pytest.approx(4 * 0.5 / (1 + 3 * 0.5))
    assert scales.omega(scale, scales.one_factor_of(scale)) == pytest.approx(0.8, abs=1e-5)


def test_each_item_is_correlated_with_the_sum_of_the_others():
    covariance = np.cov(TEN.T)
    rest = [np.corrcoef(TEN[:, i], np.delete(TEN, i, 1).sum(1))[0, 1] for i in range(4)]
    assert scales.item_total(covariance) == pytest.approx(rest)
    without = [scales.alpha(np.cov(np.delete(TEN, i, 1).T)) for i in range(4)]
    assert scales.alpha_without(covariance) == pytest.approx(without)


def test_kmo_is_made_of_correlations_and_of_those_left_by_regression():
    rng = np.random.default_rng(2)
    data = rng.normal(size=(300, 4)) + rng.normal(size=(300, 1))
    correlation = np.corrcoef(data.T)

    def left(i, j):
        others = np.column_stack([np.ones(300), np.delete(data, [i, j], 1)])
        rests = [data[:, x] - others @ np.linalg.lstsq(others, data[:, x])[0] for x in (i, j)]
        return np.corrcoef(*rests)[0, 1] ** 2

    r2 = {(i, j): correlation[i, j] ** 2 for i in range(4) for j in range(4) if i != j}
    p2 = {pair: left(*pair) for pair in r2}
    whole, each = factors.adequacy(correlation)
    assert whole == pytest.approx(sum(r2.values()) / (sum(r2.values()) + sum(p2.values())))
    own = [sum(r2[0, j] for j in (1, 2, 3)), sum(p2[0, j] for j in (1, 2, 3))]
    assert each[0] == pytest.approx(own[0] / sum(own))


def test_bartletts_test_is_its_formula():
    chi2, df, p = factors.sphericity(RELATED, 112)
    assert chi2 == pytest.approx(-(111 - 17 / 6) * np.log(np.linalg.det(RELATED)))
    assert df == 15
    assert p < 1e-40


def _two_factors(n, seed=3):
    rng = np.random.default_rng(seed)
    both = rng.multivariate_normal([0, 0], [[1, 0.2], [0.2, 1]], size=n)
    return np.repeat(both, 4, axis=1) * 0.8 + rng.normal(size=(n, 8)) * 0.6


def test_parallel_analysis_finds_the_planted_factors_and_none_in_noise():
    correlation = np.corrcoef(_two_factors(400).T)
    real, random = factors.parallel(correlation, 400, n_samples=200, seed=1)
    assert factors.number_of_factors(real, random) == 2
    noise = np.corrcoef(np.random.default_rng(4).normal(size=(400, 8)).T)
    assert (factors.parallel(noise, 400, n_samples=200, seed=1)[0] > random).sum() <= 1


def test_the_random_eigenvalues_are_those_of_random_normal_items():
    rng = np.random.default_rng(9)
    drawn = [np.linalg.eigvalsh(np.corrcoef(rng.normal(size=(50, 5)).T))[::-1] for _ in range(2_000)]  # fmt: skip
    _, random = factors.parallel(np.eye(5), 50, n_samples=2_000, seed=1)
    assert random == pytest.approx(np.percentile(drawn, 95, axis=0), abs=0.03)


def scale_question(id_, k, wording="您同意以下说法吗"):
    return Question(id=id_, wording=wording, kind="matrix", columns=tuple(f"{id_}_{i}" for i in range(k)), rows=tuple(f"说法{i + 1}" for i in range(k)))  # fmt: skip


def made(answers, *questions, **further):
    n, names = len(answers), [c for q in questions for c in q.columns]
    frame = pl.DataFrame({"respondent_id": [f"r{i:04}" for i in range(n)], **dict(zip(names, answers.T.astype(float), strict=True)), **further})  # fmt: skip
    return Dataset(responses=frame, questionnaire=Questionnaire(questions=questions))


def points(latent):
    return np.clip(np.round(latent * 0.9 + 3), 1, 5)


@pytest.fixture(scope="module")
def one_scale():
    """Five items of one factor, the third asked the other way round."""
    rng = np.random.default_rng(7)
    answers = points(rng.normal(size=(250, 1)) + rng.normal(size=(250, 5)) * 0.7)
    answers[:, 2] = 6 - answers[:, 2]
    return answers


def ask(data, **params):
    return answer(reliability.ANALYSIS, data, reliability.Params(**params))


def test_a_matrix_is_a_scale_whose_reversed_item_is_turned_and_told(one_scale):
    result = ask(made(one_scale, scale_question("Q1", 5)))
    row = result.tables["scales"].row(0, named=True)
    straight = one_scale.copy()
    straight[:, 2] = 6 - straight[:, 2]
    assert row["alpha"] == pytest.approx(scales.alpha(np.cov(straight.T)))
    assert (row["scale"], row["n_scale_items"], row["n_reversed"], row["base"]) == ("Q1", 5, 1, 250)
    assert result.tables["items"].filter("is_reversed")["item"].to_list() == ["说法3"]
    assert result.tables["items"]["mean"][2] == pytest.approx(straight[:, 2].mean())
    assert any("1 题按反向题计分：“说法3”" in f.text for f in result.findings)


def test_without_turning_the_same_items_do_not_hold_together(one_scale):
    result = ask(made(one_scale, scale_question("Q1", 5)), detect_reversed=False)
    row = result.tables["scales"].row(0, named=True)
    assert row["alpha"] == pytest.approx(scales.alpha(np.cov(one_scale.T)))
    assert row["verdict"] in ("不足", "勉强")
    named = ask(made(one_scale, scale_question("Q1", 5)), detect_reversed=False, reversed_items=["Q1_3"])  # fmt: skip
    assert named.tables["scales"]["n_reversed"][0] == 1
    assert any("删去“说法3”后 α 升到" in f.text for f in result.findings)


def test_needs_that_compete_are_not_turned():
    rng = np.random.default_rng(11)
    first = rng.integers(1, 6, size=300)
    answers = np.column_stack([first, 6 - first + rng.integers(-1, 2, 300), rng.integers(1, 6, 300), rng.integers(1, 6, 300)])  # fmt: skip
    result = ask(made(np.clip(answers, 1, 5), scale_question("Q1", 4)))
    assert result.tables["scales"]["n_reversed"][0] == 0


def test_single_items_that_are_named_make_one_scale(one_scale):
    data = made(np.hstack([one_scale, one_scale[:, :3]]), scale_question("Q1", 5), scale_question("Q2", 3))  # fmt: skip
    result = ask(data, scales=["Q1_1", "Q1_2", "Q2"])
    assert result.tables["scales"]["scale"].to_list() == ["Q2", "所选题目"]
    assert result.tables["scales"]["omega"].is_null().to_list() == [False, True]
    assert any("只有两题，不能确定因子" in note for note in result.notes)


def test_items_asked_twice_are_warned_of_and_not_factored(one_scale):
    twice = np.repeat(one_scale[:, :1], 4, axis=1)
    result = ask(made(twice, scale_question("Q1", 4)))
    row = result.tables["scales"].row(0, named=True)
    assert row["alpha"] == pytest.approx(1)
    assert (row["verdict"], row["omega"]) == ("过高", None)
    assert any("可能重复，或有人乱填、数据是编造的；100.0% 的答卷" in f.text for f in result.findings)  # fmt: skip
    assert any("完全共线" in note for note in result.notes)


def test_two_planted_dimensions_are_not_to_be_added_up():
    answers = points(_two_factors(400))
    result = ask(made(answers, scale_question("Q1", 8)), rotation="varimax")
    loadings = result.tables["loadings"].pivot("factor_name", index="item", values="loading")
    first = loadings["因子 1"].to_numpy() > 0.5
    assert first.tolist() in ([True] * 4 + [False] * 4, [False] * 4 + [True] * 4)
    assert any("背后有 2 个因子" in f.text for f in result.findings)
    assert "loadings" in result.charts


def test_answers_with_gaps_are_left_out_and_counted(one_scale):
    data = made(one_scale, scale_question("Q1", 5))
    gaps = data.responses.with_columns(Q1_0=pl.when(pl.int_range(pl.len()) < 10).then(None).otherwise("Q1_0"))  # fmt: skip
    result = ask(Dataset(responses=gaps, questionnaire=data.questionnaire))
    assert result.tables["scales"]["base"][0] == 240
    assert any("Q1 有 10 份只答了一部分" in note for note in result.notes)


def test_a_constant_item_is_left_out_and_told(one_scale):
    flat = np.column_stack([one_scale, np.full(250, 4.0)])
    result = ask(made(flat, scale_question("Q1", 6)))
    assert result.tables["scales"]["n_scale_items"][0] == 5
    assert any("已剔除：Q1 的“说法6”" in note for note in result.notes)


def test_weights_count_as_copies_do_apart_from_the_base(one_scale):
    weights = np.tile([1.0, 2.0], 125)
    weighted = ask(made(one_scale, scale_question("Q1", 5), weight=pl.Series(weights)))
    copied = ask(made(np.repeat(one_scale, weights.astype(int), axis=0), scale_question("Q1", 5)))
    assert weighted.tables["scales"]["alpha"][0] == pytest.approx(copied.tables["scales"]["alpha"][0])  # fmt: skip
    assert weighted.tables["scales"]["effective_base"][0] == pytest.approx(375**2 / (125 * 5))


def test_a_scale_that_cannot_be_measured_leaves_the_others_standing(one_scale):
    data = made(np.hstack([one_scale, np.full((250, 3), 5.0)]), scale_question("Q1", 5), scale_question("Q2", 3))  # fmt: skip
    result = ask(data)
    assert result.tables["scales"]["scale"].to_list() == ["Q1"]
    assert any(note.startswith("没有列入：") and "Q2" in note for note in result.notes)


def test_what_is_no_scale_is_said_in_one_sentence(one_scale):
    data = made(one_scale, scale_question("Q1", 5))
    with pytest.raises(BadParameter, match="至少要两道题"):
        ask(data, scales=["Q1_1"])
    with pytest.raises(UnknownName, match="Q7"):
        ask(data, scales=["Q7"])
    with pytest.raises(TooFewRows, match="全部 5 题的答卷只有 5 个，至少需要 10 个"):
        ask(Dataset(responses=data.responses.head(5), questionnaire=data.questionnaire))
    with pytest.raises(BadParameter, match="不足两题有不同的答案"):
        ask(made(np.full((50, 3), 2.0), scale_question("Q1", 3)))
    empty = data.responses.with_columns(pl.lit(None, pl.Float64).alias(c) for c in ("Q1_0", "Q1_1", "Q1_2", "Q1_3", "Q1_4"))  # fmt: skip
    with pytest.raises(QuestionsMissing, match="同向打分题"):
        ask(Dataset(responses=empty, questionnaire=data.questionnaire))


def test_the_satisfaction_of_phone_users_is_a_scale():
    path = shared("data/mobiles_nps/mobiles_nps_dev.sav")
    raw = read(path.read_bytes(), path.name)[0]
    cleaned = clean(raw, propose(raw), secret=b"s" * 32)
    data = Dataset(responses=cleaned.frame, questionnaire=cleaned.questionnaire)
    worth = {"Very dissatisfied": 1, "Somewhat dissatisfied": 2, "Neither satisfied nor dissatisfied": 3, "Somewhat satisfied": 4, "Very satisfied": 5}  # fmt: skip
    columns = data.questionnaire.find("Q11").columns
    scores = data.responses.select(pl.col(c).replace_strict(worth, default=None) for c in columns)
    complete = scores.drop_nulls().to_numpy().astype(float)
    row = ask(data, scales=["Q11"]).tables["scales"].row(0, named=True)
    assert row["base"] == len(complete)
    assert row["alpha"] == pytest.approx(scales.alpha(np.cov(complete.T)))
    assert 0.8 < row["alpha"] < 0.95
    assert row["omega"] == pytest.approx(row["alpha"], abs=0.02)
