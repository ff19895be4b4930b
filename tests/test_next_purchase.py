"""What is bought next: steps by hand and by pandas, tests that know people, first purchases, bad input."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from conftest import orders_of, shared
from statsmodels.stats.weightstats import DescrStatsW, ttest_ind

from insight import cli, ledger, pipeline
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import MissingColumns, TooFewRows
from insight.offers.next_purchase import EVERYBODY
from insight.stats.following import followed
from insight.stats.means import MOST_DRAWN, mean_interval, means_differ

ANALYSIS = find("next_purchase")
DAY = ledger.DAY


def _lines(*bought: tuple[str | None, float, str | None, float]) -> list[dict[str, object]]:
    """Customer, day, category, amount; everything of one customer and moment is one order."""
    return [
        {"customer_id": who, "order_id": f"{who}{day}", "ordered_at": int(day * DAY), "amount": amount, "category": what}
        for who, day, what, amount in bought
    ]  # fmt: skip


def _asked(*bought, **params):
    dataset = Dataset(orders=orders_of(_lines(*bought)))
    return answer(ANALYSIS, dataset, ANALYSIS.params.model_validate(params))


BOUGHT = (
    ("a", 0, "豆", 10), ("a", 0, "壶", 90), ("a", 10, "豆", 10), ("a", 40, "杯", 30),
    ("b", 0, "豆", 10), ("b", 20, "豆", 10), ("b", 20.5, "壶", 80),
    ("c", 5, "杯", 30), ("c", 6, None, 7), ("c", 9, "豆", 10),
    (None, 1, "豆", 10), (None, 2, "壶", 10), ("d", 3, "豆", 0), ("d", 4, "壶", 50),
)  # fmt: skip


def test_a_step_leads_from_a_purchase_day_to_the_next_whatever_both_hold():
    pairs = ledger.transitions(orders_of(_lines(*BOUGHT)), "category", values=["豆", "壶", "杯"])
    found = {row[:2]: row[2:8] for row in pairs.select("bought", "bought_next", "n_both", "n_customers", "n_bought", "n_beginners", "n_next", "n_steps").iter_rows()}  # fmt: skip
    # a: 0→10, 10→40; b: 0→20 (two orders of one day); c: 5→6 (no category), 6→9; d paid once
    assert found["豆", "豆"] == (2, 2, 3, 2, 3, 5)
    assert found["豆", "壶"] == (1, 1, 3, 2, 1, 5)
    assert found["壶", "豆"] == (1, 1, 1, 1, 3, 5)
    assert found["豆", "杯"] == (1, 1, 3, 2, 1, 5)
    assert found["杯", "豆"] == (
        0,
        0,
        1,
        1,
        3,
        5,
    )  # the step of c that ends with 豆 begins with nothing known
    days = {
        row[:2]: row[2] for row in pairs.select("bought", "bought_next", "median_days").iter_rows()
    }
    assert days["豆", "豆"] == 15  # 10 and 20 days
    assert days["杯", "豆"] is None


def test_the_customers_behind_a_step_are_those_who_made_it():
    buyers = ledger.transition_buyers(orders_of(_lines(*BOUGHT)), "category", values=["豆", "壶"])
    assert buyers.rows() == [
        ("壶", "豆", "a"),
        ("豆", "壶", "b"),
        ("豆", "豆", "a"),
        ("豆", "豆", "b"),
    ]


def _simulated(rng: np.random.Generator, n_people: int) -> list[tuple[int, bool, bool]]:
    """Steps of people with habits of their own: who, begins with it, ends with it."""
    steps = []
    for who in range(n_people):
        for _ in range(rng.integers(1, 12)):
            steps.append((who, rng.random() < 0.4, rng.random() < 0.3))
    return steps


def _counted(steps: list[tuple[int, bool, bool]]) -> dict[str, float]:
    who, begins, ends = (np.array(c) for c in zip(*steps, strict=True))
    per = {
        "b": np.bincount(who, begins & ends), "x": np.bincount(who, begins),
        "y": np.bincount(who, ends), "s": np.bincount(who),
    }  # fmt: skip
    products = ("bb", "bx", "by", "bs", "xx", "xy", "xs", "yy", "ys", "ss")
    totals = {"n_both": per["b"].sum(), "n_bought": per["x"].sum(), "n_next": per["y"].sum(), "n_steps": len(steps)}  # fmt: skip
    sums = {name: float((per[name[0]] * per[name[1]]).sum()) for name in products}
    return (
        {k: int(v) for k, v in totals.items()} | {"n_beginners": int((per["x"] > 0).sum())} | sums
    )


def test_the_score_is_that_of_the_steps_summed_up_by_person():
    steps = _simulated(np.random.default_rng(1), 60)
    who, begins, ends = (np.array(c, dtype=float) for c in zip(*steps, strict=True))
    each = (begins - begins.mean()) * (ends - ends.mean())
    by_person = np.bincount(who.astype(int), each)
    row = followed(pl.DataFrame([_counted(steps)]), least=10).row(0, named=True)
    assert row["z"] == pytest.approx(each.sum() / np.sqrt((by_person**2).sum()))
    assert row["lift"] == pytest.approx(
        (begins @ ends / len(steps)) / (begins.mean() * ends.mean())
    )


def test_without_a_relation_one_in_twenty_is_called_significant():
    rng = np.random.default_rng(5)
    tried = pl.DataFrame([_counted(_simulated(rng, 50)) for _ in range(400)])
    share = (followed(tried, least=10)["p_value"] <= 0.05).mean()
    assert 0.025 <= share <= 0.075


def test_one_person_who_repeats_a_step_a_hundred_times_proves_nothing():
    steps = [*_simulated(np.random.default_rng(2), 40)]
    steps += [(40, True, True)] * 100
    row = followed(pl.DataFrame([_counted(steps)]), least=10).row(0, named=True)
    assert row["lift"] > 1.3
    assert row["p_value"] > 0.1
    many = [*steps[:-100], *((41 + n, True, True) for n in range(100))]
    other = followed(pl.DataFrame([_counted(many)]), least=10).row(0, named=True)
    assert other["lift"] == row["lift"]
    assert other["p_value"] < 1e-6


def test_what_follows_first_purchases_is_counted_day_by_day_net_of_refunds():
    lines = _lines(
        ("a", 0, "豆", 10), ("a", 0, "壶", 90), ("a", 30, "豆", 40), ("a", 31, "豆", 60), ("a", 20, "壶", -90),
        ("b", 1, "杯", 30), ("c", 2, "豆", 10), ("c", 50, "豆", 10), ("z", 45, "豆", 10), ("r", 0, "豆", -5),
    )  # fmt: skip
    people = ledger.beginnings(orders_of(lines), days=30)
    assert people.rows() == [
        (
            "a",
            0,
            100.0,
            1,
            -50.0,
        ),  # day 30 belongs to it, day 31 does not; the return has a number of its own
        ("b", 1, 30.0, 0, 0.0),
        ("c", 2, 10.0, 0, 0.0),
    ]
    held = ledger.first_held(orders_of(lines), "category", values=["豆", "壶"])
    assert held.rows() == [("壶", "a"), ("豆", "a"), ("豆", "c"), ("豆", "z")]


def test_first_purchases_stand_beside_everybody_elses_and_small_ones_show_no_mean():
    rng = np.random.default_rng(3)
    early = rng.uniform(50, 150, 40).round(2)
    bought = [(f"a{n}", 0, "壶", 200) for n in range(40)]
    bought += [(f"a{n}", 20, "豆", v) for n, v in enumerate(early)]
    bought += [(f"b{n}", 0, "豆", 20) for n in range(50)]
    bought += [(f"b{n}", 30, "豆", 15 + n) for n in range(25)]
    bought += [("c", 0, "杯", 5), ("late", 100, "豆", 1)]
    result = _asked(*bought, days=60)
    rows = {r["subject"]: r for r in result.tables["first"].rows(named=True)}
    assert list(rows) == [EVERYBODY, "壶", "豆", "杯"]
    assert rows[EVERYBODY]["n_customers"] == 91
    assert rows["壶"]["later_spend"] == pytest.approx(early.mean())
    assert (rows["豆"]["n_customers"], rows["豆"]["returned_share"]) == (50, 0.5)
    rest = np.array([*(15 + n for n in range(25)), *[0] * 26], dtype=float)
    assert rows["壶"]["rest_later_spend"] == pytest.approx(rest.mean())
    p_value = ttest_ind(early, rest, usevar="unequal")[1]
    assert rows["壶"]["p_adjusted"] == pytest.approx(
        min(1, 2 * p_value)
    )  # the smallest of two tests
    assert rows["壶"]["reading"] == "高于"
    assert rows["杯"]["n_customers"] == 1
    assert rows["杯"]["later_spend"] is None
    assert any("第一次买的是品类“壶”" in f.text and "显著高于" in f.text for f in result.findings)


def test_the_interval_of_a_mean_stays_among_the_values_and_of_many_is_that_of_student():
    few = np.array([0.0] * 28 + [5.0, 400.0])
    low, high = mean_interval(few, seed=0)
    assert 0 <= low < few.mean() < high <= 400
    assert DescrStatsW(few).tconfint_mean()[0] < 0  # why it is not taken here
    many = np.random.default_rng(1).gamma(1, 30, MOST_DRAWN + 1)
    assert mean_interval(many, seed=0) == pytest.approx(DescrStatsW(many).tconfint_mean())
    some = many[:400]
    assert mean_interval(some, seed=0) == pytest.approx(DescrStatsW(some).tconfint_mean(), rel=0.02)
    assert np.isnan(means_differ(np.zeros(20), np.zeros(30)))


def test_customers_of_the_first_days_can_be_left_out():
    bought = [(f"o{n}", 0, "豆", 10) for n in range(20)] + [
        (f"n{n}", 40, "豆", 10) for n in range(15)
    ]
    bought += [("x", 200, "豆", 1)]
    assert _asked(*bought, days=60).tables["totals"]["n_watched"].item() == 35
    assert _asked(*bought, days=60, lead_days=30).tables["totals"]["n_watched"].item() == 15


def test_one_order_each_a_short_ledger_and_refunds_are_said_in_one_sentence():
    once = _asked(*((f"c{n}", 0, "豆", 10) for n in range(12)), ("z", 90, "壶", 5), days=60)
    assert once.tables["transitions"].is_empty()
    assert "没有客户在两个不同的日子购买" in once.findings[0].text
    short = _asked(*((f"c{n}", d, "豆", 10) for n in range(12) for d in (0, 3)))
    assert "没有客户的第一次购买距今已满 180 天" in short.findings[-1].text
    with pytest.raises(TooFewRows):
        _asked(("a", 0, "豆", 10))
    with pytest.raises(TooFewRows, match="知道品类和客户的订单"):
        _asked((None, 0, "豆", 10))
    with pytest.raises(TooFewRows):
        _asked(("a", 0, "豆", -10), ("a", 9, "豆", -10))
    plain = [{"customer_id": "a", "order_id": "1", "ordered_at": 0, "amount": 1.0}]
    with pytest.raises(MissingColumns, match="商品或品类"):
        answer(ANALYSIS, Dataset(orders=orders_of(plain)))


def test_the_steps_of_online_retail_are_those_of_pandas():
    raw = pl.read_parquet(shared("data/online_retail/online_retail.parquet")).drop_nulls("CustomerID")  # fmt: skip
    lines = raw.select(
        customer_id=pl.col("CustomerID").cast(pl.Int64).cast(pl.String), order_id=pl.col("InvoiceNo").cast(pl.String),
        ordered_at=pl.col("InvoiceDate").dt.epoch("s"), amount=pl.col("Quantity") * pl.col("UnitPrice"), product="Description",
    ).filter(pl.col("amount") > 0)  # fmt: skip
    named = ["LUNCH BAG RED RETROSPOT", "LUNCH BAG  BLACK SKULL."]
    pairs = ledger.transitions(nw.from_native(lines.lazy()), "product", values=named)
    row = pairs.row(by_predicate=(pl.col("bought") == named[0]) & (pl.col("bought_next") == named[1]), named=True)  # fmt: skip
    frame = lines.with_columns(day=pl.col("ordered_at") // DAY).to_pandas()
    baskets = frame.groupby(["customer_id", "day"])["product"].agg(set).reset_index()
    following = baskets.groupby("customer_id").shift(-1)
    steps = baskets.assign(
        then=following["product"], gap=following["day"] - baskets["day"]
    ).dropna()
    both = steps[
        [
            named[0] in a and named[1] in b
            for a, b in zip(steps["product"], steps["then"], strict=True)
        ]
    ]
    assert row["n_steps"] == len(steps)
    assert row["n_bought"] == sum(named[0] in held for held in steps["product"])
    assert row["n_next"] == sum(named[1] in held for held in steps["then"])
    assert (row["n_both"], row["n_customers"]) == (len(both), both["customer_id"].nunique())
    assert row["median_days"] == both["gap"].median()


def test_the_command_line_and_the_example_study_show_what_goes_together(
    demo_study, tmp_path, capsys
):
    asked = ["run", str(demo_study.path), "next_purchase", "--out", str(tmp_path)]
    assert cli.main([*asked, "-p", "next_purchase.days=90"]) == 0
    assert "下一次有" in capsys.readouterr().out
    told = (tmp_path / "next_purchase" / "findings.json").read_text("utf-8")
    assert "第一次购买后 90 天内" in told
    tables = pipeline.run(demo_study, "next_purchase").tables
    grinders = (
        tables["transitions"].filter(bought="咖啡器具", bought_next="礼盒").row(0, named=True)
    )
    assert grinders["lift"] > 3
    assert grinders["reading"] == "高于"
    assert set(tables["first"]["dimension"]) == {"全部", "品类", "商品", "渠道"}
    best = tables["first"].filter(pl.col("dimension") == "品类").row(0, named=True)
    assert best["subject"] in ("咖啡器具", "礼盒")
    assert best["low_later_spend"] < best["later_spend"] < best["high_later_spend"]
