"""Named audiences: rules over purchases, answers and words, judged in three values and told in Chinese."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest
from conftest import orders_of

from insight.analyses import find
from insight.analysis import answer
from insight.audiences import labels_of, names_of, read, told
from insight.dataset import Dataset
from insight.errors import BadAudience, NoAudiences, UnknownName
from insight.schema import Definitions, Option, Question, QuestionKind, Questionnaire
from insight.schema.audiences import Audience, audience_of, rules_of
from insight.segmentation.breaks import available, break_of, judge
from insight.segmentation.filters import filter_of, sentence_of

EXAMPLE = "消费≥5000 且 NPS≤6 且 提到 售后"
NPS = Question(id="Q1", wording="您会推荐我们吗", kind=QuestionKind.NPS, columns=("Q1",))
WHY = Question(
    id="Q2", wording="看重什么", kind=QuestionKind.MULTI, columns=("Q2[价格]", "Q2[口味]"),
    options=(Option(label="价格", column="Q2[价格]"), Option(label="口味", column="Q2[口味]")),
)  # fmt: skip
SEX = Question(
    id="Q3", wording="性别", kind=QuestionKind.SINGLE, columns=("Q3",), options=(Option(label="男"), Option(label="女")),
)  # fmt: skip
# customer: spend, NPS, what they said in a review; None = nothing is known
PEOPLE = {
    "a": (6000.0, 5, "售后很慢"), "b": (5000.0, 6, "找不到售後客服，售后电话打不通"), "c": (8000.0, 9, "售后不错"),
    "d": (9000.0, None, "售后没人管"), "e": (7000.0, 3, None), "f": (100.0, 0, "售后差"), "g": (4999.99, 2, "很好"),
}  # fmt: skip


def _at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def _orders():
    lines = [
        {"customer_id": who, "order_id": f"o{who}", "ordered_at": _at("2025-03-01"), "amount": spend, "category": "咖啡豆"}
        for who, (spend, _, _) in PEOPLE.items()
    ]  # fmt: skip
    lines[0]["amount"] = 4000.0
    more = {"customer_id": "a", "order_id": "oa2", "ordered_at": _at("2025-06-30") + 86_399, "amount": 2000.0, "category": "器具"}  # fmt: skip
    return orders_of([*lines, more])


@pytest.fixture
def dataset() -> Dataset:
    answered = [(who, nps) for who, (_, nps, _) in PEOPLE.items() if nps is not None]
    responses = pl.DataFrame(
        {
            "respondent_id": [f"r{who}" for who, _ in answered] + ["r0"],
            "customer_id": [who for who, _ in answered] + [None],
            "Q1": [nps for _, nps in answered] + [1],
            "Q2[价格]": [True, True, False, None, False, False, True],
            "Q2[口味]": [False, True, True, None, False, True, False],
            "Q3": ["男", "女", "女", None, "男", "女", "男"],
        }
    )
    said = [(who, text) for who, (_, _, text) in PEOPLE.items() if text]
    texts = pl.DataFrame(
        {
            "text_id": [f"t{who}" for who, _ in said] + ["ti"],
            "customer_id": [who for who, _ in said] + ["e"],
            "text": [text for _, text in said] + ["您觉得售后怎么样？"],
            "role": ["participant"] * len(said) + ["interviewer"],
        }
    )
    return Dataset(
        orders=_orders(),
        responses=responses,
        texts=texts,
        questionnaire=Questionnaire(questions=(NPS, WHY, SEX)),
    )


def _rule(dataset: Dataset, text: str):
    return read(text, names_of(dataset, breaks=available(dataset)))


def _met(dataset: Dataset, text: str, *, unit="customer_id") -> dict[str, bool | None]:
    return dict(judge(dataset, _rule(dataset, text), unit=unit).members.iter_rows())


def _in(dataset: Dataset, text: str, *, unit="customer_id") -> str:
    return "".join(filter_of(dataset, _rule(dataset, text), unit=unit).str.tail(1))


def test_the_example_of_the_issue_has_two_people_and_two_who_cannot_be_judged(dataset):
    assert _met(dataset, EXAMPLE) == {
        "a": True, "b": True, "c": False, "d": None, "e": None, "f": False, "g": False,
    }  # fmt: skip


def test_an_interviewer_says_nothing_for_the_customer(dataset):
    assert _met(dataset, "提到 售后")["e"] is None


def test_a_filter_serves_respondents_and_texts_as_well(dataset):
    assert _in(dataset, EXAMPLE, unit="respondent_id") == "ab"
    assert _in(dataset, EXAMPLE, unit="text_id") == "ab"
    assert _met(dataset, EXAMPLE, unit="respondent_id")["r0"] is None  # nobody knows who that is


def test_an_anonymous_survey_is_filtered_by_its_answers_alone(dataset):
    alone = replace(
        dataset,
        orders=None,
        texts=None,
        responses=dataset.responses.with_columns(customer_id=pl.lit(None, pl.String)),
    )
    assert _in(alone, "Q3=男 且 Q1<=6", unit="respondent_id") == "0af"
    made = judge(alone, rules_of({"parts": [{"on": "buying", "value": 1}]}), unit="respondent_id")
    assert made.ids.is_empty()
    assert made.unclear == ("条件“消费≥1 元”无法判断：没有订单",)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("消费>=5000", "abcde"),
        ("消费>5000", "acde"),
        ("消费<5000", "fg"),
        ("消费[2025-06-30..]>=2000", "a"),
        ("消费[2025-06-30..2025-06-30]>=2000", "a"),
        ("消费[..2025-06-29]>=4000.5", "bcdeg"),
        ("订单数[2025-06-01..]=0", "bcdefg"),
        ("客单价=3000", "a"),
        ("最近购买天数>100", "bcdefg"),
        ("最近购买[2025-06-01..]", "a"),
        ("首次购买[2025-06-01..]", ""),
        ("买过 品类=器具", "a"),
        ("都买过 品类=器具|咖啡豆", "a"),
        ("没买过 品类=器具", "bcdefg"),
        ("买过 品类=咖啡豆 [2025-06-01..]", ""),
        ("Q1<=3", "efg"),
        ("Q1!=9", "abefg"),
        ("Q2=价格|口味", "abcg"),
        ("Q2!=价格", "cfg"),
        ("答过 Q2", "abcfg"),
        ("没答过 问卷", "d"),
        ("没提到 售后", "g"),
        ("都提到 售后|电话", "b"),
        ("提到 “售后很慢”、不错", "ac"),
        ("frequency!=1次", "a"),
        ("非 消费>=5000", "fg"),
        ("消费>=8000 或 NPS<=2 且 提到 很好", "cdg"),
        ("(消费>=8000 或 NPS<=2) 且 提到 很好", "g"),
        ("消费>=5000且NPS<=6且提到 售后", "ab"),
    ],
)
def test_a_condition_finds_the_people_counted_by_hand(dataset, text, people):
    if "frequency" in text:
        text = f"frequency!=“{break_of(dataset, 'frequency', unit='customer_id').groups[0]}”"
    found = _in(dataset, text)
    assert found == people


def test_who_fails_one_condition_is_out_whatever_is_unknown(dataset):
    assert _met(dataset, "消费<1000 且 NPS<=6")["d"] is False
    assert _met(dataset, "消费>=1000 或 NPS<=6")["d"] is True
    assert _met(dataset, "非 NPS<=6")["d"] is None


def test_words_are_letters_and_no_pattern_and_latin_words_stand_alone(dataset):
    texts = dataset.texts.with_columns(
        text=pl.Series(["ＡＰＰ很卡", "apple 好用", "用app下单", "a.c", "abc", "无", "a|b"])
    )
    spoken = replace(dataset, texts=texts)
    assert _in(spoken, "提到 app") == "ac"
    assert _in(spoken, "提到 a.c") == "d"
    assert _in(spoken, "提到 “a|b”") == ""  # the interviewer's


def test_a_rule_never_finds_people_by_their_phone(dataset):
    texts = dataset.texts.with_columns(text=pl.lit("打 13812345678 找我"))
    assert _in(replace(dataset, texts=texts), "提到 13812345678") == ""


def test_the_sentence_tells_every_condition(dataset):
    rule = _rule(
        dataset, f"{EXAMPLE} 或 非 (没买过 品类=器具 [2025-01-01..2025-06-30] 且 消费>=0.5)"
    )
    names = labels_of(dataset, breaks=available(dataset))
    assert told(rule, names) == (
        "（消费≥5,000 元 且 Q1“您会推荐我们吗”≤6 分 且 提到“售后”） 或 "
        "不是（2025-01-01 至 2025-06-30 没有买过品类“器具” 且 消费≥0.5 元）"
    )
    assert sentence_of(dataset, rule) == told(rule, names)


def test_a_rule_comes_back_from_its_json(dataset):
    rule = _rule(dataset, f"{EXAMPLE} 或 非 (Q3=男 且 frequency=“1 次”)")
    assert rules_of(rule.model_dump(mode="json")) == rule


def _named(dataset: Dataset, **rules: str) -> Dataset:
    known = tuple(Audience(name=name, rule=_rule(dataset, text)) for name, text in rules.items())
    return replace(dataset, definitions=Definitions(audiences=known))


def test_every_audience_is_a_break_for_customers_respondents_and_texts(dataset):
    named = _named(dataset, 不满=EXAMPLE)
    assert available(named)["audience.不满"] == "人群：不满"
    made = break_of(named, "audience.不满", unit="customer_id")
    assert made.groups == ("不满", "不在其中", "无法判断")
    assert dict(made.members.group_by("group").len().iter_rows()) == {
        "不满": 2, "不在其中": 3, "无法判断": 2,
    }  # fmt: skip
    assert break_of(named, "audience.不满", unit="text_id").members.height == 6
    profile = answer(find("segment_profile"), named, find("segment_profile").params(by="audience.不满"))  # fmt: skip
    row = profile.tables["profile"].filter(segment="不满").row(0, named=True)
    assert (row["n_customers"], row["spend"]) == (2, 11_000.0)


def test_the_analysis_gives_sizes_money_and_overlap(dataset):
    result = answer(find("audiences"), _named(dataset, 不满=EXAMPLE, 高额="消费>=5000"))
    unhappy, rich = result.tables["audiences"].to_dicts()
    assert (unhappy["n_customers"], unhappy["base"], unhappy["n_unclear"]) == (2, 7, 2)
    assert unhappy["spend"] == 11_000.0
    assert unhappy["share_of_spend"] == pytest.approx(11_000 / 40_099.99)
    assert (rich["n_customers"], rich["n_unclear"], rich["spend"]) == (5, 0, 35_000.0)
    assert result.tables["overlap"].select("n", "base", "share").rows() == [
        (2, 2, 1.0),
        (2, 5, 0.4),
    ]
    steps = result.tables["conditions"].filter(audience="不满")
    assert steps.select("n", "n_unclear", "n_so_far").rows() == [(5, 0, 5), (5, 1, 3), (5, 1, 2)]


def test_a_question_that_is_gone_is_told_and_nothing_crashes(dataset):
    named = _named(dataset, 不满=EXAMPLE, 高额="消费>=5000")
    gone = replace(named, questionnaire=Questionnaire(questions=(WHY,)))
    result = answer(find("audiences"), gone)
    unhappy, rich = result.tables["audiences"].to_dicts()
    assert (unhappy["n_customers"], unhappy["n_unclear"]) == (0, 5)  # a to e spent enough
    assert rich["n_customers"] == 5
    assert "“不满”：条件“Q1≤6 分”无法判断：问卷里没有题目 Q1，请修改这个人群。" in result.notes


def test_an_option_or_a_group_that_is_gone_is_told(dataset):
    option = rules_of({"parts": [{"on": "answer", "question": "Q3", "values": ["其他"]}]})
    assert judge(dataset, option, unit="customer_id").unclear == (
        "条件“Q3选了“其他””无法判断：题目 Q3 没有选项“其他”",
    )
    group = rules_of({"parts": [{"on": "group", "by": "rfm", "values": ["贵宾"]}]})
    assert "现在没有“贵宾”这一组" in judge(dataset, group, unit="customer_id").unclear[0]


def test_without_any_audience_the_analysis_says_how_to_make_one(dataset):
    with pytest.raises(NoAudiences, match="还没有保存人群规则"):
        answer(find("audiences"), dataset)
    with pytest.raises(UnknownName):
        break_of(dataset, "audience.不满", unit="customer_id")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "还没有写条件"),
        ("消费", "最后少了“消费”的比较符号"),
        ("消费>=很多", "要和一个数字比较"),
        ("消费>=5000 NPS<=6", "少了“且”或“或”"),
        ("(消费>=5000", "少了右括号"),
        ("Q9=男", "不认识“Q9”"),
        ("Q3>男", "不是"),
        ("答过 Q9", "没有叫“Q9”的题目"),
        ("消费[2025]>=1", "日期范围"),
        ("消费[2025-13-01..]>=1", "不是日期"),
        ("消费[2025-06-01..2025-01-01]>=1", "结束日期早于开始日期"),
        ("最近购买天数[2025-01-01..]>3", "不能再加日期范围"),
        ("买过 颜色=红", "不是可以查的内容"),
        ("__import__('os').system('x')", "“__import__”后面应写"),
        ("首次购买", "要写开始或结束日期"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(dataset, text, said):
    with pytest.raises(BadAudience, match="人群规则不能用：") as caught:
        _rule(dataset, text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "", "rule": {"parts": [{"on": "buying", "value": 1}]}}, "还没有名称"),
        ({"name": "甲", "rule": {"parts": []}}, "有一个条件组是空的"),
        ({"name": "无法判断", "rule": {"parts": [{"on": "buying", "value": 1}]}}, "已有别的意思"),
        ({"name": "甲", "rule": {"parts": [{"on": "wish", "value": 1}]}}, "不知道是哪一种"),
        ({"name": "甲", "rule": {"parts": [{"on": "said", "values": []}]}}, "还没有选值"),
        ({"name": "甲", "rule": {"parts": [{"on": "buying", "value": 1, "x": 2}]}}, "没有叫“x”的设置"),
        ({"name": "甲", "rule": {"parts": [{"on": "buying", "value": 2, "to": 1, "comparison": "between"}]}}, "第二个数不能小于第一个"),
        ({"name": "甲", "rule": {"parts": [{"on": "group", "by": "audience.乙", "values": ["乙"]}]}}, "不能再用人群"),
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_said_in_one_sentence(fields, said):
    with pytest.raises(BadAudience) as caught:
        audience_of(fields)
    assert said in str(caught.value)
