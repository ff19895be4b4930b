"""The scan of all pairs: each test as scipy makes it, all of them corrected together, nothing found in noise."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import MissingColumns, TooFewRows, UnknownName
from insight.schema import Definitions, Option, Question, QuestionKind, Questionnaire
from insight.schema.audiences import audience_of
from insight.stats.cells import Columns, Sums, counts_of
from insight.stats.relations import of_answers, of_scores

LETTERS = ("甲", "乙", "丙")


def _sums(rows: list[list[float]]) -> Sums:
    n = np.array(rows)
    return Sums(n.astype(np.int64), n.astype(float), n.astype(float))


def _single(key: str, options: tuple[str, ...] = LETTERS) -> Question:
    return Question(id=key, wording=f"题{key}", kind=QuestionKind.SINGLE, columns=(key,), options=tuple(Option(label=o) for o in options))  # fmt: skip


def _study(
    answers: dict[str, list], *, definitions: Definitions | None = None, **kinds: str
) -> Dataset:
    """Respondents with these answers; a question is a single choice unless its kind is told."""
    n = len(next(iter(answers.values())))
    questions = [
        Question(id=k, wording=f"题{k}", kind=kinds[k], columns=(k,)) if k in kinds else _single(k)
        for k in answers
        if k != "weight"
    ]
    frame = pl.DataFrame({"respondent_id": [f"r{i:04}" for i in range(n)], **answers})
    return Dataset(responses=frame, questionnaire=Questionnaire(questions=tuple(questions)), definitions=definitions or Definitions())  # fmt: skip


def _scan(dataset: Dataset, **params: object):
    analysis = find("scan")
    return answer(analysis, dataset, analysis.params.model_validate(params))


def test_answers_are_tested_as_scipy_does():
    table = [[30, 12, 25], [20, 28, 31], [9, 22, 17]]
    found = of_answers(_sums(table))
    expected = stats.chi2_contingency(table, correction=False)
    assert (found.statistic, found.p_value, found.df) == pytest.approx((expected.statistic, expected.pvalue, 4))  # fmt: skip
    assert found.base == 194
    # the first group chose the first answer 30 of 59 times, all others 37 of 135 times
    assert (found.row, found.column) == (0, 0)
    assert (found.value, found.rest) == pytest.approx((30 / 59, 37 / 135))


def test_scores_are_tested_as_scipy_does():
    groups = [[1, 2, 2, 3, 5], [2, 3, 4, 4, 5, 5], [1, 1, 1, 2]]
    values = np.arange(1.0, 6.0)
    sums = _sums([[g.count(v) for g in groups] for v in range(1, 6)])
    found = of_scores(values, sums)
    expected = stats.kruskal(*groups)
    assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.effect == pytest.approx(
        (expected.statistic / 14) ** 0.5
    )  # epsilon squared = H / (n - 1)
    assert (found.column, found.value, found.rest) == (2, 1.25, pytest.approx(36 / 11))


def test_the_scale_of_weights_does_not_matter_and_their_spread_costs_base():
    rng = np.random.default_rng(3)
    codes, groups = rng.integers(0, 3, 400), rng.integers(0, 2, 400)

    def tested(weight: np.ndarray | None):
        sums = counts_of(codes, 3, columns=Columns(groups, 2), weight=weight)[0]
        return of_answers(sums), of_scores(np.arange(3.0), sums)

    weight = rng.uniform(0.5, 1.5, 400)
    for plain, same in zip(tested(None), tested(np.full(400, 7.0)), strict=True):
        assert same.p_value == pytest.approx(plain.p_value)
    for once, twice in zip(tested(weight), tested(weight * 3), strict=True):
        assert once.p_value == pytest.approx(twice.p_value)
    effective = weight.sum() ** 2 / (weight**2).sum()
    table = np.zeros((3, 2))
    np.add.at(table, (codes, groups), weight)
    expected = stats.chi2_contingency(table * effective / weight.sum(), correction=False)
    assert tested(weight)[0].statistic == pytest.approx(expected.statistic)


def test_rare_answers_are_taken_together_and_too_few_people_are_not_tested():
    found = of_answers(_sums([[40, 38], [30, 33], [1, 0], [0, 2], [1, 1]]))
    merged = stats.chi2_contingency([[40, 38], [30, 33], [2, 3]], correction=False)
    assert (
        found.df == 1
    )  # even together they expect fewer than five: they join the next rarest answer
    assert found.statistic != pytest.approx(merged.statistic)
    assert of_answers(_sums([[3, 1], [1, 2]])) is None
    assert of_answers(_sums([[30, 20]])) is None
    assert of_scores(np.array([5.0]), _sums([[30, 20]])) is None


def test_all_p_values_are_corrected_together():
    rng = np.random.default_rng(8)
    data = {f"Q{i}": rng.choice(LETTERS, 200).tolist() for i in range(1, 8)}
    data["Q2"] = data["Q1"]
    result = _scan(_study(data, **{}))
    table = result.tables["findings"]
    assert table.height == 21  # 7 questions: every two of them once
    expected = multipletests(table["p_value"].to_numpy(), method="fdr_bh")[1]
    assert table["p_adjusted"].to_numpy() == pytest.approx(expected)
    assert result.tables["counts"]["n_made"].item() == 21
    assert result.findings[0].text.startswith(
        "共做了 21 次检验，校正后有 1 次显著，其中 1 处差异够大"
    )


def test_noise_gives_no_more_than_the_nominal_rate():
    n_rates, n_found = [], 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        data: dict[str, list] = {f"Q{i}": rng.choice(LETTERS, 150).tolist() for i in range(7)}
        data |= {f"S{i}": rng.integers(1, 6, 150).tolist() for i in range(4)}
        result = _scan(_study(data, **{f"S{i}": "scale" for i in range(4)}))
        counts = result.tables["counts"].row(0, named=True)
        n_rates.append(counts["n_uncorrected"] / counts["n_made"])
        n_found += counts["n_significant"] > 0
    # 30 studies of 55 tests: one in twenty p values below 0.05, one in twenty studies with anything found
    assert np.mean(n_rates) == pytest.approx(0.05, abs=0.015)
    assert n_found <= 4


def test_a_planted_difference_comes_first_and_is_told():
    rng = np.random.default_rng(1)
    group = rng.choice(["甲", "乙"], 300)
    likes = np.where(group == "甲", rng.random(300) < 0.8, rng.random(300) < 0.3)
    data = {
        "Q1": group.tolist(), "Q2": np.where(likes, "甲", "乙").tolist(), "Q3": rng.choice(LETTERS, 300).tolist(),
        "S1": (3 + (group == "甲") + rng.integers(-2, 2, 300)).tolist(),
    }  # fmt: skip
    result = _scan(_study(data, S1="scale"))
    first = result.tables["findings"].row(0, named=True)
    assert (first["question"], first["by"]) in {("Q2", "Q1"), ("Q1", "Q2")}
    assert first["is_notable"]
    assert "占" in result.findings[1].text
    ranked = result.tables["findings"].filter("is_notable")["effect"]
    assert ranked.to_list() == sorted(ranked, reverse=True)
    rows = result.tables["findings"].filter(question="S1", by="Q1").to_dicts()
    assert rows[0]["option"] == "均值"
    assert rows[0]["test"] == "Kruskal–Wallis 检验"


def test_every_option_of_several_answers_is_a_test_of_its_own():
    rng = np.random.default_rng(2)
    group = rng.choice(["甲", "乙"], 120).tolist()
    multi = Question(
        id="M", wording="看重", kind=QuestionKind.MULTI, columns=("M_0", "M_1"),
        options=(Option(label="价格", column="M_0"), Option(label="口味", column="M_1")),
    )  # fmt: skip
    frame = pl.DataFrame({"respondent_id": [f"r{i}" for i in range(120)], "Q1": group, "M_0": [g == "甲" for g in group], "M_1": (rng.random(120) < 0.5).tolist()})  # fmt: skip
    dataset = Dataset(responses=frame, questionnaire=Questionnaire(questions=(_single("Q1"), multi)))  # fmt: skip
    table = _scan(dataset).tables["findings"]
    assert table["wording"].to_list() == ["M 看重｜价格", "M 看重｜口味"]
    assert (table["value"][0], table["rest_value"][0]) in {(1.0, 0.0), (0.0, 1.0)}


def test_a_break_made_of_the_question_itself_is_no_find():
    rng = np.random.default_rng(4)
    rule = {"parts": [{"on": "answer", "question": "Q1", "values": ["甲"]}]}
    known = Definitions(audiences=(audience_of({"name": "选甲的", "rule": rule}),))
    data = {f"Q{i}": rng.choice(LETTERS, 150).tolist() for i in (1, 2)}
    table = _scan(_study(data, definitions=known)).tables["findings"]
    tested = set(table.select("question", "by").rows())
    assert ("Q1", "audience.选甲的") not in tested
    assert ("Q2", "audience.选甲的") in tested
    assert len(tested) == 2


def test_groups_with_few_people_take_no_part():
    data = {"Q1": ["甲"] * 60 + ["乙"] * 60 + ["丙"] * 5, "Q2": (["甲", "乙"] * 63)[:125]}
    table = _scan(_study(data), breaks=["Q1"]).tables["findings"]
    assert (table["base"].item(), table["df"].item()) == (120, 1)


def test_what_cannot_be_scanned_is_said():
    same = {"Q1": ["甲"] * 30, "Q2": ["乙"] * 30}
    with pytest.raises(TooFewRows):
        _scan(_study(same))
    with pytest.raises(UnknownName, match="没有叫“Q9”的题目"):
        _scan(_study(same), questions=["Q9"])
    with pytest.raises(UnknownName, match="没有叫“Q9”的分组变量"):
        _scan(_study(same), breaks=["Q9"])
    with pytest.raises(MissingColumns):
        _scan(Dataset(responses=pl.DataFrame({"respondent_id": ["a"]})))
