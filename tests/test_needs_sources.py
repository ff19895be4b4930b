"""One codebook for every source, satisfaction, badges, cards, and the order of needs: figures worked out by hand."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import polars as pl
import pytest

from insight.analyses.needs import needs_by_segment, priorities
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows
from insight.needs.hearing import codes_of, in_codebook, said_by
from insight.needs.linking import linked
from insight.needs.priority import PARTS, scored, shares_of
from insight.needs.raised import Raised, from_options, together
from insight.needs.satisfied import rated, satisfied
from insight.quotes import best, portraits
from insight.schema import Option, Question, Questionnaire
from insight.schema.codebook import Code, Codebook
from insight.text.tokenize import tagger

BOOK = Codebook(codes=(Code(name="物流", rules=("快递|物流|配送",)), Code(name="价格", rules=("贵|价格|优惠",)), Code(name="包装", rules=("包装",))))  # fmt: skip
OPTIONS = ("配送更快", "价格便宜", "门店更近")
WISHES = Question(
    id="Q2", wording="您希望改进什么", kind="multi", columns=("Q2_0", "Q2_1", "Q2_2"),
    options=tuple(Option(label=o, column=f"Q2_{i}") for i, o in enumerate(OPTIONS)),
)  # fmt: skip
OVERALL = Question(id="Q6", wording="总体满意度", kind="scale", columns=("Q6",), options=tuple(Option(label=str(i)) for i in range(1, 6)))  # fmt: skip
DAY = 86_400
N = 80


def ids(n=N):
    return [f"c{i:03}" for i in range(n)]


@pytest.fixture(scope="module")
def study():
    """80 customers: even ones tick 配送更快 and speak of 快递; every fourth is unhappy; c079 spoke in an interview, somebody unknown too."""
    responses = pl.DataFrame({
        "respondent_id": [f"r{i}" for i in ids()], "customer_id": ids(),
        "Q2_0": [i % 2 == 0 for i in range(N)], "Q2_1": [i < 8 for i in range(N)], "Q2_2": [False] * 79 + [True],
        "Q6": [1.0 if i % 4 == 0 else 4.0 for i in range(N)],
    })  # fmt: skip
    texts = pl.DataFrame(
        [
            ("t1", "c000", "快递太慢了，等了一个星期", None, None, 2.0),
            ("t2", "c001", "快递太慢了，包装也破了", None, "r1", None),
            ("t3", "c079", "快递员态度很差，物流信息不更新", "访谈一", None, None),
            ("t4", None, "包装太难拆了，浪费", "访谈一", None, None),
        ],
        schema=["text_id", "customer_id", "text", "document", "respondent_id", "rating"], orient="row",
    ).with_columns(speaker=pl.when(pl.col("document").is_not_null()).then("text_id"))  # fmt: skip
    lines = {"customer_id": [], "order_id": [], "ordered_at": [], "amount": []}
    for at, one in enumerate(ids()):
        for k, day in enumerate((0, 30, 400) if at % 2 else (0, 400 - at)):
            lines["customer_id"].append(one)
            lines["order_id"].append(f"{one}-{k}")
            lines["ordered_at"].append(1_700_000_000 + day * DAY)
            lines["amount"].append(float(at + 1))
    return Dataset(
        orders=nw.from_native(pl.DataFrame(lines).lazy()),
        customers=pl.DataFrame({"customer_id": ids(), "level": ["金卡", "普通"] * (N // 2), "gender": ["男"] * 40 + ["女"] * 40}),
        responses=responses, texts=texts, codebook=BOOK, questionnaire=Questionnaire(questions=(WISHES, OVERALL)),
    )  # fmt: skip


def run(dataset, analysis=needs_by_segment, **params):
    return analysis.run(dataset, analysis.Params(by="customers.level", n_draws=100, **params))


@pytest.fixture(scope="module")
def result(study):
    return run(study)


def row_of(table, **values):
    return table.filter(**values).row(0, named=True)


def test_options_and_words_of_one_need_are_one_row_and_other_options_stay(result):
    matrix = result.tables["matrix"].filter(segment="总计")
    assert matrix.select("need", "source").rows() == [
        ("物流", "编码本"), ("价格", "编码本"), ("包装", "编码本"), ("门店更近", "问卷多选：您希望改进什么"),
    ]  # fmt: skip
    assert row_of(matrix, need="物流")["n"] == 42  # 40 ticked it, c001 and c079 only said it
    assert (row_of(matrix, need="包装")["n"], row_of(matrix, need="包装")["base"]) == (1, 3)
    assert (row_of(matrix, need="物流")["base"], row_of(matrix, need="门店更近")["n"]) == (80, 1)


def test_label_belongs_to_the_need_it_names_or_whose_rule_it_meets():
    assert codes_of("物流", BOOK) == ("物流",)
    assert codes_of("包装太贵", BOOK) == ("价格", "包装")
    assert codes_of("门店更近", BOOK) == ()
    one = from_options(pl.DataFrame({"customer_id": ["a", "b"], "Q2_0": [True, False], "Q2_1": [False, False], "Q2_2": [None, True]}), WISHES)  # fmt: skip
    merged = in_codebook(together([one]), BOOK)
    assert [n.label for n in merged.needs] == ["物流", "价格", "门店更近"]
    assert merged.people.rows() == [("a", True, False, None), ("b", False, False, True)]


def test_badge_counts_the_kinds_of_sources_and_strangers_speak_in_the_total_only(result):
    matrix, told = result.tables["matrix"], result.tables["evidence"]
    assert row_of(matrix, need="物流", segment="总计")["sources"] == "3/3 订单、问卷、访谈"
    assert row_of(matrix, need="包装", segment="总计")["sources"] == "2/3 问卷、访谈"
    assert row_of(matrix, need="包装", segment="普通")["sources"] == "1/3 问卷"
    assert row_of(matrix, need="包装", segment="金卡")["sources"] == ""
    found = row_of(told, need="物流")
    assert (found["n_buyers"], found["n_survey"], found["n_interviews"], found["n_reviews"]) == (42, 41, 1, 1)  # fmt: skip
    assert row_of(told, need="包装")["n_interviews"] == 1


def test_origin_is_the_interview_then_the_questionnaire_then_the_review(study):
    assert dict(said_by(study).select("text_id", "origin").iter_rows()) == {"t1": "评论", "t2": "问卷", "t3": "访谈", "t4": "访谈"}  # fmt: skip


def test_satisfaction_is_the_rating_of_those_who_raise_it_from_0_to_100(result):
    logistics = row_of(result.tables["matrix"], need="物流", segment="总计")
    raisers = [i for i in range(N) if i % 2 == 0 or i in (1, 79)]
    scores = [0.0 if i % 4 == 0 else 75.0 for i in raisers]
    assert logistics["satisfaction"] == pytest.approx(np.mean(scores))
    assert logistics["dissatisfied_share"] == pytest.approx(np.mean([i % 4 == 0 for i in raisers]))


def test_stars_count_where_nobody_asked_and_the_tone_where_nothing_is_rated(study):
    bare = Dataset(texts=study.texts, questionnaire=Questionnaire())
    rates, note = rated(bare)
    assert rates.rows() == [("c000", 25.0, True)]
    assert "评论的评分" in note
    said = pl.DataFrame({"at": ["0", "0"], "person": ["a", "b"], "customer_id": ["c000", "c001"], "text_id": ["t1", "t2"], "origin": ["评论", "问卷"], "polarity": [None, None]}, schema_overrides={"polarity": pl.String})  # fmt: skip
    told = satisfied(Raised((), pl.DataFrame(), said), rates, study.texts)
    assert told.rows() == [("0", "c000", 25.0, True), ("0", "c001", 0.0, True)]


def test_at_stake_is_what_the_segment_spends_times_who_complains_times_the_difference(result):
    matrix = result.tables["matrix"]
    row = row_of(matrix, need="物流", segment="总计")
    spent = sum(i + 1 for i in range(N))  # one purchase in the last year
    expected = spent * row["share"] * row["dissatisfied_share"] * row["churn_difference"]
    assert row["churn_difference"] > 0.2
    assert row["revenue_at_stake"] == pytest.approx(expected, abs=0.01)
    assert result.tables["needs"]["need"][0] == "物流"


def test_votes_by_equal_spending_give_the_identical_table(study):
    lines = study.orders.to_native().with_columns(amount=pl.lit(5.0)).unique("customer_id", keep="last", maintain_order=True)  # fmt: skip
    equal = Dataset(orders=nw.from_native(lines), customers=study.customers, responses=study.responses, texts=study.texts, codebook=BOOK, questionnaire=study.questionnaire)  # fmt: skip
    assert run(equal, vote="spend").tables["matrix"].equals(run(equal).tables["matrix"])


def test_vote_by_spending_is_the_share_of_the_money(study):
    by_spend = row_of(run(study, vote="spend").tables["matrix"], need="物流", segment="总计")
    spend = [(i + 1) * (3 if i % 2 else 2) for i in range(N)]
    raised = sum(spend[i] for i in range(N) if i % 2 == 0 or i in (1, 79))
    assert by_spend["share"] == pytest.approx(raised / sum(spend))
    assert (by_spend["n"], by_spend["base"]) == (42, 80)
    assert by_spend["effective_base"] == pytest.approx(sum(spend) ** 2 / sum(s * s for s in spend))


def test_weights_of_the_study_count_and_all_zero_is_said(study):
    doubled = study.responses.with_columns(weight=pl.when(pl.col("Q2_0")).then(2.0).otherwise(1.0))
    own = Dataset(orders=study.orders, customers=study.customers, responses=doubled, codebook=BOOK, questionnaire=study.questionnaire)  # fmt: skip
    assert row_of(run(own).tables["matrix"], need="物流", segment="总计")["share"] == pytest.approx(80 / 120)  # fmt: skip
    plain = row_of(run(own, use_weight=False).tables["matrix"], need="物流", segment="总计")
    assert plain["share"] == 0.5
    none = Dataset(orders=study.orders, customers=study.customers, responses=study.responses.with_columns(weight=pl.lit(0.0)), questionnaire=study.questionnaire)  # fmt: skip
    with pytest.raises(TooFewRows, match="权重大于 0"):
        run(none)
    free = study.orders.to_native().with_columns(amount=pl.lit(0.0))
    nothing = Dataset(orders=nw.from_native(free), customers=study.customers, responses=study.responses, questionnaire=study.questionnaire)  # fmt: skip
    with pytest.raises((BadParameter, TooFewRows)):
        run(nothing, vote="spend")


def test_codebook_that_nobody_speaks_of_leaves_the_ticks_and_without_them_a_sentence(study):
    book = Codebook(codes=(Code(name="外星人", rules=("外星人",)),))
    only = {"orders": study.orders, "customers": study.customers, "codebook": book}
    ticks = run(Dataset(responses=study.responses, texts=study.texts, questionnaire=study.questionnaire, **only))  # fmt: skip
    assert sorted(set(ticks.tables["matrix"]["need"])) == sorted(OPTIONS)
    texts = pl.DataFrame({"text_id": ids(), "customer_id": ids(), "text": ["颜色好看，很喜欢这个颜色"] * N})  # fmt: skip
    with pytest.raises(TooFewRows, match="有人提到的需求"):
        run(Dataset(texts=texts, **only))


def test_people_are_everybody_who_raises_a_need_once_with_what_they_spend(result):
    people = result.tables["people"]
    mine = people.filter(need="物流")
    assert mine["customer_id"].is_unique().all()
    assert mine.height == 42
    assert row_of(mine, customer_id="c079")["spend"] == 240.0
    assert row_of(mine, customer_id="c004")["is_dissatisfied"] is True


def test_cards_tell_who_says_it_and_what_they_buy_and_name_one_text_each(study, result):
    cards = result.tables["cards"]
    assert set(cards["text_id"]) <= set(study.texts["text_id"])
    assert cards.filter(need="物流")["text_id"].is_unique().all()
    told = row_of(cards, text_id="t3")
    assert told["portrait"] == "客户 c079 · 女 · 普通 · 近 90 天 1 单 ¥80"
    assert told["quote"] == "快递员态度很差，物流信息不更新"


def test_typical_words_of_those_who_spend_come_before_rare_and_long_ones():
    said = pl.DataFrame({
        "text_id": ["a", "b", "c", "d"],
        "text": ["快递太慢，物流信息不更新", "快递太慢，物流信息不更新", "颜色不好看，袖子有线头", "快递太慢" + "，物流信息不更新" * 40],
        "spend": [900.0, 10.0, 900.0, 900.0],
    })  # fmt: skip
    order = best(said, tagger())["text_id"].to_list()
    assert order[0] == "a"
    assert order.index("b") > 0
    assert best(said.reverse(), tagger())["text_id"].to_list() == order


def test_portrait_leaves_out_what_is_unknown(study):
    bare = Dataset(orders=study.orders)
    assert portraits(bare, pl.Series(["c000"]), by="")["portrait"][0].startswith("客户 c000 · ")
    assert "女" not in portraits(bare, pl.Series(["c000"]))["portrait"][0]


def test_rated_items_are_linked_by_the_words_only_they_have():
    needs = ["专属客服与售后响应", "配送更快更准时", "门店更近"]
    items = ["客服响应", "配送速度", "响应速度"]
    assert linked(needs, items, Codebook()) == {needs[0]: "客服响应", needs[1]: "配送速度"}
    assert linked(["物流"], ["送货快递"], BOOK) == {"物流": "送货快递"}


PARTS_OF_THREE = pl.DataFrame({"need": ["甲", "乙", "丙"], "stake": [1.0, 0.2, None], "confidence": [0.0, 1.0, 0.9]})  # fmt: skip


def test_score_is_the_weighted_sum_and_a_missing_part_counts_nothing():
    made = scored(PARTS_OF_THREE, {"stake": 0.6, "confidence": 0.4}, n_draws=200, seed=1)
    assert made.select("need", "rank", "score").rows() == [("甲", 1, 0.6), ("乙", 2, 0.52), ("丙", 3, 0.36)]  # fmt: skip
    assert 0.3 < made["rank_kept_share"][0] < 1
    assert (made["rank_best"][0], made["rank_worst"][0]) == (1, 3)
    assert made["rank_kept_share"][2] > 0.8


def test_rank_that_no_weight_can_change_is_always_kept():
    ahead = pl.DataFrame({"need": ["甲", "乙"], "stake": [0.9, 0.1], "confidence": [0.9, 0.1]})
    assert scored(ahead, {"stake": 0.5, "confidence": 0.5}, n_draws=100, seed=0)["rank_kept_share"].to_list() == [1, 1]  # fmt: skip


def test_weights_of_missing_parts_are_spread_and_none_left_is_said():
    weights = {"stake": 0.4, "opportunity": 0.3, "driver": 0.2, "confidence": 0.1}
    known = dict.fromkeys(PARTS, True) | {"opportunity": False, "driver": False}
    assert shares_of(weights, known) == pytest.approx({"stake": 0.8, "opportunity": 0, "driver": 0, "confidence": 0.2})  # fmt: skip
    with pytest.raises(BadParameter, match="权重之和为 0"):
        shares_of(weights | {"stake": 0.0, "confidence": 0.0}, known)


def test_priorities_put_the_need_with_most_at_stake_first_and_say_what_is_missing(study):
    result = run(study, priorities)
    needs, weights = result.tables["needs"], result.tables["weights"]
    assert needs["need"][0] == "物流"
    assert needs["rank"].to_list() == [1, 2, 3, 4]
    assert weights.filter(part="机会得分")["share_of_score"].item() == 0
    assert weights["share_of_score"].sum() == pytest.approx(1)
    assert any("“机会得分”没有数据" in note for note in result.notes)
    assert needs["score"][0] == pytest.approx(0.8 + 0.2)  # the largest amount, three sources


def test_order_of_rows_changes_no_price(study):
    turned = Dataset(
        orders=nw.from_native(study.orders.to_native().collect().reverse().lazy()), customers=study.customers.reverse(),
        responses=study.responses.reverse(), texts=study.texts.reverse(), codebook=BOOK, questionnaire=study.questionnaire,
    )  # fmt: skip
    first, second = run(study, vote="spend"), run(turned, vote="spend")
    for name in ("matrix", "needs", "people", "cards", "evidence"):
        assert first.tables[name].equals(second.tables[name]), name
