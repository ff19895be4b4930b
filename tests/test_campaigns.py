"""Lists, arms, contact rules, read-out, sample size, return on investment, promises: by hand and by statsmodels."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import narwhals as nw
import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from conftest import fixed_key, orders_of, shared
from scipy.stats import binom, bootstrap
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    power_proportions_2indep,
    proportion_confint,
)

from insight import ledger, pipeline
from insight.analyses import find
from insight.analysis import answer
from insight.cli import main
from insight.dataset import Dataset
from insight.errors import (
    BadCampaign,
    BadParameter,
    NobodyListed,
    NotBegun,
    TooFewRows,
    UnknownName,
)
from insight.schema.audiences import Audience, rules_of
from insight.schema.campaigns import Campaign, Promise
from insight.schema.definitions import Definitions
from insight.stats.sample_size import detectable, held_out, per_arm
from insight.stats.uplift import mean_difference_interval
from insight.strategy.assigning import HELD_OUT, TOUCHED, arms
from insight.strategy.contact import ContactRules, suppressed
from insight.strategy.moments import best_times
from insight.strategy.playbook import bundled, playbook_of
from insight.strategy.roi import Plan, swings

DAY, HOUR = ledger.DAY, 3_600
UPLIFT, CAMPAIGN, ROI, SIZE, REVIEW = (find(k) for k in ("uplift", "campaign", "roi", "sample_size", "action_review"))  # fmt: skip


def test_the_sample_size_is_the_smallest_that_has_the_power_by_statsmodels():
    for touched, alone, ratio in ((0.12, 0.10, 1.0), (0.35, 0.30, 1.0), (0.12, 0.10, 4.0), (0.05, 0.02, 9.0)):  # fmt: skip
        n = held_out(touched, alone, ratio=ratio)
        power = [
            power_proportions_2indep(touched - alone, alone, ratio * m, ratio=1 / ratio, return_results=False) for m in (n, n - 1)
        ]  # fmt: skip
        assert power[0] >= 0.8 > power[1] - 1e-9
    assert per_arm(0.12, 0.10) == held_out(0.12, 0.10, ratio=1.0) == 3841


def test_the_smallest_difference_that_is_found_needs_just_these_people():
    least = detectable(0.10, n_alone=500, ratio=4.0)
    assert held_out(0.10 + least, 0.10, ratio=4.0) <= 500 < held_out(0.10 + least - 1e-4, 0.10, ratio=4.0)  # fmt: skip
    assert detectable(0.5, n_alone=2, ratio=1.0) is None


def test_arms_are_the_same_for_everybody_who_asks_and_within_binomial_bounds():
    ids = pl.Series([f"c{n}" for n in range(4_000)])
    drawn = arms(ids, campaign="春", hold_out=10, seed=0)
    n_alone = int((drawn == HELD_OUT).sum())
    assert binom.ppf(0.0005, 4_000, 0.1) <= n_alone <= binom.ppf(0.9995, 4_000, 0.1)
    half = arms(ids[::2], campaign="春", hold_out=10, seed=0)
    assert half.to_list() == drawn[::2].to_list()
    other = arms(ids, campaign="夏", hold_out=10, seed=0)
    both = int(((drawn == HELD_OUT) & (other == HELD_OUT)).sum())
    assert binom.ppf(0.0005, n_alone, 0.1) <= both <= binom.ppf(0.9995, n_alone, 0.1)
    assert (arms(ids, campaign="春", hold_out=0, seed=0) == TOUCHED).all()


def _people(*ids: str, days: int = 20) -> pl.DataFrame:
    return pl.DataFrame({"customer_id": ids, "days_since_last": [days] * len(ids)})


def test_complaints_refusals_caps_and_recent_buyers_are_left_out_each_for_the_first_reason():
    texts = pl.DataFrame({
        "text_id": list("123456"), "customer_id": ["a", "b", "c", "d", "e", "f"],
        "text": ["质量太差了", "很好喝", "我要投诉", "不满意，很失望", "很好", "太差"], "rating": [None, 5, None, None, 1, None],
        "said_at": [95 * DAY, 95 * DAY, 50 * DAY, 71 * DAY, 90 * DAY, 99 * DAY], "document": [None, None, None, None, None, "访谈"],
    })  # fmt: skip
    customers = pl.DataFrame({"customer_id": ["b", "g", "h"], "consent": ["是", " 否 ", None]})
    touched = pl.DataFrame({"customer_id": ["h", "i"], "arm": [TOUCHED, HELD_OUT]})
    campaign = Campaign(name="冬", target="x", started=date(1970, 3, 20), people="p", n_touched=1, n_held_out=1, hold_out=50, seed=0)  # fmt: skip
    dataset = Dataset(texts=texts, customers=customers, campaigns=(campaign,), lists={"p": touched})
    found = suppressed(dataset, _people(*"abcdefghi"), ContactRules(), until=100)
    assert dict(found.iter_rows()) == {
        "a": "近期有投诉", "d": "近期有投诉", "e": "近期有投诉", "g": "没有同意营销", "h": "触达次数已到上限",
    }  # fmt: skip
    none = ContactRules(consent=False, complaint_days=0, cap=0)
    assert suppressed(dataset, _people(*"abcdefghi"), none, until=100).is_empty()
    quiet = none.model_copy(update={"quiet_days": 30})
    assert suppressed(dataset, _people("b", "c", days=29), quiet, until=100).height == 2
    assert suppressed(dataset, _people("b", "c", days=30), quiet, until=100).is_empty()


def test_an_answer_is_dated_by_its_questionnaire():
    texts = pl.DataFrame({"text_id": ["1", "2"], "customer_id": ["a", "b"], "respondent_id": ["r", "s"], "text": ["我要投诉", "我要投诉"]})  # fmt: skip
    responses = pl.DataFrame({"respondent_id": ["r", "s"], "submitted_at": [95 * DAY, 10 * DAY]})
    dataset = Dataset(texts=texts, responses=responses)
    assert suppressed(dataset, _people("a", "b"), ContactRules(), until=100)["customer_id"].to_list() == ["a"]  # fmt: skip


def test_the_best_time_is_the_own_habit_of_who_bought_often_and_else_that_of_all():
    monday = 4 * DAY  # 1970-01-05
    often = [{"customer_id": "a", "order_id": f"a{n}", "ordered_at": monday + 7 * n * DAY + 20 * HOUR, "amount": 1.0} for n in range(3)]  # fmt: skip
    once = [{"customer_id": "b", "order_id": "b", "ordered_at": monday + DAY + 9 * HOUR, "amount": 1.0}]  # fmt: skip
    found = dict(best_times(orders_of([*often, *once])).iter_rows())
    assert found == {"a": "周一 18–24 点", "b": "周一 18–24 点"}


def _tested(n: int = 200, lift: float = 0.3, *, seed: int = 1) -> Dataset:
    """People of whom 20 % buy in the window for 100, those touched ``lift`` more; a third is left alone."""
    rng, rows = np.random.default_rng(seed), []
    people = [(f"c{i:03}", TOUCHED if i % 3 else HELD_OUT) for i in range(n)]
    for who, arm in people:
        rows.append({"customer_id": who, "order_id": f"{who}-0", "ordered_at": int(rng.integers(0, 50)) * DAY, "amount": 50.0})  # fmt: skip
        if rng.random() < 0.2 + lift * (arm == TOUCHED):
            rows.append({"customer_id": who, "order_id": f"{who}-1", "ordered_at": int(rng.integers(60, 90)) * DAY, "amount": 100.0})  # fmt: skip
    rows.append({"customer_id": "z", "order_id": "z", "ordered_at": 90 * DAY, "amount": 1.0})
    frame = pl.DataFrame(people, schema=["customer_id", "arm"], orient="row")
    n_alone = frame.filter(arm=HELD_OUT).height
    one = Campaign(name="春", target="全部", started=date(1970, 3, 2), people="p", n_touched=n - n_alone, n_held_out=n_alone, hold_out=33, seed=0)  # fmt: skip
    return Dataset(orders=orders_of(rows), campaigns=(one,), lists={"p": frame})


def test_a_planted_uplift_is_read_out_with_the_interval_of_newcombe():
    dataset = _tested()
    row = answer(UPLIFT, dataset).tables["result"].row(0, named=True)
    bought = ledger.customer_table(ledger.within(dataset.orders, start=60 * DAY))["customer_id"]
    counted = dataset.lists["p"].with_columns(has=pl.col("customer_id").is_in(bought.implode())).group_by("arm").agg(pl.col("has").sum(), pl.len())  # fmt: skip
    (x, n), (y, m) = (counted.filter(arm=a).row(0)[1:] for a in (TOUCHED, HELD_OUT))
    assert row["buyer_difference"] == pytest.approx(x / n - y / m)
    expected = confint_proportions_2indep(x, n, y, m, method="newcomb", compare="diff")
    assert (row["low_buyer_difference"], row["high_buyer_difference"]) == pytest.approx(expected)
    assert row["gain_amount"] == pytest.approx(100 * (x / n - y / m))
    assert row["total_gain_amount"] == pytest.approx(row["gain_amount"] * n)
    assert row["low_buyer_difference"] > 0


def test_no_uplift_is_called_one_no_oftener_than_its_level_allows():
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(60):
        first, second = (rng.gamma(1, 50, 120) * (rng.random(120) < 0.4) for _ in range(2))
        low, high = mean_difference_interval(first, second, seed=0)
        wrong += not low <= 0 <= high
    assert wrong <= binom.ppf(0.999, 60, 0.06)


def test_the_bootstrap_is_that_of_scipy_within_its_own_noise_and_of_many_values_welch():
    rng = np.random.default_rng(2)
    first, second = rng.gamma(2, 50, 80), rng.gamma(2, 40, 60)
    ours = mean_difference_interval(first, second, seed=1)
    theirs = bootstrap((first, second), lambda a, b, axis: a.mean(axis) - b.mean(axis), method="percentile", rng=1, n_resamples=5_000).confidence_interval  # fmt: skip
    assert ours == pytest.approx((theirs.low, theirs.high), abs=2.5)
    big = rng.normal(10, 2, 6_000)
    low, high = mean_difference_interval(big, big - 1, seed=0)
    assert (low + high) / 2 == pytest.approx(1.0)


def test_arms_that_differed_before_are_compared_by_their_change():
    people = [(f"c{i:03}", "是" if i < 60 else "否") for i in range(120)]
    rows = []
    for (
        who,
        mailed,
    ) in people:  # those who are mailed always spent 200, the others 50; both 10 more afterwards
        for day, amount in ((10, 0), (70, 10)):
            own = (200 if mailed == "是" else 50) + amount
            rows.append({"customer_id": who, "order_id": f"{who}-{day}", "ordered_at": day * DAY, "amount": float(own)})  # fmt: skip
    customers = pl.DataFrame(people, schema=["customer_id", "mailed"], orient="row")
    dataset = Dataset(orders=orders_of(rows), customers=customers)
    params = UPLIFT.params(
        by="customers.mailed", touched="是", start="1970-02-10", end="1970-03-12"
    )
    result = answer(UPLIFT, dataset, params)
    direct, changed = result.tables["result"].rows(named=True)
    assert (direct["gain_amount"], changed["gain_amount"]) == (150.0, pytest.approx(10.0 - 10.0))
    assert result.tables["balance"]["is_notable"].any() or direct["gain_amount"] == 150
    assert "不是随机分的" in result.findings[0].text


def test_a_read_out_without_campaign_window_or_people_says_what_is_missing():
    dataset = _tested()
    with pytest.raises(NotBegun, match="还没有登记过活动"):
        answer(UPLIFT, replace(dataset, campaigns=()))
    with pytest.raises(UnknownName):
        answer(UPLIFT, dataset, UPLIFT.params(campaign="秋"))
    with pytest.raises(BadCampaign, match="还没有订单"):
        answer(UPLIFT, dataset, UPLIFT.params(start="1971-01-01"))
    with pytest.raises(BadParameter):
        answer(UPLIFT, dataset, UPLIFT.params(start="明天"))
    few = dataset.lists["p"].filter(pl.col("arm") == TOUCHED)
    with pytest.raises(TooFewRows, match="对照"):
        answer(UPLIFT, replace(dataset, lists={"p": few}))


FIRST, LAST = date(2017, 10, 30), date(2017, 12, 24)  # campaign 18, as its file describes it


def _journey() -> tuple[Dataset, pl.DataFrame]:
    """The households of completejourney with who was mailed campaign 18 and who redeemed one of its coupons."""
    lines = pl.read_parquet(shared("data/completejourney/dev/transactions.parquet"))
    orders = lines.select(
        customer_id=pl.col("household_id").cast(pl.String), order_id=pl.col("basket_id").cast(pl.String),
        ordered_at=pl.col("transaction_timestamp").dt.epoch("s"), amount="sales_value", ordered_month=pl.lit(201_701, pl.Int64),
    )  # fmt: skip
    customers = orders.select("customer_id").unique().sort("customer_id")
    for name, file in (("mailed", "campaigns"), ("redeemed", "coupon_redemptions")):
        known = pl.read_parquet(shared(f"data/completejourney/dev/{file}.parquet")).filter(pl.col("campaign_id") == 18)  # fmt: skip
        ids = known["household_id"].cast(pl.String).unique()
        is_in = pl.col("customer_id").is_in(ids.implode())
        customers = customers.with_columns(pl.when(is_in).then(pl.lit("是")).otherwise(pl.lit("否")).alias(name))  # fmt: skip
    return Dataset(orders=nw.from_native(orders.lazy()), customers=customers), orders


def _paid(orders: pl.DataFrame, customers: pl.DataFrame, *, first: date, last: date) -> pl.Series:
    """What each household paid from one day to another, straight from the lines."""
    start, end = ((day - date(1970, 1, 1)).days * DAY for day in (first, last + timedelta(days=1)))
    window = orders.filter(pl.col("ordered_at").is_between(start, end, closed="left"))
    paid = window.group_by("customer_id").agg(pl.col("amount").sum())
    return customers.join(paid, on="customer_id", how="left", maintain_order="left")["amount"].fill_null(0)  # fmt: skip


def test_the_campaign_of_completejourney_is_read_out_with_the_coupons_it_brought_in():
    dataset, orders = _journey()
    params = UPLIFT.params(
        by="customers.mailed", touched="是", start=str(FIRST), end=str(LAST), used="customers.redeemed", used_as="是"
    )  # fmt: skip
    result = answer(UPLIFT, dataset, params)
    row, changed = result.tables["result"].rows(named=True)
    length = LAST - FIRST + timedelta(days=1)
    seen = dataset.customers.with_columns(
        after=_paid(orders, dataset.customers, first=FIRST, last=LAST),
        before=_paid(orders, dataset.customers, first=FIRST - length, last=FIRST - timedelta(days=1)),
    )  # fmt: skip
    means = dict(seen.group_by("mailed").agg(pl.col("after").mean()).iter_rows())
    assert row["gain_amount"] == pytest.approx(means["是"] - means["否"])
    mailed = (seen["mailed"] == "是").to_numpy().astype(float)
    spend = np.concatenate([seen["after"], seen["before"]])
    later, both = np.repeat([1.0, 0.0], seen.height), np.tile(mailed, 2)
    panel = np.column_stack([np.ones(len(spend)), both, later, both * later])
    assert changed["gain_amount"] == pytest.approx(sm.OLS(spend, panel).fit().params[3])
    assert row["gain_amount"] > 2 * abs(changed["gain_amount"])  # the good customers were mailed
    used, unused, alone = result.tables["redemption"].rows(named=True)
    assert (used["n_customers"], used["n_customers"] + unused["n_customers"]) == (111, 552)
    assert alone["n_customers"] == seen.height - 552
    assert (used["ci_low"], used["ci_high"]) == pytest.approx(proportion_confint(111, 552, method="wilson"))  # fmt: skip
    own = seen.filter(pl.col("mailed") == "是", pl.col("redeemed") == "是")
    assert used["previous_spend"] == pytest.approx(own["before"].mean())
    assert used["change_amount"] == pytest.approx(own["after"].mean() - own["before"].mean())
    assert "触达的客户里有 111 人兑换，占 20.1%" in result.findings[-1].text
    assert "不能当作活动的效果" in result.findings[-1].text


def test_who_redeemed_without_being_sent_a_coupon_is_not_counted_and_nobody_is_no_mistake():
    dataset = _tested()
    people = dataset.lists["p"].sort("customer_id")
    marked = people.select("customer_id", used=pl.when(pl.int_range(pl.len()) < 30).then(pl.lit("用了")).otherwise(pl.lit("没用")))  # fmt: skip
    known = replace(dataset, customers=marked)
    table = answer(UPLIFT, known, UPLIFT.params(used="customers.used", used_as="用了")).tables["redemption"]  # fmt: skip
    assert table["n_customers"].to_list() == [
        20,
        113,
        67,
    ]  # every third of the first 30 is left alone
    assert table["share"].to_list() == [pytest.approx(20 / 133), pytest.approx(113 / 133), None]
    only = marked.with_columns(used=pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("用了")).otherwise(pl.lit("没用")))  # fmt: skip
    none = answer(UPLIFT, replace(dataset, customers=only), UPLIFT.params(used="customers.used", used_as="用了"))  # fmt: skip
    assert none.tables["redemption"]["n_customers"].to_list() == [0, 133, 67]
    assert "有 0 人兑换，占 0.0%" in none.findings[-1].text
    with pytest.raises(UnknownName):
        answer(UPLIFT, known, UPLIFT.params(used="customers.used", used_as="也许"))
    with pytest.raises(BadParameter, match="表示兑换了的是哪一个？可以填 “"):
        answer(UPLIFT, known, UPLIFT.params(used="customers.used"))


def test_an_audience_that_nobody_is_in_redeemed_nothing():
    dataset = _tested()
    nobody = Audience(name="兑换者", rule=rules_of({"parts": [{"on": "buying", "value": 1e9}]}))
    known = replace(dataset, definitions=Definitions(audiences=(nobody,)))
    table = answer(UPLIFT, known, UPLIFT.params(used="audience.兑换者")).tables["redemption"]
    assert table["n_customers"].to_list() == [0, 133, 67]


def test_profit_and_break_even_by_hand():
    plan = Plan(reach=1_000, base=0.1, uplift=0.02, order_amount=200, margin=0.4, discount=10, cost=0.5, fixed=100)  # fmt: skip
    assert plan.gained == pytest.approx(1_600)
    assert plan.spent == pytest.approx(500 + 100 + 1_200)
    assert plan.profit == pytest.approx(-200)
    assert replace(plan, uplift=plan.break_even).profit == pytest.approx(0)
    assert replace(plan, discount=80).break_even is None
    assert [row[0] for row in swings(plan, {"cost": (0.4, 0.6), "order_amount": (100, 300)})] == ["order_amount", "cost"]  # fmt: skip


def test_the_simulator_takes_what_is_left_open_from_the_data():
    dataset = _tested()
    result = answer(ROI, dataset, ROI.params(days=31, uplift=5, margin=50, cost=0))
    row = result.tables["cases"].row(1, named=True)
    assert row["n_reached"] == 200
    mean = 100 * (row["response_share"] - 0.05) * 200
    orders = ledger.customer_table(ledger.within(dataset.orders, start=60 * DAY))
    assert mean == pytest.approx(orders["spend"].sum() - 1)
    assert row["margin_amount"] == pytest.approx(200 * 0.05 * (orders["spend"].sum() / orders["n_orders"].sum()) * 0.5, abs=0.01)  # fmt: skip
    with pytest.raises(BadParameter):
        answer(ROI, dataset, ROI.params(uplift=99))


def test_the_plan_says_whether_the_customers_there_are_enough():
    result = answer(SIZE, _tested(), SIZE.params(days=31, base=20, effect=10))
    row = result.tables["plan"].row(0, named=True)
    assert row["n_held_out"] == row["n_touched"] == per_arm(0.30, 0.20)
    assert (row["n_available"], row["is_enough"]) == (200, False)
    uneven = answer(SIZE, _tested(), SIZE.params(base=20, effect=10, hold_out=20)).tables["plan"]
    assert uneven["n_needed"].item() > row["n_needed"]
    with pytest.raises(BadParameter):
        answer(SIZE, _tested(), SIZE.params(base=95, effect=10))


def test_a_promise_is_reviewed_on_its_own_people_and_against_the_hold_out():
    dataset = _tested()
    people = dataset.lists["p"].filter(arm=TOUCHED).select("customer_id")
    plain = Promise(title="回访", target="全部", promised=date(1970, 3, 1), people="q", n_customers=people.height)  # fmt: skip
    tested = plain.model_copy(update={"title": "春季", "campaign": "春", "due": date(1970, 3, 5)})
    new = plain.model_copy(update={"title": "新", "promised": date(1970, 4, 1), "is_done": True})
    known = replace(dataset, promises=(plain, tested, new), lists={**dataset.lists, "q": people})
    rows = answer(REVIEW, known).tables["review"].rows(named=True)
    assert [row["verdict"] for row in rows] == [
        "没有对照组，只能看前后",
        "有增量",
        "还没有新的订单",
    ]
    assert [row["status"] for row in rows] == ["进行中", "已过期", "已完成"]
    assert rows[0]["share_after"] == pytest.approx(answer(UPLIFT, dataset).tables["result"]["touched_share"][0])  # fmt: skip
    with pytest.raises(NotBegun):
        answer(REVIEW, dataset)


ORDERS = "订单编号,会员号,下单时间,实付金额,渠道\n" + "".join(
    f"D{i},M{i % 40:03d},2025-{1 + i % 12:02d}-0{1 + i % 9} 10:00:00,{50 + 30 * (i % 40)},{'门店' if i % 4 else '天猫'}\n" for i in range(160)
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory, own_folders):
    path = tmp_path_factory.mktemp("campaigns")
    assert main(["new", str(path / "s")]) == 0
    fixed_key(pipeline.opened(path / "s"), own_folders / "keys")
    (path / "订单.csv").write_text(ORDERS, encoding="utf-8-sig")
    assert main(["add", str(path / "s"), str(path / "订单.csv")]) == 0
    return path


def test_a_list_is_masked_reproducible_and_kept_when_it_is_started(folder):
    study, file = str(folder / "s"), folder / "名单.csv"
    said = ["campaign", study, "--name", "春", "-p", "group=value_tier=高消费", "-p", "hold_out=30"]
    assert main([*said, "--out", str(file)]) == 0
    first = file.read_bytes()
    assert main([*said, "--out", str(file), "--start", "--on", "2025-12-01"]) == 0
    assert file.read_bytes() == first
    table = pl.read_csv(file)
    assert {"customer_id", "reason", "evidence", "offer", "channel", "best_time", "arm", "expected_spend"} <= set(table.columns)  # fmt: skip
    assert not any("M0" in one for one in table["customer_id"])
    opened = pipeline.opened(folder / "s")
    one = pipeline.campaigns(opened)[0]
    assert one.n_touched + one.n_held_out == table.height
    assert any("本期" not in str(row) and "春" in str(row) for row in pipeline.audit(opened).rows() if "导出" in str(row) or "export" in str(row))  # fmt: skip
    assert main([*said, "--start"]) == 1  # that name is taken
    assert main(["campaign", study, "--remove", "夏"]) == 1


def test_a_list_without_hold_out_says_that_nothing_can_be_read_later(folder):
    study = pipeline.opened(folder / "s")
    for hold_out, is_said in ((0, True), (50, False)):
        changes = {"group": "value_tier=高消费", "name": "秋", "cap": 0, "hold_out": hold_out}
        result = pipeline.run(study, "campaign", changes=changes)
        assert any("读不出这次活动的效果" in f.text for f in result.findings) == is_said


def test_a_suggestion_that_holds_for_nobody_is_called_by_its_words_with_a_way_out(folder):
    study = pipeline.opened(folder / "s")
    book = playbook_of("")
    rule = next(rule for rule in book.rules if rule.key == "young_people")  # there are no ages
    with pytest.raises(BadCampaign) as told:
        pipeline.run(study, "campaign", changes={"action": rule.key})
    assert rule.brief == "为{age}客群单设入门装与内容，先小范围试"
    assert (
        told.value.message
        == "“为某年龄客群单设入门装与内容，先小范围试”现在不成立，定不出名单给谁。"
    )
    assert "请换一条建议" in told.value.hint
    assert "-p group=" in told.value.told_there
    assert "“或按人群”" not in told.value.told_there
    offered = pipeline.choices(study)["actions"]
    assert offered[rule.key].endswith("：为某年龄客群单设入门装与内容，先小范围试")
    assert not any("{" in words for words in offered.values())
    with pytest.raises(BadCampaign, match="对“火星人”不成立"):
        pipeline.run(study, "campaign", changes={"only": "火星人"})
    with pytest.raises(UnknownName, match="没有叫“fly”的建议"):
        pipeline.run(study, "campaign", changes={"action": "fly"})


def test_the_people_of_a_started_campaign_are_not_asked_again_within_the_cap(folder):
    study = pipeline.opened(folder / "s")
    changes = {"group": "value_tier=高消费", "name": "夏", "cap_days": 365}
    left = pipeline.run(study, "campaign", changes=changes).tables["left_out"]
    assert dict(left.iter_rows()) == {"触达次数已到上限": pipeline.campaigns(study)[0].n_touched}
    alone = {**changes, "hold_out": 0, "cap": 0, "exclude": "value_tier=高消费"}
    with pytest.raises(NobodyListed):
        pipeline.run(study, "campaign", changes=alone)


def test_an_action_is_promised_changed_and_dropped_from_the_command_line(folder, capsys):
    study = str(folder / "s")
    rows = pipeline.run(pipeline.opened(folder / "s"), "strategy").tables["actions"]
    assert main(["strategy", study, "--promise", "1", "--due", "2026-03-01", "--owner", "王"]) == 0
    assert f"1. {rows['brief'][0]}（{rows['target'][0]}" in capsys.readouterr().out
    assert main(["strategy", study, "--promise", "1"]) == 1
    assert main(["strategy", study, "--promise", "99"]) == 1
    assert main(["strategy", study, "--done", "1"]) == 0
    assert "已完成" in capsys.readouterr().out
    review = pipeline.run(pipeline.opened(folder / "s"), "action_review").tables["review"]
    assert review["owner"].to_list() == ["王"]
    assert main(["strategy", study, "--drop", "1"]) == 0
    assert pipeline.promises(pipeline.opened(folder / "s")) == ()


def test_the_rule_book_is_exported_changed_checked_and_reset(folder, capsys):
    study, file = str(folder / "s"), folder / "b.yaml"
    assert main(["strategy", study, "--export", str(file)]) == 0
    file.write_text(file.read_text("utf-8").replace("when: 客户数 >= 30", "when: 客户数 >= 3"), "utf-8")  # fmt: skip
    assert main(["strategy", study, "--import", str(file), "--check"]) == 0
    opened = pipeline.opened(folder / "s")
    assert "客户数 >= 3\n" not in pipeline.playbook_text(opened)
    assert main(["strategy", study, "--import", str(file)]) == 0
    assert "客户数 >= 3\n" in pipeline.playbook_text(opened)
    file.write_text("rules:\n- key: A\n", "utf-8")
    capsys.readouterr()
    assert main(["strategy", study, "--import", str(file)]) == 1
    assert "第 2 行附近" in capsys.readouterr().err
    assert main(["strategy", study, "--reset"]) == 0
    assert pipeline.playbook_text(opened) == bundled()
    assert main(["strategy", study, "--facts"]) == 0
