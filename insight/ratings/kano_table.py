"""Kano's verdict on every feature, with what it rests on."""

from __future__ import annotations

import numpy as np
import polars as pl

from insight.stats.banner import SUPPRESSED
from insight.stats.kano import CATEGORIES, NAMES, verdict
from insight.stats.proportions import Rule
from insight.stats.weights import effective_base


def feature_table(answers: pl.DataFrame, weight: pl.Series, *, rule: Rule) -> pl.DataFrame:
    """Judge every feature.

    Parameters
    ----------
    answers : (n x n_features) places in CATEGORIES, -1 = no answer
    weight : (n) positive numbers

    Returns
    -------
    (n_features) feature, m, o, a, i, r, q [count, unweighted], base, category [letter], category_name,
        better, worse [weighted], runner_up [letter], lead [显著 | 未分出, Fong], lead_difference
        [weighted share], doubtful_share [R + Q], better_low, better_high, worse_low, worse_high [95 %
        Wilson], flag; all but the counts are null where the base is tiny
    """
    rows = [_judge(answers[name], weight, rule=rule) for name in answers.columns]
    return pl.DataFrame(rows, schema=_SCHEMA).with_columns(pl.col(pl.Float64).fill_nan(None))


_SCHEMA = {
    "feature": pl.String, **dict.fromkeys(CATEGORIES.lower(), pl.Int64), "base": pl.Int64,
    "category": pl.String, "category_name": pl.String, "better": pl.Float64, "worse": pl.Float64,
    "runner_up": pl.String, "lead": pl.String, "lead_difference": pl.Float64, "doubtful_share": pl.Float64,
    **dict.fromkeys(("better_low", "better_high", "worse_low", "worse_high"), pl.Float64), "flag": pl.String,
}  # fmt: skip


def _judge(places: pl.Series, weight: pl.Series, *, rule: Rule) -> dict[str, object]:
    known = places >= 0
    codes, own = places.filter(known).to_numpy(), weight.filter(known)
    n = np.bincount(codes, minlength=len(CATEGORIES))
    base = len(codes)
    row: dict[str, object] = {
        "feature": places.name, **dict(zip(CATEGORIES.lower(), n.tolist(), strict=True)), "base": base,
        "flag": SUPPRESSED if base < rule.tiny_base else "*" if base < rule.small_base else "",
    }  # fmt: skip
    if base < max(rule.tiny_base, 1):
        return row
    weighted = np.bincount(codes, weights=own.to_numpy(), minlength=len(CATEGORIES))
    found = verdict(
        weighted.astype(np.float64),
        base=own.to_frame("w").select(effective_base(pl.col("w"))).item(),
    )
    return row | {
        "better": found.better, "better_low": found.better_interval[0], "better_high": found.better_interval[1],
        "worse": found.worse, "worse_low": found.worse_interval[0], "worse_high": found.worse_interval[1],
        "category": found.category, "category_name": NAMES[found.category], "runner_up": found.runner_up,
        "lead": "显著" if found.is_clear else "未分出", "lead_difference": found.strength, "doubtful_share": found.doubtful,
    }  # fmt: skip
