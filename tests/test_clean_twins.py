"""The 问卷星 exports of the same answers become one table; other pairs do not."""

from __future__ import annotations

import polars as pl
import pytest
from clean_tables import SECRET, cleaned, raw_table
from conftest import shared

from insight.analyses.survey import topline
from insight.analysis import answer
from insight.clean import clean, merge_twins, propose
from insight.dataset import Dataset
from insight.gather import Part, gather
from insight.readers import read
from insight.schema import Decisions, QuestionKind

IDS = {"序号": ["1", "2", "3", "4"]}
TEXT = IDS | {
    "1、年龄": ["18~24岁", "30~34岁", "18~24岁", "60岁以上"],
    "2、爱好": ["运动┋美食", "美食", "其他〖钓鱼〗", "运动"],
    "3、打分": ["5", "3", "4", "4"],
    "4、意见": ["物流太慢了吧", "包装破了两个", "(空)", "客服态度很好"],
}
CODE = IDS | {
    "1、年龄": ["2", "5", "2", "9"],
    "第2题(美食)": list("1100"),
    "第2题(运动)": list("1001"),
    "第2题(其他)": list("0010"),
    "第2题(从不)": list("0000"),
    "3、打分": ["5", "3", "4", "4"],
    "4、意见": ["物流太慢了吧", "包装破了两个", "-2", "客服态度很好"],
}


def survey(columns):
    return cleaned(raw_table(columns), table="responses", 序号="respondent_id")


@pytest.fixture
def merged():
    result = merge_twins(survey(TEXT), survey(CODE))
    assert result is not None
    return result


def test_labels_come_from_the_text_and_codes_and_order_from_the_numbers(merged):
    age, hobby = merged.questionnaire.find("Q1"), merged.questionnaire.find("Q2")
    assert [(o.label, o.code) for o in age.options] == [
        ("18~24岁", "2"), ("30~34岁", "5"), ("60岁以上", "9"),
    ]  # fmt: skip
    assert merged.frame["Q1"].to_list() == TEXT["1、年龄"]
    assert hobby.wording == "爱好"
    assert [(o.label, o.code) for o in hobby.options] == [
        ("美食", "1"), ("运动", "2"), ("其他", "3"), ("从不", "4"),
    ]  # fmt: skip
    assert merged.frame["Q2[运动]"].to_list() == [True, False, False, True]


def test_what_only_the_text_file_has_stays(merged):
    assert merged.frame["Q2_其他_文本"].to_list() == [None, None, "钓鱼", None]
    assert merged.questionnaire.find("Q4").kind is QuestionKind.OPEN


def test_rows_are_aligned_by_the_respondent_not_by_place():
    turned = {name: values[::-1] for name, values in CODE.items()}
    result = merge_twins(survey(TEXT), survey(turned))
    assert result is not None
    assert result.frame["respondent_id"].to_list() == IDS["序号"]
    assert result.frame["Q2[美食]"].to_list() == [True, True, False, False]


@pytest.mark.parametrize(
    "other",
    [
        {"1、年龄": ["2", "5", "3", "9"]},
        {"1、年龄": ["2", "2", "2", "9"]},
        {"1、年龄": ["2", "5", "2", "-2"]},
        {"第2题(美食)": list("1101")},
        {"4、意见": ["别的", "包装破了两个", "-2", "客服态度很好"]},
        {"序号": ["1", "2", "3", "7"]},
    ],
    ids=["two codes", "two labels", "a hole", "a tick", "an open answer", "a respondent"],
)
def test_one_differing_cell_or_respondent_makes_them_no_twins(other):
    assert merge_twins(survey(TEXT), survey(CODE | other)) is None


def test_the_roles_cannot_be_swapped():
    assert merge_twins(survey(CODE), survey(TEXT)) is None


def test_tables_without_questions_are_no_twins():
    orders = cleaned(raw_table({"下单时间": ["2024-03-05"], "金额": ["3"]}))
    assert merge_twins(orders, survey(CODE)) is None


def test_scores_join_the_labels_and_codes_of_the_other_two(merged):
    result = merge_twins(merged, scores({"1、年龄": ["1", "3", "1", "3"]}))
    assert result is not None
    age = result.questionnaire.find("Q1")
    assert [(o.label, o.code, o.score) for o in age.options] == [
        ("18~24岁", "2", 1.0), ("30~34岁", "5", 3.0), ("60岁以上", "9", 3.0),
    ]  # fmt: skip
    assert result.frame["Q1"].to_list() == TEXT["1、年龄"]
    assert merge_twins(merged, scores({"1、年龄": ["1", "3", "2", "3"]})) is None


def scores(columns):
    """The same answers as 问卷星 exports them 按分数."""
    raw = raw_table({**IDS, **columns})
    proposal = propose(raw, table="responses", decisions=Decisions(preset="wjx_score"))
    return clean(raw, proposal, secret=SECRET)


def test_why_answers_are_absent_is_known_from_either_file():
    text = survey(TEXT | {"1、年龄": ["18~24岁", "(跳过)", "18~24岁", "60岁以上"]})
    code = survey(CODE | {"1、年龄": ["2", "-3", "2", "9"]})
    result = merge_twins(text, code)
    assert result is not None
    assert result.frame["Q1?"].cast(pl.String).to_list() == [None, "not_asked", None, None]


def test_numbers_alone_say_where_their_texts_come_from():
    result = survey(CODE)
    assert "单选题只有选项序号：再导入同一份问卷按文本导出的文件，就会显示选项文字" in result.issues["reason"].to_list()  # fmt: skip


def test_respondents_who_were_screened_out_do_not_keep_twins_apart():
    at = {
        "提交答卷时间": [f"2024-03-0{day} 10:00:00" for day in range(1, 6)],
        "序号": list("12345"),
    }
    out = {"1、年龄": "(跳过)", "2、爱好": "(跳过)", "3、打分": "(跳过)", "4、意见": "从来不买"}
    text = {c: [*v, out[c]] for c, v in TEXT.items() if c in out}
    code = {c: [*v, out[c] if c == "4、意见" else "-3"] for c, v in CODE.items() if c != "序号"}
    parts = [
        cleaned(raw_table(at | c), table="responses", 序号="respondent_id") for c in (text, code)
    ]
    for ordered in (parts, parts[::-1]):
        gathered = gather([Part("responses", p, n) for p, n in zip(ordered, "ab", strict=True)])
        assert gathered.joined.tables["responses"].height == 5
        assert not gathered.notes


def test_a_second_wave_of_numbers_takes_the_texts_of_the_first(merged):
    second = survey(CODE | {"序号": ["5", "6", "7", "8"]})
    for parts in ([merged, second], [second, merged]):
        gathered = gather([Part("responses", part) for part in parts])
        assert [q.id for q in gathered.questionnaire.questions if q.id.startswith("S2")] == []
        ages = gathered.joined.tables["responses"]["Q1"]
        assert sorted(ages) == sorted(TEXT["1、年龄"] * 2)


def test_numbers_whose_texts_nobody_knows_never_mix_with_texts():
    other = survey(CODE | {"序号": ["5", "6", "7", "8"]})
    gathered = gather([Part("responses", survey(TEXT)), Part("responses", other)])
    assert gathered.joined.tables["responses"]["Q1"].drop_nulls().to_list() == TEXT["1、年龄"]


@pytest.fixture(scope="module")
def pair():
    """The real pair of one 问卷星 survey."""
    paths = [shared(f"data/reportgen_wjx/问卷星数据_800_800_{style}.xls") for style in (0, 2)]
    raws = [read(path.read_bytes(), path.name)[0] for path in paths]
    return [clean(raw, propose(raw), secret=SECRET) for raw in raws]


def tables_of(*parts):
    """Option -> (n, base) of every question, as the topline tells it."""
    gathered = gather([Part("responses", part) for part in parts])
    dataset = Dataset(responses=gathered.joined.tables["responses"], questionnaire=gathered.questionnaire)  # fmt: skip
    told = answer(topline.ANALYSIS, dataset).tables
    return {
        name: {option: (n, base) for option, n, base in told[name].select("option", "n", "base").iter_rows()}
        for name in told
        if name != "summary"
    }  # fmt: skip


def test_the_real_pair_gives_the_same_topline_in_any_order(pair):
    text, code = pair
    alone, numbered = tables_of(text), tables_of(code)
    both, turned = tables_of(text, code), tables_of(code, text)
    assert both == turned
    for question in ("Q6", "Q8"):
        assert alone[question] == numbered[question] == both[question]
    assert alone == both
    assert sorted(numbered["Q1"].values()) == sorted(alone["Q1"].values())
    assert numbered["Q1"] == {"1": (521, 800), "2": (261, 800), "3": (12, 800), "4": (6, 800)}
