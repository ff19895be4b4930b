"""How long until it happens, against a published trial and an independent library."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from insight.stats.survival import Time, kaplan_meier, survival_at, time_of

# Freireich et al. (1963), Blood 21: weeks of remission under 6-MP; + = still in remission.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def _counts(times, events) -> pl.DataFrame:
    table = pl.DataFrame({"time": times, "n_events": events})
    return table.with_columns(n_censored=1 - pl.col("n_events"))


@pytest.fixture(scope="module")
def remission() -> pl.DataFrame:
    return kaplan_meier(_counts(WEEKS, RELAPSED))


def test_the_curve_of_the_6_mp_trial_is_the_published_one(remission):
    steps = remission.filter(pl.col("n_events") > 0)
    assert steps["time"].to_list() == [6, 7, 10, 13, 16, 22, 23]
    assert steps["n_at_risk"].to_list() == [21, 17, 15, 12, 11, 7, 6]
    assert steps["survival"].round(3).to_list() == [0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448]


def test_its_interval_is_that_of_lifelines_0_30_3(remission):
    # KaplanMeierFitter().fit(...).confidence_interval_ at weeks 6, 10, 16 and 23
    rows = {row["time"]: row for row in remission.to_dicts()}
    expected = {6: (0.619718, 0.951552), 10: (0.503200, 0.889362), 16: (0.367511, 0.804912), 23: (0.188052, 0.680143)}  # fmt: skip
    for week, ends in expected.items():
        assert (rows[week]["ci_low"], rows[week]["ci_high"]) == pytest.approx(ends, abs=1e-6)


def test_the_median_is_23_weeks_and_its_upper_end_was_not_reached(remission):
    assert time_of(remission, 0.5) == Time(23, 13, None)
    assert time_of(remission, 0.9).value is None


def test_between_steps_the_survival_stays():
    curve = kaplan_meier(_counts([2, 4], [1, 1]))
    assert [survival_at(curve, t) for t in (0, 1.9, 2, 3.9, 4, 99)] == [1, 1, 0.5, 0.5, 0, 0]
    assert curve["ci_low"][1] is None  # nobody is left


def test_a_time_that_comes_twice_counts_once():
    split = pl.concat([_counts([3, 5], [1, 0]), _counts([3, 5], [1, 1])])
    assert kaplan_meier(split)["n_events"].to_list() == [2, 1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_statsmodels_gives_the_same_curve_errors_and_quantiles(seed):
    rng = np.random.default_rng(seed)
    happens, ends = rng.geometric(0.03, 400), rng.integers(1, 90, 400)
    times, events = np.minimum(happens, ends), (happens <= ends).astype(int)
    ours = kaplan_meier(_counts(times, events))
    steps = ours.filter(pl.col("n_events") > 0)
    theirs = SurvfuncRight(times, events)
    assert steps["survival"].to_numpy() == pytest.approx(theirs.surv_prob)
    known = steps["std_error"].drop_nulls().to_numpy()
    assert known == pytest.approx(theirs.surv_prob_se[: known.size])
    for share in (0.25, 0.5):
        found = time_of(ours, share)
        assert found.value == theirs.quantile(share)
        assert (found.low, found.high) == theirs.quantile_ci(share, method="cloglog")
