"""Gaps and recommendations: counts by hand and by Fisher, planted rules, an honest check, bad input."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from conftest import orders_of, shared
from scipy.stats import binomtest, fisher_exact, poisson

from insight import cli, ledger, pipeline
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import MissingColumns, TooFewRows
from insight.offers.advice import ACTIVE, POPULAR, SIMILAR, advice
from insight.offers.ownership import EVERYBODY, gaps, matrix, owned
from insight.stats.propensity import EVENTS, PEOPLE, better, chances, learn

ANALYSIS = find("cross_sell")
DAY = ledger.DAY
ITEMS = ("豆", "壶", "杯")


def _lines(*bought: tuple[str | None, int, str | None, float]) -> list[dict[str, object]]:
    return [
        {"customer_id": who, "order_id": f"{n}", "ordered_at": day * DAY, "amount": amount, "category": what}
        for n, (who, day, what, amount) in enumerate(bought)
    ]  # fmt: skip


def _asked(bought, **params):
    dataset = Dataset(orders=orders_of(_lines(*bought)))
    return answer(ANALYSIS, dataset, ANALYSIS.params.model_validate(params))


HAS = np.array([[1, 1, 0]] * 12 + [[1, 0, 0]] * 18 + [[0, 0, 1]] * 20, dtype=bool)


def test_a_gap_counts_the_owners_of_one_thing_who_lack_the_other():
    sides = {EVERYBODY: np.ones(50, dtype=bool), "甲": np.arange(50) < 20}
    table = gaps(HAS, sides, ITEMS)
    assert table.height == 2 * 3 * 2
    row = table.row(by_predicate=(pl.col("segment") == EVERYBODY) & (pl.col("owned") == "豆") & (pl.col("missing") == "壶"), named=True)  # fmt: skip
    assert (row["base"], row["n_customers"], row["share"], row["both_share"]) == (30, 18, 0.6, 0.4)
    assert (row["share_all"], row["lift"]) == (pytest.approx(0.24), pytest.approx(0.4 / 0.24))
    inside = table.filter(segment="甲", owned="豆", missing="壶").row(0, named=True)
    assert (inside["base"], inside["n_customers"]) == (20, 8)
    assert (
        table.filter(segment="甲", owned="杯", missing="豆")["share"].item() is None
    )  # nobody owns it there


def test_the_lift_of_a_pair_is_tested_as_fisher_does():
    table = gaps(HAS, {EVERYBODY: np.ones(50, dtype=bool)}, ("豆", "壶"))
    p_value = fisher_exact([[12, 0], [18, 20]], alternative="greater").pvalue
    assert table["p_adjusted"].to_list() == pytest.approx([p_value, p_value])


def test_the_matrix_tells_who_lacks_what_and_what_that_is_expected_to_bring():
    worth = np.where(HAS, 0.0, 2.0)
    table = matrix(HAS, {EVERYBODY: np.ones(50, dtype=bool), "甲": np.arange(50) < 5}, ITEMS, worth)
    assert table.row(1) == (EVERYBODY, "壶", 50, 38, 0.24, 76.0)
    assert table.filter(segment="甲", missing="杯").row(0) == ("甲", "杯", 5, 5, None, 10.0)


def test_rates_and_lifts_are_observed_over_what_the_activity_expects():
    has = np.array([[True, False]] * 40 + [[False, False]] * 60)
    got = np.zeros_like(has)
    got[:10, 1], got[40:45, 1] = True, True
    found = learn(has, got, np.zeros(100, dtype=np.int64), n_groups=1)
    assert found.rates[0, 1] == pytest.approx((15 + PEOPLE * 0.15) / (100 + PEOPLE))
    assert found.lifts[0, 1] == pytest.approx((10 + EVENTS) / (40 * 0.15 + EVENTS))
    tail = 2 * poisson.sf(9, 40 * 0.15)  # the only pair that anybody could have made
    assert found.p_adjusted[0, 1] == pytest.approx(tail)


def test_owners_who_only_buy_more_of_everything_make_no_rule():
    rng = np.random.default_rng(1)
    active = rng.random(4_000) < 0.5
    rate = np.where(active, 0.5, 0.05)[:, None]
    has, got = rng.random((4_000, 4)) < rate, rng.random((4_000, 4)) < rate / 3
    alike = learn(has, got, active.astype(np.int64), n_groups=2)
    assert (alike.rules == 1).all()
    mixed = learn(has, got, np.zeros(4_000, dtype=np.int64), n_groups=1)
    assert (mixed.rules > 1).sum() > 6  # what the groups of activity are there for


def test_the_strongest_rules_for_and_against_make_the_chance():
    found = learn(HAS, HAS, np.zeros(50, dtype=np.int64), n_groups=1)
    lifts = np.ones((3, 3))
    lifts[0, 2], lifts[1, 2] = 3.0, 0.5
    fixed = type(found)(np.full((1, 3), 0.1), lifts, np.zeros((3, 3)))
    chance, reason = chances(np.array([[True, True, False], [False, True, False]]), np.zeros(2, dtype=np.int64), fixed, use_rules=True)  # fmt: skip
    assert chance.tolist() == [[-1, -1, pytest.approx(0.15)], [pytest.approx(0.1), -1, pytest.approx(0.05)]]  # fmt: skip
    assert reason[:, 2].tolist() == [0, -1]
    plain, _ = chances(np.array([[True, True, False]]), np.zeros(1, dtype=np.int64), fixed, use_rules=False)  # fmt: skip
    assert plain[0, 2] == pytest.approx(0.1)


def test_two_guesses_are_compared_for_the_people_whom_only_one_gets_right():
    first, second = np.arange(20) < 12, np.arange(20) >= 9
    assert better(first, second) == pytest.approx(binomtest(9, 17).pvalue)
    assert np.isnan(better(first, first))


def _planted(rng: np.random.Generator) -> list[tuple[str, int, str, float]]:
    """Beans lead to pots within a month, cups to lids; beans are what most have first."""
    bought = []
    for n in range(900):
        start = int(rng.integers(0, 260))
        first, then = (("豆", "壶"), ("杯", "盖"))[n % 3 == 0]
        bought.append((f"c{n}", start, first, 20.0))
        if rng.random() < 0.5:
            bought.append((f"c{n}", start + int(rng.integers(1, 80)), then, 100.0 if then == "壶" else 30.0))  # fmt: skip
    return [line for line in bought if line[1] <= 270]


def test_planted_followers_are_recommended_and_the_check_beats_popularity():
    bought = _planted(np.random.default_rng(4))
    result = _asked(bought, by="frequency", days=60)
    hits = {r["method"]: r for r in result.tables["hits"].rows(named=True)}
    assert hits[SIMILAR]["hit_share"] > 0.95
    assert hits[SIMILAR]["hit_share"] > hits[ACTIVE]["hit_share"]
    assert hits[SIMILAR]["hit_share"] > hits[POPULAR]["hit_share"] + 0.2
    assert hits[SIMILAR]["n_expected"] == pytest.approx(hits[SIMILAR]["n_hits"], rel=0.35)
    told = result.tables["customers"].filter(
        pl.col("days_since_last") <= 60, pl.col("n_orders") == 1
    )
    pairs = set(told.select("because", "recommended").unique().iter_rows())
    assert pairs == {("豆", "壶"), ("杯", "盖")}
    pot = told.filter(recommended="壶")
    assert (pot["expected_amount"] / pot["chance_share"]).to_list() == pytest.approx([100.0] * pot.height, rel=1e-3)  # fmt: skip
    assert "差别显著" in next(f.text for f in result.findings if f.text.startswith("检验"))


def test_the_check_never_sees_the_days_that_judge_it():
    """What is bought in the last stretch changes the hits, never the recommendations that are judged."""
    bought = _planted(np.random.default_rng(4))
    orders = orders_of(_lines(*bought))
    end = ledger.span(orders)[1] + 1
    cut = end - 60 * DAY
    before = owned(orders, "category", ITEMS, at=cut, days=60)
    only = [line for line in bought if line[1] * DAY < cut]
    alone = owned(orders_of(_lines(*only)), "category", ITEMS, at=cut, days=60)
    assert before.people.equals(alone.people)
    assert (before.has == alone.has).all()
    assert (before.activity == alone.activity).all()
    now = owned(orders, "category", ITEMS, at=end, days=60)
    found = advice(orders, "category", ITEMS, now=now, days=60)
    assert found is not None
    assert found.check["n_recommended"][0] <= before.people.height


def test_chances_are_lowered_when_the_check_had_fewer_hits_than_they_said():
    bought = [
        line
        for line in _planted(np.random.default_rng(4))
        if line[1] <= 210 or line[2] in ("豆", "杯")
    ]
    bought += [(f"c{n}", 255, "盖", 1.0) for n in range(0, 120, 3)]
    result = _asked(bought, by="frequency", days=60)
    row = (
        result.tables["hits"]
        .filter(pl.col("n_expected").is_not_null())
        .sort("n_hits")
        .row(-1, named=True)
    )
    calibration = result.tables["totals"]["calibration"].item()
    assert calibration < 1
    assert any(f"概率乘以 {calibration:.2f}" in note for note in result.notes)
    assert row["n_expected"] > row["n_hits"]


def test_a_short_ledger_shows_gaps_and_says_why_nothing_is_recommended():
    result = _asked([*((f"c{n}", n % 5, "豆", 10) for n in range(40)), ("c1", 4, "壶", 90)])
    assert set(result.tables) == {"matrix", "gaps", "totals"}
    assert "没有推荐名单" in result.findings[-1].text
    assert result.tables["matrix"]["expected_amount"].null_count() == result.tables["matrix"].height


def test_categories_that_hardly_anybody_bought_are_called_too_fine():
    result = _asked([(f"c{n}", n, f"款{n}", 10 + n) for n in range(300)])
    assert result.tables["totals"]["n_categories"].item() == pytest.approx(10 / 300)
    assert "分得太细" in result.findings[0].text
    many = _asked(
        [(f"c{n}", n % 300, f"款{n}", 10 + n) for n in range(6000)]
    )  # 1 of 1,200 is 0.1 %
    assert not any("差得最多" in finding.text for finding in many.findings)


def test_one_category_no_category_and_refunds_only_are_said_in_one_sentence():
    with pytest.raises(TooFewRows, match="有客户购买的品类"):
        _asked([("a", 0, "豆", 10), ("b", 1, "豆", 10)])
    with pytest.raises(TooFewRows):
        _asked([("a", 0, "豆", -10), ("a", 1, "壶", -10)])
    plain = [{"customer_id": "a", "order_id": "1", "ordered_at": 0, "amount": 1.0}]
    with pytest.raises(MissingColumns, match="商品或品类"):
        answer(ANALYSIS, Dataset(orders=orders_of(plain)))


def test_the_gaps_of_completejourney_are_those_of_pandas():
    lines = pl.read_parquet(shared("data/completejourney/dev/transactions.parquet"))
    kinds = pl.read_parquet(shared("data/completejourney/products.parquet"))
    named = lines.join(kinds, on="product_id").select(
        customer_id=pl.col("household_id").cast(pl.String), order_id=pl.col("basket_id").cast(pl.String),
        ordered_at=pl.col("transaction_timestamp").dt.epoch("s"), amount=pl.col("sales_value").cast(pl.Float64),
        category="product_category",
    ).drop_nulls("category")  # fmt: skip
    at = pl.from_epoch("ordered_at")
    month = at.dt.year() * 100 + at.dt.month().cast(pl.Int32)
    dataset = Dataset(orders=nw.from_native(named.with_columns(ordered_month=month.cast(pl.Int64)).lazy()))  # fmt: skip
    result = answer(ANALYSIS, dataset, ANALYSIS.params(by="frequency", days=60))
    row = result.tables["gaps"].filter(segment=EVERYBODY, owned="SOFT DRINKS", missing="BEEF").row(0, named=True)  # fmt: skip
    frame = named.filter(pl.col("amount") > 0).to_pandas()
    who = frame.groupby("category")["customer_id"].agg(set)
    assert row["base"] == len(who["SOFT DRINKS"])
    assert row["n_customers"] == len(who["SOFT DRINKS"] - who["BEEF"])
    hits = {r["method"]: r["hit_share"] for r in result.tables["hits"].rows(named=True)}
    assert hits[ACTIVE] > 0.5
    chosen = "同样活跃" if hits[SIMILAR] <= hits[ACTIVE] else "相似客户"
    assert any(f"这份名单按“{chosen}”" in note for note in result.notes)


def test_the_command_line_writes_the_list_and_the_example_study_recommends_gifts(demo_study, tmp_path, capsys):  # fmt: skip
    asked = ["run", str(demo_study.path), "cross_sell", "--out", str(tmp_path)]
    assert cli.main([*asked, "-p", "cross_sell.by=rfm", "-p", "cross_sell.days=120"]) == 0
    assert "买过“咖啡器具”的" in capsys.readouterr().out
    listed = pl.read_csv(tmp_path / "cross_sell" / "customers.csv", encoding="utf8")
    assert {"customer_id", "recommended", "because", "expected_amount"} <= set(listed.columns)
    tables = pipeline.run(demo_study, "cross_sell").tables
    ids = tables["customers"]["customer_id"]
    assert ids.is_unique().all()
    assert tables["customers"].filter(because="咖啡器具")["recommended"].unique().to_list() == [
        "礼盒"
    ]
    assert tables["offers"]["n_customers"].sum() == ids.len()
    assert tables["customers"]["expected_amount"].sum() == pytest.approx(tables["offers"]["expected_amount"].sum())  # fmt: skip
