"""How well a scale measures, as tables: the whole, each item, the fit of one factor, the factors behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.ratings.batteries import Answered
from insight.stats import factors, scales
from insight.stats.factors import Rotation
from insight.stats.proportions import Floats, Rule

WORDS = ((0.9, "很好"), (0.8, "好"), (0.7, "可以接受"), (0.6, "勉强"))  # of alpha
SHARED = ((0.9, "极佳"), (0.8, "良好"), (0.7, "中等"), (0.6, "一般"), (0.5, "较差"))  # of KMO
REDUNDANT = 0.95
N_RANDOM = 200  # random samples of the parallel analysis
GAIN = 0.01  # rise of alpha without an item that is worth telling


@dataclass(frozen=True, slots=True)
class Examined:
    """One scale with everything worked out; ``one``, ``several`` and ``eigenvalues`` are None where items follow from one another."""

    name: str
    told: Answered
    scale: scales.Scale
    one: factors.Factored | None
    several: factors.Factored | None
    eigenvalues: tuple[Floats, Floats] | None

    @property
    def alpha(self) -> float:
        return scales.alpha(self.scale.covariance)


def examined(told: Answered, *, n_factors: int, rotation: Rotation, seed: int) -> Examined:
    """Work everything out.

    Parameters
    ----------
    n_factors : 0 = as many as parallel analysis finds
    """
    scale = scales.scale_of(told.answers, told.weight)
    one = scales.one_factor_of(scale)
    if one is None:
        return Examined(told.battery.name, told, scale, None, None, None)
    correlation = scale.correlation
    eigenvalues = factors.parallel(correlation, scale.base, n_samples=N_RANDOM, seed=seed)
    wanted = min(n_factors, factors.most_factors(len(correlation)))
    found = wanted or factors.number_of_factors(*eigenvalues)
    several = factors.rotated(factors.maximum_likelihood(correlation, found), rotation)
    return Examined(told.battery.name, told, scale, one, several, eigenvalues)


def scale_row(one: Examined, rule: Rule) -> pl.DataFrame:
    """One line: how consistent the items are altogether."""
    k, alpha = len(one.told.items), one.alpha
    low, high = scales.alpha_interval(alpha, base=one.scale.base, n_items=k)
    off = one.scale.correlation[np.triu_indices(k, 1)]
    return pl.DataFrame({
        "scale": [one.name], "wording": [one.told.battery.wording], "n_scale_items": [k], "n_reversed": [sum(one.told.is_reversed)],
        "base": [len(one.told.answers)], "effective_base": [one.scale.base], "alpha": [alpha], "ci_low": [low], "ci_high": [high],
        "omega": [scales.omega(one.scale, one.one) if one.one else None], "inter_item": [float(off.mean())],
        "verdict": [_word(alpha)], "flag": ["*" if len(one.told.answers) < rule.small_base else ""],
    }, schema_overrides={"omega": pl.Float64}).fill_nan(None)  # fmt: skip


def _word(alpha: float) -> str:
    if alpha > REDUNDANT:
        return "过高"
    return next((word for least, word in WORDS if alpha >= least), "不足")


def item_rows(one: Examined) -> pl.DataFrame:
    """(k) what each item adds to the scale."""
    covariance, told = one.scale.covariance, one.told
    without = scales.alpha_without(covariance)
    kmo = factors.adequacy(one.scale.correlation)[1] if one.one else None
    return pl.DataFrame({
        "scale": [one.name] * len(told.items), "item": told.labels, "is_reversed": told.is_reversed,
        "mean": one.scale.means, "sd": one.scale.spreads, "item_total": scales.item_total(covariance), "alpha_without": without,
        "one_factor_loading": one.one.loadings[:, 0] if one.one else None, "kmo": kmo,
        "advice": ["删去后 α 更高，请检查" if gain > GAIN else "" for gain in without - one.alpha],
    }, schema_overrides={"one_factor_loading": pl.Float64, "kmo": pl.Float64}).fill_nan(None)  # fmt: skip


def fit_rows(one: Examined) -> pl.DataFrame:
    """Whether factoring makes sense, and how well one factor does."""
    straight = float(np.average(np.ptp(one.told.raw, axis=1) == 0, weights=one.told.weight))
    rows: list[tuple[str, str, float | None, float | None, float | None, str, str]] = [
        (one.name, "各题全选同一答案的答卷", straight, None, None, "占比", "")
    ]
    if one.one and one.several:
        correlation, base = one.scale.correlation, one.scale.base
        kmo = factors.adequacy(correlation)[0]
        chi2, df, p = factors.sphericity(correlation, base)
        fit = factors.fit_of(correlation, one.one, base)
        factorable = "适合作因子分析" if p <= 0.05 else "各题几乎不相关"
        rows += [
            (one.name, "KMO", kmo, None, None, "", next((w for least, w in SHARED if kmo >= least), "不适合作因子分析")),
            (one.name, "Bartlett 球形检验 χ²", chi2, df, p, "", factorable),
            (one.name, "单因子模型 χ²", fit.chi2, fit.df, fit.p_value, "", "" if fit.df else "三题时恰好拟合"),
            (one.name, "RMSEA", fit.rmsea, None, None, "", _within(fit.rmsea, good=0.06, most=0.08)),
            (one.name, "CFI", fit.cfi, None, None, "", _within(-fit.cfi, good=-0.95, most=-0.9)),
            (one.name, "SRMR", fit.srmr, None, None, "", _within(fit.srmr, good=0.08, most=0.1)),
            (one.name, "因子数", float(one.several.loadings.shape[1]), None, None, "", ""),
        ]  # fmt: skip
    schema = {"scale": pl.String, "measure": pl.String, "value": pl.Float64, "df": pl.Float64, "p_value": pl.Float64, "unit": pl.String, "verdict": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").fill_nan(None)


def _within(value: float, *, good: float, most: float) -> str:
    """Hu & Bentler (1999) and the older, wider bounds."""
    if np.isnan(value):
        return ""
    return "好" if value <= good else "可以接受" if value <= most else "差"


def loading_rows(one: Examined) -> pl.DataFrame:
    """(k x m) each item on each factor."""
    loadings = one.several.loadings if one.several else np.empty((0, 0))
    k, m = loadings.shape
    shared = 1 - one.several.uniqueness if one.several else np.array([])
    return pl.DataFrame({
        "scale": [one.name] * (k * m), "item": np.repeat(np.array(one.told.labels)[:k], m).tolist(),
        "factor_name": [f"因子 {at + 1}" for at in range(m)] * k, "loading": loadings.ravel(), "communality": np.repeat(shared, m),
    }, schema={"scale": pl.String, "item": pl.String, "factor_name": pl.String, "loading": pl.Float64, "communality": pl.Float64})  # fmt: skip


def eigen_rows(one: Examined) -> pl.DataFrame:
    """(k) the eigenvalues beside those of chance."""
    real, random = one.eigenvalues or (np.array([]), np.array([]))
    kept = factors.number_of_factors(real, random) if len(real) else 0
    return pl.DataFrame({
        "scale": [one.name] * len(real), "rank": np.arange(1, len(real) + 1), "eigenvalue": real,
        "random_eigenvalue": random, "is_kept": [at < kept for at in range(len(real))],
    }, schema={"scale": pl.String, "rank": pl.Int64, "eigenvalue": pl.Float64, "random_eigenvalue": pl.Float64, "is_kept": pl.Boolean})  # fmt: skip
