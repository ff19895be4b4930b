"""Needs beside purchases: by hand, by scipy, by R, and nothing found where nothing is."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from conftest import orders_of
from polars.testing import assert_frame_equal
from scipy.stats import hypergeom

from insight.analyses.needs import need_products
from insight.analysis import answer
from insight.claims import broken_rules
from insight.dataset import Dataset
from insight.errors import MissingColumns, TooFewRows
from insight.members import behind
from insight.schema import Option, Question, Questionnaire
from insight.schema.codebook import Code, Codebook

DAY, START = 86_400, 1_700_006_400
TICKS = Question(
    id="Q1", wording="您希望我们改进哪些方面", kind="multi", columns=("Q1_0", "Q1_1"),
    options=(Option(label="售后", column="Q1_0"), Option(label="包装", column="Q1_1")),
)  # fmt: skip


def survey(ticks: np.ndarray, bought: list[tuple[int, str, int, float]], **more: list[object]) -> Dataset:  # fmt: skip
    """Customers c000 ... who answered on day 200; orders are (customer, category, day, amount)."""
    ids = [f"c{at:03}" for at in range(len(ticks))]
    columns = {f"Q1_{at}": ticks[:, at].tolist() for at in range(2)}
    sheets = pl.DataFrame({
        "respondent_id": [f"r{at}" for at in range(len(ticks))], "customer_id": ids,
        "submitted_at": [START + 200 * DAY] * len(ticks), **columns, **more,
    })  # fmt: skip
    lines = [
        {"customer_id": ids[who], "order_id": f"o{at}", "ordered_at": START + day * DAY, "amount": amount, "category": category}
        for at, (who, category, day, amount) in enumerate(bought)
    ]  # fmt: skip
    return Dataset(orders=orders_of(lines), responses=sheets, questionnaire=Questionnaire(questions=(TICKS,)))  # fmt: skip


def by_hand() -> Dataset:
    """Of 12 who tick 售后, 9 bought 器具 within 90 days and 3 beans; of 20 others, 5 and 15; and what does not count."""
    ticks = np.array([[at < 12, at % 2 == 0] for at in range(34)])
    first = [(at, "器具" if at < 9 else "豆", 200 - 90 if at % 2 else 200 + 90, 100.0) for at in range(12)]  # fmt: skip
    others = [(at, "器具" if at < 17 else "豆", 250, 10.0) for at in range(12, 32)]
    late = [(0, "豆", 200 + 91, 999.0), (10, "器具", 200 - 91, 999.0), (32, "器具", 300, 5.0)]
    return survey(ticks, [*first, *others, *late])


def test_shares_lift_and_money_of_a_need_and_a_category_are_counted_by_hand():
    table = answer(need_products.ANALYSIS, by_hand()).tables["pairs"]
    row = table.filter(need="售后", item="器具").row(0, named=True)
    assert (row["n"], row["base"], row["n_rest"], row["revenue"]) == (9, 12, 20, 900.0)
    assert row["share"] == pytest.approx(9 / 12)
    assert row["rest_share"] == pytest.approx(5 / 20)
    assert row["speakers_share"] == pytest.approx(14 / 32)
    assert row["lift"] == pytest.approx((9 / 12) / (14 / 32))
    assert row["share_difference"] == pytest.approx(0.5)
    drawn = hypergeom(32, 14, 12)
    assert row["p_value"] == pytest.approx(2 * (drawn.sf(9) + drawn.pmf(9) / 2))


def test_another_number_of_days_counts_other_purchases():
    wide = answer(need_products.ANALYSIS, by_hand(), need_products.Params(days=91)).tables["pairs"]
    beans = wide.filter(need="售后", item="豆").row(0, named=True)
    assert (beans["n"], beans["revenue"]) == (4, 1299.0)


def test_the_day_a_need_is_first_said_is_that_of_the_text_that_says_it():
    said = {"t1": ("c000", 10, "希望售后快一点"), "t2": ("c000", 300, "包装破了"), "t3": ("c001", 10, "包装破了")}  # fmt: skip
    from insight.needs.bought import around
    from insight.needs.raised import Need, raised_by

    told = pl.DataFrame({
        "text_id": list(said), "customer_id": [who for who, _, _ in said.values()],
        "0": [True, False, False], "1": [False, True, True],
    })  # fmt: skip
    texts = pl.DataFrame({
        "text_id": list(said), "text": [text for *_, text in said.values()], "customer_id": [who for who, _, _ in said.values()],
        "said_at": [START + day * DAY for _, day, _ in said.values()],
    })  # fmt: skip
    lines = [
        {"customer_id": who, "order_id": f"{who}{day}", "ordered_at": START + day * DAY, "amount": 1.0, "category": item}
        for who, day, item in (("c000", 20, "早"), ("c000", 305, "晚"), ("c001", 30, "早"))
    ]  # fmt: skip
    raised = raised_by((Need("售后", "开放文本"), Need("包装", "开放文本")), told)
    data = Dataset(orders=orders_of(lines), texts=texts)
    found = around(data, raised, of="category", days=30, most=5).bought
    assert found.select("at", "customer_id", "does", "item").rows() == [
        ("0", "c000", True, "早"), ("0", "c001", False, "早"), ("1", "c000", True, "晚"), ("1", "c001", True, "早"),
    ]  # fmt: skip


def test_a_click_opens_the_customers_who_raise_the_need_and_bought_the_item():
    data = by_hand()
    result = answer(need_products.ANALYSIS, data)
    known = need_products.members(data, need_products.Params(), result)["pairs"]
    row = result.tables["pairs"].filter(need="售后", item="豆").row(0, named=True)
    assert behind(known, row)["customer_id"].to_list() == ["c009", "c010", "c011"]


def test_the_planted_pair_is_told_first_and_breaks_no_rule_of_claims():
    rng = np.random.default_rng(3)
    ticks = rng.random((300, 2)) < 0.4
    tools = np.where(ticks[:, 0], rng.random(300) < 0.7, rng.random(300) < 0.2)
    bought = [(at, "器具" if tools[at] else "豆", 190, 50.0) for at in range(300)]
    result = answer(need_products.ANALYSIS, survey(ticks, bought))
    first = result.findings[0]
    assert "提到“售后”的客户里" in first.text
    assert "买过“器具”" in first.text
    assert not broken_rules(first)
    assert all("包装" not in finding.text for finding in result.findings)


def test_needs_that_go_with_no_purchase_are_seldom_found():
    found = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        ticks = rng.random((80, 2)) < 0.4
        bought = [(at, str(rng.choice(["甲", "乙", "丙"])), 210, 1.0) for at in range(80)]
        table = answer(need_products.ANALYSIS, survey(ticks, bought)).tables["pairs"]
        found += (table["p_adjusted"].min() or 1) <= 0.05
    assert found <= 5


def test_row_order_does_not_matter():
    data = by_hand()
    turned = Dataset(orders=data.orders, responses=data.responses.reverse(), questionnaire=data.questionnaire)  # fmt: skip
    tables = [answer(need_products.ANALYSIS, one).tables["pairs"] for one in (data, turned)]
    assert_frame_equal(*tables)


def test_orders_without_products_are_refused_in_one_sentence():
    data = by_hand()
    orders = orders_of(data.orders.collect().to_native().drop("category", "ordered_month").to_dicts())  # fmt: skip
    bare = Dataset(orders=orders, responses=data.responses, questionnaire=data.questionnaire)
    with pytest.raises(MissingColumns, match="商品或品类"):
        answer(need_products.ANALYSIS, bare)


def test_answers_without_a_day_are_refused_in_one_sentence():
    data = by_hand()
    timeless = Dataset(orders=data.orders, responses=data.responses.drop("submitted_at"), questionnaire=data.questionnaire)  # fmt: skip
    with pytest.raises(TooFewRows, match="日期可知"):
        answer(need_products.ANALYSIS, timeless)


def test_texts_that_raise_no_need_are_said_to_be_so():
    texts = pl.DataFrame({"text_id": [f"t{at}" for at in range(20)], "text": ["😀"] * 20, "customer_id": [f"c{at:03}" for at in range(20)]})  # fmt: skip
    book = Codebook(codes=(Code(name="物流", rules=("快递",)),))
    said = Dataset(orders=by_hand().orders, texts=texts, codebook=book)
    with pytest.raises(TooFewRows, match="有人提到的需求"):
        answer(need_products.ANALYSIS, said)
