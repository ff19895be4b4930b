"""A share of every group with its interval, beside the share of everybody else."""

from __future__ import annotations

import numpy as np
import polars as pl

from insight.settings import settings
from insight.stats.multiple import adjusted
from insight.stats.proportions import Floats, wilson
from insight.text.keyness import fisher_mid_p


def against_rest(table: pl.DataFrame, *, n: str, base: str, rate: str) -> pl.DataFrame:
    """Add the share of each row, how sure it is, and whether it differs from that of all other rows.

    Parameters
    ----------
    table : (n_groups) ``n`` [count] of ``base``; the groups share nothing
    rate : what the share is called

    Returns
    -------
    the rows with ``rate`` [null below the smallest base], ci_low, ci_high [95 %, Wilson], rest_rate [of all
        other rows together; null without a base], q_value [Fisher's exact test, mid-p, two-sided, BH; null
        where the group or the rest is below the small base]
    """
    counted, bases = (table[c].cast(pl.Float64).to_numpy() for c in (n, base))
    others, rest = counted.sum() - counted, bases.sum() - bases
    shares = _divided(counted, bases, least=max(settings().tiny_base, 1))
    low, high = wilson(shares, bases)
    enough = (bases >= settings().small_base) & (rest >= settings().small_base)
    p_value = np.full_like(bases, np.nan)
    p_value[enough] = fisher_mid_p(counted[enough], bases[enough], n_rest=others[enough], base_rest=rest[enough])  # fmt: skip
    made = {
        rate: shares, "ci_low": low, "ci_high": high, "rest_rate": _divided(others, rest, least=1),
        "q_value": adjusted(p_value, "bh"),
    }  # fmt: skip
    columns = (pl.Series(name, v, dtype=pl.Float64).fill_nan(None) for name, v in made.items())
    return table.with_columns(*columns)


def _divided(n: Floats, base: Floats, *, least: int) -> Floats:
    return np.divide(n, base, out=np.full_like(base, np.nan), where=base >= least)
