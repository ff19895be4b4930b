"""What decides a purchase: crossed with groups and real channels by hand, words beside deeds, bad questions."""

from __future__ import annotations

import polars as pl
import pytest
from conftest import orders_of

from insight import pipeline
from insight.analyses.behaviour.decision_factors import ANALYSIS
from insight.analysis import answer
from insight.dataset import Dataset
from insight.deciding import channel_question, deciding_question, same_channels
from insight.errors import BadParameter, MissingColumns, TooFewRows, UnknownName
from insight.schema import Option, Question, QuestionKind, Questionnaire


def _multi(id_: str, wording: str, *options: str) -> Question:
    columns = tuple(f"{id_}_{n}" for n in range(1, len(options) + 1))
    ticks = tuple(Option(label=o, column=c) for o, c in zip(options, columns, strict=True))
    return Question(
        id=id_, wording=wording, kind=QuestionKind.MULTI, columns=columns, options=ticks
    )


def _single(id_: str, wording: str, *options: str) -> Question:
    labels = tuple(Option(label=o) for o in options)
    return Question(id=id_, wording=wording, kind=QuestionKind.SINGLE, columns=(id_,), options=labels)  # fmt: skip


LIKES = _multi("Q1", "您喜欢哪些口味？", "甜", "酸")
FACTORS = _multi("Q2", "您购买时主要考虑哪些因素？", "口碑", "详情页")
PLACES = _single(
    "Q3",
    "您平时在哪里购买？",
    "天猫",
    "线下门店",
    "朋友代购",
)
ASKED = Questionnaire(questions=(LIKES, FACTORS, PLACES))


def _dataset(**without: None) -> Dataset:
    """60 buyers and 10 strangers: 40 buy at 天猫旗舰店 (30 name 口碑), 20 in 门店 (4 do); 10 of those at 天猫 say 线下门店."""
    at_shop = [i >= 40 for i in range(60)]
    orders = [
        {"customer_id": f"c{i}", "order_id": str(i), "ordered_at": i, "amount": 10.0, "channel": "门店" if shop else "天猫旗舰店", "region": "北" if i % 2 else "南"}
        for i, shop in enumerate(at_shop)
    ]  # fmt: skip
    n = 70
    names_reputation = [i < 30 or 40 <= i < 44 for i in range(n)]
    stated = ["线下门店" if 30 <= i < 60 else "天猫" for i in range(n)]
    responses = pl.DataFrame(
        {
            "respondent_id": [f"r{i}" for i in range(n)],
            "customer_id": [f"c{i}" if i < 60 else None for i in range(n)],
            "Q1_1": [True] * n, "Q1_2": [False] * n,
            "Q2_1": names_reputation, "Q2_2": [not v for v in names_reputation],
            "Q3": stated,
        }
    )  # fmt: skip
    return Dataset(orders=orders_of(orders), responses=responses, questionnaire=ASKED, **without)


def _asked(**params):
    return answer(ANALYSIS, _dataset(), ANALYSIS.params(by="orders.region", **params))


def test_the_questions_are_found_by_their_wording():
    assert deciding_question(ASKED) is FACTORS
    assert channel_question(ASKED, besides="Q2") is PLACES
    assert deciding_question(Questionnaire(questions=(LIKES, PLACES))) is LIKES
    assert channel_question(Questionnaire(questions=(LIKES, FACTORS)), besides="Q2") is None
    told = _multi("Q9", "您是通过哪些渠道了解到我们的？", "抖音", "朋友")
    assert deciding_question(Questionnaire(questions=(LIKES, told))) is told
    assert channel_question(Questionnaire(questions=(told,)), besides="") is None


def test_factors_stand_beside_the_channel_people_really_buy_in():
    table = _asked().tables["channels"]
    cells = {(r["factor"], r["actual_channel"]): (r["n"], r["base"], r["share"]) for r in table.rows(named=True)}  # fmt: skip
    assert cells["口碑", "天猫旗舰店"] == (30, 40, 0.75)
    assert cells["口碑", "门店"] == (4, 20, 0.2)
    assert cells["口碑", "总计"] == (34, 60, pytest.approx(34 / 60))
    letters = {r["actual_channel"]: r["letters"] for r in table.filter(factor="口碑").rows(named=True)}  # fmt: skip
    assert letters == {"总计": "", "天猫旗舰店": "B", "门店": ""}


def test_letters_are_those_of_a_pooled_z_test():
    from statsmodels.stats.proportion import proportions_ztest

    _, p = proportions_ztest([30, 4], [40, 20])
    assert p < 0.01  # the capital letter above
    finding = next(f for f in _asked().findings if "天猫旗舰店" in f.text and "口碑" in f.text)
    assert "75.0%" in finding.text
    assert "显著高于“门店”的 20.0%（n=20）" in finding.text


def test_channels_are_told_within_each_group():
    table = _asked().tables["nested"].filter(factor="口碑")
    cells = {(r["segment"], r["actual_channel"]): (r["n"], r["base"]) for r in table.rows(named=True)}  # fmt: skip
    assert cells["南", "天猫旗舰店"] == cells["北", "天猫旗舰店"] == (15, 20)
    assert cells["南", "门店"] == (2, 10)
    assert cells["南", "总计"] == (17, 30)


def test_a_stated_channel_is_set_against_the_orders():
    tables = _asked().tables
    agreed = {r["stated_channel"]: (r["n_bought_there"], r["base"]) for r in tables["agreement"].rows(named=True)}  # fmt: skip
    assert agreed == {"天猫": (30, 30), "线下门店": (20, 30)}
    crossed = tables["stated"].filter(stated_channel="线下门店", actual_channel="天猫旗舰店")
    assert crossed.select("n", "base", "share").row(0) == (10, 40, 0.25)
    assert any("线下门店" in f.text and "66.7%" in f.text for f in _asked().findings)


def test_names_of_channels_match_where_one_holds_the_other():
    assert same_channels(["微信-小程序", "JD"], ["微信小程序", "京东"]) == {"微信-小程序": ["微信小程序"], "JD": []}  # fmt: skip


def test_strangers_to_the_orders_are_counted_out_and_said():
    result = _asked(stated="Q3")
    assert result.tables["factors"]["base"].max() == 60
    assert "另有 10 份" in result.notes[1]


def test_orders_without_a_channel_leave_the_channels_out():
    data = _dataset()
    bare = Dataset(orders=data.orders.drop("channel"), responses=data.responses, questionnaire=ASKED)  # fmt: skip
    result = answer(ANALYSIS, bare, ANALYSIS.params(by="orders.region"))
    assert set(result.tables) == {"factors", "columns"}
    assert "订单没有渠道，没有比较实际渠道。" in result.notes


def test_bad_questions_are_said_in_one_sentence():
    with pytest.raises(UnknownName, match="Q8"):
        _asked(question="Q8")
    with pytest.raises(BadParameter, match="不是多选题"):
        _asked(question="Q3")
    data = _dataset()
    only = Dataset(orders=data.orders, responses=data.responses, questionnaire=Questionnaire(questions=(PLACES,)))  # fmt: skip
    with pytest.raises(MissingColumns, match="多选题"):
        answer(ANALYSIS, only, ANALYSIS.params(by="orders.region"))
    few = Dataset(orders=data.orders, responses=data.responses.head(5), questionnaire=ASKED)
    with pytest.raises(TooFewRows, match="只有 5 个"):
        answer(ANALYSIS, few, ANALYSIS.params(by="orders.region"))


def test_the_demo_crosses_its_factors(demo_study):
    result = answer(ANALYSIS, pipeline.load(demo_study))
    assert "看重哪些因素" in result.notes[0]
    assert {"factors", "channels", "nested"} <= set(result.tables)
    assert result.tables["factors"]["factor"][0] == "口味"
    assert "口味" in result.findings[0].text  # planted: 55 % against 35 % of the others
