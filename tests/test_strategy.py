"""The rule book: conditions by hand, what is wrong with a text, groups and scores by hand, suggestions on the example study."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from conftest import orders_of
from statsmodels.stats.proportion import proportions_ztest

from insight import ledger
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadPlaybook, TooFewRows
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.strategy.conditions import fired, parsed
from insight.strategy.facts import DIMENSIONS, FACTS
from insight.strategy.firing import advised, members_of
from insight.strategy.groups import groups
from insight.strategy.people import customers
from insight.strategy.playbook import SECTIONS, bundled, playbook_of
from insight.strategy.scoring import confidence, impact, priority

ANALYSIS = find("strategy")
DAY = ledger.DAY
GROUP = {"share_of_spend": 0.41, "slipping_share": 0.2, "n_customers": 50, "segment": "甲", "segment_default": "冠军客户"}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("share_of_spend >= 10%", True),
        ("金额占比 ≥ 41% 且 客户数 < 50", False),
        ("金额占比 > 0.5 或 客户数 = 50", True),
        ("not slipping_share > 30%", True),
        ("（金额占比 > 0.5 或 客户数 = 50） 且 衰退与流失占比 < 0.1", False),
        ('客户分层 属于 ["冠军客户", "忠诚客户"]', True),
        ("客户分层 = 甲", False),  # the name of today; rules go by the default one
        ("share_of_spend > slipping_share", True),
        ("退款率 > 0", None),  # not known of the group
        ("退款率 > 0 或 客户数 > 1", True),
        ("退款率 > 0 且 客户数 > 99", False),
    ],
)
def test_a_condition_holds_or_not_and_what_is_not_known_decides_nothing(text, holds):
    assert parsed(text).holds(GROUP) is holds


def test_the_reasons_are_the_comparisons_that_made_it_hold():
    told = fired(parsed("(金额占比 > 0.5 或 客户数 = 50) 且 非 衰退与流失占比 > 30%"), GROUP)
    assert [(one.fact, one.words) for one in told] == [("n_customers", "= 50"), ("slipping_share", "> 30.0%")]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "条件是空的"),
        ("金额占比 >", "没有写完"),
        ("金额占比 10", "从第 6 个字“10”起看不懂"),
        ("利润率 > 3", "没有叫“利润率”的事实"),
        ("客户数 属于 甲", "“客户数”不能用“属于”"),
        ("__import__('os').system('true')", "看不懂"),
        ("客户数 > " + "9" * 1_000, "超过 1,000 个字符"),
    ],
)
def test_a_wrong_condition_is_said_in_one_sentence(text, said):
    with pytest.raises(BadPlaybook, match=said):
        parsed(text)


RULE = """rules:
- key: one
  section: 渠道协同
  over: [channel]
  when: 客户数 >= 2
  brief: 在{channel}做一件事
  action: 在{channel}做
  owner: 甲
  kpi: 乙
  readout: 丙
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "缩进或标点不符合 YAML 写法"),
        ("rules: 3", "没有规则列表"),
        ("rules: []", "一条规则也没有"),
        (RULE.replace("  owner: 甲\n", ""), "第 2 行附近：规则缺少“owner”"),
        (RULE.replace("key: one", "key: 一"), "只能用小写字母"),
        (RULE + RULE.removeprefix("rules:\n"), "有两条规则的键都是 one"),
        (RULE.replace("渠道协同", "其他"), "不是策略的部分"),
        (RULE.replace("[channel]", "[shop]"), "没有叫“shop”的维度"),
        (RULE.replace("客户数 >= 2", "客户分层 = 甲"), "over 里要有 segment"),
        (RULE.replace("客户数 >= 2", "客户数 >"), "第 2 行附近：条件“客户数 >”没有写完"),
        (RULE + "  gain: [5, 1, 2]\n", "从低到高"),
        (RULE + "  colour: red\n", "没有叫“colour”的设置"),
    ],
)
def test_a_wrong_rule_book_says_where_and_what(text, said):
    with pytest.raises(BadPlaybook, match=said):
        playbook_of(text)


def test_the_bundled_book_fills_all_seven_sections_and_says_who_what_and_how_measured():
    book = playbook_of("")
    assert {rule.section for rule in book.rules} == set(SECTIONS)
    assert all((rule.owner, rule.kpi, rule.readout, rule.action) for rule in book.rules)
    assert playbook_of(bundled()) == book


def test_scores_by_hand():
    assert [impact(g, of=1_000.0) for g in (0, 1.9, 2, 5, 10, 20, 900)] == [1, 1, 2, 3, 4, 5, 5]
    assert impact(5, of=0) == 1
    assert confidence({"n_customers": 100, "n_sources": 3, "p_adjusted": 0.001}) == 1.0
    assert confidence({"n_customers": 40, "n_sources": 1, "p_adjusted": 0.04}) == pytest.approx((0.5 + 1 / 3 + 0.5) / 3)  # fmt: skip
    assert confidence({"n_customers": 100, "n_sources": 1, "p_adjusted": None}) == pytest.approx((1 + 1 / 3) / 2)  # fmt: skip
    assert confidence({"n_customers": 29, "n_sources": 3, "p_adjusted": 0.0}) == 1 / 3
    assert priority(4, confidence=0.5, effort=1) == 6.0


def _shop(n_times: int = 30) -> Dataset:
    """Sixty customers of two channels: all of 门店 buy once, all of 天猫 twice; thirty answered what they need."""
    rows, at = [], 0
    for n in range(n_times):
        for who, channel, days in ((f"a{n:02}", "天猫", (0, 60)), (f"b{n:02}", "门店", (30,))):
            for day in days:
                at += 1
                rows.append({"customer_id": who, "order_id": f"{at}", "ordered_at": day * DAY + at, "amount": 100.0, "channel": channel})  # fmt: skip
    asked = Question(
        id="Q1", wording="您需要什么？", kind=QuestionKind.MULTI, columns=("q_1", "q_2"),
        options=(Option(label="快递", column="q_1"), Option(label="客服", column="q_2")),
    )  # fmt: skip
    said = [(f"r{n}", f"a{n:02}" if n < 15 else f"b{n:02}", n < 15, n % 2 == 0) for n in range(30)]
    responses = pl.DataFrame(said, schema=["respondent_id", "customer_id", "q_1", "q_2"], orient="row")  # fmt: skip
    return Dataset(orders=orders_of(rows), responses=responses, questionnaire=Questionnaire(questions=(asked,)))  # fmt: skip


def test_facts_of_groups_by_hand_and_their_test_by_statsmodels():
    known = customers(_shop())
    table = groups(known, [(), ("channel",), ("need",), ("channel", "need")])
    assert table.columns == ["over", *DIMENSIONS, "segment_default", *FACTS]
    whole = table.filter(over="").row(0, named=True)
    assert (whole["n_customers"], whole["spend"], whole["repurchase_rate"], whole["spoke_share"]) == (60, 9_000.0, 0.5, 0.5)  # fmt: skip
    shop = table.filter(over="channel", channel="门店").row(0, named=True)
    assert (shop["n_customers"], shop["share_of_spend"], shop["times_average"]) == (30, pytest.approx(1 / 3), pytest.approx(100 / 150))  # fmt: skip
    assert (shop["repurchase_rate"], shop["rest_repurchase_rate"], shop["repurchase_difference"]) == (0, 1, -1)  # fmt: skip
    assert shop["p_adjusted"] == pytest.approx(proportions_ztest([0, 30], [30, 30])[1])
    fast = table.filter(over="need", need="快递").row(0, named=True)
    assert (fast["n_customers"], fast["n_asked"], fast["mention_share"], fast["p_adjusted"]) == (15, 30, 0.5, None)  # fmt: skip
    own = table.filter(over="channel+need", channel="天猫", need="客服").row(0, named=True)
    assert (own["n_customers"], own["n_asked"], own["rest_mention_share"]) == (8, 15, pytest.approx(7 / 15))  # fmt: skip
    assert own["spend"] == 1_600.0


def test_groups_that_the_number_of_purchases_makes_are_not_tested_on_it():
    table = groups(customers(_shop()), [("segment",), ("stage",)])
    assert table.height > 0
    assert table["p_adjusted"].is_null().all()


def test_a_rule_speaks_of_the_groups_on_which_it_holds_and_names_them():
    book = playbook_of(RULE.replace("客户数 >= 2", "复购率 < 0.5") + "  gain: [1, 2, 3]\n  effort: 1\n")  # fmt: skip
    known = customers(_shop())
    found = advised(known, book)
    row = found.actions.row(0, named=True)
    assert found.actions.height == 1
    assert (row["target"], row["brief"], row["n_customers"]) == ("主要在门店购买", "在门店做一件事", 30)  # fmt: skip
    assert row["because"] == "复购率 0.0%（< 50.0%）"
    assert row["impact_amount"] == pytest.approx(row["expected_spend"] * 0.02, abs=0.01)
    who = members_of(known, found)
    assert sorted(who["customer_id"]) == [f"b{n:02}" for n in range(30)]


def test_no_more_groups_are_told_than_the_rule_wants_the_dearest_first():
    book = playbook_of(RULE + "  most: 1\n")
    assert advised(customers(_shop()), book).actions["buying_channel"].to_list() == ["天猫"]


def test_every_suggestion_shows_the_facts_that_fired_it():
    dataset = _shop()
    result = answer(ANALYSIS, dataset)
    actions, facts = result.tables["actions"], result.tables["facts"]
    assert set(facts["rank"]) == set(actions["rank"])
    assert {"segment", "stage", "need", "action", "because", "kpi", "n_customers", "expected_spend"} <= set(actions.columns)  # fmt: skip
    for finding in result.findings:
        assert {cell.table for cell in finding.evidence} <= {"priorities", "facts"}


def test_a_book_that_never_holds_gives_no_suggestion_and_says_so():
    quiet = RULE.replace("客户数 >= 2", "客户数 > 999")

    result = answer(ANALYSIS, replace(_shop(), playbook=quiet))
    assert result.tables["actions"].is_empty()
    assert result.findings[0].text.startswith("60 位客户里没有哪一组符合规则库的条件")


def test_orders_alone_still_give_suggestions_and_nobody_gives_none():
    orders = _shop().orders
    result = answer(ANALYSIS, Dataset(orders=orders))
    assert any("没有按需求判断" in note for note in result.notes)
    assert result.tables["actions"]["need"].unique().to_list() == ["全部"]
    with pytest.raises(TooFewRows):
        answer(ANALYSIS, Dataset(orders=orders_of([{"customer_id": None, "order_id": "1", "ordered_at": 0, "amount": 1.0}])))  # fmt: skip


def test_a_renamed_segment_is_judged_by_the_default_name_it_stands_for():
    rule = RULE.replace("[channel]", "[segment]").replace("客户数 >= 2", '客户分层 属于 ["重要价值客户"]').replace("{channel}", "{segment}")  # fmt: skip
    known = customers(_shop())
    renamed = known.frame.with_columns(segment=pl.lit("贵宾"), segment_default=pl.lit("重要价值客户"))  # fmt: skip

    found = advised(replace(known, frame=renamed), playbook_of(rule))
    assert found.actions["target"].to_list() == ["贵宾"]
