"""Which needs come first: an open score of four parts, and how far the order depends on their weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from insight.errors import BadParameter
from insight.stats.proportions import Floats

PARTS: Mapping[str, str] = {"stake": "可能流失金额", "opportunity": "机会得分", "driver": "对总体评价的影响", "confidence": "来源印证"}  # fmt: skip
SPREAD = 0.5  # a weight is drawn between half and one and a half of what it is


def shares_of(weights: Mapping[str, float], known: Mapping[str, bool]) -> dict[str, float]:
    """The weight of each part that is known; those of the others are spread over them in proportion.

    Raises
    ------
    BadParameter : no part that is known has a weight.
    """
    total = sum(weight for part, weight in weights.items() if known[part])
    if total <= 0:
        told = "、".join(PARTS[part] for part in PARTS if known[part]) or "无"
        raise BadParameter("各部分的权重", f"有数据的部分（{told}）权重之和为 0")
    return {part: weight / total if known[part] else 0.0 for part, weight in weights.items()}


def scored(parts: pl.DataFrame, weights: Mapping[str, float], *, n_draws: int, seed: int) -> pl.DataFrame:  # fmt: skip
    """Rank needs by the weighted sum of their parts.

    Parameters
    ----------
    parts : (n_needs) a column for each part of ``weights`` [0..1; null: not known of this need, counts as 0]
    weights : part -> its share of the score; they add up to 1
    n_draws : draws of other weights, each between half and one and a half of what it is
    seed : of the draws

    Returns
    -------
    the same rows with score [0..1], rank [1 = first; equal scores by the order of the rows], rank_kept_share [of the
        draws in which the rank is the same], rank_best, rank_worst [in 90 % of the draws]; first rank first
    """
    values = parts.select(pl.col(list(weights)).fill_null(0.0)).to_numpy()
    own = np.array(list(weights.values()))
    score = values @ own
    rank = _ranks(score[None])[0]
    drawn = own * np.random.default_rng(seed).uniform(1 - SPREAD, 1 + SPREAD, (n_draws, len(own)))
    ranks = _ranks((drawn / drawn.sum(axis=1, keepdims=True)) @ values.T)
    best, worst = np.percentile(ranks, (5, 95), axis=0, method="nearest")
    return parts.with_columns(
        score=pl.Series(score).round(4),
        rank=pl.Series(rank, dtype=pl.Int64),
        rank_kept_share=pl.Series((ranks == rank).mean(axis=0)),
        rank_best=pl.Series(best, dtype=pl.Int64, strict=False),
        rank_worst=pl.Series(worst, dtype=pl.Int64, strict=False),
    ).sort("rank")


def _ranks(scores: Floats) -> Floats:
    """(n_draws, n_needs) 1 = the highest score; of equal ones the first."""
    order = np.argsort(-scores.round(12), axis=1, kind="stable")
    ranks = np.empty_like(scores)
    np.put_along_axis(ranks, order, np.arange(1.0, scores.shape[1] + 1)[None], axis=1)
    return ranks
