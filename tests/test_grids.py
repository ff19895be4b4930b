"""Matrices as one table: shares around the middle, boxes, means, and the gaps between two of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from conftest import shared
from scipy.stats import ttest_ind, ttest_rel
from statsmodels.stats.proportion import proportions_ztest

from insight import charts
from insight.analyses.survey.grids import ANALYSIS
from insight.analysis import answer
from insight.charts.diverging import shades
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing, TooFewRows, UnknownName
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.stats.multiple import adjusted

WORDS = ("很不满意", "不满意", "一般", "满意", "很满意")
PRICE = [1] * 10 + [2] * 20 + [3] * 20 + [4] * 40 + [5] * 10  # T2B 50 %, B2B 30 %, mean 3.2
SPEED = [1] * 2 + [2] * 8 + [3] * 30 + [4] * 30 + [5] * 30  # T2B 60 %, B2B 10 %, mean 3.78
MEN = [35 <= at < 90 for at in range(100)]
HOPED = [3] * 20 + [4] * 30 + [5] * 50


def matrix(id_: str, wording: str, rows: tuple[str, ...], options: tuple[str, ...] = ()) -> Question:  # fmt: skip
    return Question(
        id=id_, wording=wording, kind=QuestionKind.MATRIX, columns=tuple(f"{id_}[{r}]" for r in rows), rows=rows,
        options=tuple(Option(label=o) for o in options),
    )  # fmt: skip


SATISFIED = matrix("Q1", "您对以下各方面有多满意？", ("价格", "速度"), WORDS)
WANTED = matrix("Q2", "以下各方面对您有多重要？（1-5分）", ("速度", "价格"))
SEX = Question(id="Q3", wording="您的性别", kind=QuestionKind.SINGLE, columns=("Q3",), options=(Option(label="女"), Option(label="男")))  # fmt: skip


@pytest.fixture
def dataset() -> Dataset:
    """A hundred people: one matrix in words, the other in numbers, its rows the other way round."""
    rng = np.random.default_rng(3)
    responses = pl.DataFrame({
        "respondent_id": [f"r{at:03}" for at in range(100)],
        "Q1[价格]": [WORDS[v - 1] for v in PRICE], "Q1[速度]": [WORDS[v - 1] for v in SPEED],
        "Q2[速度]": rng.permutation(HOPED), "Q2[价格]": rng.permutation(HOPED),
        "Q3": ["男" if is_man else "女" for is_man in MEN],
    })  # fmt: skip
    return Dataset(responses=responses, questionnaire=Questionnaire(questions=(SATISFIED, WANTED, SEX)))  # fmt: skip


def told(dataset: Dataset, **params: object):
    return answer(ANALYSIS, dataset, ANALYSIS.params.model_validate(params))


def line(
    table: pl.DataFrame, item: str, column: str = "全部答卷", of: str = "全部答卷", grid: str = "Q1"
):
    rows = table.filter(pl.col("grid").str.starts_with(grid), item=item, column=column, **{"break": of})  # fmt: skip
    return rows.row(0, named=True)


def test_a_row_has_its_top_and_bottom_boxes_and_its_mean(dataset):
    row = line(told(dataset).tables["rows"], "价格")
    assert row["base"] == 100
    assert row["top2_share"] == pytest.approx(0.5)
    assert row["bottom2_share"] == pytest.approx(0.3)
    assert row["mean"] == pytest.approx(3.2)
    assert row["sd"] == pytest.approx(np.std(PRICE, ddof=1))


def test_every_point_of_the_scale_is_counted_also_where_nobody_chose_it(dataset):
    table = told(dataset).tables["table"]
    speed = table.filter(pl.col("grid").str.starts_with("Q1"), item="速度")
    assert speed.select("option", "n").rows() == list(zip([f"{at} {w}" for at, w in enumerate(WORDS, 1)], (2, 8, 30, 30, 30), strict=True))  # fmt: skip
    wanted = table.filter(pl.col("grid").str.starts_with("Q2"), item="速度")
    assert wanted["option"].to_list() == ["3", "4", "5"]


@pytest.mark.parametrize(
    ("order", "first"),
    [("最高两分", "速度"), ("均值", "速度"), ("问卷顺序", "价格")],
)
def test_rows_stand_in_the_wanted_order(dataset, order, first):
    tables = told(dataset, order=order, questions=["Q1"]).tables
    assert tables["rows"]["item"][0] == first
    assert tables["table"]["item"][0] == first


def test_groups_are_compared_by_shares_and_by_means(dataset):
    row = line(told(dataset).tables["rows"], "价格", "男", "Q3 您的性别")
    women, men = np.array(PRICE)[~np.array(MEN)], np.array(PRICE)[MEN]
    z = proportions_ztest([(men >= 4).sum(), (women >= 4).sum()], [55, 45])
    assert row["p_adjusted"] == pytest.approx(z[1])
    assert row["mean_p_adjusted"] == pytest.approx(ttest_ind(men, women, equal_var=False).pvalue)
    assert (row["letters"], row["mean_letters"]) == ("A", "A")


def test_two_matrices_on_the_same_rows_are_taken_off_person_by_person(dataset):
    table = told(dataset).tables["differences"]
    first = np.array(SPEED, dtype=float)
    second = dataset.responses["Q2[速度]"].to_numpy()
    row = line(table, "速度")
    test = ttest_rel(first, second)
    assert row["gap"] == pytest.approx(3.78 - 4.3)
    assert row["t"] == pytest.approx(test.statistic)
    assert row["p_value"] == pytest.approx(test.pvalue)
    assert (row["gap_low"], row["gap_high"]) == tuple(pytest.approx(v) for v in test.confidence_interval())  # fmt: skip
    assert row["effect"] == pytest.approx((first - second).mean() / (first - second).std(ddof=1))
    whole = table.filter(**{"break": "全部答卷"})
    assert whole["p_adjusted"].to_list() == pytest.approx(adjusted(whole["p_value"].to_numpy(), "bonferroni").tolist())  # fmt: skip


def test_only_those_who_answered_both_are_taken_off(dataset):
    holes = dataset.responses.with_columns(pl.when(pl.col("Q3") == "女").then("Q2[速度]").alias("Q2[速度]"))  # fmt: skip
    assert line(told(replace(dataset, responses=holes)).tables["differences"], "速度")["base"] == 45


def test_who_does_not_know_has_no_degree_and_no_base(dataset):
    unsure = SATISFIED.model_copy(update={"options": (*SATISFIED.options, Option(label="说不清"))})
    answers = pl.when(pl.col("respondent_id") < "r010").then(pl.lit("说不清")).otherwise("Q1[价格]")
    changed = replace(
        dataset, responses=dataset.responses.with_columns(answers.alias("Q1[价格]")), questionnaire=Questionnaire(questions=(unsure, SEX)),
    )  # fmt: skip
    row = line(told(changed).tables["rows"], "价格")
    assert row["base"] == 90
    assert row["bottom2_share"] == pytest.approx(20 / 90)


def test_weights_count_people_as_often_as_they_say(dataset):
    weight = pl.Series("weight", [2.0] * 60 + [1.0] * 40)
    weighted = replace(dataset, responses=dataset.responses.with_columns(weight))
    tables = told(weighted).tables
    row = line(tables["rows"], "价格")
    assert row["mean"] == pytest.approx(np.average(PRICE, weights=weight.to_numpy()))
    assert row["effective_base"] == pytest.approx(160**2 / (4 * 60 + 40))
    gap = line(tables["differences"], "价格")
    assert gap["mean"] == pytest.approx(np.average(PRICE, weights=weight.to_numpy()))


def test_the_neutral_answer_is_split_in_the_middle(dataset):
    chart = told(dataset, questions=["Q1"]).charts["table"].to_dict()
    rows = [
        r
        for data in chart["datasets"].values()
        for r in data
        if "__worst" in r and r["item"] == "价格"
    ]
    ends = {r["option"]: (r["__worst"], r["__best"]) for r in rows}
    assert ends["3 一般"] == (pytest.approx(-0.1), pytest.approx(0.1))
    assert ends["1 很不满意"] == (pytest.approx(-0.4), pytest.approx(-0.3))
    assert ends["5 很满意"] == (pytest.approx(0.5), pytest.approx(0.6))


def test_a_scale_without_a_middle_parts_at_zero():
    table = pl.DataFrame({"row": ["a"] * 4, "option": ["1", "2", "3", "4"], "share": [0.1, 0.2, 0.3, 0.4]})  # fmt: skip
    chart = charts.diverging(table, label="row", part="option", value="share").to_dict()
    ends = {
        r["option"]: r["__worst"]
        for data in chart["datasets"].values()
        for r in data
        if "__worst" in r
    }
    assert ends["3"] == pytest.approx(0)
    assert len(set(shades(4))) == 4
    assert shades(5)[2] == shades(3)[1]


def test_what_is_no_graded_matrix_is_said(dataset):
    brands = matrix("Q4", "各场合用什么品牌？", ("早上", "晚上"), ("甲牌", "乙牌"))
    responses = dataset.responses.with_columns(pl.lit("甲牌").alias("Q4[早上]"), pl.lit("乙牌").alias("Q4[晚上]"))  # fmt: skip
    changed = replace(dataset, responses=responses, questionnaire=Questionnaire(questions=(brands, SEX)))  # fmt: skip
    with pytest.raises(BadParameter, match="没有高低顺序"):
        told(changed, questions=["Q4"])
    with pytest.raises(QuestionsMissing, match="矩阵题"):
        told(changed)
    with pytest.raises(UnknownName, match="Q9"):
        told(dataset, questions=["Q9"])


def test_a_matrix_nobody_answered_is_said(dataset):
    blank = dataset.responses.with_columns(pl.lit(None, pl.Int64).alias(c) for c in (*SATISFIED.columns, *WANTED.columns))  # fmt: skip
    with pytest.raises((QuestionsMissing, TooFewRows)):
        told(replace(dataset, responses=blank))


def test_tiny_groups_are_hidden(dataset):
    few = dataset.responses.with_columns(Q3=pl.Series(["女"] * 95 + ["男"] * 5))
    tables = told(replace(dataset, responses=few)).tables
    row = line(tables["rows"], "价格", "男", "Q3 您的性别")
    assert (row["mean"], row["top2_share"], row["flag"], row["letters"]) == (None, None, "—", "—")
    assert line(tables["differences"], "价格", "男", "Q3 您的性别")["gap"] is None


def test_brand_attitudes_of_a_real_file_have_the_means_of_its_raw_columns():
    import pandas as pd

    from insight.clean import clean, propose
    from insight.readers import read

    path = shared("data/displayr_sav/Colas.sav")
    raw = read(path.read_bytes(), path.name)[0]
    made = clean(raw, propose(raw), secret=b"0" * 32)
    dataset = Dataset(responses=made.frame, questionnaire=made.questionnaire)
    result = told(dataset, questions=["Q4"], order="问卷顺序")
    frame = pd.read_spss(path, convert_categoricals=False)
    rows = result.tables["rows"].filter(**{"break": "全部答卷"})
    columns = [c for c in frame.columns if c.startswith("q4")][: rows.height]
    assert rows.height == 6
    assert rows["mean"].to_list() == pytest.approx([frame[c].mean() for c in columns])  # fmt: skip
