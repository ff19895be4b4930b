"""Questionnaire exports become one row per respondent and the questions behind the columns."""

from __future__ import annotations

import polars as pl
import pytest
from clean_tables import SECRET, cleaned, raw_table, reasons

from insight.clean import clean, propose
from insight.clean.choices import ordered
from insight.errors import NoUsableColumn
from insight.privacy import token
from insight.schema import QuestionKind

FRONT = {
    "序号": ["1", "2", "3", "4", "5", "6"],
    "提交答卷时间": ["2021/7/16 10:01:59"] * 6,
    "所用时间": ["64秒", "1分4秒", "2分0秒", "30秒", "45秒", "1分0秒"],
    "来源": ["微信", "微信", "链接", "微信", "链接", "微信"],
    "来源详情": ["N/A"] * 6,
    "来自IP": ["1.2.3.4(广东-深圳)"] * 6,
}


def wjx(**questions):
    """Six answers as 问卷星 exports them; everybody says a city at the end."""
    return raw_table(FRONT | questions | {"99、城市": list("京沪京沪京京")})


def lonely(**questions):
    """The same without the city."""
    return raw_table(FRONT | questions)


def asked(result, question_id):
    question = result.questionnaire.find(question_id)
    assert question is not None, [q.id for q in result.questionnaire.questions]
    return question


def labels(question):
    return [option.label for option in question.options]


def test_the_front_columns_have_their_types_and_the_circumstances_stay_out():
    result = cleaned(wjx(**{"1、性别": ["男", "女", "男", "女", "男", "男"]}))
    frame = result.frame
    told = ["respondent_id", "submitted_at", "duration_s", "source", "Q1", "Q99", "ip", "ip_region"]
    assert frame.columns == told
    assert frame["duration_s"].to_list() == [64.0, 64.0, 120.0, 30.0, 45.0, 60.0]
    assert frame.schema["submitted_at"] == pl.Int64
    assert asked(result, "Q1").wording == "性别"


def test_several_choices_in_one_cell_become_a_column_each():
    result = cleaned(wjx(**{
        "6、兴趣爱好": ["运动┋美食", "美食", "(跳过)", "(空)", "运动┋其他〖军事〗", "ACG文化(动漫、游戏等)┋美食"],
    }))  # fmt: skip
    question = asked(result, "Q6")
    assert question.kind is QuestionKind.MULTI
    assert labels(question) == ["美食", "运动", "ACG文化(动漫、游戏等)", "其他"]
    assert result.frame["Q6[运动]"].to_list() == [True, False, None, False, True, False]
    assert result.frame["Q6[其他]"].to_list() == [False, False, None, False, True, False]
    assert result.frame["Q6_其他_文本"].to_list() == [None, None, None, None, "军事", None]
    assert asked(result, "Q6_其他_文本").kind is QuestionKind.OPEN
    assert question.base == "看到本题的答卷"


@pytest.mark.parametrize("mark", [";", "；", "|", "¦", "、", "，", ",", "\n"])
def test_other_marks_between_choices_are_found(mark):
    cells = [
        "价格 质量",
        "价格",
        "质量 包装(盒,袋、罐)",
        "包装(盒,袋、罐) 价格",
        "质量 价格",
        "质量",
    ] * 3
    raw = raw_table(
        {"1、看重什么": [c.replace(" ", mark) for c in cells], "2、性别": ["男", "女"] * 9}
    )
    result = cleaned(raw, table="responses")
    question = asked(result, "Q1")
    assert question.kind is QuestionKind.MULTI
    assert set(labels(question)) == {"价格", "质量", "包装(盒,袋、罐)"}
    assert result.frame["Q1[价格]"].sum() == 12


@pytest.mark.parametrize(
    "cells",
    [
        [
            "物流很慢，包装也破了",
            "还可以，客服不错",
            "太贵了，不值",
            "很好",
            "一般，再看看",
            "下次还来",
        ],
        ["微信、QQ", "抖音、快手", "微信、QQ", "其他", "抖音、快手", "微信、QQ"] * 5,
        ["政治/军事", "财经", "政治/军事", "财经", "财经", "时尚"],
        ["3000-3499元", "1,000-1,499元", "3000-3499元", "1,000-1,499元", "3000-3499元", "0-999元"],
    ],
)
def test_commas_and_stops_inside_an_answer_do_not_split_it(cells):
    result = cleaned(raw_table({"1、题": cells}), table="responses")
    assert asked(result, "Q1").kind in {QuestionKind.SINGLE, QuestionKind.OPEN}
    assert result.frame["Q1"].to_list() == cells


def test_one_choice_keeps_its_option_and_what_was_written_behind_other():
    result = cleaned(
        wjx(**{"2、渠道": ["抖音", "其他〖朋友介绍〗", "抖音", "(跳过)", "(空)", "淘宝"]})
    )
    assert result.frame["Q2"].to_list() == ["抖音", "其他", "抖音", None, None, "淘宝"]
    assert result.frame["Q2_其他_文本"].to_list() == [None, "朋友介绍", None, None, None, None]
    assert labels(asked(result, "Q2")) == ["抖音", "其他", "淘宝"]


def test_option_numbers_are_read_with_skipped_and_empty_marks():
    result = cleaned(wjx(**{
        "1、性别": ["1", "2", "1", "1", "-3", "-2"],
        "第6题(运动)": ["1", "0", "-3", "1", "-2", "0"],
        "第6题(美食)": ["1", "1", "-3", "0", "-2", "0"],
        "5、(乘车不安全)": ["0", "1", "1", "0", "1", "0"],
        "5、(太贵)": ["1", "1", "0", "0", "1", "0"],
    }))  # fmt: skip
    assert asked(result, "Q1").kind is QuestionKind.SINGLE
    assert result.frame["Q1"].to_list() == ["1", "2", "1", "1", None, None]
    assert [(o.label, o.code) for o in asked(result, "Q1").options] == [("1", "1"), ("2", "2")]
    assert labels(asked(result, "Q6")) == ["运动", "美食"]
    assert result.frame["Q6[运动]"].to_list() == [True, False, None, True, False, False]
    assert labels(asked(result, "Q5")) == ["乘车不安全", "太贵"]


def test_both_styles_of_one_multiple_choice_give_the_same_columns():
    text = cleaned(wjx(**{"6、爱好": ["运动┋美食", "美食", "运动", "美食", "运动", "美食"]}))
    code = cleaned(wjx(**{"第6题(运动)": list("101010"), "第6题(美食)": list("110101")}))
    columns = ["respondent_id", "Q6[运动]", "Q6[美食]"]
    assert text.frame.select(columns).equals(code.frame.select(columns))


@pytest.mark.parametrize(
    ("wording", "values", "kind"),
    [
        ("1、您有多大可能推荐我们给朋友？", ["10", "9", "0", "7", "8", "3"], QuestionKind.NPS),
        ("1、NPS", ["10", "9", "0", "7", "8", "3"], QuestionKind.NPS),
        ("1、总体满意度", ["5", "4", "3", "5", "2", "1"], QuestionKind.SCALE),
        ("1、推荐程度", ["5", "4", "3", "5", "2", "1"], QuestionKind.SCALE),
        ("1、每月消费多少元", ["120", "30.5", "88", "1,200", "0", "45"], QuestionKind.NUMBER),
        ("1、性别", ["男", "女", "男", "女", "男", "女"], QuestionKind.SINGLE),
        ("1、是否购买", ["1", "2", "1", "2", "1", "2"], QuestionKind.SINGLE),
        ("1、您的建议", ["物流再快一点", "包装可以更好看", "没有什么建议", "希望多一些口味", "降价降价降价", "客服态度要改"], QuestionKind.OPEN),
    ],
)  # fmt: skip
def test_values_and_wording_say_the_kind_of_a_question(wording, values, kind):
    raw = raw_table({wording: values, "2、城市": ["北京", "上海", "北京", "上海", "北京", "北京"]})
    result = cleaned(raw, table="responses")
    assert asked(result, "Q1").kind is kind
    whole = kind in {QuestionKind.NPS, QuestionKind.SCALE}
    number = pl.Int64 if whole else pl.Float64 if kind is QuestionKind.NUMBER else pl.String
    assert result.frame.schema["Q1"] == number


def test_a_matrix_has_a_column_per_row_on_one_set_of_options():
    result = cleaned(wjx(**{
        "4、评价—外观": ["满意", "一般", "满意", "不满意", "满意", "一般"], "4、评价—价格": ["一般", "不满意", "一般", "一般", "满意", "满意"],
        "第7题(外观)": ["5", "4", "3", "5", "4", "2"], "第7题(价格)": ["1", "2", "3", "5", "5", "-2"],
    }))  # fmt: skip
    words, points = asked(result, "Q4"), asked(result, "Q7")
    assert (words.kind, words.wording, words.rows) == (
        QuestionKind.MATRIX,
        "评价",
        ("外观", "价格"),
    )
    assert labels(words) == ["不满意", "一般", "满意"]
    assert words.columns == ("Q4[外观]", "Q4[价格]")
    assert labels(points) == ["1", "2", "3", "4", "5"]
    assert result.frame["Q7[价格]"].to_list() == [1, 2, 3, 5, 5, None]


def test_a_ranking_has_the_place_of_each_item():
    orders = [
        "价格→质量→品牌",
        "质量→价格",
        "价格→品牌→质量",
        "(空)",
        "品牌→价格→质量",
        "价格→品牌",
    ]
    text = cleaned(wjx(**{"3、排序": orders}))
    assert asked(text, "Q3").kind is QuestionKind.RANK
    assert text.frame["Q3[价格]"].to_list() == [1, 2, 1, None, 2, 1]
    assert text.frame["Q3[品牌]"].to_list() == [3, None, 2, None, 1, 2]
    places = {"价格": "1 2 1 -2 2 1", "质量": "2 1 3 -2 3 -2", "品牌": "3 -2 2 -2 1 2"}
    code = cleaned(wjx(**{f"第3题({item})": cells.split() for item, cells in places.items()}))
    assert asked(code, "Q3").kind is QuestionKind.RANK
    columns = [f"Q3[{item}]" for item in places]
    assert code.frame.select(columns).equals(text.frame.select(columns))


def test_ticks_may_be_written_as_words_or_as_the_option_itself():
    raw = raw_table({
        "Q1_1": ["Yes", "No", "Yes"], "Q1_2": ["No", "No", "Yes"],
        "您知道哪些品牌？_小米": ["小米", None, None], "您知道哪些品牌？_华为": ["华为", "华为", None],
        "Q3_1": ["1", None, "1"], "Q3_2": [None, None, "1"], "Q3_other": [None, None, "别的牌子"],
    })  # fmt: skip
    result = cleaned(raw, table="responses")
    assert result.frame["Q1[1]"].to_list() == [True, False, True]
    assert result.frame["Q2[小米]"].to_list() == [True, False, None]
    assert result.frame["Q2[华为]"].to_list() == [True, True, None]
    assert result.frame["Q3[2]"].to_list() == [False, None, True]
    assert result.frame["Q3_其他_文本"].to_list() == [None, None, "别的牌子"]


def test_questions_are_called_by_their_number_else_by_their_place():
    raw = raw_table({
        "满意度": list("123"), "Q1": list("aba"), "6、爱好": list("xyx"), "6、爱好再问": list("yyx"), "第9题 性别": list("男女男"), "最后": list("ccd"),
    })  # fmt: skip
    result = cleaned(raw, table="responses", 满意度="question", 最后="question")
    ids = {q.wording: q.id for q in result.questionnaire.questions}
    assert ids == {"满意度": "Q2", "第1题": "Q1", "爱好": "Q6", "爱好再问": "Q6b", "性别": "Q9", "最后": "Q7"}  # fmt: skip


def test_a_typed_phone_number_becomes_a_key_and_no_question():
    phones = ["13800000001", "13900000002", "13700000003", "13600000004", "13500000005", "无"]
    result = cleaned(wjx(**{"1、您的手机号": phones, "2、性别": list("男女男女男女")}))
    assert result.frame["key_phone"][0] == token("phone", "13800000001", secret=SECRET)
    assert result.frame["key_phone"][5] is None
    assert [q.id for q in result.questionnaire.questions] == ["Q2", "Q99"]


def test_who_answered_nothing_is_left_out():
    result = cleaned(lonely(**{
        "1、性别": ["男", None, "(跳过)", "女", "(空)", "男"], "2、爱好": ["运动┋美食", None, "(跳过)", None, None, "美食"],
    }))  # fmt: skip
    assert result.frame["respondent_id"].to_list() == ["1", "4", "6"]
    assert reasons(result) == [(line, "没有回答任何问题", "未导入") for line in (3, 4, 6)]


def test_an_unticked_box_is_an_answer():
    result = cleaned(lonely(**{"第1题(甲)": list("000001"), "第1题(乙)": list("000010")}))
    assert result.frame.height == 6


def test_a_repeated_respondent_is_kept_once_and_missing_ids_are_numbered():
    raw = raw_table({"序号": ["1", "1", "2"], "1、性别": ["男", "女", "女"]})
    result = cleaned(raw, table="responses", 序号="respondent_id")
    assert result.frame["Q1"].to_list() == ["男", "女"]
    assert reasons(result) == [(3, "答卷编号重复，保留了第一份", "未导入")]
    assert cleaned(raw_table({"1、性别": ["男", "女"]})).frame["respondent_id"].to_list() == [
        "1",
        "2",
    ]


def test_empty_columns_are_noted_and_ignored():
    result = cleaned(wjx(**{"1、性别": list("男女男女男女"), "2、空题": [None] * 6}))
    assert reasons(result) == [(None, "整列为空，已忽略", "未导入")]
    assert [q.id for q in result.questionnaire.questions] == ["Q1", "Q99"]


def test_a_weight_must_be_positive():
    raw = raw_table({"weight": ["1.2", "0", "-1"], "1、性别": list("男女男")})
    result = cleaned(raw)
    assert result.frame["weight"].to_list() == [1.2, None, None]
    assert [r for _, r, _ in reasons(result)] == ["权重不是正数", "权重不是正数"]


def test_personal_data_in_answers_is_masked():
    words = ["打13812345678找我", "没有意见", "没有建议", "服务很好", "物流很快", "下次再来"]
    result = cleaned(wjx(**{"1、您的意见": words}))
    assert result.frame["Q1"][0] == "打138****5678找我"


def test_without_a_question_the_table_is_refused():
    raw = raw_table({"序号": ["1", "2"], "来源": ["微信", "微信"]})
    with pytest.raises(NoUsableColumn, match="作为问卷缺少必需的列：题目"):
        clean(raw, propose(raw, table="responses"), secret=SECRET)


def test_the_platform_and_style_are_said_with_the_evidence():
    text = propose(lonely(**{"1、性别": list("男女男女男女")}))
    code = propose(lonely(**{"1、性别": list("121212")}))
    assert text.recognised == "问卷星·按文本（依据：序号、提交答卷时间、所用时间、来源）"
    assert code.recognised.startswith("问卷星·按序号")


def test_an_open_answer_does_not_hide_that_the_options_are_numbers():
    front = {name: values * 2 for name, values in FRONT.items() if name != "序号"}
    opinions = ["挺好的", "物流慢", "包装破", "没有", "还行", "不错"]
    raw = raw_table({
        "序号": [str(i) for i in range(1, 13)], **front, "1、性别": ["1", "2", "1", "1", "-3", "2"] * 2, "2、意见": [*opinions, *"甲乙丙丁戊己"],
    })  # fmt: skip
    result = cleaned(raw)
    assert result.frame["Q1"].to_list() == ["1", "2", "1", "1", None, "2"] * 2
    assert asked(result, "Q1").kind is QuestionKind.SINGLE


def test_the_order_of_the_rows_changes_no_question():
    raw = wjx(**{
        "1、渠道": ["抖音", "淘宝", "抖音", "京东", "京东", "线下"], "2、爱好": ["a┋b", "b", "c┋a", "c", "b", "a"], "3、分": list("543215"),
    })  # fmt: skip
    turned = raw_table({c: raw.frame[c].to_list()[::-1] for c in raw.frame.columns[1:]})
    first, second = cleaned(raw), cleaned(turned)
    assert first.questionnaire == second.questionnaire
    assert first.frame.sort("respondent_id").equals(second.frame.sort("respondent_id"))


@pytest.mark.parametrize(
    ("labels", "order"),
    [
        ("18~24岁 18岁以下 60岁以上 25~29岁", "18岁以下 18~24岁 25~29岁 60岁以上"),
        ("超过50% 10%左右 没有投入 50%左右", "没有投入 10%左右 50%左右 超过50%"),
        (
            "1.5万以上 8001-10000元 3000元以下 1-1.5万 不知道",
            "3000元以下 8001-10000元 1-1.5万 1.5万以上 不知道",
        ),
        ("满意 非常满意 不满意 一般 非常不满意", "非常不满意 不满意 一般 满意 非常满意"),
        ("B.否 A.是", "A.是 B.否"),
        ("淘宝 京东 抖音", "淘宝 京东 抖音"),
    ],
)
def test_options_are_ordered_by_what_they_say_else_by_frequency(labels, order):
    counts = {label: 100 - place for place, label in enumerate(labels.split())}
    assert list(ordered(counts)) == order.split()


def test_equally_frequent_options_are_ordered_by_label():
    assert ordered({"c": 2, "a": 2, "b": 5}) == ("b", "a", "c")


def test_a_question_that_everybody_skipped_leaves_a_trace():
    raw = wjx(
        **{"1、性别": list("男女男女男男"), "2、原因": ["(跳过)"] * 6, "3、备注": ["(空)"] * 6}
    )
    result = cleaned(raw)
    assert result.questionnaire.find("Q2") is None
    told = result.issues.filter(pl.col("column").is_in(["2、原因", "3、备注"]))
    assert told.select("column", "reason", "action").rows() == [
        ("2、原因", "整列为空（全部跳过），已忽略", "未导入"),
        ("3、备注", "整列为空（没有一份回答），已忽略", "未导入"),
    ]


@pytest.mark.parametrize("header", ["序号", "编号", "row"])
def test_running_numbers_beside_the_respondents_id_are_no_question(header):
    n = 60
    raw = raw_table({
        header: [str(i) for i in range(1, n + 1)],
        "respondent_id": [f"R{i:03}" for i in range(n)],
        "性别": ["男", "女"] * 30,
        "评级": ["甲", "乙", "丙"] * 20,
    })  # fmt: skip
    proposal = propose(raw, table="responses")
    assert proposal.roles[header] == ""
    assert proposal.roles["respondent_id"] == "respondent_id"
    result = clean(raw, proposal, secret=SECRET)
    assert "序号" not in [q.wording for q in result.questionnaire.questions]
    assert all(q.kind is QuestionKind.SINGLE for q in result.questionnaire.questions)


def test_numbers_that_come_again_or_jump_may_be_a_question():
    raw = raw_table({"respondent_id": [f"R{i}" for i in range(12)], "花费": [str(i * 10) for i in range(12)]})  # fmt: skip
    assert propose(raw, table="responses").roles["花费"] == "question"
