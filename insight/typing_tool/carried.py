"""The segments among everybody who answered: known ones as they are, guessed ones with their uncertainty."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.answers import Sample
from insight.dataset import Dataset
from insight.ratings.items import scored
from insight.ratings.subjects import overall
from insight.stats.imputation import imputed, pooled
from insight.stats.proportions import Floats
from insight.typing_tool.learning import Typed


def carried(
    made: Typed, told: Floats, dataset: Dataset, *, people: Sample, seed: int
) -> pl.DataFrame:
    """The segments among everybody who answered, the guessed ones by multiple imputation.

    Returns
    -------
    (k) segment, n_observed, n_typed [expected people], share_observed [among those observed], share, ci_low, ci_high
        [among all], and the overall rating, where one was asked: score_observed, score, score_low, score_high
    """
    values, k = made.features.values, len(made.groups)
    drawn = imputed(values[made.known], made.codes, values[made.unknown], strength=made.strength, seed=seed)  # fmt: skip
    rows = np.concatenate([made.known, made.unknown])
    beside = _beside(made, rows, dataset, people=people)
    weight, score = beside["weight"].to_numpy(), beside["score"].to_numpy()
    observed, n_known = np.eye(k, dtype=bool)[made.codes], len(made.known)
    completed = [np.vstack([observed, np.eye(k, dtype=bool)[one]]) for one in drawn]
    shares = pooled(*_moments([_shares(c, weight) for c in completed]))
    table = {
        "segment": pl.Series(made.groups), "n_observed": observed.sum(axis=0), "n_typed": told.sum(axis=0),
        "share_observed": _shares(observed, weight[:n_known])[0],
        "share": shares.value, "ci_low": shares.low.clip(0, 1), "ci_high": shares.high.clip(0, 1),
    }  # fmt: skip
    if not np.isnan(score).all():
        scores = pooled(*_moments([_means(c, weight, score) for c in completed]))
        alone = _means(observed, weight[:n_known], score[:n_known])[0]
        table |= {"score_observed": alone, "score": scores.value, "score_low": scores.low, "score_high": scores.high}  # fmt: skip
    return pl.DataFrame(table).with_columns(pl.col(pl.Float64).fill_nan(None))


def _beside(
    made: Typed, rows: NDArray[np.intp], dataset: Dataset, *, people: Sample
) -> pl.DataFrame:
    """(n) weight [0 where unusable] and score [the overall rating, NaN = none] of the respondents at ``rows``."""
    whole = overall(dataset.questionnaire, people.responses)
    score = scored(people.responses, whole) if whole else pl.repeat(None, people.responses.height, dtype=pl.Float64, eager=True)  # fmt: skip
    known = people.responses.select("respondent_id", people.weight.alias("weight"), score.alias("score"))  # fmt: skip
    ids = made.features.ids.gather(rows).to_frame("respondent_id")
    told = ids.join(known, on="respondent_id", how="left", maintain_order="left")
    return told.with_columns(pl.col("weight").fill_null(0.0), pl.col("score").fill_null(float("nan")))  # fmt: skip


def _shares(inside: NDArray[np.bool_], weight: Floats) -> tuple[Floats, Floats]:
    """The share of each group (k) and its sampling variance, on the effective base."""
    share = weight @ inside / weight.sum()
    return share, share * (1 - share) * (weight @ weight) / weight.sum() ** 2


def _means(inside: NDArray[np.bool_], weight: Floats, score: Floats) -> tuple[Floats, Floats]:
    """The mean score of each group (k) and its sampling variance; NaN where fewer than two rated."""
    parts = inside * (weight * ~np.isnan(score))[:, None]
    total, filled = parts.sum(axis=0), np.nan_to_num(score)
    rated = (parts > 0).sum(axis=0)
    total = np.where(rated > 1, total, np.nan)
    mean = filled @ parts / total
    away = (parts**2 * (filled[:, None] - mean) ** 2).sum(axis=0)
    return mean, away / total**2 * rated / np.maximum(rated - 1, 1)


def _moments(parts: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    return np.array([value for value, _ in parts]), np.array([variance for _, variance in parts])
