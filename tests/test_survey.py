"""Topline and cross tables of a small questionnaire whose answers are known by heart."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from insight.analyses.survey import crosstab, topline
from insight.analysis import answer
from insight.answers import chosen, nets, parts
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, NobodyWeighted, TooFewRows, UnknownName
from insight.schema import Option, Question, Questionnaire

SHARED = Path(__file__).parents[2] / "shared"
N = 120
GROUPS = ["甲"] * 50 + ["乙"] * 50 + ["丙"] * 20

QUESTIONS = Questionnaire(
    questions=(
        Question(id="Q1", wording="您常在哪里买", kind="single", columns=("Q1",),
                 options=(Option(label="门店"), Option(label="网店"), Option(label="直播"))),
        Question(id="Q2", wording="您看重什么", kind="multi", columns=("Q2_1", "Q2_2", "Q2_3"),
                 options=(Option(label="物流快", column="Q2_1"), Option(label="价格低", column="Q2_2"),
                          Option(label="以上都没有", column="Q2_3"))),
        Question(id="Q3", wording="整体满意度", kind="scale", columns=("Q3",)),
        Question(id="Q4", wording="推荐意愿", kind="nps", columns=("Q4",)),
        Question(id="Q5", wording="各方面如何", kind="matrix", columns=("Q5_a", "Q5_b"), rows=("客服", "包装"),
                 options=(Option(label="差"), Option(label="好"))),
        Question(id="Q6", wording="请排序", kind="rank", columns=("Q6_1", "Q6_2"),
                 options=(Option(label="甲牌", column="Q6_1"), Option(label="乙牌", column="Q6_2"))),
        Question(id="Q7", wording="年龄", kind="number", columns=("Q7",)),
        Question(id="Q8", wording="还有什么想说的", kind="open", columns=("Q8",)),
    )
)  # fmt: skip


def ticked(n_true, of):
    return [True] * n_true + [False] * (of - n_true)


@pytest.fixture
def responses():
    """甲: 40 of 50 want fast delivery, 乙: 20 of 50, 丙: 10 of 20; 20 more people were not asked Q2."""
    return pl.DataFrame({
        "respondent_id": [f"r{i:03}" for i in range(N)],
        "group": GROUPS,
        "Q1": ["网店"] * 70 + ["门店"] * 30 + ["电话"] * 5 + [None] * 15,
        "Q2_1": ticked(40, 50) + ticked(20, 50) + [None] * 20,
        "Q2_2": ticked(25, 50) + ticked(25, 50) + [None] * 20,
        "Q2_3": [True] + [False] * 99 + [None] * 20,
        "Q3": [5] * 60 + [4] * 30 + [2] * 10 + [None] * 20,
        "Q4": [10] * 50 + [8] * 20 + [3] * 30 + [None] * 20,
        "Q5_a": ["好"] * 90 + ["差"] * 30,
        "Q5_b": [1] * 60 + [5] * 60,
        "Q6_1": [1.0] * 30 + [2.0] * 60 + [None] * 30,
        "Q6_2": [None] * 30 + [1.0] * 60 + [None] * 30,
        "Q7": [20.0] * 60 + [40.0] * 60,
        "Q8": ["很好"] * 12 + [None] * 108,
    })  # fmt: skip


@pytest.fixture
def study(responses):
    """The same, whose group is a break: 甲 50, 乙 50, 丙 20."""
    groups = Question(id="G", wording="人群", kind="single", columns=("group",),
                      options=tuple(Option(label=g) for g in "甲乙丙"))  # fmt: skip
    return Dataset(responses=responses, questionnaire=Questionnaire(questions=(*QUESTIONS.questions, groups)))  # fmt: skip


def top(study, **params):
    return answer(topline.ANALYSIS, study, topline.Params(**params))


def cross(study, **params):
    return answer(crosstab.ANALYSIS, study, crosstab.Params(**{"breaks": ["G"]} | params))


def cell(table, **where):
    return table.filter(**where).row(0, named=True)


def test_topline_starts_with_the_agreed_columns_and_keeps_the_order_of_the_questionnaire(study):
    table = top(study).tables["Q1"]
    assert table.columns[:6] == ["option", "n", "base", "share", "ci_low", "ci_high"]
    assert table["option"].to_list() == ["门店", "网店", "直播", "电话"]  # then what was not listed
    assert table["n"].to_list() == [30, 70, 0, 5]


def test_base_is_those_asked_and_the_interval_is_wilson(study):
    row = cell(top(study).tables["Q1"], option="网店")
    assert (row["base"], row["share"]) == (105, 70 / 105)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(
        proportion_confint(70, 105, method="wilson")
    )


def test_multiple_answers_add_up_to_more_than_everybody_but_ticks_to_all_ticks(study):
    table = top(study).tables["Q2"]
    assert table["share"].to_list() == pytest.approx([0.6, 0.5, 0.01])
    assert table["share_of_ticks"].to_list() == pytest.approx([60 / 111, 50 / 111, 1 / 111])


def test_unanswered_are_shown_apart(study):
    row = cell(top(study).tables["summary"], question="Q2")
    assert (row["base"], row["n_missing"]) == (100, 20)
    assert row["any_share"] == pytest.approx((40 + 25) / 100)  # 40 of 甲, 25 of 乙


def test_none_of_these_is_not_at_least_one_option(study):
    q2 = QUESTIONS.find("Q2")
    frame = pl.DataFrame({
        "Q2_1": [True, False, False, None, True], "Q2_2": [False, False, False, None, False],
        "Q2_3": [False, True, False, None, True],
    })  # fmt: skip
    # a tick, none of these, nothing at all, not asked, both
    assert nets(frame, q2)["至少选一项"].to_list() == [True, False, False, None, True]
    all_of_these = q2.model_copy(
        update={"options": (*q2.options[:2], Option(label="以上都是", column="Q2_3"))}
    )
    assert nets(frame, all_of_these)["至少选一项"].to_list() == [True, True, False, None, True]
    only_none = frame.select("Q2_3")
    assert nets(only_none, q2)["至少选一项"].to_list() == [False, False, False, None, False]
    none_for_all = study.responses.with_columns(
        Q2_1=pl.lit(value=False), Q2_2=pl.lit(value=False), Q2_3=pl.int_range(N) < 30
    )
    summary = top(Dataset(responses=none_for_all, questionnaire=QUESTIONS)).tables["summary"]
    assert cell(summary, question="Q2")["any_share"] == 0.0


def test_contradiction_of_none_of_these_is_told(study):
    assert any("1 份答卷同时选了“以上都没有”" in note for note in top(study).notes)


def test_scale_keeps_the_score_nobody_gave_and_reports_mean_and_top_two(study):
    result = top(study)
    assert result.tables["Q3"].select("option", "n").rows() == [
        ("2", 10),
        ("3", 0),
        ("4", 30),
        ("5", 60),
    ]
    row = cell(result.tables["summary"], question="Q3")
    assert row["mean"] == pytest.approx((300 + 120 + 20) / 100)
    assert row["top2_share"] == pytest.approx(0.9)


def test_nps_has_eleven_rows_and_its_margin(study):
    result = top(study)
    assert result.tables["Q4"]["option"].to_list() == [str(i) for i in range(11)]
    row = cell(result.tables["summary"], question="Q4")
    assert row["nps"] == pytest.approx(20)  # 50 % promoters, 30 % detractors
    assert row["nps_margin"] == pytest.approx(norm.ppf(0.975) * math.sqrt(0.8 - 0.04) / 10 * 100)


def test_matrix_gives_one_table_per_row(study):
    tables = top(study).tables
    assert tables["Q5_1"].select("option", "n").rows() == [("差", 30), ("好", 90)]
    assert tables["Q5_2"]["option"].to_list() == ["1", "2", "3", "4", "5"]
    assert cell(tables["summary"], question="Q5_2")["mean"] == 3


def test_ranking_counts_first_places_among_those_who_ranked(study):
    table = top(study).tables["Q6"]
    assert table.select("n", "base").rows() == [(30, 90), (60, 90)]
    assert table["mean_rank"].to_list() == pytest.approx([(30 + 120) / 90, 1.0])


def test_numbers_and_open_questions_have_no_table_but_a_line_in_the_summary(study):
    tables = top(study).tables
    assert {"Q7", "Q8"} & set(tables) == set()
    assert cell(tables["summary"], question="Q7")["mean"] == 30
    assert cell(tables["summary"], question="Q8")["base"] == 12


def test_only_the_wanted_questions_are_shown(study):
    assert set(top(study, questions=["Q3"]).tables) == {"summary", "Q3"}
    with pytest.raises(UnknownName, match="Q99"):
        top(study, questions=["Q99"])


def test_weights_change_shares_and_intervals_but_not_counts(study, responses):
    weight = pl.Series("weight", [3.0] * 50 + [1.0] * 50 + [0.0] * 20)
    weighted = Dataset(responses=responses.with_columns(weight), questionnaire=study.questionnaire)
    row = cell(top(weighted).tables["Q2"], option="物流快")
    assert (row["n"], row["base"]) == (60, 100)
    assert row["share"] == pytest.approx((120 + 20) / 200)
    assert row["effective_base"] == pytest.approx(200**2 / 500)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(
        proportion_confint(56, 80, method="wilson")
    )
    plain = cell(top(weighted, use_weight=False).tables["Q2"], option="物流快")
    assert plain["share"] == 0.6
    assert any("20 份答卷权重缺失或不大于 0" in note for note in top(weighted).notes)
    assert any("加权 70.0%" in f.text for f in top(weighted).findings)


def test_nobody_with_a_weight_is_said_in_one_sentence(study, responses):
    nobody = Dataset(
        responses=responses.with_columns(weight=pl.lit(0.0)), questionnaire=study.questionnaire
    )
    with pytest.raises(NobodyWeighted, match="120 份答卷的权重都缺失或不大于 0") as caught:
        top(nobody)
    assert "不使用权重" in caught.value.hint
    assert top(nobody, use_weight=False).findings


def test_where_every_question_is_hidden_the_largest_base_is_told(study):
    few = Dataset(responses=study.responses.head(3), questionnaire=study.questionnaire)
    (only,) = top(few).findings
    assert only.base == 3
    assert only.text.endswith("，3 人；不足 10 人的题目不显示占比和平均分。")
    unanswered = few.responses.clear(3).with_columns(few.responses["respondent_id"])
    with pytest.raises(TooFewRows, match="有人回答的题目一个也没有"):
        top(Dataset(responses=unanswered, questionnaire=study.questionnaire))


def test_small_bases_are_marked_and_tiny_ones_hidden_in_topline(study):
    few = Dataset(responses=study.responses.head(29), questionnaire=study.questionnaire)
    result = top(few, questions=["Q1"])
    assert result.tables["Q1"]["flag"].to_list() == ["*"] * 3
    assert "仅作方向性参考" in result.findings[0].text
    nine = top(
        Dataset(responses=study.responses.head(9), questionnaire=study.questionnaire),
        questions=["Q1"],
    )
    assert nine.tables["Q1"]["share"].null_count() == 3
    assert "9 人；不足 10 人的题目不显示占比" in nine.findings[0].text
    assert nine.charts == {}


def test_findings_name_the_top_option_with_evidence_in_the_tables(study):
    result = top(study)
    first = result.findings[0]
    assert "“网店”最多，105 人里有 70 人选它（66.7%" in first.text
    shown = {e.column: result.tables[e.table][e.row, e.column] for e in first.evidence}
    assert shown["n"] == 70
    assert any("NPS 为 20.0（误差 ±17.1）" in f.text for f in result.findings)


def test_options_of_the_same_name_stay_apart(responses):
    twice = Question(id="Q2", wording="", kind="multi", columns=("Q2_1", "Q2_2"),
                     options=(Option(label="其他", column="Q2_1"), Option(label="其他", column="Q2_2")))  # fmt: skip
    assert chosen(responses, twice).columns == ["其他", "其他（2）"]


def test_labels_of_a_scale_are_shown_in_the_order_of_their_codes(responses):
    scale = Question(id="Q3", wording="", kind="scale", columns=("Q3",),
                     options=(Option(label="很满意", code="5"), Option(label="很不满意", code="1")))  # fmt: skip
    assert chosen(responses, scale).columns == ["很不满意", "2", "3", "4", "很满意"]
    assert nets(responses, scale).sum().row(0) == (90, 10)


def test_topline_without_questions_says_what_is_missing(responses):
    with pytest.raises(MissingColumns, match="题目"):
        top(Dataset(responses=responses))


def test_cross_table_has_exactly_the_agreed_columns_with_the_total_first(study):
    result = cross(study, rows=["Q2"])
    assert result.tables["table"].columns[:8] == [
        "row", "column", "n", "base", "effective_base", "share", "letters", "p_adjusted",
    ]  # fmt: skip
    assert result.tables["table"]["column"].to_list()[:4] == ["总计", "甲", "乙", "丙"]
    assert result.tables["columns"].select("column", "letter").rows() == [
        ("总计", ""), ("甲", "A"), ("乙", "B"), ("丙", "C"),
    ]  # fmt: skip


def test_cross_table_prints_the_lower_columns_letter_in_the_higher_cell(study):
    table = cross(study, rows=["Q2"]).tables["table"]
    high, low = (cell(table, row="物流快", column=g) for g in "甲乙")
    assert (high["n"], high["base"], high["share"]) == (40, 50, 0.8)
    _, p = proportions_ztest([40, 20], [50, 50])
    assert p < 0.01
    assert (high["letters"], low["letters"]) == ("B", "")
    assert cell(table, row="价格低", column="甲")["letters"] == ""  # 50 % against 50 %


def test_a_column_nobody_was_asked_in_is_hidden_and_marked(study):
    result = cross(study, rows=["Q2"])
    hidden = cell(result.tables["table"], row="物流快", column="丙")
    assert (hidden["base"], hidden["share"], hidden["letters"]) == (0, None, "—")
    assert cell(result.tables["columns"], column="丙")["flag"] == "—"


def test_cross_table_tells_the_difference_in_one_sentence_whose_numbers_are_cells(study):
    result = cross(study, rows=["Q2"])
    finding = result.findings[0]
    told = result.tables["tests"].row(0, named=True)
    assert finding.text == (
        "“甲”人群中有 40 人（80.0%，n=50）选择“物流快”，高于“乙”的 40.0%（n=50；校正后 p<0.001，"
        f"这张表作了 {told['n_tests']} 次两两比较，{told['n_significant']} 次显著）。"
    )
    values = [result.tables[e.table][e.row, e.column] for e in finding.evidence]
    assert values[:6] == [40, 0.8, 50, "B", 0.4, 50]
    assert values[6] == pytest.approx(4.4557e-05, rel=1e-4)  # z test of 40/50 against 20/50
    assert values[7:] == [told["n_tests"], told["n_significant"]]
    assert "Bonferroni" in finding.test


def test_no_difference_is_said_and_not_passed_over(study):
    even = cross(study, rows=["Q2"], correction="holm", level="5% / 0.1%")
    assert len(even.findings) == 1
    same = study.responses.with_columns(Q2_1=pl.col("Q2_2"))
    result = cross(Dataset(responses=same, questionnaire=study.questionnaire), rows=["Q2"])
    assert "没有查到显著差异" in result.findings[0].text


def test_sixteen_people_in_four_groups_are_not_said_to_be_alike(study):
    few = study.responses.head(16).with_columns(group=pl.Series([*"甲乙丙丁"] * 4))
    result = cross(Dataset(responses=few, questionnaire=study.questionnaire), rows=["Q2"])
    assert set(result.tables["table"].filter(pl.col("column") != "总计")["letters"]) == {"—"}
    (finding,) = result.findings
    assert "各人群之间人数太少，未能检验；" in finding.text
    assert "没有查到" not in finding.text
    assert "仅作方向性参考" in finding.text  # 16 people
    assert finding.test == ""


def test_shares_of_all_or_nobody_are_not_said_to_be_alike(study):
    all_or_none = study.responses.select(
        "respondent_id", "group", Q2_1=pl.col("group") == "甲", Q2_2=pl.col("group") != "甲"
    )
    result = cross(Dataset(responses=all_or_none, questionnaire=study.questionnaire), rows=["Q2"])
    (finding,) = result.findings
    assert "未能检验（占比不是 0% 就是 100%" in finding.text
    assert finding.test == ""


def test_columns_that_took_no_part_are_told_where_the_others_do_not_differ(study):
    half = study.responses.with_columns(
        Q2_1=pl.Series([True, False] * 60), Q2_2=pl.Series([True, False] * 60)
    )
    group = pl.Series("group", ["甲"] * 60 + ["乙"] * 52 + ["丙"] * 8)
    data = Dataset(
        responses=half.with_columns(group).drop("Q2_3"), questionnaire=study.questionnaire
    )
    (finding,) = cross(data, rows=["Q2"]).findings
    assert "没有查到显著差异（占比为 0%、100% 或基数不足 10 的列没有参与检验）" in finding.text
    assert "总计 120 人里有 60 人（50.0%）选择“物流快”，并列最多。" in finding.text
    assert "Bonferroni" in finding.test


def test_most_is_said_of_an_option_not_of_two_scores_together(study):
    # both groups alike: 5 from 50 of 120, 4 and 2 from 30 each; top two together 80 of 120
    scores = pl.Series("Q3", [5, 5, 5, 5, 5, 4, 4, 4, 2, 2, 2, 1] * 10)
    alike = study.responses.with_columns(scores, group=pl.Series([*["甲"] * 60, *["乙"] * 60]))
    (finding,) = cross(
        Dataset(responses=alike, questionnaire=study.questionnaire), rows=["Q3"]
    ).findings
    assert "总计 120 人里有 50 人（41.7%）选择“5”，最多。" in finding.text


def test_a_score_that_differs_is_told_where_the_top_two_together_do_not(study):
    # 甲 gives 5 and 乙 gives 4: the top two are 50 of 60 in both
    scores = pl.Series("Q3", [5] * 40 + [4] * 10 + [1] * 10 + [5] * 10 + [4] * 40 + [1] * 10)
    data = study.responses.with_columns(scores, group=pl.Series(["甲"] * 60 + ["乙"] * 60))
    texts = [
        f.text
        for f in cross(
            Dataset(responses=data, questionnaire=study.questionnaire), rows=["Q3"]
        ).findings
    ]
    assert len(texts) == 2
    assert any("“甲”人群中有 40 人（66.7%，n=60）选择“5”，高于“乙”的 16.7%" in t for t in texts)


def test_without_a_choice_the_groups_are_the_first_that_fit_and_are_named(study):
    found = cross(study, breaks=[], rows=["Q1"])
    assert found.tables["columns"]["column"].to_list() == ["总计", "2 分", "4 分", "5 分"]  # Q3
    assert "人群按“Q3 整体满意度”划分" in found.notes[0]
    assert "人群按“Q1 您常在哪里买”划分" in cross(study, breaks=[], rows=["Q3"]).notes[0]
    people = pl.DataFrame({"customer_id": [f"c{i}" for i in range(N)], "gender": ["女", "男"] * 60})
    known = study.responses.with_columns(customer_id="c" + pl.int_range(N).cast(pl.String))
    asked = Dataset(responses=known, customers=people, questionnaire=study.questionnaire)
    assert "人群按“性别”划分" in cross(asked, breaks=[], rows=["Q1"]).notes[0]


def test_a_questionnaire_that_nothing_divides_says_what_is_missing(study):
    alone = Questionnaire(questions=(QUESTIONS.find("Q1"),))
    with pytest.raises(MissingColumns, match="能把人分成两组以上的变量"):
        cross(Dataset(responses=study.responses, questionnaire=alone), breaks=[])


def test_a_difference_from_a_small_column_is_only_directional(study):
    group = pl.Series("group", ["甲"] * 100 + ["乙"] * 20)
    ticks = pl.Series("Q2_1", ticked(90, 100) + ticked(4, 20))
    small = Dataset(
        responses=study.responses.with_columns(group, ticks), questionnaire=study.questionnaire
    )
    text = cross(small, rows=["Q2"]).findings[0].text
    assert (
        "高于“乙”的 20.0%（n=20；校正后 p<0.001，这张表作了 2 次两两比较，2 次显著）（基数不足 30，仅作方向性参考）"
        in text
    )


def test_cross_table_compares_each_cell_with_the_rest(study):
    rest = cell(cross(study, rows=["Q1"]).tables["rest"], row="门店", column="乙")
    _, p = proportions_ztest([30, 0], [50, 55])
    assert rest["p_value"] == pytest.approx(p)
    assert rest["share_difference"] == pytest.approx(0.6)


def test_nps_is_crossed_by_its_groups_and_a_matrix_row_by_row(study):
    table = cross(study, rows=["Q4"]).tables["table"]
    assert table["row"].unique(maintain_order=True).to_list()[0].startswith("推荐者")
    table = cross(study, rows=["Q5"]).tables["table"]
    first, second = (table.filter(question=q)["row"].unique(maintain_order=True).to_list() for q in ("Q5_1", "Q5_2"))  # fmt: skip
    assert first == ["差", "好"]
    assert "最高两分（T2B）" in second


def test_first_question_that_can_be_counted_is_the_default(study):
    assert "Q1" in cross(study).notes[0]


def test_question_that_cannot_be_crossed_is_refused_with_a_reason(study):
    with pytest.raises(BadParameter, match="开放题"):
        cross(study, rows=["Q8"])
    with pytest.raises(BadParameter, match="自己"):
        cross(study, rows=["G"])
    with pytest.raises(UnknownName, match="Q99"):
        cross(study, rows=["Q99"])
    with pytest.raises(UnknownName, match="没有这个"):
        cross(study, breaks=["没有这个"])
    with pytest.raises(MissingColumns):
        cross(study, breaks=["rfm"])


def test_people_outside_every_group_are_left_out_and_counted_in_the_notes(study):
    some = study.responses.with_columns(group=pl.when(pl.int_range(N) >= 5).then("group"))
    result = cross(Dataset(responses=some, questionnaire=study.questionnaire), rows=["Q5"])
    assert cell(result.tables["table"], column="总计")["base"] == N - 5
    assert any("另有 5 份答卷没有人群归属" in note for note in result.notes)
    nobody = study.responses.with_columns(group=pl.when(pl.int_range(N) < 9).then("group"))
    with pytest.raises(TooFewRows, match="9 个"):
        cross(Dataset(responses=nobody, questionnaire=study.questionnaire), rows=["Q5"])


@pytest.mark.parametrize("run", [top, cross])
def test_shuffled_respondents_give_the_same_result(study, run):
    weighted = study.responses.with_columns(weight=pl.int_range(1, N + 1) / 7)
    results = [
        run(Dataset(responses=frame, questionnaire=study.questionnaire))
        for frame in (weighted, weighted.sample(fraction=1, shuffle=True, seed=4))
    ]
    assert results[0].findings == results[1].findings
    for name, table in results[0].tables.items():
        assert table.equals(results[1].tables[name]), name


def test_matrix_rows_become_questions_of_their_own(responses):
    matrix = QUESTIONS.find("Q5")
    assert [(p.id, str(p.kind)) for p in parts(matrix, responses)] == [
        ("Q5_1", "single"),
        ("Q5_2", "scale"),
    ]


def test_shares_of_a_real_survey_equal_those_counted_with_another_library():
    file = SHARED / "data/quantipy_example_a/Example Data (A).csv"
    if not file.exists():
        pytest.skip("the shared data folder is absent")
    raw = pl.read_csv(file, infer_schema_length=10_000, columns=["gender", "q1", "weight_a"])
    frame = raw.select(
        respondent_id=pl.int_range(pl.len()).cast(pl.String), weight="weight_a",
        q1=pl.col("q1").cast(pl.Int64).cast(pl.String), g=pl.col("gender").cast(pl.String),
    )  # fmt: skip
    asked = Questionnaire(
        questions=tuple(Question(id=c, wording=c, kind="single", columns=(c,)) for c in ("q1", "g"))
    )
    table = cross(Dataset(responses=frame, questionnaire=asked), rows=["q1"], breaks=["g"]).tables[
        "table"
    ]
    pandas = frame.to_pandas().dropna(subset=["q1", "g"])
    for (group, option), part in pandas.groupby(["g", "q1"]):
        whole = pandas[pandas.g == group]
        ours = cell(table, row=option, column=group)
        assert (ours["n"], ours["base"]) == (len(part), len(whole))
        assert ours["share"] == pytest.approx(part.weight.sum() / whole.weight.sum(), abs=1e-12)


def _multi(ticks):
    columns = [f"Q[{i}]" for i in range(len(ticks[0]))]
    options = tuple(Option(label=f"品牌{i}", column=c) for i, c in enumerate(columns))
    question = Question(
        id="Q", wording="买过", kind="multi", columns=tuple(columns), options=options
    )
    rows = [(f"r{i}", *t) for i, t in enumerate(ticks)]
    schema = {"respondent_id": pl.String} | dict.fromkeys(columns, pl.Boolean)
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return Dataset(responses=frame, questionnaire=Questionnaire(questions=(question,)))


def test_a_first_place_shared_by_many_names_three_and_counts_the_rest():
    result = answer(topline.ANALYSIS, _multi([(True,) * 30] * 12))
    assert "与“品牌1”、“品牌2”、“品牌3”等 29 项并列最多" in result.findings[0].text


def test_a_multi_select_that_nobody_ticked_has_no_share_of_ticks():
    table = answer(topline.ANALYSIS, _multi([(False, False)] * 12)).tables["Q"]
    assert table["share_of_ticks"].to_list() == [None, None]
