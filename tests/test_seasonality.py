"""Trend, season and rest; forecasts and how they did; values unlike the usual."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from insight.stats.forecasting import backtest, drift, naive, season_for, theta
from insight.stats.robust import distance
from insight.stats.seasonality import decomposed, season_p, strength

SEASON = np.array([1, 1, 1, 1, 1, 1.4, 1, 1, 1, 1, 2, 1.0])


def test_a_season_of_ratios_comes_back_and_explains_all():
    values = 100 * 1.01 ** np.arange(48) * np.tile(SEASON, 4)
    parts = decomposed(values, period=12)
    ratio = np.exp(parts.season[:12])
    assert parts.is_log
    assert ratio[10] / ratio[0] == pytest.approx(2, rel=0.02)
    assert ratio[5] / ratio[0] == pytest.approx(1.4, rel=0.02)
    assert parts.seasonal_strength > 0.99
    assert parts.p_value < 1e-10


def test_the_parts_add_up_to_the_series():
    rng = np.random.default_rng(2)
    values = 100 + np.arange(40) + rng.normal(0, 5, 40)
    parts = decomposed(values, period=12)
    assert parts.trend + parts.season + parts.rest == pytest.approx(np.log(values))
    assert parts.season[:12].mean() == pytest.approx(0, abs=1e-12)
    assert parts.season[:12] == pytest.approx(parts.season[12:24])


def test_a_series_with_a_zero_is_split_as_it_is():
    values = np.tile([0.0, 10, 20, 30, 20, 10, 5], 6)
    parts = decomposed(values, period=7)
    assert not parts.is_log
    assert parts.season[3] - parts.season[0] == pytest.approx(30, rel=0.02)


def test_chance_is_called_a_season_one_time_in_twenty():
    rng = np.random.default_rng(11)
    phase = np.arange(36) % 12
    found = [season_p(rng.normal(0, 1, 36), phase) < 0.05 for _ in range(600)]
    assert 0.03 < np.mean(found) < 0.08


def test_the_f_test_is_that_of_a_linear_model():
    from statsmodels.regression.linear_model import OLS

    rng = np.random.default_rng(4)
    n = 24
    phase, time = np.arange(n) % 12, np.linspace(-1, 1, n)
    values = 0.3 * time + SEASON[phase] + rng.normal(0, 0.2, n)
    short = OLS(values, np.column_stack([np.ones(n), time])).fit()
    long = OLS(values, np.column_stack([np.eye(12)[phase], time])).fit()
    assert season_p(values, phase) == pytest.approx(long.compare_f_test(short)[1])


def test_a_still_series_has_neither_strength_nor_season():
    parts = decomposed(np.full(28, 7.0), period=7)
    assert (parts.seasonal_strength, parts.trend_strength, parts.p_value) == (0, 0, 1)
    assert strength(np.array([1.0, -1, 1, -1]), np.zeros(4)) == 0


def test_less_than_two_cycles_are_refused():
    with pytest.raises(ValueError, match="2 cycles of 12"):
        decomposed(np.arange(1.0, 24), period=12)


def test_the_naive_forecast_repeats_the_season_and_widens_with_the_seasons_ahead():
    values = np.array([10.0, 20, 12, 24])
    found = naive(values, period=2, horizon=5)
    assert found.mean.tolist() == [12, 24, 12, 24, 12]
    sigma = np.sqrt((2**2 + 4**2) / 2)
    assert found.sigma == pytest.approx(sigma * np.sqrt([1, 1, 2, 2, 3]))


def test_the_drift_adds_the_average_change_of_a_season():
    found = drift(np.array([10.0, 20, 12, 24]), period=2, horizon=4)
    assert found.mean.tolist() == [15, 27, 18, 30]  # + 3 a season


@pytest.mark.parametrize("period", [1, 12])
def test_theta_is_that_of_statsmodels(period):
    from statsmodels.tsa.forecasting.theta import ThetaModel

    rng = np.random.default_rng(8)
    values = (100 + rng.normal(1, 6, 48).cumsum()) * np.tile(
        SEASON if period > 1 else [1.0] * 12, 4
    )
    model = ThetaModel(
        values, period=max(2, period), deseasonalize=period > 1, use_test=False, method="mul"
    )
    theirs = model.fit(use_mle=False).forecast(5).to_numpy()
    assert theta(values, period=period, horizon=5).mean == pytest.approx(theirs, rel=1e-3)


def test_theta_of_a_still_series_stays_without_doubt():
    found = theta(np.full(12, 5.0), period=1, horizon=2)
    assert found.mean == pytest.approx([5, 5])
    assert found.sigma == pytest.approx([0, 0])


def test_a_backtest_only_knows_what_came_before():
    values = np.arange(1.0, 31)
    tested = backtest(values, period=1, horizon=2)
    ours = tested.filter(pl.col("method") == "naive", pl.col("origin") == 20).to_dicts()
    assert [(row["step"], row["actual"], row["forecast"], row["scaled_error"]) for row in ours] == [
        (1, 21, 20, 1), (2, 22, 20, 2),
    ]  # fmt: skip
    mase = tested.group_by("method").agg(pl.col("scaled_error").mean())
    assert dict(mase.rows())["naive"] == 1.5
    assert dict(mase.rows())["drift"] == pytest.approx(0)


def test_a_season_is_only_repeated_where_it_can_be_tested():
    assert [season_for(n, period=12, horizon=3) for n in (17, 18)] == [1, 12]
    with pytest.raises(ValueError, match="origins"):
        backtest(np.arange(5.0), period=1, horizon=3)


def test_the_distance_from_the_usual_is_that_of_iglewicz_and_hoaglin():
    earlier = np.array([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2])
    found = distance(8.3, earlier)
    # median 2.4, MAD .2: .6745 * 5.9 / .2 in their notation
    assert found.usual == pytest.approx(2.4)
    assert found.z == pytest.approx(0.6745 * 5.9 / 0.2, rel=1e-3)


def test_where_most_values_are_equal_the_mean_deviation_takes_over_and_still_ones_say_nothing():
    # deviations 0 x 6 and 3: mean 3/7
    assert distance(9, np.array([5.0] * 6 + [8])).z == pytest.approx(4 / (1.2533 * 3 / 7))
    assert distance(9, np.full(8, 5.0)).z is None
    assert distance(9, np.full(5, 5.0)) is None
