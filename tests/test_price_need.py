"""What people would pay beside what they pay: ranges and shares by hand, planted levels, and refusals."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from conftest import orders_of

from insight import ledger
from insight.analyses.needs import price_need
from insight.analysis import answer
from insight.claims import broken_rules
from insight.dataset import Dataset
from insight.errors import QuestionsMissing, TooFewRows, UnknownName
from insight.members import behind
from insight.needs.paying import OWN, histogram, middle, named_category, paid_by, placed_shares
from insight.schema import Question, Questionnaire

DAY, START = 86_400, 1_700_006_400
WORDS = ("什么价格太便宜，您会怀疑质量？", "什么价格您觉得便宜、划算？", "什么价格您觉得有点贵？", "什么价格太贵，您不会买？")  # fmt: skip


def questions(prefix: str = "") -> tuple[Question, ...]:
    return tuple(
        Question(id=f"P{at}", wording=prefix + words, kind="number", columns=(f"P{at}",))
        for at, words in enumerate(WORDS)
    )


def market(*, prefix: str = "", level: str = "省份") -> Dataset:
    """40 customers in 浙江 who name 10, 20, 30, 40 and pay 25, and 40 in 江苏 who name the double and pay 65; all buy 礼盒 for 500 too."""
    lines, rows, people = [], [], []
    for at in range(80):
        who, dear = f"c{at:02}", at >= 40
        named = np.array([10, 20, 30, 40]) * (2 if dear else 1)
        rows.append((who, f"r{at:02}", *(named + at % 3).astype(float)))
        people.append((who, "江苏" if dear else "浙江"))
        bought = [(65.0 if dear else 25.0, "咖啡豆", 1 + at % 2), (500.0, "礼盒", 1)]
        lines += [
            {"customer_id": who, "order_id": f"{who}{k}", "ordered_at": START + at * DAY, "amount": price * n, "quantity": float(n), "category": category}
            for k, (price, category, n) in enumerate(bought)
        ]  # fmt: skip
    sheets = pl.DataFrame(rows, schema=["customer_id", "respondent_id", "P0", "P1", "P2", "P3"], orient="row")  # fmt: skip
    customers = pl.DataFrame(people, schema=["customer_id", "region"], orient="row")
    return Dataset(orders=orders_of(lines), customers=customers, responses=sheets, questionnaire=Questionnaire(questions=questions(prefix)))  # fmt: skip


BY = price_need.Params(by="customers.region", category="咖啡豆", n_draws=100)


def row_of(result, segment: str) -> dict[str, object]:
    return result.tables["ranges"].filter(segment=segment).row(0, named=True)


def test_each_segment_has_its_own_range_and_what_it_paid():
    result = answer(price_need.ANALYSIS, market(), BY)
    near, far = row_of(result, "浙江"), row_of(result, "江苏")
    assert (near["paid_price"], far["paid_price"]) == (25.0, 65.0)
    assert (near["n_pieces"], far["n_pieces"], near["base"]) == (60.0, 60.0, 40)
    assert 12 <= near["pmc"] <= 30 <= near["pme"] <= 40
    assert near["inside_share"] + near["below_share"] + near["above_share"] == pytest.approx(1)
    assert near["inside_low_share"] <= near["inside_share"] <= near["inside_high_share"]


def test_shares_below_inside_and_above_hold_the_bounds_inside():
    price, pieces = np.array([10.0, 20.0, 30.0, 40.0]), np.array([1.0, 2.0, 3.0, 4.0])
    assert placed_shares(price, pieces, low=20, high=30).tolist() == pytest.approx([0.1, 0.5, 0.4])


def test_the_median_price_is_of_pieces_not_of_lines():
    price, pieces = np.array([10.0, 20.0, 30.0]), np.array([1.0, 1.0, 10.0])
    assert middle(price, pieces, 0.5) == 30.0
    assert middle(price, np.zeros(3), 0.5) is None


def test_prices_of_each_customer_are_by_piece():
    rows = [
        {"customer_id": "a", "order_id": "1", "ordered_at": START, "amount": 30.0, "quantity": 3.0},
        {"customer_id": "a", "order_id": "2", "ordered_at": START, "amount": 10.0, "quantity": 1.0},
        {"customer_id": "b", "order_id": "3", "ordered_at": START, "amount": 12.5, "quantity": None},
        {"customer_id": None, "order_id": "4", "ordered_at": START, "amount": 99.0, "quantity": 1.0},
    ]  # fmt: skip
    found = ledger.prices_by(orders_of(rows), "piece", by="customer_id")
    assert found.rows() == [("a", 1000, 4000), ("b", 1250, 1000)]


def test_bars_hold_every_piece_and_the_last_what_is_dearer():
    paid = paid_by(pl.DataFrame({"customer_id": ["a", "a", "b"], "price": [500, 1_000, 9_900], "n": [1000, 2000, 1000]}))  # fmt: skip
    bins = histogram(paid, np.array([0.0, 10.0, 20.0]))
    assert bins.rows() == [(0.0, 10.0, 1.0, 0.25), (10.0, 20.0, 3.0, 0.75)]


def test_the_interval_holds_what_is_not_known_of_the_range_and_of_the_buyers():
    result = answer(price_need.ANALYSIS, market(), BY)
    whole = row_of(result, "总计")
    assert whole["below_low_share"] < whole["below_share"] < whole["below_high_share"]


def test_the_category_that_the_questions_name_is_looked_at():
    assert (
        named_category(["咖啡豆（250 克）多少钱算便宜？"], ["咖啡", "咖啡豆", "礼盒"]) == "咖啡豆"
    )
    assert named_category(["多少钱算便宜？"], ["咖啡豆"]) == ""
    data = market(prefix="一包咖啡豆，")
    result = answer(price_need.ANALYSIS, data, price_need.Params(by="customers.region", n_draws=100))  # fmt: skip
    assert row_of(result, "浙江")["paid_high_price"] == 25.0
    assert any("只看品类“咖啡豆”（题干里写着它）" in note for note in result.notes)


def test_without_a_category_all_prices_count_and_the_notes_warn():
    result = answer(price_need.ANALYSIS, market(), price_need.Params(by="customers.region", n_draws=100))  # fmt: skip
    assert row_of(result, "浙江")["paid_high_price"] == 500.0
    assert any("看全部商品" in note for note in result.notes)


def test_everybody_is_set_beside_the_prices_they_named_themselves():
    data = market()
    result = answer(price_need.ANALYSIS, data, BY)
    told = dict(result.tables["own"].select("outcome", "n").rows())
    assert told == {OWN[0]: 0, OWN[1]: 40, OWN[2]: 40, OWN[3]: 0}  # 25 of 20 to 30; 65 of 60 to 80
    known = price_need.members(data, BY, result)["own"]
    row = result.tables["own"].filter(outcome=OWN[1]).row(0, named=True)
    assert behind(known, row)["customer_id"].to_list() == [f"c{at:02}" for at in range(40)]


def test_sentences_name_range_and_prices_and_keep_to_the_rules():
    result = answer(price_need.ANALYSIS, market(), BY)
    assert result.findings[0].text.startswith("全部客户能接受 ")
    assert any("“江苏”" in finding.text for finding in result.findings)
    assert not any(broken_rules(finding) for finding in result.findings)


def test_a_segment_of_few_answers_has_no_range():
    data = market()
    few = data.responses.filter(~pl.col("customer_id").is_in([f"c{at}" for at in range(45, 80)]))
    less = Dataset(orders=data.orders, customers=data.customers, responses=few, questionnaire=data.questionnaire)  # fmt: skip
    row = row_of(answer(price_need.ANALYSIS, less, BY), "江苏")
    assert (row["flag"], row["pmc"], row["inside_share"], row["paid_price"]) == ("—", None, None, 65.0)  # fmt: skip


def test_what_is_missing_is_said_in_one_sentence():
    data = market()
    with pytest.raises(UnknownName, match="品类"):
        answer(price_need.ANALYSIS, data, price_need.Params(by="customers.region", category="茶"))
    with pytest.raises(QuestionsMissing):
        answer(price_need.ANALYSIS, Dataset(orders=data.orders, customers=data.customers, responses=data.responses), BY)  # fmt: skip
    few = Dataset(orders=data.orders, customers=data.customers, responses=data.responses.head(5), questionnaire=data.questionnaire)  # fmt: skip
    with pytest.raises(TooFewRows):
        answer(price_need.ANALYSIS, few, BY)
