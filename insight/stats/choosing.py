"""Which test of groups fits the data, and why, in the words of the screen."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from insight.stats.group_tests import NAMES, OF_MORE, OF_PAIRS, OF_TWO, Method, Samples
from insight.stats.proportions import Floats
from insight.wording import count

LARGE = 30  # from here on the mean is near enough to normal, whatever the numbers are
MOST_SHAPIRO = 5_000  # scipy's p value is not to be trusted beyond
MOST_ORDINAL = 5  # points of a scale that are told apart by order alone
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides between the tests.

    Attributes
    ----------
    smallest : people in the smallest group; pairs where the people are the same
    n_points : points of the scale; 0 where the answers are numbers
    normal_p : of Shapiro and Wilk (beyond 5,000 numbers D'Agostino and Pearson), of what is left after the
        groups' means; NaN where it cannot be told
    equal_p : of Brown and Forsythe; NaN for pairs, and where nothing varies
    """

    n_groups: int
    smallest: int
    is_paired: bool
    is_weighted: bool
    n_points: int
    normal_p: float
    equal_p: float
    has_constant: bool

    @property
    def is_ordinal(self) -> bool:
        return 0 < self.n_points <= MOST_ORDINAL

    @property
    def fitting(self) -> tuple[Method, ...]:
        """The tests that could be asked for, whether or not they are the best."""
        if self.is_paired:
            return OF_PAIRS
        return OF_TWO if self.n_groups == 2 else OF_MORE


def facts_of(groups: Samples, *, n_points: int) -> Facts:
    """The facts about independent groups."""
    from scipy.stats import levene

    constant = [bool(np.ptp(v) == 0) for v in groups.values]
    equal = nan if all(constant) else float(levene(*groups.values, center="median").pvalue)
    left = np.concatenate([v - v.mean() for v in groups.values])
    return Facts(len(groups.values), int(groups.sizes.min()), False, groups.is_weighted, n_points, _normal(left), equal, any(constant))  # fmt: skip


def facts_of_pairs(gaps: Floats, *, n_points: int, is_weighted: bool) -> Facts:
    """The facts about differences of the same people."""
    return Facts(2, len(gaps), True, is_weighted, n_points, _normal(gaps - gaps.mean()), nan, bool(np.ptp(gaps) == 0))  # fmt: skip


def _normal(values: Floats) -> float:
    from scipy.stats import normaltest, shapiro

    if len(values) < 3 or np.ptp(values) == 0:
        return nan
    ordered = np.sort(values)
    test = shapiro if len(values) <= MOST_SHAPIRO else normaltest
    return float(test(ordered).pvalue)


def choose(facts: Facts) -> tuple[Method, str]:
    """The test that fits and the reasons for it, as one clause without a full stop."""
    if facts.is_paired:
        return _of_pairs(facts)
    by_rank, why = _ranked(facts)
    kind = "两组" if facts.n_groups == 2 else f" {facts.n_groups} 组"
    if by_rank:
        method = facts.fitting[-1]
        return method, f"比较的是{kind}独立的人，{why}，所以比名次，用 {NAMES[method]}"
    unequal, spread = _spread(facts)
    method = facts.fitting[0 if unequal else 1]
    return method, f"比较的是{kind}独立的人，{why}，{spread}，所以用 {NAMES[method]}"


def _of_pairs(facts: Facts) -> tuple[Method, str]:
    head = "比较的是同一批人的两个答案"
    by_rank, why = _ranked(facts)
    if facts.is_weighted:
        return "paired_t", f"{head}，答卷带权重（符号秩检验不能加权），所以用 {NAMES['paired_t']}"
    method: Method = "wilcoxon" if by_rank else "paired_t"
    return method, f"{head}，{why}，所以用 {NAMES[method]}"


def _ranked(facts: Facts) -> tuple[bool, str]:
    """Whether order alone is to be compared, and why (not)."""
    what = "差值" if facts.is_paired else "最小一组"
    if facts.is_ordinal:
        return True, f"{facts.n_points} 个等级只有高低之分，等级之间的距离未必相等"
    if facts.has_constant and not facts.is_paired:
        return True, "有一组所有人答案相同，方差为 0"
    if facts.smallest >= LARGE:
        return False, f"{what}有 {count(facts.smallest)} 人，均值的分布已接近正态"
    if isnan(facts.normal_p) or facts.normal_p < LEVEL:
        return True, f"{what}只有 {count(facts.smallest)} 人，数据又不像正态分布"
    return False, f"{what}只有 {count(facts.smallest)} 人，但数据与正态分布没有显著差别"


def _spread(facts: Facts) -> tuple[bool, str]:
    if facts.is_weighted:
        return True, "加权后各组方差一般不等"
    if facts.equal_p < LEVEL:
        return True, "各组方差显著不等"
    return False, "各组方差没有显著差别"
