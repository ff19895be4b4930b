"""Words against deeds: the same order gives rho 1, the reversed one -1, and the planted gap comes back."""

from __future__ import annotations

from math import factorial

import numpy as np
import polars as pl
import pytest
from conftest import orders_of
from scipy.stats import permutation_test, spearmanr

from insight import pipeline
from insight.analyses.needs import stated_revealed
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows, UnknownName
from insight.needs.doing import DEALS, done, words_of
from insight.schema import Question, Questionnaire
from insight.stats.agreement import of_orders, of_people, rho

KINDS = ("咖啡豆", "挂耳", "礼盒", "器具", "冷萃", "糖浆")
SPENT = (600.0, 500.0, 400.0, 300.0, 200.0, 100.0)
DAY = 86_400


def shop(*, importance: list[list[int]], spent: list[tuple[float, ...]]) -> Dataset:
    """Customers c000 ... who rate how important each kind is, and what each spends on it."""
    lines = [
        {"customer_id": f"c{who:03}", "order_id": f"o{who}-{at}", "ordered_at": 1_700_000_000 + at * DAY, "amount": amount, "category": KINDS[at]}
        for who, amounts in enumerate(spent) for at, amount in enumerate(amounts) if amount
    ]  # fmt: skip
    ids = [f"c{who:03}" for who in range(len(importance))]
    columns = {f"Q1_{at}": [row[at] for row in importance] for at in range(len(KINDS))}
    asked = Question(
        id="Q1",
        wording="以下各类商品对您有多重要",
        kind="matrix",
        columns=tuple(columns),
        rows=KINDS,
    )
    frame = pl.DataFrame({"respondent_id": ids, "customer_id": ids} | columns)
    group = pl.DataFrame(
        {"customer_id": ids, "level": ["甲" if at % 2 else "乙" for at in range(len(ids))]}
    )
    return Dataset(orders=orders_of(lines), responses=frame, customers=group, questionnaire=Questionnaire(questions=(asked,)))  # fmt: skip


def told(dataset: Dataset, **params):
    return answer(stated_revealed.ANALYSIS, dataset, stated_revealed.Params(by="customers.level", **params))  # fmt: skip


def test_the_same_order_gives_one_and_the_reversed_order_minus_one():
    ratings = [6, 5, 4, 3, 2, 1]
    for shown, sign in ((ratings, 1.0), (ratings[::-1], -1.0)):
        result = told(shop(importance=[shown] * 40, spent=[SPENT] * 40))
        whole = result.tables["agreement"].row(0, named=True)
        assert (whole["segment"], whole["n"], whole["n_attributes"]) == ("总计", 40, 6)
        assert whole["rho"] == pytest.approx(sign)
        assert whole["p_value"] == pytest.approx(2 / factorial(6))
        word = "显著一致" if sign > 0 else "显著相反"
        assert f"全部客户说的和做的名次{word}：6 项属性的 ρ={sign:.2f}（40 人）" in result.findings[0].text  # fmt: skip


def test_places_gaps_and_shares_are_those_of_the_hand():
    result = told(shop(importance=[[1, 6, 4, 3, 2, 5]] * 40, spent=[SPENT] * 40))
    first = result.tables["attributes"].filter(segment="总计").row(0, named=True)
    assert (first["attribute"], first["n"], first["stated_score"]) == ("咖啡豆", 40, 1.0)
    assert first["revealed_score"] == pytest.approx(600 / 2100)
    assert (first["stated_rank"], first["revealed_rank"], first["rank_gap"]) == (6, 1, -5)
    assert (first["gap_low"], first["gap_high"]) == (-5.0, -5.0)  # everybody is alike
    assert set(result.tables["attributes"]["segment"]) == {"总计", "甲", "乙"}


def test_those_who_say_more_and_buy_less_are_told_so():
    rng = np.random.default_rng(3)
    importance = [[int(rating), *rng.integers(1, 6, 5).tolist()] for rating in rng.integers(1, 6, 200)]  # fmt: skip
    spent = [(700.0 - 120 * row[0], 300.0, 300.0, 300.0, 300.0, 300.0) for row in importance]
    result = told(shop(importance=importance, spent=spent))
    first = result.tables["attributes"].filter(segment="总计").row(0, named=True)
    assert first["people_rho"] == pytest.approx(-1.0, abs=0.01)
    assert first["p_value"] == pytest.approx(1 / 2001)
    assert any(f.text.startswith("越说“咖啡豆”重要的客户，消费里属于它的占比显著反而更少") for f in result.findings)  # fmt: skip


def test_a_share_counts_the_named_products_and_prices_count_the_discounted_lines():
    rows = [
        {"customer_id": "a", "product": "果香豆", "amount": 30.0, "discount": 0.0},
        {"customer_id": "a", "product": "坚果豆", "amount": 50.0, "discount": 10.0},
        {"customer_id": "a", "product": "杯子", "amount": 20.0, "discount": 0.0},
        {"customer_id": "b", "product": "杯子", "amount": 80.0, "discount": 20.0},
    ]  # fmt: skip
    lines = [row | {"order_id": f"o{at}", "ordered_at": 1_700_000_000 + at * DAY} for at, row in enumerate(rows)]  # fmt: skip
    found = done(orders_of(lines), ["口味", "优惠力度", "服务"], {"口味": ("果香", "坚果")})
    assert found.told == {"0": "坚果豆、果香豆", "1": DEALS}
    assert found.people.rows() == [("a", 100.0, 0.8, 0.5), ("b", 80.0, 0.0, 1.0)]


def test_words_that_cannot_be_read_are_said():
    assert words_of("口味=果香、坚果；价格=折扣", ["口味", "价格"]) == {"口味": ("果香", "坚果"), "价格": ("折扣",)}  # fmt: skip
    with pytest.raises(BadParameter, match="应写成 属性=词"):
        words_of("口味", ["口味"])
    with pytest.raises(UnknownName, match="口未"):
        words_of("口未=果香", ["口味"])


def test_attributes_that_no_order_line_tells_are_refused_when_spending_is_asked_for():
    dataset = shop(importance=[[3] * 6] * 40, spent=[SPENT] * 40)
    asked = dataset.questionnaire.questions[0].model_copy(update={"rows": tuple("甲乙丙丁戊己")})
    unknown = Dataset(orders=dataset.orders, responses=dataset.responses, customers=dataset.customers, questionnaire=Questionnaire(questions=(asked,)))  # fmt: skip
    with pytest.raises(TooFewRows, match="能在订单里找到的属性"):
        told(unknown, way="spend")


def test_rho_and_its_p_are_those_of_scipy():
    rng = np.random.default_rng(1)
    left, right = rng.normal(size=5), rng.normal(size=5)
    exact = permutation_test((left,), lambda x: spearmanr(x, right).statistic, permutation_type="pairings", n_resamples=np.inf)  # fmt: skip
    own, p = of_orders(left, right, n_draws=2000, seed=0)
    assert own == pytest.approx(spearmanr(left, right).statistic) == rho(left, right)
    assert p == pytest.approx(exact.pvalue, abs=1e-12)


def test_people_whose_words_say_nothing_of_their_deeds_are_seldom_found():
    rng = np.random.default_rng(5)
    says, does = rng.normal(size=(60, 100)), rng.normal(size=(60, 100))
    _, p = of_people(says, does, n_draws=200, seed=0)
    assert (p < 0.05).mean() < 0.12


def test_a_constant_side_has_no_rho():
    assert np.isnan(of_orders(np.ones(5), np.arange(5.0), n_draws=200, seed=0)).all()


def test_the_planted_gap_of_the_example_comes_back(demo_study):
    """Most say 优惠力度 matters most; what goes with their verdict is planted as 客服响应, then 新鲜程度."""
    params = stated_revealed.Params(way="overall")
    result = answer(stated_revealed.ANALYSIS, pipeline.load(demo_study), params)
    others = result.tables["attributes"].filter(segment="其他客单")
    order = others.sort("revealed_rank")["attribute"].to_list()
    assert order[:4] == ["客服响应", "新鲜程度", "口味选择", "配送速度"]
    assert others.sort("stated_rank")["attribute"][0] == "优惠力度"
    gap = others.filter(attribute="优惠力度").row(0, named=True)
    assert gap["rank_gap"] == 4
    assert gap["gap_low"] > 0
