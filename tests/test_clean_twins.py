"""The two 问卷星 exports of the same answers become one table; other pairs do not."""

from __future__ import annotations

import pytest
from clean_tables import cleaned, raw_table

from insight.clean import merge_twins
from insight.schema import QuestionKind

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
    assert merged.frame["Q2_其他"].to_list() == [None, None, "钓鱼", None]
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
