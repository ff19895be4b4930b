"""Whether one thing follows another more often than by chance, when the steps of one person are alike."""

from __future__ import annotations

import polars as pl

from insight.stats.association import LEAST_EXPECTED


def followed(pairs: pl.DataFrame, *, least: int) -> pl.DataFrame:
    """How much more often than by chance each step was made, and how sure that is.

    Parameters
    ----------
    pairs : (n_pairs) n_both, n_bought, n_beginners, n_next, n_steps and the sums over people of the
        products of their counts, bb ... ss, as ``ledger.transitions`` gives them
    least : people who must have begun a step with the first thing for a test

    Returns
    -------
    (n_pairs) ``pairs`` with share [n_both of n_bought], share_all [n_next of n_steps], lift, z, p_value
        [two-sided, not corrected; null as z is where fewer than ``least`` people or five steps are
        expected]

    Notes
    -----
    Score test of independence with the variance summed over people (Liang & Zeger 1986, Biometrika
    73): U = sum (a - P(a)) (b - P(b)) over the steps, var U = sum over people of the square of their
    own sum. Somebody who makes the same step a hundred times so counts as one. The p value is that of
    Student's t with one degree of freedom less than there are people who began with the first thing.
    """
    bought, following = pl.col("n_bought") / pl.col("n_steps"), pl.col("n_next") / pl.col("n_steps")
    expected = pl.col("n_bought") * following
    spread = _variance(bought, following).clip(0).sqrt()
    is_tested = (pl.col("n_beginners") >= least) & (expected >= LEAST_EXPECTED) & (spread > 1e-9)
    scored = pairs.with_columns(
        share=pl.col("n_both") / pl.col("n_bought"),
        share_all=following,
        lift=pl.col("n_both") / expected,
        z=pl.when(is_tested).then((pl.col("n_both") - expected) / spread),
    )
    return scored.with_columns(p_value=_two_sided(scored["z"], scored["n_beginners"]))


def _variance(x: pl.Expr, y: pl.Expr) -> pl.Expr:
    """Sum over people of (b - y x_i - x y_i + x y s_i)², multiplied out; x and y are shares."""
    b, s = (pl.col("bb"), pl.col("ss"))
    squares = b + y**2 * pl.col("xx") + x**2 * pl.col("yy") + (x * y) ** 2 * s
    with_both = -y * pl.col("bx") - x * pl.col("by") + x * y * pl.col("bs")
    others = x * y * pl.col("xy") - x * y**2 * pl.col("xs") - x**2 * y * pl.col("ys")
    return squares + 2 * (with_both + others)


def _two_sided(z: pl.Series, people: pl.Series) -> pl.Series:
    from scipy.stats import t

    values = z.cast(pl.Float64).abs().fill_null(float("nan")).to_numpy()
    found = 2 * t.sf(values, people.to_numpy() - 1)
    return pl.Series("p_value", found, dtype=pl.Float64).fill_nan(None)
