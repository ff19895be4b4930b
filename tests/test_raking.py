"""Raking meets the margins of the population; differences between groups are in standard deviations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from insight.stats.balance import mean_difference, share_difference
from insight.stats.raking import rake

WIDE = (0.0, 1e9)


def test_one_margin_gives_target_over_sample():
    raked = rake({"g": ["a"] * 3 + ["b"]}, {"g": {"a": 0.5, "b": 0.5}}, caps=WIDE)
    assert raked.weights == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])
    assert raked.efficiency == pytest.approx(16 / (3 * 4 / 9 + 4) / 4)  # (sum w)^2 / sum w^2 / n
    assert raked.is_close


def test_two_margins_give_the_weights_of_least_divergence():
    """Raking is the solution of min sum n (w log w - w + 1) under the margins (Deville & Särndal 1992)."""
    counts = np.array([40.0, 25, 10, 5, 15, 5])  # sex x age
    sex, age = np.repeat([0, 1], 3), np.tile([0, 1, 2], 2)
    margins = [(sex == 0, 0.52), (age == 0, 0.25), (age == 1, 0.45), (sex >= 0, 1.0)]
    best = minimize(
        lambda w: float((counts * (w * np.log(w) - w + 1)).sum()),
        np.ones(6),
        bounds=[(1e-6, None)] * 6,
        constraints=[{"type": "eq", "fun": lambda w, m=m, t=t: float((counts * w)[m].sum() / 100 - t)} for m, t in margins],
        options={"ftol": 1e-14, "maxiter": 500},
    )  # fmt: skip
    units = np.repeat(np.arange(6), counts.astype(int))
    groups = {"sex": [f"s{sex[i]}" for i in units], "age": [f"a{age[i]}" for i in units]}
    targets = {"sex": {"s0": 0.52, "s1": 0.48}, "age": {"a0": 0.25, "a1": 0.45, "a2": 0.3}}
    raked = rake(groups, targets, caps=WIDE)
    first = np.searchsorted(units, np.arange(6))
    assert raked.weights[first] == pytest.approx(best.x, rel=2e-3)


def test_caps_hold_and_what_they_cost_is_told():
    raked = rake({"g": ["a"] * 99 + ["b"]}, {"g": {"a": 0.5, "b": 0.5}}, caps=(0.2, 5.0))
    assert raked.weights.max() / raked.weights.mean() <= 5.0 + 1e-9
    assert raked.n_capped == 1
    assert not raked.is_close
    assert raked.gaps["g"] == pytest.approx(0.5 - 5 / 100, abs=0.002)


def test_row_order_does_not_change_a_weight():
    groups, targets = ["a", "b", "a", "c"], {"a": 0.2, "b": 0.3, "c": 0.5}
    forward = rake({"g": groups}, {"g": targets}).weights
    backward = rake({"g": groups[::-1]}, {"g": targets}).weights
    assert forward == pytest.approx(backward[::-1], abs=0)


def test_a_group_nobody_is_in_leaves_the_others_in_proportion():
    raked = rake({"g": ["a", "b"]}, {"g": {"a": 0.2, "b": 0.2, "c": 0.6}}, caps=WIDE)
    assert raked.weights == pytest.approx([1.0, 1.0])


def test_standardised_differences_follow_the_formula():
    # means 2 and 5, variances 1 and 4: -3 / sqrt(2.5)
    assert mean_difference(np.array([1.0, 2, 3]), np.array([3.0, 5, 7])) == pytest.approx(-3 / 2.5**0.5)  # fmt: skip
    assert share_difference(0.6, 0.5) == pytest.approx(0.1 / ((0.24 + 0.25) / 2) ** 0.5)
    assert share_difference(0.0, 0.0) == 0
    assert share_difference(1.0, 0.0) == np.inf
    assert np.isnan(mean_difference(np.array([1.0]), np.array([3.0, 5, 7])))


def test_a_margin_leaves_those_alone_of_whom_it_is_not_known():
    """90 answered: 30 men and 60 women shall be half and half; ten did not say and stay as they are."""
    raked = rake({"g": ["男"] * 30 + ["女"] * 60 + [None] * 10}, {"g": {"男": 0.5, "女": 0.5}}, caps=WIDE)  # fmt: skip
    assert raked.weights[[0, 30, 90]].tolist() == pytest.approx([1.5, 0.75, 1.0])
    assert raked.gaps["g"] < 1e-12


def test_who_is_missing_from_one_margin_is_weighted_by_the_others():
    groups = {"g": ["男", "男", "女", None], "age": ["老", "少", "少", "少"]}
    targets = {"g": {"男": 0.5, "女": 0.5}, "age": {"老": 0.4, "少": 0.6}}
    weights = rake(groups, targets, caps=WIDE).weights
    old, young_man, young_woman, unknown = weights
    assert old / weights.sum() == pytest.approx(0.4, abs=1e-3)
    assert old + young_man == pytest.approx(young_woman, abs=1e-3)
    assert unknown < 1  # the young are too many
