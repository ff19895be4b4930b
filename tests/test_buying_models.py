"""BG/NBD, MBG/NBD and Gamma-Gamma: published figures, another library's, and the definitions by quadrature."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from conftest import shared
from scipy.integrate import quad
from scipy.optimize import check_grad
from scipy.stats import beta

from insight.stats import bgnbd, gamma_gamma
from insight.stats.bgnbd import BgNbd, Histories


def _arrays(*columns):
    return [np.asarray(c, dtype=float) for c in columns]


def _histories(x, t_x, age) -> Histories:
    x, t_x, age = _arrays(x, t_x, age)
    return Histories(x, t_x, age, np.ones(len(x)))


@pytest.fixture(scope="module")
def cdnow() -> pl.DataFrame:
    """The 2,357 customers of the 1/10 sample: x, t_x, T [weeks], zbar, as their authors publish them."""
    return pl.read_csv(shared("data/cdnow/cdnow_customers_summary_with_transactions.csv"))


@pytest.fixture(scope="module")
def weeks(cdnow) -> Histories:
    return _histories(cdnow["x"], cdnow["t_x"], cdnow["T"])


def _model(r, alpha, a, b, variant="bg") -> BgNbd:
    return BgNbd(r, alpha, a, b, 0.0, (), is_regularised=False, variant=variant)


def test_bg_nbd_has_the_published_parameters_of_cdnow(weeks):
    """Fader, Hardie & Lee (2005), table 2; standard errors as lifetimes 0.11.3 gives them."""
    found = bgnbd.fit(weeks)
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=6e-4)  # fmt: skip
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.242593, 4.413532, 0.792886, 2.425752), rel=1e-5)  # fmt: skip
    assert found.errors == pytest.approx((0.012557, 0.378221, 0.185719, 0.705345), rel=1e-3)
    assert not found.is_regularised


def test_mbg_nbd_has_the_parameters_of_lifetimes(weeks):
    found = bgnbd.fit(weeks, variant="mbg")
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.524838, 6.182988, 0.891356, 1.614000), rel=1e-5)  # fmt: skip


def test_gamma_gamma_has_the_published_parameters_of_cdnow(cdnow):
    """Fader & Hardie (2013): p 6.25, q 3.74, v 15.44, a mean of 35.17 and 24.66 for customer 1."""
    payers = cdnow.filter(pl.col("x") > 0)
    found = gamma_gamma.fit(*_arrays(payers["x"], payers["zbar"]))
    assert (found.p, found.q, found.v) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)
    assert (found.p, found.q, found.v) == pytest.approx((6.248802, 3.744588, 15.447748), rel=1e-5)
    assert found.errors == pytest.approx((1.189687, 0.290166, 4.159994), rel=1e-3)
    assert found.mean == pytest.approx(35.17, abs=0.01)
    first = gamma_gamma.expected_value(found, *_arrays([2, 0, 1], [22.35, 0, -5]))
    assert first[:2] == pytest.approx((24.66, 35.17), abs=0.01)
    assert 0 < first[2] < found.mean  # refunds of all that was bought count as 0


def test_predictions_of_cdnow_are_those_of_lifetimes(weeks):
    for variant, orders, alive in (
        ("bg", (1.2259104, 0.2032506, 0.1947809), (0.7266091, 0.2122274, 1.0)),
        ("mbg", (1.2626708, 0.1887892, 0.1539536), (0.7061263, 0.1708196, 0.3897164)),
    ):
        found = bgnbd.fit(weeks, variant=variant)
        assert bgnbd.expected_orders(found, weeks, within=39)[:3] == pytest.approx(orders, rel=1e-5)
        assert bgnbd.p_alive(found, weeks)[:3] == pytest.approx(alive, rel=1e-5)


def test_the_unit_of_time_scales_alpha_and_nothing_else(weeks):
    days = Histories(weeks.x, weeks.t_x * 7, weeks.T * 7, weeks.n)
    by_week, by_day = bgnbd.fit(weeks), bgnbd.fit(days)
    assert by_day.alpha == pytest.approx(7 * by_week.alpha, rel=1e-9)
    assert (by_day.r, by_day.a, by_day.b) == pytest.approx((by_week.r, by_week.a, by_week.b), rel=1e-9)  # fmt: skip
    assert by_week.log_likelihood - by_day.log_likelihood == pytest.approx(
        weeks.x.sum() * np.log(7)
    )


def test_customers_of_one_history_may_be_counted(weeks):
    rows, at = np.unique(np.column_stack([weeks.x, weeks.t_x, weeks.T]), axis=0, return_counts=True)
    merged = Histories(*rows.T, at.astype(float))
    assert len(at) < 0.6 * len(weeks.x)
    one, other = bgnbd.fit(weeks), bgnbd.fit(merged)
    assert (other.r, other.alpha, other.a, other.b) == pytest.approx((one.r, one.alpha, one.a, one.b), rel=1e-9)  # fmt: skip


@pytest.mark.parametrize("at", [(0.24, 4.4, 0.8, 2.4), (5, 0.3, 0.05, 40)])
@pytest.mark.parametrize("variant", ["bg", "mbg"])
def test_the_gradient_of_purchases_is_that_of_the_likelihood(variant, at):
    h = _histories([0, 1, 2, 9], [0, 3.5, 20, 30], [10, 0.7 + 3.5, 38, 30])
    likelihood = bgnbd._Likelihood(h, variant)
    point = np.array(at, dtype=float)
    off = check_grad(lambda v: likelihood(v)[0], lambda v: likelihood(v)[1], point)
    assert off < 1e-5 * max(1, abs(likelihood(point)[1]).max())


def test_the_gradient_of_spending_is_that_of_the_likelihood():
    likelihood = gamma_gamma._Likelihood(*_arrays([1, 1, 2, 9], [0.3, 2.5, 1.0, 4.2], [1, 3, 1, 2]))
    point = np.array([6.0, 2.7, 0.4])
    assert check_grad(lambda v: likelihood(v)[0], lambda v: likelihood(v)[1], point) < 1e-4


def _by_quadrature(model, x, age, t):
    """E[Y] of those alive: (1 - exp(-rate p t)) / p over the gamma rate, in closed form, and the beta chance."""
    survived = x if model.variant == "bg" else x + 1
    chance = beta(model.a, model.b + survived)
    ratio = t / (model.alpha + age)

    def bought(p: float) -> float:
        return -np.expm1(-(model.r + x) * np.log1p(p * ratio)) / p

    at = chance.ppf([1e-6, 0.01, 0.5, 0.99, 1 - 1e-6])
    return quad(lambda p: bought(p) * chance.pdf(p), 0, 1, points=at, limit=400, epsrel=1e-10)[0]


@pytest.mark.parametrize("variant", ["bg", "mbg"])
@pytest.mark.parametrize(("x", "age", "t"), [(0, 0, 52), (0, 700, 1), (1, 30, 104), (40, 100, 52), (300, 10, 52)])  # fmt: skip
@pytest.mark.parametrize("a", [1.0, 1.00001, 3.0, 6.5])
def test_expected_orders_are_the_mean_over_rates_and_chances(a, x, age, t, variant):
    model = _model(1.3, 8.0, a, 12.0, variant)
    found = bgnbd.orders_if_alive(model, _histories([x], [0], [age]), within=t)[0]
    assert found == pytest.approx(_by_quadrature(model, x, age, t), rel=1e-6)


def test_buyers_of_very_many_orders_have_a_finite_expectation():
    many = _histories([500, 3000, 3000], [40, 40, 700], [40, 40, 700])
    for model in (_model(0.24, 4.4, 0.79, 2.4), _model(1000.0, 5000.0, 10.0, 1000.0)):
        found = bgnbd.expected_orders(model, many, within=1000)
        assert np.isfinite(found).all()
        assert (found > 0).all()
        assert found[1] < 3001 / 40 * 1000  # nobody buys faster than so far


def test_one_purchase_says_nothing_of_dropping_out_by_the_bg_but_something_by_the_mbg():
    fresh = _histories([0, 0, 0], [0, 0, 0], [0, 10, 100])
    assert bgnbd.p_alive(_model(0.5, 6, 0.9, 1.6), fresh).tolist() == [1.0, 1.0, 1.0]
    falling = bgnbd.p_alive(_model(0.5, 6, 0.9, 1.6, "mbg"), fresh)
    assert falling[0] == pytest.approx(1.6 / 2.5)  # b / (a + b)
    assert (np.diff(falling) < 0).all()


def _simulated(n: int, *, r, alpha, a, b, seed) -> Histories:
    """Customers who buy and drop out as the BG/NBD says."""
    rng = np.random.default_rng(seed)
    rate, chance, ages = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n), rng.uniform(20, 80, n)
    rows = []
    for one, p, age in zip(rate, chance, ages, strict=True):
        x, at, last = 0, rng.exponential(1 / one), 0.0
        while at < age:
            x, last = x + 1, at
            at = np.inf if rng.random() < p else at + rng.exponential(1 / one)
        rows.append((x, last, age))
    return _histories(*zip(*rows, strict=True))


def test_planted_parameters_are_found_within_three_standard_errors():
    truth = {"r": 0.8, "alpha": 10.0, "a": 1.2, "b": 3.0}
    found = bgnbd.fit(_simulated(4_000, **truth, seed=1))
    for value, error, planted in zip((found.r, found.alpha, found.a, found.b), found.errors, truth.values(), strict=True):  # fmt: skip
        assert abs(value - planted) < 3 * error


def test_repeat_orders_of_new_customers_grow_as_they_do_in_the_simulation():
    truth = {"r": 0.8, "alpha": 10.0, "a": 1.2, "b": 3.0}
    h = _simulated(20_000, **truth, seed=2)
    expected = bgnbd.repeat_orders_by_age(_model(**truth), h.T)
    assert expected.sum() == pytest.approx(h.x.sum(), rel=0.03)


def test_a_weak_prior_steps_in_where_nobody_drops_out():
    steady = _histories([10] * 50, [50 + i / 50 for i in range(50)], [52] * 50)
    found = bgnbd.fit(steady)
    assert found.is_regularised
    assert np.isfinite([found.r, found.alpha, found.a, found.b, *found.errors]).all()
    rate = bgnbd.expected_orders(found, steady, within=52)
    assert rate == pytest.approx(np.full(50, 10), rel=0.15)


def test_equal_amounts_have_that_amount_as_their_expectation():
    found = gamma_gamma.fit(*_arrays([3] * 40, [25] * 40))
    assert found.is_regularised
    assert gamma_gamma.expected_value(found, *_arrays([3], [25]))[0] == pytest.approx(25, rel=0.05)


def test_a_prior_pulls_the_parameters_towards_one(weeks):
    free, held = bgnbd.fit(weeks), bgnbd.fit(weeks, penalty=500)
    assert held.is_regularised
    assert abs(np.log(held.r)) < abs(np.log(free.r))
    assert held.log_likelihood < free.log_likelihood
