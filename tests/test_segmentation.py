"""Who belongs to which group, and whether the names cover everybody once."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from conftest import orders_of

from insight.analyses.segments.segment_profile import findings
from insight.dataset import Dataset
from insight.errors import MissingColumns, UnknownName
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.segmentation import tiers
from insight.segmentation.breaks import available, break_of
from insight.segmentation.fitting import break_or_first

DAY = 86_400


def test_the_best_fifth_by_spend_is_the_high_tier():
    customers = pl.DataFrame(
        {"customer_id": list("abcdefghij"), "spend": [10.0 * i for i in range(10, 0, -1)]}
    )
    assert (
        tiers.value_tier(customers)["group"].to_list()
        == ["高消费"] * 2 + ["中消费"] * 3 + ["低消费"] * 5
    )


def _spend(*amounts, orders=1):
    ids = [f"c{i}" for i in range(len(amounts))]
    return pl.DataFrame({"customer_id": ids, "spend": amounts, "n_orders": orders}, schema_overrides={"spend": pl.Float64})  # fmt: skip


def test_customers_tied_at_the_top_are_all_in_the_high_tier():
    # nobody spends more than the three; 3 of 10 spend more than the fourth, 4 than the two at 50,
    # 6 and more than the rest
    tiers_of = tiers.value_tier(_spend(90, 90, 90, 60, 50, 50, 40, 30, 20, 10))["group"].to_list()
    assert tiers_of == ["高消费"] * 3 + ["中消费"] * 3 + ["低消费"] * 4


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ((8,), ["高消费"]),
        ((8, 4), ["高消费", "低消费"]),  # one of two spends more
        ((8, 4, 2), ["高消费", "中消费", "低消费"]),  # a third, two thirds
        ((8, 4, 2, 1), ["高消费", "中消费", "低消费", "低消费"]),
    ],
)
def test_a_handful_of_customers_has_a_high_tier_too(amounts, expected):
    assert tiers.value_tier(_spend(*amounts))["group"].to_list() == expected


def test_frequency_bands():
    customers = pl.DataFrame({"customer_id": list("abcdef"), "n_orders": [1, 2, 3, 4, 5, 6]})
    assert tiers.frequency(customers)["group"].to_list() == [
        "1 单",
        "2–3 单",
        "2–3 单",
        "4–5 单",
        "4–5 单",
        "6 单以上",
    ]


@pytest.fixture
def dataset():
    lines = [
        {"customer_id": c, "order_id": f"{c}{i}", "ordered_at": i * DAY, "amount": a, "region": "华东" if c < "c" else "华南"}
        for c, n, a in (("a", 1, 100), ("b", 3, 10), ("c", 7, 10), ("d", 1, 5))
        for i in range(n)
    ]  # fmt: skip
    question = Question(
        id="Q1", wording="性别", kind=QuestionKind.SINGLE, columns=("q1",),
        options=(Option(label="女"), Option(label="男")),
    )  # fmt: skip
    return Dataset(
        orders=orders_of(lines),
        customers=pl.DataFrame({"customer_id": list("abcd"), "age": [17, 25, 54, 55]}),
        responses=pl.DataFrame({"respondent_id": ["1", "2", "3"], "customer_id": ["a", "c", None], "q1": ["男", "女", "女"]}),
        texts=pl.DataFrame({"text_id": ["t1", "t2"], "text": ["甲", "乙"], "customer_id": ["b", None], "respondent_id": [None, "3"]}),
        questionnaire=Questionnaire(questions=(question,)),
    )  # fmt: skip


def test_a_purchase_group_reaches_respondents_and_texts_through_the_customer(dataset):
    assert break_of(dataset, "frequency", unit="respondent_id").members.rows() == [
        ("1", "1 单"),
        ("2", "6 单以上"),
    ]
    assert break_of(dataset, "frequency", unit="text_id").members.rows() == [("t1", "2–3 单")]


def test_an_answer_is_a_group_like_any_other(dataset):
    found = break_of(dataset, "Q1", unit="text_id")
    assert (found.groups, found.members.rows()) == (("女",), [("t2", "女")])
    assert break_of(dataset, "Q1", unit="customer_id").members.rows() == [("a", "男"), ("c", "女")]


def test_place_is_where_most_was_spent(dataset):
    assert break_of(dataset, "orders.region", unit="customer_id").members["group"].to_list() == [
        "华东",
        "华东",
        "华南",
        "华南",
    ]


def test_age_falls_into_bands_with_inclusive_lower_edges(dataset):
    groups = break_of(dataset, "customers.age", unit="customer_id").members["group"].to_list()
    assert groups == ["17 岁及以下", "25–34 岁", "45–54 岁", "55 岁及以上"]


def test_a_break_that_cannot_be_made_says_what_is_lacking(dataset):
    with pytest.raises(MissingColumns, match="客户编号"):
        break_of(Dataset(), "rfm", unit="customer_id")
    with pytest.raises(UnknownName, match="没有叫“nothing”的分组变量"):
        break_of(dataset, "nothing", unit="customer_id")


def test_nobody_is_in_a_break_twice_whatever_the_order_of_the_rows(dataset):
    customers = pl.DataFrame({"customer_id": ["a", "b", "a"], "level": ["银", "金", "金"]})
    for rows in (customers, customers.reverse()):
        doubled = Dataset(
            customers=rows, responses=dataset.responses, questionnaire=dataset.questionnaire
        )
        own = break_of(doubled, "customers.level", unit="customer_id").members
        assert own.rows() == [("a", "金"), ("b", "金")]
        carried = break_of(doubled, "customers.level", unit="respondent_id").members
        assert carried.rows() == [("1", "金")]
    twice = pl.concat([dataset.responses, dataset.responses.with_columns(q1=pl.lit("女"))])
    again = Dataset(responses=twice, questionnaire=dataset.questionnaire)
    members = break_of(again, "Q1", unit="respondent_id").members
    assert members["respondent_id"].to_list() == ["1", "2", "3"]


def test_an_attribute_with_one_value_and_gaps_is_no_break():
    people = pl.DataFrame(
        {"customer_id": ["a", "b", "c"], "gender": ["女", None, "女"], "level": ["金", None, "银"], "age": [None] * 3},
        schema_overrides={"age": pl.Int64},
    )  # fmt: skip
    assert list(available(Dataset(customers=people))) == ["customers.level"]


def test_an_nps_answer_falls_into_the_three_groups():
    question = Question(id="N", wording="推荐", kind=QuestionKind.NPS, columns=("n",))
    asked = pl.DataFrame({"respondent_id": list("abcdef"), "n": [10, 9, 8, 7, 6, 0]})
    found = break_of(
        Dataset(responses=asked, questionnaire=Questionnaire(questions=(question,))), "N", unit="respondent_id"
    )  # fmt: skip
    assert found.groups == ("推荐者", "中立者", "贬损者")
    assert found.members["group"].to_list() == [*["推荐者"] * 2, *["中立者"] * 2, *["贬损者"] * 2]


def _answered(dataset, n=40):
    """n respondents, half of them women; the even ones are customers a and c by turns."""
    answers = pl.DataFrame({
        "respondent_id": [f"r{i}" for i in range(n)], "q1": ["男", "女"] * (n // 2),
        "customer_id": ["a" if i % 4 else "c" for i in range(n)],
    })  # fmt: skip
    return replace(dataset, responses=answers)


def test_orders_come_first_where_no_break_is_named(dataset):
    found = break_or_first(_answered(dataset), "", unit="respondent_id")
    assert (found.key, found.note) == ("rfm", "（按全部订单计算）")
    assert break_or_first(_answered(dataset), "Q1", unit="respondent_id").key == "Q1"


def test_orders_that_reach_nobody_leave_the_groups_to_the_answers(dataset):
    strangers = _answered(dataset).responses.with_columns(customer_id=pl.lit(None, dtype=pl.String))
    alone = replace(dataset, responses=strangers)
    assert break_or_first(alone, "", unit="respondent_id").key == "Q1"
    with pytest.raises(MissingColumns, match="能把人分成两组以上的变量"):
        break_or_first(alone, "", unit="respondent_id", besides="Q1")


def test_groups_too_small_to_show_are_taken_only_where_there_are_no_others(dataset):
    few = replace(dataset, customers=None)
    assert break_or_first(few, "", unit="respondent_id").key == "rfm"  # one person in each group
    many = replace(_answered(dataset), customers=None)
    told = many.responses.with_columns(customer_id=pl.Series(["a", "c"] + [None] * 38))
    assert break_or_first(replace(many, responses=told), "", unit="respondent_id").key == "Q1"


def test_who_comes_back_is_no_finding_about_groups_made_of_order_counts():
    table = pl.DataFrame({
        "segment": ["甲", "乙"], "n_customers": [40, 50], "spend_per_customer": [10.0, 5.0], "average_order_value": [5.0, 5.0],
        "repurchase_rate": [1.0, 0.0], "ci_low": [0.9, 0.0], "ci_high": [1.0, 0.1],
    })  # fmt: skip
    for by in ("rfm", "rfm11", "frequency"):
        assert ["复购率" in f.text for f in findings(table, by=by)] == [False]
    assert ["复购率" in f.text for f in findings(table, by="customers.city")] == [False, True]


def test_the_list_of_breaks_has_chinese_labels(dataset):
    found = available(dataset)
    assert found["rfm"] == "RFM 八类"
    assert found["orders.region"] == "主要购买地区"
    assert found["Q1"] == "Q1 性别"
