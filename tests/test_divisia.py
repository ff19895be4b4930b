"""The change of a sum of products in parts that add up to it."""

from __future__ import annotations

import numpy as np
import pytest

from insight.stats.divisia import effects, log_mean


def test_the_logarithmic_mean_lies_between_both_and_is_0_beside_0():
    a, b = np.array([2.0, 3.0, 5.0, 0.0]), np.array([1.0, 3.0, 0.0, 0.0])
    # (2 - 1) / ln 2
    assert log_mean(a, b) == pytest.approx([1.442695041, 3, 0, 0])


def test_two_groups_worked_out_by_hand():
    before = np.array([[10.0, 2.0, 0.5], [20.0, 2.0, 0.5]])  # price, pieces per order, share
    after = np.array([[12.0, 3.0, 0.25], [20.0, 3.0, 0.75]])
    parts = effects(before, after, carrier=2)
    weight = (9 - 10) / np.log(9 / 10)  # of the first group: 10 -> 9
    assert parts[0] == pytest.approx([weight * np.log(1.2), weight * np.log(1.5), weight * np.log(0.5)])  # fmt: skip
    assert parts[1, 0] == 0  # its price stayed
    assert parts.sum() == pytest.approx((9 + 45) - (10 + 20), abs=1e-12)


def test_parts_add_up_exactly_whatever_the_numbers():
    rng = np.random.default_rng(5)
    before, after = rng.lognormal(0, 2, (2, 200, 3))
    before[:20, 2] = after[180:, 2] = 0
    parts = effects(before, after, carrier=2)
    change = after.prod(axis=1).sum() - before.prod(axis=1).sum()
    assert parts.sum() == pytest.approx(change, rel=1e-12)


def test_a_group_that_comes_or_goes_is_the_limit_of_a_very_small_one():
    # Ang & Liu (2007): in the place of 0 a value towards 0, here 1e-290
    before, after = np.array([[10.0, 2.0, 0.0]]), np.array([[10.0, 3.0, 0.4]])
    tiny = before.copy()
    tiny[0, 2] = 1e-290
    limit, small = effects(before, after, carrier=2), effects(tiny, after, carrier=2)
    assert limit.tolist() == [[0, 0, 12]]
    assert small == pytest.approx(limit, abs=0.05)
    assert effects(after, before, carrier=2).tolist() == [[0, 0, -12]]
