"""Future value: histories, the check on later data, money, segments and the win-back list."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from conftest import orders_of, shared

from insight import pipeline
from insight.analyses import find
from insight.analyses.lifecycle import lifetime_value, segment_value, win_back
from insight.analysis import answer
from insight.cli import main
from insight.dataset import Dataset
from insight.errors import BadParameter, InsightError, TooFewRows, TooShort
from insight.ledger import DAY
from insight.lifetime import holdout, prediction, valuing
from insight.lifetime.definition import Definition, last_day
from insight.lifetime.fitting import histories
from insight.stats import bgnbd

SEPTEMBER = 10_134  # 1997-09-30


def _line(customer, day, amount, order=None, **more):
    key = order or f"{customer}{day}{amount}"
    return {"customer_id": customer, "order_id": key, "ordered_at": int(day * DAY), "amount": amount, **more}  # fmt: skip


def _shop(n=400, *, seed=4, days=720, **more):
    """Customers who buy and leave as the BG/NBD says, with one order value each."""
    rng = np.random.default_rng(seed)
    lines = []
    for i in range(n):
        rate, quits = rng.gamma(0.9, 1 / 45), rng.beta(0.9, 2.5)
        day, worth, goes_on = (
            rng.uniform(0, 0.6 * days),
            round(float(rng.lognormal(4, 0.6)), 2),
            True,
        )
        while goes_on and day < days:
            lines.append(_line(f"c{i:04d}", int(day), worth, f"o{len(lines)}", **more))
            day, goes_on = day + rng.exponential(1 / rate), len(lines) == 0 or rng.random() >= quits
    return orders_of(lines)  # fmt: skip


@pytest.fixture(scope="module")
def shop():
    return _shop()


@pytest.fixture(scope="module")
def known(shop):
    return valuing.valued(shop, Definition())


@pytest.fixture(scope="module")
def cdnow():
    rows = [line.split() for line in shared("data/cdnow/CDNOW_sample.txt").read_text().splitlines()]
    made = pl.DataFrame(
        {"customer_id": [r[1] for r in rows], "day": [r[2] for r in rows], "amount": [float(r[4]) for r in rows]}
    ).with_row_index("order_id")  # fmt: skip
    at = pl.col("day").str.to_date("%Y%m%d").dt.epoch("s")
    return orders_of(made.with_columns(pl.col("order_id").cast(pl.String), ordered_at=at).to_dicts())  # fmt: skip


PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "log_likelihood": -9582.4, "p": 6.25, "q": 3.74, "v": 15.4}  # fmt: skip
CLOSE = {"log_likelihood": 0.05, "p": 0.01, "q": 0.01, "v": 0.06}


def _is_published(model: pl.DataFrame) -> None:
    for name, value in model.select("parameter", "value").rows():
        assert value == pytest.approx(PUBLISHED[name], abs=CLOSE.get(name, 6e-4)), name


def test_cdnow_has_the_published_parameters_from_its_order_lines(cdnow):
    result = answer(find("lifetime_value"), Dataset(orders=cdnow), Definition(as_of="1997-09-30"))
    _is_published(result.tables["model"])
    customers = result.tables["customers"]
    assert customers.columns == ["customer_id", "x", "t_x", "T", "p_alive", "expected_orders", "expected_spend", "clv"]  # fmt: skip
    first = customers.row(0, named=True)
    assert (first["x"], first["t_x"], first["T"]) == pytest.approx((2, 30.43, 38.86), abs=0.005)
    assert first["p_alive"] == pytest.approx(0.7266, abs=1e-4)
    assert first["expected_spend"] == pytest.approx(24.66, abs=0.01)


def test_cdnow_has_them_as_a_file_of_a_study_and_from_the_command_line(study, tmp_path):
    """The shop's own columns; 0-dollar orders count, as in the paper."""
    data = shared("data/cdnow/BTYD_cdnowElog.csv").read_bytes()
    roles = {"sampleid": "customer_id", "masterid": "", "date": "ordered_at", "cds": "quantity", "sales": "amount"}  # fmt: skip
    pipeline.add(study, data, "cdnow.csv", hints=pipeline.Hints(table="orders", roles=roles))
    result = pipeline.run(study, "lifetime_value", changes={"as_of": "1997-09-30"})
    _is_published(result.tables["model"])
    asked = ["-p", "lifetime_value.as_of=1997-09-30", "-p", "lifetime_value.time_unit=day"]
    assert main(["run", str(study.path), "lifetime_value", *asked, "--out", str(tmp_path)]) == 0
    (written,) = tmp_path.rglob("model.csv")
    by_day = dict(pl.read_csv(written).select("parameter", "value").rows())
    assert by_day["alpha"] == pytest.approx(7 * 4.4136, abs=1e-3)


def test_cdnow_is_predicted_better_than_by_its_own_pace(cdnow):
    """Half of the time to fit to, as Fader, Hardie & Lee: 2,357 customers, 1,882 repeat purchases later."""
    known = valuing.valued(cdnow, Definition(calibration=50))
    table = known.check.errors
    assert (known.check.cut, known.check.n_customers, known.check.is_better) == (SEPTEMBER, 2357, True)  # fmt: skip
    # lifetimes 0.11.3 on the same weeks
    assert table.row(0)[1:3] == pytest.approx((0.785454, 1.023669), abs=1e-5)
    assert table.row(1)[1:3] == pytest.approx((1.607982, 2.211918), abs=1e-5)
    assert table.row(2)[1:] == pytest.approx((1653.4087, 2930.1011, 1882), abs=1e-2)
    assert known.check.expectation["n_customers"].sum() == 2357
    assert known.check.expectation["actual"].dot(known.check.expectation["n_customers"]) == pytest.approx(1882)  # fmt: skip
    last = known.check.tracking.row(-1, named=True)
    assert last["n_repeat"] == 4339  # 6,696 buying days of 2,357 customers
    assert last["n_repeat_expected"] / 4339 == pytest.approx(
        0.96, abs=0.005
    )  # the paper: 4 % under


def test_online_retail_falls_back_to_what_was_spent_and_says_so_first():
    """A wholesaler before Christmas: the pace of the past is nearer than any model of leaving."""
    retail = pl.read_parquet(shared("data/online_retail/online_retail.parquet")).drop_nulls("CustomerID")  # fmt: skip
    rows = retail.select(
        customer_id=pl.col("CustomerID").cast(pl.String), order_id=pl.col("InvoiceNo").cast(pl.String),
        ordered_at=pl.col("InvoiceDate").cast(pl.Datetime).dt.epoch("s"), amount=(pl.col("Quantity") * pl.col("UnitPrice")).cast(pl.Float64),
    )  # fmt: skip
    months = 6
    result = answer(find("lifetime_value"), Dataset(orders=_lazy(rows)), Definition(months=months))
    assert "模型不如按过去的速度推算" in result.findings[0].text
    assert f"最近 {months} 个月的实际消费" in result.findings[0].text
    end = rows["ordered_at"].max() // DAY
    paid = rows.filter(pl.col("ordered_at") // DAY > end - 183)
    net = paid.group_by("customer_id").agg(pl.col("amount").sum(), bought=(pl.col("amount") > 0).any())  # fmt: skip
    spent = dict(net.filter("bought").select("customer_id", "amount").rows())
    for customer, clv in result.tables["customers"].select("customer_id", "clv").rows():
        assert clv == pytest.approx(spent.get(customer, 0.0), abs=0.01), customer


def _lazy(frame):
    import narwhals as nw

    at = pl.from_epoch("ordered_at")
    month = at.dt.year() * 100 + at.dt.month().cast(pl.Int32)
    return nw.from_native(frame.with_columns(ordered_month=month.cast(pl.Int64)).lazy())


def test_a_day_is_one_purchase_a_return_none_and_refunds_are_taken_off():
    lines = [
        _line("a", 0, 100), _line("a", 0.5, 20), _line("a", 7, 30), _line("a", 7.2, 50), _line("a", 21, 40),
        _line("a", 25, -30), _line("b", 3, 0), _line("b", 10, 80), _line("c", 5, -9), _line(None, 6, 9),
    ]  # fmt: skip
    table = histories(orders_of(lines), Definition(), until=28)
    # a: days 0, 7 and 21; after the first day 30 + 50 + 40 - 30 = 90 in two purchases
    assert table.select("customer_id", "x", "t_x", "T", "mean_value", "spend").rows() == [
        ("a", 2, 3.0, 4.0, 45.0, 210.0), ("b", 1, 1.0, pytest.approx(25 / 7), 80.0, 80.0),
    ]  # fmt: skip
    paid = histories(orders_of(lines), Definition(counting="paid", time_unit="day"), until=21)
    assert paid.select("customer_id", "x", "t_x", "T", "mean_value").rows() == [("a", 2, 21.0, 21.0, 60.0), ("b", 0, 0.0, 11.0, None)]  # fmt: skip


def test_errors_are_those_of_both_predictions():
    people = pl.DataFrame({
        "actual": [0.0, 2.0], "by_model": [0.5, 1.5], "by_naive": [0.0, 4.0],
        "money": [0.0, 10.0], "money_by_model": [5.0, 8.0], "money_by_naive": [0.0, 40.0],
    })  # fmt: skip
    rows = holdout.errors(people).select("by_model", "by_naive", "actual").rows()
    assert rows == [(0.5, 1.0, None), (0.5, pytest.approx(2**0.5), None), (2.0, 4.0, 2.0), (3.5, 15.0, None)]  # fmt: skip


def test_value_adds_up_the_discounted_months(known):
    """CLV by hand for one customer: each month's purchases at its end."""
    row = known.customers.sort("x", "customer_id").row(-3, named=True)
    h = bgnbd.Histories(*(np.array([float(row[c])]) for c in ("x", "t_x", "T")), np.ones(1))
    month = 365.25 / 12 / 7
    until = [bgnbd.expected_orders(known.models.buying, h, within=k * month)[0] for k in range(13)]
    assert row["expected_orders"] == pytest.approx(until[12], rel=1e-9)
    clv = sum((until[k] - until[k - 1]) * row["expected_spend"] / 1.1 ** (k / 12) for k in range(1, 13))  # fmt: skip
    assert row["clv"] == pytest.approx(clv, abs=1e-3)
    assert row["clv_if_active"] == pytest.approx(clv / row["p_alive"], rel=1e-4)


def test_a_margin_is_taken_from_the_user_the_data_or_none(shop, known):
    assert known.margin == valuing.Margin(1.0, "none")
    given = valuing.valued(shop, Definition(margin=25))
    assert given.customers["clv"].sum() == pytest.approx(known.customers["clv"].sum() / 4, rel=1e-6)
    lines = shop.collect().to_native()
    half = _lazy(lines.with_columns(profit=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.col("amount") * 0.3)))  # fmt: skip
    told = valuing.margin_of(half, Definition(), until=10_000)
    share = lines["amount"].gather_every(2).sum() / lines["amount"].sum()
    assert (told.rate, told.source, told.covered) == (pytest.approx(0.3, abs=1e-4), "data", pytest.approx(share))  # fmt: skip
    cost = _lazy(lines.with_columns(cost=pl.col("amount") * 0.6))
    assert valuing.margin_of(cost, Definition(), until=10_000).rate == pytest.approx(0.4, abs=1e-4)


def test_neither_the_unit_of_time_nor_the_order_of_rows_changes_a_value(shop, known):
    turned = _lazy(shop.collect().to_native().sample(fraction=1, shuffle=True, seed=3))
    for other in (valuing.valued(turned, Definition()), valuing.valued(shop, Definition(time_unit="day"))):  # fmt: skip
        assert other.customers["clv"].to_list() == pytest.approx(known.customers["clv"].to_list(), rel=1e-6, abs=1e-3)  # fmt: skip


def test_by_the_bg_nobody_drops_out_before_the_second_purchase_and_such_buyers_are_not_counted(shop, known):  # fmt: skip
    once = known.customers.filter(pl.col("x") == 0)
    assert once.height > 30
    assert once["p_alive"].eq(1).all()
    came_back = known.customers.filter(pl.col("x") > 0)["p_alive"].sum()
    assert lifetime_value.totals(known.customers)["n_likely_active"].to_list() == [round(came_back)]
    by_mbg = valuing.valued(shop, Definition(model="mbg")).customers
    assert by_mbg["p_alive"].null_count() == 0
    assert by_mbg["p_alive"].is_between(0, 1).all()


def test_fifths_hold_everybody_once_and_the_first_the_most(known):
    table = lifetime_value.tiers(known.customers)
    assert table["value_group"].to_list() == list(lifetime_value.GROUPS)
    assert table["n_customers"].to_list() == [80] * 5
    assert table["clv"].is_sorted(descending=True)
    assert table["clv"].sum() == pytest.approx(known.customers["clv"].sum())
    top = known.customers["clv"].top_k(80).sum()
    assert table["share_of_clv"][0] == pytest.approx(top / known.customers["clv"].sum())


def test_a_tie_of_frequency_and_money_is_said():
    lines = [_line(f"c{i}", d, 10.0 * (1 + i % 9), f"{i}-{d}") for i in range(120) for d in range(i % 20, 200, 200 // (2 + i % 9))]  # fmt: skip
    result = answer(find("lifetime_value"), Dataset(orders=orders_of(lines)), Definition())
    assert any("金额模型假定两者无关" in f.text for f in result.findings)


ONCE = [_line(f"c{i}", i, 10.0) for i in range(300)]
TWICE = [_line(f"c{i}", d + i % 9, 10.0, f"{i}{d}") for i in range(60) for d in (0, 20)]


@pytest.mark.parametrize("key", ["lifetime_value", "segment_value", "win_back"])
@pytest.mark.parametrize(("lines", "error", "words"), [
    (ONCE, TooFewRows, "买过两次以上的客户一个也没有"),
    (TWICE, TooShort, "只跨 28 天，至少需要 56 天"),
    (TWICE[:20], TooFewRows, "客户只有 10 个"),
    ([_line(f"c{i}", i, -5.0) for i in range(300)], TooFewRows, "已付款的订单一个也没有"),
    ([_line(f"c{i}", d, 0.0, f"{i}{d}") for i in range(60) for d in (0, 40, 90)], TooFewRows, "已付款的订单一个也没有"),
    ([_line(f"c{i}", d, 10.0 * (d == 0), f"{i}{d}") for i in range(60) for d in (0, 40)] + [_line("z", 90, 5.0)], TooFewRows, "复购金额大于 0"),
])  # fmt: skip
def test_what_no_model_fits_is_refused_in_one_sentence(key, lines, error, words):
    with pytest.raises(error, match=words):
        answer(find(key), Dataset(orders=orders_of(lines)))


def test_a_first_part_that_is_too_thin_is_refused_as_well():
    late = [_line(f"c{i}", d, 10.0, f"{i}{d}") for i in range(60) for d in (0, 190, 200)]
    with pytest.raises(InsightError, match="买过两次以上的客户一个也没有"):
        answer(find("lifetime_value"), Dataset(orders=orders_of(late)))


def test_the_snapshot_is_a_date(shop):
    assert last_day(shop, Definition(as_of="1970-02-01")) == 31
    with pytest.raises(BadParameter, match="2025-12-31"):
        last_day(shop, Definition(as_of="去年"))


def test_segments_are_summed_and_weighed_against_their_cost():
    customers = pl.DataFrame({
        "customer_id": list("abcd"), "spend": [100.0, 50.0, 30.0, 20.0], "contribution": [40.0, 20.0, 12.0, 8.0],
        "clv": [60.0, 30.0, 9.0, 1.0],
    })  # fmt: skip
    members = pl.DataFrame({"customer_id": list("abcd"), "group": ["甲", "甲", "乙", "乙"]})
    table = segment_value.segment_values(customers, members, cost={"甲": 30.0, "乙": None})
    assert table.row(0, named=True) == {
        "segment": "甲", "n_customers": 2, "spend": 150.0, "share_of_spend": 0.75, "margin_rate": 0.4, "contribution_amount": 60.0, "share_of_contribution": 0.75,
        "clv": 90.0, "share_of_clv": 0.9, "clv_per_customer": 45.0, "cost_per_customer": 30.0, "value_to_cost": 1.5, "net_value_amount": 30.0,
    }  # fmt: skip
    assert table.row(1)[-3:] == (None, None, None)


def test_costs_are_read_group_by_group():
    groups = ("天猫", "门店")
    asked = segment_value.Params(cost=50, cost_of="天猫=80.5，")
    assert segment_value.costs(asked, groups) == {"天猫": 80.5, "门店": 50}
    assert segment_value.costs(segment_value.Params(), groups) == {"天猫": None, "门店": None}
    for text, words in (
        ("京东=3", "没有叫“京东”的组"),
        ("天猫=很多", "不是金额"),
        ("天猫", "没有叫“”的组"),
    ):
        with pytest.raises(BadParameter, match=words):
            segment_value.costs(segment_value.Params(cost_of=text), groups)


def test_a_segment_that_costs_more_than_it_brings_is_named(shop):
    asked = segment_value.Params(by="value_tier", cost=1e6)
    result = answer(find("segment_value"), Dataset(orders=shop), asked)
    assert "低于获客成本" in result.findings[-1].text
    table = result.tables["value"]
    assert table["n_customers"].sum() == 400
    assert table["margin_rate"].null_count() == table.height  # nobody told a margin
    assert table["share_of_clv"].sum() == pytest.approx(1)


def test_a_known_profit_counts_for_its_lines_and_the_margin_for_the_others(shop):
    lines = shop.collect().to_native()
    half = _lazy(lines.with_columns(profit=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.col("amount") * 0.3)))  # fmt: skip
    known = valuing.valued(half, Definition())
    made = segment_value.contributions(half, known)
    assert made["contribution"].sum() == pytest.approx(0.3 * lines["amount"].sum(), rel=1e-3)


def test_the_chance_before_stands_between_the_last_purchase_and_now(known):
    model = known.models.buying
    three = known.customers.filter(pl.col("x") > 2).head(3)
    ago = pl.Series([0.0])
    now = prediction.alive_before(three, model, ago=float(ago[0]))
    assert now.to_list() == pytest.approx(three["p_alive"].to_list())
    fresh = prediction.alive_before(three, model, ago=float("inf")).to_list()
    just_bought = [1 / (1 + model.a / (model.b + x - 1)) for x in three["x"]]
    assert fresh == pytest.approx(just_bought)


def test_the_list_is_ranked_by_what_is_lost_and_names_a_hold_out(shop):
    result = answer(find("win_back"), Dataset(orders=shop), win_back.Params(least_drop=5))
    table, arms = result.tables["customers"], result.tables["arms"]
    assert table.height > 40
    assert table["lost_amount"].is_sorted(descending=True)
    lost = (table["p_alive_before"] - table["p_alive"]) * table["clv_if_active"]
    assert table["lost_amount"].to_list() == pytest.approx(lost.to_list(), abs=1e-4)
    assert table["p_alive_drop"].min() >= 0.05
    assert table["days_since_last"].min() > 0
    reach = result.tables["reach"].row(2, named=True)
    n = table.height // 5
    share = table["lost_amount"].head(n).sum() / table["lost_amount"].sum()
    assert (reach["cut"], reach["n_customers"], reach["share_of_lost"]) == ("前 20%", n, pytest.approx(share))  # fmt: skip
    assert arms["n_customers"].to_list() == [table.filter(arm=a).height for a in ("触达", "对照")]
    again = answer(find("win_back"), Dataset(orders=shop), win_back.Params(least_drop=5))
    other = answer(find("win_back"), Dataset(orders=shop), win_back.Params(least_drop=5, seed=8))
    assert again.tables["customers"].equals(table)
    assert other.tables["customers"]["arm"].to_list() != table["arm"].to_list()


def test_nobody_slipping_away_is_said_with_its_base(shop):
    result = answer(find("win_back"), Dataset(orders=shop), win_back.Params(least_drop=100))
    assert "400 位客户中 0 位" in result.findings[0].text
    assert result.tables["customers"].is_empty()


@pytest.mark.parametrize(("n", "share", "held"), [(1000, 10, 100), (1000, 30, 300), (95, 10, 9), (7, 10, 0), (0, 10, 0), (50, 0, 0), (60, 50, 30)])  # fmt: skip
def test_every_stretch_of_the_list_leaves_one_alone(n, share, held):
    arms = win_back.arms(n, share=share, seed=1)
    assert arms.len() == n
    assert (arms == "对照").sum() == held
    if n == 1000 and share == 10:
        assert {(arms[i : i + 10] == "对照").sum() for i in range(0, n, 10)} == {1}
        assert len({(arms[i : i + 10] == "对照").arg_max() for i in range(0, n, 10)}) == 10
