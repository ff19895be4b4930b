"""Needs by segment: planted effects come back, a need that does not differ gets no letter."""

from __future__ import annotations

import random

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError
from statsmodels.stats.proportion import proportions_ztest

from insight.analyses.needs import needs_by_segment
from insight.analyses.text import topics
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, TooFewRows, UnknownName
from insight.needs import from_options, from_texts, need_questions, together
from insight.schema import Option, Question, Questionnaire

NEEDS = ("配送快", "价格低", "包装好", "其他", "以上都没有")
QUESTION = Question(
    id="Q2", wording="您最看重什么", kind="multi", columns=tuple(f"Q2_{i}" for i in range(5)),
    options=tuple(Option(label=name, column=f"Q2_{i}") for i, name in enumerate(NEEDS)),
)  # fmt: skip
SAYINGS = {
    "delivery": ("快递太慢了，等了一个星期才送到", "物流速度慢，希望配送快一点", "发货很慢，快递员态度也不好",
                 "配送时间太长，物流信息不更新", "快递送货慢，包裹还放错驿站", "物流慢，催了三次才发货"),
    "price": ("价格太贵了，优惠券用不了", "希望多一点满减活动，价格再便宜些", "比别家贵，性价比不高",
              "优惠力度太小，价格偏高", "涨价太多，会员折扣没有了", "活动价格虚高，优惠不实在"),
    "fit": ("尺码偏小，衣服穿着太紧", "面料薄，衣服洗了就缩水", "裤子版型不好，尺码不准",
            "衣服起球，面料质量差", "颜色和图片不一样，衣服掉色", "袖子太短，尺码表不准确"),
}  # fmt: skip
FILLER = ("昨天", "上个月", "这次", "双十一", "前天", "春节前", "周末", "第一次", "又一次", "最近")


def orders_of(spend: dict[str, float]) -> nw.LazyFrame:
    """One order per customer."""
    frame = pl.DataFrame({
        "customer_id": list(spend), "order_id": [f"o{c}" for c in spend],
        "ordered_at": [1_700_000_000 + 86_400 * i for i in range(len(spend))],
        "amount": list(spend.values()),
    }, schema_overrides={"amount": pl.Float64})  # fmt: skip
    return nw.from_native(frame.lazy())


def ticked(n_true: int, of: int) -> list[bool]:
    return [True] * n_true + [False] * (of - n_true)


def study_of(
    groups: list[str], spend: list[float], ticks: dict[str, list[bool | None]], *, texts=None
):
    """A study of customers c000, c001 ... whose group is the attribute "level"."""
    ids = [f"c{i:03}" for i in range(len(groups))]
    columns = {f"Q2_{i}": ticks.get(name, [False] * len(ids)) for i, name in enumerate(NEEDS)}
    responses = pl.DataFrame(
        {"respondent_id": [f"r{i}" for i in ids], "customer_id": ids} | columns,
        schema_overrides=dict.fromkeys(columns, pl.Boolean),
    )
    return Dataset(
        orders=orders_of(dict(zip(ids, spend, strict=True))),
        customers=pl.DataFrame({"customer_id": ids, "level": groups}),
        responses=responses,
        texts=texts,
        questionnaire=Questionnaire(questions=(QUESTION,)),
    )


def run(study, **params):
    chosen = {"by": "customers.level"} | params
    return answer(needs_by_segment.ANALYSIS, study, needs_by_segment.Params(**chosen))


def cell(table, **where):
    return table.filter(**where).row(0, named=True)


@pytest.fixture
def study():
    """金卡 60 of 100 and 普通 30 of 150 want fast delivery; 40 % of both want low prices."""
    ticks = {
        "配送快": [True] * 60 + [False] * 40 + [True] * 30 + [False] * 120,
        "价格低": [True] * 40 + [False] * 60 + [True] * 60 + [False] * 90,
        "其他": [True] * 250,
    }
    return study_of(["金卡"] * 100 + ["普通"] * 150, [1000.0] * 100 + [100.0] * 150, ticks)


def test_matrix_starts_with_the_agreed_columns_and_has_a_total_of_every_need(study):
    matrix = run(study).tables["matrix"]
    assert matrix.columns[:14] == [
        "need", "segment", "n", "base", "effective_base", "share", "letters", "p_adjusted", "satisfaction",
        "revenue", "revenue_at_stake", "ras_low", "ras_high", "sources",
    ]  # fmt: skip
    assert matrix.filter(segment="总计")["need"].to_list() == ["配送快", "价格低", "包装好"]
    assert set(matrix["source"]) == {"问卷多选：您最看重什么"}


def test_planted_difference_gets_its_letter_and_an_equal_need_none(study):
    matrix = run(study).tables["matrix"]
    gold = cell(matrix, need="配送快", segment="金卡")
    assert (gold["n"], gold["base"], gold["share"]) == (60, 100, 0.6)
    columns = run(study).tables["columns"]
    assert gold["letters"] == cell(columns, segment="普通")["letter"]
    assert set(matrix.filter(need="价格低")["letters"]) == {""}


def test_revenue_is_all_spend_of_the_distinct_customers_who_raise_the_need(study):
    matrix = run(study).tables["matrix"]
    assert cell(matrix, need="配送快", segment="金卡")["revenue"] == 60_000
    assert cell(matrix, need="配送快", segment="总计")["revenue"] == 63_000
    assert cell(matrix, need="包装好", segment="总计")["revenue"] == 0


def test_customer_with_two_questionnaires_counts_once(study):
    twice = Dataset(
        orders=study.orders, customers=study.customers, questionnaire=study.questionnaire,
        responses=pl.concat([study.responses, study.responses.with_columns(Q2_0=False, respondent_id="x" + pl.col("respondent_id"))]),
    )  # fmt: skip
    assert run(twice).tables["matrix"].equals(run(study).tables["matrix"])


def test_refunds_and_customers_without_orders_never_make_money(study):
    ids = study.customers["customer_id"].to_list()
    spend = dict(zip(ids, [1000.0] * 99, strict=False))
    kept = Dataset(orders=orders_of(spend), customers=study.customers, responses=study.responses,
                   questionnaire=study.questionnaire)  # fmt: skip
    row = cell(run(kept).tables["matrix"], need="价格低", segment="总计")
    assert (row["n"], row["revenue"]) == (100, 40_000)


def test_ranking_is_by_revenue_and_names_only_significant_segments(study):
    needs = run(study).tables["needs"]
    assert needs.columns == [
        "need", "source", "n", "base", "share", "satisfaction", "revenue", "revenue_at_stake", "ras_low",
        "ras_high", "stake_note", "sources", "top_segment",
    ]  # fmt: skip
    assert needs.rows()[0][0] == "配送快"
    assert needs["revenue"].to_list() == [63_000, 46_000, 0]
    assert needs["top_segment"].to_list() == ["金卡", "无显著差异", "未能检验"]


def test_findings_say_who_how_many_how_much_more_and_what_they_spend(study):
    result = run(study)
    first, stake, last = result.findings
    assert stake.text.startswith("没有哪项需求的提及者明显更少再买")
    assert first.text == (
        "“金卡”客户里 60 人（60.0%，基数 100）选择“配送快”，比其他客户高 40.0 个百分点；选择的客户共消费 ¥6.0 万。"
    )
    values = [result.tables[e.table][e.row, e.column] for e in first.evidence]
    assert values[:3] == [60, 0.6, 100]
    assert values[-1] == pytest.approx(0.4)
    assert "“配送快”" in last.text
    assert "¥6.3 万" in last.text
    assert "不能相加" in last.text


def test_difference_is_taken_to_everybody_else_in_the_table(study):
    groups = ["金卡"] * 100 + ["银卡"] * 50 + ["普通"] * 100
    three = Dataset(orders=study.orders, responses=study.responses, questionnaire=study.questionnaire,
                    customers=study.customers.with_columns(level=pl.Series(groups)))  # fmt: skip
    row = cell(run(three).tables["matrix"], need="配送快", segment="金卡")
    _, p = proportions_ztest([60, 30], [100, 150])
    assert (row["rest_share"], row["p_value"]) == pytest.approx((0.2, p))


def test_small_segments_are_directional_and_tiny_ones_hidden():
    groups = ["大"] * 200 + ["小"] * 20 + ["微"] * 9
    ticks = {"配送快": [True] * 20 + [False] * 180 + [True] * 15 + [False] * 5 + [True] * 9}
    result = run(study_of(groups, [50.0] * 229, ticks))
    small = cell(result.tables["matrix"], need="配送快", segment="小")
    assert (small["flag"], small["letters"]) == ("*", "A")
    assert "仅作方向性参考" in result.findings[0].text
    tiny = cell(result.tables["matrix"], need="配送快", segment="微")
    assert (tiny["share"], tiny["letters"], tiny["revenue"], tiny["n"]) == (None, "—", None, 9)


def test_solid_findings_come_before_directional_ones():
    groups = ["大"] * 100 + ["中"] * 100 + ["小"] * 20
    ticks = {
        "配送快": ticked(20, 100) + ticked(20, 100) + ticked(18, 20),
        "价格低": ticked(50, 100) + ticked(25, 100) + ticked(7, 20),
    }
    texts = [f.text for f in run(study_of(groups, [50.0] * 220, ticks)).findings]
    assert "价格低" in texts[0]
    assert "“小”客户里 18 人（90.0%，基数 20）" in texts[1]


def test_needs_of_the_same_name_stay_apart():
    question = Question(
        id="Q",
        wording="需要",
        kind="multi",
        columns=("x",),
        options=(Option(label="甲", column="x"),),
    )
    one = from_options(pl.DataFrame({"customer_id": ["a"], "x": [True]}), question)
    assert [need.label for need in together([one, one]).needs] == ["甲", "甲（2）"]


def test_null_needs_stay_without_a_letter_in_nine_studies_of_ten():
    quiet = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        ticks = {"配送快": (rng.random(300) < 0.35).tolist()}
        groups = rng.choice(["甲", "乙", "丙", "丁"], 300).tolist()
        matrix = run(study_of(groups, [10.0] * 300, ticks)).tables["matrix"]
        quiet += set(matrix.filter(need="配送快")["letters"]) == {""}
    assert quiet >= 36


def test_planted_needs_are_found_in_nine_studies_of_ten():
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        groups = rng.choice(["甲", "乙"], 300)
        ticks = {"配送快": (rng.random(300) < np.where(groups == "甲", 0.5, 0.25)).tolist()}
        matrix = run(study_of(groups.tolist(), [10.0] * 300, ticks)).tables["matrix"]
        found += cell(matrix, need="配送快", segment="甲")["letters"] in ("a", "A", "b", "B")
    assert found >= 18


def texts_of(groups, *, seed=5):
    """金卡 complain of delivery, 普通 of price; everybody speaks of clothes alike. One text each."""
    rng = random.Random(seed)
    rows = []
    for at, group in enumerate(groups):
        likely = {"金卡": (0.6, 0.1, 0.3), "普通": (0.1, 0.6, 0.3)}[group]
        theme = rng.choices(("delivery", "price", "fit"), likely)[0]
        words = rng.choice(SAYINGS[theme])
        rows.append((f"t{at}", f"c{at:03}", f"{rng.choice(FILLER)}{words}", theme))
    return pl.DataFrame(rows, schema=["text_id", "customer_id", "text", "theme"], orient="row")


@pytest.fixture(scope="module")
def spoken():
    """Topics of 240 customers; c240 speaks of two at once, c241 only hears a question, c242 says 无."""
    groups = ["金卡"] * 120 + ["普通"] * 123
    texts = texts_of(groups[:240]).with_columns(role=pl.lit("participant"))
    both = f"{SAYINGS['delivery'][0]}。{SAYINGS['price'][0]}"
    extra = pl.DataFrame([
        ("q1", "c240", both, "both", "participant"),
        ("q2", "c241", "请问您觉得价格怎么样，贵不贵，优惠够不够", "price", "interviewer"),
        ("q3", "c242", "无", "", "participant"),
        ("q4", None, "快递太慢了，物流速度不行", "delivery", "participant"),
    ], schema=texts.schema, orient="row")  # fmt: skip
    study = study_of(groups, [500.0] * 243, {}, texts=pl.concat([texts, extra]))
    return study, run(study, n_topics=3)


def test_only_participants_who_say_something_are_the_base_of_topics(spoken):
    _, result = spoken
    totals = result.tables["matrix"].filter(source="开放文本", segment="总计")
    assert totals["base"].to_list() == [241] * 3


def test_a_topic_is_as_frequent_here_as_among_the_topics(spoken):
    study, _ = spoken
    known = study.texts.drop_nulls("customer_id")
    table = topics.run(Dataset(texts=known), topics.Params(n_topics=3)).tables["topics"]
    raised = from_texts(known.filter(role="participant"), n_topics=3)
    said = {need.label: raised.people[str(at)].sum() for at, need in enumerate(raised.needs)}
    named = table.filter(pl.col("topic") > 0)
    assert dict(named.select("label", "n_people").iter_rows()) == said
    assert set(named["base"]) == {len(raised.people)} == {241}  # c242 said nothing but 无


def test_one_topic_is_no_number_of_topics(study):
    for wrong in ({"n_topics": 1}, {"n_topics": -1}, {"n_topics": 31}):
        with pytest.raises((BadParameter, ValidationError)):
            needs_by_segment.Params(**wrong)
    with pytest.raises(BadParameter, match="只有一个主题等于没有分析"):
        needs_by_segment.Params(n_topics=1)
    assert needs_by_segment.Params(n_topics=30).n_topics == 30


def test_one_text_may_raise_two_needs(spoken):
    study, _ = spoken
    raised = from_texts(study.texts.filter(role="participant"), n_topics=3)
    row = raised.people.row(by_predicate=pl.col("customer_id") == "c240", named=True)
    named = {n.label: row[str(at)] for at, n in enumerate(raised.needs)}
    assert {label for label, said in named.items() if said} == {
        label for label in named if "物流" in label or "价格" in label
    }


def test_findings_come_with_the_largest_difference_first(spoken):
    _, result = spoken
    told = [f for f in result.findings if f.evidence[-1].column == "share_difference"]
    ahead = [result.tables["matrix"][f.evidence[-1].row, "share_difference"] for f in told]
    assert len(ahead) == 2
    assert ahead == sorted(ahead, reverse=True)
    assert len(set(ahead)) == 2


def test_planted_topics_differ_by_segment_and_the_third_does_not(spoken):
    study, result = spoken
    matrix = result.tables["matrix"].filter(source="开放文本")
    lettered = matrix.filter(~pl.col("letters").is_in(["", "—"]))
    assert set(lettered["segment"]) == {"金卡", "普通"}
    assert lettered["need"].n_unique() == 2
    assert len(matrix["need"].unique()) == 3
    truth = study.texts.filter(pl.col("theme") == "delivery", pl.col("customer_id").is_not_null())
    planted = truth.join(study.customers, on="customer_id").filter(level="金卡").height / 120
    gold = lettered.filter(segment="金卡").row(0, named=True)
    assert gold["share"] == pytest.approx(planted, abs=0.08)


def test_topics_and_options_stand_in_one_table(spoken):
    _, result = spoken
    assert set(result.tables["matrix"]["source"]) == {"开放文本", "问卷多选：您最看重什么"}
    assert result.tables["columns"]["source"].unique(maintain_order=True).to_list()[0] == "开放文本"


def test_shuffled_rows_give_the_same_result(study):
    ragged = study.orders.to_native().with_columns(amount=pl.int_range(pl.len()) / 7 + 0.1)
    shuffled = {
        name: getattr(study, name).sample(fraction=1, shuffle=True, seed=9)
        for name in ("responses", "customers")
    }
    one = Dataset(orders=nw.from_native(ragged), customers=study.customers, responses=study.responses,
                  questionnaire=study.questionnaire)  # fmt: skip
    other = Dataset(
        orders=nw.from_native(ragged.collect().reverse().lazy()),
        questionnaire=study.questionnaire,
        **shuffled,
    )
    first, second = run(one), run(other)
    assert first.findings == second.findings
    assert first.tables["matrix"].equals(second.tables["matrix"])


def test_questions_whose_wording_speaks_of_needs_are_preferred():
    def multi(key, wording):
        return Question(id=key, wording=wording, kind="multi", columns=(key,))

    both = Questionnaire(
        questions=(multi("Q1", "您用过哪些渠道"), multi("Q2", "您希望我们改进什么"))
    )
    assert [q.id for q in need_questions(both)] == ["Q2"]
    neither = Questionnaire(questions=(multi("Q1", "您用过哪些渠道"), multi("Q3", "您有哪些产品")))
    assert [q.id for q in need_questions(neither)] == ["Q1", "Q3"]


def test_other_and_none_of_these_are_no_needs_but_lookalikes_are():
    options = (
        "其他",
        "其他（请注明）",
        "其他顾客的评价",
        "没有",
        "没有不满",
        "没有合适的尺码",
        "以上都不是",
        "以上都是",
    )
    question = Question(
        id="Q", wording="不满", kind="multi", columns=tuple(f"x{i}" for i in range(len(options))),
        options=tuple(Option(label=o, column=f"x{i}") for i, o in enumerate(options)),
    )  # fmt: skip
    responses = pl.DataFrame(
        {"customer_id": ["c"]} | {f"x{i}": [True] for i in range(len(options))}
    )
    assert [n.label for n in from_options(responses, question).needs] == [
        "其他顾客的评价",
        "没有合适的尺码",
    ]


def test_people_of_several_sources_meet_and_those_of_one_stay_unasked_in_the_other():
    question = Question(
        id="Q",
        wording="需要",
        kind="multi",
        columns=("x",),
        options=(Option(label="甲", column="x"),),
    )
    one = from_options(
        pl.DataFrame({"customer_id": ["a", "b", None], "x": [True, False, True]}), question
    )
    two = from_options(pl.DataFrame({"customer_id": ["b", "c"], "x": [True, True]}), question)
    assert together([one, two]).people.rows() == [
        ("a", True, None), ("b", False, True), ("c", None, True),
    ]  # fmt: skip


def test_neither_texts_nor_ticks_is_said_in_one_sentence(study):
    bare = Dataset(orders=study.orders, customers=study.customers)
    with pytest.raises(MissingColumns, match="问卷或文本"):
        run(bare)
    unmatched = Dataset(orders=study.orders, customers=study.customers, questionnaire=study.questionnaire,
                        responses=study.responses.drop("customer_id"))  # fmt: skip
    with pytest.raises(MissingColumns, match="问卷：客户编号"):
        run(unmatched)


def test_too_few_texts_are_noted_and_the_ticks_still_shown(study):
    few = pl.DataFrame({"text_id": ["t"], "customer_id": ["c000"], "text": ["快递太慢了"]})
    result = run(Dataset(orders=study.orders, customers=study.customers, responses=study.responses,
                         texts=few, questionnaire=study.questionnaire))  # fmt: skip
    assert set(result.tables["matrix"]["source"]) == {"问卷多选：您最看重什么"}
    assert any("开放文本没有参与" in note for note in result.notes)
    with pytest.raises(TooFewRows):
        run(Dataset(orders=study.orders, customers=study.customers, texts=few))


def test_wrong_questions_are_refused(study):
    with pytest.raises(UnknownName, match="Q77"):
        run(study, questions=["Q77"])
    single = Question(id="Q1", wording="性别", kind="single", columns=("Q1",))
    asked = Dataset(orders=study.orders, customers=study.customers, questionnaire=Questionnaire(questions=(QUESTION, single)),
                    responses=study.responses.with_columns(Q1=pl.lit("男")))  # fmt: skip
    with pytest.raises(BadParameter, match="Q1 不是多选题"):
        run(asked, questions=["Q1"])


def test_nobody_in_any_segment_is_said(study):
    strangers = study.customers.with_columns(customer_id="x" + pl.col("customer_id"))
    with pytest.raises(TooFewRows, match="客户"):
        run(
            Dataset(
                orders=study.orders,
                customers=strangers,
                responses=study.responses,
                questionnaire=study.questionnaire,
            )
        )
