"""Shares: how sure one is, which column's is higher, and whether a cell differs from the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from insight.stats.multiple import CORRECTION_LABELS, Correction

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


Level = Literal["5% / 1%", "10% / 5%", "5% / 0.1%"]
LEVELS: Mapping[Level, tuple[float, float]] = MappingProxyType({
    "5% / 1%": (0.05, 0.01), "10% / 5%": (0.1, 0.05), "5% / 0.1%": (0.05, 0.001),
})  # fmt: skip


Mode = Literal["default", "spss"]
MODES: Mapping[Mode, str] = MappingProxyType({"default": "有效基数", "spss": "与 SPSS 一致"})
_SPSS = (
    "SPSS 模式：检验的基数用加权人数（单元格和列合计各自四舍五入到整数，同 SPSS 的 WEIGHT 命令），不用有效基数；"
    "基数为 2 以上的列都显示并检验；各列有共同的人时不作重叠修正；均值检验的方差由全部列合并估计（MEANSVARIANCE=ALLCATS）。"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """How the columns of a table are compared, and which bases are too small for it.

    Attributes
    ----------
    correction : family is one row's pairs for Bonferroni and Holm, the whole table for BH
    levels : adjusted p at or below the first prints a small letter, at or below the second a capital
    small_base : an unweighted base below this is marked "*"
    tiny_base : an unweighted base below this is neither shown nor tested
    mode : "default" tests on the effective base; "spss" on the weighted counts, each rounded
    """

    correction: Correction = "bonferroni"
    levels: tuple[float, float] = (0.05, 0.01)
    small_base: int = 30
    tiny_base: int = 10
    mode: Mode = "default"

    @property
    def corrected(self) -> str:
        """The correction and its family in a few Chinese words."""
        if self.correction == "none":
            return CORRECTION_LABELS["none"]
        family = "整张表" if self.correction == "bh" else "同一行"
        return f"{CORRECTION_LABELS[self.correction]}，以{family}内可比的列对为一族"

    @property
    def test(self) -> str:
        """The test in a few Chinese words, for the ``test`` of a finding."""
        return f"列比例 z 检验（双侧，p≤{self.levels[0]:g}，校正：{CORRECTION_LABELS[self.correction]}）"

    def caution(self, base: int) -> str:
        """What a sentence about a small base has to add; empty where the base is large enough."""
        return f"（基数不足 {self.small_base}，仅作方向性参考）" if base < self.small_base else ""

    @property
    def footnotes(self) -> tuple[str, ...]:
        """What stands under every table of letters: test, levels, correction, small bases."""
        return (
            "检验：列比例 z 检验（双侧，合并方差，不作连续性校正），同一行内各列两两比较；总计列不参与，占比为 0% 或 100% 的列不参与。",
            f"字母：较低列的字母印在较高的单元格里；小写 p≤{self.levels[0]:g}，大写 p≤{self.levels[1]:g}；多重比较校正：{self.corrected}。",
            self.small_bases,
            *((_SPSS,) if self.mode == "spss" else ()),
        )

    @property
    def small_bases(self) -> str:
        """What happens to small bases, as a footnote."""
        return f"小样本：基数小于 {self.small_base} 的列以 * 标记，只作方向性参考；小于 {self.tiny_base} 的不显示占比（—），也不参与检验。"


def wilson(shares: Floats, bases: Floats, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Bounds of the Wilson interval of each share; NaN where there is no base.

    Parameters
    ----------
    shares, bases : same shape; bases may be effective, hence fractional

    Notes
    -----
    Wilson (1927), J Am Stat Assoc 22; computed by statsmodels.
    """
    from statsmodels.stats.proportion import proportion_confint

    low, high = np.full_like(shares, np.nan), np.full_like(shares, np.nan)
    known = (bases > 0) & ~np.isnan(shares)
    low[known], high[known] = proportion_confint(
        shares[known] * bases[known], bases[known], alpha=1 - level, method="wilson"
    )
    return low, high


def pooled_z(
    shares: Floats, bases: Floats, *, against: tuple[Floats, Floats], overlap: Floats | None = None
) -> Floats:
    """z of the difference between two shares, with the pooled variance.

    Parameters
    ----------
    shares, bases : of the first sample; the bases are effective ones where the data are weighted
    against : shares and bases of the second sample, in the same shape
    overlap : n0 / (b1 b2) of the n0 people who are in both samples; None where there are none

    Returns
    -------
    z, positive where the first share is higher; NaN where a base is missing or both shares are
    0 or both are 1.

    Notes
    -----
    IBM SPSS Statistics Algorithms, CTABLES, column proportions test.
    """
    other_shares, other_bases = against
    z = np.full_like(shares, np.nan)
    there = (bases > 0) & (other_bases > 0)
    total = np.where(there, bases + other_bases, 1)
    pooled = (shares * bases + other_shares * other_bases) / total
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = 1 / bases + 1 / other_bases - (0.0 if overlap is None else 2 * overlap)
        spread = np.sqrt(pooled * (1 - pooled) * factor)
    varies = there & (spread > 0)
    z[varies] = (shares - other_shares)[varies] / spread[varies]
    return z


def two_sided(z: Floats) -> Floats:
    """Two-sided p values of standard normal statistics; NaN stays NaN."""
    from scipy.stats import norm

    return np.asarray(2 * norm.sf(np.abs(z)), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Rest:
    """Every cell against everybody outside its column; arrays of (n_rows, n_columns).

    Attributes
    ----------
    share : share among everybody not in the column
    difference : the cell's share minus ``share``
    p_value : two-sided, not corrected
    """

    share: Floats
    difference: Floats
    p_value: Floats


def cell_vs_rest(shares: Floats, bases: Floats, *, weighted_bases: Floats) -> Rest:
    """Compare every cell with the people of its row who are in no such column.

    Parameters
    ----------
    shares, bases, weighted_bases : (n_rows, n_columns) shares, effective bases, sums of weights;
        the columns share nobody

    Returns
    -------
    Rest, NaN where nobody is left to compare with.

    Notes
    -----
    The "exception" test of Displayr: column 2 is everybody not in column 1, not the total that
    contains it. The rest's effective base follows from Kish, as sum w^2 = (sum w)^2 / base.
    """
    filled = np.where(bases > 0, shares, 0.0)
    squares = np.divide(weighted_bases**2, bases, out=np.zeros_like(bases), where=bases > 0)
    weight = _others(weighted_bases)
    share = np.divide(
        _others(filled * weighted_bases), weight, out=np.full_like(weight, np.nan), where=weight > 0
    )
    other_squares = _others(squares)
    base = np.divide(weight**2, other_squares, out=np.zeros_like(weight), where=other_squares > 0)
    z = pooled_z(shares, bases, against=(share, base))
    return Rest(share, shares - share, two_sided(z))


def _others(values: Floats) -> Floats:
    """Sum of the row without each cell, added up rather than taken off so that no rest is -1e-17."""
    keep = 1.0 - np.eye(values.shape[1])
    return values @ keep
