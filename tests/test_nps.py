"""Net promoter scores with their margins, by groups, and satisfaction and effort beside them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from conftest import shared

from insight.analyses.survey.nps import ANALYSIS
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing, TooFewRows
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.stats.cells import Columns, counts_of
from insight.stats.moments import moments
from insight.stats.multiple import adjusted
from insight.stats.promoters import VALUES, groups_of, margins, small_sample_interval

A = [10] * 24 + [9] * 8 + [8] * 6 + [6] * 2  # 40 people: 32 promoters, 2 detractors: 75
B = [9] * 15 + [7] * 10 + [0] * 25  # 50 people: 15 promoters, 25 detractors: -20
NPS = Question(id="Q1", wording="您会推荐我们吗？", kind=QuestionKind.NPS, columns=("Q1",))
GROUP = Question(
    id="Q2", wording="您的性别", kind=QuestionKind.SINGLE, columns=("Q2",), options=tuple(Option(label=o) for o in ("女", "男", "其他"))
)  # fmt: skip


def asked(scores: list[int | None], groups: list[str], **more: list[object]) -> Dataset:
    """A study of two questions."""
    ids = [f"r{at:03}" for at in range(len(scores))]
    responses = pl.DataFrame({"respondent_id": ids, "Q1": scores, "Q2": groups, **more})
    return Dataset(responses=responses, questionnaire=Questionnaire(questions=(NPS, GROUP)))


@pytest.fixture
def two() -> Dataset:
    return asked([*A, *B], ["女"] * 40 + ["男"] * 50)


def scored(dataset: Dataset, **params: object) -> pl.DataFrame:
    return answer(ANALYSIS, dataset, ANALYSIS.params.model_validate(params)).tables["table"]


def row(table: pl.DataFrame, column: str, **where: object) -> dict[str, object]:
    return table.filter(column=column, **{"break": "Q2 您的性别"} | where).row(0, named=True)


def test_the_score_is_promoters_minus_detractors_with_the_margin_of_the_variance_formula(two):
    first = row(scored(two), "女")
    assert (first["n"], first["nps"]) == (40, pytest.approx(75))
    assert first["promoter_share"] == pytest.approx(0.8)
    assert first["detractor_share"] == pytest.approx(0.05)
    assert first["passive_share"] == pytest.approx(0.15)
    variance = (0.8 + 0.05 - 0.75**2) / 40
    assert first["margin"] == pytest.approx(1.959964 * 100 * variance**0.5, rel=1e-6)


def test_everybody_comes_first_also_those_outside_of_the_groups():
    dataset = asked([*A, *B, *[10] * 10], [*["女"] * 40, *["男"] * 50, *[None] * 10])
    table = scored(dataset)
    assert table.row(0, named=True)["n"] == 100
    assert table.row(0, named=True)["nps"] == pytest.approx((32 + 15 + 10 - 2 - 25) / 100 * 100)
    assert row(table, "总计")["n"] == 90


def test_small_samples_get_three_cases_more():
    # 10 promoters, 5 passives, 5 detractors: 10.75, 6.5 and 5.75 of 23
    codes = np.repeat([2, 1, 0], [10, 5, 5])
    counted, _, _ = counts_of(codes, 3, columns=Columns(np.zeros(20, dtype=np.intp), 1), weight=None)  # fmt: skip
    made = moments(VALUES, counted)
    assert margins(made)[0] == pytest.approx(36.339, abs=0.001)
    low, high = small_sample_interval(made)
    net, spread = 5 / 23, ((16.5 / 23 - (5 / 23) ** 2) / 23) ** 0.5
    assert low[0] == pytest.approx(100 * (net - 1.959964 * spread), abs=1e-4)
    assert high[0] == pytest.approx(100 * (net + 1.959964 * spread), abs=1e-4)


def test_a_small_sample_without_detractors_still_has_an_interval():
    counted, _, _ = counts_of(np.full(8, 2), 3, columns=Columns(np.zeros(8, dtype=np.intp), 1), weight=None)  # fmt: skip
    made = moments(VALUES, counted)
    assert margins(made)[0] == 0
    low, high = small_sample_interval(made)
    assert low[0] < 100
    assert high[0] == 100


def test_the_lines_between_the_groups_are_those_of_reichheld():
    assert groups_of(np.arange(11.0)).tolist() == [0] * 7 + [1, 1] + [2, 2]


def test_two_groups_are_compared_by_z_of_their_scores_recoded_by_hand(two):
    result = answer(ANALYSIS, two)
    first, second = (
        np.where(np.array(s) >= 9, 1, np.where(np.array(s) <= 6, -1, 0)) for s in (A, B)
    )
    z = (first.mean() - second.mean()) / (first.var() / 40 + second.var() / 50) ** 0.5
    pair = result.tables["comparisons"].filter(question="Q1").row(0, named=True)
    assert pair["statistic"] == pytest.approx(z)
    assert row(result.tables["table"], "女")["letters"] == "B"
    assert row(result.tables["table"], "男")["letter"] == "B"
    assert row(result.tables["table"], "男")["letters"] == ""
    assert any("高于" in f.text and "75.0" in f.text and "-20.0" in f.text for f in result.findings)


def test_a_gap_within_the_margins_gets_no_letter():
    table = scored(asked([*A, *A], ["女"] * 40 + ["男"] * 40))
    assert set(table["letters"]) == {""}


def test_three_groups_are_corrected_for_three_comparisons():
    third = [9] * 20 + [8] * 20 + [5] * 10
    dataset = asked([*A, *B, *third], ["女"] * 40 + ["男"] * 50 + ["其他"] * 50)
    for correction in ("bonferroni", "holm", "bh"):
        pairs = answer(ANALYSIS, dataset, ANALYSIS.params(correction=correction)).tables["comparisons"]  # fmt: skip
        assert pairs.height == 3
        assert pairs["p_adjusted"].to_list() == pytest.approx(adjusted(pairs["p_value"].to_numpy(), correction).tolist())  # fmt: skip


def test_weights_count_people_as_often_as_they_say(two):
    weight = [3.0] * 40 + [1.0] * 50
    weighted = replace(two, responses=two.responses.with_columns(weight=pl.Series(weight)))
    table = scored(weighted)
    total = table.row(0, named=True)
    assert total["nps"] == pytest.approx(100 * (3 * 30 - 10) / 170)
    assert total["effective_base"] == pytest.approx(170**2 / (9 * 40 + 50))
    p, d = (3 * 32 + 15) / 170, (3 * 2 + 25) / 170
    variance = (p + d - (p - d) ** 2) / total["effective_base"]
    assert total["margin"] == pytest.approx(1.959964 * 100 * variance**0.5, rel=1e-6)
    assert row(table, "女")["nps"] == pytest.approx(75)
    assert row(scored(weighted, weight="none"), "总计")["nps"] == pytest.approx(100 * 20 / 90)


def test_tiny_bases_are_hidden_and_small_ones_marked():
    table = scored(asked([*A, *[10] * 9, *[3] * 12], ["女"] * 40 + ["男"] * 9 + ["其他"] * 12))
    hidden = row(table, "男")
    assert (hidden["n"], hidden["nps"], hidden["margin"], hidden["flag"]) == (9, None, None, "—")
    assert row(table, "其他")["flag"] == "*"
    assert row(table, "其他")["nps"] == pytest.approx(-100)


def test_answers_beyond_ten_are_nobodys_score(two):
    dirty = two.responses.with_columns(Q1=pl.when(pl.col("respondent_id") == "r000").then(99).otherwise("Q1"))  # fmt: skip
    table = scored(replace(two, responses=dirty))
    assert table.row(0, named=True)["n"] == 89


def test_an_empty_question_says_so():
    with pytest.raises(TooFewRows, match="NPS 打分的答卷一个也没有"):
        scored(asked([None] * 30, ["女"] * 15 + ["男"] * 15))


@pytest.mark.parametrize("n", [1, 9])
def test_too_few_for_any_score_is_a_sentence_where_there_are_no_groups_either(n):
    """The picture of no row at all was a traceback."""
    alone = asked(A[:n], ["女"] * n)
    with pytest.raises(TooFewRows, match=f"NPS 打分的答卷只有 {n} 个，至少需要 10 个"):
        answer(ANALYSIS, replace(alone, questionnaire=Questionnaire(questions=(NPS,))))


def test_an_empty_group_is_a_line_without_figures(two):
    answers = two.responses.with_columns(Q1=pl.when(pl.col("Q2") == "女").then("Q1"))
    hidden = row(scored(replace(two, responses=answers)), "男")
    assert (hidden["n"], hidden["nps"], hidden["flag"]) == (0, None, "—")


def test_a_questionnaire_without_the_question_says_how_it_should_be_asked(two):
    bare = replace(two, questionnaire=Questionnaire(questions=(GROUP,)))
    with pytest.raises(QuestionsMissing, match="0–10 分的推荐意愿题") as caught:
        scored(bare)
    assert "朋友" in caught.value.hint


def test_a_scale_of_five_is_no_net_promoter_question(two):
    short = Question(id="Q3", wording="满意吗", kind=QuestionKind.SCALE, columns=("Q3",))
    responses = two.responses.with_columns(Q3=pl.lit(5))
    asked_too = Questionnaire(questions=(NPS, GROUP, short))
    with pytest.raises(BadParameter, match="最高分是 5"):
        scored(replace(two, responses=responses, questionnaire=asked_too), questions=["Q3"])


def test_without_any_groups_there_is_still_the_score_of_everybody():
    dataset = asked([*A], ["女"] * 40)
    alone = replace(dataset, responses=dataset.responses.drop("Q2"), questionnaire=Questionnaire(questions=(NPS,)))  # fmt: skip
    table = scored(alone)
    assert table.select("column", "n", "nps").rows() == [("全部答卷", 40, pytest.approx(75))]


def test_satisfaction_and_effort_stand_beside_where_they_were_asked(two):
    words = ("很不满意", "不满意", "一般", "满意", "很满意")
    csat = Question(id="Q3", wording="您对我们满意吗？", kind=QuestionKind.SINGLE, columns=("Q3",), options=tuple(Option(label=w) for w in words))  # fmt: skip
    ces = Question(id="Q4", wording="办理业务轻松吗？（1-7 分）", kind=QuestionKind.SCALE, columns=("Q4",))  # fmt: skip
    answers = ["很满意"] * 45 + ["满意"] * 18 + ["很不满意"] * 27
    responses = two.responses.with_columns(Q3=pl.Series(answers), Q4=pl.Series([7] * 60 + [4] * 30))  # fmt: skip
    full = replace(two, responses=responses, questionnaire=Questionnaire(questions=(NPS, GROUP, csat, ces)))  # fmt: skip
    result = answer(ANALYSIS, full)
    totals = result.tables["scores"].filter(**{"break": "全部答卷"})
    first, second = totals.rows(named=True)
    assert (first["measure"], first["top2_share"]) == ("CSAT", pytest.approx(0.7))
    assert first["mean"] == pytest.approx((45 * 5 + 18 * 4 + 27) / 90)
    assert (second["measure"], second["mean"]) == ("CES", pytest.approx(6))
    assert (first["ci_low"], first["ci_high"]) == (pytest.approx(0.5987, abs=1e-3), pytest.approx(0.7848, abs=1e-3))  # fmt: skip
    assert not any("没有找到" in note for note in result.notes)


def test_the_scores_of_a_real_file_are_those_of_its_raw_column():
    import pandas as pd

    from insight.clean import clean, propose
    from insight.readers import read

    path = shared("data/mobiles_nps/mobiles_nps_dev.sav")
    raw = read(path.read_bytes(), path.name)[0]
    made = clean(raw, propose(raw), secret=b"0" * 32)
    dataset = Dataset(responses=made.frame, questionnaire=made.questionnaire)
    result = answer(ANALYSIS, dataset)
    frame = pd.read_spss(path, convert_categoricals=False)
    scores = frame["Q8"].dropna()
    expected = 100 * ((scores >= 9).mean() - (scores <= 6).mean())
    total = result.tables["table"].row(0, named=True)
    assert (total["n"], total["nps"]) == (len(scores), pytest.approx(expected))
    assert set(result.tables["scores"]["measure"]) == {"CSAT", "CES"}
    effort = (
        result.tables["scores"].filter(question="Q12_1", **{"break": "全部答卷"}).row(0, named=True)
    )
    told = frame["Q12_1"].dropna()
    told = told[told <= 5]  # 6 is "Don't know"
    assert (effort["base"], effort["mean"]) == (len(told), pytest.approx(told.mean()))
