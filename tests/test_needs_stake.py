"""What is at stake behind a need: by hand, against lifelines' rule, over 200 seeds, and in one price for every vote."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.multitest import multipletests

from insight.errors import BadParameter
from insight.needs.stake import FEW, UNFOLLOWED, UPPER, Voices, absences_of, at_stake
from insight.needs.worth import votes
from insight.stats.selective import selective


def absences(rows):
    """customer, days, whether they came back."""
    table = pl.DataFrame(rows, schema=["customer_id", "time", "is_back"], orient="row")
    return table.group_by("customer_id", "time", "is_back").agg(n=pl.len().cast(pl.Int64))


def voices(raised, *, unhappy=1.0, column=None, weight=None):
    raised = np.asarray(raised, dtype=bool).reshape(len(raised), -1)
    n = len(raised)
    return Voices(
        asked=np.ones_like(raised),
        raised=raised,
        dissatisfied=np.where(raised, unhappy, np.nan),
        column=np.zeros(n, dtype=np.intp) if column is None else np.asarray(column),
        weight=np.ones(n) if weight is None else np.asarray(weight, dtype=float),
    )


def of_two_halves(gone, stay, *, n=100):
    """n customers raise the need, n do not; so many of each are away for 200 days, the others back after 30."""
    ids = [f"c{i:03}" for i in range(2 * n)]
    away = [i < gone or n <= i < n + stay for i in range(2 * n)]
    table = absences([(c, 200 if a else 30, not a) for c, a in zip(ids, away, strict=True)])
    return absences_of(table, pl.Series(ids), days=180), [i < n for i in range(2 * n)]


def test_price_is_value_times_those_who_complain_times_how_much_more_they_stay_away():
    away, raised = of_two_halves(60, 20)
    row = at_stake(voices(raised, unhappy=0.5), away, values=np.array([1000.0, 1000.0]), n_draws=300, seed=1).row(0, named=True)  # fmt: skip
    assert (row["churn_share"], row["churn_rest_share"]) == pytest.approx((0.6, 0.2))
    assert row["churn_difference"] == pytest.approx(0.4)
    assert row["revenue_at_stake"] == pytest.approx(1000 * 0.5 * 0.5 * 0.4)
    assert 0 < row["ras_low"] < row["revenue_at_stake"] < row["ras_high"]
    assert row["stake_note"] == ""


def test_interval_is_that_of_the_difference_of_two_shares():
    away, raised = of_two_halves(60, 20)
    row = at_stake(voices(raised), away, values=np.array([1.0, 1.0]), n_draws=2000, seed=1).row(0, named=True)  # fmt: skip
    wald = 1.96 * np.sqrt(0.6 * 0.4 / 100 + 0.2 * 0.8 / 100)
    assert row["churn_low_difference"] == pytest.approx(0.4 - wald, abs=0.02)
    assert row["churn_high_difference"] == pytest.approx(0.4 + wald, abs=0.02)


def test_share_that_stays_away_is_that_of_kaplan_and_meier():
    rng = np.random.default_rng(4)
    ids = [f"c{i:02}" for i in rng.integers(0, 80, 400)]
    time, back = rng.integers(0, 400, 400), rng.random(400) < 0.6
    people = pl.Series(sorted({*ids}))
    table = absences(list(zip(ids, time.tolist(), back.tolist(), strict=True)))
    raised = [i % 2 == 0 for i in range(len(people))]
    row = at_stake(voices(raised), absences_of(table, people, days=180), values=np.ones(2), n_draws=100, seed=0).row(0, named=True)  # fmt: skip
    for name, side in (("churn_share", True), ("churn_rest_share", False)):
        own = np.isin(ids, people.filter(pl.Series(raised) == side).to_list())
        curve = SurvfuncRight(time[own], back[own].astype(int))
        known = curve.surv_prob[curve.surv_times <= 180][-1]
        assert row[name] == pytest.approx(known)


def test_difference_that_may_be_nothing_gives_an_upper_bound_only():
    away, raised = of_two_halves(32, 30)
    row = at_stake(voices(raised), away, values=np.array([1000.0, 1000.0]), n_draws=300, seed=1).row(0, named=True)  # fmt: skip
    assert (row["revenue_at_stake"], row["ras_low"], row["stake_note"]) == (None, None, UPPER)
    assert 0 < row["ras_high"] < 1000


def test_those_who_complain_but_come_back_more_put_nothing_at_stake():
    away, raised = of_two_halves(10, 60)
    row = at_stake(voices(raised), away, values=np.array([1000.0, 1000.0]), n_draws=300, seed=1).row(0, named=True)  # fmt: skip
    assert (row["revenue_at_stake"], row["ras_low"], row["ras_high"]) == (0, 0, 0)


def test_fewer_than_thirty_on_a_side_or_nobody_followed_gives_no_figure():
    away, raised = of_two_halves(15, 5, n=29)
    row = at_stake(voices(raised), away, values=np.ones(2), n_draws=100, seed=0).row(0, named=True)
    assert (row["revenue_at_stake"], row["ras_high"], row["stake_note"]) == (None, None, FEW)
    ids = pl.Series([f"c{i}" for i in range(80)])
    young = absences_of(absences([(c, 60, False) for c in ids]), ids, days=180)
    row = at_stake(voices([i < 40 for i in range(80)]), young, values=np.ones(2), n_draws=100, seed=0).row(0, named=True)  # fmt: skip
    assert (row["ras_high"], row["stake_note"]) == (None, UNFOLLOWED)


def test_nobody_dissatisfied_means_nothing_at_stake_and_nothing_known_means_all():
    away, raised = of_two_halves(60, 20)
    values = np.array([1000.0, 1000.0])
    content = at_stake(voices(raised, unhappy=0.0), away, values=values, n_draws=200, seed=1)
    unknown = at_stake(voices(raised, unhappy=np.nan), away, values=values, n_draws=200, seed=1)
    assert content["revenue_at_stake"][0] == 0
    assert unknown["revenue_at_stake"][0] == pytest.approx(1000 * 0.5 * 0.4)
    assert unknown["dissatisfied_share"][0] is None


def test_segment_is_compared_within_itself():
    away, raised = of_two_halves(60, 20)
    column = [i % 2 for i in range(200)]
    table = at_stake(voices(raised, column=column), away, values=np.array([300.0, 100.0, 200.0]), n_draws=200, seed=1)  # fmt: skip
    assert table["churn_difference"].to_list() == pytest.approx([0.4, 0.4, 0.4])
    assert table["revenue_at_stake"].to_list() == pytest.approx([60, 20, 40])


def test_same_seed_gives_the_same_interval_and_another_one_another():
    away, raised = of_two_halves(60, 20)
    made = [at_stake(voices(raised), away, values=np.ones(2), n_draws=200, seed=s)["churn_low_difference"][0] for s in (1, 1, 2)]  # fmt: skip
    assert made[0] == made[1] != made[2]


PEOPLE = pl.DataFrame({"weight": [1.0, 1.0, 2.0], "spend": [10.0, -5.0, 30.0], "expected_amount": [0.0, 0.0, 0.0]})  # fmt: skip


def test_vote_counts_a_person_their_spending_or_their_value():
    assert votes(PEOPLE, "person").to_list() == [0.75, 0.75, 1.5]
    assert votes(PEOPLE, "spend").to_list() == pytest.approx([3 * 10 / 70, 0, 3 * 60 / 70])
    with pytest.raises(BadParameter, match="分量全部为 0"):
        votes(PEOPLE, "value")


def test_equal_spending_votes_as_one_person_one_vote_to_the_last_bit():
    equal = PEOPLE.with_columns(weight=pl.lit(1.0), spend=pl.lit(0.1))
    assert votes(equal, "spend").to_list() == votes(equal, "person").to_list() == [1.0, 1.0, 1.0]


def test_rows_that_differ_are_chosen_first_and_corrected_for_the_choice():
    p = np.array([[0.001, 0.04, np.nan], [0.3, 0.02, 0.9], [0.6, 0.7, 0.8]])
    made = selective(p, level=0.05)
    within = multipletests(p[0, :2], method="fdr_bh")[1]
    assert made[0, :2] == pytest.approx(np.minimum(within * 3, 1))  # one row of three stands out
    assert np.isnan(made[0, 2])
    assert (made[1:] == 1).all()
    assert (selective(np.full((2, 2), 0.5), level=0.05) == 1).all()


def test_need_that_differs_nowhere_gets_no_letter_in_95_of_100_of_200_studies():
    from insight.needs.matrix import tabulated
    from insight.stats.proportions import Rule

    quiet = found = 0
    rates = np.array(
        [[0.5, 0.2, 0.2, 0.2], [0.2, 0.45, 0.2, 0.4], [0.15, 0.3, 0.45, 0.3], [0.3] * 4]
    )
    groups = ["甲", "乙", "丙", "丁"]
    for seed in range(200):
        rng = np.random.default_rng(seed)
        group = rng.integers(0, 4, 600)
        ticks = {str(k): rng.random(600) < rates[k, group] for k in range(4)}
        people = pl.DataFrame(ticks).with_columns(
            group=pl.Series([groups[g] for g in group]), weight=pl.lit(1.0)
        )
        cells = tabulated(people, list(ticks), groups, rule=Rule("bh"))
        lettered = {row for row, letters in cells.select("row", "letters").iter_rows() if letters}
        quiet += "3" not in lettered
        found += {"0", "1", "2"} <= lettered
    assert quiet >= 190
    assert found >= 198
