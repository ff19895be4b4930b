"""Key drivers: LMG, Johnson, dominance and bounds against published values, brute force and statsmodels."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import polars as pl
import pytest

from insight.analyses.research import drivers as room
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing, TooFewRows, UnknownName
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.stats import drivers
from insight.stats.correlations import correlations, resampled

DRIVERS = room.ANALYSIS

# R's datasets: swiss (Fertility, then Agriculture, Examination, Education, Catholic, Infant.Mortality)
SWISS = """80.2 17 15 12 9.96 22.2;83.1 45.1 6 9 84.84 22.2;92.5 39.7 5 5 93.4 20.2;85.8 36.5 12 7 33.77 20.3;
76.9 43.5 17 15 5.16 20.6;76.1 35.3 9 7 90.57 26.6;83.8 70.2 16 7 92.85 23.6;92.4 67.8 14 8 97.16 24.9;
82.4 53.3 12 7 97.67 21;82.9 45.2 16 13 91.38 24.4;87.1 64.5 14 6 98.61 24.5;64.1 62 21 12 8.52 16.5;
66.9 67.5 14 7 2.27 19.1;68.9 60.7 19 12 4.43 22.7;61.7 69.3 22 5 2.82 18.7;68.3 72.6 18 2 24.2 21.2;
71.7 34 17 8 3.3 20;55.7 19.4 26 28 12.11 20.2;54.3 15.2 31 20 2.15 10.8;65.1 73 19 9 2.84 20;
65.5 59.8 22 10 5.23 18;65 55.1 14 3 4.52 22.4;56.6 50.9 22 12 15.14 16.7;57.4 54.1 20 6 4.2 15.3;
72.5 71.2 12 1 2.4 21;74.2 58.1 14 8 5.23 23.8;72 63.5 6 3 2.56 18;60.5 60.8 16 10 7.72 16.3;
58.3 26.8 25 19 18.46 20.9;65.4 49.5 15 8 6.1 22.5;75.5 85.9 3 2 99.71 15.1;69.3 84.9 7 6 99.68 19.8;
77.3 89.7 5 2 100 18.3;70.5 78.2 12 6 98.96 19.4;79.4 64.9 7 3 98.22 20.2;65 75.9 9 9 99.06 17.8;
92.2 84.6 3 3 99.46 16.3;79.3 63.1 13 13 96.83 18.1;70.4 38.4 26 12 5.62 20.3;65.7 7.7 29 11 13.79 20.5;
72.7 16.7 22 13 11.22 18.9;64.4 17.6 35 32 16.92 23;77.6 37.6 15 7 4.97 20;67.6 18.7 25 7 8.65 19.5;
35 1.2 37 53 42.34 18;44.7 46.6 16 29 50.43 18.2;42.8 27.7 22 29 58.33 19.3"""
# R's datasets: mtcars (mpg, then cyl, disp, hp, wt)
MTCARS = """21 6 160 110 2.62;21 6 160 110 2.875;22.8 4 108 93 2.32;21.4 6 258 110 3.215;18.7 8 360 175 3.44;
18.1 6 225 105 3.46;14.3 8 360 245 3.57;24.4 4 146.7 62 3.19;22.8 4 140.8 95 3.15;19.2 6 167.6 123 3.44;
17.8 6 167.6 123 3.44;16.4 8 275.8 180 4.07;17.3 8 275.8 180 3.73;15.2 8 275.8 180 3.78;10.4 8 472 205 5.25;
10.4 8 460 215 5.424;14.7 8 440 230 5.345;32.4 4 78.7 66 2.2;30.4 4 75.7 52 1.615;33.9 4 71.1 65 1.835;
21.5 4 120.1 97 2.465;15.5 8 318 150 3.52;15.2 8 304 150 3.435;13.3 8 350 245 3.84;19.2 8 400 175 3.845;
27.3 4 79 66 1.935;26 4 120.3 91 2.14;30.4 4 95.1 113 1.513;15.8 8 351 264 3.17;19.7 6 145 175 2.77;
15 8 301 335 3.57;21.4 4 121 109 2.78"""
SWISS_LMG = (0.0570912207681, 0.1711730289002, 0.2601346786244, 0.1055701503735, 0.1127659229265)
MTCARS_JOHNSON = (0.2096904, 0.1883043, 0.1799590, 0.2706812)


def _table(text: str) -> np.ndarray:
    """The outcome goes last."""
    rows = np.array([[float(x) for x in row.split()] for row in text.split(";")])
    return np.hstack([rows[:, 1:], rows[:, :1]])


def _correlations(data: np.ndarray) -> np.ndarray:
    return correlations(data, np.ones(len(data)))[None]


def _r_squared(
    data: np.ndarray, chosen: tuple[int, ...], weight: np.ndarray | None = None
) -> float:
    import statsmodels.api as sm

    if not chosen:
        return 0.0
    columns = sm.add_constant(data[:, list(chosen)])
    return float(
        sm.WLS(data[:, -1], columns, weights=1.0 if weight is None else weight).fit().rsquared
    )


@pytest.fixture(scope="module")
def related() -> np.ndarray:
    rng = np.random.default_rng(5)
    parts = rng.normal(size=(200, 5)) + rng.normal(size=(200, 1))
    return np.column_stack([parts, parts @ [0.6, -0.4, 0.3, 0.0, 0.1] + rng.normal(size=200)])


def test_lmg_of_swiss_is_that_of_relaimpo():
    found = drivers.lmg(_correlations(_table(SWISS)))[0]
    assert found == pytest.approx(SWISS_LMG, abs=1e-12)
    assert found.sum() == pytest.approx(0.706735001593, abs=1e-11)


def test_relative_weights_of_mtcars_are_those_of_rwa():
    assert drivers.johnson(_correlations(_table(MTCARS)))[0] == pytest.approx(
        MTCARS_JOHNSON, abs=6e-8
    )


def test_lmg_is_the_average_over_all_orders_of_entry(related):
    sets = [s for k in range(6) for s in combinations(range(5), k)]
    r_squared = {frozenset(s): _r_squared(related, s) for s in sets}
    found = np.zeros(5)
    for order in permutations(range(5)):
        for at, one in enumerate(order):
            found[one] += r_squared[frozenset(order[: at + 1])] - r_squared[frozenset(order[:at])]
    assert drivers.lmg(_correlations(related))[0] == pytest.approx(found / 120, abs=1e-10)


def test_the_r_squared_of_every_set_is_that_of_its_own_regression(related):
    found = drivers.explained(_correlations(related))[:, 0]
    for row in range(32):
        chosen = tuple(at for at in range(5) if row >> at & 1)
        assert found[row] == pytest.approx(_r_squared(related, chosen), abs=1e-10)


def test_both_measures_sum_to_r_squared_and_are_never_negative(related):
    correlation = _correlations(related)
    whole = _r_squared(related, (0, 1, 2, 3, 4))
    for measure in (drivers.lmg, drivers.johnson):
        assert measure(correlation).sum() == pytest.approx(whole)
        assert (measure(correlation) >= 0).all()


def test_weights_give_the_weighted_regression(related):
    weight = np.random.default_rng(2).uniform(0.2, 3, size=len(related))
    correlation = correlations(related, weight)
    assert drivers.lmg(correlation[None]).sum() == pytest.approx(_r_squared(related, (0, 1, 2, 3, 4), weight))  # fmt: skip


def test_fifteen_predictors_are_exact_and_of_uncorrelated_ones_each_keeps_its_own_square():
    shares = np.arange(1, 16) / 15 / 10
    correlation = np.eye(16)
    correlation[:15, 15] = correlation[15, :15] = np.sqrt(shares)
    assert drivers.lmg(correlation[None])[0] == pytest.approx(shares)
    assert drivers.johnson(correlation[None])[0] == pytest.approx(shares)


def test_inflation_and_coefficients_are_those_of_statsmodels(related):
    import statsmodels.api as sm
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    correlation = _correlations(related)[0]
    columns = sm.add_constant(related[:, :5])
    vif = [variance_inflation_factor(columns, at + 1) for at in range(5)]
    assert drivers.inflations(correlation) == pytest.approx(vif)
    z = (related - related.mean(axis=0)) / related.std(axis=0)
    assert drivers.coefficients(correlation) == pytest.approx(
        sm.OLS(z[:, 5], z[:, :5]).fit().params
    )


def test_two_equal_predictors_share_what_they_explain(related):
    twice = np.column_stack([related[:, 0], related])
    correlation = _correlations(twice)
    found = drivers.lmg(correlation)[0]
    assert found[0] == pytest.approx(found[1])
    assert found.sum() == pytest.approx(_r_squared(related, (0, 1, 2, 3, 4)))
    assert np.isinf(drivers.inflations(correlation[0])[:2]).all()
    assert np.isfinite(drivers.inflations(correlation[0])[2:]).all()


def test_dominance_is_told_by_its_strongest_kind():
    # Two predictors: complete where alone and added it explains more. Outcome = first + a little of the second
    correlation = np.array([[[1, 0.3, 0.7], [0.3, 1, 0.4], [0.7, 0.4, 1]]])
    found = drivers.dominance(drivers.explained(correlation)[:, 0])
    assert found.tolist() == [["", "complete"], ["", ""]]
    # A suppressor: the third explains less alone than the second, but adds more once the others are in.
    mixed = np.array([[[1, 0, 0.8, 0.5], [0, 1, 0.0, 0.3], [0.8, 0.0, 1, 0.1], [0.5, 0.3, 0.1, 1]]])
    among = drivers.dominance(drivers.explained(mixed)[:, 0])
    assert among[0, 1] == "complete"
    assert {among[1, 2], among[2, 1]} == {"general", ""}


def test_the_bootstrap_of_means_of_products_is_that_of_the_resampled_rows(related):
    part = next(iter(resampled(related, np.ones(200), n_samples=3, seed=9)))
    rng = np.random.default_rng(9)
    for found in part:
        rows = related[rng.integers(0, 200, size=200, dtype=np.int32)]
        assert found == pytest.approx(np.corrcoef(rows.T), abs=1e-5)


def test_the_interval_is_as_wide_as_theory_says_where_theory_is_known():
    # One predictor: R² = r², whose 95 % bounds follow from Fisher's z.
    rng = np.random.default_rng(11)
    x = rng.normal(size=1_500)
    data = np.column_stack([x, 0.6 * x + 0.8 * rng.normal(size=1_500)])
    low, high = drivers.interval(data, np.ones(1_500), n_samples=2_000, seed=3, is_exact=True)
    z, margin = np.arctanh(np.corrcoef(data.T)[0, 1]), 1.96 / np.sqrt(1_497)
    assert (low[0], high[0]) == pytest.approx((np.tanh(z - margin) ** 2, np.tanh(z + margin) ** 2), abs=0.01)  # fmt: skip
    again = drivers.interval(data, np.ones(1_500), n_samples=2_000, seed=3, is_exact=True)
    assert (low[0], high[0]) == (again[0][0], again[1][0])


def _dataset(
    data: np.ndarray, *, gaps: dict[int, list[int]] | None = None, **columns: list[object]
) -> Dataset:
    """Ratings of single sides "方面 1", "方面 2" … in Q1 and of the whole in Q2."""
    p = data.shape[1] - 1
    values: dict[str, list[float | None]] = {f"c{at}": data[:, at].tolist() for at in range(p)}
    for at, rows in (gaps or {}).items():
        for row in rows:
            (values[f"c{at}"] if at < p else values.setdefault("y", data[:, p].tolist()))[row] = (
                None
            )
    values.setdefault("y", data[:, p].tolist())
    ids = {"respondent_id": [f"r{at:05}" for at in range(len(data))]}
    parts = Question(id="Q1", wording="您对以下各方面有多满意", kind=QuestionKind.MATRIX, columns=tuple(f"c{at}" for at in range(p)), rows=tuple(f"方面 {at + 1}" for at in range(p)))  # fmt: skip
    whole = Question(id="Q2", wording="您的总体满意度", kind=QuestionKind.SCALE, columns=("y",))
    return Dataset(responses=pl.DataFrame({**ids, **values, **columns}), questionnaire=Questionnaire(questions=(parts, whole)))  # fmt: skip


def _importance(dataset: Dataset, **params: object) -> pl.DataFrame:
    return answer(DRIVERS, dataset, DRIVERS.params(n_samples=100, **params)).tables["importance"]


def test_the_analysis_gives_relaimpos_numbers_under_the_names_of_the_contract():
    table = _importance(_dataset(_table(SWISS))).sort("predictor")
    assert table["lmg"].to_list() == pytest.approx(SWISS_LMG, abs=1e-12)
    assert {"predictor", "lmg", "johnson", "sign", "ci_low", "ci_high"} <= set(table.columns)
    # lm(Fertility ~ ., swiss): -0.172, -0.258, -0.871, 0.104, 1.077
    assert table["sign"].to_list() == ["−", "−", "−", "+", "+"]
    assert table.select((pl.col("ci_low") <= pl.col("lmg")).all()).item()


def test_negative_signs_are_told_in_a_sentence():
    result = answer(DRIVERS, _dataset(_table(SWISS)), DRIVERS.params(n_samples=100))
    told = [f.text for f in result.findings if "回归系数为负" in f.text]
    assert len(told) == 3
    assert any("“方面 1”" in t and "单独看却是正相关" in t for t in told)  # r = 0.353


def test_more_than_fifteen_predictors_get_johnsons_weights_only():
    rng = np.random.default_rng(4)
    data = rng.normal(size=(300, 17))
    table = _importance(_dataset(data))
    assert table["lmg"].null_count() == 16
    assert table["johnson"].sum() == pytest.approx(_r_squared(data, tuple(range(16))))
    result = answer(DRIVERS, _dataset(data), DRIVERS.params(n_samples=100))
    assert "dominance" not in result.tables
    assert any("Johnson 相对权重" in note and "16" not in note for note in result.notes)


def test_a_constant_predictor_is_left_out_in_a_sentence_and_the_rest_stands(related):
    data = np.column_stack([np.full(200, 3.0), related])
    result = answer(DRIVERS, _dataset(data), DRIVERS.params(n_samples=100))
    assert result.tables["importance"].height == 5
    assert "所有人打分相同、无法解释任何差异，已剔除：方面 1。" in result.notes


def test_perfect_collinearity_is_told_and_the_importance_is_shared(related):
    data = np.column_stack([related[:, 0], related])
    result = answer(DRIVERS, _dataset(data), DRIVERS.params(n_samples=100))
    first, second = (
        result.tables["importance"].filter(predictor=f"方面 {n}")["lmg"][0] for n in (1, 2)
    )
    assert first == pytest.approx(second)
    assert any("VIF 无穷大" in note and "“方面 1”" in note for note in result.notes)


def test_gaps_leave_a_respondent_out_or_are_filled_and_the_rule_is_stated(related):
    dataset = _dataset(related, gaps={0: [1, 2, 3], 5: [3, 4]})
    kept = answer(DRIVERS, dataset, DRIVERS.params(n_samples=100))
    assert kept.tables["model"]["base"][0] == 200 - 4
    assert "2 份没有总体评价，不计入；2 份缺某一方面的评分，整份剔除（listwise）。" in " ".join(
        kept.notes
    )
    without = np.delete(related, [1, 2, 3, 4], axis=0)
    assert kept.tables["importance"]["lmg"].sum() == pytest.approx(
        _r_squared(without, (0, 1, 2, 3, 4))
    )
    filled = answer(DRIVERS, dataset, DRIVERS.params(n_samples=100, missing="均值填补"))
    assert filled.tables["model"]["base"][0] == 198
    assert any("用该方面的均值填补" in note for note in filled.notes)


def test_row_order_and_seed_decide_nothing_they_should_not(related):
    dataset = _dataset(related)
    turned = Dataset(responses=dataset.responses.sample(fraction=1, shuffle=True, seed=1), questionnaire=dataset.questionnaire)  # fmt: skip
    assert _importance(turned).equals(_importance(dataset))
    other = _importance(dataset, seed=2)
    assert other["lmg"].equals(_importance(dataset)["lmg"])
    assert not other["ci_low"].equals(_importance(dataset)["ci_low"])


def test_the_weight_column_counts_unless_it_is_switched_off(related):
    weight = np.random.default_rng(8).uniform(0.2, 3, size=200)
    dataset = _dataset(related, weight=weight.tolist())
    assert _importance(dataset)["lmg"].sum() == pytest.approx(
        _r_squared(related, (0, 1, 2, 3, 4), weight)
    )
    assert _importance(dataset, use_weight=False)["lmg"].sum() == pytest.approx(_r_squared(related, (0, 1, 2, 3, 4)))  # fmt: skip


def test_an_outcome_that_never_differs_is_said_in_one_sentence(related):
    flat = np.column_stack([related[:, :5], np.full(200, 4.0)])
    with pytest.raises(BadParameter, match="所有人打分相同"):
        _importance(_dataset(flat), outcome="Q2")
    with pytest.raises(TooFewRows):
        _importance(_dataset(related[:5]))


def test_what_is_missing_is_said_with_an_example():
    only = Question(id="Q1", wording="您从哪里知道我们", kind=QuestionKind.SINGLE, columns=("a",))
    dataset = Dataset(responses=pl.DataFrame({"respondent_id": ["a", "b"], "a": ["广告", "朋友"]}), questionnaire=Questionnaire(questions=(only,)))  # fmt: skip
    with pytest.raises(QuestionsMissing, match="总体评价的题目"):
        _importance(dataset)
    with pytest.raises(UnknownName, match="Q9"):
        _importance(dataset, outcome="Q9")


def test_a_matrix_answered_in_words_counts_by_its_codes_and_without_those_who_do_not_know():
    words = ("Very bad", "Bad", "Good", "Very good", "Don't know")
    options = tuple(Option(label=w, code=str(at + 1)) for at, w in enumerate(words))
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 5, size=120)
    frame = pl.DataFrame({"respondent_id": [f"{at:03}" for at in range(120)], "a": [words[c] for c in codes], "n": [min(10, 2 * int(c) + int(rng.integers(0, 3))) for c in codes]})  # fmt: skip
    parts = Question(id="Q1", wording="Satisfaction with", kind=QuestionKind.MATRIX, columns=("a",), rows=("Price",), options=options)  # fmt: skip
    whole = Question(
        id="Q2", wording="Likelihood to recommend", kind=QuestionKind.NPS, columns=("n",)
    )
    result = answer(DRIVERS, Dataset(responses=frame, questionnaire=Questionnaire(questions=(parts, whole))), DRIVERS.params(n_samples=100))  # fmt: skip
    knew = codes < 4
    expected = np.corrcoef(codes[knew], frame["n"].to_numpy()[knew])[0, 1] ** 2
    assert result.tables["importance"]["lmg"][0] == pytest.approx(expected)
    assert result.tables["model"]["base"][0] == int(knew.sum())
