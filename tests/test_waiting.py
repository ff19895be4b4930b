"""How long until customers come back or leave, by group: against a published trial and independent libraries."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from conftest import orders_of, shared
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from insight import pipeline
from insight.analyses import find
from insight.analyses.lifecycle import survival
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import TooFewRows, UnknownName
from insight.ledger import DAY
from insight.lifetime.comparison import need_table
from insight.lifetime.waiting import counted, waits
from insight.stats.cox import hazard_ratios
from insight.stats.log_rank import log_rank, pairwise

# Freireich et al. (1963), Blood 21: weeks of remission under 6-MP (+ = still in remission) and placebo.
TREATED = ([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35], [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0])  # fmt: skip
PLACEBO = ([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], [1] * 21)


def _counts(times, events) -> pl.DataFrame:
    return counted(pl.DataFrame({"time": times, "has_happened": np.asarray(events, dtype=bool)}))


def _simulated(seed, *rates):
    rng = np.random.default_rng(seed)
    for rate in rates:
        happens, ends = rng.geometric(rate, 300), rng.integers(1, 60, 300)
        yield np.minimum(happens, ends), (happens <= ends).astype(int)


def test_the_log_rank_test_of_the_6_mp_trial_is_the_published_one():
    found = log_rank([_counts(*TREATED), _counts(*PLACEBO)])
    assert found.chi2 == pytest.approx(16.793, abs=5e-4)
    assert found.observed == (9, 21)
    assert found.expected == pytest.approx((19.25, 10.75), abs=5e-3)


@pytest.mark.parametrize("seed", [1, 2])
def test_statsmodels_gives_the_same_test_of_three_groups(seed):
    groups = list(_simulated(seed, 0.02, 0.03, 0.05))
    found = log_rank([_counts(*one) for one in groups])
    times, events = (np.concatenate([g[i] for g in groups]) for i in (0, 1))
    chi2, p_value = survdiff(times, events, np.repeat([0, 1, 2], 300))
    assert (found.chi2, found.p_value, found.df) == (pytest.approx(chi2), pytest.approx(p_value), 2)


def test_pairs_are_corrected_by_holm():
    pairs = pairwise([_counts(*one) for one in _simulated(3, 0.02, 0.03, 0.06)])
    p = pairs["p_value"].to_list()
    ranked = sorted(range(3), key=p.__getitem__)
    assert pairs["p_adjusted"][ranked[0]] == pytest.approx(min(1, 3 * p[ranked[0]]))
    assert pairs["p_adjusted"][ranked[2]] == pytest.approx(max(p[ranked[2]], min(1, 2 * p[ranked[1]]), min(1, 3 * p[ranked[0]])))  # fmt: skip


def test_groups_without_any_event_cannot_be_tested():
    nothing = [_counts([5, 9], [0, 0]), _counts([3, 4], [0, 0])]
    assert log_rank(nothing).p_value is None
    assert hazard_ratios(nothing) is None


@pytest.mark.parametrize("seed", [1, 2])
def test_statsmodels_gives_the_same_hazard_ratios(seed):
    groups = list(_simulated(seed, 0.02, 0.03, 0.05))
    found = hazard_ratios([_counts(*one) for one in groups])
    times, events = (np.concatenate([g[i] for g in groups]) for i in (0, 1))
    member = np.repeat([0, 1, 2], 300)
    theirs = PHReg(times, np.column_stack([member == 1, member == 2]).astype(float), status=events, ties="efron").fit()  # fmt: skip
    assert [h.ratio for h in found] == pytest.approx(np.exp(theirs.params), rel=1e-6)
    ends = np.exp(theirs.conf_int())
    assert [(h.low, h.high) for h in found] == [pytest.approx(tuple(row), rel=1e-6) for row in ends]


def _buys(customer, *days):
    return [{"customer_id": customer, "order_id": f"{customer}{day}", "ordered_at": day * DAY, "amount": 9.0} for day in days]  # fmt: skip


def test_the_wait_for_a_second_purchase_ends_with_the_ledger():
    orders = orders_of([*_buys("a", 3, 10, 50), *_buys("b", 20), *_buys("c", 60, 60)])
    assert waits(orders, "second", churn_days=0).rows() == [("a", 7, True), ("b", 40, False), ("c", 0, False)]  # fmt: skip


def test_a_customer_is_lost_when_so_many_days_have_passed_even_if_they_return():
    # a stays away from day 10 to 50; b until the end; c never 30 days; d exactly 30 days before the end
    orders = orders_of([*_buys("a", 0, 10, 50), *_buys("b", 5), *_buys("c", 40, 60), *_buys("d", 30)])  # fmt: skip
    assert waits(orders, "churn", churn_days=30).rows() == [
        ("a", 40, True), ("b", 30, True), ("c", 20, False), ("d", 30, True),
    ]  # fmt: skip


def test_the_wait_of_cdnow_customers_is_that_of_statsmodels():
    rows = [line.split() for line in shared("data/cdnow/CDNOW_sample.txt").read_text().splitlines()]
    days = [(date(int(r[2][:4]), int(r[2][4:6]), int(r[2][6:])) - date(1970, 1, 1)).days for r in rows]  # fmt: skip
    lines = [
        {"customer_id": r[1], "order_id": str(i), "ordered_at": day * DAY, "amount": float(r[4])}
        for i, (r, day) in enumerate(zip(rows, days, strict=True))
        if float(r[4]) > 0
    ]
    first, second = {}, {}
    for line in sorted(lines, key=lambda line: line["ordered_at"]):
        day, who = line["ordered_at"] // DAY, line["customer_id"]
        if day > first.setdefault(who, day):
            second.setdefault(who, day)
    wait = np.array([second.get(who, max(days)) - day for who, day in first.items()])
    theirs = SurvfuncRight(wait, np.array([who in second for who in first]).astype(int))
    result = answer(find("survival"), Dataset(orders=orders_of(lines)), survival.Params(days=180))
    steps = result.tables["curves"].filter(pl.col("n_happened") > 0)
    assert steps["days_after"].to_list() == theirs.surv_times.tolist()
    assert steps["survival"].to_numpy() == pytest.approx(theirs.surv_prob)
    assert result.tables["groups"]["n_customers"].item() == len(first)


def test_those_who_raise_a_need_are_compared_with_those_asked_who_do_not():
    ids = [f"c{i:02d}" for i in range(40)]
    customers = pl.DataFrame({"customer_id": ids, "time": [5] * 20 + [50] * 20, "has_happened": [True] * 20 + [False] * 20})  # fmt: skip
    asked, quick = pl.Series(ids[5:]), pl.Series(ids[5:18])
    table = need_table(customers, asked, {"快": quick, "少": pl.Series(ids[5:8])}, days=30)
    assert table["need"].to_list() == ["快"]  # three customers are too few
    row = table.row(0, named=True)
    assert (row["n_raised"], row["n_silent"], row["raised_share"]) == (13, 22, 1.0)
    assert row["silent_share"] == pytest.approx(2 / 22)
    assert row["p_adjusted"] < 0.001


def test_groups_of_the_example_study_by_channel_leaving(demo_study):
    changes = {"by": "orders.channel", "outcome": "churn", "hazards": True}
    result = pipeline.run(demo_study, "survival", changes=changes)
    groups = result.tables["groups"]
    assert groups["n_expected"].sum() == pytest.approx(groups["n_happened"].sum())
    assert result.tables["pairs"].height == 6
    assert result.tables["hazards"]["against"].unique().to_list() == [groups["group"][0]]
    assert "连续" in " ".join(result.notes)


def test_a_break_made_of_purchases_is_warned_of(demo_study):
    notes = pipeline.run(demo_study, "survival", changes={"by": "frequency"}).notes
    assert any("差别不能当作原因" in note for note in notes)


def test_an_unknown_question_is_said(demo_study):
    with pytest.raises(UnknownName, match="没有叫“Q99”"):
        answer(find("survival"), pipeline.load(demo_study), survival.Params(question="Q99"))


def test_groups_that_are_all_too_small_are_said():
    with pytest.raises(TooFewRows, match="最大一组的客户"):
        answer(find("survival"), Dataset(orders=orders_of([*_buys("a", 1, 5), *_buys("b", 2)])))
